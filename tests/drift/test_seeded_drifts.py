"""A hundred seeded drifts: the proposed edit is the seeded one, and no promise is weakened in silence."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest
from assay_contracts import parse_bundle
from assay_drift.recording import Recording
from assay_drift.repair.proposal import Proposal, propose

from .seeded import FOREIGN, OURS, WEAKENING, WIDENING, Drift, Seed, contract_of, drifts

OTHERS = tuple(str(path) for path in FOREIGN)
SOURCES = (*OTHERS, *OURS)
EQUAL_AT_LEAST = 90


def proposal_for(drift: Drift) -> Proposal:
    """What is proposed for the exchange of a drift, read as one of a real client."""
    return propose(drift.contract, Recording((drift.exchange,), requests=True))


def is_the_seeded_edit(drift: Drift, proposal: Proposal) -> bool:
    """Whether the document as edited is the one that the seed was made from, and nothing is left."""
    assert drift.expected is not None
    return proposal.allowed and parse_bundle(drift.expected).openapi == proposal.documents["openapi"]


def spread(seeds: dict[str, Seed], count: int) -> list[Drift]:
    """So many drifts over all contracts, kinds and places."""
    found = [drift for source in SOURCES for drift in drifts(seeds, source, 3)]
    step = len(found) / count
    return [found[int(index * step)] for index in range(min(count, len(found)))]


@pytest.mark.parametrize("source", OTHERS, ids=lambda source: source.rpartition("/")[2])
@pytest.mark.parametrize("kind", list(WIDENING))
def test_the_seeded_edit_is_proposed(source: str, kind: str) -> None:
    """Of contracts that are not ours, one place for each kind of drift that has one."""
    for drift in islice(drifts(WIDENING, source, 1, kind), 1):
        proposal = proposal_for(drift)

        assert is_the_seeded_edit(drift, proposal), (drift.name, proposal.edits, proposal.faults, proposal.unexpressed)
        assert len(proposal.edits) == 1


@pytest.mark.parametrize("source", OTHERS, ids=lambda source: source.rpartition("/")[2])
@pytest.mark.parametrize("kind", list(WEAKENING))
def test_a_weaker_promise_is_the_fault_of_the_server(source: str, kind: str) -> None:
    """Nothing is proposed; the promise is listed with its request, and can be accepted by its pointer."""
    for drift in islice(drifts(WEAKENING, source, 1, kind), 1):
        proposal = proposal_for(drift)

        assert (proposal.edits, proposal.documents["openapi"]) == ((), drift.contract.openapi), drift.name
        assert [bool(fault.witness.request and fault.pointer) for fault in proposal.faults] == [True]
        accepted = propose(drift.contract, Recording((drift.exchange,), requests=True), {proposal.faults[0].pointer})
        assert ([edit.accepted for edit in accepted.edits], accepted.faults) == ([True], ())


@pytest.mark.slow
def test_of_a_hundred_seeded_drifts_ninety_are_proposed_as_seeded() -> None:
    """Over our contracts and others, every kind of drift."""
    seeded = spread(WIDENING, 100)
    missed = [drift.name for drift in seeded if not is_the_seeded_edit(drift, proposal_for(drift))]

    assert len(seeded) == 100
    assert len(seeded) - len(missed) >= EQUAL_AT_LEAST, missed


@pytest.mark.slow
def test_no_drift_weakens_a_promise_in_silence() -> None:
    """Whatever is left out, of another kind or broken: no edit is proposed that nobody accepted."""
    seeded = [drift for source in SOURCES for drift in drifts(WEAKENING, source, 5)]
    silent = [drift.name for drift in seeded if proposal_for(drift).edits]

    assert (len(seeded) >= 40, silent) == (True, [])


@pytest.mark.slow
def test_drifts_together_are_proposed_together() -> None:
    """Several drifts of one contract in one recording: each of them alone gives its edit, all of them give all."""
    for source in SOURCES:
        contract = contract_of(source)
        several = list(drifts(WIDENING, source, 1))
        together = propose(contract, Recording(tuple(drift.exchange for drift in several), requests=True))
        places = Counter((edit.need, edit.pointer) for edit in together.edits)

        assert (together.allowed, max(places.values())) == (True, 1), source
        for drift in several:
            alone = {edit.pointer for edit in proposal_for(drift).edits}
            assert alone <= {edit.pointer for edit in together.edits}, drift.name
