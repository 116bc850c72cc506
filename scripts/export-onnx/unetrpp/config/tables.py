"""Tables of a configuration file become data classes: strictly, so that nothing in them passes unread.

What a table may hold is what its data class says: names, types and defaults of its fields. Metadata of a field:

- `key`: the entry's name in the file, where it is not the field's.
- `read`: makes the field's value of the entry; raises ValueError for what it cannot read.
"""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class ConfigError(ValueError):
    """A configuration says what nothing reads, or not what it must; the message names file, table and entry."""


def key_of(field: dataclasses.Field) -> str:
    """An entry's name in the file."""
    return field.metadata.get("key", field.name)


def keys_of(kind: type) -> list[str]:
    """The entries that a table of this kind may have."""
    return [key_of(field) for field in dataclasses.fields(kind)]


def refuse_unknown(table: Iterable[str], known: Iterable[str], where: str) -> None:
    """Raises ConfigError that names the first entry which is not known, and the nearest that is."""
    for entry in table:
        if entry in known:
            continue
        near = difflib.get_close_matches(entry, known, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"it knows {', '.join(sorted(known))}."
        raise ConfigError(f'{where} has "{entry}", which nothing reads; {hint}')


def read(kind: type[T], table: Mapping[str, Any], where: str) -> T:
    """A table as a data class.

    Args:
        where: file and table, to begin a message with: `configs/a.toml: [grid]`.

    Raises ConfigError for entries that are not known, that lack, or that are of another type.
    """
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where} is {table!r}; a table was expected.")
    refuse_unknown(table, keys_of(kind), where)
    hints, values = typing.get_type_hints(kind), {}
    for field in dataclasses.fields(kind):
        key = key_of(field)
        if key in table:
            values[field.name] = _value(field, hints[field.name], table[key], where)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ConfigError(f'{where} lacks "{key}".')
    try:
        return kind(**values)
    except ValueError as error:  # what a data class itself refuses
        raise ConfigError(f"{where}: {error}") from error


def _value(field: dataclasses.Field, hint: Any, value: Any, where: str) -> Any:
    if "read" not in field.metadata:
        return _typed(hint, value, where, key_of(field))
    try:
        return field.metadata["read"](value)
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigError(f"{where} {key_of(field)} = {value!r} cannot be read: {error}") from error


def _typed(hint: Any, value: Any, where: str, key: str) -> Any:
    """A value of the file as its type: arrays become tuples, tables data classes, numbers stay as they are written."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        (hint,) = (one for one in arguments if one is not types.NoneType)
        return _typed(hint, value, where, key)
    if dataclasses.is_dataclass(hint):
        return read(hint, value, f"{where} {key}")
    if origin is tuple and isinstance(value, list):
        kinds = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        if len(kinds) == len(value):
            return tuple(_typed(kind, item, where, key) for kind, item in zip(kinds, value, strict=True))
    if (origin is typing.Literal and value in arguments) or _is_plain(hint, value):
        return value
    raise ConfigError(f"{where} {key} = {value!r}; {_said(hint)} was expected.")


def _is_plain(hint: Any, value: Any) -> bool:
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return hint in (str, bool) and isinstance(value, hint)


def _said(hint: Any) -> str:
    """A type in words."""
    plain = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
    if hint in plain:
        return plain[hint]
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is typing.Literal:
        return "one of " + ", ".join(f'"{value}"' for value in arguments)
    if arguments[-1] is Ellipsis:
        return f"a list, each {_said(arguments[0])},"
    return f"a list of {len(arguments)}, each {_said(arguments[0])},"
