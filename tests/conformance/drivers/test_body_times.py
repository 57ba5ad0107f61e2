"""The driver of times in bodies: notations that the contract forbids."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from assay_conformance.corpus import CorpusCase
from assay_conformance.corpus.cases import CorpusRequest
from assay_conformance.drivers.body_times import drive_changing
from assay_conformance.evidence import Evidence, Exchange
from assay_conformance.judging import judge
from assay_contracts import Contract

from .harbour import Call, Reply, contract_of, evidence_of

TIME = "2026-11-01T00:00:00Z"
DATE_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
WITH_Z: dict[str, Any] = {**DATE_TIME, "pattern": "^[0-9T:-]+Z$"}
ALL = {f"/voyages/0/sails {what}" for what in ("without a zone", "with the offset +00:00", "with another offset", "in lower case")}


def harbour(schema: dict[str, Any]) -> Contract:
    """Voyages are announced by the time of each."""
    voyage = {"type": "object", "properties": {"sails": schema}}
    body = {"type": "object", "properties": {"voyages": {"type": "array", "items": voyage}, "note": {"type": "string"}}}
    answers = {"201": {"description": "Announced."}, "400": {"description": "Wrong."}}
    announce = {"operationId": "announce", "requestBody": {"content": {"application/json": {"schema": body}}}, "responses": answers}
    return contract_of({"/voyages": {"post": announce}})


def seen(contract: Contract, answer: Any) -> Evidence:
    """What the driver records where a request with one time is known to be right."""
    body = orjson.dumps({"voyages": [{"sails": TIME}, {"sails": TIME}], "note": "soon"}).decode()
    request = CorpusRequest("POST", "/voyages", headers=(("content-type", "application/json"),), body=body)
    return evidence_of(
        drive_changing, contract, answer, cases=(CorpusCase("announce", request, "positive", "examples", "accepted", (), ""),)
    )


def strict(call: Call) -> Reply:
    """Takes times in UTC."""
    sails = orjson.loads(call.body)["voyages"][0]["sails"]
    return Reply({}, 201 if re.fullmatch(r"[0-9T:-]+Z", sails) else 400)


def takes_anything(call: Call) -> Reply:
    """Takes every time."""
    return Reply({}, 201)


def takes_nothing(call: Call) -> Reply:
    """Rejects every request."""
    return Reply({}, 400)


@pytest.mark.parametrize(("schema", "expected"), [(DATE_TIME, set[str]()), (WITH_Z, ALL), ({"type": "string"}, set[str]())])
def test_only_what_is_forbidden_beyond_doubt_is_sent(schema: dict[str, Any], expected: set[str]) -> None:
    """A pattern forbids them; a format is read in more than one way."""
    sent = seen(harbour(schema), strict).of(Exchange)

    assert {item.purpose for item in sent if item.expected == "refused"} == expected


@pytest.mark.parametrize(("server", "expected"), [(strict, "PASS"), (takes_anything, "FAIL")])
def test_a_server_that_takes_a_time_without_a_zone_fails(server: Any, expected: str) -> None:
    """It guesses the zone."""
    contract = harbour(WITH_Z)
    rows = judge(contract, seen(contract, server), only=["OP-006"]).rows

    assert [row.verdict.value for row in rows] == [expected]


def test_a_body_that_is_rejected_anyway_shows_nothing() -> None:
    """The wrong notations are not sent after it."""
    found = seen(harbour(WITH_Z), takes_nothing).of(Exchange)

    assert len(found) == 1
