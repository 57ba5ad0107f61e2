"""Derived mutants of numbers over time: windows, their series, and values that follow from other values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from assay_conformance.derivations import derived_numbers
from assay_conformance.evidence import Exchange, Response
from assay_contracts import Operation, pointers

from assay_mutants.edits import (
    GONE,
    AnswerChange,
    Change,
    becoming,
    edit,
    edited,
    editing,
    kebab,
    listed,
    moved,
    parsed,
    raised,
    with_json,
    without_correlation,
)
from assay_mutants.model import HttpMutant, State
from assay_mutants.selectors import annotation, derived, number_at, of_asked_success, of_success

SECOND = 1_000_000


def derive_numbers(operation: Operation) -> Iterator[HttpMutant]:
    """The mutants of one operation that follow from what it counts."""
    yield from _window(operation)
    yield from _series(operation)
    yield from _derived(operation)


def _window(operation: Operation) -> Iterator[HttpMutant]:
    rule = annotation(operation.annotations, "x-window")
    for side, pointer in rule.get("echo", {}).items():
        yield derived(
            kebab(operation.id, "states-another", side, "than-was-asked"),
            operation.id,
            {"WIN-003"},
            of_success(editing(pointer, moved(SECOND))),
        )
    for pointer in rule.get("additive", []):

        def unsettled(answer: Response, exchange: Exchange, state: State, pointer: str = pointer) -> Response:
            """One more each time that the same question is asked again."""
            if number_at(answer.json, pointer) is None:
                return answer
            key = repr(without_correlation(exchange))
            state[key] = again = state.get(key, -1) + 1
            return edited(answer, pointer, raised(again))

        yield derived(
            kebab(operation.id, "counts-one-too-many", pointer),
            operation.id,
            {"WIN-001", "WIN-006"},
            of_success(editing(pointer, raised(1))),
        )
        yield derived(
            kebab(operation.id, "counts-by-the-ten", pointer), operation.id, {"WIN-001", "WIN-006"}, of_success(editing(pointer, _by_ten))
        )
        yield derived(kebab(operation.id, "counts-more-each-time", pointer), operation.id, {"WIN-007"}, of_asked_success(unsettled))


def _by_ten(count: Any) -> Any:
    """A count to the full ten, as a sample scaled up would give it."""
    return count // 10 * 10 if isinstance(count, int) else count


def _series(operation: Operation) -> Iterator[HttpMutant]:
    rule = annotation(operation.annotations, "x-window").get("series")
    if not rule:
        return
    at = rule["at"]
    wrong: tuple[tuple[str, set[str], Callable[[list[Any]], list[Any]]], ...] = (
        ("the-first-bucket-is-left-out", {"WIN-005"}, lambda seen: seen[1:]),
        ("the-last-bucket-is-left-out", {"WIN-005"}, lambda seen: seen[:-1]),
        ("a-bucket-in-the-middle-is-left-out", {"WIN-005"}, lambda seen: seen[: len(seen) // 2] + seen[len(seen) // 2 + 1 :]),
        ("a-bucket-comes-twice", {"WIN-005"}, lambda seen: [*seen, *seen[-1:]]),
        ("the-buckets-are-turned", {"WIN-005"}, lambda seen: seen[::-1]),
        ("the-buckets-are-all-left-out", {"WIN-005"}, lambda _: []),
        ("empty-buckets-are-left-out", {"WIN-005"}, lambda seen: [bucket for bucket in seen if not _is_empty(bucket, rule)]),
    )
    for ending, breaks, change in wrong:
        yield derived(
            kebab(operation.id, at, ending),
            operation.id,
            breaks,
            of_success(editing(at, listed(change))),
        )
    yield derived(
        kebab(operation.id, at, "is-left-out"),
        operation.id,
        {"WIN-005", "WIN-006"},
        of_success(editing(at, becoming(GONE))),
    )
    yield derived(
        kebab(operation.id, at, "starts-a-second-late"),
        operation.id,
        {"WIN-005"},
        of_success(editing(f"{at}/*/{rule['start']}", moved(SECOND), "all")),
    )
    for inner in rule.get("additive", {}):
        pointer = f"{at}/*{inner}"
        yield derived(
            kebab(operation.id, pointer, "counts-one-too-many"),
            operation.id,
            {"WIN-006"},
            of_success(editing(pointer, raised(1))),
        )


def _is_empty(bucket: Any, rule: dict[str, Any]) -> bool:
    return all(pointers.follow(bucket, inner) == 0 for inner in rule.get("additive", {}))


def _derived(operation: Operation) -> Iterator[HttpMutant]:
    rules: list[dict[str, Any]] = operation.annotations.get("x-derived") or []
    for rule in rules:
        value: str = rule["value"]
        which = [str(wanted) for wanted in rule.get("where", {}).values()]
        ratio: dict[str, Any] = rule.get("ratio") or {}
        if ratio:
            yield derived(
                kebab(operation.id, value, *which, "is-more-than-its-parts-give"),
                operation.id,
                {"DER-001"},
                of_success(_moving(rule, ratio["to"], raised(0.01), zero=False)),
            )
            yield derived(
                kebab(operation.id, value, *which, "is-a-percentage"),
                operation.id,
                {"DER-001"},
                of_success(_moving(rule, ratio["to"], lambda seen: seen * 100, zero=False)),
            )
        base = rule.get("zeroWhen") or ratio.get("to")
        if isinstance(base, str):
            yield derived(
                kebab(operation.id, value, *which, "is-one-where-it-rests-on-nothing"),
                operation.id,
                {"DER-002"},
                of_success(_moving(rule, base, becoming(1), zero=True)),
            )
        if "atMost" in rule:
            yield derived(
                kebab(operation.id, value, *which, "exceeds-its-bound"),
                operation.id,
                {"DER-003"},
                of_success(editing(value, raised(1_000_000_000))),
            )


def _moving(rule: Mapping[str, Any], base: Any, change: Change, *, zero: bool) -> AnswerChange:
    """`_moved`, to be done later."""
    return lambda answer: _moved(answer, rule, base, change, zero=zero)


def _moved(answer: Response, rule: Mapping[str, Any], base: Any, change: Change, *, zero: bool) -> Response:
    """The number of a rule changed in each place whose base is zero, or is not.

    A base that is more than a pointer, such as a sum, is not zero where the number is not.
    """
    body = parsed(answer)
    places = [place for place, _ in pointers.matches(body, rule["value"])]
    bases = [number for _, number in pointers.matches(body, base)] if isinstance(base, str) else []
    known = dict(zip(places, bases, strict=False))
    done = False
    for number in list(derived_numbers(body, rule)):
        place = _filled(rule["value"], number.indexes)
        if isinstance(base, str) and place not in known:
            continue
        if (known.get(place, number.value) == 0) is zero:
            done = edit(body, place, change) or done
    return with_json(answer, body) if done else answer


def _filled(pointer: str, indexes: Iterable[int]) -> str:
    """A pointer with an index for each `*`."""
    left = iter(indexes)
    return "/".join(str(next(left)) if part == "*" else part for part in pointer.split("/"))
