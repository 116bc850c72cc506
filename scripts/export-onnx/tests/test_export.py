"""Checkpoints in the published format: recognised, exported, verified, or refused with the reason."""

import collections
import copy
import dataclasses
import json
import math
import pathlib
import pickle
import zlib

import numpy as np
import onnx
import pytest
import torch
from reference_checkpoint import entries
from test_network import SMALL
from test_onnx_graph import FLAVOURS, random_network

from unetrpp import export as export_command
from unetrpp import verify as verify_command
from unetrpp.inference import manifest
from unetrpp.network import checkpoint as checkpoints
from unetrpp.network.variants import VARIANTS
from unetrpp.onnx import describe, onnx_graph
from unetrpp.published import describe as published
from unetrpp.published import plans
from unetrpp.training import config as configuration

CONFIGS = pathlib.Path(__file__).parents[1] / "configs"


def make_plans(config, **changes):
    """The entries of nnU-Net v1 plans that the pipeline reads, as its planner types them."""
    channels = range(config.in_channels)
    stage = {"patch_size": np.array(config.patch_dhw), "current_spacing": np.array([3.0, 0.76, 0.76]), "batch_size": 2}
    statistics = {"mean": np.float32(84.0), "sd": 141.0, "percentile_00_5": -958.0, "percentile_99_5": 326.0}
    return {
        "num_modalities": config.in_channels,
        "modalities": {i: "CT" for i in channels},
        "num_classes": config.num_classes - 1,
        "all_classes": list(range(1, config.num_classes)),
        "normalization_schemes": collections.OrderedDict((i, "CT") for i in channels),
        "use_mask_for_norm": collections.OrderedDict((i, False) for i in channels),
        "transpose_forward": [0, 1, 2],
        "transpose_backward": [0, 1, 2],
        "dataset_properties": {"intensityproperties": {i: statistics for i in channels}},
        "plans_per_stage": {0: {**stage, "current_spacing": np.array([6.0, 1.5, 1.5])}, 1: stage},
        "base_num_features": 16,
        **changes,
    }


def write_checkpoint(folder, network, plan, protocol=4):
    """model_final_checkpoint.model and .model.pkl as nnU-Net v1 writes them: its statistics are numpy numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    statistics = ([np.float64(0.1)], [np.float32(0.2)], [], [np.mean([1.0, 2.0])])
    nothing = {
        "epoch": 1000,
        "plot_stuff": statistics,
        "best_stuff": (np.float64(1), 2, None),
    }
    path = folder / "model_final_checkpoint.model"
    torch.save({"state_dict": network.state_dict(), "plot_stuff": statistics, **nothing}, path)
    info = {"init": ("plans.pkl", 0), "name": "unetr_pp_trainer_synapse", "class": "", "plans": plan}
    path.with_name(path.name + ".pkl").write_bytes(pickle.dumps(info, protocol))
    return path


def run(monkeypatch, capsys, *arguments):
    """Exit code and both outputs of the command."""
    monkeypatch.setattr("sys.argv", ["export", *map(str, arguments)])
    code = export_command.main()
    return code, *capsys.readouterr()


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_published_variant_is_recognised_from_names_and_shapes(variant):
    state = {}
    for entry in entries(variant):
        # Same storage for a tied tensor, a value of its own otherwise; expanded, so that it takes no memory.
        value = torch.tensor(float(zlib.crc32(entry.get("same_as", entry["name"]).encode())))
        state[entry["name"]] = value.expand(entry["shape"])
    sizes = [v.patch_dhw for v in VARIANTS.values()]
    config = checkpoints.recognise(state, sizes, "checkpoint")
    assert config == VARIANTS[variant]
    assert checkpoints.variant_of(config) == variant
    assert published.dataset_of(config) is published.DATASETS[variant]
    assert len(published.labels(config.num_classes, published.DATASETS[variant], None)) == config.num_classes


@pytest.mark.slow
@pytest.mark.parametrize(("flavour", "precision"), [*((flavour, "fp16") for flavour in FLAVOURS), ("synapse", "fp32")])
def test_a_checkpoint_of_every_flavour_becomes_a_folder_that_verifies(
    flavour, precision, tmp_path, monkeypatch, capsys
):
    config = FLAVOURS[flavour]
    write_checkpoint(tmp_path / "in", random_network(config), make_plans(config))
    code, out, err = run(
        monkeypatch, capsys, "--checkpoint", tmp_path / "in", "--out", tmp_path / "Own Model", f"--{precision}"
    )
    assert code == 0, out + err
    described = manifest.read(tmp_path / "Own Model")
    assert described["name"] == "own-model"
    assert manifest.network_config(described) == config
    assert described["weights"]["precision"] == precision
    assert described["pipeline"]["spacingDhw"] == [3.0, 0.76, 0.76]  # of the last stage
    assert described["pipeline"]["normalization"][0] == {
        "scheme": "CT", "mean": 84.0, "sd": 141.0, "lower": -958.0, "upper": 326.0, "useMask": False,
    }  # fmt: skip
    assert [label["name"] for label in described["labels"]] == ["background", "class 1", "class 2"]
    assert described["channels"][0]["hints"][0] == "_0000"
    monkeypatch.setattr("sys.argv", ["verify", str(tmp_path / "Own Model")])
    assert verify_command.main() == 0


def test_half_weights_keep_their_names_and_small_tensors_their_digits():
    network = random_network(SMALL)
    with torch.no_grad():
        network.decoder5.transp_conv.conv.weight *= 1e-7  # float16 has two digits left there
    full, half = onnx_graph.build(network), onnx_graph.halve(onnx_graph.build(network))
    types = {t.name: t.data_type for t in half.graph.initializer}
    names = {name.removesuffix(".fp16") for name in types}
    assert names == {t.name for t in full.graph.initializer}
    halves = {name for name, kind in types.items() if kind == onnx.TensorProto.FLOAT16}
    assert halves == {name for name in types if name.endswith(".fp16")}
    assert "unetr_pp_encoder.stages.3.0.conv8.1.weight" not in types
    assert types["decoder5.transp_conv.conv.weight"] == onnx.TensorProto.FLOAT
    assert all(math.prod(t.dims) >= 1024 for t in half.graph.initializer if t.name in halves)
    stored = onnx_graph.load_network(half.SerializeToString(), SMALL).state_dict()
    name = "unetr_pp_encoder.stages.3.0.conv8.1.weight"
    torch.testing.assert_close(stored[name], network.state_dict()[name].half().float(), rtol=0, atol=0)
    assert half.ByteSize() < 0.65 * full.ByteSize()


def test_large_weights_are_cut_and_a_damaged_or_swapped_piece_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(manifest, "PIECE_BYTES", 1000)
    content = np.random.default_rng(0).bytes(2500)
    (tmp_path / "model.onnx.7").write_bytes(b"left over from a larger model")
    weights = manifest.write_weights(tmp_path, content, "fp16")
    assert [entry["bytes"] for entry in weights["files"]] == [1000, 1000, 500]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.onnx.0", "model.onnx.1", "model.onnx.2"]
    assert manifest.read_weights(tmp_path, {"weights": weights}) == content
    swapped = {**weights, "files": weights["files"][::-1]}
    with pytest.raises(manifest.ManifestError, match="another order"):
        manifest.read_weights(tmp_path, {"weights": swapped})
    (tmp_path / "model.onnx.1").write_bytes(b"x" * 1000)
    with pytest.raises(manifest.ManifestError, match=r"model\.onnx\.1: 1000 bytes with sha256"):
        manifest.read_weights(tmp_path, {"weights": weights})
    (tmp_path / "model.onnx.1").unlink()
    with pytest.raises(manifest.ManifestError, match=r"model\.onnx\.1 is missing"):
        manifest.read_weights(tmp_path, {"weights": weights})


def without(plan, name):
    return {key: value for key, value in plan.items() if key != name}


def broken_state(change):
    """SMALL's tensors with one change."""
    state = dict(random_network(SMALL).state_dict())
    change(state)
    return state


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda s: s.pop("unetr_pp_encoder.stages.1.0.conv51.norm2.bias"), r"lacks the tensor .*conv51\.norm2\.bias"),
        (lambda s: s.pop("out1.conv.conv.weight"), r"lacks the tensor out1\.conv\.conv\.weight: it is not a UNETR"),
        (lambda s: s.update(extra=torch.zeros(2)), "1 tensors this network does not, the first is extra"),
        (
            lambda s: s.update({"encoder1.conv2.conv.weight": torch.zeros(4, 4, 1, 3, 3)}),
            r"encoder1\.conv2\.conv\.weight has shape \(4, 4, 1, 3, 3\), the configuration gives \(4, 4, 3, 3, 3\)",
        ),
        (
            lambda s: s.update({"out1.conv.conv.bias": torch.tensor([0.0, math.nan, 0.0])}),
            r"out1\.conv\.conv\.bias contains NaN",
        ),
        (
            lambda s: s.update({"unetr_pp_encoder.stages.0.0.pos_embed": torch.zeros(1, 5, 8)}),
            "has 5 tokens, so a patch has 40 voxels; none of the patch sizes",
        ),
    ],
)  # fmt: skip
def test_tensors_that_do_not_fit_are_refused_by_name(change, named):
    state = broken_state(change)
    with pytest.raises(checkpoints.CheckpointError, match=named):
        checkpoints.build_network(state, checkpoints.recognise(state, [SMALL.patch_dhw], "file"), "file")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda p: without(p, "normalization_schemes"), "lack the entry 'normalization_schemes'"),
        (lambda p: p | {"normalization_schemes": {0: "RGB"}}, r"normalization_schemes\[0\] is 'RGB'"),
        (lambda p: p | {"dataset_properties": {"intensityproperties": None}}, r"intensityproperties has no entry"),
        (lambda p: p | {"transpose_backward": [1, 2, 0]}, "do not undo each other"),
        (lambda p: p | {"preprocessor_name": "PreprocessorFor2D"}, "preprocessor_name is 'PreprocessorFor2D'"),
        (lambda p: p | {"all_classes": [1, 4], "num_classes": 2}, r"'all_classes' is \[1, 4\]"),
        (
            lambda p: p | {"plans_per_stage": {0: {"patch_size": [64, 64], "current_spacing": [1, 1]}}},
            r"'current_spacing' is \[1, 1\]; three numbers were expected",
        ),
        (
            lambda p: p | {"segmentation_export_params": {"interpolation_order": 2, "interpolation_order_z": 0}},
            r"spline orders \(2, 0\)",
        ),
    ],
)  # fmt: skip
def test_plan_entries_that_are_not_supported_are_refused_by_name(change, named):
    plan = change(make_plans(SMALL))
    with pytest.raises(plans.PlanError, match=named):
        (plans.pipeline(plan), plans.classes(plan))


def test_plans_of_another_network_are_refused(tmp_path, monkeypatch, capsys):
    plan = make_plans(dataclasses.replace(SMALL, num_classes=5))
    write_checkpoint(tmp_path / "in", random_network(SMALL), plan)
    code, _, err = run(monkeypatch, capsys, "--checkpoint", tmp_path / "in", "--out", tmp_path / "out")
    assert code == 1
    assert "5 classes with background, the checkpoint has 1 and 3" in err


def test_transposes_masks_and_export_parameters_reach_the_manifest():
    plan = make_plans(
        dataclasses.replace(SMALL, in_channels=2), transpose_forward=[1, 2, 0], transpose_backward=[2, 0, 1],
        normalization_schemes={0: "nonCT", 1: "CT2"}, use_mask_for_norm={0: True, 1: False},
        preprocessor_name="Preprocessor3DDifferentResampling",
        segmentation_export_params={"force_separate_z": True, "interpolation_order": 3, "interpolation_order_z": 1},
    )  # fmt: skip
    described = plans.pipeline(plan)
    assert (described["transposeForward"], described["transposeBackward"]) == ([1, 2, 0], [2, 0, 1])
    assert described["normalization"] == [
        {"scheme": "nonCT", "useMask": True},
        {"scheme": "CT2", "lower": -958.0, "upper": 326.0, "useMask": False},
    ]
    assert described["resampling"] == {
        "image": {"order": 3, "orderZ": 3, "separateZ": "auto"},
        "output": {"order": 3, "orderZ": 1, "separateZ": "always"},
        "anisotropyThreshold": 3,
    }


@pytest.mark.parametrize("protocol", [2, 4])
def test_plain_pickles_are_read_whatever_their_protocol(protocol, tmp_path):
    path = write_checkpoint(tmp_path, random_network(SMALL), make_plans(SMALL), protocol)
    read = plans.load(path.with_name(path.name + ".pkl"))
    assert plans.patch_size(read) == SMALL.patch_dhw
    assert plans.pipeline(read) == plans.pipeline(make_plans(SMALL))


class Payload:
    """Runs `print` while it is unpickled."""

    def __reduce__(self):
        return print, ("code ran while a file was read",)


def test_a_pickle_with_code_is_refused_by_class_and_never_runs(tmp_path, monkeypatch, capsys):
    path = write_checkpoint(tmp_path / "in", random_network(SMALL), make_plans(SMALL, note=Payload()))
    code, out, err = run(monkeypatch, capsys, "--checkpoint", path, "--out", tmp_path / "out")
    assert (code, out) == (1, "")
    assert "builtins.print, which is code" in err
    assert "--trust-pickle" in err
    code, out, _ = run(monkeypatch, capsys, "--checkpoint", path, "--out", tmp_path / "out", "--trust-pickle")
    assert code == 0
    assert "code ran" in out


def test_a_checkpoint_with_code_is_refused_by_class_and_never_runs(tmp_path, capsys):
    path = tmp_path / "model_final_checkpoint.model"
    torch.save({"state_dict": random_network(SMALL).state_dict(), "note": Payload()}, path)
    with pytest.raises(checkpoints.CheckpointError, match=r"print.*--trust-pickle"):
        checkpoints.load_state(path)
    assert capsys.readouterr().out == ""


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path):
    (tmp_path / "model_best.model").write_bytes(b"not a checkpoint at all")
    with pytest.raises(checkpoints.CheckpointError, match=r"model_best\.model is not"):
        checkpoints.load_state(checkpoints.find(tmp_path))
    with pytest.raises(checkpoints.CheckpointError, match=r"holds none of model_final_checkpoint\.model"):
        checkpoints.find(tmp_path / "..")


def test_own_label_names_come_from_dataset_json(tmp_path, monkeypatch, capsys):
    write_checkpoint(tmp_path / "in", random_network(SMALL), make_plans(SMALL))
    described = {"labels": {"0": "background", "1": "Liver", "2": "cyst"}}
    (tmp_path / "dataset.json").write_text(json.dumps(described))
    arguments = [
        "--checkpoint",
        tmp_path / "in",
        "--out",
        tmp_path / "out",
        "--dataset-json",
        tmp_path / "dataset.json",
    ]
    assert run(monkeypatch, capsys, *arguments)[0] == 0
    assert [label["name"] for label in manifest.read(tmp_path / "out")["labels"]] == ["background", "Liver", "cyst"]
    described["labels"]["3"] = "one too many"
    (tmp_path / "dataset.json").write_text(json.dumps(described))
    code, _, err = run(monkeypatch, capsys, *arguments)
    assert code == 1
    assert "names labels [0, 1, 2, 3]" in err


def test_brats_says_which_scan_is_which_and_carries_its_regions():
    config = VARIANTS["tumor"]
    names = ["FLAIR", "T1w", "t1gd", "T2w"]
    described = published.describe(
        config, published.dataset_of(config), names, None, copy.deepcopy({"normalization": []})
    )
    assert [channel["name"] for channel in described["channels"]] == names
    assert all("t1ce" in channel["hints"] for channel in described["channels"] if channel["name"] == "t1gd")
    assert {r["name"]: r["labels"] for r in described["regions"]} == {
        "whole tumour": [1, 2, 3], "tumour core": [2, 3], "enhancing tumour": [3],
    }  # fmt: skip


@pytest.mark.parametrize("config", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_a_bundled_model_says_what_its_configuration_says(config):
    shipped = manifest.read(CONFIGS.parents[2] / "public" / "models" / config.stem)
    described = describe.describe(
        configuration.load(config), shipped["weights"], shipped["evaluation"], shipped["selfTest"]
    )
    assert json.loads(json.dumps(described)) == shipped
