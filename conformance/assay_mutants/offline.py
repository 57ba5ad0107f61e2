"""Mutants over recorded evidence: change what was answered, judge again what changed.

A check that reads one record at a time is run again only for the records that a mutant touched, so most mutants cost milliseconds.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from assay_conformance.check import Check, NotConcerned, NotReached, Violation
from assay_conformance.evidence import Evidence, Exchange, FeedSession, Frame, Record
from assay_conformance.judging import checks_of
from assay_contracts import Contract, Promise, parse_bundle

from assay_mutants.model import FeedMutant, HttpMutant, Mutant, State
from assay_mutants.outcomes import Kill, Trial


def mutate(mutant: Mutant, contract: Contract, evidence: Evidence) -> tuple[dict[str, Record], int]:
    """The exchanges and sessions as the wrong implementation would have held them, by id, and how often the mutant fired."""
    changed: dict[str, Record] = {}
    fires = 0
    state: State = {}
    for record in evidence.records:
        if mutant.subject not in ("*", record.subject):
            continue
        if isinstance(mutant, HttpMutant) and isinstance(record, Exchange) and record.response is not None:
            new = mutant.change(record, contract, state)
            if new is not record.response and new != record.response:
                changed[record.id] = dataclasses.replace(record, response=new)
                fires += 1
        elif isinstance(mutant, FeedMutant) and isinstance(record, FeedSession):
            session, times = mutated_session(mutant, contract, record)
            if times:
                changed[record.id] = session
                fires += times
    return changed, fires


def mutated_session(mutant: FeedMutant, contract: Contract, session: FeedSession) -> tuple[FeedSession, int]:
    """A session as the wrong implementation would have held it, and how often the mutant fired in it."""
    state: State = {}
    frames: list[Frame] = []
    fires = 0
    for frame in session.frames:
        if frame.sent:
            frames.append(frame)
            continue
        instead = tuple(mutant.change(frame, contract, state))
        fires += instead != (frame,)
        frames.extend(instead)
    code, ended_by = session.close_code, session.ended_by
    if mutant.close is not None and code is not None and ended_by == "server":
        code = mutant.close(code, contract, state)
        fires += code != session.close_code
        ended_by = "server" if code is not None else "client"
    if not fires:
        return session, 0
    return dataclasses.replace(session, frames=tuple(frames), close_code=code, ended_by=ended_by), fires


def ids_within(record: Record) -> Iterator[str]:
    """The ids of the records that stand in the fields of one."""
    waiting: list[Any] = [getattr(record, field.name) for field in dataclasses.fields(record)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Record):
            yield value.id
        elif isinstance(value, tuple):
            waiting.extend(value)  # pyright: ignore[reportUnknownArgumentType]


class Bench:
    """Clean evidence with everything needed to try mutants on it.

    `unclean` are the clauses and subjects that already fail without any mutant; they kill nothing. `crashed` are checks that fall over.
    """

    def __init__(self, contract: Contract, evidence: Evidence) -> None:
        self.contract, self.evidence = contract, evidence
        self._holds: dict[str, frozenset[str]] = {}
        for record in evidence.records:
            self._holds[record.id] = frozenset({record.id}).union(*(self._holds[id] for id in ids_within(record)))
        failed, self.crashed = failures(contract, evidence)
        self.unclean = frozenset((kill.clause, kill.subject) for kill in failed)

    def trial(self, mutant: Mutant, *, only: Collection[str] | None = None) -> Trial:
        """Put one mutant on trial before all checks, or before those of some clauses."""
        changed, fires = mutate(mutant, self.contract, self.evidence)
        if not fires:
            return Trial(mutant.id, "offline", 0)
        mutated, touched = self._with(changed)
        failed, crashed = self._judge(mutant, mutated, touched, only)
        own = tuple(kill for kill in failed if (kill.clause, kill.subject) not in self.unclean)
        return Trial(mutant.id, "offline", fires, own, tuple(error for error in crashed if error not in self.crashed))

    def _with(self, changed: dict[str, Record]) -> tuple[Evidence, tuple[Record, ...]]:
        """The evidence with some records exchanged, and those of its records that differ: only they are built anew."""
        ids = changed.keys()
        touched = tuple(record for record in self.evidence.records if not self._holds[record.id].isdisjoint(ids))
        renewed = Evidence(self.evidence.provenance, touched).replace(changed).records
        by_id = {record.id: record for record in renewed}
        records = tuple(by_id.get(record.id, record) for record in self.evidence.records)
        return Evidence(self.evidence.provenance, records), renewed

    def _judge(
        self, mutant: Mutant, evidence: Evidence, touched: Sequence[Record], only: Collection[str] | None
    ) -> tuple[tuple[Kill, ...], tuple[str, ...]]:
        """First what the mutant claims to break and what claims to kill it; then the rest.

        Checks that read all of the evidence at once are slow. Of the rest they are only asked about a mutant that still lives.
        """
        if only is not None:
            return failures(self.contract, evidence, touched, only=only)
        everything = {item.clause for item in checks_of(self.contract)}
        named = mutant.breaks | {item.clause for item in checks_of(self.contract) if mutant.id in item.kills}
        failed, crashed = failures(self.contract, evidence, touched, only=named)
        killed = any(kill.clause in mutant.breaks and (kill.clause, kill.subject) not in self.unclean for kill in failed)
        more, too = failures(self.contract, evidence, touched, only=everything - named, whole=not killed)
        return failed + more, crashed + too


def failures(
    contract: Contract,
    evidence: Evidence,
    records: Sequence[Record] | None = None,
    *,
    only: Collection[str] | None = None,
    whole: bool = True,
) -> tuple[tuple[Kill, ...], tuple[str, ...]]:
    """Each check that fails, by itself and not only the first of its clause, and each that crashes.

    Checks that read one record at a time are asked about `records` alone; those that read all of the evidence only if `whole`. Only
    what the frozen requirements score is looked at.
    """
    required = {(str(row["id"]), str(subject)) for row in evidence.provenance.requirements for subject in row["subjects"]}
    by_clause: dict[str, list[Promise]] = defaultdict(list)
    for promise in contract.promises:
        if not required or (promise.clause.id, promise.subject) in required:
            by_clause[promise.clause.id].append(promise)
    by_kind: dict[type, list[Record]] = defaultdict(list)
    for record in evidence.records if records is None else records:
        by_kind[type(record)].append(record)
    kills: set[Kill] = set()
    errors: list[str] = []
    for item in checks_of(contract):
        if (only is not None and item.clause not in only) or (item.reads is Evidence and not whole):
            continue
        for promise in by_clause[item.clause]:
            verdicts = (_verdict(item, found, contract, promise.subject) for found in _read(item, promise.subject, evidence, by_kind))
            verdict = next((verdict for verdict in verdicts if verdict), None)
            if verdict is True:
                kills.add(Kill(item.clause, item.function.__name__, promise.subject, promise.clause.level))
            elif verdict:
                errors.append(f"{item.clause} {item.function.__name__}: {verdict}")
    return tuple(sorted(kills)), tuple(dict.fromkeys(errors))


def _read(item: Check, subject: str, evidence: Evidence, by_kind: dict[type, list[Record]]) -> Iterator[Any]:
    if item.reads is Evidence:
        yield evidence
        return
    for kind, records in by_kind.items():
        if issubclass(kind, item.reads):
            yield from (record for record in records if subject in (record.subject, "contract"))


def _verdict(item: Check, found: Any, contract: Contract, subject: str) -> bool | str:
    """Whether the check fails, or how it crashed."""
    try:
        item.function(*(found, contract, subject)[: item.arity])
    except Violation:
        return True
    except (NotReached, NotConcerned):
        return False
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return False


Progress = Callable[[int, int], None]
"""Told how many of how many are done."""

_bench: Bench | None = None
_mutants: dict[str, Mutant] = {}


def try_offline(
    contract: Contract,
    evidence: Evidence,
    mutants: Iterable[Mutant],
    *,
    workers: int = 2,
    progress: Progress | None = None,
) -> tuple[Trial, ...]:
    """Try every mutant that recorded answers can show, in two processes unless they are few."""
    wanted = [mutant for mutant in mutants if not mutant.live_only]
    if workers < 2 or len(wanted) < 40:
        bench = Bench(contract, evidence)
        return tuple(_counted(bench.trial(mutant), index, len(wanted), progress) for index, mutant in enumerate(wanted, start=1))
    ids = [mutant.id for mutant in wanted]
    prepared = (contract.openapi, contract.asyncapi, evidence)
    with ProcessPoolExecutor(workers, get_context("spawn"), _prepare, prepared) as pool:
        done = pool.map(_trial, ids, chunksize=8)
        return tuple(_counted(trial, index, len(ids), progress) for index, trial in enumerate(done, start=1))


def _counted(trial: Trial, done: int, total: int, progress: Progress | None) -> Trial:
    if progress is not None:
        progress(done, total)
    return trial


def _prepare(openapi: dict[str, Any], asyncapi: dict[str, Any] | None, evidence: Evidence) -> None:
    """Set one worker up: mutants hold closures, which do not travel between processes, so each worker derives its own."""
    from assay_mutants.roster import all_mutants

    global _bench
    contract = parse_bundle(openapi, asyncapi)
    _bench = Bench(contract, evidence)
    _mutants.update({mutant.id: mutant for mutant in all_mutants(contract)})


def _trial(id: str) -> Trial:
    if _bench is None:
        raise RuntimeError("the worker was not prepared")
    return _bench.trial(_mutants[id])
