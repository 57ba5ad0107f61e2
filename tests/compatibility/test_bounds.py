"""Where a bound of work is reached, nothing is hidden: the finding stands, or the change is undecided, and both say so."""

from __future__ import annotations

from typing import Any

import pytest
from assay_compatibility import witnesses
from assay_compatibility.classes import Severity
from assay_compatibility.comparing import compare_inline
from assay_compatibility.schemas import discrimination


def document(schema: Any, parts: Any) -> dict[str, Any]:
    """A document with that schema in a request body, and components."""
    operation = {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {"200": {"description": "fine"}}}
    info = {"title": "t", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": {"/things": {"post": operation}}, "components": {"schemas": parts}}


def reaching(count: int, last: Any) -> dict[str, Any]:
    """Components of which each refers to the next, and what the last one is."""
    parts: dict[str, Any] = {
        f"p{index}": {"type": "object", "properties": {"next": {"$ref": f"#/components/schemas/p{index + 1}"}}} for index in range(count)
    }
    return {**parts, f"p{count}": last}


@pytest.mark.parametrize(
    ("bound", "value", "reason"),
    [
        ("MOST_QUESTIONS", 0, "a comparison looks for at most 0 witnesses"),
        ("MOST_PARTS", 0, "the schemas reach more than 0 others"),
        ("MOST_BYTES", 10, "the schemas are longer than 10 bytes"),
    ],
)
def test_a_break_without_its_witness_says_which_bound_was_reached(
    bound: str, value: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The class of the rule stands; only the instance is missing."""
    monkeypatch.setattr(witnesses, bound, value)
    parts = {"Part": {"type": "string"}}
    old: dict[str, Any] = {
        "type": "object",
        "properties": {"a": {"type": "object", "properties": {"b": {"$ref": "#/components/schemas/Part"}}}},
    }
    new = {"type": "object", "properties": {"a": {**old["properties"]["a"], "required": ["b"]}}}

    found = compare_inline(document(old, parts), document(new, parts)).findings

    assert [(finding.level, finding.has_witness, finding.unshown) for finding in found] == [
        (Severity.MAJOR, False, f"not proved: {reason}")
    ]


@pytest.mark.parametrize(
    ("word", "rule"), [("oneOf", "choice-undecided"), ("not", "values-undecided"), ("unevaluatedProperties", "values-undecided")]
)
def test_a_schema_that_only_the_whole_decides_is_undecided_past_the_bound(word: str, rule: str) -> None:
    """Fifty schemas further on a bound was loosened, which a keyword above may turn into a loss."""
    first = {"$ref": "#/components/schemas/p0"}
    schemas: dict[str, dict[str, Any]] = {
        "oneOf": {"type": "object", "properties": {"a": {"type": "string"}}, "oneOf": [first, {"type": "object", "minProperties": 9}]},
        "not": {"type": "object", "properties": {"a": first}, "not": {"required": ["b"], "properties": {"b": {"minLength": 3}}}},
        "unevaluatedProperties": {"type": "object", "properties": {"a": first}, "unevaluatedProperties": {"type": "string"}},
    }
    above = schemas[word]
    old, new = ({**above, "properties": {**above["properties"], "c": {"type": "string", "maxLength": length}}} for length in (3, 4))
    parts = reaching(50, {"type": "string"})

    found = compare_inline(document(old, parts), document(new, parts))

    assert (found.level, rule in {finding.rule for finding in found.findings}) == (Severity.UNDECIDED, True)


def test_messages_past_the_bound_are_perhaps_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether two messages that changed can still be told apart is then not known."""
    monkeypatch.setattr(discrimination, "MOST_PAIRS", 0)

    def channel(least: int) -> dict[str, Any]:
        payloads = {"said": {"type": "string", "maxLength": 2}, "shouted": {"type": "string", "minLength": least}}
        channels = {"talk": {"address": "talk", "messages": {name: {"payload": payload} for name, payload in payloads.items()}}}
        operations = {"hear": {"action": "send", "channel": {"$ref": "#/channels/talk"}}}
        return {"asyncapi": "3.0.0", "info": {"title": "t", "version": "1"}, "channels": channels, "operations": operations}

    found = compare_inline(channel(5), channel(4)).findings

    assert ("messages-perhaps-alike", Severity.UNDECIDED) in {(finding.rule, finding.level) for finding in found}
