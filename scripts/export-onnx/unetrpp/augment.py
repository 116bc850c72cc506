"""Random shapes and random acquisitions of a training pair, on arrays (D, H, W) at the network's grid.

Everything is drawn from the generator that is passed in, so a sample is a function of its seed.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from torch import Tensor


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """How far training pairs are moved and recoloured. A configuration's [augmentation] sets the fields."""

    mirror_x: bool = False
    """Exchange left and right in half of the samples: only where the labels mean the same on both sides."""
    degrees_zyx: tuple[float, float, float] = (10, 10, 10)
    """Largest turn about the z, y and x axis."""
    scale: tuple[float, float] = (0.85, 1.15)
    """Range of a common magnification."""
    squeeze: float = 0.05
    """How far each axis' magnification may differ from the common one."""
    bend: float = 2.0
    """Standard deviation of the elastic displacement at its lattice points, at most, in voxels."""
    bend_points: tuple[int, int] = (4, 7)
    """Range of lattice points per axis of the elastic displacement."""
    axes: tuple[float, float, float] = (1, 1, 1)
    """How much of magnification, displacement and blur each axis (D, H, W) gets. Along an axis with 0 a sample takes
    whole slices: those of a stack 10 mm apart are not interpolated."""
    shift: tuple[float, float, float] = (4, 4, 4)
    """Largest translation (D, H, W) in voxels."""
    slip: float = 0.0
    """Standard deviation, at most, of each slice's own translation along H and W in voxels: slices of a stack are
    taken in breath holds of different depth."""
    recolour: float = 1.0
    """How much of bias field, gamma, contrast and brightness there is. Little for CT: its values mean something."""


def uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """One draw as a Python float."""
    return float(rng.uniform(low, high))


def rotation(rng: np.random.Generator, degrees: float | tuple[float, float, float]) -> np.ndarray:
    """A random 3x3 rotation: one turn about each axis in order, at most `degrees` (per axis when three are given)."""
    matrix = np.eye(3)
    for axis, limit in enumerate(np.broadcast_to(degrees, 3)):
        angle = np.deg2rad(rng.uniform(-limit, limit))
        a, b = [i for i in range(3) if i != axis]
        turn = np.eye(3)
        turn[a, a] = turn[b, b] = np.cos(angle)
        turn[a, b], turn[b, a] = -np.sin(angle), np.sin(angle)
        matrix = matrix @ turn
    return matrix


def noise_field(rng: np.random.Generator, channels: int, points: int, size: tuple[int, ...], scale: float) -> Tensor:
    """A smooth random field (channels, *size): normal values on a coarse lattice, interpolated."""
    coarse = torch.from_numpy(rng.standard_normal((channels, points, points, points)).astype(np.float32)) * scale
    return along_axes(coarse, [_interpolation(points, n) for n in size])


def _interpolation(points: int, n: int) -> Tensor:
    """Linear interpolation of `points` values at n places from the first to the last, as a matrix (n, points)."""
    at = torch.linspace(0, points - 1, n)
    return (1 - (at[:, None] - torch.arange(points)).abs()).clamp_min(0)


def along_axes(x: Tensor, matrices: list[Tensor]) -> Tensor:
    """Applies one matrix (m, n) to each of the last three axes: (..., D, H, W) -> (..., D', H', W')."""
    d, h, w = matrices
    x = torch.einsum("...dhw,Dd->...Dhw", x, d)
    x = torch.einsum("...dhw,Hh->...dHw", x, h)
    return x @ w.T


def gather(
    volumes: list[Tensor], matrix: np.ndarray, centre: np.ndarray, bend: Tensor, outside: tuple[int, ...]
) -> list[Tensor]:
    """The voxels of several volumes (D, H, W) of one size nearest to matrix @ offset + centre + bend.

    Args:
        matrix: 3x3, from offsets within the patch, counted from its centre, to offsets in the volume.
        centre: where in the volume the patch's centre lies, in voxels.
        bend: (3, *size) displacements in voxels; its memory is used up.
        outside: the value of each volume beyond its edge.
    """
    size, shape = bend.shape[1:], volumes[0].shape
    axes = [torch.arange(n, dtype=torch.float32) - (n - 1) / 2 for n in size]
    turn, middle = torch.from_numpy(matrix).float(), torch.from_numpy(centre).float()
    flat = torch.zeros(size, dtype=torch.int64)
    inside = torch.ones(size, dtype=torch.bool)
    for row in range(3):
        coordinate = bend[row]
        coordinate += (turn[row, 0] * axes[0] + middle[row])[:, None, None]
        coordinate += (turn[row, 1] * axes[1])[:, None]
        coordinate += turn[row, 2] * axes[2]
        index = coordinate.round_().long()
        inside &= (index >= 0) & (index < shape[row])
        flat = flat * shape[row] + index.clamp_(0, shape[row] - 1)
    return [
        torch.where(inside, volume.flatten()[flat], torch.tensor(value, dtype=volume.dtype))
        for volume, value in zip(volumes, outside, strict=True)
    ]


def class_shares(classes: Tensor, count: int, factor: int) -> Tensor:
    """Class numbers int64 (D, H, W) to the share of each class in blocks of factor^3 voxels: (count, D', H', W')."""
    grid = [n // factor for n in classes.shape]
    target = torch.zeros(count, *grid)
    share = torch.full((1, *grid), 1 / factor**3)
    for z in range(factor):
        for y in range(factor):
            for x in range(factor):
                target.scatter_add_(0, classes[None, z::factor, y::factor, x::factor], share)
    return target


def blur(image: Tensor, sigmas: np.ndarray, factor: int = 1) -> Tensor:
    """Separable Gaussian blur of (D, H, W) with a sigma in voxels per axis, then means of `factor` voxels per axis.

    The weights that fall inside the image add up to 1, so its edge does not darken. No blur for sigmas below 0.3.
    """
    return along_axes(image, [_smoothing(n, float(s), factor) for n, s in zip(image.shape, sigmas, strict=True)])


def _smoothing(n: int, sigma: float, factor: int) -> Tensor:
    """Blur and mean as a matrix (n / factor, n)."""
    apart = torch.arange(n)[:, None] - torch.arange(n)
    matrix = torch.exp(-0.5 * (apart / sigma) ** 2) if sigma >= 0.3 else (apart == 0).float()
    return (matrix / matrix.sum(1, keepdim=True)).reshape(n // factor, factor, n).mean(1)


def sampling_grid(
    rng: np.random.Generator, plan: Augmentation, size: tuple[int, int, int], source: tuple[int, int, int]
) -> Tensor:
    """Where each voxel of a window `size` is read from in an array `source`, for F.grid_sample: (1, D, H, W, 3).

    Both are (D, H, W); without augmentation the centre of one lies on the centre of the other, as in inference.
    """
    share = np.array(plan.axes)
    magnification = rng.uniform(1 - plan.squeeze, 1 + plan.squeeze, 3) * rng.uniform(*plan.scale)
    matrix = rotation(rng, plan.degrees_zyx) @ np.diag(magnification**-share)
    if plan.mirror_x and rng.random() < 0.5:
        matrix = matrix @ np.diag([1, 1, -1])
    shift = rng.uniform(-1, 1, 3) * np.array(plan.shift)
    start = (np.array(source) - np.array(size)) / 2
    shift = np.where(share == 0, np.floor(start + shift + 0.5) - start, shift)
    field = noise_field(rng, 3, int(rng.integers(*plan.bend_points)), size, uniform(rng, 0, plan.bend))
    axes = [torch.arange(n, dtype=torch.float32) - (n - 1) / 2 for n in size]
    offsets = torch.stack(torch.meshgrid(*axes, indexing="ij"))
    turned = torch.einsum("ij,jdhw->idhw", torch.from_numpy(matrix).float(), offsets)
    if plan.slip:
        slips = rng.normal(0, uniform(rng, 0, plan.slip), (2, size[0], 1, 1))
        turned[1:] += torch.from_numpy(slips).float()
    for axis in range(3):
        turned[axis] += float(shift[axis]) + float(share[axis]) * field[axis]
        turned[axis] /= source[axis] / 2
    return turned.flip(0).permute(1, 2, 3, 0)[None].contiguous()


def recolour(rng: np.random.Generator, plan: Augmentation, image: Tensor) -> Tensor:
    """Another scanner: bias field, gamma, contrast, brightness, blur and noise of an image (D, H, W) in [0, 1]."""
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    much = plan.recolour
    if rng.random() < 0.5:
        points, strength = int(rng.integers(2, 5)), uniform(rng, 0, 0.2 * much)
        image = image * torch.exp(noise_field(rng, 1, points, image.shape, strength)[0])
    if rng.random() < 0.2:
        image = blur(image, rng.uniform(0.3, 0.9, 3) * np.array(plan.axes))
    if rng.random() < 0.5:
        image = image.clamp(0, 1) ** float(np.exp(rng.normal(0, 0.25 * much)))
    image = image * uniform(rng, 1 - 0.2 * much, 1 + 0.2 * much) + uniform(rng, -0.08 * much, 0.08 * much)
    if rng.random() < 0.5:
        image = image + uniform(rng, 0, 0.04) * torch.randn(image.shape, generator=generator)
    return image.clamp(0, 1)
