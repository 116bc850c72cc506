"""Our networks as model folders: the ONNX graph, model.json, and the proof that they agree with PyTorch."""
