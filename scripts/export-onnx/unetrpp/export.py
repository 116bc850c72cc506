"""Exports a checkpoint: `python -m unetrpp.export --checkpoint PATH --out DIR` writes a model folder.

PATH is a checkpoint file or the folder it lies in. Two kinds are known:

- Published UNETR++ (nnU-Net v1): model_final_checkpoint.model with its .model.pkl. Everything comes from the two.
- Our own: checkpoint.pt with config.toml beside it (unetrpp.train puts both there).

The result is verified before the command returns: PyTorch against ONNX Runtime, with the weights that were written.
"""

from __future__ import annotations

import argparse
import dataclasses
import pathlib
import sys

from .inference import manifest
from .network import checkpoint as checkpoints
from .network.checkpoint import CheckpointError
from .network.variants import Triple
from .onnx.export import export
from .published import describe as published
from .published import plans
from .published.export import Choices, export_published
from .training import config as configuration

REFUSALS = (CheckpointError, plans.PlanError, published.DatasetError, FileNotFoundError, ValueError)
"""What is wrong with the input rather than with us: one sentence, exit code 1."""


def _patch(text: str) -> Triple:
    d, h, w = (int(part) for part in text.split(","))
    return d, h, w


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=pathlib.Path, required=True, help="file, or the folder it lies in")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="model folder to write")
    precision = parser.add_mutually_exclusive_group()
    precision.add_argument(
        "--fp16", action="store_const", const="fp16", dest="precision", help="half-size weights (default)"
    )
    precision.add_argument("--fp32", action="store_const", const="fp32", dest="precision", help="weights as trained")
    parser.add_argument("--config", type=pathlib.Path, help="our own checkpoints: default config.toml beside it")
    parser.add_argument("--plans", type=pathlib.Path, help="published checkpoints: default the .pkl beside it")
    parser.add_argument("--dataset-json", type=pathlib.Path, help="nnU-Net's dataset.json, for the names of own labels")
    parser.add_argument("--patch", type=_patch, metavar="D,H,W", help="patch size, where the plans do not tell")
    parser.add_argument("--name", help="id of the model (default: the folder's name)")
    parser.add_argument("--title", help="shown on the page")
    parser.add_argument("--license", help="licence of the weights")
    parser.add_argument("--trust-pickle", action="store_true", help="let the files run code while they are read")
    parser.set_defaults(precision="fp16")
    args = parser.parse_args()
    try:
        checkpoint = checkpoints.find(args.checkpoint)
        own = args.config or checkpoint.parent / "config.toml"
        if own.exists() or args.config:
            agreement = export(checkpoint, configuration.load(own), args.out, args.precision)
        else:
            options = {field.name: getattr(args, field.name) for field in dataclasses.fields(Choices)}
            agreement = export_published(checkpoint, args.out, args.precision, Choices(**options))
    except REFUSALS as error:
        print(error, file=sys.stderr)
        return 1
    weights = manifest.read(args.out)["weights"]
    print(f"{args.out}: {weights['bytes'] / 1e6:.1f} MB in {len(weights['files'])} files; {agreement}")
    return 0 if agreement.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
