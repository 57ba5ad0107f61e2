"""How values are said: the bounds of a schema in words, durations, and JSON or YAML for what has no words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import yaml

from assay_contracts.json_types import is_list

_WORDED = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
    "multipleOf": "a multiple of",
    "minLength": "length at least",
    "maxLength": "length at most",
    "minItems": "items at least",
    "maxItems": "items at most",
    "minProperties": "properties at least",
    "maxProperties": "properties at most",
    "pattern": "matches",
    "format": "format",
    "default": "default",
    "const": "always",
    "enum": "one of",
    "required": "needs",
    "contentMediaType": "media type",
    "contentEncoding": "encoded as",
}
_FLAGS = {
    ("additionalProperties", False): "no other properties",
    ("additionalProperties", True): "other properties allowed",
    ("unevaluatedProperties", False): "no other properties",
    ("unevaluatedItems", False): "no further items",
    ("items", False): "no further items",
    ("uniqueItems", True): "no item twice",
    ("deprecated", True): "deprecated",
    ("readOnly", True): "read only",
    ("writeOnly", True): "write only",
}
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_UNITS = ("day", "hour", "minute", "second")


@dataclass(frozen=True, slots=True)
class Saying:
    """One bound in words: what it is, and the values it names."""

    words: str
    values: tuple[str, ...] = ()


class _Plain(yaml.CSafeDumper):
    """YAML as a contract writes it: properties below each other, plain lists on one line, and no anchors."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:  # noqa: FBT001 - as in yaml
        """Write properties below each other."""
        return super().represent_mapping(tag, mapping, flow_style=flow_style or not mapping)

    def ignore_aliases(self, data: Any) -> bool:
        """Write every value out."""
        return True


def say(keyword: str, value: Any) -> Saying:
    """A keyword of a schema and its value, in words where there are some."""
    if isinstance(value, bool) and (keyword, value) in _FLAGS:
        return Saying(_FLAGS[keyword, value])
    words = _WORDED.get(keyword, keyword)
    if keyword in ("enum", "required") and is_list(value):
        return Saying(words, tuple(in_line(item) for item in value))
    return Saying(words, (in_line(value),))


def in_line(value: Any) -> str:
    """A value on one line: a string as it is unless it would be mistaken for something else."""
    if isinstance(value, str) and value.strip() == value and value not in ("", "true", "false", "null") and not _is_number(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def in_json(value: Any) -> str:
    """A value as JSON to be read."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def in_yaml(value: Any) -> str:
    """A value as YAML to be read, as a contract would write it."""
    written = yaml.dump(value, Dumper=_Plain, sort_keys=False, default_flow_style=None, allow_unicode=True, width=88)
    return written.removesuffix("...\n").rstrip("\n")


def duration(text: str) -> str:
    """An ISO 8601 duration in words: `PT10S` is 10 seconds."""
    found = _DURATION.fullmatch(text)
    parts = [(count, unit) for count, unit in zip(found.groups(), _UNITS, strict=True) if count] if found else []
    return " ".join(f"{count} {unit}{'' if count == '1' else 's'}" for count, unit in parts) or text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
