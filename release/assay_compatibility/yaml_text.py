"""YAML as JSON in other clothes: read by the 1.2 core rules, and never so deep or so large that reading it has no end."""

from __future__ import annotations

import re
from typing import Any, cast

import yaml
from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.errors import DocumentRefused

MOST_VALUES = 4_000_000
DEEPEST = 1000
_SAFE = 4000


_CORE = (
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)$", (*"tTfF",)),
    ("null", r"(?:~|null|Null|NULL|)$", (*"~nN", "")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)$", (*"-+0123456789",)),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$", (*"-+0123456789.",)),
    ("merge", r"<<$", ("<",)),
)


class _Loader(yaml.CSafeLoader):
    """YAML by the 1.2 core rules: `yes` and `on` are texts, and so are days and times."""

    yaml_implicit_resolvers: dict[str | None, list[Any]] = {  # noqa: RUF012
        first: [(f"tag:yaml.org,2002:{tag}", re.compile(pattern)) for tag, pattern, firsts in _CORE if first in firsts]
        for first in {each for _, _, firsts in _CORE for each in firsts}
    }


def read_yaml(text: bytes, source: str) -> Any:
    """The plain JSON values of a text."""
    _check_depth(text, source)
    return _Plain(source).value(yaml.load(text, Loader=_Loader))  # noqa: S506 - the C twin of the safe loader


def nodes(text: str) -> Any:
    """The node tree of a text that was read before, which knows where each value is written."""
    return cast("Any", yaml).compose(text, _Loader)


def _check_depth(text: bytes, source: str) -> None:
    """The composer recurses in C and would take the process down with it, so what could be too deep is looked at first."""
    if text.count(b"[") + text.count(b"{") <= _SAFE and re.search(rb"^[ \-?:]{%d}" % _SAFE, text, re.MULTILINE) is None:
        return
    depth = 0
    for event in cast("Any", yaml).parse(text, _Loader):
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            depth += 1
            if depth > DEEPEST:
                raise DocumentRefused(source, expected=f"at most {DEEPEST} levels of nesting", actual="more")
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            depth -= 1


class _Plain:
    """YAML's values as the JSON they stand for; what aliases repeat counts each time."""

    def __init__(self, source: str) -> None:
        self.source, self.left = source, MOST_VALUES

    def value(self, value: Any) -> Any:
        """The JSON value of a YAML value."""
        self.left -= 1
        if self.left < 0:
            raise DocumentRefused(self.source, expected=f"at most {MOST_VALUES} values", actual="more, through aliases")
        if is_mapping(value):
            return {_key(key): self.value(each) for key, each in value.items()}
        if is_list(value):
            return [self.value(each) for each in value]
        return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _key(key: Any) -> str:
    return {True: "true", False: "false"}[key] if isinstance(key, bool) else "null" if key is None else str(key)
