"""Exports a checkpoint in the published format (nnU-Net v1) with its plans."""

from __future__ import annotations

import dataclasses
import pathlib

from ..inference import manifest, self_test
from ..network import checkpoint as checkpoints
from ..network.variants import VARIANTS, Triple
from ..onnx import verify
from ..onnx.export import write
from . import describe as published
from . import plans


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
    manifest.write(out, self_test.attach(description | overruled | {"weights": weights}, content))
    size = sum(parameter.numel() for parameter in network.parameters()) / 1e6
    print(f"{checkpoint}: UNETR++, {checkpoints.variant_of(config) or 'own'} variant, {size:.1f} M parameters")
    print(f"labels: {', '.join(label['name'] for label in description['labels'])} (--dataset-json names others)")
    return verify.compare(network, content)
