"""Packed training: carried to another machine, run there with PyTorch and numpy alone, and brought back."""

import dataclasses
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import test_pairs
import torch

from unetrpp.data import sampling, scan_sets
from unetrpp.data.bodies import Body
from unetrpp.data.pairs import Case
from unetrpp.data.sources.registry import SOURCES
from unetrpp.data.synthesis import Anatomies, Anatomy
from unetrpp.data.torso import Torsi
from unetrpp.onnx import export
from unetrpp.training import by_clock, pack, pieces, stepping, unpack
from unetrpp.training import config as configuration

data = test_pairs.data
BARE = """
import runpy, sys
GONE = {"nibabel", "scipy", "skimage", "onnx", "onnxruntime", "tqdm", "jsonschema", "PIL"}
class Bare:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        return None if name.split(".")[0] in GONE else self.finder.find_spec(name, path, target)
sys.meta_path[:] = [Bare(finder) for finder in sys.meta_path]
for name in GONE:
    try:
        __import__(name)
    except ModuleNotFoundError:
        continue
    sys.exit(name + " is there")
runpy.run_module("unetrpp.train", run_name="__main__", alter_sys=True)
"""
"""`python -m unetrpp.train` where nothing but PyTorch and numpy is installed."""


@pytest.fixture
def config(tmp_path):
    """hippocampus, tiny, as a file."""
    text = test_pairs.CONFIG.read_text()
    for old, new in (
        ("patch_dhw = [32, 48, 32]", "patch_dhw = [16, 32, 16]"), ("dims = [16, 32, 64, 128]", "dims = [8, 8, 8, 8]"),
        ("feature_size = 16", "feature_size = 4"), ("projection = [32, 32, 32, 32]", "projection = [4, 4, 4, 4]"),
        ("decoder_projection = 32", "decoder_projection = 4"), ("hippocampus-mri/images", "set/images"),
        ('"hippocampus_014", "hippocampus_025", "hippocampus_038", "hippocampus_044", ', '"s1", "s4"]  # '),
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, new)
    lines = [line for line in text.splitlines() if not line.startswith('  "hippocampus_')]
    file = tmp_path / "tiny.toml"
    file.write_text("\n".join(lines).replace('"s1", "s4"]  # "hippocampus_052",\n]', '"s1", "s4"]'))
    return file


def test_a_pack_trains_elsewhere_with_pytorch_and_numpy_alone_and_comes_back(config, data, tmp_path):
    there, out, run = tmp_path / "pack", tmp_path / "out", tmp_path / "run"
    sizes = pack.pack(config, data, there)
    assert set(sizes) == {"config.toml", "maps.xz", "unetrpp"}
    result = subprocess.run(
        [sys.executable, "-c", BARE, str(there), "--minutes", "0.03", "--out", str(out)],
        env=os.environ | {"PYTHONPATH": str(there), "OMP_NUM_THREADS": "1"}, cwd=tmp_path, text=True,
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "samples in" in result.stdout

    unpack.unpack(out, there / "config.toml", run)
    model = configuration.load(run / "config.toml")
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    assert state["samples"] == state["step"] * model.training.batch > 0
    assert export.export(run / "checkpoint.pt", model, tmp_path / "model").is_good

    with pytest.raises(pieces.PiecesError, match="another network"):
        unpack.unpack(out, test_pairs.CONFIG, tmp_path / "other")

    pack.pack(config, data, there, resume=run)
    again = torch.load(there / "weights.pt", weights_only=True)
    assert (again["step"], again["samples"]) == (state["step"], state["samples"])
    torch.testing.assert_close(pieces.restored(again["training"]), state["training"], atol=1e-3, rtol=1e-3)


def test_weights_that_are_their_own_average_are_carried_once(config, data, tmp_path):
    run = stepping.Run(configuration.load(config), tmp_path, device=torch.device("cpu"))
    weights = by_clock.weights_of(run)
    assert all(weights["training"][name] is value for name, value in weights["state_dict"].items())
    run.advance(torch.rand(1, 1, 16, 32, 16), torch.rand(1, 3, 16, 32, 16).softmax(1), 0.1, False)
    one, two = (by_clock.weights_of(run)[key]["out1.conv.conv.weight"] for key in ("training", "state_dict"))
    assert not torch.equal(one, two)


def test_scans_of_the_test_are_not_packed(config, data, tmp_path):
    config.write_text(
        config.read_text() + '\n[test]\nimages = ["set/images/s2.nii.gz"]\nlabel_path = ["/images/", "/labels/"]\n'
        'about = "one"\n'
    )
    with pytest.raises(scan_sets.LockedScanError, match="s2"):
        pack.pack(config, data, tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


def shapes() -> dict[str, Any]:
    """Small maps of every kind of training data."""
    case = Case("a", torch.rand(1, 4, 5, 6), torch.rand(2, 4, 5, 6), (0, 2))
    tissue = torch.randint(0, 9, (8, 8, 8), dtype=torch.uint8)
    body = Body(tissue, tissue, (0, 7), (4.0, 4.0, 4.0), (3.0, 3.0, 3.0))
    table = torch.arange(9)
    head = Anatomy(tissue, (4.0, 4.0, 4.0), (3.0, 3.0, 3.0))
    return {
        "pairs": [case],
        "torso": Torsi([body], [body], [case], table, 3),
        "label-maps": Anatomies(table, table, table, table, ["a", "b"], [head]),
    }


@pytest.mark.parametrize("kind", SOURCES)
def test_maps_come_back_as_they_were(kind, tmp_path):
    """Scans within half a level of 8 bits, all others exactly."""
    maps = shapes()[kind]
    pack.write_maps(maps, tmp_path)

    def compare(one, two):
        if isinstance(one, torch.Tensor):
            torch.testing.assert_close(one, two, atol=0.5 / 255 + 1e-6, rtol=0)
        elif dataclasses.is_dataclass(one):
            for field in dataclasses.fields(one):
                compare(getattr(one, field.name), getattr(two, field.name))
        elif isinstance(one, list):
            for parts in zip(one, two, strict=True):
                compare(*parts)
        else:
            assert one == two

    compare(maps, by_clock.read_maps(tmp_path))
    compare(maps, sampling.moved(maps, torch.device("cpu")))


def test_weights_come_in_pieces_and_what_was_cut_off_is_not_taken_for_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(pieces, "LARGEST", 2000)
    monkeypatch.setattr(pieces, "SMALL", 10)
    weights = {"large": torch.randn(1000), "small": torch.tensor([1e-9]), "count": torch.tensor(3)}
    first = {"training": pieces.halved(weights), "step": 1}
    pieces.write(tmp_path, first, 1)
    files = sorted(tmp_path.iterdir())
    assert len(files) > 1
    assert max(file.stat().st_size for file in files) <= 2000
    back = pieces.restored(pieces.read(tmp_path)["training"])
    torch.testing.assert_close(back, weights, atol=2e-3, rtol=1e-3)
    assert back["small"] == weights["small"], "statistics of norms leave the range of half precision"

    kept = {file: file.read_bytes() for file in files}
    pieces.write(tmp_path, first | {"step": 2}, 2)
    assert not set(files) & set(tmp_path.iterdir())
    for file, content in kept.items():
        file.write_bytes(content)
    cut = max(tmp_path.iterdir())
    whole = cut.read_bytes()
    cut.write_bytes(whole[:-1])
    assert pieces.read(tmp_path)["step"] == 1
    cut.write_bytes(whole)
    assert pieces.read(tmp_path)["step"] == 2
    cut.unlink()
    for file in kept:
        file.unlink()
    with pytest.raises(pieces.PiecesError, match=r"of step 2 piece \d of \d is missing"):
        pieces.read(tmp_path)


def test_the_learning_rate_goes_by_the_clock():
    rates = [by_clock.share_of_rate(done) for done in np.linspace(0, 1, 101)]
    assert 0 < rates[0] < 0.1
    assert rates[10:60] == [1.0] * 50
    assert rates[80] == pytest.approx(0.5)
    assert rates[-1] == 0


def test_what_is_packed_is_all_that_a_run_there_imports():
    names = pack.needed_modules()
    assert {"train", "__init__", "training.by_clock", "data.sampling", "data.hounsfield", "network.network"} <= set(
        names
    )
    for name in names:
        assert not {"nibabel", "scipy", "onnx", "tqdm"} & set(pack.file_of(name).read_text().split()), name
