"""Random shapes and random acquisitions of a training pair, on arrays (D, H, W) at the network's grid.

Everything is drawn from the generator that is passed in, so a sample is a function of its seed and of the kind
of device that it is made on. Nothing here waits for a device: no number is read back from it.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..config.sections import Augmentation

CPU = torch.device("cpu")
BINS = 4096
"""Of the histograms that percentiles are read from."""


def uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """One draw as a Python float."""
    return float(rng.uniform(low, high))


def generator_of(rng: np.random.Generator, device: torch.device) -> torch.Generator:
    """The device's own random numbers, for noise in every voxel; its seed is one draw."""
    return torch.Generator(device).manual_seed(int(rng.integers(2**31)))


def on(device: torch.device, values: np.ndarray) -> Tensor:
    """A small array, float32, brought to a device without waiting for what that has at hand."""
    tensor = torch.from_numpy(values).float()
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def _scaled_to(values: Tensor, low: Tensor, high: Tensor) -> Tensor:
    return (values - low) / (high - low).clamp_min(1e-6)


def percentiles(values: Tensor, *shares: float, where: Tensor | None = None) -> Tensor:
    """The values that these shares of all lie below, one each, within 1 / BINS of the values' range.

    From a histogram, so that nothing is sorted. Only where `where` is true, if it is given; if it is true nowhere, any
    numbers.
    """
    low, high = values.aminmax()
    scaled = _scaled_to(values, low, high)
    if where is not None:
        scaled = torch.where(where, scaled, 2)  # histc leaves out what is out of its range
    below = torch.histc(scaled, BINS, 0, 1).cumsum(0)
    wanted = on(values.device, np.array(shares)) * below[-1]
    return low + (torch.searchsorted(below, wanted).clamp_max(BINS - 1) + 0.5) / BINS * (high - low)


def between(values: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """low..high to 0..1, clipped."""
    return _scaled_to(values, low, high).clamp_(0, 1)


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


def noise_field(
    rng: np.random.Generator, channels: int, points: int, size: tuple[int, ...], scale: float,
    device: torch.device = CPU,
) -> Tensor:  # fmt: skip
    """A smooth random field (channels, *size): normal values on a coarse lattice, interpolated."""
    coarse = on(device, rng.standard_normal((channels, points, points, points))) * scale
    return along_axes(coarse, [_interpolation(points, n, device) for n in size])


def _interpolation(points: int, n: int, device: torch.device) -> Tensor:
    """Linear interpolation of `points` values at n places from the first to the last, as a matrix (n, points)."""
    at = torch.linspace(0, points - 1, n, device=device)
    return (1 - (at[:, None] - torch.arange(points, device=device)).abs()).clamp_min(0)


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
    size, shape, device = bend.shape[1:], volumes[0].shape, bend.device
    axes = [torch.arange(n, dtype=torch.float32, device=device) - (n - 1) / 2 for n in size]
    flat = torch.zeros(size, dtype=torch.int64, device=device)
    inside = torch.ones(size, dtype=torch.bool, device=device)
    for row, (turn, middle) in enumerate(zip(matrix.tolist(), np.asarray(centre).tolist(), strict=True)):
        coordinate = bend[row]
        coordinate += (turn[0] * axes[0] + middle)[:, None, None]
        coordinate += (turn[1] * axes[1])[:, None]
        coordinate += turn[2] * axes[2]
        index = coordinate.round_().long()
        inside &= (index >= 0) & (index < shape[row])
        flat = flat * shape[row] + index.clamp_(0, shape[row] - 1)
    beyond = ~inside
    return [volume.flatten()[flat].masked_fill_(beyond, value) for volume, value in zip(volumes, outside, strict=True)]


def class_shares(classes: Tensor, count: int, factor: int) -> Tensor:
    """Class numbers int64 (D, H, W) to the share of each class in blocks of factor^3 voxels: (count, D', H', W')."""
    grid = [n // factor for n in classes.shape]
    target = torch.zeros(count, *grid, device=classes.device)
    share = torch.full((1, *grid), 1 / factor**3, device=classes.device)
    for z in range(factor):
        for y in range(factor):
            for x in range(factor):
                target.scatter_add_(0, classes[None, z::factor, y::factor, x::factor], share)
    return target


def blur(image: Tensor, sigmas: np.ndarray, factor: int = 1) -> Tensor:
    """Separable Gaussian blur of (D, H, W) with a sigma in voxels per axis, then means of `factor` voxels per axis.

    The weights that fall inside the image add up to 1, so its edge does not darken. No blur for sigmas below 0.3.
    """
    sizes = zip(image.shape, sigmas, strict=True)
    return along_axes(image, [_smoothing(n, float(sigma), factor, image.device) for n, sigma in sizes])


def _smoothing(n: int, sigma: float, factor: int, device: torch.device) -> Tensor:
    """Blur and mean as a matrix (n / factor, n)."""
    apart = torch.arange(n, device=device)[:, None] - torch.arange(n, device=device)
    matrix = torch.exp(-0.5 * (apart / sigma) ** 2) if sigma >= 0.3 else (apart == 0).float()
    return (matrix / matrix.sum(1, keepdim=True)).reshape(n // factor, factor, n).mean(1)


def sampling_grid(
    rng: np.random.Generator, plan: Augmentation, size: tuple[int, int, int], source: tuple[int, int, int],
    device: torch.device = CPU,
) -> Tensor:  # fmt: skip
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
    field = noise_field(rng, 3, int(rng.integers(*plan.bend_points)), size, uniform(rng, 0, plan.bend), device)
    axes = [torch.arange(n, dtype=torch.float32, device=device) - (n - 1) / 2 for n in size]
    offsets = torch.stack(torch.meshgrid(*axes, indexing="ij"))
    turned = torch.einsum("ij,jdhw->idhw", on(device, matrix), offsets)
    if plan.slip:
        slips = rng.normal(0, uniform(rng, 0, plan.slip), (2, size[0], 1, 1))
        turned[1:] += on(device, slips)
    for axis in range(3):
        turned[axis] += float(shift[axis]) + float(share[axis]) * field[axis]
        turned[axis] /= source[axis] / 2
    return turned.flip(0).permute(1, 2, 3, 0)[None].contiguous()


def recolour(rng: np.random.Generator, plan: Augmentation, image: Tensor) -> Tensor:
    """Another scanner: bias field, gamma, contrast, brightness, blur and noise of an image (D, H, W) in [0, 1]."""
    generator = generator_of(rng, image.device)
    much = plan.recolour
    if rng.random() < 0.5:
        points, strength = int(rng.integers(2, 5)), uniform(rng, 0, 0.2 * much)
        image = image * torch.exp(noise_field(rng, 1, points, image.shape, strength, image.device)[0])
    if rng.random() < 0.2:
        image = blur(image, rng.uniform(0.3, 0.9, 3) * np.array(plan.axes))
    if rng.random() < 0.5:
        image = image.clamp(0, 1) ** float(np.exp(rng.normal(0, 0.25 * much)))
    image = image * uniform(rng, 1 - 0.2 * much, 1 + 0.2 * much) + uniform(rng, -0.08 * much, 0.08 * much)
    if rng.random() < 0.5:
        image = image + uniform(rng, 0, 0.04) * torch.randn(image.shape, generator=generator, device=image.device)
    return image.clamp(0, 1)
