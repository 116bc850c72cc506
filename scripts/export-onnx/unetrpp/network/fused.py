"""The memory-bound parts of a training step, compiled by TorchInductor into one pass each (needs a C++ compiler).

On two CPU cores convolutions are the smaller part of a step at full resolution: PyTorch's instance norm rearranges its
input to channels-first and back, and the loss walks through eight arrays of all classes. The result stays the same.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .network import ResBlock, UnetrPP


def _normalise(x: Tensor) -> Tensor:
    """Instance norm of (B, N, C) over N, as nn.InstanceNorm3d with its defaults, in float32."""
    x = x.float()
    variance, mean = torch.var_mean(x, 1, correction=0, keepdim=True)
    return (x - mean) * torch.rsqrt(variance + 1e-5)


def finish(x: Tensor, shortcut: Tensor | None, normalise_shortcut: bool) -> Tensor:
    """leaky_relu(norm(x) + shortcut) for (B, C, D, H, W); the shortcut is left out when None, normalised when asked."""
    b, c, *grid = x.shape

    def tokens(y: Tensor) -> Tensor:  # a view where memory is channels-last
        return y.permute(0, 2, 3, 4, 1).reshape(b, -1, c)

    y = _normalise(tokens(x))
    if shortcut is not None:
        y = y + (_normalise(tokens(shortcut)) if normalise_shortcut else tokens(shortcut).float())
    return F.leaky_relu(y, 0.01).to(x.dtype).reshape(b, *grid, c).permute(0, 4, 1, 2, 3)


_finish = torch.compile(finish)


def fuse(network: UnetrPP) -> None:
    """Lets every residual block with instance norm use the compiled form while training."""
    for module in network.modules():
        if isinstance(module, ResBlock) and isinstance(module.norm1, nn.InstanceNorm3d):
            module.finish = _finish
