"""The checks of epochs, and those that compare sequence numbers, on conversations written by hand."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import pytest
from assay_conformance.evidence import FeedSession
from assay_contracts import Contract, parse_bundle

from .by_hand import ASYNCAPI, FEED, OPENAPI, STATE, change, loan, rejoin, resumption, resync, session, state, verdict, watch, whole

A, A2, B = loan("a"), loan("a", due=2), loan("b")


def library() -> Contract:
    """The library with epochs in its feed and over HTTP; its sessions can be resumed."""
    channels, document = copy.deepcopy(ASYNCAPI), copy.deepcopy(OPENAPI)
    terms = channels["channels"][FEED]["x-stream"]
    terms["sequence"]["epoch"] = "/epoch"
    terms["resume"] = {"message": "again", "after": "/after"}
    channels["channels"][FEED]["messages"]["again"] = {"name": "again", "payload": {"type": "object"}}
    document["paths"]["/loans"]["get"]["x-snapshot"]["epoch"] = "/epoch"
    return parse_bundle(document, channels)


LIBRARY = library()


def of(epoch: Any, *messages: dict[str, Any], opened: float = 0.0) -> FeedSession:
    """A session whose messages state an epoch."""
    found = session(*({**message, "epoch": epoch} for message in messages))
    frames = tuple(dataclasses.replace(frame, at=frame.at + opened) for frame in found.frames)
    return dataclasses.replace(found, frames=frames, opened=opened, closed=opened + 10.0)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([{**whole(1, A), "epoch": 7}, {**change(2, A2), "epoch": 7}], "PASS"),
        ([{**whole(1, A), "epoch": "x"}, change(2, A2)], "PASS"),
        ([whole(1, A), {**change(2, A2), "epoch": "x"}], "FAIL"),
        ([{**whole(1, A), "epoch": None}], "FAIL"),
        ([{**whole(1, A), "epoch": "x"}, {**change(2, A2), "epoch": "y"}], "FAIL"),
        ([{**whole(1, A), "epoch": 1}, {**change(2, A2), "epoch": "1"}], "FAIL"),
        ([], "INCONCLUSIVE"),
    ],
)
def test_a_session_is_of_one_epoch(messages: list[dict[str, Any]], expected: str) -> None:
    """Its snapshot states one; what states none says nothing against it."""
    assert verdict("STR-022", FEED, session(*messages), contract=LIBRARY) == expected


@pytest.mark.parametrize(
    ("sessions", "expected"),
    [
        ([of("x", whole(1, A), change(2, A2)), of("x", whole(2, A2))], "PASS"),
        ([of("x", whole(1, A), change(2, A2)), of("x", whole(2, A))], "FAIL"),
        # A numbering that begins anew under another epoch is none of the old one.
        ([of("x", whole(8, A), change(9, A2)), of("y", whole(0, A2), opened=20), of("y", whole(0, A2), opened=40)], "PASS"),
        ([of("x", whole(8, A), change(9, A2)), of("x", whole(0, A2), opened=20), of("x", whole(0, A2), opened=40)], "FAIL"),
        # What a session reads from may lag behind for a moment.
        ([of("x", whole(1, A), change(2, A2)), of("x", whole(1, A), opened=2.5)], "PASS"),
        ([of("x", whole(1, A), change(2, A2)), of("x", whole(1, A), opened=20)], "FAIL"),
        ([of("x", whole(1, A)), of("y", whole(1, A2))], "INCONCLUSIVE"),
        ([of("x", whole(1, A))], "INCONCLUSIVE"),
    ],
)
def test_an_epoch_numbers_its_states_once(sessions: list[FeedSession], expected: str) -> None:
    """Two states under one number fail, and so does a numbering that begins anew and does not say so."""
    assert verdict("STR-023", FEED, *sessions, contract=LIBRARY) == expected


@pytest.mark.parametrize(
    ("stated", "expected"),
    [({"epoch": "x"}, "FAIL"), ({"epoch": "y"}, "PASS"), ({}, "PASS")],
)
def test_the_state_over_http_is_of_its_epoch(stated: dict[str, Any], expected: str) -> None:
    """Another state under the same number of the same epoch fails; of another epoch, or of none that is stated, nothing is known."""
    sessions = [of("x", whole(1, A), change(2, A2)), of("x", whole(2, A2))]
    http = state(2, A, **stated)
    http = dataclasses.replace(http, request=dataclasses.replace(http.request, credential=sessions[0].request.credential))

    assert verdict("STR-023", FEED, *sessions, http, contract=LIBRARY) == expected


@pytest.mark.parametrize(("stated", "expected"), [({"epoch": 7}, "PASS"), ({"epoch": None}, "FAIL"), ({}, "FAIL")])
def test_a_state_names_its_epoch(stated: dict[str, Any], expected: str) -> None:
    """As the contract says where."""
    assert verdict("SNP-007", STATE, state(1, A, **stated), contract=LIBRARY) == expected


def test_numbers_of_two_epochs_are_not_compared() -> None:
    """A server whose numbering began anew breaks none of the promises about numbers, where it says so."""
    old, new = of("x", whole(8, A), change(9, A2)), of("y", whole(0, B), change(1, A), opened=20)
    later = state(0, B, epoch="y", after=9, gone=True)

    assert verdict("STR-005", FEED, watch(old, new), contract=LIBRARY) != "FAIL"
    assert verdict("STR-006", FEED, watch(old, new), contract=LIBRARY) != "FAIL"
    assert verdict("STR-007", FEED, watch(of("x", whole(8, A)), http=(state(8, B, epoch="y"),)), contract=LIBRARY) == "INCONCLUSIVE"
    assert verdict("STR-008", FEED, rejoin(old, state(0, B, epoch="y", after=9, changes=[]), new), contract=LIBRARY) == "INCONCLUSIVE"
    assert verdict("STR-020", FEED, resumption(old, new, new, after=9), contract=LIBRARY) == "INCONCLUSIVE"
    assert verdict("STR-021", FEED, resumption(old, new, new, after=9), contract=LIBRARY) == "INCONCLUSIVE"
    assert verdict("SNP-002", STATE, state(9, A2, epoch="x"), state(0, B, epoch="y"), contract=LIBRARY) != "FAIL"
    assert verdict("SNP-003", STATE, resync(state(9, A2, epoch="x"), later), contract=LIBRARY) != "FAIL"
    assert verdict("SNP-006", STATE, state(9, A2, epoch="x"), state(9, B, epoch="y"), contract=LIBRARY) != "FAIL"


def test_numbers_of_one_epoch_are_compared() -> None:
    """The same conversations without another epoch fail."""
    old, new = of("x", whole(8, A), change(9, A2)), of("x", whole(0, B), change(1, A), opened=20)

    assert verdict("STR-008", FEED, rejoin(old, state(0, B, epoch="x", after=9, changes=[]), new), contract=LIBRARY) == "FAIL"
    assert verdict("STR-007", FEED, watch(of("x", whole(8, A)), http=(state(8, B, epoch="x"),)), contract=LIBRARY) == "FAIL"
    assert verdict("SNP-002", STATE, state(9, A2, epoch="x"), state(0, B, epoch="x"), contract=LIBRARY) == "FAIL"
    assert verdict("SNP-006", STATE, state(9, A2, epoch="x"), state(9, B, epoch="x"), contract=LIBRARY) == "FAIL"
