"""The training loss: cross-entropy plus soft Dice, at every resolution that the network returns."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]


def dice_cross_entropy(logits: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy plus one minus soft Dice, for targets that are class fractions.

    Both are (B, K, D, H, W); `weights` (K,) says how much the Dice of each class counts.
    """
    logs = F.log_softmax(logits.float(), dim=1)
    cross_entropy = -(target * logs).sum(1).mean()
    return cross_entropy + 1 - _dice(logs.exp(), target, weights)


def partial_dice_cross_entropy(logits: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """dice_cross_entropy where labels may be missing: a voxel whose shares add up to more than 1 is one of them.

    There the loss asks for their probabilities' sum, and Dice leaves the voxel out for each of them. After the marginal
    and exclusive losses of Shi et al., Medical Image Analysis 70, 101979 (2021).
    """
    logs = F.log_softmax(logits.float(), dim=1)
    p = logs.exp()
    is_open = target.sum(1, keepdim=True) > 1.001
    together = -((target * p).sum(1, keepdim=True) + 1e-6).log()
    cross_entropy = torch.where(is_open, together, -(target * logs).sum(1, keepdim=True)).mean()
    counts = ~(is_open & (target > 0))
    return cross_entropy + 1 - _dice(p * counts, target * counts, weights)


def _dice(p: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Soft Dice, the weighted mean over the classes that occur."""
    axes = (0, 2, 3, 4)
    # Squares in the denominator, so that a perfect prediction of a fraction scores 1 (Milletari et al., V-Net, 2016).
    overlap, size = 2 * (p * target).sum(axes), (p * p).sum(axes) + (target * target).sum(axes)
    weights = weights * (target.sum(axes) > 1)
    return ((overlap + 1e-3) / (size + 1e-3) * weights).sum() / weights.sum()


def deep_loss(outputs: list[Tensor] | Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """The loss at every resolution the network returned; the coarse ones help early and weigh little."""
    return _at_every_resolution(dice_cross_entropy, outputs, target, weights)


def partial_deep_loss(outputs: list[Tensor] | Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """deep_loss for targets with missing labels (pairs.any_of)."""
    return _at_every_resolution(partial_dice_cross_entropy, outputs, target, weights)


def _at_every_resolution(loss: Loss, outputs: list[Tensor] | Tensor, target: Tensor, weights: Tensor) -> Tensor:
    outputs = outputs if isinstance(outputs, list) else [outputs]
    total = torch.zeros((), device=target.device)
    for level, logits in enumerate(outputs):
        if level:
            stride = [a // b for a, b in zip(target.shape[2:], logits.shape[2:], strict=True)]
            total = total + 0.25**level * loss(logits, F.avg_pool3d(target, stride), weights)
        else:
            total = total + loss(logits, target, weights)
    return total
