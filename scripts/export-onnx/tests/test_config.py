"""What a configuration may say: every entry by name and type, and sentences for what it may not."""

import dataclasses
import importlib
import pathlib
import re

import pytest

from unetrpp.config.tables import ConfigError
from unetrpp.data.sources.registry import SOURCES
from unetrpp.data.torso import RealScan
from unetrpp.training import config as configuration

CONFIGS = pathlib.Path(__file__).parents[1] / "configs"


def changed(tmp_path, name, old, new):
    """One of our configurations with a line changed."""
    text = (CONFIGS / f"{name}.toml").read_text()
    assert old in text
    file = tmp_path / "c.toml"
    file.write_text(text.replace(old, new, 1))
    return file


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("brain-mri-lite", "learning_rate", "lerning_rate", '[training] has "lerning_rate"*"learning_rate"'),
        ("brain-mri-lite", "\nfolder", "\nfoldr", '[data] has "foldr"*"folder"'),
        ("brain-mri-lite", "\nspacing_dhw", "\nspacing_dwh", '[grid] has "spacing_dwh"*"spacing_dhw"'),
        ("brain-mri-lite", "margin_mm", "margin", '[grid] first_look has "margin"*"margin_mm"'),
        ("brain-mri-lite", "sigmaScale", "sigma_scale", '[grid] tiling has "sigma_scale"*"sigmaScale"'),
        ("brain-mri-lite", "\nstem", "\nsteem", '[network] has "steem"*"stem"'),
        ("brain-mri-lite", "\nleast_ml", "\nleast_mm", '[[labels]] 1 has "least_mm"*"least_ml"'),
        ("brain-mri-lite", "\nlicense", "\nlicence", 'has "licence"*"license"'),
        ("brain-mri-lite", "\n[training]", "\n[trainning]", 'has "trainning"*"training"'),
        ("brain-mri-lite", "\n[training]", "\n[xyz]", 'has "xyz"*it knows *"'[:-1]),
        ("hippocampus", "\nscale", "\nskale", '[augmentation] has "skale"*"scale"'),
        ("abdomen-ct", "\nlabelled = [1", "\nlabeled = [1", '[data] real has "labeled"*"labelled"'),
        ("abdomen-ct", "map = {", "mapp = {", '[test] has "mapp"*"map"'),
        ("abdomen-ct", 'source = "Was', 'sauce = "Was', 'training_data has "sauce"*"source"'),
        ("hippocampus", "seed = 2026", 'seed = "2026"', "[training] seed = '2026'; a whole number"),
        ("hippocampus", "batch = 4", "batch = 4.5", "[training] batch = 4.5; a whole number"),
        ("hippocampus", "steps = 850", "steps = true", "[training] steps = True; a whole number"),
        ("hippocampus", "mirror_x = true", "mirror_x = 1", "[augmentation] mirror_x = 1; true or false"),
        ("hippocampus", "[1.0, 1.0, 1.0]", "[1.0, 1.0]", "[grid] spacing_dhw = [1.0, 1.0]; a list of 3, each a number"),
        ("hippocampus", '"percentile"', '"percentiles"', '[grid] normalization scheme*one of "percentile", "range"'),
        ("hippocampus", 'modality = "MR"', 'modality = "PET"', 'modality = \'PET\'; one of "CT", "MR"'),
        ("hippocampus", "color = [220, 216, 20]", "color = [220, 216]", "[[labels]] 1 color"),
        ("hippocampus", 'kind = "pairs"', 'kind = "pears"', '[data] kind = "pears" is unknown*"pairs"'),
        ("hippocampus", "\nseed = 2026", "", '[training] lacks "seed"'),
        ("hippocampus", "patch_dhw = [32", "patch_dhw = [33", "[network]: patch_dhw[0] = 33 must be a multiple"),
        ("abdomen-ct", '"53-60"', '"53-6x"', 'background*"53-6x" is no id'),
        ("abdomen-ct", '{ "1" = 6', '{ "one" = 6', '[test] map*"one" is no id'),
        ("hippocampus", "seed = 2026", "seed = ", "is no TOML"),
    ],
)
def test_what_nothing_reads_or_is_of_another_type_is_refused_by_section_and_name(tmp_path, name, old, new, said):
    """A misspelt entry would leave a default in place, and nobody would know."""
    file = changed(tmp_path, name, old, new)
    with pytest.raises(ConfigError, match=".*".join(map(re.escape, said.split("*")))) as refusal:
        configuration.load(file)
    assert str(refusal.value).startswith(str(file))


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("train", ["{config}", "--data", "{data}"]),
        ("pack", ["{config}", "--data", "{data}", "--out", "{data}/pack"]),
        ("evaluate", ["model", "--test", "{config}", "--data", "{data}"]),
        ("export", ["--checkpoint", "{config}", "--config", "{config}", "--out", "{data}/model"]),
    ],
)
def test_commands_refuse_it_with_one_sentence(tmp_path, monkeypatch, capsys, command, arguments):
    file = changed(tmp_path, "hippocampus", "learning_rate", "lerning_rate")
    words = [word.format(config=file, data=tmp_path) for word in arguments]
    monkeypatch.setattr("sys.argv", [command, *words])
    assert importlib.import_module(f"unetrpp.{command}").main() == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert 'did you mean "learning_rate"?' in said
    assert list(tmp_path.iterdir()) == [file]


def test_numbers_stay_as_they_are_written():
    """model.json says -200 and not -200.0, so that its bytes are those that were measured."""
    model = configuration.load(CONFIGS / "abdomen-ct.toml")
    assert [repr(value) for value in model.grid.normalization.as_manifest().values()] == ["'range'", "-200", "300"]
    assert repr(model.grid.spacing_dhw) == "(3.0, 3.0, 3.0)"


def test_nested_tables_are_data_classes():
    model = configuration.load(CONFIGS / "abdomen-ct.toml")
    assert all(isinstance(scan, RealScan) for scan in model.data.real)
    assert [scan.labelled for scan in model.data.real] == [(1, 2, 3, 5, 6)] * 3 + [None]
    assert model.card.extent_mm.as_manifest() == {"atLeastXyz": [240, 180, 30]}


@pytest.mark.parametrize("kind", SOURCES)
def test_every_kind_of_training_data_has_a_section_and_says_what_its_maps_are_made_of(kind):
    source = SOURCES[kind]
    assert "kind" in {field.name for field in dataclasses.fields(source.section)}
    assert all(map(dataclasses.is_dataclass, source.map_types))
    assert callable(source.loss)
