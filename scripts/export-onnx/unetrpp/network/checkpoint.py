"""Reads checkpoints, ours and the published ones, and recognises the network from names and shapes of its tensors.

A checkpoint is a stranger's pickle. Tensors and numbers are all we need from it, so nothing else is unpickled unless
the caller trusts the file.
"""

from __future__ import annotations

import dataclasses
import math
import pathlib
import pickle
import re
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .network import UnetrPP
from .variants import VARIANTS, Config, Triple

FILES = ("model_final_checkpoint.model", "model_best.model", "model_latest.model", "checkpoint.pt")
"""Looked for in a folder, in this order."""

HEADS = ("out2.", "out3.")
"""Deep supervision: trained with, exported without."""

UNUSED = ".num_batches_tracked"
"""Counts training steps; some tools store it as a scalar, some as a list of one, some not at all."""


class CheckpointError(Exception):
    """The checkpoint cannot be exported; the message says why and what to do."""


def find(path: pathlib.Path) -> pathlib.Path:
    """The checkpoint file at `path`, or in the folder `path` or its only fold. Raises CheckpointError."""
    if path.is_file():
        return path
    if not path.exists():
        raise CheckpointError(f"{path} does not exist.")
    for name in FILES:
        folds = sorted(path.glob(f"fold_*/{name}"))
        if (path / name).is_file():
            return path / name
        if len(folds) == 1:
            return folds[0]
        if folds:
            found = ", ".join(str(fold.relative_to(path)) for fold in folds)
            raise CheckpointError(f"{path} holds several checkpoints: {found}. Name one of them with --checkpoint.")
    raise CheckpointError(f"{path} holds none of {', '.join(FILES)}.")


def load_state(path: pathlib.Path, trust_pickle: bool = False) -> dict[str, Tensor]:
    """Tensors by name, float32. Raises CheckpointError for files that hold anything but tensors and plain values."""
    try:
        # nnU-Net keeps training statistics as numpy numbers, under the name numpy's module has today or had.
        scalar = np.float64(0).__reduce__()[0]
        numbers = [(scalar, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")]
        kinds = [type(np.dtype(kind)) for kind in ("f8", "f4", "i8", "i4", "?")]
        with torch.serialization.safe_globals([*numbers, np.dtype, *kinds]):
            raw: Any = torch.load(path, map_location="cpu", weights_only=not trust_pickle)
    except pickle.UnpicklingError as error:
        named = re.search(r"GLOBAL ([\w.]+)", str(error))
        if not named:
            raise CheckpointError(f"{path} is not a complete PyTorch checkpoint.") from error
        raise CheckpointError(
            f"{path} refers to {named[1]}, which is neither a tensor nor a number. Loading it could run code. If you "
            "know where the file comes from, repeat with --trust-pickle."
        ) from error
    except (RuntimeError, EOFError, ValueError) as error:
        raise CheckpointError(f"{path} is not a PyTorch checkpoint: {str(error).splitlines()[0]}") from error
    state = raw.get("state_dict", raw) if isinstance(raw, dict) else None
    if not isinstance(state, dict) or not any(isinstance(value, Tensor) for value in state.values()):
        raise CheckpointError(f"{path} holds no tensors, neither at the top nor under 'state_dict'.")
    # DataParallel puts 'module.' before every name.
    return {name.removeprefix("module."): value for name, value in state.items() if isinstance(value, Tensor)}


class _Shapes:
    """Shapes by name; asking for one that is missing explains what that means."""

    def __init__(self, state: dict[str, Tensor], source: str):
        self.state, self.source = state, source

    def __call__(self, name: str, rank: int) -> tuple[int, ...]:
        if name not in self.state:
            raise CheckpointError(f"{self.source} lacks the tensor {name}: it is not a UNETR++ checkpoint.")
        shape = tuple(self.state[name].shape)
        if len(shape) != rank:
            raise CheckpointError(f"{self.source}: {name} has shape {shape}; {rank} axes were expected.")
        return shape

    def count(self, pattern: str) -> int:
        """How many blocks 0, 1, ... there are, `pattern` holding their number as {}."""
        number = 0
        while pattern.format(number) in self.state:
            number += 1
        return number


def recognise(state: dict[str, Tensor], patches: list[Triple], source: str) -> Config:
    """The configuration of a checkpoint.

    Args:
        state: tensors by name.
        patches: patch sizes (D, H, W) to try, likeliest first: tensors tell the number of tokens, not the grid's sides.
        source: what to call the checkpoint in errors.

    Raises CheckpointError naming the tensor that does not fit.
    """
    shape = _Shapes(state, source)
    encoder, epa = "unetr_pp_encoder", "epa_block"
    downs = [shape(f"{encoder}.downsample_layers.{i}.0.conv.weight", 5) for i in range(4)]
    stem: Triple = downs[0][2:]
    depths = tuple(shape.count(f"{encoder}.stages.{i}.{{}}.gamma") for i in range(4))
    decoder_depths = tuple(shape.count(f"decoder{i}.decoder_block.0.{{}}.gamma") for i in (5, 4, 3))
    blocks = [f"{encoder}.stages.{i}.0" for i in range(4)]
    plain = f"{blocks[0]}.{epa}.EF" in state

    def projected(block: str) -> int:
        return shape(f"{block}.{epa}.EF", 2)[1] if plain else shape(f"{block}.{epa}.E.weight", 2)[0]

    def is_shared() -> bool:
        weights = [name for name in state if name.endswith(".E.weight")]
        return all(
            (twin := state.get(name.replace(".E.", ".F."))) is not None and torch.equal(state[name], twin)
            for name in weights
        )

    fields: dict[str, Any] = {
        "in_channels": downs[0][1],
        "num_classes": shape("out1.conv.conv.weight", 5)[0],
        "stem": stem,
        "dims": tuple(down[0] for down in downs),
        "depths": depths,
        "decoder_depths": decoder_depths,
        "feature_size": shape("encoder1.conv1.conv.weight", 5)[0],
        "heads": shape(f"{blocks[0]}.{epa}.temperature", 3)[0],
        "projection": tuple(projected(block) for block in blocks),
        "decoder_projection": projected("decoder5.decoder_block.0.0"),
        "token_projection": "plain" if plain else "shared" if is_shared() else "separate",
        "residual_blocks": 2 if f"{blocks[0]}.conv52.conv1.conv.weight" in state else 1,
        "fusion": "concat" if f"{blocks[0]}.{epa}.out_proj.weight" in state else "sum",
        "deep_supervision": "out2.conv.conv.weight" in state,
    }
    tokens = [shape(f"{block}.pos_embed", 3)[1] for block in blocks]
    return Config(patch_dhw=_patch(tokens, stem, patches, source), **fields)


def _patch(tokens: list[int], stem: Triple, patches: list[Triple], source: str) -> Triple:
    """The first patch size whose four token grids have as many tokens as the checkpoint's."""
    for patch in patches:
        grids = [[size // stride >> stage for size, stride in zip(patch, stem, strict=True)] for stage in range(4)]
        divides = all(size % (stride * 8) == 0 for size, stride in zip(patch, stem, strict=True))
        if divides and [math.prod(grid) for grid in grids] == tokens:
            return patch
    tried = ", ".join("x".join(map(str, patch)) for patch in patches) or "none"
    voxels = tokens[0] * math.prod(stem)
    raise CheckpointError(
        f"{source}: unetr_pp_encoder.stages.0.0.pos_embed has {tokens[0]} tokens, so a patch has {voxels} voxels; "
        f"none of the patch sizes known for it does ({tried}). Give the right one with --patch D,H,W."
    )


def variant_of(config: Config) -> str | None:
    """The published variant that a configuration is: the very one, or one of its kind with another patch and classes.

    None for other networks. ACDC and Lung are one kind.
    """
    task = {"patch_dhw", "num_classes", "in_channels"}
    for own in (set(), task):
        for name, variant in VARIANTS.items():
            differing = {
                f.name for f in dataclasses.fields(Config) if getattr(variant, f.name) != getattr(config, f.name)
            }
            if differing <= own | {"deep_supervision"}:
                return name
    return None


def build_network(state: dict[str, Tensor], config: Config, source: str) -> UnetrPP:
    """A network with a checkpoint's weights. Raises CheckpointError naming the first tensor that does not fit."""
    network = UnetrPP(config)
    wanted = network.state_dict()
    for name, tensor in wanted.items():
        if name.endswith(UNUSED):
            continue
        if name not in state:
            raise CheckpointError(f"{source} lacks the tensor {name}. Is it a checkpoint of this configuration?")
        if state[name].shape != tensor.shape:
            raise CheckpointError(
                f"{source}: {name} has shape {tuple(state[name].shape)}, the configuration gives {tuple(tensor.shape)}."
            )
        if tensor.is_floating_point() and not torch.isfinite(state[name]).all():
            raise CheckpointError(f"{source}: {name} contains NaN or infinity. Export an earlier checkpoint.")
    unexpected = [name for name in state if name not in wanted and not name.startswith(HEADS)]
    if unexpected:
        raise CheckpointError(
            f"{source} has {len(unexpected)} tensors this network does not, the first is {unexpected[0]}."
        )
    network.load_state_dict({name: value if name.endswith(UNUSED) else state[name] for name, value in wanted.items()})
    return network.eval()
