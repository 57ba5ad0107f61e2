"""Tagged alternatives: hundreds of them are decided by their tags."""

from __future__ import annotations

import random
from typing import Any

import jsonschema_rs
import pytest
from assay_containment import Kind, contains
from assay_containment.schemas import SchemaNode, document_of
from assay_containment.tags import Tags


def variant(tag: Any, maximum: int = 100) -> dict[str, Any]:
    """An object with a tag and a bounded number."""
    return {
        "type": "object",
        "properties": {"kind": {"const": tag}, "value": {"type": "integer", "minimum": 0, "maximum": maximum}},
        "required": ["kind", "value"],
    }


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_two_hundred_alternatives_are_decided(keyword: str) -> None:
    """A choice of 200 tagged objects is contained in one with a single looser alternative, and not the other way round."""
    narrow = {keyword: [variant(f"k{index}") for index in range(200)]}
    wide = {keyword: [variant(f"k{index}", 105 if index == 150 else 100) for index in range(200)]}

    assert contains(narrow, wide).kind is Kind.CONTAINED
    assert contains(wide, narrow).kind is Kind.NOT_CONTAINED


def test_a_witness_carries_the_tag_of_the_looser_alternative() -> None:
    """The witness is an instance of just the alternative that changed."""
    narrow = {"oneOf": [variant(f"k{index}") for index in range(90)]}
    wide = {"oneOf": [variant(f"k{index}", 101 if index == 71 else 100) for index in range(90)]}

    assert contains(wide, narrow).witness == {"kind": "k71", "value": 101}


def test_numbers_that_are_equal_are_one_tag_and_booleans_are_not_numbers() -> None:
    """1 and 1.0 are one JSON value, true is another."""
    tags = Tags()
    one, same, yes = (SchemaNode(document_of(variant(tag)), ()) for tag in (1, 1.0, True))

    assert [tags.apart((one,), same), tags.apart((one,), yes)] == [False, True]


def test_a_tag_that_may_be_missing_tells_nothing_apart() -> None:
    """Without `required`, an object without the tag is an instance of both alternatives."""
    loose = {**variant("a"), "required": ["value"]}
    other = {**variant("b"), "required": ["value"]}

    assert contains({"oneOf": [loose]}, {"oneOf": [loose, other]}).kind is Kind.NOT_CONTAINED


def test_answers_about_tagged_choices_agree_with_a_validator() -> None:
    """On random tagged choices no proof is contradicted by an instance, and each witness is one."""
    randomly = random.Random(7)
    for _ in range(150):
        sides = [_choice(randomly) for _ in range(2)]
        answer = contains(*sides)
        first, second = (jsonschema_rs.Draft202012Validator(side) for side in sides)
        if answer.kind is Kind.NOT_CONTAINED:
            assert first.is_valid(answer.witness)
            assert not second.is_valid(answer.witness)
        if answer.kind is Kind.CONTAINED:
            assert not [value for value in _instances() if first.is_valid(value) and not second.is_valid(value)]


def _choice(randomly: random.Random) -> dict[str, Any]:
    alternatives: list[Any] = []
    for _ in range(randomly.randint(1, 4)):
        alternative = variant(randomly.choice(["a", "b", 1, True]), randomly.choice([1, 2]))
        if randomly.random() < 0.3:
            alternative["required"] = ["value"]
        if randomly.random() < 0.2:
            alternative["properties"]["kind"] = {"enum": ["a", "b"]}
        if randomly.random() < 0.1:
            del alternative["type"]
        alternatives.append(alternative)
    return {randomly.choice(["anyOf", "oneOf"]): alternatives}


def _instances() -> list[Any]:
    tags = [{}, *({"kind": tag} for tag in ("a", "b", "c", 1, 1.0, True, None))]
    return [None, 3, *({**tag, **value} for tag in tags for value in ({}, {"value": 0}, {"value": 2}, {"value": 3}, {"value": "x"}))]
