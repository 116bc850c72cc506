"""What a CT scanner makes of a patch of tissue ids (see bodies.py), in Hounsfield units.

They are given by physics, so unlike in synthesis.py the contrast is not arbitrary: each tissue's mean is drawn
from the range it has without contrast medium or in one of its phases. What the maps leave out is painted: vessels, what
bowel holds, cortical bone, cysts and lesions, the table.
"""

from __future__ import annotations

import functools

import numpy as np
import torch
from torch import Tensor

from .augment import blur, generator_of, noise_field, on, percentiles, uniform
from .bodies import (
    ADRENALS,
    ARTERIES,
    BLADDER,
    BONES,
    BRAIN,
    CARTILAGE,
    COLON,
    CORD,
    CYSTS,
    DUODENUM,
    FAT,
    GALLBLADDER,
    HEART,
    KIDNEYS,
    LIVER,
    LUNGS,
    MUSCLES,
    OESOPHAGUS,
    PANCREAS,
    PORTAL,
    PROSTATE,
    SKIN,
    SMALL_BOWEL,
    SPLEEN,
    STOMACH,
    SUBCUTANEOUS,
    TISSUES,
    TRACHEA,
    VEINS,
    WALL,
)

# Means in HU without contrast medium, in the arterial, the portal venous and the late phase.
PHASES = ("plain", "arterial", "portal", "late")
HOW_OFTEN = (0.4, 0.2, 0.3, 0.1)
SOLID: dict[tuple[int, ...], tuple[tuple[float, float], ...]] = {
    (LIVER,): ((35, 70), (50, 85), (85, 135), (75, 110)),
    (SPLEEN,): ((35, 58), (80, 190), (100, 150), (75, 110)),
    KIDNEYS: ((18, 42), (110, 220), (140, 230), (110, 190)),
    (PANCREAS,): ((-5, 48), (70, 125), (70, 115), (55, 90)),
    ADRENALS: ((0, 40), (40, 90), (50, 95), (40, 75)),
    (GALLBLADDER,): ((-5, 25),) * 4,
    (BLADDER,): ((-5, 22), (-5, 22), (-5, 25), (0, 350)),
    (PROSTATE,): ((25, 50), (40, 90), (50, 100), (50, 90)),
    CYSTS: ((-5, 20),) * 4,
    HEART: ((32, 52), (120, 320), (100, 170), (70, 120)),
    ARTERIES: ((28, 52), (180, 420), (110, 180), (75, 125)),
    VEINS: ((28, 52), (35, 140), (90, 180), (75, 125)),
    (PORTAL,): ((28, 52), (45, 130), (120, 200), (80, 125)),
    MUSCLES: ((38, 62), (42, 68), (50, 75), (48, 72)),
    (WALL,): ((15, 58), (20, 62), (25, 68), (25, 66)),
    (CARTILAGE,): ((70, 180),) * 4,
    (BRAIN, CORD): ((25, 42),) * 4,
    (*LUNGS,): ((-900, -700),) * 4,
    (TRACHEA,): ((-1010, -960),) * 4,
    (FAT, SUBCUTANEOUS): ((-118, -88),) * 4,
    (SKIN,): ((-40, 40),) * 4,
    (STOMACH, SMALL_BOWEL, DUODENUM, COLON, OESOPHAGUS): ((25, 50), (35, 80), (50, 100), (40, 80)),
}
# What hollow organs hold, by how often: mean and spread in HU, and the share of the lumen filled with gas.
HELD: dict[int, tuple[tuple[float, tuple[float, float], float, tuple[float, float]], ...]] = {
    STOMACH: (
        (0.4, (0, 40), 15, (0, 0.5)), (0.25, (20, 60), 30, (0, 0.3)),
        (0.2, (120, 450), 30, (0, 0.3)), (0.15, (-60, 20), 60, (0.2, 0.7)),
    ),
    COLON: ((0.5, (-80, 50), 70, (0.1, 0.6)), (0.3, (0, 45), 25, (0, 0.9)), (0.2, (120, 500), 60, (0, 0.4))),
    SMALL_BOWEL: ((0.7, (5, 45), 15, (0, 0.1)), (0.3, (100, 400), 60, (0, 0.1))),
    DUODENUM: ((0.75, (5, 45), 15, (0, 0.2)), (0.25, (80, 350), 40, (0, 0.2))),
    OESOPHAGUS: ((1.0, (20, 50), 10, (0, 0.3)),),
}  # fmt: skip


GROUPS = (
    (FAT,), LUNGS, (WALL, *MUSCLES), (HEART[0],), BONES, tuple(HELD), KIDNEYS, (LIVER,), (SPLEEN,), (PANCREAS,),
)  # fmt: skip
"""Ids that are painted together, numbered from 1; 0 is air, everything else the last number."""
IN_FAT, IN_LUNGS, IN_MUSCLE, IN_HEART, IN_BONE, IN_HOLLOW, IN_KIDNEY, IN_LIVER, IN_SPLEEN, IN_PANCREAS = range(1, 11)


def _group_of() -> Tensor:
    table = torch.full((TISSUES,), len(GROUPS) + 1, dtype=torch.uint8)
    table[0] = 0
    for number, ids in enumerate(GROUPS, start=1):
        table[list(ids)] = number
    return table


GROUP_OF = _group_of()


@functools.cache
def _group_on(device: torch.device) -> Tensor:
    return GROUP_OF.to(device)


def _is_known_empty(mask: Tensor) -> bool:
    """Whether a mask holds nothing, where asking costs no wait for a device: on the CPU."""
    return mask.device.type == "cpu" and not mask.any()


def paint(rng: np.random.Generator, tissue: Tensor, spacing: float) -> Tensor:
    """What a scanner without blur or noise would see of a patch of tissue ids, HU."""
    size, device = tissue.shape, tissue.device
    generator = generator_of(rng, device)

    def noise(low: int, high: int) -> Tensor:
        return noise_field(rng, 1, int(rng.integers(low, high)), size, 1.0, device)[0]

    phase = rng.choice(len(PHASES), p=HOW_OFTEN)
    mean, grain = np.full(TISSUES, 45.0), np.full(TISSUES, 4.0)
    mean[0] = -1000
    for ids, ranges in SOLID.items():
        shared = rng.uniform(*ranges[phase])
        for id_ in ids:
            mean[id_] = shared + rng.normal(0, 6)
    mean[list(BONES)] = rng.uniform(90, 280) + rng.normal(0, 30, len(BONES))
    grain[list(BONES)], grain[list(LUNGS)], grain[[FAT, SUBCUTANEOUS]] = 50, 40, 8
    index = tissue.long()
    image = on(device, mean)[index]
    group = _group_on(device)[index]

    def within(member: int) -> Tensor:
        return group == member

    # Vessels, fascia and lymph nodes that no map labels; fat in muscle; vessels in lungs.
    fine, other = noise(12, 28), noise(8, 20)
    fat, lungs = within(IN_FAT), within(IN_LUNGS)
    image.masked_fill_(fat & (fine > uniform(rng, 0.5, 1.6)), mean[MUSCLES[1]])
    image.masked_fill_(fat & (fine < -uniform(rng, 0.9, 2.0)), mean[VEINS[0]])
    muscle = within(IN_MUSCLE)
    image.masked_fill_(muscle & (other > uniform(rng, 0.8, 2.5)), mean[FAT])
    if rng.random() < 0.5:  # sheets of fat between muscles
        image.masked_fill_(muscle & (fine.abs() < uniform(rng, 0.03, 0.12)), mean[FAT])
    image.masked_fill_(lungs & (fine > uniform(rng, 0.9, 1.5)), mean[VEINS[0]])
    if rng.random() < 0.3:  # the lung's back part without air, or fluid
        image.masked_fill_(lungs & (other > uniform(rng, 0.6, 1.5)), uniform(rng, 0, 60))
    image.addcmul_(within(IN_HEART).float(), other, value=0.15 * (mean[HEART[0]] - 40))

    # Shells: cortical bone, walls of hollow organs, the kidney's cortex.
    bones, hollow, kidneys = within(IN_BONE), within(IN_HOLLOW), within(IN_KIDNEY)
    depth = blur((bones | hollow | kidneys).float(), np.full(3, 1.2))
    image.masked_fill_(bones & (depth < uniform(rng, 0.7, 0.9)), uniform(rng, 250, 750))
    if phase:
        image.add_((kidneys & (depth > uniform(rng, 0.85, 0.97))).float(), alpha=uniform(rng, -80, 30))
    lumen = hollow & (depth > uniform(rng, 0.55, 0.8))
    upward = torch.linspace(-1.2, 1.2, size[1], device=device)[:, None]  # patients lie on their backs: gas is in front
    for id_, kinds in HELD.items():
        _, (low, high), spread, gas = kinds[rng.choice(len(kinds), p=[kind[0] for kind in kinds])]
        content, gas_share, tilt, gas_mean = (
            uniform(rng, low, high), uniform(rng, *gas), uniform(rng, 0.5, 3), uniform(rng, -980, -850),
        )  # fmt: skip
        is_stool, seed = id_ == COLON and rng.random() < 0.5, int(rng.integers(2**31))
        inside = lumen & (tissue == id_)
        if _is_known_empty(inside):
            continue
        image = torch.where(inside, content + spread * (fine if id_ == COLON else other), image)
        if is_stool:
            _add_bubbles(np.random.default_rng(seed), image, inside)
        level = other + tilt * upward
        image.masked_fill_(inside & (level > percentiles(level, 1 - gas_share, where=inside)), gas_mean)

    # Lesions of any kind where they are common, and a lumpy background everywhere.
    for organ in (IN_LIVER, IN_KIDNEY, IN_SPLEEN, IN_PANCREAS):
        if rng.random() < 0.25:
            lumps = noise(6, 16)
            image.add_((within(organ) & (lumps > uniform(rng, 1.5, 2.5))).float(), alpha=uniform(rng, -90, 60))
    image.addcmul_(on(device, grain)[index], torch.randn(size, generator=generator, device=device))
    image.addcmul_((group > 0).float(), other, value=uniform(rng, 0, 5))
    return _with_table(rng, image, tissue, spacing)


def _add_bubbles(rng: np.random.Generator, image: Tensor, stool: Tensor) -> None:
    """Fills stool with many small bubbles of gas."""
    bubbles = noise_field(rng, 1, int(rng.integers(25, 50)), image.shape, 1.0, image.device)[0]
    image.masked_fill_(stool & (bubbles > uniform(rng, 1, 2.2)), uniform(rng, -900, -250))


def _with_table(rng: np.random.Generator, image: Tensor, tissue: Tensor, spacing: float) -> Tensor:
    """Lays a body whose back is in the patch on a table, mostly."""
    rows = (tissue > 0).any(2).any(0)
    back = rows.int().argmax()
    gap = int(uniform(rng, 2, 30) / spacing)
    has_none = rng.random() < 0.2
    x = torch.linspace(-1, 1, image.shape[2], device=image.device) - uniform(rng, -0.8, 0.8)
    top = back - gap + uniform(rng, 0, 20) * x**2  # a shallow trough
    below = top - torch.arange(image.shape[1], device=image.device)[:, None]
    plate = (below > 0) & (below < uniform(rng, 1, 4))
    value = uniform(rng, -300, 200)
    if has_none:
        return image
    return image.masked_fill_((plate & rows.any() & (back - gap >= 4)) & (tissue == 0), value)


def acquire(rng: np.random.Generator, image: Tensor, factor: int, spacing: float) -> Tensor:
    """Resolution and noise of a scanner: HU (D, H, W) at `spacing` mm to `factor` times coarser."""
    in_plane = rng.uniform(0.3, 0.9)
    across = 0.3 * rng.choice([1, 2, 3, 5], p=[0.25, 0.3, 0.3, 0.15])  # sigma in mm of a slice 1 to 5 mm thick
    image = blur(image, np.array([across, in_plane, in_plane]) / spacing, factor)
    noise = torch.randn(image.shape, generator=generator_of(rng, image.device), device=image.device)
    if rng.random() < 0.5:
        noise = blur(noise, np.full(3, 0.6)) * 2.5
    return image + noise * uniform(rng, 0, 25)
