"""CT painted on made-up tissues: units of one phase, gas in front, stool with bubbles."""

import numpy as np
import pytest
import scipy.ndimage
import torch

from unetrpp.data import bodies, hounsfield


@pytest.mark.parametrize("seed", range(6))
def test_tissues_have_the_hounsfield_units_of_one_phase(seed):
    """Organs side by side: the median of each lies in the range of a phase, the same for all of them."""
    organs = {(bodies.LIVER,): bodies.LIVER, (bodies.SPLEEN,): bodies.SPLEEN, bodies.ARTERIES: 52, bodies.VEINS: 63}
    tissue = torch.zeros(16, 24, 24 * len(organs), dtype=torch.uint8)
    for column, id_ in enumerate(organs.values()):
        tissue[:, 2:-2, 24 * column + 2 : 24 * column + 22] = id_
    image = hounsfield.paint(np.random.default_rng(seed), tissue, 1.5)
    medians = {ids: image[tissue == id_].median().item() for ids, id_ in organs.items()}
    margin = 25  # of one id around its group's mean, and lumps
    fitting = [
        all(
            low - margin <= medians[ids] <= high + margin
            for ids in organs
            for low, high in [hounsfield.SOLID[ids][phase]]
        )
        for phase in range(len(hounsfield.PHASES))
    ]
    assert any(fitting), medians
    assert image[tissue == 0].median() < -900


def test_gas_lies_above_what_is_heavier():
    """The front is up: of a full stomach the emptier half lies in front, whatever else it holds."""
    tissue = torch.full((24, 48, 24), bodies.STOMACH, dtype=torch.uint8)
    found = 0
    for seed in range(30):
        gas = hounsfield.paint(np.random.default_rng(seed), tissue, 1.5) < -700
        if gas.float().mean() > 0.1:
            back, front = gas.float().mean((0, 2)).tensor_split(2)
            assert front.mean() > back.mean(), f"seed {seed}"
            found += 1
    assert found >= 5


def test_stool_is_full_of_bubbles():
    """Many of the colon's images have air in a hundred pieces in its back half, where no gas collects."""
    tissue = torch.full((24, 48, 32), bodies.COLON, dtype=torch.uint8)
    many = 0
    for seed in range(16):
        image = hounsfield.paint(np.random.default_rng(seed), tissue, 1.5)
        many += scipy.ndimage.label((image < -200)[:, 4:20].numpy())[1] > 100
    assert many >= 3  # 1 without bubbles
