"""What a change of our annotations means: every member of the vocabulary is read, and no promise is lost unseen."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from assay_compatibility.comparing import compare, compare_inline
from assay_compatibility.documents import read_document
from assay_compatibility.findings import Comparison
from assay_contracts import Annotation, find_documents, read_vocabulary
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.vocabulary import applies

VOCABULARY = {name: annotation for name, annotation in read_vocabulary(find_documents()).annotations.items() if name.startswith("x-")}
UNREAD = {"extension-changed", "annotation-no-longer-read"}
# What is on its way out may stay after all, and a window without a longest one is longer than any.
NO_LOSS = {"x-deprecation", "x-window"}
# Promises about each element of a list: without elements they are kept by everybody.
ABOUT_ELEMENTS = {"CAC-008", "ERR-004", "PAG-013"}


def carrying(name: str, value: Any) -> dict[str, Any]:
    """A document with that annotation where the vocabulary lets it stand."""
    carried = {} if value is None else {name: value}
    info = {"title": "Things", "version": "1.0.0"}
    match VOCABULARY[name].on[0]:
        case "channel":
            talk = {"action": "send", "channel": {"$ref": "#/channels/talk"}}
            return {"asyncapi": "3.0.0", "info": info, "channels": {"talk": {"address": "/talk", **carried}}, "operations": {"talk": talk}}
        case "operation":
            things = {"get": {"responses": {"200": {"description": "fine"}}, **carried}}
            return {"openapi": "3.1.0", "info": info, "paths": {"/things": things}}
        case _:
            return {"openapi": "3.1.0", "info": info, "paths": {}, **carried}


def changed(name: str, old: Any, new: Any) -> Comparison:
    """What the change of an annotation means."""
    return compare_inline(carrying(name, old), carrying(name, new))


def edits(value: Any) -> Iterator[Any]:
    """The value with one member removed, one text or number another, one element more or less."""
    if is_mapping(value):
        for key, item in value.items():
            yield {name: kept for name, kept in value.items() if name != key}
            yield from ({**value, key: edited} for edited in edits(item))
    elif is_list(value):
        for index, item in enumerate(value):
            yield value[:index] + value[index + 1 :]
            yield from ([*value[:index], edited, *value[index + 1 :]] for edited in edits(item))
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
    elif isinstance(value, str):
        yield re.sub(r"\d+", lambda found: str(int(found[0]) + 1), value, count=1) if re.match(r"PT?\d", value) else f"{value}x"


def steps(annotation: Annotation) -> Iterator[tuple[Any, Any]]:
    """Every valid step away from the example of an annotation, and back."""
    for edited in edits(annotation.example):
        if jsonschema_rs.is_valid(dict(annotation.schema), edited):
            yield annotation.example, edited
            yield edited, annotation.example


@pytest.mark.parametrize("name", sorted(VOCABULARY))
def test_every_step_is_told_by_a_rule_of_the_annotation(name: str) -> None:
    """No member of the vocabulary is looked at as the extension of somebody else."""
    unseen = [(old, new) for old, new in steps(VOCABULARY[name]) if not rules_of(name, old, new) or rules_of(name, old, new) & UNREAD]

    assert unseen == []


def rules_of(name: str, old: Any, new: Any) -> set[str]:
    """The rules that tell the change."""
    return {finding.rule for finding in changed(name, old, new).findings}


@pytest.mark.parametrize("name", sorted(VOCABULARY.keys() - NO_LOSS))
def test_a_clause_that_is_promised_no_longer_breaks(name: str) -> None:
    """A MUST clause that held and no longer holds is a promise taken back."""
    annotation = VOCABULARY[name]

    def promised(value: Any) -> set[str]:
        must = [clause for clause in annotation.clauses if clause.level == "MUST" and clause.id not in ABOUT_ELEMENTS]
        return {clause.id for clause in must if value is not None and applies(clause, value)}

    taken_back = [(old, new) for old, new in [*steps(annotation), (annotation.example, None)] if promised(old) - promised(new)]

    assert taken_back or not annotation.clauses
    assert [(old, new) for old, new in taken_back if changed(name, old, new).level.value != "major"] == []


@pytest.mark.parametrize("name", sorted(VOCABULARY))
def test_an_annotation_against_itself_finds_nothing(name: str) -> None:
    """Nothing changed, nothing is told."""
    assert changed(name, VOCABULARY[name].example, copy.deepcopy(VOCABULARY[name].example)).findings == ()


@pytest.mark.parametrize("value", [{"kind": "page", "max": 10}, "cursor", 7, ["a"]])
def test_the_extension_of_another_project_is_a_note(value: Any) -> None:
    """What only shares a name with the vocabulary promises nothing that we could read."""
    found = changed("x-pagination", value, {"kind": "other"})

    assert (found.level.value, [finding.rule for finding in found.findings]) == ("patch", ["extension-changed"])


def test_an_annotation_that_cannot_be_read_any_more_is_undecided() -> None:
    """What has lost a member that it must have is told as what nobody can judge."""
    cache = {"store": "private", "maxAge": {"minimum": 15, "maximum": 60}, "etag": True}
    found = changed("x-cache", cache, {**cache, "maxAge": {"maximum": 60}})

    assert (found.level.value, [finding.rule for finding in found.findings]) == ("undecided", ["annotation-no-longer-read"])


BOUNDS: list[tuple[str, Any, Any, str, str]] = [
    ("x-pagination", {"maximum": 200}, {"maximum": 100}, "major", "minor"),
    ("x-pagination", {"minimum": 1}, {"minimum": 5}, "major", "minor"),
    ("x-stream", {"every": "PT10S"}, {"every": "PT60S"}, "major", "minor"),
    ("x-stream", {"every": "PT90S"}, {"every": "PT120S"}, "major", "minor"),
    ("x-freshness", {"longestLag": "PT300S"}, {"longestLag": "PT6M"}, "major", "minor"),
    ("x-cache", {"maximum": 60}, {"maximum": 900}, "major", "minor"),
    ("x-idempotency", {"kept": "P2D"}, {"kept": "PT24H"}, "major", "minor"),
    ("x-window", {"longest": "P90D"}, {"longest": "P30D"}, "major", "minor"),
]


@pytest.mark.parametrize(("name", "old", "new", "forth", "back"), BOUNDS)
def test_bounds_move_one_way_only(name: str, old: Any, new: Any, forth: str, back: str) -> None:
    """A bound that was relied on may move away from those who relied on it, and not towards them."""
    one, other = (put(VOCABULARY[name].example, members) for members in (old, new))

    assert (forth, back) == (changed(name, one, other).level.value, changed(name, other, one).level.value)


def put(value: Any, members: dict[str, Any]) -> Any:
    """The value with these members wherever it has members of that name."""
    if is_mapping(value):
        return {key: members.get(key, put(item, members)) for key, item in value.items()}
    return value


def test_two_spellings_of_one_duration_are_one() -> None:
    """Five minutes are three hundred seconds."""
    freshness = put(VOCABULARY["x-freshness"].example, {"longestLag": "PT5M"})

    assert changed("x-freshness", freshness, put(freshness, {"longestLag": "PT300S"})).level.value == "patch"


def test_a_list_that_was_read_page_by_page_may_promise_it() -> None:
    """Pages are a break for who got the whole list, and none for who asked for pages already."""
    old = carrying("x-pagination", None)
    paged = copy.deepcopy(old)
    paged["paths"]["/things"]["get"]["parameters"] = [{"$ref": "#/components/parameters/cursor"}]
    paged["components"] = {"parameters": {"cursor": {"name": "cursor", "in": "query", "schema": {"type": "string"}}}}
    new = copy.deepcopy(paged)
    new["paths"]["/things"]["get"]["x-pagination"] = VOCABULARY["x-pagination"].example

    assert (compare_inline(old, new).level.value, compare_inline(paged, new).level.value) == ("major", "minor")


CODES = {"category": "input", "status": 400, "retryable": False, "provoke": {"request": "bad-body"}}
TAXONOMY: dict[str, Any] = {
    "envelope": {"code": "/error/code"},
    "categories": {"input": {"retry": "none", "shows": "The field that is wrong."}},
    "codes": {"BAD": CODES, "WORSE": CODES},
}


def answering(codes: list[str] | None, listed: list[str]) -> dict[str, Any]:
    """An operation with a list of codes, and an error body that lists some."""
    error = {"type": "object", "properties": {"error": {"type": "object", "properties": {"code": {"type": "string", "enum": listed}}}}}
    operation: dict[str, Any] = {"responses": {"400": {"description": "no", "content": {"application/json": {"schema": error}}}}}
    if codes is not None:
        operation["x-error-codes"] = codes
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1.0.0"},
        "x-error-taxonomy": TAXONOMY,
        "paths": {"/things": {"get": operation}},
    }


@pytest.mark.parametrize(("codes", "level"), [(["BAD"], "minor"), (["BAD", "WORSE"], "major"), (None, "major")])
def test_a_code_in_a_shared_body_breaks_those_who_may_get_it(codes: list[str] | None, level: str) -> None:
    """What an operation may answer is in its own list, where it has one."""
    assert level == compare_inline(answering(codes, ["BAD"]), answering(codes, ["BAD", "WORSE"])).level.value


def versioned(version: str, pattern: str, at: str = "/v") -> dict[str, Any]:
    """A message that states the version of its contract."""
    stream = {**VOCABULARY["x-stream"].example, "schemaVersion": {"header": "Accept-Version", "at": at}}
    document = carrying("x-stream", stream)
    document["info"] = {"title": "Things", "version": version}
    payload = {"type": "object", "properties": {"v": {"type": "string", "pattern": pattern}}}
    document["channels"]["talk"]["messages"] = {"said": {"payload": payload}}
    return document


@pytest.mark.parametrize(
    ("old", "new", "level"),
    [
        (("1.0.0", r"^1\.0\."), ("1.1.0", r"^1\.1\."), "minor"),
        (("1.0.0", r"^1\.0\."), ("1.1.0", r"^1\.2\."), "major"),
        (("1.1.0", r"^1\.1\."), ("1.0.0", r"^1\.0\."), "major"),
        (("1.0.0", r"^1\.0\."), ("2.0.0", r"^2\.0\."), "major"),
        (("1.0.0", r"^1\.0\.", "/other"), ("1.1.0", r"^1\.1\.", "/other"), "major"),
    ],
)
def test_a_stated_version_may_follow_that_of_its_contract(old: tuple[str, ...], new: tuple[str, ...], level: str) -> None:
    """Only the version of the contract itself, only upwards, only where an annotation says that it stands."""
    assert level == compare_inline(versioned(*old), versioned(*new)).level.value


OWN = [
    ("reliability@1.0.0", "reliability@1.1.0", "openapi", "minor"),
    ("reliability@1.0.0", "reliability@1.1.0", "asyncapi", "minor"),
    ("windowing@1.0.0", "windowing@2.0.0", "openapi", "major"),
    ("windowing@2.0.0", "windowing@2.1.0", "openapi", "minor"),
    ("executive@1.0.0", "executive@1.1.0", "openapi", "minor"),
]


@pytest.mark.parametrize(("old", "new", "kind", "level"), OWN)
def test_our_own_versions_are_what_they_say(old: str, new: str, kind: str, level: str) -> None:
    """A minor version breaks nobody, and a major one does."""
    found = compare(read_document(old, kind=kind), read_document(new, kind=kind))

    assert level == found.level.value, json.dumps(found.as_json(), default=str)[:2000]


REVENUE = {"value": "/kpis/*/value", "where": {"key": "revenue"}, "sum": "/trend/*/recognized"}
BACKLOG = {"value": "/kpis/*/value", "where": {"key": "backlog"}, "last": "/trend/*/backlog"}
ELSEWHERE = {"value": "/kpis/*/value", "sum": {"operation": "getKpi", "at": "/value"}}
SHARED = [REVENUE, BACKLOG, ELSEWHERE]


@pytest.mark.parametrize(
    ("new", "rules"),
    [
        ([ELSEWHERE, BACKLOG, REVENUE], {"annotation-described-differently"}),
        ([REVENUE, ELSEWHERE], {"derived-number-removed"}),
        ([*SHARED, {**ELSEWHERE, "sum": "/other"}], {"derived-number-added"}),
        ([REVENUE, {**BACKLOG, "last": "/trend/*/left"}, ELSEWHERE], {"derivation-changed"}),
        ([REVENUE, BACKLOG, {**ELSEWHERE, "tolerance": 0.5}], {"tolerance-widened"}),
        ([REVENUE, {**BACKLOG, "where": {"key": "debt"}}, ELSEWHERE], {"derived-number-removed", "derived-number-added"}),
    ],
)
def test_several_derivations_of_one_number_are_told_apart(new: list[dict[str, Any]], rules: set[str]) -> None:
    """By the items that they are of, and by their formulas; their order means nothing."""
    found = changed("x-derived", SHARED, new)

    assert {finding.rule for finding in found.findings} == rules
