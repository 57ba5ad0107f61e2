"""The checks of streams, on sessions written by hand."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import pytest
from assay_conformance.evidence import Record
from assay_contracts import Contract, parse_bundle

from .by_hand import ASYNCAPI, FEED, OPENAPI, session, verdict

ALL: dict[str, Any] = {"kind": "all", "seq": 1, "loans": []}
CHANGE: dict[str, Any] = {"kind": "change", "seq": 2, "loans": []}


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("STR-001", FEED, [session(ALL, CHANGE)], "PASS"),
        ("STR-001", FEED, [session(CHANGE, ALL)], "FAIL"),
        ("STR-001", FEED, [session(ALL, ALL)], "FAIL"),
        ("STR-001", FEED, [session()], "FAIL"),
        ("STR-001", FEED, [], "INCONCLUSIVE"),
        ("STR-002", FEED, [session(ALL, CHANGE, {**CHANGE, "seq": 3})], "PASS"),
        ("STR-002", FEED, [session(ALL, CHANGE, {**CHANGE, "seq": 4})], "FAIL"),
        ("STR-002", FEED, [session(ALL)], "INCONCLUSIVE"),
    ],
)
def test_a_session_is_judged_by_its_messages(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """The snapshot comes first and once, and numbers have no gap; a session without a delta shows no number."""
    assert verdict(clause, subject, *records) == expected


def beating() -> Contract:
    """The library's feed with a heartbeat a second."""
    document = copy.deepcopy(ASYNCAPI)
    channel = document["channels"][FEED]
    channel["messages"]["beat"] = {"name": "beat", "payload": {"type": "object", "properties": {"kind": {"const": "beat"}}}}
    channel["x-stream"]["heartbeat"] = {"message": "beat", "every": "PT1S"}
    return parse_bundle(OPENAPI, document)


def test_a_session_of_which_frames_were_left_out_says_nothing_of_heartbeats() -> None:
    """One may be among them: a stream of many changes is kept from its beginning only."""
    quiet = dataclasses.replace(session(ALL, CHANGE), expected="any", closed=99.0)

    assert verdict("STR-003", FEED, quiet, contract=beating()) == "FAIL"
    assert verdict("STR-003", FEED, dataclasses.replace(quiet, left_out=7), contract=beating()) == "INCONCLUSIVE"
