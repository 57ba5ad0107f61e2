"""Every edit of a JSON Schema: each keyword of the vocabularies set, unset and changed, in schemas of every type."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from compatibility_audit.edits import shown
from compatibility_audit.objects import Json, Node, vocabulary
from compatibility_audit.samples import keyword_samples
from compatibility_audit.sites import MISSING, Missing

META = "https://json-schema.org/draft/2020-12/meta/"
VOCABULARIES = ("core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "content")
# One schema of each type that a keyword may stand in, with enough said that the keyword meets something.
BASES: dict[str, dict[str, Any]] = {
    "anything": {},
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "list": {"type": "array", "items": {"type": "string"}},
    "any list": {"type": "array"},
    "object": {"type": "object", "properties": {"alpha": {"type": "string"}, "beta": {"type": "integer"}}, "required": ["alpha"]},
    "any object": {"type": "object"},
    "closed object": {"type": "object", "properties": {"alpha": {"type": "string"}}, "additionalProperties": False},
    "listed": {"enum": ["alpha", "beta", "gamma"]},
    "choice": {"oneOf": [
        {"type": "object", "properties": {"alpha": {"const": "a"}}, "required": ["alpha"]},
        {"type": "object", "properties": {"alpha": {"const": "b"}}, "required": ["alpha"]},
    ]},
    "condition": {"type": "object", "if": {"required": ["alpha"]}, "then": {"required": ["beta"]}, "else": {"required": ["gamma"]}},
    "containing list": {"type": "array", "contains": {"type": "string"}},
    "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
}  # fmt: skip
MOST_VALUES = 3


@dataclass(frozen=True, slots=True)
class SchemaEdit:
    """A keyword with two values, in a schema that says something else besides."""

    keyword: str
    base: str
    before: Json
    after: Json

    @property
    def sentence(self) -> str:
        """What it does, in a few words."""
        return f"{shown(self.before)} → {shown(self.after)}"

    @property
    def schemas(self) -> tuple[Json, Json]:
        """The whole schemas."""
        return self._whole(self.before), self._whole(self.after)

    def _whole(self, value: Json) -> Json:
        base_schema = BASES[self.base]
        if isinstance(value, Missing):
            return {key: item for key, item in base_schema.items() if key != self.keyword}
        return {**base_schema, self.keyword: value}


@cache
def keywords() -> dict[str, list[Node]]:
    """Every keyword of JSON Schema 2020-12 and of OpenAPI's own vocabulary, with what its standard says about its value."""
    found: dict[str, list[Node]] = {}
    sources = [vocabulary(META + name) for name in VOCABULARIES]
    sources.append(json.loads((files("openapi_schema_validator") / "schemas/oas3.1/vocabularies/base").read_text(encoding="utf-8")))
    for source in sources:
        for name, property_ in source["properties"].items():
            found.setdefault(name, []).append(Node(property_, source, name))
    return found


def keyword_edits(base: str) -> Iterator[SchemaEdit]:
    """Each keyword in a schema of one type: set and unset, and changed from each of its values to the next."""
    for keyword, nodes in keywords().items():
        values = keyword_samples(keyword, nodes)
        values = values[: MOST_VALUES if len(values) != 6 else 6]
        own = BASES[base].get(keyword, MISSING)
        if not isinstance(own, Missing):
            values = [own, *(value for value in values if value != own)]
        for value in values:
            yield SchemaEdit(keyword, base, MISSING, value)
        for one, other in pairwise(values):
            yield SchemaEdit(keyword, base, one, other)


def few(edits: Sequence[SchemaEdit]) -> Iterator[SchemaEdit]:
    """Of the edits of each keyword one that sets it and one that changes it."""
    seen: set[tuple[str, bool]] = set()
    for edit in edits:
        key = (edit.keyword, isinstance(edit.before, Missing))
        if key not in seen:
            seen.add(key)
            yield edit
