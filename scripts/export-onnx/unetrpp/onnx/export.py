"""Exports a checkpoint of our own: model folder, verified with the weights that were written."""

from __future__ import annotations

import pathlib
from typing import Any

from ..config.model import ModelConfig
from ..inference import manifest, self_test
from ..network import checkpoint as checkpoints
from ..network.network import UnetrPP
from . import describe, onnx_graph, verify


def load_checkpoint(path: pathlib.Path, model: ModelConfig) -> UnetrPP:
    """A network of one of our configurations with a checkpoint's weights. Raises CheckpointError."""
    return checkpoints.build_network(checkpoints.load_state(path), model.network, str(path))


def write(network: UnetrPP, version: str, out: pathlib.Path, precision: str) -> tuple[dict[str, Any], bytes]:
    """Writes the ONNX file into `out`; returns the manifest's `weights` and the file's content."""
    out.mkdir(parents=True, exist_ok=True)
    model = onnx_graph.build(network, version)
    content = (onnx_graph.halve(model) if precision == "fp16" else model).SerializeToString()
    return manifest.write_weights(out, content, precision), content


def export(
    checkpoint: pathlib.Path, model: ModelConfig, out: pathlib.Path, precision: str = "fp32"
) -> verify.Agreement:
    """Exports one of our own checkpoints. Measured quality of what was in `out` is dropped: measure anew."""
    network = load_checkpoint(checkpoint, model)
    weights, content = write(network, model.card.version, out, precision)
    manifest.write(out, self_test.attach(describe.describe(model, weights, []), content))
    (out / manifest.EVALUATION).unlink(missing_ok=True)
    return verify.compare(network, content)
