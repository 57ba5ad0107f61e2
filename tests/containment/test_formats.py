"""The two readings of `format`: an annotation, or an assertion about strings."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from assay_containment import Formats, Kind, SchemaInvalid, contains

_SPEC = importlib.util.spec_from_file_location("random_schemas", Path(__file__).with_name("random_schemas.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
random_schemas = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(random_schemas)

DATE, UUID = {"type": "string", "format": "date"}, {"type": "string", "format": "uuid"}
FORMATS = ("date", "uuid", "email", "ipv4", "uri", "regex", "custom")
TEXTS = ("2026-01-31", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "a@example.org", "192.0.2.1", "https://example.org/a", "^a", "(")


@pytest.mark.parametrize(
    ("a", "b", "annotated", "asserted"),
    [
        ({"const": "soon"}, DATE, Kind.CONTAINED, Kind.NOT_CONTAINED),
        ({"const": "2026-01-31"}, DATE, Kind.CONTAINED, Kind.CONTAINED),
        (UUID, DATE, Kind.CONTAINED, Kind.NOT_CONTAINED),
        ({**DATE, "maxLength": 10}, DATE, Kind.CONTAINED, Kind.CONTAINED),
        ({"type": "integer"}, {"format": "date"}, Kind.CONTAINED, Kind.CONTAINED),
        ({"const": "soon"}, {"not": {"format": "date"}}, Kind.NOT_CONTAINED, Kind.CONTAINED),
        ({"type": "string"}, {"not": {"format": "date"}}, Kind.NOT_CONTAINED, Kind.NOT_CONTAINED),
        ({"properties": {"at": UUID}}, {"properties": {"at": DATE}}, Kind.CONTAINED, Kind.NOT_CONTAINED),
        ({"type": "string", "not": {"format": "date"}}, False, Kind.CONTAINED, Kind.NOT_CONTAINED),
        ({"items": DATE, "$defs": {"d": DATE}}, {"items": {"$ref": "#/$defs/d"}, "$defs": {"d": DATE}}, Kind.CONTAINED, Kind.CONTAINED),
    ],
    ids=["listed", "listed-fits", "other", "same", "no-string", "excluded", "excluded-of-any", "inside", "refused", "referred"],
)
def test_each_reading_has_its_answer(a: Any, b: Any, annotated: Kind, asserted: Kind) -> None:
    """The caller says whether formats are asserted, and the answer keeps to it."""
    assert (contains(a, b, formats="annotate").kind, contains(a, b, formats="assert").kind) == (annotated, asserted)


def test_what_only_a_format_could_prove_is_undecided() -> None:
    """Which strings a format has is not known, so a proof that needs it is none."""
    answer = contains(UUID, {"minLength": 36}, formats="assert")

    assert answer.kind is Kind.UNDECIDED or answer.witness is not None
    assert contains(DATE, {"format": "custom"}, formats="assert").reason.startswith("nothing proves that a string is of the format custom")


def with_formats(source: Any, schema: Any) -> Any:
    """A schema with a format at some of its places."""
    if isinstance(schema, list):
        return [with_formats(source, item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    names = ("properties", "patternProperties", "dependentSchemas")
    copy = {
        word: {name: with_formats(source, child) for name, child in value.items()}
        if word in names
        else value
        if word in ("enum", "const")
        else with_formats(source, value)
        for word, value in schema.items()
    }
    return {**copy, "format": source.dice.choice(FORMATS)} if source.dice.random() < 0.4 else copy


@pytest.mark.parametrize("formats", ["annotate", "assert"])
def test_no_instance_contradicts_an_answer(formats: Formats) -> None:
    """No random instance shows a contained pair to be none, and each witness is one, in the reading that was chosen."""
    source = random_schemas.Random(11)
    instances = [*(source.value() for _ in range(100)), *TEXTS, *({"a": text} for text in TEXTS), *([text] for text in TEXTS)]
    kinds: list[Kind] = []
    for _ in range(250):
        a, b = (with_formats(source, side) for side in source.pair(recursive=False))
        try:
            answer = contains(a, b, formats=formats)
        except SchemaInvalid:
            continue
        kinds.append(answer.kind)
        if answer.kind is Kind.UNDECIDED:
            continue
        asserted = formats == "assert"
        first, second = (jsonschema_rs.validator_for(side, validate_formats=asserted) for side in (a, b))
        tried = [answer.witness] if answer.kind is Kind.NOT_CONTAINED else instances
        against = [value for value in tried if first.is_valid(value) and not second.is_valid(value)]
        assert bool(against) is (answer.kind is Kind.NOT_CONTAINED), json.dumps([a, b, against])

    assert kinds.count(Kind.UNDECIDED) <= len(kinds) * 0.1
