"""What the drafts promise beside the rules of the linter: bounds everywhere, and examples that are true."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import jsonschema_rs
import pytest
from assay_contracts import ContractId, find_documents, list_contracts, load_contract
from assay_contracts.draft_status import says_draft
from assay_contracts.parsing import bundle_contract

from .examples_of import examples, response_examples, subschemas
from .schnorr import verifies

DRAFTS = [id for id in list_contracts() if says_draft(find_documents(), id)]
# A string is bounded by its length, its values, or a pattern without an open repetition.
_OPEN = re.compile(r"(?<!\\)[*+]|\{\d+,\}")
_SHAPED = ("date", "date-time")
# Requests of a released version may be longer than a later draft would allow; a bound there would break its clients.
_RELEASED = re.compile(r"^/components/parameters/|^/channels/[^/]+/bindings/ws/headers/properties/(Authorization|Accept-Schema-Version)$")


def unbounded(document: Any) -> list[str]:
    """The strings and arrays of a document that have no upper bound."""
    found: list[str] = []
    for pointer, schema in subschemas(document):
        if schema["type"] == "string" and not _is_bounded(schema):
            found.append(pointer)
        if schema["type"] == "array" and "maxItems" not in schema:
            found.append(pointer)
    return found


def _is_bounded(schema: Any) -> bool:
    pattern = schema.get("pattern")
    return (
        any(key in schema for key in ("maxLength", "enum", "const"))
        or schema.get("format") in _SHAPED
        or (isinstance(pattern, str) and not _OPEN.search(re.sub(r"\[[^]]*\]", "x", pattern)))
    )


@pytest.mark.parametrize("contract_id", DRAFTS, ids=str)
def test_every_string_and_array_is_bounded(contract_id: ContractId) -> None:
    """A reader knows how much it has to hold."""
    released = contract_id.name == "reliability"
    found = [pointer for document in bundle_contract(str(contract_id)) if document for pointer in unbounded(document)]

    assert [pointer for pointer in found if not (released and _RELEASED.match(pointer))] == []


def test_an_unbounded_string_and_an_unbounded_array_are_found() -> None:
    """The test above can fail."""
    texts: dict[str, Any] = {"a": {"type": "string"}, "b": {"type": "string", "pattern": "^[a-z]+$"}, "c": {"type": "array"}}
    fine: dict[str, Any] = {"d": {"type": "string", "pattern": "^[a-z*+]{1,4}$"}, "e": {"type": "array", "maxItems": 1}}

    assert unbounded({**texts, **fine}) == ["/a", "/b", "/c"]


@pytest.mark.parametrize("contract_id", [id for id in DRAFTS if id.name == "windowing"], ids=str)
def test_timelines_add_up_in_the_examples(contract_id: ContractId) -> None:
    """An example shows the laws of its contract: steps in order, which add up to the cards of the window."""
    compared = 0
    for _, status, _, body in response_examples(load_contract(str(contract_id))):
        whole, timeline = _cards(body) if status == "200" else (None, None)
        if whole is None or timeline is None:
            continue
        steps = [point["cards"] for point in timeline]
        assert {card: sum(step[card] for step in steps) for card in whole if card != "uniqueEngagers"} == {
            card: number for card, number in whole.items() if card != "uniqueEngagers"
        }
        assert whole["engagements"] == whole["replies"] + whole["reposts"] + whole["reactions"] + whole["zaps"]
        assert [point["bucketStart"] for point in timeline] == sorted({point["bucketStart"] for point in timeline})
        compared += 1

    assert compared > 0


def _cards(body: Any) -> tuple[dict[str, int] | None, list[dict[str, Any]] | None]:
    if "timeline" in body:
        return body["data"], body["timeline"]
    data = body.get("data", {})
    return data.get("cards"), data.get("timeline")


@pytest.mark.parametrize("contract_id", [id for id in DRAFTS if id.name == "windowing" and id.version != "1.0.0"], ids=str)
def test_nostr_events_of_the_examples_are_real(contract_id: ContractId) -> None:
    """The id is the hash of the event (NIP-01), and the signature verifies (BIP-340)."""
    body = load_contract(str(contract_id)).operation("ingestNostrEvents").request_body
    assert body is not None
    batches = examples(body.content["application/json"])
    events = [event for batch in batches for event in batch["events"]]

    assert events
    for event in events:
        fields = [0, event["pubkey"], event["created_at"], event["kind"], event["tags"], event["content"]]
        digest = hashlib.sha256(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
        assert event["id"] == digest
        assert verifies(event["pubkey"], digest, event["sig"])
        assert not verifies(event["pubkey"], digest, event["sig"][:-2] + "00")


@pytest.mark.parametrize(("header", "number"), [("RateLimit-Policy", "q"), ("RateLimit", "r")])
@pytest.mark.parametrize("contract_id", DRAFTS, ids=str)
def test_rate_limit_headers_take_every_legal_value(contract_id: ContractId, header: str, number: str) -> None:
    """Parameters in any order, spaces after a semicolon, several items; an item without its number is no policy."""
    limited = [operation.responses["429"] for operation in load_contract(str(contract_id)).operations if "429" in operation.responses]

    assert limited
    for response in limited:
        validator = jsonschema_rs.Draft202012Validator(dict(response.headers[header].schema))
        for legal in ('"a";{}=10', '"a";w=60;{}=10', '"a"; {}=10; w=60', '"a";pk=:aGk=:;{}=10', '"a";{}=1;w=1, "b";{}=2;w=60'):
            assert validator.is_valid(legal.replace("{}", number)), legal
        for wrong in ('"a";w=1', "a;{}=1", '"a"', "10"):
            assert not validator.is_valid(wrong.replace("{}", number)), wrong
