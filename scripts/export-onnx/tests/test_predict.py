"""The command: files in, mask out, for every scheme; channels by name; refusals."""

import json

import nibabel
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from unetrpp import manifest as manifest_command
from unetrpp import predict as predict_command
from unetrpp.inference import manifest, runtime, segmentation
from unetrpp.onnx import describe

PATCH = [8, 8, 8]
NNUNET = {
    "transposeForward": [0, 1, 2], "transposeBackward": [0, 1, 2], "spacingDhw": [1.0, 1.0, 1.0],
    "resampling": {
        "image": {"order": 3, "orderZ": 0, "separateZ": "auto"},
        "output": {"order": 1, "orderZ": 0, "separateZ": "auto"}, "anisotropyThreshold": 3,
    },
    "tiling": {"step": 0.5, "sigmaScale": 0.125}, "mirroring": {"axes": [0, 1, 2], "byDefault": False},
}  # fmt: skip
PIPELINES = {
    "nnunet-v1": NNUNET | {"normalization": [{"scheme": "noNorm"}]},
    "nnunet-v2": NNUNET | {"normalization": [{"scheme": "No"}]},
    "monai": {
        "axcodes": "RAS", "spacingDhw": [1.0, 1.0, 1.0], "interpolation": {"image": "linear", "output": "linear"},
        "intensity": {"scheme": "none"}, "tiling": {"overlap": 0.5, "mode": "gaussian"},
    },
    "organscope-v1": {
        "spacingDhw": [1.0, 1.0, 1.0], "orientation": "RAS", "tiling": {"step": 0.5, "sigmaScale": 0.125},
        "normalization": {"scheme": "percentile", "lower": 0, "upper": 100},
    },
}  # fmt: skip


def threshold_network(channels=1, at=0.5):
    """An ONNX file: logits (at - x, x - at) of the sum of the channels."""
    shape = [1, channels, *PATCH]
    nodes = [
        helper.make_node("ReduceSum", ["scan", "axis"], ["sum"], keepdims=1),
        helper.make_node("Sub", ["sum", "at"], ["above"]),
        helper.make_node("Neg", ["above"], ["below"]),
        helper.make_node("Concat", ["below", "above"], ["logits"], axis=1),
    ]
    tensors = [
        onnx.numpy_helper.from_array(np.array([1], np.int64), "axis"),
        onnx.numpy_helper.from_array(np.array(at, np.float32), "at"),
    ]
    graph = helper.make_graph(
        nodes, "threshold", [helper.make_tensor_value_info("scan", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 2, *PATCH])], tensors,
    )  # fmt: skip
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])


def write_model(folder, scheme, channels=("CT",), **changes):
    """A folder as a person would make it: model.onnx and a manifest without `weights`."""
    folder.mkdir()
    onnx.save(threshold_network(len(channels)), folder / "model.onnx")
    pipeline = {"scheme": scheme, **PIPELINES[scheme]}
    if scheme.startswith("nnunet"):
        pipeline["normalization"] = pipeline["normalization"] * len(channels)
    described = {
        "format": "organscope-model", "formatVersion": 2, "name": "own", "title": "Own", "version": "1",
        "task": "segmentation", "modality": "CT", "license": "none", "patchDhw": PATCH, "pipeline": pipeline,
        "channels": [{"name": name, "hints": [name.lower()]} for name in channels],
        "labels": [
            {"id": 0, "name": "background", "color": [0, 0, 0]}, {"id": 1, "name": "bright", "color": [255, 0, 0]},
        ],
        **changes,
    }  # fmt: skip
    (folder / "model.json").write_text(json.dumps(described))
    return folder


def write_scan(path, data, affine=None):
    nibabel.save(nibabel.Nifti1Image(data, np.diag([-1.0, -1, 1, 1]) if affine is None else affine), path)
    return path


@pytest.fixture
def scan():
    """Positive everywhere (so that no scheme crops), with a bright block off the centre."""
    data = np.random.default_rng(0).uniform(0.05, 0.2, (13, 9, 11)).astype(np.float32)
    data[2:9, 1:6, 3:10] += 0.7
    data[0, 0, 0], data[12, 8, 10] = 0, 1  # organscope-v1 maps the range to [0, 1]
    return data


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["predict", *map(str, arguments)])
    return predict_command.main()


@pytest.mark.parametrize("scheme", PIPELINES)
def test_every_scheme_gives_a_mask_on_the_scans_grid(scheme, scan, tmp_path, monkeypatch, capsys):
    folder = write_model(tmp_path / "model", scheme)
    describe.complete(folder)
    affine = np.diag([-1.0, -1, 1, 1])
    affine[:3, 3] = [5, 6, -7]
    image = write_scan(tmp_path / "scan.nii.gz", scan, affine)
    assert run(monkeypatch, folder, image, "--out", tmp_path / "m.nii.gz", "--stages", tmp_path / "stages") == 0
    mask = nibabel.load(tmp_path / "m.nii.gz")
    np.testing.assert_array_equal(np.asarray(mask.dataobj), scan > 0.5)
    np.testing.assert_array_equal(mask.affine, affine)
    assert mask.get_data_dtype() == np.uint8
    assert "bright" in capsys.readouterr().out
    stages = [entry["stage"] for entry in json.loads((tmp_path / "stages/stages.json").read_text())]
    assert stages[0] == "read"
    assert stages[-1] == "labels"
    assert {"first-window", "last-window", "blended"} < set(stages)
    np.testing.assert_array_equal(np.load(tmp_path / "stages/labels.npy"), (scan > 0.5).transpose(2, 1, 0))


@pytest.mark.parametrize("scheme", PIPELINES)
def test_every_scheme_dissolves_islands_below_the_least_size_in_millilitres(scheme, scan, tmp_path):
    folder = write_model(tmp_path / "model", scheme)
    description = describe.complete(folder)
    network = runtime.onnx_network(manifest.read_weights(folder, description))
    channels, affine = scan.transpose(2, 1, 0)[None], np.diag([-1.0, -1, 1, 1])
    for least, corner in ((0.001, 1), (0.0011, 0)):  # one voxel, 0.001 ml, lies bright in a corner
        description["labels"][1]["leastMl"] = least
        mask = segmentation.segment(channels, affine, description, network)
        assert mask[-1, -1, -1] == corner
        assert mask.sum() == 7 * 5 * 7 + corner


def test_mirroring_of_a_voxelwise_network_changes_nothing(scan, tmp_path, monkeypatch):
    folder = write_model(tmp_path / "model", "nnunet-v1")
    describe.complete(folder)
    image = write_scan(tmp_path / "scan.nii.gz", scan)
    assert run(monkeypatch, folder, image, "--out", tmp_path / "m.nii.gz", "--mirror") == 0
    np.testing.assert_array_equal(np.asarray(nibabel.load(tmp_path / "m.nii.gz").dataobj), scan > 0.5)


def test_a_model_mirrors_as_it_says_unless_asked(scan, tmp_path):
    folder = write_model(tmp_path / "model", "organscope-v1")
    description = describe.complete(folder)
    network = runtime.onnx_network(manifest.read_weights(folder, description))
    runs = []

    def counted(patch):
        runs.append(patch)
        return network(patch)

    def count(by_default, mirror=None):
        runs.clear()
        description["pipeline"]["mirroring"] = {"axes": [2], "exchange": [], "byDefault": by_default}
        mask = segmentation.segment(
            scan.transpose(2, 1, 0)[None], np.diag([-1.0, -1, 1, 1]), description, counted, mirror
        )
        np.testing.assert_array_equal(mask.transpose(2, 1, 0), scan > 0.5)
        return len(runs)

    once = count(False)
    assert [count(True), count(True, False), count(False, True)] == [2 * once, once, 2 * once]


def test_files_find_their_channel_by_the_longest_hint():
    channels = [
        {"name": "FLAIR", "hints": ["_0000", "flair"]}, {"name": "T1", "hints": ["_0001", "t1"]},
        {"name": "T1ce", "hints": ["_0002", "t1ce"]},
    ]  # fmt: skip
    paths = [segmentation.pathlib.Path(f"case_{name}.nii.gz") for name in ("T1ce", "t1", "Flair")]
    assert [p.name for p in segmentation.assign(paths, channels)] == [
        "case_Flair.nii.gz", "case_t1.nii.gz", "case_T1ce.nii.gz",
    ]  # fmt: skip
    unnamed = [segmentation.pathlib.Path(name) for name in ("a.nii", "b.nii", "c.nii")]
    assert segmentation.assign(unnamed, channels) == unnamed


@pytest.mark.parametrize(
    ("second", "affine", "named"),
    [
        (np.ones((13, 9, 10), np.float32), None, "(13, 9, 10) voxels"),
        (np.ones((13, 9, 11), np.float32), np.diag([-1.0, -1, 1.2, 1]), "lie up to 2.00 mm apart"),
    ],
)
def test_channels_on_different_grids_are_refused(second, affine, named, scan, tmp_path, monkeypatch, capsys):
    folder = write_model(tmp_path / "model", "nnunet-v1", channels=("T1", "T2"))
    describe.complete(folder)
    images = [write_scan(tmp_path / "t1.nii", scan), write_scan(tmp_path / "t2.nii", second, affine)]
    assert run(monkeypatch, folder, *images, "--out", tmp_path / "m.nii") == 1
    assert named in capsys.readouterr().err
    assert run(monkeypatch, folder, images[0], "--out", tmp_path / "m.nii") == 1
    assert "takes 2 scans (T1, T2), but 1 were given" in capsys.readouterr().err


def test_a_scan_of_zeros_is_refused(tmp_path, monkeypatch, capsys):
    folder = write_model(tmp_path / "model", "nnunet-v1")
    describe.complete(folder)
    image = write_scan(tmp_path / "scan.nii", np.zeros((9, 9, 9), np.float32))
    assert run(monkeypatch, folder, image, "--out", tmp_path / "m.nii") == 1
    assert "no voxel that is not 0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"patchDhw": [8, 8, 16]}, "input scan is [1, 1, 8, 8, 8] (0: any size), but channels and patchDhw"),
        ({"output": {"activation": "sigmoid", "regionOrder": [1]}}, "output logits is [1, 2, 8, 8, 8]"),
        ({"formatVersion": 1}, "formatVersion 1, this program reads 2"),
    ],
)
def test_completing_a_manifest_names_what_contradicts_the_network(changes, named, tmp_path, monkeypatch, capsys):
    folder = write_model(tmp_path / "model", "monai", **changes)
    monkeypatch.setattr("sys.argv", ["manifest", str(folder)])
    assert manifest_command.main() == 1
    assert named in capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (lambda ids: ids, True),
        (lambda ids: (ids > 0) * 255, True),
        (lambda ids: ids * 30, False),
        (lambda ids: ids - 1, False),
        (lambda ids: ids + 1, False),
        (lambda ids: ids * 0.5, False),
        (lambda ids: ids * 0, False),
        (lambda ids: np.random.default_rng(0).integers(0, 6, ids.shape), False),
    ],
)
def test_a_mask_is_no_scan(values, expected):
    ids = np.zeros((8, 9, 10), np.float32)
    ids[2:6, 2:6, 2:5], ids[2:6, 2:6, 5:9] = 1, 2
    scan = np.asarray(values(ids), np.float32)[None]
    description = {"modality": "MR", "extentMm": {}, "pipeline": {"scheme": "organscope-v1"}}
    codes = [warning.code for warning in segmentation.judge(["m.nii"], scan, np.eye(4), description)]
    assert ("label-map" in codes) is expected
