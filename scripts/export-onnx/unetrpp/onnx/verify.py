"""The proof that an ONNX file is its network: PyTorch and ONNX Runtime agree on three inputs."""

from __future__ import annotations

import dataclasses

import numpy as np
import onnxruntime
import torch

from ..network.network import UnetrPP
from . import onnx_graph

TOLERANCE = {"noise": 1e-4, "ramp": 1e-3, "almost empty": 1e-3}
"""Largest relative RMS difference allowed. Noise gives 1e-5 at most. Smooth and empty patches give up to 4e-4 on the
published Synapse network: ONNX Runtime's CPU InstanceNormalization loses digits over a million nearly equal values,
PyTorch stays at 1e-7 of float64."""
ROUNDING_TOLERANCE = 1e-2
"""Largest relative RMS change of the logits that float16 weights may cause."""
ROUNDING_SHOWN = 1e-5
"""Less than this is folded BatchNorm (2e-7), and not worth a sentence."""


def inputs(shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Three patches: noise, a ramp with flat regions, and an almost empty one, where norms are ill-conditioned."""
    rng = np.random.default_rng(3)
    ramp = np.linspace(0, 1, shape[-1], dtype=np.float32) * np.ones(shape, np.float32)
    almost_empty = np.zeros(shape, np.float32)
    almost_empty[..., : shape[-2] // 4, :] = rng.random((*shape[:-2], shape[-2] // 4, shape[-1]), dtype=np.float32)
    return {
        "noise": rng.standard_normal(shape).astype(np.float32),
        "ramp": np.clip(ramp * 1.5 - 0.2, 0, 1),
        "almost empty": almost_empty,
    }


@dataclasses.dataclass(frozen=True)
class Agreement:
    """How far an exported file is from PyTorch, as relative RMS over the logits."""

    graph: dict[str, float]
    """ONNX Runtime against PyTorch, both with the weights in the file, by input."""
    rounding: float
    """PyTorch with the weights in the file against PyTorch with the checkpoint's, on noise."""
    same_label: float
    """Fraction of voxels whose most probable class that rounding leaves alone, on noise."""

    @property
    def is_good(self) -> bool:
        agrees = all(difference <= TOLERANCE[name] for name, difference in self.graph.items())
        return agrees and self.rounding <= ROUNDING_TOLERANCE

    def __str__(self) -> str:
        differences = ", ".join(f"{name} {d:.1e} (allowed {TOLERANCE[name]:.0e})" for name, d in self.graph.items())
        verdict = "agrees with" if self.is_good else "DIFFERS from"
        text = f"ONNX Runtime {verdict} PyTorch, relative RMS difference on {differences}"
        if self.rounding > ROUNDING_SHOWN:
            text += (
                f"; float16 weights change logits by {self.rounding:.1e}, labels at {1 - self.same_label:.2%} of noise"
            )
        return text


def relative_rms(values: np.ndarray, expected: np.ndarray) -> float:
    """RMS of the difference in standard deviations of `expected`; infinity when either is not finite."""
    difference = np.sqrt(np.square(values - expected).mean()) / expected.std()
    return float(difference) if np.isfinite(difference) else np.inf


def compare(network: UnetrPP, weights: bytes, names: tuple[str, ...] = ("noise",)) -> Agreement:
    """Runs a file and two PyTorch networks: one with the file's weights, and `network` itself.

    Args:
        network: carries the checkpoint's weights.
        weights: the ONNX file.
        names: which of `inputs` to run, 'noise' among them.
    """
    session = onnxruntime.InferenceSession(weights, providers=["CPUExecutionProvider"])
    stored = onnx_graph.load_network(weights, network.config)
    patches = inputs((1, network.config.in_channels, *network.config.patch_dhw))

    def torch_logits(which: UnetrPP, name: str) -> np.ndarray:
        with torch.no_grad():
            return which(torch.from_numpy(patches[name])).numpy()

    expected = {name: torch_logits(stored, name) for name in names}
    graph = {name: relative_rms(session.run(None, {"image": patches[name]})[0], expected[name]) for name in names}
    noise = expected["noise"]
    original = torch_logits(network, "noise")
    same_label = float((noise.argmax(1) == original.argmax(1)).mean())
    return Agreement(graph, relative_rms(noise, original), same_label)
