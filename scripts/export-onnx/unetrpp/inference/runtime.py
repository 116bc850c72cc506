"""A model's network on ONNX Runtime's CPU provider."""

from __future__ import annotations

import numpy as np
import onnxruntime

from .schemes.tiling import Network


def onnx_network(model: bytes, threads: int = 0) -> Network:
    """A network on ONNX Runtime's CPU provider. `model` is the ONNX file; it has one input, its first output counts."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda patch: session.run(None, {name: np.ascontiguousarray(patch)})[0]
