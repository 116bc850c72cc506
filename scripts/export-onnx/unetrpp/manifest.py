"""Completes a model.json written by hand: `python -m unetrpp.manifest FOLDER`.

It adds `weights` for the folder's model.onnx, cut into pieces, and compares the rest with the ONNX file.
"""

from __future__ import annotations

import argparse
import pathlib
import sys

from .inference.manifest import MANIFEST, ManifestError
from .onnx.describe import complete


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument("model", type=pathlib.Path, help="folder with model.json and model.onnx")
    args = parser.parse_args()
    try:
        weights = complete(args.model)["weights"]
    except (ManifestError, KeyError) as error:
        print(f"{MANIFEST} lacks {error}" if isinstance(error, KeyError) else error, file=sys.stderr)
        return 1
    print(f"{args.model}: {weights['bytes'] / 1e6:.1f} MB in {len(weights['files'])} files, {weights['precision']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
