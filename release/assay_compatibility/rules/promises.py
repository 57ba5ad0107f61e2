"""How the rules of our annotations are declared: a row a rule, and what each looks at in the old and the new value.

An annotation is a promise, so what it says is either received by clients (a place in an answer, a code, a bound on age) or
sent by them (a parameter, a page size). Its rows name that direction; the level follows from it as for every other rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.classes import Direction, Effect
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change, rule
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.schemas.normal_form import canonical

SENT, RECEIVED, BOTH = Direction.REQUEST, Direction.RESPONSE, Direction.BOTH
KNOWN_VALUES = "enum-value-in-response"

Find = Callable[[ObjectPair], Iterator[Change]]


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of an annotation."""

    id: str
    direction: Direction
    effect: Effect
    sentence: str
    find: Find
    policy: str | None = None


def declare(annotation: str, *rows: Row | Iterable[Row]) -> None:
    """Register the rules of an annotation, whose name is their area."""
    for each in rows:
        for row in (each,) if isinstance(each, Row) else each:
            rule(row.id, annotation, row.effect, policy=row.policy, directions=(row.direction,), sentence=row.sentence)(row.find)


def whole(stem: str, noun: str, *, added: Effect = Effect.ADDS, removed: Effect = Effect.BREAKS) -> tuple[Row, ...]:
    """The annotation itself came or went."""
    return (
        Row(f"{stem}-withdrawn", RECEIVED, removed, f"{noun} is promised no longer.", _went),
        Row(f"{stem}-promised", RECEIVED, added, f"{noun} is promised.", _came),
    )


def required(stem: str, noun: str, *keys: str, direction: Direction = RECEIVED) -> tuple[Row, ...]:
    """A member that the annotation, or the part of it that holds the member, always has."""
    return (Row(f"{stem}-changed", direction, Effect.REPLACES, f"{noun} is another.", another(*keys)),)


def optional(stem: str, noun: str, *keys: str, direction: Direction = RECEIVED) -> tuple[Row, ...]:
    """A member that the annotation may have."""
    return (
        Row(f"{stem}-changed", direction, Effect.REPLACES, f"{noun} is another.", another(*keys, both=True)),
        Row(f"{stem}-dropped", direction, Effect.BREAKS, f"{noun} is no longer there.", gone(*keys)),
        Row(f"{stem}-added", direction, Effect.ADDS, f"{noun} is there where it was not.", come(*keys)),
    )


def part(stem: str, noun: str, *keys: str) -> tuple[Row, ...]:
    """A part of the annotation that has members of its own: it comes and goes as a whole."""
    return (
        Row(f"{stem}-dropped", RECEIVED, Effect.BREAKS, f"{noun} is no longer there.", gone(*keys)),
        Row(f"{stem}-added", RECEIVED, Effect.ADDS, f"{noun} is there where it was not.", come(*keys)),
    )


def _went(pair: ObjectPair) -> Iterator[Change]:
    if pair.old.value is not None and pair.new.value is None:
        yield Change(pair.old.value, None, pair.old.pointer)


def _came(pair: ObjectPair) -> Iterator[Change]:
    if pair.old.value is None and pair.new.value is not None:
        yield Change(None, pair.new.value, pair.new.pointer)


def another(*keys: str, both: bool = False) -> Find:
    """A member with another value; with `both` only where it stands on both sides."""

    def find(pair: ObjectPair) -> Iterator[Change]:
        for old, new in _members(pair, keys):
            if old.value != new.value and not (both and (old.value is None or new.value is None)):
                yield Change(old.value, new.value, new.pointer)

    return find


def gone(*keys: str) -> Find:
    """A member that is no longer there."""

    def find(pair: ObjectPair) -> Iterator[Change]:
        for old, new in _members(pair, keys):
            if old.value is not None and new.value is None:
                yield Change(old.value, None, old.pointer)

    return find


def come(*keys: str) -> Find:
    """A member that was not there."""

    def find(pair: ObjectPair) -> Iterator[Change]:
        for old, new in _members(pair, keys):
            if old.value is None and new.value is not None:
                yield Change(None, new.value, new.pointer)

    return find


def less(*keys: str) -> Find:
    """A number or a duration that became smaller."""

    def find(pair: ObjectPair) -> Iterator[Change]:
        for old, new in _members(pair, keys):
            before, after = measure(old.value), measure(new.value)
            if before is not None and after is not None and after < before:
                yield Change(old.value, new.value, new.pointer)

    return find


def greater(*keys: str) -> Find:
    """A number or a duration that became larger."""

    def find(pair: ObjectPair) -> Iterator[Change]:
        for change in less(*keys)(ObjectPair(pair.new, pair.old)):
            yield Change(change.after, change.before, pair.new.child(*keys).pointer)

    return find


def lost(*keys: str) -> Find:
    """Each element of a list, or each name of a map, that is no longer there."""

    def find(pair: ObjectPair) -> Iterator[Change]:
        for old, new in _members(pair, keys):
            kept = {canonical(each) for each, _ in entries(new)}
            yield from (Change(each, None, place.pointer) for each, place in entries(old) if canonical(each) not in kept)

    return find


def gained(*keys: str) -> Find:
    """Each element of a list, or each name of a map, that was not there."""

    def find(pair: ObjectPair) -> Iterator[Change]:
        for old, new in _members(pair, keys):
            known = {canonical(each) for each, _ in entries(old)}
            yield from (Change(None, each, place.pointer) for each, place in entries(new) if canonical(each) not in known)

    return find


def within(*keys: str, find: Find) -> Find:
    """What another look finds in each entry that a map has on both sides."""

    def inside(pair: ObjectPair) -> Iterator[Change]:
        for old, new in _members(pair, keys):
            olds, news = dict(old.children()), dict(new.children())
            for name in olds:
                if name in news:
                    yield from find(ObjectPair(olds[name], news[name], pair.extra))

    return inside


def entries(place: Node) -> Iterator[tuple[Any, Node]]:
    """The elements of a list by value, or the entries of a map by name."""
    for name, child in place.children():
        yield (child.value if is_list(place.value) else name), child


def measure(value: Any) -> float | None:
    """A number, or the seconds of an ISO 8601 duration."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    return sum(float(amount) * size for amount, size in zip(found.groups(default="0"), _SECONDS, strict=True))


_SECONDS = (31_536_000, 2_592_000, 604_800, 86_400, 3_600, 60, 1)
_DURATION = re.compile(
    r"P(?=\d|T)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?",
)


def _members(pair: ObjectPair, keys: tuple[str, ...]) -> Iterator[tuple[Node, Node]]:
    """The member on both sides, where what holds it stands on both sides; else another rule tells that."""
    if keys:
        old, new = pair.old.child(*keys[:-1]), pair.new.child(*keys[:-1])
        if is_mapping(old.value) and is_mapping(new.value):
            yield old.child(keys[-1]), new.child(keys[-1])
    elif pair.old.value is not None and pair.new.value is not None:
        yield pair.old, pair.new


# The walks find these: they alone know which extensions are ours, whether another rule told what changed in one, and where an
# annotation says that a version or a code stands.
for _id, _effect, _direction, _sentence, _policy in (
    ("extension-changed", Effect.ANNOTATES, BOTH, "An extension that no rule knows is another.", None),
    (
        "annotation-no-longer-read",
        Effect.UNKNOWN,
        BOTH,
        "An annotation is, or was, not what its vocabulary describes, so nobody can tell.",
        None,
    ),
    ("annotation-described-differently", Effect.ANNOTATES, BOTH, "An annotation reads differently and promises the same.", None),
    ("stated-version-raised", Effect.REPLACES, RECEIVED, "Payloads state the new version of their contract.", "stated-version"),
    (
        "code-of-others-listed",
        Effect.WIDENS,
        RECEIVED,
        "An error body lists a code that only operations answer with which were not there before.",
        "shared-error-body",
    ),
):
    rule(_id, "annotations", _effect, policy=_policy, directions=(_direction,), sentence=_sentence)(lambda _: ())
