"""The rooms of the package: imports point down, no circles, and inference needs no PyTorch."""

import ast
import graphlib
import os
import pathlib
import subprocess
import sys

import nibabel
import numpy as np
import pytest
import test_predict

from unetrpp.onnx import describe

scan = test_predict.scan
PACKAGE = pathlib.Path(__file__).parents[1] / "unetrpp"
ROOMS = ("network", "config", "inference", "onnx", "published", "data", "training", "evaluation")
"""The ground first: a room may import those before it. Commands, at the package's top, may import all."""
MODULES = {
    ".".join(file.relative_to(PACKAGE).with_suffix("").parts): file
    for file in PACKAGE.rglob("*.py")
    if file.name != "__init__.py"
}


def imports(module: str) -> set[str]:
    """What a module imports of this package: at its top, within functions and for types alone."""
    room, found = module.split(".")[:-1], set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            source = room[: len(room) + 1 - node.level] + (node.module.split(".") if node.module else [])
            named = {".".join((*source, alias.name)) for alias in node.names}
            found |= {name if name in MODULES else ".".join(source) for name in named}
    return found


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_point_to_rooms_below(module):
    if "." not in module:
        return  # a command
    place = ROOMS.index(module.split(".")[0])
    for other in imports(module):
        assert other in MODULES, f"{module} imports {other}, which is no module"
        assert "." in other, f"{module} imports the command {other}"
        assert ROOMS.index(other.split(".")[0]) <= place, f"{module} imports {other}, which lies above it"


def test_no_modules_import_each_other_in_a_circle():
    graphlib.TopologicalSorter({module: imports(module) for module in MODULES}).prepare()


def test_no_file_is_longer_than_400_lines():
    for file in (*PACKAGE.rglob("*.py"), *pathlib.Path(__file__).parent.glob("*.py")):
        assert len(file.read_text().splitlines()) <= 400, file


WITHOUT_TORCH = """
import importlib, runpy, sys
class Refuses:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torch":
            raise ModuleNotFoundError("There is no PyTorch here.", name=name)
sys.meta_path.insert(0, Refuses())
for module in sys.argv.pop(1).split(","):
    importlib.import_module(module)
try:
    import torch
except ModuleNotFoundError:
    runpy.run_module("unetrpp.predict", run_name="__main__", alter_sys=True)
else:
    sys.exit("PyTorch is there.")
"""


@pytest.mark.parametrize("scheme", test_predict.PIPELINES)
def test_scans_are_segmented_where_pytorch_cannot_be_imported(tmp_path, scan, scheme):
    """Masks alone should not cost anybody the installation of PyTorch."""
    folder = test_predict.write_model(tmp_path / "model", scheme)
    describe.complete(folder)
    image, mask = test_predict.write_scan(tmp_path / "scan.nii.gz", scan), tmp_path / "mask.nii.gz"
    modules = ",".join(f"unetrpp.{name}" for name in MODULES if name.startswith(("inference.", "config.")))
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, modules, str(folder), str(image), "--out", str(mask)],
        cwd=PACKAGE.parent, text=True, capture_output=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    np.testing.assert_array_equal(np.asarray(nibabel.load(mask).dataobj), scan > 0.5)
