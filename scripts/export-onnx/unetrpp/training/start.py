"""Trained weights as the start of a network of another window, width or set of labels.

The weights are those of a training's checkpoint or of a model as it is shipped, which outlives the machine it was
trained on. Tokens are copied by where they lie (windows centred on each other), rows of the heads by the label that
holds the new label's sources (none where the label maps are others). Added channels are copies of the old ones: but for
attention's spatial branch, which starts anew, a network with all `dims` k times wider begins by computing what the old
one did.
"""

from __future__ import annotations

import dataclasses
import math
import pathlib
import re

import torch
from torch import Tensor

from ..config.labels import Label
from ..config.model import ModelConfig
from ..inference import manifest
from ..network import checkpoint as checkpoints
from ..network.network import UnetrPP
from ..network.variants import Config, Triple
from ..onnx import onnx_graph
from . import config as configuration

STAGES = {"unetr_pp_encoder.stages.0": 0, "unetr_pp_encoder.stages.1": 1, "unetr_pp_encoder.stages.2": 2}
STAGES |= {"unetr_pp_encoder.stages.3": 3, "decoder5": 2, "decoder4": 1, "decoder3": 0}


def on_grid(tokens: Tensor, old: Triple, new: Triple) -> Tensor:
    """(..., N) values on a token grid cut to or, by repeating its edge, grown to another of the same centre."""
    x = tokens.reshape(*tokens.shape[:-1], *old)
    for axis, (n, m) in enumerate(zip(old, new, strict=True), start=x.dim() - 3):
        x = x.index_select(axis, (torch.arange(m) + (n - m) // 2).clamp(0, n - 1))
    return x.reshape(*tokens.shape[:-1], math.prod(new))


def rows_of(new: tuple[Label, ...], old: tuple[Label, ...]) -> list[int]:
    """For each new label the old one whose sources hold all of its own. Raises ValueError where there is none."""
    rows = []
    for label in new:
        found = [index for index, other in enumerate(old) if set(label.sources) <= set(other.sources)]
        if not found:
            raise ValueError(f'No label of the network to start from holds all ids of "{label.name}", {label.sources}.')
        rows.append(found[0])
    return rows


def resized(name: str, value: Tensor, shape: torch.Size, generator: torch.Generator) -> Tensor:
    """A parameter of another width: the first channels where it is narrower, copies of pairs where it is k times wider.

    Wider, channels 0 1 2 3 become 0 1 0 1 2 3 2 3: group norms, attention heads and the halves of the two branches keep
    what they had. A layer that reads k copies splits each weight among them at random, so that the sum is the old
    weight and the copies learn different things (after Net2WiderNet, Chen et al., ICLR 2016).
    Raises ValueError for a width that is neither smaller nor a multiple.
    """
    inputs = 0 if "transp_conv" in name else 1
    for axis, (n, m) in enumerate(zip(value.shape, shape, strict=True)):
        if m <= n:
            value = value.narrow(axis, 0, m)
            continue
        k, rest = divmod(m, n)
        if rest or n % 2:
            raise ValueError(f"{name} cannot grow from {n} to {m} channels: only an even number, to a multiple of it.")
        value = value.index_select(axis, torch.arange(n).reshape(-1, 1, 2).expand(-1, k, -1).flatten())
        if axis == inputs and value.dim() in (2, 5):
            groups = value.unflatten(axis, (n // 2, k, 2))
            share = torch.rand(groups.shape, generator=generator) * 2 - 0.5
            share += (1 - share.sum(axis + 1, keepdim=True)) / k
            value = (groups * share).flatten(axis, axis + 2)
    return value


@dataclasses.dataclass(frozen=True)
class Source:
    """What a network begins with."""

    state: dict[str, Tensor]
    network: Config
    labels: tuple[Label, ...]
    has_same_maps: bool
    """Whether the ids of its labels mean what ours mean."""


def load(path: pathlib.Path, model: ModelConfig) -> Source:
    """A checkpoint with its config.toml beside it, or a model folder.

    A model folder has BatchNorm folded into its convolutions, so what begins with it must keep its own as it is, and no
    deep-supervision heads: they begin at zero.
    Raises CheckpointError or ManifestError where it is neither, ValueError where `model` would have BatchNorm measure
    anew.
    """
    if path.is_dir():
        if model.training.freeze_norm_at != 0:
            raise ValueError(f"{path} has BatchNorm folded in: set freeze_norm_at = 0 in [training] to begin with it.")
        description = manifest.read(path)
        network = manifest.network_config(description)
        state = onnx_graph.load_network(manifest.read_weights(path, description), network).state_dict()
        labels = tuple(
            Label(entry["name"], tuple(entry["color"]), tuple(entry["sources"])) for entry in description["labels"]
        )
        data_sets = [dataclasses.asdict(one) for one in model.card.training_data]
        return Source(state, network, labels, description["trainingData"] == data_sets)
    source = configuration.load(path.parent / "config.toml")
    state = checkpoints.load_state(path)
    return Source(state, source.network, source.labels, source.data.label_folder == model.data.label_folder)


def inherit(network: UnetrPP, model: ModelConfig, path: pathlib.Path) -> None:
    """Fills `network`, of the configuration `model`, with the weights that `load` finds at `path`.

    Raises ValueError where dims or labels do not fit.
    """
    source = load(path, model)
    if source.network.depths != model.network.depths:
        raise ValueError(
            f"{path} has depths {source.network.depths}, this network {model.network.depths}; they must be the same."
        )
    rows = rows_of(model.labels, source.labels) if source.has_same_maps else []
    state = network.state_dict()
    generator = torch.Generator().manual_seed(model.training.seed)
    for name, target in state.items():
        value = source.state[name]
        stage = next((STAGES[prefix] for prefix in STAGES if name.startswith(prefix)), None)
        if stage is not None and re.search(r"pos_embed$|\.[EF]\.weight$", name):
            grids = source.network.grid(stage), model.network.grid(stage)
            is_embedding = name.endswith("pos_embed")  # (1, N, C); a projection is (P, N)
            value = on_grid(value.mT if is_embedding else value, *grids)
            value = value.mT if is_embedding else value
        elif re.match(r"out\d", name):
            if not source.has_same_maps:
                continue
            value = value[rows]
        target.copy_(resized(name, value, target.shape, generator))
        wider = model.network.dims[stage] // source.network.dims[stage] if stage is not None else 1
        if wider > 1 and name.endswith("temperature2"):
            target /= wider  # spatial scores add up over the channels of a head
        if wider > 1 and name.endswith("out_proj.weight"):
            target.zero_()  # see network.Epa: how it mixes tokens depends on the number of channels
    network.load_state_dict(state)
