"""Where a scan's voxels lie, and masks that lie in the same place.

The twin of src/files/nifti/niftiAffine.ts and writeNifti.ts. The choice between a header's forms is nibabel's, but
where an sform is of no use (zeros, NaN) or holds directions alone.
"""

from __future__ import annotations

import logging
import pathlib

import nibabel
import numpy as np
from nibabel.openers import ImageOpener
from nibabel.spatialimages import HeaderDataError

from . import nifti_file
from .nifti_file import InvalidInputError

SMALLEST_MM, LARGEST_MM = 0.005, 50.0
"""Voxel edges that any scanner makes; what lies outside is a wrong unit or a damaged header."""
LONGEST_MM = 5000.0
MILLIMETRES = {1: 1000.0, 3: 0.001}
"""By the spatial part of xyzt_units: metres and micrometres."""

log = logging.getLogger(__name__)


def load(path: pathlib.Path) -> nibabel.spatialimages.SpatialImage:
    """The image with the affine that is believed, in mm. Raises InvalidInputError where the file is no sound volume."""
    content = nifti_file.unpacked(path)
    header = nifti_file.header_of(content, path)
    if header is not None:
        kind = nibabel.Nifti2Image if isinstance(header, nibabel.Nifti2Header) else nibabel.Nifti1Image
        data = nifti_file.voxels(content, header, path)
        return kind(data, _affine(_mended(header), data.shape, path), dtype=data.dtype)
    try:
        image = nibabel.load(path)
    except nifti_file.NIBABEL_ERRORS as error:
        raise InvalidInputError(f"{path} is no NIfTI volume ({error}). Export the scan as .nii or .nii.gz.") from error
    nifti_file.require_volume(image.shape, path)
    if not isinstance(image, nibabel.Nifti1Pair):
        return image
    affine = _affine(image.header, image.shape, path)
    return (
        image
        if np.array_equal(affine, image.affine)
        else type(image)(image.dataobj, affine, dtype=image.get_data_dtype())
    )


def _affine(header: nibabel.Nifti1Header, shape: tuple[int, ...], path: pathlib.Path) -> np.ndarray:
    affine = _in_millimetres(_believed(header, path), int(header["xyzt_units"]) & 7)
    _require_plausible(affine, shape, path)
    return affine


def _mended(header: nibabel.Nifti1Header) -> nibabel.Nifti1Header:
    """Signs of sizes, a qfac that is neither 1 nor -1 and the rounding of a half turn as the page reads them."""
    header = header.copy()
    header["pixdim"][1:4] = abs(header["pixdim"][1:4])
    header["pixdim"][0] = -1 if abs(header["pixdim"][0] + 1) < 1e-3 else 1
    names = ("quatern_b", "quatern_c", "quatern_d")
    length = float(np.sqrt(sum(float(header[name]) ** 2 for name in names)))
    if 1 < length**2 <= 1.01:
        for name in names:
            header[name] = header[name] / length
    return header


def save_mask(labels: np.ndarray, affine: np.ndarray, scan: pathlib.Path, out: pathlib.Path) -> None:
    """Writes labels (x, y, z) uint8 as NIfTI, placed as `scan` says: pixdim, units, both forms and both codes as read.

    Args:
        affine: voxel to RAS mm, for scans that are no NIfTI file.
    """
    header = nifti_file.header_of(nifti_file.unpacked(scan, nifti_file.HEADER_BYTES), scan)
    if header is None:
        image = nibabel.load(scan)
        if not isinstance(image, nibabel.Nifti1Pair):
            mask = nibabel.Nifti1Image(labels, affine)
            mask.header.set_intent("label")
            nibabel.save(mask, out)
            return
        with ImageOpener(image.file_map["header" if "header" in image.file_map else "image"].filename) as file:
            # Unchecked: nibabel would mend what other programs read otherwise.
            header = type(image.header).from_fileobj(file, check=False)
    single = nibabel.Nifti2Image if isinstance(header, nibabel.Nifti2Header) else nibabel.Nifti1Image
    header = single.header_class(header.binaryblock, header.endianness, check=False)
    header["dim"] = [3, *labels.shape, 1, 1, 1, 1]
    header["datatype"], header["bitpix"] = 2, 8
    header["scl_slope"], header["scl_inter"] = 1, 0
    header["cal_min"], header["cal_max"] = 0, 0
    header["intent_code"], header["intent_name"] = 1002, b""
    header["intent_p1"], header["intent_p2"], header["intent_p3"] = 0, 0, 0
    header["magic"] = single.header_class.single_magic
    header["vox_offset"] = single.header_class.single_vox_offset
    with ImageOpener(out, "wb") as file:
        file.write(header.binaryblock)
        file.write(bytes(4))  # no extensions
        file.write(np.asfortranarray(labels, np.uint8).tobytes(order="F"))


def _believed(header: nibabel.Nifti1Header, path: pathlib.Path) -> np.ndarray:
    """The header's sizes are positive, its qfac is 1 or -1."""
    sizes = np.asarray(header["pixdim"][1:4], float)
    sform = header.get_sform() if header["sform_code"] > 0 else None
    qform = _qform(header) if header["qform_code"] > 0 else None
    if sform is not None and _spans_space(sform):
        lengths = np.sqrt((sform[:3, :3] ** 2).sum(0))
        directions_only = (abs(lengths - 1) < 1e-4).all() and _are_sizes(sizes) and (abs(sizes - 1) > 0.01).any()
        if not directions_only:
            return sform
        log.warning("%s: the sform holds directions without voxel sizes; those of pixdim are used.", path)
        return sform @ np.diag([*sizes, 1]) if qform is None else qform
    if qform is not None:
        if sform is not None:
            log.warning("%s: the sform is not valid; the qform is used.", path)
        return qform
    if sform is not None or header["qform_code"] > 0:
        form = "sform" if sform is not None else "qform"
        raise InvalidInputError(f"{path}: the position in its header ({form}) is not valid. Convert it again.")
    if not _are_sizes(sizes):
        raise InvalidInputError(f"{path}: voxel spacing must be positive, got {sizes.tolist()} mm. Convert it again.")
    log.warning("%s does not say how the patient lies (no sform, no qform); all three axes are a guess.", path)
    return header.get_base_affine()


def _qform(header: nibabel.Nifti1Header) -> np.ndarray | None:
    try:
        qform = header.get_qform()
    except (HeaderDataError, ValueError):
        return None
    return qform if _spans_space(qform) else None


def _are_sizes(sizes: np.ndarray) -> bool:
    return bool(np.isfinite(sizes).all() and (sizes > 0).all())


def _spans_space(affine: np.ndarray) -> bool:
    lengths = np.sqrt((affine[:3, :3] ** 2).sum(0))
    return bool(np.isfinite(affine).all() and abs(np.linalg.det(affine[:3, :3])) > 1e-6 * lengths.prod())


def _in_millimetres(affine: np.ndarray, unit: int) -> np.ndarray:
    """Unless that gives voxels no scanner makes: then the unit is taken for a mistake."""
    factor = MILLIMETRES.get(unit, 1.0)
    sizes = np.sqrt((affine[:3, :3] ** 2).sum(0)) * factor
    if factor == 1 or (sizes < SMALLEST_MM).any() or (sizes > LARGEST_MM).any():
        return affine
    return np.diag([factor, factor, factor, 1]) @ affine


def _require_plausible(affine: np.ndarray, shape: tuple[int, ...], path: pathlib.Path) -> None:
    sizes = np.sqrt((affine[:3, :3] ** 2).sum(0))
    for size, count in zip(sizes, shape, strict=False):
        if not SMALLEST_MM <= size <= LARGEST_MM or size * count > LONGEST_MM:
            raise InvalidInputError(
                f"The voxel size, {size:.4g} mm, is surely wrong ({path} has {count} of them). "
                "Convert the scan again from its source."
            )
