"""YAML as JSON in other clothes: from a text to nodes that know their place, and from nodes to plain JSON values.

It is read by the 1.2 core rules: `yes`, `no`, `on` and `off` are strings, a date is a string, and keys are always strings. A reader is
*strict* or *tolerant*: a strict one rejects a key written twice, a merge key and a number without end, a tolerant one takes the last of
two keys, merges, and reads what is no JSON number as a string.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, cast

import yaml

from assay_contracts.errors import DocumentUnreadable
from assay_contracts.json_types import is_list, is_mapping

YAML = "YAML"
"""What a syntax error expected."""

DEEPEST = 200
MOST_VALUES = 4_000_000
_SAFE = 4000

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)$|\.(?:nan|NaN|NAN)$")
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_TAG = "tag:yaml.org,2002:"
_STRING, _MAPPING, _SEQUENCE = f"{_TAG}str", f"{_TAG}map", f"{_TAG}seq"
_STRINGS = (_STRING, "!")
# What YAML 1.1 has a type for and JSON has not.
_STRINGS_OF_OLD = (f"{_TAG}timestamp", f"{_TAG}binary")
_PLAIN = "plain"
_MERGE = "<<"


class _Loader(yaml.CSafeLoader):
    """libyaml's parser with no implicit types: what a plain scalar means is decided by the builder."""

    def resolve(self, kind: type[Any], value: Any, implicit: Any) -> str:
        """The tag of a node that names none; libyaml asks for that of every node."""
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else _STRING
        return _MAPPING if kind is yaml.MappingNode else _SEQUENCE


def compose(text: str, where: str) -> Any:
    """The node tree of a text, None for an empty one. Raises `DocumentUnreadable`, also for what nests deeper than `DEEPEST`."""
    try:
        if _could_overflow(text):
            _check_depth(text, where)
        return cast("Any", yaml).compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark else where
        raise DocumentUnreadable(place, expected=YAML, actual=f"a syntax error: {error.problem or error.context}") from None
    except yaml.reader.ReaderError as error:
        raise DocumentUnreadable(where, expected=YAML, actual=str(error.reason)) from None
    except (yaml.YAMLError, ValueError) as error:
        raise DocumentUnreadable(where, expected=YAML, actual=str(error).splitlines()[0]) from None


def build(root: Any, where: str, *, tolerant: bool = False) -> Any:
    """The plain JSON values of a node tree. Raises `DocumentUnreadable`."""
    return _Builder(where, tolerant=tolerant).build(root)


def node_at(root: Any, keys: tuple[str, ...]) -> tuple[int, int]:
    """Line and column, counted from 1, of the key that a pointer names, of the item, or of the nearest place above it."""
    node, found = root, _place(root)
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            pair = next(((name, value) for name, value in node.value if name.value == key), None)
            if pair is None:
                break
            found, node = _place(pair[0]), pair[1]
        elif isinstance(node, yaml.SequenceNode) and key.isdecimal() and int(key) < len(node.value):
            node = node.value[int(key)]
            found = _place(node)
        else:
            break
    return found


def scalar_at(root: Any, keys: tuple[str, ...]) -> str | None:
    """The text of the scalar that keys of mappings lead to, as it is written; of a key written twice the last counts."""
    node = root
    for key in keys:
        if not isinstance(node, yaml.MappingNode):
            return None
        node = next((value for name, value in reversed(node.value) if name.value == key), None)
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def too_deep(where: str) -> DocumentUnreadable:
    """The error about a text that nests deeper than `DEEPEST`."""
    return DocumentUnreadable(where, expected=f"at most {DEEPEST} levels of nesting", actual="more")


def _could_overflow(text: str) -> bool:
    """Whether a text could nest so deep that the composer, which recurses in C, would overflow its stack."""
    brackets = text.count("[") + text.count("{")
    return brackets > _SAFE or re.search(rf"^[ \-?:]{{{_SAFE}}}", text, re.MULTILINE) is not None


def _check_depth(text: str, where: str) -> None:
    """Refuse a text that nests too deep, from its events alone."""
    depth = 0
    for event in cast("Any", yaml).parse(text, _Loader):
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            depth += 1
            if depth > DEEPEST:
                raise too_deep(f"{where}:{_place(event)[0]}")
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            depth -= 1


def _place(node: Any) -> tuple[int, int]:
    return cast("int", node.start_mark.line) + 1, cast("int", node.start_mark.column) + 1


class _Builder:
    """Values from nodes. An alias gives the very object of its anchor; their expanded number is bounded."""

    def __init__(self, where: str, *, tolerant: bool) -> None:
        self.where, self.tolerant = where, tolerant
        # libyaml gives an alias the node of its anchor, so a node is known again by its identity; the tree outlives the builder.
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
            raise too_deep(f"{self.where}:{_place(node)[0]}")
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
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        total = 1
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._refusal(key_node, "a string as key", "a list or mapping")
            key = str(key_node.value)
            value, size = self._value(value_node)
            total += size
            if key == _MERGE and not key_node.style:
                for source in self._merge_sources(key_node, value):
                    merged = {**source, **merged}
                continue
            if key in own and not self.tolerant:
                raise self._refusal(key_node, "each key once", f"the key {key!r} twice")
            own[key] = value
        return {**merged, **own} if merged else own, total

    def _merge_sources(self, node: Any, value: Any) -> Iterator[dict[str, Any]]:
        """The mappings that a merge key names, the one that wins first."""
        if not self.tolerant:
            raise self._refusal(node, "the properties written out", "a merge key, which YAML 1.2 does not have")
        for source in value if is_list(value) else [value]:
            if not is_mapping(source):
                raise self._refusal(node, "a mapping, or a list of mappings, to merge", "something else")
            yield source

    def _scalar(self, node: Any) -> Any:
        value: str = node.value
        tag: str = node.tag
        if tag in _STRINGS:
            return value
        if tag != _PLAIN:
            return self._tagged(node, value, tag)
        if value in _WORDS:
            return _WORDS[value]
        if value[0] in "-+.0123456789":
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
        if _NOT_FINITE.match(value) and not self.tolerant:
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
        if self.tolerant and tag in _STRINGS_OF_OLD:
            return value
        raise self._refusal(node, "plain JSON values", f"the tag {tag.replace(_TAG, '!!')}")

    def _check_tag(self, node: Any, name: str) -> None:
        if node.tag not in (f"{_TAG}{name}", "!", ""):
            raise self._refusal(node, "plain JSON values", f"the tag {node.tag.replace(_TAG, '!!')}")

    def _refusal(self, node: Any, expected: str, actual: str) -> DocumentUnreadable:
        line, column = _place(node)
        return DocumentUnreadable(f"{self.where}:{line}:{column}", expected=expected, actual=actual)
