"""Documents from files: YAML or JSON text to plain JSON values that remember their line and column.

YAML is read by the 1.2 core rules, because contracts are JSON in other clothes: `yes`, `no`, `on` and `off`
are strings, a date is a string, keys are always strings, and a key written twice is an error instead of a
silent loss.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import Any, cast

import yaml

from assay_contracts import addresses, pointers
from assay_contracts.errors import DocumentMissing, DocumentUnreadable
from assay_contracts.json_places import JsonPlaces
from assay_contracts.json_types import is_list, is_mapping

DEEPEST = 200
LARGEST = 32 * 1024 * 1024
MOST_VALUES = 1_000_000
_SAFE = 4000

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)$|\.(?:nan|NaN|NAN)$")
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_TAG = "tag:yaml.org,2002:"
_PLAIN = "plain"
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


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
    _root: list[Any] = field(repr=False, compare=False, default_factory=list[Any])

    def place(self, pointer: str) -> SourcePosition:
        """Where a pointer is written: its key when it has one, else the nearest place above it."""
        if not self._root:
            self._root.append(JsonPlaces(self._text) if self._text else None)  # of YAML the nodes are here already
        if isinstance(self._root[0], JsonPlaces):
            return SourcePosition(*self._root[0].find(pointers.split(pointer)))
        node, found = self._root[0], SourcePosition(1, 1)
        if node is not None:
            found = _place(node)
        for token in pointers.split(pointer):
            if isinstance(node, yaml.MappingNode):
                pair = next(((key, value) for key, value in node.value if key.value == token), None)
                if pair is None:
                    break
                found, node = _place(pair[0]), pair[1]
            elif isinstance(node, yaml.SequenceNode) and token.isdecimal() and int(token) < len(node.value):
                node = node.value[int(token)]
                found = _place(node)
            else:
                break
        return found


class _Loader(yaml.CSafeLoader):
    """libyaml's parser with no implicit types: what a plain scalar means is decided by the builder."""

    yaml_implicit_resolvers: dict[str | None, list[Any]] = {None: [(_PLAIN, re.compile(""))]}  # noqa: RUF012


def read_document(path: Path) -> SourceFile:
    """Read one YAML or JSON file, or the URL of this machine that a path stands for.

    Raises `DocumentMissing` or `DocumentUnreadable`, the latter also for what nests deeper than `DEEPEST`.
    """
    return parse_document(read_text(path), path)


def read_text(path: Path) -> str:
    """The text of a file, or an error that says why there is none."""
    raw = _read_bytes(path)
    try:
        decoded = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentUnreadable(
            str(path), expected="UTF-8 text", actual=f"byte 0x{raw[error.start]:02x} at offset {error.start}"
        ) from None
    if "\0" in decoded:
        line = decoded.count("\n", 0, decoded.index("\0")) + 1
        raise DocumentUnreadable(f"{path}:{line}", expected="text", actual="a NUL character")
    return decoded


def _read_bytes(path: Path) -> bytes:
    url = addresses.url_of(path)
    if url is not None:
        return addresses.fetch(url, LARGEST)
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise DocumentUnreadable(str(path), expected="a YAML or JSON file", actual="a directory")
        if size > LARGEST:
            raise DocumentUnreadable(str(path), expected=f"at most {LARGEST} bytes", actual=f"{size} bytes")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise DocumentMissing(str(path), expected="a YAML or JSON file", actual="no such file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DocumentUnreadable(str(path).replace("\0", "\\0"), expected="a readable file", actual=reason) from None


def parse_document(text: str, path: Path) -> SourceFile:
    """Values of a text in YAML, or in JSON when the file name says so.

    A name that ends otherwise says nothing: then it is JSON if it begins as an object does.
    """
    if path.suffix == ".json" or (path.suffix not in (".yaml", ".yml") and text.lstrip()[:2].rstrip() in ("{", '{"')):
        return SourceFile(path, _parse_json(text, path), text)
    root = _compose(text, path)
    if root is None:
        raise DocumentUnreadable(str(path), expected="a document", actual="an empty file")
    return SourceFile(path, _Builder(path).build(root), text, [root])


def _parse_json(text: str, path: Path) -> Any:
    """JSON, with the same refusals as YAML."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise DocumentUnreadable(str(path), expected="each key once", actual=f"the key {twice!r} twice")
        return found

    def constant(name: str) -> Any:
        raise DocumentUnreadable(str(path), expected="finite numbers", actual=name)

    try:
        data = json.loads(text, object_pairs_hook=members, parse_constant=constant)
        if _SURROGATE.search(text):
            json.dumps(data, ensure_ascii=False).encode()
        _check_depth(data, path)
        return data
    except UnicodeEncodeError:
        raise DocumentUnreadable(str(path), expected="text", actual="a lone surrogate") from None
    except json.JSONDecodeError as error:
        raise DocumentUnreadable(f"{path}:{error.lineno}:{error.colno}", expected="JSON", actual=error.msg.lower()) from None
    except RecursionError:
        raise _too_deep(str(path)) from None
    except ValueError as error:
        raise DocumentUnreadable(str(path), expected="JSON", actual=str(error)) from None


def _compose(text: str, path: Path) -> Any:
    """The node tree of a text."""
    try:
        if _could_overflow(text):
            _measure(text, path)
        return cast("Any", yaml).compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise DocumentUnreadable(where, expected="YAML", actual=f"a syntax error: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError) as error:
        actual = str(getattr(error, "reason", error)).splitlines()[0]
        raise DocumentUnreadable(str(path), expected="YAML", actual=actual) from None


def _could_overflow(text: str) -> bool:
    """Whether a text could nest so deep that the composer, which recurses in C, would overflow its stack."""
    brackets = text.count("[") + text.count("{")
    return brackets > _SAFE or re.search(rf"^[ \-?:]{{{_SAFE}}}", text, re.MULTILINE) is not None


def _measure(text: str, path: Path) -> None:
    """Refuse a text that nests too deep, from its events alone."""
    depth = 0
    for event in cast("Any", yaml).parse(text, _Loader):
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            depth += 1
            if depth > DEEPEST:
                raise _too_deep(f"{path}:{_place(event).line}")
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            depth -= 1


def _check_depth(data: Any, path: Path) -> None:
    """Reject values that nest too deep; counted level by level, so that every Python draws the same line."""
    level: list[Any] = [data]
    for depth in count():
        below = [value.values() if is_mapping(value) else value for value in level if is_mapping(value) or is_list(value)]
        if not below:
            return
        if depth == DEEPEST:
            raise _too_deep(str(path))
        level = list(chain.from_iterable(below))


def _too_deep(where: str) -> DocumentUnreadable:
    return DocumentUnreadable(where, expected=f"at most {DEEPEST} levels of nesting", actual="more")


def _place(node: Any) -> SourcePosition:
    return SourcePosition(cast("int", node.start_mark.line) + 1, cast("int", node.start_mark.column) + 1)


class _Builder:
    """Values from nodes. An alias gives the very object of its anchor; their expanded number is bounded."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.built: dict[int, tuple[Any, int]] = {}
        self.open: set[int] = set()

    def build(self, node: Any) -> Any:
        """The value of a node tree."""
        return self._value(node)[0]

    def _value(self, node: Any) -> tuple[Any, int]:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node), 1
        known = self.built.get(id(node))
        if known is not None:
            return known
        if id(node) in self.open:
            raise self._refusal(node, "values that end", "an alias inside its own anchor")
        self.open.add(id(node))
        if len(self.open) > DEEPEST:
            raise _too_deep(f"{self.path}:{_place(node).line}")
        value, size = self._mapping(node) if isinstance(node, yaml.MappingNode) else self._list(node)
        self.open.discard(id(node))
        if size > MOST_VALUES:
            raise self._refusal(node, f"at most {MOST_VALUES} values", "more, through aliases")
        self.built[id(node)] = value, size
        return value, size

    def _list(self, node: Any) -> tuple[list[Any], int]:
        self._check_tag(node, "seq")
        pairs = [self._value(child) for child in node.value]
        return [value for value, _ in pairs], 1 + sum(size for _, size in pairs)

    def _mapping(self, node: Any) -> tuple[dict[str, Any], int]:
        self._check_tag(node, "map")
        found: dict[str, Any] = {}
        total = 1
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._refusal(key_node, "a string as key", "a list or mapping")
            key = str(key_node.value)
            if key == "<<" and not key_node.style:
                raise self._refusal(key_node, "the members written out", "a merge key, which YAML 1.2 does not have")
            if key in found:
                raise self._refusal(key_node, "each key once", f"the key {key!r} twice")
            found[key], size = self._value(value_node)
            total += size
        return found, total

    def _scalar(self, node: Any) -> Any:
        value: str = node.value
        tag: str = node.tag
        if tag in (f"{_TAG}str", "!"):
            return value
        if tag != _PLAIN:
            return self._tagged(node, value, tag)
        if value in _WORDS:
            return _WORDS[value]
        first = value[0]
        if first in "-+.0123456789":
            return self._number(node, value)
        return value

    def _number(self, node: Any, value: str) -> Any:
        if _INTEGER.match(value):
            if len(value) > 400:
                raise self._refusal(node, "a number of at most 400 digits", f"{len(value)} digits")
            return int(value)
        if _FLOAT.match(value):
            number = float(value)
            if not math.isfinite(number):
                raise self._refusal(node, "a finite number", value)
            return number
        if _NOT_FINITE.match(value):
            raise self._refusal(node, "a finite number", value)
        return value

    def _tagged(self, node: Any, value: str, tag: str) -> Any:
        words = {f"{_TAG}null": (None,), f"{_TAG}bool": (True, False)}
        if tag in words and value in _WORDS and _WORDS[value] in words[tag]:
            return _WORDS[value]
        if tag in (f"{_TAG}int", f"{_TAG}float"):
            number = self._number(node, value)
            if not isinstance(number, str):
                return number
        raise self._refusal(node, "plain JSON values", f"the tag {tag.replace(_TAG, '!!')}")

    def _check_tag(self, node: Any, name: str) -> None:
        if node.tag not in (f"{_TAG}{name}", "!", ""):
            raise self._refusal(node, "plain JSON values", f"the tag {node.tag.replace(_TAG, '!!')}")

    def _refusal(self, node: Any, expected: str, actual: str) -> DocumentUnreadable:
        place = _place(node)
        return DocumentUnreadable(f"{self.path}:{place.line}:{place.column}", expected=expected, actual=actual)
