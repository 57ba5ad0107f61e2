"""The kill matrix: mutants against clauses, and the gates that it must pass in both directions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assay_conformance.check import Check
from assay_contracts import Contract

from assay_mutants.equivalent_mutants import EXPLAINED
from assay_mutants.model import Mutant
from assay_mutants.outcomes import Fate, Kill, Trial, medium


@dataclass(frozen=True, slots=True)
class Entry:
    """One mutant with its trials, of which the best counts: a kill in one way is a kill."""

    mutant: Mutant
    trials: tuple[Trial, ...]

    @property
    def fate(self) -> Fate:
        """What became of it."""
        fates = [trial.fate(self.mutant.breaks) for trial in self.trials]
        return next((fate for fate in (Fate.KILLED, Fate.STRAYED, Fate.SURVIVED) if fate in fates), Fate.UNFIRED)

    @property
    def fires(self) -> int:
        """How often it fired, in every trial together."""
        return sum(trial.fires for trial in self.trials)

    @property
    def kills(self) -> tuple[Kill, ...]:
        """Every check that failed because of it."""
        return tuple(sorted({kill for trial in self.trials for kill in trial.kills}))

    @property
    def killers(self) -> tuple[str, ...]:
        """The clauses that failed because of it, those that it claims to break first."""
        clauses = sorted({kill.clause for kill in self.kills})
        return tuple(sorted(clauses, key=lambda clause: (clause not in self.mutant.breaks, clause)))

    @property
    def ways(self) -> tuple[str, ...]:
        """In which ways it was killed as it claims: `offline`, `live`."""
        return tuple(trial.way for trial in self.trials if trial.fate(self.mutant.breaks) is Fate.KILLED)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every mutant of a contract against every clause. The gates hold when `problems` is empty."""

    contract: str
    entries: tuple[Entry, ...]
    clauses: Mapping[str, str]
    sentences: Mapping[str, str]
    checks: tuple[Check, ...]
    unclean: frozenset[tuple[str, str]] = frozenset()
    crashed: tuple[str, ...] = ()
    explained: Mapping[str, str] = field(default_factory=lambda: EXPLAINED)
    partial: bool = False

    def of(self, fate: Fate) -> tuple[Entry, ...]:
        """The mutants with one fate."""
        return tuple(entry for entry in self.entries if entry.fate is fate)

    def counts(self) -> dict[str, dict[str, int]]:
        """How many mutants there are of each medium and origin, by fate."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for entry in self.entries:
            for group in (medium(entry.mutant), f"{medium(entry.mutant)} {entry.mutant.origin}"):
                found[group].update({"all": 1, entry.fate.value: 1})
        return {group: dict(found[group]) for group in sorted(found)}

    def tried(self) -> dict[str, int]:
        """How many mutants of each medium were tried in each way: `http live`, `feed offline` and so on."""
        return dict(sorted(Counter(f"{medium(entry.mutant)} {trial.way}" for entry in self.entries for trial in entry.trials).items()))

    def killed_by(self) -> dict[str, tuple[str, ...]]:
        """For each clause the mutants that it kills and that claim to break it."""
        found: dict[str, list[str]] = {clause: [] for clause in self.clauses}
        for entry in self.entries:
            for clause in entry.killers:
                if clause in entry.mutant.breaks and clause in found:
                    found[clause].append(entry.mutant.id)
        return {clause: tuple(ids) for clause, ids in found.items()}

    @property
    def problems(self) -> tuple[str, ...]:
        """Each gate that does not hold, as one line."""
        found = [f"{clause} fails for {subject} without any mutant; expected clean evidence" for clause, subject in sorted(self.unclean)]
        found += [f"the check crashes without any mutant: {error}" for error in self.crashed]
        for entry in self.entries:
            id, breaks = entry.mutant.id, ", ".join(sorted(entry.mutant.breaks))
            found += [f"{id}: a check crashed instead of failing: {error}" for error in sorted({e for t in entry.trials for e in t.errors})]
            if entry.fate is Fate.SURVIVED and id not in self.explained:
                found.append(f"{id}: survived ({entry.fires} times wrong); expected one of {breaks} to fail")
            if entry.fate is Fate.STRAYED:
                found.append(f"{id}: was killed by {', '.join(entry.killers)} only; expected one of {breaks} to fail")
        if not self.partial:
            found += self._clauses_without_killers()
            found += self._unkept_words()
        return tuple(found)

    def _clauses_without_killers(self) -> list[str]:
        killed = self.killed_by()
        return [
            f"{clause}: kills no mutant; expected every MUST to kill one"
            for clause, level in sorted(self.clauses.items())
            if level == "MUST" and not killed[clause]
        ]

    def _unkept_words(self) -> list[str]:
        """What checks say that they kill and do not."""
        entries = {entry.mutant.id: entry for entry in self.entries}
        found: list[str] = []
        for item in self.checks:
            if item.clause not in self.clauses:
                continue
            for id in sorted(item.kills):
                entry = entries.get(id)
                if entry is None:
                    found.append(f"{item.clause} {item.function.__name__}: says that it kills {id}, which does not exist")
                elif not any(kill.clause == item.clause and kill.check == item.function.__name__ for kill in entry.kills):
                    state = "never fired" if entry.fate is Fate.UNFIRED else "does not make it fail"
                    found.append(f"{item.clause} {item.function.__name__}: says that it kills {id}, which {state}")
        return found


def build_matrix(
    contract: Contract,
    mutants: Iterable[Mutant],
    trials: Iterable[Trial],
    checks: Sequence[Check],
    *,
    unclean: frozenset[tuple[str, str]] = frozenset(),
    crashed: tuple[str, ...] = (),
    partial: bool = False,
) -> Matrix:
    """Lay mutants, trials and clauses together. `partial` leaves out the gates that only all mutants together can pass."""
    by_mutant: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        by_mutant[trial.mutant].append(trial)
    clauses = contract.clauses()
    return Matrix(
        str(contract.id),
        tuple(Entry(mutant, tuple(by_mutant[mutant.id])) for mutant in mutants),
        {clause.id: clause.level for clause in clauses},
        {clause.id: clause.sentence for clause in clauses},
        tuple(checks),
        unclean,
        crashed,
        partial=partial,
    )


def plain(matrix: Matrix) -> dict[str, Any]:
    """The matrix as JSON."""
    return {
        "contract": matrix.contract,
        "holds": not matrix.problems,
        "counts": matrix.counts(),
        "tried": matrix.tried(),
        "problems": list(matrix.problems),
        "clauses": {clause: list(ids) for clause, ids in matrix.killed_by().items()},
        "mutants": [
            {
                "id": entry.mutant.id,
                "medium": medium(entry.mutant),
                "origin": entry.mutant.origin,
                "subject": entry.mutant.subject,
                "breaks": sorted(entry.mutant.breaks),
                "fate": entry.fate.value,
                "fires": entry.fires,
                "killers": list(entry.killers),
                "ways": list(entry.ways),
                "explained": matrix.explained.get(entry.mutant.id),
            }
            for entry in matrix.entries
        ],
    }
