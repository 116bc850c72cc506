"""Segments a scan with ONNX Runtime: `python -m unetrpp.predict MODEL_DIR scan.nii.gz [...] --out mask.nii.gz`.

One file per input channel, in the model's order or in any order when the names tell (the manifest's hints). Which
pipeline runs is the manifest's `pipeline.scheme`. The mask lies on the scan's own grid, and its header
places it as the scan's does.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import time

import numpy as np

from .inference import manifest, placement, runtime
from .inference.schemes.stages import Stages, ignore
from .inference.segmentation import (
    REFUSALS,
    assign,
    judge,
    millilitres_per_voxel,
    read_channels,
    require_writable,
    segment,
)

STRICT_CODE = 3
"""A mask was written, but it may mean nothing, and that was not to pass."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path, help="folder with model.json")
    parser.add_argument("images", type=pathlib.Path, nargs="+", help="NIfTI files, one per channel")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="mask to write, .nii.gz")
    parser.add_argument(
        "--mirror", action=argparse.BooleanOptionalAction, default=None,
        help="average over mirrored windows, where the model can: up to 8 times slower (default: as the model says)",
    )  # fmt: skip
    parser.add_argument("--stages", type=pathlib.Path, metavar="DIR", help="also write intermediate results as .npy")
    parser.add_argument(
        "--strict", action="store_true", help=f"end with exit code {STRICT_CODE} where the masks may mean nothing"
    )
    parser.add_argument("--threads", type=int, default=0, help="of ONNX Runtime (default: all cores)")
    args = parser.parse_args()
    stages = Stages()
    start = time.monotonic()
    try:
        require_writable(args.out, args.images)
        description = manifest.read(args.model)
        images = assign(args.images, description["channels"])
        channels, image = read_channels(images)
        warnings = judge([path.name for path in images], channels, image.affine, description)
        for warning in warnings:
            print(f"Warning: {warning.message}", file=sys.stderr)
        network = runtime.onnx_network(manifest.read_weights(args.model, description), args.threads)
        labels = segment(channels, image.affine, description, network, args.mirror, stages if args.stages else ignore)
    except REFUSALS as error:
        print(error, file=sys.stderr)
        return 1
    placement.save_mask(labels.transpose(2, 1, 0), image.affine, images[0], args.out)
    if args.stages:
        stages.write(args.stages)
    counts = np.bincount(labels.ravel(), minlength=len(description["labels"]))
    millilitres = millilitres_per_voxel(image.affine)
    for label, count in zip(description["labels"][1:], counts[1:], strict=False):
        print(f"{label['id']:3d} {label['name']:32s} {count * millilitres:10.2f} ml")
    print(f"{args.out}: {time.monotonic() - start:.1f} s")
    return STRICT_CODE if args.strict and warnings else 0


if __name__ == "__main__":
    sys.exit(main())
