"""Weights in files of at most 16 MiB, as they come back from a machine that sends no larger ones.

A set of files is named weights-STEP-HASH-NofM.bin; joined they are a torch file with weights in half precision. A set
is whole when all M are there and their SHA-256 begins with HASH, so that what was cut off is never taken for weights.
Needs PyTorch alone.
"""

from __future__ import annotations

import hashlib
import io
import pathlib
import re
from typing import Any

import torch
from torch import Tensor

LARGEST = 16 << 20
"""Bytes of a file."""
SMALL = 4096
"""Tensors with fewer values stay float32: statistics of norms leave the range of half precision."""
NAME = re.compile(r"weights-(\d+)-([0-9a-f]{12})-(\d+)of(\d+)\.bin")


class PiecesError(Exception):
    """The files are no whole set of weights; the message says what is missing."""


def halved(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """On the CPU, in float16 but for small tensors and for values that would overflow."""

    def shrink(value: Tensor) -> Tensor:
        value = value.detach().cpu()
        if not value.is_floating_point() or value.numel() < SMALL or value.abs().max() > 6e4:
            return value.clone()
        return value.half()

    return {name: shrink(value) for name, value in weights.items()}


def restored(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights in float32 again."""
    return {name: value.float() if value.is_floating_point() else value for name, value in weights.items()}


def write(folder: pathlib.Path, state: dict[str, Any], step: int) -> None:
    """Writes a set of files, then removes those of earlier steps: whenever this is cut off, one set is whole."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    content = buffer.getvalue()
    hash_ = hashlib.sha256(content).hexdigest()[:12]
    parts = [content[at : at + LARGEST] for at in range(0, len(content), LARGEST)]
    earlier = list(folder.glob("weights-*.bin"))
    written = [folder / f"weights-{step:07d}-{hash_}-{n}of{len(parts)}.bin" for n in range(1, len(parts) + 1)]
    for path, part in zip(written, parts, strict=True):
        path.write_bytes(part)
    for path in earlier:
        if path not in written:
            path.unlink()


def read(folder: pathlib.Path) -> dict[str, Any]:
    """The state of the latest whole set of files in a folder. Raises PiecesError where none is whole."""
    sets: dict[tuple[str, str, str], dict[int, pathlib.Path]] = {}
    for path in folder.glob("weights-*.bin"):
        if named := NAME.fullmatch(path.name):
            step, hash_, number, count = named.groups()
            sets.setdefault((step, hash_, count), {})[int(number)] = path
    if not sets:
        raise PiecesError(f"{folder} holds no weights-STEP-HASH-NofM.bin.")
    said = []
    for (step, hash_, count), paths in sorted(sets.items(), reverse=True):
        if missing := sorted(set(range(1, int(count) + 1)) - set(paths)):
            said.append(f"of step {int(step)} piece {missing[0]} of {count} is missing")
            continue
        content = b"".join(path.read_bytes() for _, path in sorted(paths.items()))
        if hashlib.sha256(content).hexdigest().startswith(hash_):
            return torch.load(io.BytesIO(content), weights_only=True)
        said.append(f"the pieces of step {int(step)} are damaged")
    raise PiecesError(f"{folder} holds no whole set of weights: {'; '.join(said)}.")
