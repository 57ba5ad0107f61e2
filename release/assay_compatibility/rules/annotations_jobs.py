"""Comparisons of the annotation of jobs: its states as a graph, its outcomes, the order of its phases."""

from __future__ import annotations

from collections.abc import Iterator

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.places import Node
from assay_compatibility.rules.annotation_rules import compares
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair


@compares("job-step-added")
def job_step_added(pair: ObjectPair) -> Iterator[Change]:
    """A state has one more successor, and both states were there."""
    yield from _steps(pair, added=True)


@compares("job-step-removed")
def job_step_removed(pair: ObjectPair) -> Iterator[Change]:
    """A state has one successor less, and both states are still there."""
    yield from _steps(pair, added=False)


@compares("job-state-no-longer-final")
def job_state_no_longer_final(pair: ObjectPair) -> Iterator[Change]:
    """A state without successors has some."""
    for name, old, new in _states(pair):
        if not _names(old) and _names(new):
            yield Change(name, name, new.pointer)


@compares("job-state-became-final")
def job_state_became_final(pair: ObjectPair) -> Iterator[Change]:
    """A state with successors has none any more."""
    for name, old, new in _states(pair):
        if _names(old) and not _names(new):
            yield Change(name, name, new.pointer)


@compares("job-outcome-changed")
def job_outcome_changed(pair: ObjectPair) -> Iterator[Change]:
    """A state that stood for an outcome stands for another, or for none."""
    before, after = _outcomes(pair.old), _outcomes(pair.new)
    for name in sorted(before):
        if before[name] != after.get(name) and name in _known_states(pair.old) & _known_states(pair.new):
            yield Change(before[name], after.get(name), f"{pair.new.pointer}/{before[name]}")


@compares("job-outcome-told")
def job_outcome_stated(pair: ObjectPair) -> Iterator[Change]:
    """A state that stood for no outcome stands for one."""
    before, after = _outcomes(pair.old), _outcomes(pair.new)
    for name in sorted(after):
        if pair.old.value is not None and name not in before and name in _known_states(pair.old):
            yield Change(None, name, f"{pair.new.pointer}/{after[name]}")


@compares("job-phases-reordered")
@compares("progress-phases-reordered")
def phases_reordered(pair: ObjectPair) -> Iterator[Change]:
    """The phases that both sides have stand in another order."""
    old, new = pair.old.child("phase", "order"), pair.new.child("phase", "order")
    before, after = _names(old), _names(new)
    if [phase for phase in before if phase in after] != [phase for phase in after if phase in before]:
        yield Change(before, after, new.pointer)


def _states(pair: ObjectPair) -> Iterator[tuple[str, Node, Node]]:
    """The states on both sides, with their successors before and after."""
    olds, news = dict(pair.old.child("states").children()), dict(pair.new.child("states").children())
    for name, place in olds.items():
        if name in news:
            yield name, place, news[name]


def _steps(pair: ObjectPair, *, added: bool) -> Iterator[Change]:
    known = _known_states(pair.old) & _known_states(pair.new)
    for name, old, new in _states(pair):
        before, after = _names(old), _names(new)
        more, fewer = (after, before) if added else (before, after)
        # Other rules report a state that became final or no longer is, and steps to states that were added or removed.
        if not before or not after:
            continue
        for successor in more:
            if successor not in fewer and successor in known:
                step = f"{name} to {successor}"
                yield Change(None if added else step, step if added else None, new.pointer)


def _names(place: Node) -> list[str]:
    return [str(name) for name in place.value] if is_list(place.value) else []


def _known_states(place: Node) -> set[str]:
    states = place.child("states").value
    return set(states) if is_mapping(states) else set()


def _outcomes(place: Node) -> dict[str, str]:
    return {state: outcome for outcome in ("succeeded", "failed") for state in _names(place.child(outcome))}
