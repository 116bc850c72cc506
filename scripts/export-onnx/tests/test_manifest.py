"""model.json against the page's schema."""

import copy
import json
import pathlib

import pytest

from unetrpp.inference import manifest

MODELS = sorted((pathlib.Path(__file__).parents[3] / "public/models").glob("*/model.json"))
VALID = json.loads(MODELS[0].read_text())


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.parent.name)
def test_the_models_that_come_with_the_page_are_valid(path):
    assert manifest.read(path.parent)["name"] == path.parent.name


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda m: m.update(modality="PET"), '"modality" is wrong'),
        (lambda m: m.pop("labels"), "'labels' is a required property"),
        (lambda m: m["labels"][1].update(id="one"), '"labels.1.id" is wrong'),
        (lambda m: m["pipeline"].update(spacingDhw=[1, 1]), '"pipeline.spacingDhw" is wrong'),
        (lambda m: m["pipeline"].update(spacing=[1, 1, 1]), "'spacing' was unexpected"),
        (lambda m: m.pop("weights"), "'weights' is a required property"),
    ],
)
def test_a_wrong_field_is_named(change, named, tmp_path):
    wrong = copy.deepcopy(VALID)
    change(wrong)
    with pytest.raises(manifest.ManifestError, match=named):
        manifest.write(tmp_path, wrong)
    assert not list(tmp_path.iterdir())
    (tmp_path / "model.json").write_text(json.dumps(wrong))
    with pytest.raises(manifest.ManifestError, match=named):
        manifest.read(tmp_path)
