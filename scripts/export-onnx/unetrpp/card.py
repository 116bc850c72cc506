"""Writes a model's card: `python -m unetrpp.card MODEL_DIR` -> MODEL_CARD.md beside model.json.

Everything in it comes from model.json, from evaluation.json (python -m unetrpp.evaluate ... --write) and from
training.json; `--log runs/NAME/log.jsonl` makes the last from a training log first. `--config CONFIG.toml` brings the
words of model.json up to date with a configuration, for the weights that are there.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys

from .config.tables import ConfigError
from .evaluation.card import CARD, TRAINING, curve, describe_again, write
from .inference.manifest import ManifestError
from .training import config as configuration


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path, help="folder with model.json")
    parser.add_argument("--log", type=pathlib.Path, help="log.jsonl of the training run, kept as training.json")
    parser.add_argument("--config", type=pathlib.Path, help="configuration to take the words of model.json from")
    args = parser.parse_args()
    if args.log:
        (args.model / TRAINING).write_text(json.dumps(curve(args.log), indent=1) + "\n")
    try:
        if args.config:
            describe_again(args.model, configuration.load(args.config))
        text = write(args.model)
    except (ManifestError, ConfigError) as error:
        print(error, file=sys.stderr)
        return 1
    (args.model / CARD).write_text(text)
    print(args.model / CARD)
    return 0


if __name__ == "__main__":
    sys.exit(main())
