"""The driver of idempotency keys: what shares a key, and what does not."""

from __future__ import annotations

from typing import Any

from assay_conformance.corpus import CorpusCase, CorpusRequest
from assay_conformance.drivers.idempotency import AT_ONCE, ROUNDS, drive_changing
from assay_conformance.evidence import Evidence, Exchange, KeyedPair, KeyedRace, ReplayReadings

from .harbour import Call, Reply, contract_of, evidence_of, operation

SPEC: dict[str, Any] = {
    "header": "Voyage",
    "conflict": "TAKEN",
    "compares": "json",
    "scope": ["subject", "operation"],
    "stores": "success",
    "items": {"at": "/ships", "identity": ["quay", "call"], "accepted": "/new", "duplicate": "/old"},
}
SHIP = {
    "type": "object",
    "required": ["quay", "call"],
    "properties": {"quay": {"type": "string"}, "call": {"type": "string", "maxLength": 12}},
}
BODY = {"type": "object", "required": ["ships"], "properties": {"ships": {"type": "array", "minItems": 1, "items": SHIP}}}
WITH_BODY = {"required": True, "content": {"application/json": {"schema": BODY}}}
NOTE = {"required": True, "content": {"application/json": {"schema": {"type": "object", "required": ["text"]}}}}
NOTED = {"header": "Note", "conflict": "TAKEN", "scope": ["subject"]}
CONTRACT = contract_of(
    {
        "/ships": {"post": operation("bring", requestBody=WITH_BODY, x_idempotency=SPEC), "get": operation("count")},
        "/notes": {"post": operation("write", requestBody=NOTE, x_idempotency=NOTED)},
    },
    codes={"TAKEN": "conflicting-replay"},
)


def case(operation: str, path: str, body: str, outcome: str = "accepted") -> CorpusCase:
    """A request of the corpus."""
    request = CorpusRequest("POST", path, headers=(("content-type", "application/json"),), body=body)
    return CorpusCase(operation, request, "positive", "examples", outcome, (), "by hand")  # type: ignore[arg-type]


CASES = (
    case("bring", "/ships", '{"ships": [{"quay": "primary-quay", "call": "AB12"}]}'),
    case("bring", "/ships", '{"ships": []}', "refused"),
    case("write", "/notes", '{"text": "fog"}'),
)


def driven() -> Evidence:
    """What the driver records of a harbour that lets everything in."""

    def answer(call: Call) -> Reply:
        return Reply({"new": 1, "old": 0})

    return evidence_of(drive_changing, CONTRACT, answer, cases=CASES)


def key(exchange: Exchange) -> str | None:
    """The key of a request, whatever its header is called."""
    return exchange.request.header("Voyage") or exchange.request.header("Note")


def test_every_way_to_use_a_key_is_tried() -> None:
    """What needs another subject, another operation or items is tried where there is one."""
    hows = {subject: {pair.how for pair in driven().of(KeyedPair) if pair.subject == subject} for subject in ("bring", "write")}

    assert hows["bring"] == {"same", "rewritten", "another-body", "items-again", "after-refusal", "other-subject", "other-operation"}
    assert hows["write"] == {"same", "rewritten", "another-body", "other-subject"}


def test_a_pair_shares_its_key_unless_its_items_do() -> None:
    """Known items come under a new key."""
    for pair in driven().of(KeyedPair):
        assert (key(pair.first) == key(pair.again)) is (pair.how != "items-again")
        assert (pair.first.request.body == pair.again.request.body) is (pair.how in ("same", "items-again"))


def test_the_items_of_each_first_request_are_new() -> None:
    """A run against a target that has seen the corpus shows as much as the first; what names a tenant stays."""
    bodies = [
        pair.first.request.body or ""
        for pair in driven().of(KeyedPair)
        if pair.subject == "bring" and pair.how in ("same", "other-subject")
    ]

    assert len(set(bodies)) == len(bodies) == 2
    assert all("primary-quay" in body and "AB12" not in body for body in bodies)


def test_several_are_sent_at_once() -> None:
    """All with one key and one body."""
    for race in driven().of(KeyedRace):
        assert len(race.attempts) == AT_ONCE
        assert len({(key(item), item.request.body) for item in (*race.attempts, race.again)}) == 1


def test_what_can_be_read_is_read_before_and_after_each_repetition() -> None:
    """By each operation that reads."""
    for readings in driven().of(ReplayReadings):
        assert tuple(item.replayed for item in readings.rounds) == ROUNDS
        assert {read.subject for item in readings.rounds for read in item.reads} == {"count"}
