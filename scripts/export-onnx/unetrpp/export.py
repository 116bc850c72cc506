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
from typing import Any

from . import checkpoint as checkpoints
from . import config as configuration
from . import manifest, onnx_graph, plans, published, report, verify
from .checkpoint import CheckpointError
from .network import VARIANTS, Triple, UnetrPP

REFUSALS = (CheckpointError, plans.PlanError, published.DatasetError, FileNotFoundError, ValueError)
"""What is wrong with the input rather than with us: one sentence, exit code 1."""


@dataclasses.dataclass(frozen=True)
class Choices:
    """What the user may add to what the checkpoint says."""

    plans: pathlib.Path | None = None
    dataset_json: pathlib.Path | None = None
    patch: Triple | None = None
    name: str | None = None
    title: str | None = None
    license: str | None = None
    trust_pickle: bool = False


def load_checkpoint(path: pathlib.Path, model: configuration.ModelConfig) -> UnetrPP:
    """A network of one of our configurations with a checkpoint's weights. Raises CheckpointError."""
    return checkpoints.build_network(checkpoints.load_state(path), model.network, str(path))


def write(network: UnetrPP, version: str, out: pathlib.Path, precision: str) -> tuple[dict[str, Any], bytes]:
    """Writes the ONNX file into `out`; returns the manifest's `weights` and the file's content."""
    out.mkdir(parents=True, exist_ok=True)
    model = onnx_graph.build(network, version)
    content = (onnx_graph.halve(model) if precision == "fp16" else model).SerializeToString()
    return manifest.write_weights(out, content, precision), content


def export(
    checkpoint: pathlib.Path, model: configuration.ModelConfig, out: pathlib.Path, precision: str = "fp32"
) -> verify.Agreement:
    """Exports one of our own checkpoints. Measured quality of what was in `out` is dropped: measure anew."""
    network = load_checkpoint(checkpoint, model)
    weights, content = write(network, model.card["version"], out, precision)
    manifest.write(out, manifest.describe(model, weights, []))
    (out / report.EVALUATION).unlink(missing_ok=True)
    return verify.compare(network, content)


def find_plans(checkpoint: pathlib.Path) -> pathlib.Path:
    """The plans of a published checkpoint: FILE.pkl, or plans.pkl above its fold. Raises PlanError."""
    candidates = [checkpoint.with_name(checkpoint.name + ".pkl"), checkpoint.parent / "plans.pkl"]
    candidates.append(checkpoint.parent.parent / "plans.pkl")
    for path in candidates:
        if path.is_file():
            return path
    looked = ", ".join(str(path) for path in candidates)
    raise plans.PlanError(f"{checkpoint} has no plans beside it (looked for {looked}). Name them with --plans.")


def export_published(checkpoint: pathlib.Path, out: pathlib.Path, precision: str, choices: Choices) -> verify.Agreement:
    """Exports a checkpoint in the published format.

    Raises CheckpointError, PlanError or DatasetError with the tensor or entry that cannot be exported.
    """
    state = checkpoints.load_state(checkpoint, choices.trust_pickle)
    plan = plans.load(choices.plans or find_plans(checkpoint), choices.trust_pickle)
    pipeline, channels, classes = plans.pipeline(plan), plans.modalities(plan), plans.classes(plan)
    # Published trainers overrule the plans' patch size with their own.
    sizes = [choices.patch] if choices.patch else [plans.patch_size(plan), *(v.patch_dhw for v in VARIANTS.values())]
    config = checkpoints.recognise(state, sizes, str(checkpoint))
    network = checkpoints.build_network(state, config, str(checkpoint))
    del state  # half a gigabyte for Lung
    if (len(channels), classes) != (config.in_channels, config.num_classes):
        raise plans.PlanError(
            f"The plans have {len(channels)} modalities and {classes} classes with background, the checkpoint has "
            f"{config.in_channels} and {config.num_classes}. They do not belong together."
        )
    names = published.read_labels(choices.dataset_json, classes) if choices.dataset_json else None
    description = published.describe(config, published.dataset_of(config), channels, names, pipeline)
    overruled = {"name": choices.name or published.slug(out.resolve().name)}
    overruled |= {key: value for key in ("title", "license") if (value := getattr(choices, key))}
    weights, content = write(network, description["version"], out, precision)
    manifest.write(out, description | overruled | {"weights": weights})
    size = sum(parameter.numel() for parameter in network.parameters()) / 1e6
    print(f"{checkpoint}: UNETR++, {checkpoints.variant_of(config) or 'own'} variant, {size:.1f} M parameters")
    print(f"labels: {', '.join(label['name'] for label in description['labels'])} (--dataset-json names others)")
    return verify.compare(network, content)


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
