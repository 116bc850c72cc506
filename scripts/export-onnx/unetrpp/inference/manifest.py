"""model.json: what an exported network expects and what its outputs mean. Read by src/models/manifest.ts."""

from __future__ import annotations

import hashlib
import json
import pathlib
from functools import cache
from typing import Any

import jsonschema

from ..network.variants import Config

WEIGHTS = "model.onnx"
MANIFEST = "model.json"
EVALUATION = "evaluation.json"
"""What was measured with the weights beside it: written by unetrpp.evaluate --write, removed by an export."""
FORMAT_VERSION = 2
PIECE_BYTES = 16_000_000
"""Larger files are cut into pieces of this size: a broken download costs little, and every static host takes them."""


SCHEMA = pathlib.Path(__file__).with_name("model.schema.json")
"""Made from the page's own schema (src/models/manifest.ts), whose test keeps it up to date."""


class ManifestError(Exception):
    """A model folder is not what its manifest says; the message names file and value."""


def sha256(content: bytes) -> str:
    """Hex digest."""
    return hashlib.sha256(content).hexdigest()


def write_weights(folder: pathlib.Path, content: bytes, precision: str) -> dict[str, Any]:
    """Writes the bytes of an ONNX file, in pieces where it is large, and returns the manifest's `weights`.

    Pieces of an earlier export are removed first, so that none is left over.
    """
    for old in (folder / WEIGHTS, *folder.glob(f"{WEIGHTS}.[0-9]*")):
        old.unlink(missing_ok=True)
    pieces = [content[start : start + PIECE_BYTES] for start in range(0, len(content), PIECE_BYTES)]
    names = [WEIGHTS] if len(pieces) == 1 else [f"{WEIGHTS}.{i}" for i in range(len(pieces))]
    files = []
    for name, piece in zip(names, pieces, strict=True):
        (folder / name).write_bytes(piece)
        files.append({"file": name, "bytes": len(piece), "sha256": sha256(piece)})
    return {"precision": precision, "bytes": len(content), "sha256": sha256(content), "files": files}


def read_weights(folder: pathlib.Path, manifest: dict[str, Any]) -> bytes:
    """The ONNX file of a model folder, pieces laid end to end.

    Raises ManifestError when a file is missing or is not the one that the manifest describes.
    """
    pieces = []
    for entry in manifest["weights"]["files"]:
        path = folder / entry["file"]
        if not path.is_file():
            raise ManifestError(f"{path} is missing; {MANIFEST} names it. Export or copy the model again.")
        piece = path.read_bytes()
        if len(piece) != entry["bytes"] or sha256(piece) != entry["sha256"]:
            raise ManifestError(
                f"{path}: {len(piece)} bytes with sha256 {sha256(piece)}, but {MANIFEST} says {entry['bytes']} bytes "
                f"with {entry['sha256']}. Export or copy the model again."
            )
        pieces.append(piece)
    content = b"".join(pieces)
    if sha256(content) != manifest["weights"]["sha256"]:
        raise ManifestError(f"{folder}: the pieces of {WEIGHTS} are listed in another order than they were cut.")
    return content


@cache
def _validator(with_weights: bool) -> jsonschema.protocols.Validator:
    schema = json.loads(SCHEMA.read_text())
    if not with_weights:
        schema["required"].remove("weights")
    return jsonschema.Draft202012Validator(schema)


def _innermost(errors: list[jsonschema.ValidationError]) -> jsonschema.ValidationError:
    """The error in the kind that an object says it is of, where it is one of several kinds."""
    error = max(errors, key=jsonschema.exceptions.relevance)
    while error.context:
        kinds: dict[int, list[jsonschema.ValidationError]] = {}
        for one in error.context:
            kinds.setdefault(one.schema_path[0], []).append(one)
        named = [kind for kind in kinds.values() if all(one.validator != "const" for one in kind)]
        error = max(named[0] if named else next(iter(kinds.values())), key=jsonschema.exceptions.relevance)
    return error


def check(manifest: dict[str, Any], where: str, with_weights: bool = True) -> None:
    """Raises ManifestError that names the field that is wrong, by the page's own schema."""
    plain = json.loads(json.dumps(manifest))  # a tuple is an array in JSON alone
    errors = list(_validator(with_weights).iter_errors(plain))
    if errors:
        error = _innermost(errors)
        field = ".".join(map(str, error.absolute_path)) or "(root)"
        raise ManifestError(
            f'{where}: "{field}" is wrong: {error.message}. docs/model-format.md describes every field; export the '
            "model again or correct it."
        )


def read(folder: pathlib.Path, with_weights: bool = True) -> dict[str, Any]:
    """The manifest of a model folder.

    Raises ManifestError when there is none, it is of another format, or a field is wrong.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise ManifestError(f"{path} does not exist. Name a folder that unetrpp.export wrote.")
    try:
        manifest = json.loads(path.read_text())
    except json.JSONDecodeError as error:
        raise ManifestError(f"{path} is not JSON: {error}.") from error
    if not isinstance(manifest, dict) or manifest.get("formatVersion") != FORMAT_VERSION:
        found = manifest.get("formatVersion") if isinstance(manifest, dict) else None
        raise ManifestError(f"{path} has formatVersion {found}, this program reads {FORMAT_VERSION}. Export it again.")
    check(manifest, str(path), with_weights)
    return manifest


def write(folder: pathlib.Path, manifest: dict[str, Any]) -> None:
    """Writes model.json, short lists on one line so that a diff reads well. Raises ManifestError for a wrong one."""
    check(manifest, MANIFEST)
    text = json.dumps(manifest, indent=2)
    for values in _short_lists(manifest):
        text = text.replace(_indented(values, text), json.dumps(values))
    (folder / MANIFEST).write_text(text + "\n")


def _short_lists(value: Any) -> list[list[float]]:
    """All lists of numbers in a JSON value."""
    if isinstance(value, dict):
        return [found for item in value.values() for found in _short_lists(item)]
    if isinstance(value, list | tuple):
        if value and all(isinstance(item, int | float) for item in value):
            return [list(value)]
        return [found for item in value for found in _short_lists(item)]
    return []


def _indented(values: list[float], text: str) -> str:
    """How json.dumps(indent=2) wrote this list in `text`: on the depth it first stands at."""
    for depth in range(1, 6):
        lines = ",\n".join("  " * (depth + 1) + json.dumps(v) for v in values)
        candidate = f"[\n{lines}\n{'  ' * depth}]"
        if candidate in text:
            return candidate
    return "\0"


def network_config(manifest: dict[str, Any]) -> Config:
    """The network configuration that the manifest carries."""
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in manifest["network"].items()}
    return Config(**fields)
