"""Trained weights as the start of a network of another window, width or set of labels.

What both networks have is copied: channels by number, tokens by where they lie (windows centred on each other), rows of
the heads by the label that holds the new label's sources (none where the label maps are others). Added channels start
at random and are not listened to yet: where only channels were added the network begins by computing what the old did.
"""

from __future__ import annotations

import math
import pathlib
import re

import torch
from torch import Tensor

from . import config as configuration
from .config import Label, ModelConfig
from .network import Triple, UnetrPP

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


def inherit(network: UnetrPP, model: ModelConfig, checkpoint: pathlib.Path) -> None:
    """Fills `network`, of the configuration `model`, with a checkpoint's weights; its config.toml lies beside it.

    Raises ValueError where dims or labels do not fit.
    """
    source = configuration.load(checkpoint.parent / "config.toml")
    if source.network.dims != model.network.dims or source.network.depths != model.network.depths:
        raise ValueError(
            f"{checkpoint} has dims {source.network.dims} and depths {source.network.depths}, "
            f"this network {model.network.dims} and {model.network.depths}; they must be the same."
        )
    same_maps = source.data.get("folder") == model.data.get("folder")  # else equal ids mean other things
    old = torch.load(checkpoint, weights_only=True, map_location="cpu")["state_dict"]
    rows = rows_of(model.labels, source.labels) if same_maps else []
    state = network.state_dict()
    for name, target in state.items():
        value = old[name]
        stage = next((STAGES[prefix] for prefix in STAGES if name.startswith(prefix)), None)
        if stage is not None and re.search(r"pos_embed$|\.[EF]\.weight$", name):
            grids = source.network.grid(stage), model.network.grid(stage)
            is_embedding = name.endswith("pos_embed")  # (1, N, C); a projection is (P, N)
            value = on_grid(value.mT if is_embedding else value, *grids)
            value = value.mT if is_embedding else value
        elif re.match(r"out\d", name):
            if not same_maps:
                continue
            value = value[rows]
        shared = tuple(slice(min(a, b)) for a, b in zip(value.shape, target.shape, strict=True))
        if target.dim() == 5 and "transp_conv" not in name:  # (out, in, ...): deaf to added inputs
            target[shared[0], value.shape[1] :] = 0
        target[shared] = value[shared]
    network.load_state_dict(state)
