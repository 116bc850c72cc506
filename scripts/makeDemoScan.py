"""Makes samples/abdomen_ct.nii.gz, the abdomen of the demonstration, from the CT that it comes from.

    .venv/bin/python scripts/makeDemoScan.py ../shared/data/samples/ct_abdomen_portal.nii.gz

The original has 512 x 512 x 41 voxels of 0.8 x 0.8 x 5 mm and 9.6 MB. Resampled in its slices it has half of that, and the
network, which sees voxels of 3 mm, finds nearly the same in it (docs/demo.md). Cut down to the body it would be smaller
still, but tiled with other windows, and what the network finds would differ more. Run twice, the script writes the same
bytes.
"""

import argparse
import gzip
from pathlib import Path

import nibabel
import numpy as np
from scipy import ndimage

# For whoever opens the file elsewhere; at most 79 characters.
CREDIT = b"Colorectal-Liver-Metastases, TCIA, CC BY 4.0, doi 10.7937/QXK2-QG03, resampled"
IN_PLANE_MM = 1.1
AIR_HU = -1024


def make(source: Path) -> bytes:
    image = nibabel.load(source)
    values = np.asanyarray(image.dataobj).astype(np.float32)
    ratio = [IN_PLANE_MM / mm for mm in image.header.get_zooms()[:2]]
    # Noise that is finer than the new voxels would come out as a pattern.
    smooth = ndimage.gaussian_filter(values, [0.4 * r for r in ratio] + [0])
    shape = [int(n / r) for n, r in zip(values.shape, ratio)] + [values.shape[2]]
    # The centre of the first new voxel, in old ones: their outer edges coincide.
    first = [(r - 1) / 2 for r in ratio] + [0]
    resampled = ndimage.affine_transform(smooth, [*ratio, 1], first, shape, mode="nearest")
    affine = image.affine @ np.diag([*ratio, 1, 1])
    affine[:3, 3] = (image.affine @ [*first, 1])[:3]
    voxels = np.maximum(np.rint(resampled), AIR_HU).astype(np.int16)
    made = nibabel.Nifti1Image(voxels, affine)
    made.header.set_xyzt_units("mm")
    made.set_sform(affine, code="scanner")
    made.set_qform(affine, code="scanner")
    made.header["descrip"] = CREDIT
    return gzip.compress(made.to_bytes(), compresslevel=9, mtime=0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scan", type=Path, help="ct_abdomen_portal.nii.gz")
    parser.add_argument("--out", type=Path, default=Path("samples/abdomen_ct.nii.gz"))
    arguments = parser.parse_args()
    arguments.out.write_bytes(make(arguments.scan))
