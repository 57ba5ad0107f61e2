"""What annotations point at: each pointer of an annotation with the schemas that it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_mapping
from assay_contracts.lint.annotations import placed
from assay_contracts.lint.schemas import reached
from assay_contracts.lint.subject import OperationPlace, Subject
from assay_contracts.vocabulary_properties import PointsTo, points_to_of


@dataclass(frozen=True, slots=True)
class Pointed:
    """One pointer of an annotation: where it is written, and what it leads to."""

    where: str
    annotation: str
    at: str
    wanted: str
    holder: str
    value: Any
    data: dict[str, Any]
    schemas: tuple[Any, ...]
    inside: tuple[Any, ...]

    @property
    def lists(self) -> tuple[Any, ...]:
        """The schemas of the things that hold what is pointed at."""
        above = self.wanted.rpartition("/")[0]
        return tuple(below for schema in self.inside for below in reached(self.data, schema, above))


def pointed(subject: Subject) -> tuple[Pointed, ...]:
    """Every pointer of every annotation of an operation or a channel."""
    if "pointed" not in subject.derived:
        subject.derived["pointed"] = tuple(_pointed(subject))
    found: tuple[Pointed, ...] = subject.derived["pointed"]
    return found


def bodies(subject: Subject, operation: OperationPlace, classes: str) -> tuple[Any, ...]:
    """The JSON schemas of an operation's answers of these status classes."""
    key = f"bodies {operation.pointer} {classes}"
    if key not in subject.derived:
        subject.derived[key] = tuple(_bodies(subject, operation, classes))
    found: tuple[Any, ...] = subject.derived[key]
    return found


def _pointed(subject: Subject) -> Iterator[Pointed]:
    declared = {name: points_to_of(annotation) for name, annotation in subject.vocabulary.annotations.items()}
    for pointer, name, value, _, holder in placed(subject):
        points = [point for point in declared.get(name, ()) if point.applies(value)]
        if isinstance(holder, OperationPlace):
            named = _named_places(points, value)
            for point in points:
                for at, wanted in () if point.messages else _targets(point, value):
                    if at in named and not _is_named(point):
                        continue
                    owner = holder if point.of is None else _other(subject, holder, value, f"{at.rpartition('/')[0]}/{point.of}")
                    inside = () if owner is None else bodies(subject, owner, "2")
                    if owner is not None and inside:
                        schemas = tuple(found for schema in inside for found in reached(subject.data, schema, wanted))
                        yield Pointed(
                            pointer + at, name, at, wanted, f"success response of {owner.id}", value, subject.data, schemas, inside
                        )
        else:
            payloads = _payloads(subject, holder) if points else {}
            for point in points:
                yield from _into_messages(payloads, pointer, name, value, point)


def _named_places(points: Iterable[PointsTo], value: Any) -> frozenset[str]:
    """The places that a declaration names: a `*` that stands for the items of a list matches the properties of an object too."""
    return frozenset(at for point in points if _is_named(point) for at, _ in pointers.matches(value, point.pattern))


def _is_named(point: PointsTo) -> bool:
    return not point.pattern.endswith("/*")


def _other(subject: Subject, holder: OperationPlace, value: Any, at: str) -> OperationPlace | None:
    """The operation that an annotation names at a pointer; itself where it names none, None where there is no such operation."""
    named = pointers.follow(value, at)
    return holder if named is pointers.MISSING else next((operation for operation in subject.operations() if operation.id == named), None)


def _targets(point: PointsTo, value: Any) -> Iterator[tuple[str, str]]:
    """Where an annotation holds pointers of a kind, and where these lead in the value that they point into."""
    items = "" if point.items_of is None else pointers.follow(value, point.items_of)
    for at, found in pointers.matches(value, point.pattern) if isinstance(items, str) else ():
        if point.names:
            yield from ((at + pointers.join(target), target) for target in (found if is_mapping(found) else ()))
        elif not isinstance(found, str):
            continue
        elif point.items_of is not None:
            yield at, f"{items}/*/{found.removeprefix('/')}"
        elif point.messages:
            yield at, f"/{found.removeprefix('/')}"
        elif found.startswith("/"):
            yield at, found


def _into_messages(payloads: Mapping[str, Any], pointer: str, name: str, value: Any, point: PointsTo) -> Iterator[Pointed]:
    for at, target in _targets(point, value) if point.messages else ():
        for named_by in point.messages:
            message = pointers.follow(value, named_by)
            payload = payloads.get(message) if isinstance(message, str) else None
            if payload is not None:
                schemas = reached(dict(payload), payload, target)
                yield Pointed(pointer + at, name, at, target, f"message {message}", value, dict(payload), schemas, (payload,))


def _payloads(subject: Subject, channel: str) -> dict[str, Any]:
    return {message.name: message.payload for item in subject.contract.channels if item.id == channel for message in item.messages.values()}


def _bodies(subject: Subject, operation: OperationPlace, classes: str) -> Iterator[Any]:
    responses = operation.data.get("responses")
    for status, raw in responses.items() if is_mapping(responses) else ():
        answer = subject.resolve(raw) if status[:1] in classes else None
        content = answer.get("content") if is_mapping(answer) else None
        for media, value in content.items() if is_mapping(content) else ():
            if "json" in media and is_mapping(value) and "schema" in value:
                yield value["schema"]
