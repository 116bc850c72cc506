"""A scan's intensities, read from whichever file nibabel knows."""

from __future__ import annotations

import pathlib

import nibabel
import numpy as np

from . import nifti_file, placement
from .intensity import intensity_of
from .nifti_file import InvalidInputError

LARGEST = (np.finfo(np.float32).min, np.finfo(np.float32).max)


def read_scan(path: pathlib.Path) -> tuple[np.ndarray, nibabel.Nifti1Image]:
    """Intensities (x, y, z) in the file's own axes, and the image they came from. The first frame of a series."""
    image = placement.load(path)
    first_frame = (slice(None),) * 3 + (0,) * (len(image.shape) - 3)
    try:
        data = np.asarray(image.dataobj[first_frame])
    except nifti_file.NIBABEL_ERRORS as error:
        raise InvalidInputError(f"{path} is cut off or damaged ({error}). Copy or download it again.") from error
    if data.dtype.kind == "f":
        finite = np.isfinite(data)
        if not finite.any():
            raise InvalidInputError(f"{path} has no finite voxel.")
        values = np.clip(np.where(finite, data, 0), *LARGEST).astype(np.float32)
        data = values if finite.all() else np.where(finite, values, intensity_of(values[finite]).background)
    return data.astype(np.float32), image
