"""A NIfTI file's bytes as a header and voxels: the twin of src/files/nifti/readNifti.ts and niftiHeader.ts.

nibabel goes by the name of a file, passes over checksums of gzip, takes a size of 0 for 1, and reads voxels from the
header where their offset is 0. Here as on the page a file is told by its content, and is whole or refused.
"""

from __future__ import annotations

import gzip
import io
import math
import pathlib
import zlib

import nibabel
import numpy as np
from nibabel.arrayproxy import ArrayProxy
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError

HEADER_BYTES = 540
"""Of the longer one."""
MAX_VOXELS = 2**31
SCALARS = (2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280)
"""Integers of 8 to 64 bits, float32, float64."""
NIBABEL_ERRORS = (ImageFileError, HeaderDataError, OSError, EOFError, ValueError, OverflowError, zlib.error)
"""What its readers raise on damaged files."""
PIECE = 2**20


class InvalidInputError(Exception):
    """The scan cannot be segmented; the message says which value is wrong."""


def unpacked(path: pathlib.Path, most: int | None = None) -> bytes:
    """The file's bytes, or its first `most` and some; unpacked where they are gzip. Anything behind the last member is
    passed over, as gzip itself does.

    Raises FileNotFoundError, and InvalidInputError where a member is damaged.
    """
    content = bytearray()
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            if not packed:
                return file.read() if most is None else file.read(most)
            with gzip.GzipFile(fileobj=file) as members:
                while (most is None or len(content) < most) and (piece := members.read1(PIECE)):
                    content += piece
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        if not (content and str(error).startswith("Not a gzipped file")):
            raise InvalidInputError(
                f"{path} is a damaged or incomplete gzip file ({error}). Copy or download it again."
            ) from error
    except (IsADirectoryError, PermissionError) as error:
        raise InvalidInputError(f"{path} could not be read: {error.strerror}.") from error
    return bytes(content)


def header_of(content: bytes, path: pathlib.Path) -> nibabel.Nifti1Header | None:
    """The header of a NIfTI volume in one file, unchecked, number by number as it is there; None for other files.

    Raises InvalidInputError where the file ends inside it.
    """
    if not content:
        raise InvalidInputError(f"{path} is empty (0 bytes). Copy or download it again.")
    for kind, magic, at in ((nibabel.Nifti1Header, b"n+1", 344), (nibabel.Nifti2Header, b"n+2", 4)):
        size = kind.sizeof_hdr
        for order, name in (("<", "little"), (">", "big")):
            if int.from_bytes(content[:4], name) != size or content[at : at + 3] != magic:
                continue
            if len(content) < size:
                raise InvalidInputError(
                    f"{path} ends inside its header ({len(content)} of {size} bytes). Copy or download it again."
                )
            return kind(content[:size], order, check=False)
    return None


def voxels(content: bytes, header: nibabel.Nifti1Header, path: pathlib.Path) -> ArrayProxy:
    """The voxels (x, y, z, ...), intensities scaled, unread.

    Raises InvalidInputError where the first frame is not there, or none of real numbers.
    """
    shape = _shape(header, path)
    code = int(header["datatype"])
    if code not in SCALARS:
        raise InvalidInputError(
            f"The voxels of {path} are no real numbers (NIfTI type {code}). Scans have one real number per voxel (8 to "
            "64 bit integers, float32, float64)."
        )
    dtype = header.get_data_dtype()
    smallest = header.sizeof_hdr + 4
    start = float(header["vox_offset"]) or smallest
    if not smallest <= start < np.inf:
        raise InvalidInputError(
            f"{path} says its voxels start at byte {start:g}, inside the header of {smallest} bytes. The "
            "header is damaged."
        )
    needed, has = math.prod(shape[:3]) * dtype.itemsize, max(0, len(content) - int(start))
    if has < needed:
        raise InvalidInputError(
            f"{path} is cut off: {_sizes(shape[:3])} voxels of {dtype.name} need {needed} bytes, the file has {has} "
            "bytes. Copy or download it again."
        )
    slope, intercept = float(header["scl_slope"]), float(header["scl_inter"])
    if not np.isfinite(slope) or slope == 0:
        slope, intercept = 1.0, 0.0
    elif not np.isfinite(intercept):
        intercept = 0.0
    return ArrayProxy(io.BytesIO(content), (shape, dtype, int(start), slope, intercept))


def require_volume(shape: tuple[int, ...], path: pathlib.Path) -> None:
    """Raises InvalidInputError for what is flat, or too much."""
    sizes = (*shape[:3], 1, 1, 1)[:3]
    if min(sizes) < 2:
        raise InvalidInputError(
            f"{path} has {_sizes(sizes)} voxels, which is no volume. Only 3-D scans with at least 2 voxels along every "
            "axis can be segmented."
        )
    if math.prod(sizes) > MAX_VOXELS:
        raise InvalidInputError(
            f"{path} has {_sizes(sizes)} voxels; at most 2^31 can be read. Crop or resample it first."
        )


def _shape(header: nibabel.Nifti1Header, path: pathlib.Path) -> tuple[int, ...]:
    rank, *dims = (int(n) for n in header["dim"])
    if not 1 <= rank <= 7:
        raise InvalidInputError(f"{path} says it has {rank} dimensions; NIfTI allows 1 to 7. The header is damaged.")
    # Beyond the third, 0 is a habit of some writers for "no such dimension".
    shape = tuple(1 if axis >= 3 and n == 0 else n for axis, n in enumerate(dims[:rank]))
    if min(shape) < 1:
        raise InvalidInputError(
            f"{path} has the size {_sizes(shape)}; every dimension must be at least 1. The header is damaged."
        )
    require_volume(shape, path)
    return shape


def _sizes(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
