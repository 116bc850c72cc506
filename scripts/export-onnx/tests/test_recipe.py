"""A card's commands, run as they are printed: they make model, figures and card anew."""

import importlib
import json
import pathlib
import re
import shlex

import nibabel
import numpy as np
import pytest

from unetrpp.evaluation import card
from unetrpp.inference import manifest
from unetrpp.onnx import describe
from unetrpp.training import config as configuration

ROOT = pathlib.Path(__file__).parents[3]
CONFIG = """
name = "tiny"
title = "Tiny"
version = "1"
modality = "MR"
channels = ["T1"]
license = "CC0"
intended_use = "Tests."
limitations = "Many."
background = [9]
[[training_data]]
name = "Boxes"
license = "CC0"
source = "Here"
[network]
in_channels = 1
num_classes = 2
patch_dhw = [16, 32, 16]
stem = [2, 2, 2]
dims = [8, 8, 8, 8]
depths = [1, 1, 1, 1]
decoder_depths = [1, 1, 1]
feature_size = 4
projection = [4, 4, 4, 4]
decoder_projection = 4
deep_supervision = true
[grid]
spacing_dhw = [1.0, 1.0, 1.0]
normalization = { scheme = "percentile", lower = 0.5, upper = 99.5 }
tiling = { scheme = "nnunet-v1", step = 0.5, sigmaScale = 0.125 }
[data]
kind = "pairs"
images = "boxes/*_scan.nii.gz"
label_path = ["_scan", "_labels"]
validation = ["b_scan"]
[development]
about = "One box, which chose when to stop."
[test]
images = ["locked/c_scan.nii.gz"]
label_path = ["_scan", "_labels"]
about = "One box that chose nothing."
map = { "7-8" = 1 }
[augmentation]
degrees_zyx = [0, 0, 0]
scale = [1, 1]
bend = 0.0
shift = [0, 0, 0]
[training]
seed = 1
steps = 2
cooldown = 1
batch = 2
workers = 0
learning_rate = 1e-3
weight_decay = 1e-3
validate_every = 2
[[labels]]
name = "box"
from = [1]
color = [255, 0, 0]
"""


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with one configuration, and scans of boxes beside it."""
    for place, id_ in (("boxes/a", 1), ("boxes/b", 1), ("locked/c", 7)):
        labels = np.zeros((16, 16, 16), np.uint8)
        labels[4:12, 4:12, 4:12] = id_
        labels[0, 0, 0] = 9
        image = labels.astype(np.float32) + np.random.default_rng(0).random(labels.shape, np.float32)
        file = tmp_path / "shared" / "data" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        for kind, array in (("scan", image), ("labels", labels)):
            nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), f"{file}_{kind}.nii.gz")
    config = tmp_path / "repository" / "scripts" / "export-onnx" / "configs" / "tiny.toml"
    config.parent.mkdir(parents=True)
    config.write_text(CONFIG)
    monkeypatch.chdir(tmp_path / "repository")
    return tmp_path / "repository"


def run(line: str, monkeypatch) -> None:
    """One command of a card, in this process."""
    python, option, module, *arguments = shlex.split(line)
    assert (python, option) == ("python", "-m")
    monkeypatch.setattr("sys.argv", [module, *arguments])
    assert importlib.import_module(module).main() == 0, line


def printed(text: str) -> list[str]:
    """The commands of a card's training section."""
    return re.findall(r"```\n(.*?)```", text.split("## Training")[1], re.DOTALL)[0].splitlines()


def test_a_cards_commands_run_as_printed_and_give_the_card_again(repository, monkeypatch):
    """The last once failed: the figures at hand were of the weights before, and nothing measured the new ones."""
    folder = repository / "public" / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / manifest.EVALUATION).write_text('{"weightsSha256": "those before"}')
    recipe = card.commands({"name": "tiny", "development": "", "test": ""})
    for line in recipe:
        run(line, monkeypatch)
    text = (folder / card.CARD).read_text()
    assert printed(text) == recipe
    for words in ("2 steps", "One box that chose nothing.", "One box, which chose when to stop."):
        assert words in text
    assert "Not measured yet" not in text
    assert [entry["scan"] for entry in manifest.read(folder)["evaluation"]] == ["c_scan.nii.gz (test)"]


def test_words_come_from_the_configuration_and_weights_and_figures_stay(tmp_path, monkeypatch, capsys):
    config, folder = tmp_path / "tiny.toml", tmp_path / "tiny"
    config.write_text(CONFIG)
    folder.mkdir()
    piece = {"file": "model.onnx", "bytes": 1, "sha256": "ab" * 32}
    weights = {"precision": "fp16", "bytes": 1, "sha256": "ab" * 32, "files": [piece]}
    figures = [{"scan": "a", "command": "b", "dice": {"box": 0.5}}]
    answer = {"weights": weights["sha256"], "logits": [0.5] * 200}
    before = describe.describe(configuration.load(config), weights, figures, answer)
    manifest.write(folder, before)
    config.write_text(CONFIG.replace('limitations = "Many."', 'limitations = "One."'))
    command = f"python -m unetrpp.card {folder} --config {config}"
    run(command, monkeypatch)
    assert manifest.read(folder) == json.loads(json.dumps(before)) | {"limitations": "One."}
    assert "Limits: One." in (folder / card.CARD).read_text()
    config.write_text(CONFIG.replace("spacing_dhw = [1.0, 1.0, 1.0]", "spacing_dhw = [2.0, 1.0, 1.0]"))
    with pytest.raises(AssertionError):
        run(command, monkeypatch)
    assert "another pipeline than the configuration" in capsys.readouterr().err


@pytest.mark.parametrize("path", sorted((ROOT / "public" / "models").glob("*/model.json")), ids=lambda p: p.parent.name)
def test_every_shipped_card_measures_after_it_exports_and_before_it_writes_the_card(path):
    lines = printed(path.with_name(card.CARD).read_text())
    modules = [line.split("unetrpp.")[1].split()[0] for line in lines if "unetrpp." in line]
    while modules[0] == "train":
        modules.pop(0)
    assert modules[0] == "export"
    assert modules[-1] == "card"
    assert set(modules[1:-1]) == {"evaluate"}
    assert all("--write" in line for line in lines if "unetrpp.evaluate" in line)
    for line in lines:
        for config in re.findall(r"scripts/\S+\.toml", line):
            assert (ROOT / config).is_file() or line.startswith("mkdir -p runs && git show")
