"""`organscope-v1` against its goldens, stage by stage; the page's twin is tested against the same files."""

import json

import make_organscope_golden as golden
import numpy as np
import pytest

CASES = {case["name"]: case for case in json.loads((golden.FIXTURES / "cases.json").read_text())}
EXACT = ("look", "labels", "mask")


def fixture(name, stage):
    return np.load(golden.FIXTURES / f"{name}.{stage}.npy")


@pytest.mark.parametrize("name", CASES)
def test_every_stage_is_what_it_was(name):
    case = CASES[name]
    stages = golden.run(case, fixture(name, "scan"), np.array(case["affine"]).reshape(4, 4))
    saved = {path.name.split(".")[1] for path in golden.FIXTURES.glob(f"{name}.*.npy")} - {"scan"}
    assert set(stages) == saved
    assert golden.box_of(case, stages) == case["boxDhw"]
    for stage, found in stages.items():
        expected = fixture(name, stage)
        assert found.shape == expected.shape, stage
        tolerance = 0 if stage in EXACT else 2e-6 * np.abs(expected).max()
        assert np.abs(found.astype(np.float64) - expected).max() <= tolerance, stage


def test_the_cases_reach_every_step():
    """A first look that leaves something out, a base that is dropped, islands that are dissolved, padding."""
    assert [low for low, _ in CASES["padded"]["boxDhw"]] != [0, 0, 0]
    assert (fixture("padded", "labels") != fixture("padded", "mask")).any()
    case = dict(CASES["range"], pipeline={k: v for k, v in CASES["range"]["pipeline"].items() if k != "baseCertainty"})
    without = golden.run(case, fixture("range", "scan"), np.array(case["affine"]).reshape(4, 4))
    assert (without["labels"] != fixture("range", "labels")).any()
    for name, padding in (("padded", -32768), ("range", -3024)):
        assert (fixture(name, "scan") == padding).mean() > 0.1
