"""Comparisons of the annotations of errors and of clauses: a pattern by what it matches, a clause by its id."""

from __future__ import annotations

from collections.abc import Iterator

from assay_contracts.json_types import is_list

from assay_compatibility.places import Node
from assay_compatibility.rules.annotation_rules import compares
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.rules.property_changes import changed, elements
from assay_compatibility.schemas.patterns import pattern_order


@compares("correlation-pattern-changed")
def correlation_pattern_changed(pair: ObjectPair) -> Iterator[Change]:
    """The pattern matches other identifiers, however it is written."""
    for change in changed("correlation", "pattern")(pair):
        if not (isinstance(change.before, str) and isinstance(change.after, str) and pattern_order(change.before, change.after) == "equal"):
            yield change


@compares("clause-removed")
def clause_removed(pair: ObjectPair) -> Iterator[Change]:
    """A MUST clause is no longer there."""
    yield from _removed(pair, "MUST")


@compares("recommendation-removed")
def recommendation_removed(pair: ObjectPair) -> Iterator[Change]:
    """A SHOULD clause is no longer there."""
    yield from _removed(pair, "SHOULD")


@compares("clause-added")
def clause_added(pair: ObjectPair) -> Iterator[Change]:
    """A clause has an id that was not there."""
    known = _clauses(pair.old)
    yield from (Change(None, name, place.pointer) for name, place in _clauses(pair.new).items() if name not in known)


@compares("clause-loosened")
def clause_loosened(pair: ObjectPair) -> Iterator[Change]:
    """A MUST became a SHOULD."""
    yield from _level_changed(pair, "MUST", "SHOULD")


@compares("clause-tightened")
def clause_tightened(pair: ObjectPair) -> Iterator[Change]:
    """A SHOULD became a MUST."""
    yield from _level_changed(pair, "SHOULD", "MUST")


@compares("clause-reworded")
def clause_reworded(pair: ObjectPair) -> Iterator[Change]:
    """The sentence of a clause has other words."""
    for old, new in _on_both_sides(pair):
        if old["sentence"] != new["sentence"]:
            yield Change(old["sentence"], new["sentence"], f"{new.pointer}/sentence")


@compares("clause-subject-removed")
def clause_subject_removed(pair: ObjectPair) -> Iterator[Change]:
    """A clause has a subject less."""
    for old, new in _on_both_sides(pair):
        yield from (Change(subject, None, f"{new.pointer}/subjects") for subject in sorted(_subjects(old) - _subjects(new)))


@compares("clause-subject-added")
def clause_subject_added(pair: ObjectPair) -> Iterator[Change]:
    """A clause has a subject more."""
    for old, new in _on_both_sides(pair):
        yield from (Change(None, subject, f"{new.pointer}/subjects") for subject in sorted(_subjects(new) - _subjects(old)))


@compares("clause-expression-changed")
def clause_expression_changed(pair: ObjectPair) -> Iterator[Change]:
    """A clause is judged by another expression, or over other responses."""
    for old, new in _on_both_sides(pair):
        if old["holds"] != new["holds"]:
            yield Change(old["holds"], new["holds"], f"{new.pointer}/holds")
        elif old["requests"] != new["requests"]:
            yield Change(old["requests"], new["requests"], f"{new.pointer}/requests")


def _clauses(place: Node, level: str = "") -> dict[str, Node]:
    by_id = {str(clause["id"]): clause for _, clause in elements(place)}
    return {name: clause for name, clause in by_id.items() if level in ("", clause["level"])}


def _removed(pair: ObjectPair, level: str) -> Iterator[Change]:
    kept = _clauses(pair.new)
    yield from (Change(name, None, place.pointer) for name, place in _clauses(pair.old, level).items() if name not in kept)


def _level_changed(pair: ObjectPair, before: str, after: str) -> Iterator[Change]:
    for old, new in _on_both_sides(pair):
        if old["level"] == before and new["level"] == after:
            yield Change(before, after, f"{new.pointer}/level")


def _on_both_sides(pair: ObjectPair) -> Iterator[tuple[Node, Node]]:
    olds, news = _clauses(pair.old), _clauses(pair.new)
    for name, place in olds.items():
        if name in news:
            yield place, news[name]


def _subjects(place: Node) -> set[str]:
    subjects = place["subjects"]
    return {str(subject) for subject in subjects} if is_list(subjects) else {"contract"}
