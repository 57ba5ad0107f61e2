"""Random schemas and instances never contradict an answer."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from assay_containment import Kind, SchemaInvalid, contains

_SPEC = importlib.util.spec_from_file_location("random_schemas", Path(__file__).with_name("random_schemas.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
random_schemas = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(random_schemas)

PAIRS = 250


def answer_of(a: Any, b: Any) -> Kind | None:
    """The answer, or None when a side is no schema."""
    try:
        return contains(a, b).kind
    except SchemaInvalid:
        return None


@pytest.mark.parametrize("recursive", [False, True], ids=["plain", "recursive"])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_instance_contradicts_an_answer(seed: int, *, recursive: bool) -> None:
    """No random instance shows a contained pair to be none, and nearly all pairs are answered."""
    source = random_schemas.Random(seed)
    instances = [source.value() for _ in range(200)] + [*random_schemas.VALUES, *random_schemas.DEEP]
    undecided = 0
    for _ in range(PAIRS):
        a, b = source.pair(recursive=recursive)
        kind = answer_of(a, b)
        undecided += kind is Kind.UNDECIDED
        if kind is Kind.CONTAINED:
            first, second = jsonschema_rs.validator_for(a), jsonschema_rs.validator_for(b)
            against = [value for value in instances if first.is_valid(value) and not second.is_valid(value)]
            assert not against, json.dumps([a, b, against[0]])
    assert undecided <= PAIRS * 0.05


def test_unions_contain_their_parts_and_conjunctions_are_contained_in_theirs() -> None:
    """For any two schemas, a is contained in a or b, and a and b in a; no answer says otherwise."""
    source = random_schemas.Random(3)
    answers = []
    for _ in range(100):
        a, b = source.schema(), source.schema()
        answers += [answer_of(a, {"anyOf": [b, a]}), answer_of({"allOf": [a, b]}, a)]

    assert Kind.NOT_CONTAINED not in answers
    assert answers.count(Kind.CONTAINED) >= 195


def test_containment_is_transitive() -> None:
    """When a is contained in b and b in c, then a is not found outside of c."""
    source = random_schemas.Random(4)
    schemas = [source.schema() for _ in range(24)]
    found = {(one, other): answer_of(schemas[one], schemas[other]) for one in range(24) for other in range(24)}
    broken = [
        (one, other, last)
        for one in range(24)
        for other in range(24)
        for last in range(24)
        if found[one, other] is Kind.CONTAINED and found[other, last] is Kind.CONTAINED and found[one, last] is Kind.NOT_CONTAINED
    ]

    assert broken == []
