"""Which number format training computes in."""

import os
import subprocess
import sys

import pytest
import torch

from unetrpp.network import precision


@pytest.fixture(autouse=True)
def measured_anew():
    precision.best.cache_clear()
    yield
    precision.best.cache_clear()


@pytest.mark.parametrize(("half", "wanted"), [(0.02, torch.bfloat16), (2.0, torch.float32)])
def test_training_computes_in_the_format_that_is_faster_here(monkeypatch, half, wanted):
    asked = []

    def seconds(dtype):
        asked.append(torch.get_num_threads())
        return half if dtype == torch.bfloat16 else 0.03

    monkeypatch.setattr(precision, "time_convolution", seconds)
    threads, drawn = torch.get_num_threads(), torch.random.get_rng_state()
    for _ in range(2):
        with precision.autocast(torch.device("cpu")):
            computed = torch.nn.functional.conv3d(torch.ones(1, 1, 3, 3, 3), torch.ones(1, 1, 3, 3, 3))
        assert computed.dtype == wanted
    assert asked == [1] * (2 * precision.ROUNDS), "measured once, on one thread"
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), drawn)


def test_a_processor_with_avx2_alone_computes_in_float32():
    """oneDNN is held back to what such a processor has; bfloat16 takes many times longer there."""
    code = "from unetrpp.network import precision; print(precision.best('cpu'))"
    run = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"ONEDNN_MAX_CPU_ISA": "AVX2"}, capture_output=True, text=True
    )
    assert run.stdout.strip() == "torch.float32", run.stderr
