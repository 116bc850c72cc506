"""Reads nnU-Net v1 plans: the .model.pkl beside a published checkpoint, and what of it the pipeline needs.

A pickle can run code while it is read. `load` allows plain containers, numbers, strings and numpy arrays only.
"""

from __future__ import annotations

import collections
import pathlib
import pickle
from typing import Any

import numpy as np

ANISOTROPY_THRESHOLD = 3
"""nnU-Net v1's RESAMPLING_SEPARATE_Z_ANISO_THRESHOLD."""

ORDER_Z = {"GenericPreprocessor": 0, "Preprocessor3DDifferentResampling": 3}
"""Spline order across slices by preprocessor; everything else they do is the same."""

SCHEMES = {"CT": "CT", "CT2": "CT2", "noNorm": "noNorm"}
"""nnU-Net v1 treats every other name as nonCT; these are the ones it gives itself."""
NON_CT = ("nonCT", "MRI", "MR")


class PlanError(Exception):
    """The plans cannot be read or ask for something that is not supported; the message names the entry."""


class _PlainUnpickler(pickle.Unpickler):
    """Builds nothing but plain values and numpy arrays of them."""

    def __init__(self, file: Any, path: pathlib.Path):
        super().__init__(file)
        self.path = path

    def find_class(self, module: str, name: str) -> Any:
        plain = {"set": set, "frozenset": frozenset, "complex": complex, "bytearray": bytearray, "slice": slice}
        if module in ("builtins", "__builtin__") and name in plain:
            return plain[name]
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("_codecs", "encode"):
            return _latin1  # how protocol 2 writes the bytes of an array
        if module == "numpy" and name in ("ndarray", "dtype"):
            return getattr(np, name)
        # numpy.core became numpy._core; both are in pickles.
        if module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            if name == "_reconstruct":
                return np.empty(0).__reduce__()[0]
            if name == "scalar":
                return np.float64(0).__reduce__()[0]
        raise PlanError(
            f"{self.path} refers to {module}.{name}, which is code and not data. Reading it could run anything. If you "
            "know where the file comes from, repeat with --trust-pickle."
        )


def _latin1(text: str, encoding: str) -> bytes:
    if encoding not in ("latin1", "latin-1"):
        raise PlanError(f"A byte string in the plans is encoded as {encoding}; only latin1 is expected.")
    return text.encode("latin1")


def load(path: pathlib.Path, trust_pickle: bool = False) -> dict[str, Any]:
    """The plans dictionary in a .model.pkl (under 'plans') or a plans.pkl. Raises PlanError."""
    try:
        with path.open("rb") as file:
            content = pickle.load(file) if trust_pickle else _PlainUnpickler(file, path).load()
    except FileNotFoundError as error:
        raise PlanError(f"{path} does not exist. Name the plans with --plans.") from error
    except (pickle.UnpicklingError, EOFError, ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise PlanError(f"{path} is not a readable pickle: {error}.") from error
    plans = content.get("plans", content) if isinstance(content, dict) else None
    if not isinstance(plans, dict) or "plans_per_stage" not in plans:
        raise PlanError(f"{path} holds no nnU-Net v1 plans: there is no entry 'plans_per_stage'.")
    return plans


def _entry(plans: dict[str, Any], name: str) -> Any:
    if name not in plans:
        raise PlanError(f"The plans lack the entry '{name}'.")
    return plans[name]


def stage(plans: dict[str, Any]) -> dict[str, Any]:
    """The full-resolution stage: the last one, as the published trainers choose it."""
    stages = _entry(plans, "plans_per_stage")
    if not stages:
        raise PlanError("The plans' entry 'plans_per_stage' is empty.")
    return stages[max(stages)]


def triple(value: Any, name: str) -> list[float]:
    """Three numbers as a list, or PlanError naming the entry."""
    try:
        numbers = [float(v) for v in value]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) != 3:
        raise PlanError(
            f"The plans' entry '{name}' is {value!r}; three numbers were expected (2-D plans cannot be used)."
        )
    return numbers


def patch_size(plans: dict[str, Any]) -> tuple[int, int, int]:
    """Patch (D, H, W) that the plans give, after transpose_forward."""
    d, h, w = triple(_entry(stage(plans), "patch_size"), "patch_size")
    return int(d), int(h), int(w)


def modalities(plans: dict[str, Any]) -> list[str]:
    """Channel names in order."""
    names = _entry(plans, "modalities")
    return [str(names[i]) for i in range(int(_entry(plans, "num_modalities")))]


def classes(plans: dict[str, Any]) -> int:
    """Classes with background. Raises PlanError when labels do not count 1, 2, ...: masks hold class indices."""
    number = int(_entry(plans, "num_classes"))
    listed = [int(c) for c in plans.get("all_classes", range(1, number + 1)) if int(c) > 0]
    if listed != list(range(1, number + 1)):
        raise PlanError(f"The plans' entry 'all_classes' is {listed}; {number} classes must be 1 to {number}.")
    return number + 1


def _normalization(plans: dict[str, Any], channel: int) -> dict[str, Any]:
    scheme = _entry(plans, "normalization_schemes")[channel]
    use_mask = bool(_entry(plans, "use_mask_for_norm")[channel])
    if scheme in NON_CT:
        return {"scheme": "nonCT", "useMask": use_mask}
    if scheme not in SCHEMES:
        raise PlanError(
            f"normalization_schemes[{channel}] is '{scheme}', which is not supported (CT, CT2, nonCT, noNorm are)."
        )
    if scheme == "noNorm":
        return {"scheme": "noNorm"}
    statistics = (_entry(plans, "dataset_properties").get("intensityproperties") or {}).get(channel)
    if not statistics:
        raise PlanError(
            f"normalization_schemes[{channel}] is '{scheme}', but dataset_properties.intensityproperties has no entry "
            f"for channel {channel}."
        )
    names = {"mean": "mean", "sd": "sd", "lower": "percentile_00_5", "upper": "percentile_99_5"}
    wanted = ("mean", "sd", "lower", "upper") if scheme == "CT" else ("lower", "upper")
    missing = [names[name] for name in wanted if names[name] not in statistics]
    if missing:
        raise PlanError(f"dataset_properties.intensityproperties[{channel}] lacks '{missing[0]}'.")
    return {"scheme": scheme, **{name: float(statistics[names[name]]) for name in wanted}, "useMask": use_mask}


def _separate_z(force: Any) -> str:
    return {None: "auto", True: "always", False: "never"}[None if force is None else bool(force)]


def pipeline(plans: dict[str, Any]) -> dict[str, Any]:
    """The manifest's `pipeline` (scheme 'nnunet-v1') from plans. Raises PlanError for what it cannot express."""
    forward = [int(a) for a in plans.get("transpose_forward") or (0, 1, 2)]
    backward = [int(a) for a in plans.get("transpose_backward") or (0, 1, 2)]
    if sorted(forward) != [0, 1, 2] or [backward[a] for a in forward] != [0, 1, 2]:
        raise PlanError(f"transpose_forward {forward} and transpose_backward {backward} do not undo each other.")
    preprocessor = plans.get("preprocessor_name") or "GenericPreprocessor"
    if preprocessor not in ORDER_Z:
        raise PlanError(f"preprocessor_name is '{preprocessor}', which is not supported ({', '.join(ORDER_Z)} are).")
    back = plans.get("segmentation_export_params") or {}
    orders = (int(back.get("interpolation_order", 1)), int(back.get("interpolation_order_z", 0)))
    if not set(orders) <= {0, 1, 3}:
        raise PlanError(f"segmentation_export_params asks for spline orders {orders}; 0, 1 and 3 are supported.")
    channels = range(int(_entry(plans, "num_modalities")))
    return {
        "scheme": "nnunet-v1",
        "transposeForward": forward,
        "transposeBackward": backward,
        "spacingDhw": triple(_entry(stage(plans), "current_spacing"), "current_spacing"),
        "normalization": [_normalization(plans, channel) for channel in channels],
        "resampling": {
            "image": {"order": 3, "orderZ": ORDER_Z[preprocessor], "separateZ": "auto"},
            "output": {"order": orders[0], "orderZ": orders[1], "separateZ": _separate_z(back.get("force_separate_z"))},
            "anisotropyThreshold": ANISOTROPY_THRESHOLD,
        },
        "tiling": {"step": 0.5, "sigmaScale": 0.125},
        "mirroring": {"axes": [0, 1, 2], "byDefault": False},
    }
