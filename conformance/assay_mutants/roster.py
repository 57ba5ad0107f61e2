"""Every mutant that speaks of a contract: those derived from it and those written by hand."""

from __future__ import annotations

from collections.abc import Iterable

from assay_conformance.errors import KitError
from assay_contracts import Contract

from assay_mutants.derived import derive_http
from assay_mutants.derived_feed import derive_feed
from assay_mutants.model import Mutant
from assay_mutants.own_clauses import derive_own_clauses
from assay_mutants.written import written_mutants


def all_mutants(contract: Contract) -> tuple[Mutant, ...]:
    """The mutants that break something which the contract promises, in the order of their ids; each id stands for one mutant only."""
    promised = {promise.clause.id for promise in contract.promises}
    found: dict[str, Mutant] = {}
    for mutant in (*derive_http(contract), *derive_feed(contract), *derive_own_clauses(contract), *written_mutants()):
        if mutant.id in found:
            raise KitError(f"two mutants are called {mutant.id!r}; expected each to have a unique name")
        if mutant.breaks & promised:
            found[mutant.id] = mutant
    return tuple(found[id] for id in sorted(found))


def chosen(mutants: Iterable[Mutant], words: Iterable[str]) -> tuple[Mutant, ...]:
    """The mutants whose id has one of the words in it, or that break a clause that begins with one; all when there are no words."""
    wanted = tuple(words)
    if not wanted:
        return tuple(mutants)
    return tuple(
        mutant
        for mutant in mutants
        if any(word in mutant.id or any(clause.startswith(word) for clause in mutant.breaks) for word in wanted)
    )
