"""UNETR++ for Organscope: the network, its ONNX exporter, the reference pipeline and training."""
