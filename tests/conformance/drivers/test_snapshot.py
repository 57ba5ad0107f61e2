"""The driver of snapshots: states, changes, and the changes since earlier states."""

from __future__ import annotations

import functools

from assay_conformance.drivers.snapshot import ROUNDS, drive_changing
from assay_conformance.evidence import Evidence, Exchange, Resync

from tests.conformance.driving import evidence_of, query_of


@functools.cache
def driven() -> Evidence:
    """What the driver saw of the honest server."""
    return evidence_of(drive_changing)


def test_every_round_of_changes_is_followed_by_what_changed() -> None:
    """Then all rounds in one, and a state to which nothing was added."""
    resyncs = driven().of(Resync)

    assert [item.made for item in resyncs] == [*ROUNDS, sum(ROUNDS), 0]
    assert [item.later.answer.json["seq"] - item.earlier.answer.json["seq"] for item in resyncs[: len(ROUNDS)]] == list(ROUNDS)


def test_the_later_state_is_asked_for_with_the_number_of_the_earlier() -> None:
    """Otherwise the changes would join nothing."""
    for item in driven().of(Resync):
        assert query_of(item.later.request.query)["after"] == str(item.earlier.answer.json["seq"])


def test_the_edges_of_the_numbers_are_asked_for() -> None:
    """The beginning, the present, one before it, and one that is not reached."""
    exchanges = driven().of(Exchange)
    present = exchanges[-1].answer.json["seq"]
    numbers = {query_of(item.request.query).get("after") for item in exchanges}

    assert {None, "0", str(present), str(present - 1), str(present + 1000)} <= numbers


def test_every_tenant_states_its_own() -> None:
    """One whose state is empty among them."""
    tenants = {query_of(item.request.query)["tenantId"] for item in driven().of(Exchange)}

    assert tenants == {"tenant-a", "tenant-b", "tenant-c"}


def test_without_a_hook_the_state_is_read_all_the_same() -> None:
    """Nothing was made, and the record says so."""
    resyncs = evidence_of(drive_changing, hook=None).of(Resync)

    assert {item.made for item in resyncs} == {0}
