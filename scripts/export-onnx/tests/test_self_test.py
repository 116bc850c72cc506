"""The window that devices are tested with: the same numbers as in src/inference/job/selfTest.test.ts."""

import json
import pathlib

import numpy as np

from unetrpp import selftest
from unetrpp.inference import manifest, self_test

MODELS = pathlib.Path(__file__).parents[3] / "public/models"


def test_the_window_is_the_pages():
    window = self_test.window(2, (9, 10, 11))
    assert window.shape == (1, 2, 9, 10, 11)
    assert window.dtype == np.float32
    numbers = [int(window.ravel()[i] * 2**18) for i in (0, 1, 7, 8, 500, 989, 990, 1979)]
    assert numbers == [112734, 133548, 119079, 134425, 119141, 140187, 115844, 177230]
    assert list(self_test.positions(5940)[:6]) == [0, 4201, 5626, 3887, 5312, 797]


def test_every_model_brings_the_answer_of_its_own_weights():
    for name in json.loads((MODELS / "index.json").read_text())["models"]:
        description = manifest.read(MODELS / name)
        assert description["selfTest"]["weights"] == description["weights"]["sha256"]
        assert len(description["selfTest"]["logits"]) == self_test.LOGITS


def test_the_command_writes_what_the_network_says(tmp_path, monkeypatch):
    folder = MODELS / "hippocampus"
    description = manifest.read(folder)
    expected = description.pop("selfTest")
    (tmp_path / "model.onnx").write_bytes((folder / "model.onnx").read_bytes())
    manifest.write(tmp_path, description)
    monkeypatch.setattr("sys.argv", ["selftest", str(tmp_path)])
    assert selftest.main() == 0
    given = manifest.read(tmp_path)["selfTest"]
    assert given["weights"] == expected["weights"]
    assert np.allclose(given["logits"], expected["logits"], atol=1e-3)
    (tmp_path / "model.onnx").write_bytes(b"damaged")
    assert selftest.main() == 1
