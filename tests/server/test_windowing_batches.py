"""Batches of events: signed by a real key, each checked by itself, normalized and stored."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import Any

import jsonschema_rs
import pytest
from assay_contracts import load_contract
from assay_server.windowing import FactKind
from assay_server.windowing.batches import ALL_SATOSHI, check_batch
from assay_server.windowing.sample import Crowd, Signer, facts_of
from assay_server.windowing.signatures import verify

NOW = int(time.time())
ANN, BOB = Signer.of("test", "ann"), Signer.of("test", "bob")
FITS = jsonschema_rs.validator_for(dict(load_contract("windowing@2.0.0").schema("#/components/schemas/NostrEvent"))).is_valid


def item(at: int = NOW, kind: int = 1, tags: tuple[tuple[str, ...], ...] = (), **changes: Any) -> dict[str, Any]:
    """A signed event as it is sent, with some properties changed afterwards."""
    event = dataclasses.asdict(ANN.sign(at, kind, tags, "hello"))
    return {**event, "tags": [list(tag) for tag in event["tags"]], **changes}


def receipt(invoice: str, **changes: Any) -> dict[str, Any]:
    """A zap receipt with an invoice."""
    request = json.dumps({"pubkey": BOB.public})
    return item(kind=9735, tags=(("p", ANN.public), ("bolt11", invoice), ("description", request)), **changes)


def codes(*values: Any) -> list[str]:
    """The code of each rejected item of a batch."""
    return [rejected.error.code for rejected in check_batch(values, NOW, fits=FITS, verify=verify).rejected]


def test_an_event_of_a_key_is_accepted_with_its_relay() -> None:
    """And no other signature is right for it, nor a key that is no point of the curve."""
    checked = check_batch([item(relay="wss://relay.example")], NOW, fits=FITS, verify=verify)
    event = ANN.sign(NOW, 1, ())

    [(fact, relay)] = checked.facts
    assert (fact.kind, fact.sender, relay) == (FactKind.POST, ANN.public, "wss://relay.example")
    assert verify(event)
    assert not verify(dataclasses.replace(event, sig=BOB.sign(NOW, 1, ()).sig))
    assert not verify(dataclasses.replace(event, pubkey="f" * 64))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({}, "INVALID_EVENT"),
        (item(content="other"), "INVALID_EVENT"),
        (item(kind=70_000), "INVALID_EVENT"),
        (item(sig="0" * 128), "INVALID_SIGNATURE"),
        (item(kind=4), "UNKNOWN_KIND"),
        (item(kind=4, sig="0" * 128), "INVALID_SIGNATURE"),
        (item(at=NOW - 180 * 86_400 - 1), "TOO_OLD"),
        (item(at=NOW + 15 * 60 + 1), "IN_THE_FUTURE"),
        (receipt("lntb10u1pvj"), "INVALID_EVENT"),
        (receipt("lntb10u1pvj", sig="0" * 128), "INVALID_EVENT"),
        (receipt(f"lnbc{ALL_SATOSHI // 10**8 + 1}1pvj"), "INVALID_EVENT"),
    ],
)
def test_an_event_is_rejected_for_the_first_rule_that_it_breaks(value: Any, code: str) -> None:
    """Shape and hash, invoice, signature, kind, time."""
    assert codes(value) == [code]


def test_the_edges_of_time_and_of_bitcoin_are_accepted() -> None:
    """What is exactly as old, as far ahead or as much as allowed."""
    assert codes(item(at=NOW - 180 * 86_400), item(at=NOW + 15 * 60), receipt(f"lnbc{ALL_SATOSHI // 10**8}1pvj")) == []


def test_a_rejection_names_its_place_and_what_can_be_read_of_the_id() -> None:
    """Each event of a batch is checked by itself."""
    checked = check_batch([item(), {"id": "x" * 300}, 7, {"id": 7}], NOW, fits=FITS, verify=verify)

    assert len(checked.facts) == 1
    assert [(rejected.index, rejected.id) for rejected in checked.rejected] == [(1, "x" * 256), (2, None), (3, None)]


def test_the_sample_is_signed_and_always_the_same() -> None:
    """Every kind of fact is in it, and nothing that the contract would reject."""
    events = list(Crowd(1).history(NOW))
    kinds = {fact.kind for fact, _ in facts_of(iter(events))}

    assert [event.id for event in Crowd(1).history(NOW)] == [event.id for event in events]
    assert kinds == set(FactKind)
    assert all(verify(event) and FITS({**dataclasses.asdict(event), "tags": [list(tag) for tag in event.tags]}) for event in events[::40])
