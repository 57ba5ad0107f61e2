"""Derived mutants of lists: their pages, their order and their filters, and of the state that a snapshot lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Operation, pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_mutants.edits import GONE, becoming, edit, edited, editing, kebab, listed, parsed, raised, with_json
from assay_mutants.model import HttpMutant, State
from assay_mutants.selectors import annotation, derived, number_at, of_asked_success, of_success


def derive_lists(operation: Operation) -> Iterator[HttpMutant]:
    """The mutants of one operation that follow from what it lists."""
    yield from _pages(operation)
    yield from _order(operation)
    yield from _filter(operation)
    yield from _snapshot(operation)


def _pages(operation: Operation) -> Iterator[HttpMutant]:
    rule = annotation(operation.annotations, "x-pagination")
    if not rule:
        return
    items, size = rule["items"], rule["size"]

    def carried(answer: Response, exchange: Exchange, state: State) -> Response:
        """The last item of a page stands first on the next, as with an offset while items are added."""
        body = parsed(answer)
        here = pointers.follow(body, items)
        if not is_list(here) or not here:
            return answer
        following = pointers.follow(body, rule["cursor"]["next"])
        kept = state.get(exchange.request.parameter(rule["cursor"]["parameter"]) or "")
        if isinstance(following, str):
            state[following] = here[-1]
        if kept is None or kept in here:
            return answer
        here[0] = kept
        return with_json(answer, body)

    wrong: list[tuple[str, set[str], Callable[[list[Any]], list[Any]]]] = [
        ("a-page-leaves-out-its-last-item", {"PAG-002", "PAG-003", "FIL-002"}, lambda seen: seen[:-1]),
        ("a-page-leaves-out-its-first-item", {"PAG-002", "PAG-003", "FIL-002"}, lambda seen: seen[1:]),
        ("a-page-says-its-last-item-twice", {"PAG-001", "PAG-003"}, lambda seen: [*seen, *seen[-1:]]),
        (
            "a-page-says-one-item-in-place-of-another",
            {"PAG-001", "PAG-002"},
            lambda seen: [*seen[:-1], seen[0]] if len(seen) > 1 else seen,
        ),
        ("a-page-is-empty", {"PAG-002", "PAG-003"}, lambda _: []),
    ]
    for ending, breaks, change in wrong:
        yield derived(
            kebab(operation.id, ending),
            operation.id,
            breaks,
            of_success(editing(items, listed(change))),
        )
    if "echo" in size:
        for step, word in ((1, "larger"), (-1, "smaller")):
            yield derived(
                kebab(operation.id, "states-a", word, "page-than-it-used"),
                operation.id,
                {"PAG-005"},
                of_success(editing(size["echo"], raised(step))),
            )
    if "more" in rule:
        yield derived(
            kebab(operation.id, "says-the-contrary-of-whether-more-follows"),
            operation.id,
            {"PAG-004"},
            of_success(editing(rule["more"], lambda seen: not seen)),
        )
    if rule["style"] != "cursor":
        return
    following = rule["cursor"]["next"]
    yield derived(
        kebab(operation.id, "gives-no-cursor-though-more-follows"),
        operation.id,
        {"PAG-004"},
        of_success(editing(following, becoming(None))),
    )
    yield derived(
        kebab(operation.id, "gives-a-cursor-on-the-last-page"),
        operation.id,
        {"PAG-004"},
        of_success(editing(following, lambda seen: "bGFzdC1wYWdlLW9uY2UtbW9yZQ" if seen is None else seen)),
    )
    yield derived(
        kebab(operation.id, "repeats-the-last-item-on-the-next-page"), operation.id, {"PAG-001", "PAG-002"}, of_asked_success(carried)
    )
    yield derived(kebab(operation.id, "ends-after-one-page"), operation.id, {"PAG-002"}, of_success(lambda answer: _ended(answer, rule)))


def _ended(answer: Response, rule: dict[str, Any]) -> Response:
    """The page says that it is the last, in every way in which it can say so."""
    body = parsed(answer)
    done = edit(body, rule["cursor"]["next"], lambda _: None)
    if done and "more" in rule:
        edit(body, rule["more"], lambda _: False)
    return with_json(answer, body) if done else answer


def _order(operation: Operation) -> Iterator[HttpMutant]:
    rule = annotation(operation.annotations, "x-order")
    orders: dict[str, dict[str, Any]] = rule.get("orders") or {}
    for value, order in orders.items():

        def turned(answer: Response, exchange: Exchange, state: State, value: str = value, by: str = order["by"]) -> Response:
            wanted = exchange.request.parameter(rule["parameter"]) if "parameter" in rule else None
            if (wanted or rule["default"]) != value:
                return answer
            return edited(answer, rule["items"], lambda seen: _turned(seen, by))

        def swapped(answer: Response, exchange: Exchange, state: State, value: str = value, by: str = order["by"]) -> Response:
            wanted = exchange.request.parameter(rule["parameter"]) if "parameter" in rule else None
            if (wanted or rule["default"]) != value:
                return answer
            return edited(answer, rule["items"], lambda seen: _swapped(seen, by))

        breaks = {"ORD-001"} | ({"ORD-002"} if value == rule["default"] else set[str]())
        yield derived(kebab(operation.id, "turns-the-order", value), operation.id, breaks, of_asked_success(turned))
        yield derived(kebab(operation.id, "swaps-two-neighbours-in", value), operation.id, breaks, of_asked_success(swapped))
    if rule.get("parameter"):

        def unasked(answer: Response, exchange: Exchange, state: State) -> Response:
            if exchange.request.parameter(rule["parameter"]) is not None:
                return answer
            return edited(answer, rule["items"], lambda seen: _turned(seen, rule["orders"][rule["default"]]["by"]))

        yield derived(kebab(operation.id, "has-another-default-order"), operation.id, {"ORD-002"}, of_asked_success(unasked))


def _turned(seen: Any, by: str) -> Any:
    """The list from its end, where that makes a difference to its keys."""
    if not is_list(seen) or len({str(item.get(by)) for item in seen}) < 2:
        return seen
    return seen[::-1]


def _swapped(seen: Any, by: str) -> Any:
    """The last two neighbours with different keys, each in the place of the other."""
    if not is_list(seen):
        return seen
    for index in range(len(seen) - 1, 0, -1):
        if seen[index].get(by) != seen[index - 1].get(by):
            return [*seen[: index - 1], seen[index], seen[index - 1], *seen[index + 1 :]]
    return seen


def _filter(operation: Operation) -> Iterator[HttpMutant]:
    rule = annotation(operation.annotations, "x-filter")
    fields: dict[str, dict[str, Any]] = rule.get("fields") or {}
    for name, field in fields.items():
        parameter = f"{rule['parameter']}[{name}]"
        if "items" in rule and "selects" in field:

            def strayed(
                answer: Response, exchange: Exchange, state: State, parameter: str = parameter, field: dict[str, Any] = field
            ) -> Response:
                requested = exchange.request.parameter(parameter)
                other = next((value for value in field["values"] if value != requested), None)
                if requested is None or other is None:
                    return answer
                return edited(answer, f"{rule['items']}/*/{field['selects']}", lambda _: other)

            yield derived(kebab(operation.id, "lists-what", name, "filters-out"), operation.id, {"FIL-001"}, of_asked_success(strayed))
        if field.get("partitions") == "items":

            def narrowed(answer: Response, exchange: Exchange, state: State, parameter: str = parameter) -> Response:
                if exchange.request.parameter(parameter) is None:
                    return answer
                return edited(answer, f"{rule['items']}/*", lambda _: GONE)

            yield derived(
                kebab(operation.id, "loses-an-item-under", name), operation.id, {"FIL-002", "PAG-003"}, of_asked_success(narrowed)
            )
        pieces: list[str] = [] if field.get("partitions") == "items" else field.get("partitions", [])
        for pointer in pieces:

            def counted(answer: Response, exchange: Exchange, state: State, parameter: str = parameter, pointer: str = pointer) -> Response:
                if exchange.request.parameter(parameter) is None or number_at(answer.json, pointer) is None:
                    return answer
                return edited(answer, pointer, lambda seen: seen + 1)

            yield derived(
                kebab(operation.id, "counts-one-too-many", pointer, "under", name), operation.id, {"FIL-002"}, of_asked_success(counted)
            )
        for pointer in field.get("narrows", []):

            def lifted(answer: Response, exchange: Exchange, state: State, parameter: str = parameter, pointer: str = pointer) -> Response:
                if exchange.request.parameter(parameter) is None or number_at(answer.json, pointer) is None:
                    return answer
                return edited(answer, pointer, lambda seen: seen + 1_000_000_000)

            yield derived(kebab(operation.id, name, "raises", pointer), operation.id, {"FIL-005"}, of_asked_success(lifted))


def _snapshot(operation: Operation) -> Iterator[HttpMutant]:
    rule = annotation(operation.annotations, "x-snapshot")
    if not rule:
        return
    state_at, changes, sequence = rule["state"], rule["changes"], rule["sequence"]

    def backwards(answer: Response, exchange: Exchange, state: State) -> Response:
        """Every second answer has a sequence number from before."""
        state["count"] = state.get("count", 0) + 1
        return edited(answer, sequence, lambda seen: max(0, seen - 1) if state["count"] % 2 == 0 else seen)

    def unasked(answer: Response, exchange: Exchange, state: State) -> Response:
        if exchange.request.parameter(rule["after"]) is not None or not is_mapping(answer.json):
            return answer
        body = parsed(answer)
        body[pointers.split(changes)[-1]] = []
        return with_json(answer, body)

    def leftover(answer: Response, exchange: Exchange, state: State) -> Response:
        """A change after the present sequence number."""
        after = exchange.request.parameter(rule["after"])
        entities = pointers.follow(answer.json, state_at)
        if after is None or not is_list(entities) or not entities or after != str(pointers.follow(answer.json, sequence)):
            return answer
        return edited(answer, changes, lambda seen: [{"seq": int(after) + 1, **entities[0]}] if seen == [] else seen)

    def shifted(answer: Response, exchange: Exchange, state: State) -> Response:
        return edited(answer, sequence, lambda seen: seen + 1)

    def lost(answer: Response, exchange: Exchange, state: State) -> Response:
        return edited(answer, f"{changes}/*", lambda _: GONE)

    def silent(answer: Response, exchange: Exchange, state: State) -> Response:
        if exchange.request.parameter(rule["after"]) is None:
            return answer
        return edited(answer, changes, lambda _: GONE)

    for ending, breaks, change in (
        ("goes-back-in-its-sequence", {"SNP-002", "SNP-006"}, backwards),
        ("gives-changes-unasked", {"SNP-004"}, unasked),
        ("gives-a-change-after-the-last", {"SNP-005"}, leftover),
        ("is-one-ahead-of-its-state", {"SNP-003", "SNP-005", "STR-007", "STR-008"}, shifted),
        ("loses-the-last-change", {"SNP-003"}, lost),
        ("keeps-the-changes-to-itself", {"SNP-004"}, silent),
    ):
        yield derived(kebab(operation.id, ending), operation.id, breaks, of_asked_success(change))
    plain: tuple[tuple[str, set[str], Callable[[list[Any]], list[Any]]], ...] = (
        ("lists-an-entity-twice", {"SNP-001"}, lambda seen: [*seen, seen[0]] if seen else seen),
        ("forgets-its-last-entity", {"SNP-003", "SNP-006", "STR-007"}, lambda seen: seen[:-1]),
        ("has-no-state", {"SNP-003", "SNP-006", "STR-007"}, lambda _: []),
    )
    for ending, breaks, turn in plain:
        yield derived(
            kebab(operation.id, ending),
            operation.id,
            breaks,
            of_success(editing(state_at, listed(turn))),
        )
