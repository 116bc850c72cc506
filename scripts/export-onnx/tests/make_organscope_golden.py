"""Writes what `organscope-v1` makes of small scans, stage by stage: `python make_organscope_golden.py`, from here.

The scheme is our own, so the arrays are this package's. Both twins are tested against the same files
(test_organscope_golden here, organscopeGolden.test.ts on the page's side): one that changes alone is found.
"""

from __future__ import annotations

import json
import pathlib
from typing import Any

import numpy as np
from golden_scans import OBLIQUE

from unetrpp.inference import segmentation
from unetrpp.inference.schemes import first_look
from unetrpp.inference.schemes.stages import Stages

FIXTURES = pathlib.Path(__file__).parents[3] / "src/inference/schemes/fixtures/organscope"
STAGES = ("resampled", "normalised", "look", "first-window", "last-window", "blended", "labels")
MEANS = (0.05, 0.45, 0.85)
"""What the made-up network takes for background, structure 1 and structure 2."""

Array = np.ndarray
PERCENTILE = {"scheme": "percentile", "lower": 0.5, "upper": 99.5}
BASE = {"scheme": "organscope-v1", "orientation": "RAS", "tiling": {"step": 0.5, "sigmaScale": 0.125}}
LOOK = {"coarser": 2, "marginMm": 2, "leastMl": 0.2}
MIRRORING = {"axes": [2], "exchange": [[1, 2]], "byDefault": True}
LPS = np.diag([-1, -1, 1])
TURNED = np.array([[0, 0, 1], [-1, 0, 0], [0, 1, 0]])

CASES: list[dict[str, Any]] = [
    {
        "name": "padded", "dims": [26, 24, 20], "spacing": [1.0, 1.1, 1.4], "directions": OBLIQUE,
        "padding": -32768, "leastMl": [0, 0.1, 0.1],
        "pipeline": BASE | {"spacingDhw": [1.2, 1.0, 1.1], "normalization": PERCENTILE, "firstLook": LOOK,
                            "mirroring": MIRRORING},
    },
    {
        "name": "range", "dims": [17, 19, 14], "spacing": [1.3, 1.2, 2.5], "directions": LPS,
        "padding": -3024, "leastMl": [0, 0.25, 0.25],
        "pipeline": BASE | {"spacingDhw": [2.0, 1.6, 1.7], "baseCertainty": 0.95,
                            "normalization": {"scheme": "range", "lower": -200, "upper": 300}},
    },
    {
        "name": "plain", "dims": [15, 13, 16], "spacing": [0.9, 1.4, 1.1], "directions": TURNED,
        "padding": None, "leastMl": [0, 0, 0],
        "pipeline": BASE | {"spacingDhw": [1.1, 1.2, 1.0], "normalization": PERCENTILE},
    },
]  # fmt: skip


def scan_of(case: dict[str, Any]) -> Array:
    """(z, y, x) int16: a blob off the centre, weaker at its base, and specks, in air with noise, in padding."""
    nx, ny, nz = case["dims"]
    z, y, x = np.mgrid[:nz, :ny, :nx]
    axes = [(g - 0.45 * (n - 1)) / n for g, n in zip((z, y, x), (nz, ny, nx), strict=True)]
    radius = np.sqrt(sum(axis**2 for axis in axes))
    air, scale = (-1000, 1) if case["name"] == "range" else (0, 1)
    rng = np.random.default_rng(len(case["name"]))
    tissue = 260 * np.clip(1.2 - 2 * radius, 0, 1) + 40 * np.sin(x / 2) * np.cos(y / 3) - 60 * (z < nz // 3)
    values = np.where(radius < 0.33, tissue, air) + rng.normal(0, 6, radius.shape) * scale
    if air == 0:
        values = np.abs(values)
    for corner in ((2, 3, 4), (nz - 5, ny - 6, 3)):  # specks: islands too small for their structure
        values[tuple(slice(at, at + 3) for at in corner)] = 230
    if case["padding"] is not None:
        values[radius > 0.5] = case["padding"]
    return values.round().astype(np.int16)


def affine_of(case: dict[str, Any]) -> Array:
    """4x4 voxel to RAS mm."""
    affine = np.eye(4)
    affine[:3, :3] = np.asarray(case["directions"]) * case["spacing"]
    affine[:3, 3] = [30, -20, 10]
    return affine


def network(patch: Array) -> Array:
    """Logits (1, 3, D, H, W) of a patch (1, 1, D, H, W): -40 (m - c)^2 for the MEANS c, m the mean of 3x3x3 voxels.

    Zeros lie around. One more for structure 1 in the window's first half along W: mirrored windows differ.
    """
    padded = np.pad(patch[0, 0].astype(np.float64), 1)
    size = patch.shape[2:]
    shifts = np.ndindex(3, 3, 3)
    mean = sum(padded[a : a + size[0], b : b + size[1], c : c + size[2]] for a, b, c in shifts) / 27
    logits = np.stack([-40 * (mean - centre) ** 2 for centre in MEANS])
    logits[1, ..., : size[2] // 2] += 1
    return logits[None].astype(np.float32)


def manifest_of(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "patchDhw": [8, 8, 8],
        "pipeline": case["pipeline"],
        "labels": [{"id": i} | ({"leastMl": ml} if ml else {}) for i, ml in enumerate(case["leastMl"])],
    }


def run(case: dict[str, Any], scan: Array, affine: Array) -> dict[str, Array]:
    """All stages, and 'mask', which is 'labels' without islands."""
    keep = Stages()
    mask = segmentation.segment(scan[None].astype(np.float32), affine, manifest_of(case), network, keep=keep)
    return {name: keep.arrays[name] for name in STAGES if name in keep.arrays} | {"mask": mask}


def box_of(case: dict[str, Any], stages: dict[str, Array]) -> list[list[int]]:
    """Start and end along D, H and W of what windows tile."""
    grid = stages["normalised"].shape[1:]
    plan = case["pipeline"].get("firstLook")
    box = plan and first_look.box_around(stages["look"][0], grid, [8, 8, 8], case["pipeline"]["spacingDhw"], plan)
    return [[part.start, part.stop] for part in box] if box else [[0, n] for n in grid]


def main() -> None:
    FIXTURES.mkdir(parents=True, exist_ok=True)
    described = []
    for case in CASES:
        scan, affine = scan_of(case), affine_of(case)
        stages = run(case, scan, affine)
        np.save(FIXTURES / f"{case['name']}.scan.npy", scan)
        for name, array in stages.items():
            np.save(FIXTURES / f"{case['name']}.{name}.npy", array)
        facts = {key: case[key] for key in ("name", "pipeline", "leastMl")}
        described.append(facts | {"affine": affine.ravel().tolist(), "boxDhw": box_of(case, stages)})
        sizes = [np.bincount(stages[key].ravel().astype(int), minlength=3).tolist() for key in ("labels", "mask")]
        print(case["name"], stages["normalised"].shape, described[-1]["boxDhw"], *sizes)
    (FIXTURES / "cases.json").write_text(json.dumps(described, indent=2) + "\n")


if __name__ == "__main__":
    main()
