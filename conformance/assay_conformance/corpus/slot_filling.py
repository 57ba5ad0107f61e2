"""From a request as it was grown to the requests that a target can be asked.

A grown request speaks of a random tenant, a random span and a cursor that nobody issued, so it would always be refused for those. A good
value of such a parameter becomes a slot; a cursor is left out, and so is a moment that only a response states. Headers of which nobody can
say how they arrive are left out too, which leaves what the request was grown for. A request that is broken in several places is also taken
apart, so that each breakage is tried alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from assay_conformance.corpus.cases import CorpusRequest, Pair, Slot
from assay_conformance.corpus.expecting import Oracle
from assay_conformance.corpus.schemas import Undecided
from assay_conformance.corpus.slots import slot_of


def slotted(oracle: Oracle, request: CorpusRequest, *, whole: bool = True) -> Iterator[CorpusRequest]:
    """The requests that one grown request gives; `whole` keeps one that is broken in several places beside its parts."""
    with_slots = _with_slots(oracle, request)
    try:
        broken = oracle.expect(with_slots).breakages
    except Undecided:
        yield with_slots
        return
    names = {item.parameter for item in broken}
    if len(names) > 1:
        for kept in sorted(names):
            yield _mended(oracle, with_slots, names - {kept})
    if whole or len(names) < 2:
        yield with_slots
    if not names:
        yield from _with_raw_meaning(oracle, request, with_slots)


def _with_slots(oracle: Oracle, request: CorpusRequest) -> CorpusRequest:
    annotations = oracle.operation.annotations
    unknowable = {annotations.get("x-pagination", {}).get("cursor", {}).get("parameter"), *oracle.moments}
    replaced = {annotations.get("x-tenancy", {}).get("parameter"), *_window(oracle)} - {None}

    def good(pair: Pair) -> bool:
        name, value = pair
        return isinstance(value, str) and len(request.values(name)) == 1 and oracle.fits(oracle.operation.parameter(name), value)

    query = tuple(
        (pair[0], Slot(slot_of(annotations, pair[0]))) if pair[0] in replaced and good(pair) else pair
        for pair in request.query
        if not (pair[0] in unknowable and good(pair))
    )
    places = tuple(
        (name, Slot(f"parameter:{name}"))
        if isinstance(value, str) and oracle.fits(oracle.operation.parameter(name), value)
        else (name, value)
        for name, value in request.places
    )
    return CorpusRequest(request.method, request.path, places, query, tuple(filter(oracle.decides, request.headers)), request.body)


def _with_raw_meaning(oracle: Oracle, request: CorpusRequest, slotted: CorpusRequest) -> Iterator[CorpusRequest]:
    """The span and the cursor as they were grown, each by itself, when nothing else is wrong: these break the meaning or prove it."""
    annotations = oracle.operation.annotations
    cursor = annotations.get("x-pagination", {}).get("cursor", {}).get("parameter")
    for names in (_window(oracle), {cursor} - {None}):
        raw = {name: value for name, value in request.query if name in names and isinstance(value, str)}
        if not raw or len(raw) < len(names):
            continue
        kept = [pair for pair in slotted.query if pair[0] not in raw]
        again = CorpusRequest(request.method, request.path, slotted.places, (*kept, *raw.items()), slotted.headers, slotted.body)
        try:
            broken = oracle.expect(again).breakages
        except Undecided:
            continue
        if all(not item.by_schema for item in broken):
            yield again


def _mended(oracle: Oracle, request: CorpusRequest, names: set[str]) -> CorpusRequest:
    """The request with the broken parameters of these names left out, or filled when they are required."""
    operation = oracle.operation
    query: list[Pair] = [pair for pair in request.query if not any(pair[0] == name or pair[0].startswith(f"{name}[") for name in names)]
    for item in operation.parameters:
        if item.name in names and item.required and item.location == "query":
            query.append((item.name, Slot(slot_of(operation.annotations, item.name))))
    lower = {name.lower() for name in names}
    headers = tuple(pair for pair in request.headers if pair[0] not in lower)
    places = tuple((name, Slot(f"parameter:{name}")) if name in names else (name, value) for name, value in request.places)
    return CorpusRequest(request.method, request.path, places, tuple(query), headers, request.body)


def _window(oracle: Oracle) -> set[str]:
    window = oracle.operation.annotations.get("x-window")
    return {window["from"], window["to"]} if window else set()
