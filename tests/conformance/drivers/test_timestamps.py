"""The driver of timestamps: one instant in several notations, and what the contract makes of each."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from assay_conformance.drivers.timestamps import drive, expected_of, is_date_time, notations
from assay_conformance.evidence import Exchange, Twice
from assay_conformance.judging import judge
from assay_contracts import Contract, Parameter

from .harbour import Call, Reply, contract_of, evidence_of, operation, query_parameter
from .ships import VISITS, WINDOW, WINDOW_FIXTURE

NOTATIONS = ("without a zone", "with the offset +00:00", "with another offset", "in lower case")
DATE_TIME = {"type": "string", "format": "date-time"}
WITH_Z = {**DATE_TIME, "pattern": "^[0-9T:-]+Z$"}


def parameter(schema: dict[str, Any], description: str = "") -> Parameter:
    """A parameter of the query."""
    return Parameter("since", "query", required=False, schema=schema, description=description)


def harbour(schema: dict[str, Any] = DATE_TIME) -> Contract:
    """The number of visits in a window."""
    parameters = [query_parameter(name, required=True, **schema) for name in ("since", "until")]
    return contract_of({"/visits": {"get": operation("countVisits", parameters, x_window=WINDOW)}})


def by_instant(call: Call) -> Reply:
    """Visits between two instants, whose letters may be in lower case; a time without a zone is none."""
    start, end = (dt.datetime.fromisoformat(call.query[name].upper()) for name in ("since", "until"))
    if start.tzinfo is None or end.tzinfo is None:
        return Reply({"code": "BAD_SPAN"}, 400)
    return Reply({"visits": len([visit for visit in VISITS if start <= visit < end])})


def deaf_to_offsets(call: Call) -> Reply:
    """The same, by what the clock shows wherever it is."""
    names = ("since", "until")
    read = {name: f"{call.query[name].upper()[:19]}{'Z' if len(call.query[name]) > 19 else ''}" for name in names}
    return by_instant(Call(call.method, call.path, read, call.headers))


@pytest.mark.parametrize(
    ("schema", "description", "expected"),
    [
        (DATE_TIME, "", ("refused", "accepted", "accepted", "any")),
        (DATE_TIME, "In UTC, with `Z`.", ("refused", "any", "any", "any")),
        (WITH_Z, "", ("refused", "refused", "refused", "refused")),
        ({"anyOf": [DATE_TIME, {"type": "null"}]}, "", ("refused", "accepted", "accepted", "any")),
    ],
)
def test_the_contract_says_what_becomes_of_a_notation(schema: dict[str, Any], description: str, expected: tuple[str, ...]) -> None:
    """An offset stands for `Z` unless a pattern forbids it; what prose forbids, or RFC 3339 leaves open, a server may decide."""
    known = parameter(schema, description)

    assert tuple(expected_of(known, what, text) for what, text in notations("2026-11-01T00:00:00Z")) == expected


def test_all_notations_but_the_one_without_a_zone_are_one_instant() -> None:
    """Fractions of a second stay."""
    found = dict(notations("2026-11-01T22:00:00.5Z"))

    assert tuple(found) == NOTATIONS
    assert {dt.datetime.fromisoformat(found[name].upper()) for name in NOTATIONS[1:]} == {
        dt.datetime(2026, 11, 1, 22, 0, 0, 500_000, tzinfo=dt.UTC)
    }


@pytest.mark.parametrize(
    "schema", [{"type": "string"}, {"type": "string", "format": "date"}, {"anyOf": [DATE_TIME, {"type": "string"}]}, {"type": "integer"}]
)
def test_what_takes_other_texts_is_left_alone(schema: dict[str, Any]) -> None:
    """Only a parameter that is a date-time or nothing has notations."""
    assert not is_date_time(parameter(schema))


def test_each_edge_of_a_window_is_written_in_each_notation() -> None:
    """Each beside the window as it is written in UTC."""
    evidence = evidence_of(drive, harbour(), by_instant, window=WINDOW_FIXTURE)
    sent = {item.purpose for item in evidence.of(Exchange)}

    assert sent == {f"{name} {what}" for name in ("since", "until") for what in ("in UTC", *NOTATIONS)}
    assert {item.purpose for item in evidence.of(Twice)} == {f"{name} {what}" for name in ("since", "until") for what in NOTATIONS[1:]}


@pytest.mark.parametrize(("server", "expected"), [(by_instant, "PASS"), (deaf_to_offsets, "FAIL")])
def test_a_server_that_drops_an_offset_answers_another_window(server: Any, expected: str) -> None:
    """One that accepts a notation owes the numbers of the same window."""
    contract = harbour()
    evidence = evidence_of(drive, contract, server, window=WINDOW_FIXTURE)
    (row,) = judge(contract, evidence, only={"WIN-007"}).rows

    assert row.verdict.value == expected


def test_a_request_that_another_rule_rejects_is_not_written_again() -> None:
    """Nothing is known then about how the time is read."""
    evidence = evidence_of(drive, harbour(), lambda _: Reply({"code": "BAD_SPAN"}, 400), window=WINDOW_FIXTURE)

    assert {item.purpose for item in evidence.of(Exchange)} == {"since in UTC", "until in UTC"}
