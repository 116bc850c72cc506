"""Verifies an exported model: `python -m unetrpp.verify DIR`, exit code 0 only when everything agrees.

The manifest's checksum against the file; then, on three inputs, the PyTorch definition carrying the file's weights
against ONNX Runtime running the file.
"""

from __future__ import annotations

import argparse
import pathlib
import sys

from .inference import manifest
from .onnx import onnx_graph
from .onnx.verify import TOLERANCE, compare


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path, help="folder with model.onnx and model.json")
    folder = parser.parse_args().model
    try:
        description = manifest.read(folder)
        weights = manifest.read_weights(folder, description)
    except manifest.ManifestError as error:
        print(error, file=sys.stderr)
        return 1
    stored = onnx_graph.load_network(weights, manifest.network_config(description))
    agreement = compare(stored, weights, tuple(TOLERANCE))
    print(f"{folder}: checksums match; {agreement}")
    return 0 if agreement.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
