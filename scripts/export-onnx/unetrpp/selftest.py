"""Writes what devices are compared with: `python -m unetrpp.selftest DIR ...` adds `selfTest` to every model.json."""

from __future__ import annotations

import argparse
import pathlib
import sys

from .inference import manifest, self_test


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=pathlib.Path, nargs="+", help="folders with model.json and model.onnx")
    for folder in parser.parse_args().models:
        try:
            description = manifest.read(folder)
            weights = manifest.read_weights(folder, description)
        except manifest.ManifestError as error:
            print(error, file=sys.stderr)
            return 1
        manifest.write(folder, self_test.attach(description, weights))
        print(f"{folder}: {self_test.LOGITS} logits")
    return 0


if __name__ == "__main__":
    sys.exit(main())
