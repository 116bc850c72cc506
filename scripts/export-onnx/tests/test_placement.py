"""Which of a header's positions is believed, and masks with the header of their scan."""

import gzip
import pathlib
import struct

import nibabel
import numpy as np
import pytest

from unetrpp.inference import nifti_file, placement, scan_file, segmentation
from unetrpp.inference.nifti_file import InvalidInputError

SHAPE = (4, 5, 6)
ROWS = [-0.8, 0, 0, 30, 0, 1.1, 0, -40, 0, 0, 2.5, 50]


def write(path: pathlib.Path, kind=nibabel.Nifti1Image, order="<", dim=None, **fields) -> pathlib.Path:
    """A file whose header holds exactly `fields`, which nibabel itself would mend."""
    header = kind.header_class(endianness=order)
    header.set_data_shape(SHAPE)
    header.set_data_dtype(np.int16)
    header["pixdim"] = [1, 2, 2, 3, 1, 1, 1, 1]
    header["xyzt_units"] = 2
    header["magic"], header["vox_offset"] = kind.header_class.single_magic, kind.header_class.single_vox_offset
    if dim:
        header["dim"] = dim
    for name, value in fields.items():
        if name == "srows":
            header["srow_x"], header["srow_y"], header["srow_z"] = np.reshape(value, (3, 4))
        elif name == "quaternion":
            for key, number in zip(("b", "c", "d"), value[:3], strict=True):
                header[f"quatern_{key}"] = number
            for key, number in zip("xyz", value[3:], strict=True):
                header[f"qoffset_{key}"] = number
        else:
            header[name] = value
    data = np.arange(np.prod(SHAPE)).astype(f"{order}i2")
    path.write_bytes(header.binaryblock + bytes(4) + data.tobytes())
    return path


QFORM = {"qform_code": 1, "quaternion": [0, 0, 0, -20, -24, -24]}
PLACED = np.array([[2.0, 0, 0, -20], [0, 2, 0, -24], [0, 0, 3, -24], [0, 0, 0, 1]])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"sform_code": 1, "srows": [0] * 12, **QFORM}, PLACED),
        ({"sform_code": 1, "srows": [np.nan] * 12, **QFORM}, PLACED),
        ({"sform_code": 1, "srows": [1, 0, 0, 9, 0, 1, 0, 9, 0, 0, 1, 9], **QFORM}, PLACED),
        (
            {"sform_code": 1, "srows": [-1, 0, 0, 9, 0, 1, 0, 9, 0, 0, 1, 9]},
            [[-2, 0, 0, 9], [0, 2, 0, 9], [0, 0, 3, 9]],
        ),
        ({"sform_code": 1, "srows": ROWS, "qform_code": 1, "quaternion": [np.nan] * 6}, np.reshape(ROWS, (3, 4))),
        ({"pixdim": [1, -2, 2, 3, 1, 1, 1, 1], **QFORM}, PLACED),
        ({"pixdim": [1, 0.002, 0.002, 0.003, 1, 1, 1, 1], "xyzt_units": 1, **QFORM}, PLACED * [[1, 1, 1, 1000]]),
        ({}, [[-2, 0, 0, 3], [0, 2, 0, -4], [0, 0, 3, -7.5]]),
    ],
)
def test_a_form_that_is_of_no_use_gives_way_to_the_other(fields, expected, tmp_path):
    image = placement.load(write(tmp_path / "scan.nii", **fields))
    np.testing.assert_allclose(image.affine[:3], np.asarray(expected, float)[:3], rtol=1e-6)


def test_a_fourth_dimension_of_0_means_that_there_is_none(tmp_path):
    image = placement.load(write(tmp_path / "scan.nii", dim=[4, *SHAPE, 0, 0, 0, 0], sform_code=1, srows=ROWS))
    np.testing.assert_array_equal(np.asarray(image.dataobj).ravel("F"), np.arange(120))


@pytest.mark.parametrize("size", [0.001, 0.002, 100, 1000])
def test_an_impossible_voxel_size_is_named(size, tmp_path):
    path = write(tmp_path / "scan.nii", sform_code=1, srows=np.diag([size] * 3 + [1])[:3].ravel())
    with pytest.raises(nifti_file.InvalidInputError, match=f"The voxel size, {size} mm, is surely wrong"):
        placement.load(path)


def test_a_grid_that_is_too_large_is_refused():
    segmentation.require_grid_fits((1, 512, 512, 2000), np.eye(4), [1.0, 1.0, 1.0])
    with pytest.raises(InvalidInputError, match="960 million voxels at this model's"):
        segmentation.require_grid_fits((1, 16, 24, 20), np.diag([50.0, 50, 50, 1]), [1.0, 1.0, 1.0])


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [nibabel.Nifti1Image, nibabel.Nifti2Image])
@pytest.mark.parametrize(
    "fields",
    [
        {
            "sform_code": 4, "srows": ROWS, "qform_code": 1, "quaternion": [0.1, 0.2, 0.3, 5, 6, 7],
            "pixdim": [-1, 0.8, 1.1, 2.5, 2.2, 1, 1, 1],
        },
        {"xyzt_units": 0},
        {"sform_code": 1, "srows": [0] * 12, **QFORM, "qform_code": 3},
        {"sform_code": 1, "srows": [2, 0, 0, -20, 0, 2, 1, -24, 0, 0, 3, -24], **QFORM},
        {"pixdim": [-1, -2, 2, 3, 1, 1, 1, 1], **QFORM},
    ],
)  # fmt: skip
def test_a_mask_has_every_number_of_its_scans_position(fields, kind, order, tmp_path):
    scan = write(tmp_path / "scan.nii", kind, order, **fields)
    labels = (np.arange(120) % 5).astype(np.uint8).reshape(SHAPE, order="F")
    placement.save_mask(labels, placement.load(scan).affine, scan, tmp_path / "mask.nii.gz")
    mask = nibabel.load(tmp_path / "mask.nii.gz")
    assert isinstance(mask, kind)
    np.testing.assert_array_equal(np.asarray(mask.dataobj), labels)
    assert mask.header["intent_code"] == 1002
    with nibabel.openers.ImageOpener(tmp_path / "mask.nii.gz") as file:
        written = kind.header_class.from_fileobj(file, check=False)
    with nibabel.openers.ImageOpener(scan) as file:
        read = kind.header_class.from_fileobj(file, check=False)
    names = [f"{prefix}_{axis}" for prefix in ("srow", "qoffset") for axis in "xyz"]
    names += [f"quatern_{part}" for part in "bcd"] + ["pixdim", "xyzt_units", "qform_code", "sform_code"]
    for name in names:
        np.testing.assert_array_equal(written[name], read[name], err_msg=name)


def test_sizes_in_the_file_are_as_the_test_says(tmp_path):
    content = write(tmp_path / "scan.nii", pixdim=[1, -2, 2, 3, 1, 1, 1, 1]).read_bytes()
    assert struct.unpack("<4f", content[76:92]) == (1, -2, 2, 3)


def test_a_file_is_told_by_its_content(tmp_path):
    content = write(tmp_path / "scan.nii", sform_code=1, srows=ROWS).read_bytes()
    (tmp_path / "packed.nii").write_bytes(gzip.compress(content))
    (tmp_path / "plain.nii.gz").write_bytes(content)
    members = [content[at : at + 100] for at in range(0, len(content), 100)]
    (tmp_path / "members.nii.gz").write_bytes(b"".join(map(gzip.compress, members)) + b"anything")
    for name in ("packed.nii", "plain.nii.gz", "members.nii.gz"):
        scan, image = scan_file.read_scan(tmp_path / name)
        np.testing.assert_array_equal(scan.ravel("F"), np.arange(120), err_msg=name)
        placement.save_mask(scan.astype(np.uint8), image.affine, tmp_path / name, tmp_path / "mask.nii.gz")
        np.testing.assert_allclose(nibabel.load(tmp_path / "mask.nii.gz").affine[:3].ravel(), ROWS, err_msg=name)


@pytest.mark.parametrize("dtype", ["<i8", ">u8", "<f8", "|i1"])
def test_every_real_type_is_read(dtype, tmp_path):
    path = write(
        tmp_path / "scan.nii", order=">" if dtype[0] == ">" else "<", sform_code=1, srows=ROWS,
        datatype=nibabel.nifti1.data_type_codes.code[np.dtype(dtype).newbyteorder("=")],
    )  # fmt: skip
    path.write_bytes(path.read_bytes()[:352] + np.arange(120).astype(dtype).tobytes())
    np.testing.assert_array_equal(scan_file.read_scan(path)[0].ravel("F"), np.arange(120))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"vox_offset": 0}, np.arange(120)),
        ({"scl_slope": 1, "scl_inter": np.nan}, np.arange(120)),
        ({"scl_slope": 2, "scl_inter": -5}, np.arange(120) * 2 - 5),
        ({"dim": [4, 4, 5, 6, 9, 1, 1, 1]}, np.arange(120)),
        ({"quaternion": [0.7072, 0.7072, 0, 0, 0, 0], "qform_code": 1, "sform_code": 0}, np.arange(120)),
    ],
)
def test_odd_headers_are_read_as_on_the_page(fields, expected, tmp_path):
    path = write(tmp_path / "scan.nii", **{"sform_code": 1, "srows": ROWS, **fields})
    np.testing.assert_array_equal(scan_file.read_scan(path)[0].ravel("F"), expected)


PLACE = {"sform_code": 1, "srows": ROWS}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({**PLACE, "dim": [3, -4, 5, 6, 1, 1, 1, 1]}, "has the size -4 x 5 x 6"),
        ({**PLACE, "dim": [3, 4, 5, 0, 1, 1, 1, 1]}, "has the size 4 x 5 x 0"),
        ({**PLACE, "dim": [9, 4, 5, 6, 1, 1, 1, 1]}, "says it has 9 dimensions"),
        ({**PLACE, "dim": [3, 20, 6, 1, 1, 1, 1, 1]}, "20 x 6 x 1 voxels, which is no volume"),
        ({**PLACE, "dim": [3, 32767, 32767, 32767, 1, 1, 1, 1]}, "at most 2\\^31"),
        ({**PLACE, "dim": [3, 4, 5, 7, 1, 1, 1, 1]}, "need 280 bytes, the file has 240 bytes"),
        ({**PLACE, "vox_offset": np.nan}, "start at byte nan"),
        ({**PLACE, "vox_offset": 100}, "start at byte 100"),
        ({**PLACE, "datatype": 32}, "no real numbers .NIfTI type 32"),
        ({**PLACE, "datatype": 128}, "no real numbers .NIfTI type 128"),
        ({"pixdim": [1, 0, 0, 0, 1, 1, 1, 1], **QFORM}, "the position in its header .qform. is not valid"),
        ({"pixdim": [1, 2, 2, 0, 1, 1, 1, 1]}, "voxel spacing must be positive"),
        ({"qform_code": 1, "quaternion": [0.8, 0.8, 0, 0, 0, 0]}, "the position in its header .qform. is not valid"),
    ],
)
def test_what_cannot_be_segmented_is_refused_with_a_sentence(fields, sentence, tmp_path):
    path = write(tmp_path / "scan.nii", **fields)
    with pytest.raises(nifti_file.InvalidInputError, match=sentence):
        scan_file.read_scan(path)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda packed: packed[:-1], "damaged or incomplete gzip"),
        (lambda packed: packed[:-6] + bytes([packed[-6] ^ 255]) + packed[-5:], "damaged or incomplete gzip"),
        (lambda packed: packed[:20], "damaged or incomplete gzip"),
        (lambda packed: gzip.decompress(packed)[:400], "is cut off"),
        (lambda packed: gzip.decompress(packed)[:300], "is no NIfTI volume"),
        (lambda packed: b"", "is empty"),
        (lambda packed: b"hello", "is no NIfTI volume"),
    ],
)
def test_a_damaged_file_is_refused_with_a_sentence(damage, sentence, tmp_path):
    packed = gzip.compress(write(tmp_path / "scan.nii", **PLACE).read_bytes())
    (tmp_path / "damaged.nii.gz").write_bytes(damage(packed))
    with pytest.raises(nifti_file.InvalidInputError, match=sentence):
        scan_file.read_scan(tmp_path / "damaged.nii.gz")


def test_a_mask_never_replaces_its_scan(tmp_path):
    scan = write(tmp_path / "scan.nii", **PLACE)
    for out, sentence in (
        (tmp_path / "x" / ".." / "scan.nii", "scan itself"),
        (tmp_path / "none" / "m.nii", "folder"),
        (tmp_path / "m.png", "must end in"),
    ):
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(nifti_file.InvalidInputError, match=sentence):
            segmentation.require_writable(out, [scan])
    segmentation.require_writable(tmp_path / "mask.nii", [scan])
