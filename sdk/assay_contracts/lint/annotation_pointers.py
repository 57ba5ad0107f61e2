"""Rules of pointers: whatever an annotation points at is described by the schema it points into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.lint.annotations import placed
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.schemas import reached
from assay_contracts.lint.subject import OperationPlace, Subject
from assay_contracts.shapes import is_mapping

# The members of each annotation that point into the success answer.
_INTO_SUCCESS = {
    "x-cache": ("/volatile/*",),
    "x-derived": ("/*/value", "/*/ratio/of", "/*/ratio/to", "/*/atMost", "/*/zeroWhen"),
    "x-filter": ("/items", "/fields/*/partitions/*", "/fields/*/narrows/*"),
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
_INTO_ENTITIES = (
    ("/snapshot/identity", "/snapshot/state", _SNAPSHOT),
    ("/snapshot/identity", "/delta/changes", _DELTA),
    ("/delta/updated", "/delta/changes", _DELTA),
)


@rule("annotation-pointer-hits-nothing")
def annotation_pointer_hits_nothing(subject: Subject) -> Iterator[Problem]:
    """Every pointer of an annotation leads to a member that the schema of the answer or message describes."""
    for pointer, name, value, _, holder in placed(subject):
        if isinstance(holder, OperationPlace):
            schemas = list(_bodies(subject, holder, "2"))
            for at, wanted in _into_success(name, value) if schemas else ():
                if not _hits(subject, schemas, wanted):
                    yield Problem(pointer + at, f"{name} points at {wanted}, which no success answer of {holder.id} has")
        elif name == "x-stream":
            yield from _stream(subject, holder, pointer, value)
        elif name == "x-error-taxonomy" and is_mapping(value):
            yield from _taxonomy(subject, pointer, value)


def _into_success(name: str, value: Any) -> Iterator[tuple[str, str]]:
    for pattern in _INTO_SUCCESS.get(name, ()):
        for at, wanted in pointers.matches(value, pattern):
            if isinstance(wanted, str):
                yield at, wanted
    for pattern, listed in _INTO_ITEMS.get(name, ()):
        lists = pointers.follow(value, listed)
        for at, member in pointers.matches(value, pattern) if isinstance(lists, str) else ():
            if isinstance(member, str):
                yield at, f"{lists}/*/{member.removeprefix('/')}"
    sums = pointers.follow(value, "/series/additive") if name == "x-window" else None
    for whole in sums if is_mapping(sums) else ():
        yield pointers.join("series", "additive", whole), whole


def _stream(subject: Subject, channel: str | OperationPlace, pointer: str, value: Any) -> Iterator[Problem]:
    payloads = {
        message.name: message.payload for each in subject.contract.channels if each.id == channel for message in each.messages.values()
    }
    wanted: list[tuple[str, str, str]] = []
    for pattern, named in _INTO_MESSAGES.items():
        for at, target in pointers.matches(value, pattern):
            wanted += [(at, f"/{str(target).removeprefix('/')}", message) for message in named]
    for pattern, listed, message in _INTO_ENTITIES:
        for at, member in pointers.matches(value, pattern):
            wanted.append((at, f"{pointers.follow(value, listed)}/*/{member}", message))
    for at, target, named_by in wanted:
        message = pointers.follow(value, named_by)
        payload = payloads.get(message) if isinstance(message, str) else None
        if payload is not None and not reached(dict(payload), payload, target):
            yield Problem(pointer + at, f"x-stream points at {target}, which the message {message} does not have")


def _taxonomy(subject: Subject, pointer: str, value: dict[str, Any]) -> Iterator[Problem]:
    operations = list(subject.operations())
    errors = [schema for operation in operations for schema in _bodies(subject, operation, "45")]
    envelope = value.get("envelope")
    for member, wanted in envelope.items() if is_mapping(envelope) and errors else ():
        if isinstance(wanted, str) and not _hits(subject, errors, wanted):
            yield Problem(f"{pointer}/envelope/{member}", f"no error answer has anything at {wanted}")
    successes = [schema for operation in operations for schema in _bodies(subject, operation, "2")]
    for pattern in ("/schemaVersion/at", "/faults/*/stale"):
        for at, wanted in pointers.matches(value, pattern) if successes else ():
            if isinstance(wanted, str) and not _hits(subject, successes, wanted):
                yield Problem(pointer + at, f"no success answer has anything at {wanted}")


def _hits(subject: Subject, schemas: Iterable[Any], wanted: str) -> bool:
    return any(reached(subject.data, schema, wanted) for schema in schemas)


def _bodies(subject: Subject, operation: OperationPlace, classes: str) -> Iterator[Any]:
    """The JSON schemas of an operation's answers of these status classes."""
    responses = operation.data.get("responses")
    for status, raw in responses.items() if is_mapping(responses) else ():
        answer = subject.resolve(raw) if status[:1] in classes else None
        content = answer.get("content") if is_mapping(answer) else None
        for media, value in content.items() if is_mapping(content) else ():
            if "json" in media and is_mapping(value) and "schema" in value:
                yield value["schema"]
