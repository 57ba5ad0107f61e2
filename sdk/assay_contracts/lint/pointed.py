"""What annotations point at: each pointer of an annotation with the schemas that it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_mapping
from assay_contracts.lint.annotations import placed
from assay_contracts.lint.schemas import reached
from assay_contracts.lint.subject import OperationPlace, Subject

# The members of each annotation that point into the success answer.
_INTO_SUCCESS: dict[str, tuple[str, ...]] = {
    "x-cache": ("/volatile/*",),
    "x-derived": ("/*/value", "/*/ratio/of", "/*/ratio/to", "/*/atMost", "/*/zeroWhen"),
    "x-filter": ("/items", "/fields/*/partitions/*", "/fields/*/narrows/*"),
    "x-freshness": ("/snapshotAsOf", "/deltaAsOf", "/stalenessMs", "/source", "/partial/*"),
    "x-idempotency": ("/items/accepted", "/items/duplicate", "/items/rejected"),
    "x-order": ("/items",),
    "x-pagination": ("/items", "/cursor/next", "/offset/total", "/size/echo", "/more"),
    "x-snapshot": ("/sequence", "/state", "/changes", "/truncated"),
    "x-tenancy": ("/echo/*",),
    "x-window": ("/echo/from", "/echo/to", "/additive/*", "/series/at"),
}
# By annotation: where it names members of an item, and the member that points at the list they are in.
_INTO_ITEMS = {
    "x-filter": (("/fields/*/selects", "/items"),),
    "x-order": (("/orders/*/by", "/items"),),
    "x-pagination": (("/identity", "/items"),),
    "x-snapshot": (("/identity", "/state"),),
    "x-window": (("/series/start", "/series/at"), ("/series/additive/*", "/series/at")),
}
# By member of x-stream: the members that name the messages it points into.
_SNAPSHOT, _DELTA, _HEARTBEAT = "/snapshot/message", "/delta/message", "/heartbeat/message"
_INTO_MESSAGES = {
    "/type": (_SNAPSHOT, _DELTA, _HEARTBEAT),
    "/snapshot/state": (_SNAPSHOT,),
    "/delta/changes": (_DELTA,),
    "/sequence/at": (_SNAPSHOT, _DELTA),
    "/heartbeat/at": (_HEARTBEAT,),
    "/tenancy/echo/*": (_SNAPSHOT, _DELTA),
    "/schemaVersion/at": (_SNAPSHOT, _DELTA),
    "/resume/after": ("/resume/message",),
}
_PROGRESS = "/message"
_INTO_PROGRESS = {"/type": (_PROGRESS, _HEARTBEAT), "/state": (_PROGRESS,), "/progress": (_PROGRESS,), "/phase/at": (_PROGRESS,)}
# A job is in the answer that starts it and in the one that reads it; ending it and fetching its result answer other things.
_INTO_JOB = ("/identity", "/state", "/progress", "/error", "/result", "/phase/at")
_INTO_ENTITIES = (
    ("/snapshot/identity", "/snapshot/state", _SNAPSHOT),
    ("/snapshot/identity", "/delta/changes", _DELTA),
    ("/delta/updated", "/delta/changes", _DELTA),
)


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
        return tuple(each for schema in self.inside for each in reached(self.data, schema, above))


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
    for pointer, name, value, _, holder in placed(subject):
        if isinstance(holder, OperationPlace):
            inside = bodies(subject, holder, "2")
            for at, wanted in _into_success(name, value) if inside else ():
                schemas = tuple(each for schema in inside for each in reached(subject.data, schema, wanted))
                yield Pointed(pointer + at, name, at, wanted, f"success answer of {holder.id}", value, subject.data, schemas, inside)
        elif name in ("x-stream", "x-progress"):
            yield from _into_messages(subject, holder, pointer, name, value)


def _into_success(name: str, value: Any) -> Iterator[tuple[str, str]]:
    patterns = _INTO_SUCCESS.get(name, ())
    if name == "x-job" and is_mapping(value) and value.get("role") in ("start", "poll"):
        patterns = _INTO_JOB
    for pattern in patterns:
        for at, wanted in pointers.matches(value, pattern):
            if isinstance(wanted, str) and wanted.startswith("/"):
                yield at, wanted
    for pattern, listed in _INTO_ITEMS.get(name, ()):
        lists = pointers.follow(value, listed)
        for at, member in pointers.matches(value, pattern) if isinstance(lists, str) else ():
            if isinstance(member, str):
                yield at, f"{lists}/*/{member.removeprefix('/')}"
    sums = pointers.follow(value, "/series/additive") if name == "x-window" else None
    for whole in sums if is_mapping(sums) else ():
        yield pointers.join("series", "additive", whole), whole


def _into_messages(subject: Subject, channel: str, pointer: str, name: str, value: Any) -> Iterator[Pointed]:
    payloads = {
        message.name: message.payload for each in subject.contract.channels if each.id == channel for message in each.messages.values()
    }
    wanted: list[tuple[str, str, str]] = []
    for pattern, named in (_INTO_MESSAGES if name == "x-stream" else _INTO_PROGRESS).items():
        for at, target in pointers.matches(value, pattern):
            wanted += [(at, f"/{str(target).removeprefix('/')}", message) for message in named]
    for pattern, listed, message in _INTO_ENTITIES if name == "x-stream" else ():
        for at, member in pointers.matches(value, pattern):
            wanted.append((at, f"{pointers.follow(value, listed)}/*/{member}", message))
    for at, target, named_by in wanted:
        message = pointers.follow(value, named_by)
        payload = payloads.get(message) if isinstance(message, str) else None
        if payload is not None:
            schemas = reached(dict(payload), payload, target)
            yield Pointed(pointer + at, name, at, target, f"message {message}", value, dict(payload), schemas, (payload,))


def _bodies(subject: Subject, operation: OperationPlace, classes: str) -> Iterator[Any]:
    responses = operation.data.get("responses")
    for status, raw in responses.items() if is_mapping(responses) else ():
        answer = subject.resolve(raw) if status[:1] in classes else None
        content = answer.get("content") if is_mapping(answer) else None
        for media, value in content.items() if is_mapping(content) else ():
            if "json" in media and is_mapping(value) and "schema" in value:
                yield value["schema"]
