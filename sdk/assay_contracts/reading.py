"""Documents from text: YAML or JSON to plain JSON values that remember their line and column.

This is the only reader of documents: lint, bundles, comparisons, drift, the gate and the site see what it read. A strict reading, of a
contract that somebody keeps, rejects what loses or hides something: a key written twice, a YAML merge key, a number without end. A tolerant
one, of any document that is only compared, takes the last of two keys and merges. How deep and how large a document may be is one limit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import Any

from assay_contracts import addresses, pointers, yaml_values
from assay_contracts.errors import DocumentMissing, DocumentUnreadable
from assay_contracts.json_places import json_places
from assay_contracts.json_types import is_mapping
from assay_contracts.yaml_values import DEEPEST, too_deep

LARGEST = 32 * 1024 * 1024
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_JSON_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"\s*:\s*(-?[0-9][0-9.eE+-]*)')


@dataclass(frozen=True, slots=True)
class SourcePosition:
    """A line and a column of a file, both counted from one."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: its values, and where each of them is written."""

    path: Path
    data: Any
    _text: str = field(repr=False, default="")
    # The node tree of a YAML text; None for JSON, which is searched when somebody asks for places.
    _nodes: Any = field(repr=False, compare=False, default=None)

    @property
    def text(self) -> str:
        """The text as it was read."""
        return self._text

    def place(self, pointer: str) -> SourcePosition:
        """Where a pointer is written: its key when it has one, else the nearest place above it."""
        return self.places((pointer,))[pointer]

    def places(self, wanted: Iterable[str]) -> dict[str, SourcePosition]:
        """Where each of some pointers is written; for many pointers into a JSON text this is one search instead of many."""
        if self._nodes is None:
            found = json_places(self._text, wanted)
        else:
            found = {pointer: yaml_values.node_at(self._nodes, pointers.split(pointer)) for pointer in wanted}
        return {pointer: SourcePosition(*place) for pointer, place in found.items()}

    def written_number(self, pointer: str) -> str | None:
        """The digits of the number that a property holds, as they are written: `1.10`, which as a value is 1.1.

        None where no number is written there, such as behind a merge key.
        """
        if self._nodes is not None:
            return yaml_values.scalar_at(self._nodes, pointers.split(pointer))
        place = self.place(pointer)
        line = "".join(self._text.split("\n", place.line - 1)[place.line - 1 :])
        found = _JSON_NUMBER.match(line, place.column - 1)
        return None if found is None else found[1]


def read_document(path: Path) -> SourceFile:
    """Read one YAML or JSON file, or the URL of this machine that a path stands for.

    Raises `DocumentMissing` or `DocumentUnreadable`, the latter also for what nests deeper than `DEEPEST`.
    """
    return parse_document(read_text(path), path)


def read_text(path: Path) -> str:
    """The text of a file, or an error that says why there is none."""
    return decode(read_bytes(path), str(path))


def decode(raw: bytes, where: str) -> str:
    """The text of the bytes of a document, without a byte order mark. Raises `DocumentUnreadable`."""
    try:
        decoded = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentUnreadable(where, expected="UTF-8 text", actual=f"byte 0x{raw[error.start]:02x} at offset {error.start}") from None
    if "\0" in decoded:
        line = decoded.count("\n", 0, decoded.index("\0")) + 1
        raise DocumentUnreadable(f"{where}:{line}", expected="text", actual="a NUL character")
    return decoded


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, or of the URL of this machine that a path stands for; at most `LARGEST`, whatever the file is.

    Raises `DocumentMissing` or `DocumentUnreadable`.
    """
    url = addresses.url_of(path)
    if url is not None:
        return addresses.fetch(url, LARGEST)
    try:
        if path.is_dir():
            raise DocumentUnreadable(str(path), expected="a YAML or JSON file", actual="a directory")
        # A pipe or a device does not say how much it holds.
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise DocumentMissing(str(path), expected="a YAML or JSON file", actual="no such file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DocumentUnreadable(str(path).replace("\0", "\\0"), expected="a readable file", actual=reason) from None
    if len(content) > LARGEST:
        raise DocumentUnreadable(str(path), expected=f"at most {LARGEST} bytes", actual="more")
    return content


def parse_document(text: str, path: Path, *, tolerant: bool = False, name: str = "") -> SourceFile:
    """Values of a text in YAML, or in JSON when the file name says so or the text is no YAML.

    A name that ends otherwise says nothing: then it is JSON if it begins as an object does. A tolerant reading goes by the text
    alone. `name` is what errors call the document, if not by its path. Raises `DocumentUnreadable`.
    """
    where = name or str(path)
    if tolerant:
        return _by_content(text, path, where)
    if path.suffix == ".json" or (path.suffix not in (".yaml", ".yml") and text.lstrip()[:2].rstrip() in ("{", '{"')):
        return SourceFile(path, _parse_json(text, where, tolerant=False), text)
    try:
        return _parse_yaml(text, path, where, tolerant=False)
    except DocumentUnreadable as error:
        # Some JSON is no YAML to libyaml, such as an emoji in two escapes.
        if error.expected != yaml_values.YAML or not text.lstrip().startswith("{"):
            raise
        try:
            return SourceFile(path, _parse_json(text, where, tolerant=False), text)
        except DocumentUnreadable as json_error:
            raise (error if json_error.expected == _JSON else json_error) from None


def _by_content(text: str, path: Path, where: str) -> SourceFile:
    """JSON where it opens like JSON; as YAML where that fails, because a flow mapping opens alike."""
    if not text.lstrip().startswith(("{", "[")):
        return _parse_yaml(text, path, where, tolerant=True)
    try:
        return SourceFile(path, _parse_json(text, where, tolerant=True), text)
    except DocumentUnreadable as error:
        if error.expected != _JSON:
            raise
        try:
            return _parse_yaml(text, path, where, tolerant=True)
        except DocumentUnreadable:
            raise error from None


_JSON = "JSON"


def _parse_yaml(text: str, path: Path, where: str, *, tolerant: bool) -> SourceFile:
    root = yaml_values.compose(text, where)
    if root is None:
        raise DocumentUnreadable(where, expected="a document", actual="an empty file")
    return SourceFile(path, yaml_values.build(root, where, tolerant=tolerant), text, root)


def _parse_json(text: str, where: str, *, tolerant: bool) -> Any:
    """JSON, with the same refusals as YAML."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise DocumentUnreadable(where, expected="each key once", actual=f"the key {twice!r} twice")
        return found

    def constant(name: str) -> Any:
        raise DocumentUnreadable(where, expected="finite numbers", actual=name)

    try:
        data = _fast(text) if tolerant else None
        if data is None:
            data = json.loads(text, object_pairs_hook=None if tolerant else members, parse_constant=constant)
        if _SURROGATE.search(text):
            json.dumps(data, ensure_ascii=False).encode()
        _check_depth(data, where)
        return data
    except UnicodeEncodeError:
        raise DocumentUnreadable(where, expected="text", actual="a lone surrogate") from None
    except json.JSONDecodeError as error:
        actual = f"a syntax error ({error.msg.lower()})" if text.strip() else "an empty file"
        raise DocumentUnreadable(f"{where}:{error.lineno}:{error.colno}", expected=_JSON, actual=actual) from None
    except RecursionError:
        raise too_deep(where) from None
    except ValueError as error:
        raise DocumentUnreadable(where, expected=_JSON, actual=str(error)) from None


def _fast(text: str) -> Any:
    """The values of a JSON text, megabytes in a moment; None where the slower parser has to say what is wrong and where."""
    from pydantic_core import from_json

    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:
        return None


def _check_depth(data: Any, where: str) -> None:
    """Reject values that nest too deep; counted level by level, so that every Python draws the same line."""
    level: list[Any] = [data]
    for depth in count():
        level = [value for value in level if isinstance(value, dict | list)]
        if not level:
            return
        if depth == DEEPEST:
            raise too_deep(where)
        level = list(chain.from_iterable(value.values() if is_mapping(value) else value for value in level))
