"""Writes small models of every scheme, scans for them, and the masks that `unetrpp.predict` makes of each pair:
`python make_golden_models.py --out DIR`. e2e/schemes.spec.ts compares the browser with them.

Checkpoints in the published format go through `unetrpp.export` (float16, as it writes by default); the other schemes
get the same networks and a manifest by hand. DIR/golden.json lists every run: model, scans, mask, mirrored or not.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import dataclasses
import io
import json
import pathlib
import sys
from typing import Any
from unittest import mock

import nibabel
import numpy as np
import torch
from golden_scans import OBLIQUE, scan
from test_export import make_plans, write_checkpoint
from test_onnx_graph import FLAVOURS, random_network

from unetrpp import export as export_command
from unetrpp import predict as predict_command
from unetrpp.inference import manifest
from unetrpp.network.network import UnetrPP

Array = np.ndarray

FLAVOURS = FLAVOURS | {"lung": dataclasses.replace(FLAVOURS["acdc"], num_classes=2)}


@dataclasses.dataclass(frozen=True)
class Scan:
    """A scan to make: voxels and spacing (x, y, z), directions of its axes, width of the zeros around it."""

    dims: tuple[int, int, int]
    spacing: tuple[float, float, float]
    directions: Any = dataclasses.field(default_factory=lambda: np.diag([-1, -1, 1]))
    margin: int = 0


# Odd sizes all. Patches are 32 x 16 x 48 voxels (z, y, x).
ISOTROPIC = Scan((61, 43, 45), (1.0, 1.0, 1.0), margin=5)
ANISOTROPIC = Scan((53, 47, 13), (0.9, 0.9, 4.5))
OBLIQUE_SCAN = Scan((57, 39, 37), (1.1, 1.2, 1.6), OBLIQUE, margin=3)
SMALL = Scan((23, 11, 9), (1.3, 1.1, 1.2))


def plans_of(flavour: str) -> dict[str, Any]:
    """What the published plans of the variant say, with spacings that suit the scans here."""
    config = FLAVOURS[flavour]
    statistics = {"mean": np.float32(60.0), "sd": 140.0, "percentile_00_5": -160.0, "percentile_99_5": 300.0}
    channels = range(config.in_channels)
    spacing, scheme, masked = {
        "synapse": ([1.5, 1.0, 1.0], "CT", False),
        "acdc": ([5.0, 1.2, 1.2], "nonCT", False),
        "lung": ([1.24, 0.97, 0.97], "CT", True),
        "tumor": ([1.0, 1.0, 1.0], "nonCT", True),
    }[flavour]
    turned = {"transpose_forward": [1, 0, 2], "transpose_backward": [1, 0, 2]} if flavour == "lung" else {}
    return make_plans(
        config,
        modalities={i: scheme for i in channels},
        normalization_schemes=collections.OrderedDict((i, scheme) for i in channels),
        use_mask_for_norm=collections.OrderedDict((i, masked) for i in channels),
        dataset_properties={"intensityproperties": {i: statistics for i in channels}},
        plans_per_stage={0: {"patch_size": np.array(config.patch_dhw), "current_spacing": np.array(spacing)}},
        **turned,
    )


def balanced(network: UnetrPP) -> UnetrPP:
    """Random networks favour one class; here logits of noise have mean 0 and deviation 1, so that all of them occur."""
    torch.manual_seed(2)
    with torch.no_grad():
        logits = network(torch.randn(2, network.config.in_channels, *network.config.patch_dhw))
        head = network.out1.conv.conv
        mean, deviation = logits.mean((0, 2, 3, 4)), logits.std((0, 2, 3, 4))
        head.bias.copy_((head.bias - mean) / deviation)
        head.weight.div_(deviation.view(-1, 1, 1, 1, 1))
    return network


def write_published(folder: pathlib.Path, flavour: str) -> None:
    """checkpoint -> `unetrpp.export` -> folder."""
    write_checkpoint(folder / "checkpoint", balanced(random_network(FLAVOURS[flavour])), plans_of(flavour))
    arguments = ["export", "--checkpoint", str(folder / "checkpoint"), "--out", str(folder)]
    said = io.StringIO()
    with mock.patch.object(sys, "argv", arguments), contextlib.redirect_stdout(said):
        if export_command.main() != 0:
            raise RuntimeError(f"{' '.join(arguments)} failed: {said.getvalue()}")


def write_derived(source: pathlib.Path, folder: pathlib.Path, **changes: Any) -> None:
    """The network of another folder under a manifest with other fields."""
    folder.mkdir(parents=True)
    described = manifest.read(source)
    for piece in described["weights"]["files"]:
        (folder / piece["file"]).write_bytes((source / piece["file"]).read_bytes())
    manifest.write(folder, described | {"name": folder.name} | changes)


def write_models(out: pathlib.Path) -> None:
    for flavour in ("synapse", "acdc", "lung", "tumor"):
        write_published(out / flavour, flavour)
    v1 = manifest.read(out / "synapse")["pipeline"]
    four = manifest.read(out / "tumor")["pipeline"]
    write_derived(
        out / "tumor", out / "regions", output={"activation": "sigmoid", "regionOrder": [2, 1, 3]},
        labels=[{"id": i, "name": f"class {i}", "color": [60 * i, 90, 200]} for i in range(4)],
    )  # fmt: skip
    write_derived(
        out / "acdc", out / "v2",
        pipeline=v1 | {"scheme": "nnunet-v2", "spacingDhw": [2.0, 1.1, 1.1],
                       "normalization": [{"scheme": "ZScore", "useMask": True}]},
    )  # fmt: skip
    write_derived(
        out / "tumor", out / "v2-regions", output={"activation": "sigmoid", "regionOrder": [1, 2, 3]},
        labels=[{"id": i, "name": f"class {i}", "color": [60 * i, 90, 200]} for i in range(4)],
        pipeline=four | {"scheme": "nnunet-v2", "normalization": [{"scheme": "RescaleTo01"}] * 4},
    )  # fmt: skip
    window = {"scheme": "range", "aMin": -175.0, "aMax": 250.0, "bMin": 0.0, "bMax": 1.0, "clip": True}
    monai = {
        "scheme": "monai", "axcodes": "RAS", "spacingDhw": [1.5, 1.5, 2.0], "intensity": window,
        "interpolation": {"image": "linear", "output": "linear"}, "cropForeground": True,
        "tiling": {"overlap": 0.5, "mode": "gaussian", "sigmaScale": 0.125},
    }  # fmt: skip
    write_derived(out / "synapse", out / "monai", pipeline=monai)
    constant = {"tiling": {"overlap": 0.25, "mode": "constant", "sigmaScale": 0.125}, "axcodes": "PIR"}
    write_derived(out / "synapse", out / "monai-constant", pipeline=monai | constant)


# model, scan, mirrored
RUNS = [
    *[(model, kind, False) for model in ("synapse", "acdc", "lung", "tumor") for kind in ("iso", "aniso", "oblique")],
    *[(model, "small", False) for model in ("synapse", "tumor", "v2-regions", "monai")],
    ("acdc", "small", True), ("lung", "aniso", True),
    *[(model, "oblique", False) for model in ("regions", "v2", "v2-regions", "monai", "monai-constant")],
    ("v2", "aniso", False), ("v2", "small", True), ("monai", "aniso", False),
]  # fmt: skip
SCANS = {"iso": ISOTROPIC, "aniso": ANISOTROPIC, "oblique": OBLIQUE_SCAN, "small": SMALL}


def write_scans(out: pathlib.Path, name: str, spec: Scan, rng: np.random.Generator) -> None:
    """DIR/NAME_0000.nii.gz to _0003.nii.gz: four channels, of which most models take the first."""
    affine = np.eye(4)
    affine[:3, :3] = np.asarray(spec.directions) * spec.spacing
    affine[:3, 3] = [30, -20, 10]
    for c, data in enumerate(scan(spec.dims, 4, spec.margin, rng)):
        nibabel.save(nibabel.Nifti1Image(data.transpose(2, 1, 0), affine), out / f"{name}_{c:04d}.nii.gz")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    out = parser.parse_args().out
    (out / "models").mkdir(parents=True)
    write_models(out / "models")
    rng = np.random.default_rng(5)
    for name, spec in SCANS.items():
        write_scans(out, name, spec, rng)
    runs = []
    for model, kind, mirror in RUNS:
        described = manifest.read(out / "models" / model)
        scans = [f"{kind}_{c:04d}.nii.gz" for c in range(len(described["channels"]))]
        mask = f"{model}-{kind}{'-mirrored' if mirror else ''}.nii.gz"
        flag = "--mirror" if mirror else "--no-mirror"
        arguments = ["predict", out / "models" / model, *(out / s for s in scans), "--out", out / mask, flag]
        said = io.StringIO()
        with (
            mock.patch.object(sys, "argv", [str(a) for a in arguments]),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
        ):
            if predict_command.main() != 0:
                raise RuntimeError(f"{arguments} failed: {said.getvalue()}")
        counts = np.bincount(np.asarray(nibabel.load(out / mask).dataobj).ravel().astype(int))
        runs.append({"model": model, "scans": scans, "mirror": mirror, "mask": mask})
        print(model, kind, "mirrored" if mirror else "", "labels", counts.tolist(), flush=True)
    (out / "golden.json").write_text(json.dumps(runs, indent=1) + "\n")


if __name__ == "__main__":
    main()
