"""What differs between two versions of a contract, read off their bundled documents.

A plain list, place by place: added, removed, changed, reworded. It does not say what breaks whom. A part that is
referred to is compared once, where it is defined; whatever no section below knows is compared value by value, so two
documents that differ never give an empty list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts.errors import ReferenceBroken
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.model import Contract
from assay_contracts.openapi import METHODS
from assay_contracts.references import dereference
from assay_contracts.site.differing import Change, compare_members, compare_named, compare_values
from assay_contracts.vocabulary import DOCUMENT_SUBJECT

_SHARED = {
    "parameters": "Shared parameter",
    "headers": "Shared header",
    "responses": "Shared answer",
    "requestBodies": "Shared body",
    "messages": "Shared message",
}
_KNOWN = {"paths", "channels", "x-error-taxonomy", "x-clauses", "components"}


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that both or either version has, and what became of it."""

    kind: str
    name: str
    anchor: str
    status: str
    changes: tuple[Change, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the contract with the subjects in it that differ."""

    title: str
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs between an older and a newer version."""

    old: Contract
    new: Contract
    areas: tuple[Area, ...]

    def count(self, status: str) -> int:
        """How many subjects and changes have this status."""
        subjects = [subject for area in self.areas for subject in area.subjects]
        return sum(subject.status == status for subject in subjects) + sum(
            change.status == status for subject in subjects for change in subject.changes
        )


def compare_contracts(old: Contract, new: Contract) -> Comparison:
    """What the newer version has, lacks and says differently."""
    areas = (
        Area("Operations", tuple(_operations(old, new))),
        Area("Channels", tuple(_channels(old, new))),
        Area(
            "Schemas", (*_schemas(old.openapi, new.openapi, "schema"), *_schemas(old.asyncapi or {}, new.asyncapi or {}, "message-schema"))
        ),
        Area("Shared parts", (*_shared(old.openapi, new.openapi), *_shared(old.asyncapi or {}, new.asyncapi or {}))),
        Area("Error taxonomy", tuple(_taxonomy(old, new))),
        Area("Clauses", tuple(_clauses(old, new))),
        Area("Documents", tuple(_documents(old, new))),
    )
    return Comparison(old, new, tuple(area for area in areas if area.subjects))


def _operations(old: Contract, new: Contract) -> Iterator[Subject]:
    before, after = _declared_operations(old.openapi), _declared_operations(new.openapi)
    for id, was, now in _paired(before, after):
        told: dict[str, Any] = now or was or {}
        note = f"{told['method']} {told['path']}"
        changes = tuple(_operation(was, now, old.openapi, new.openapi)) if was and now else ()
        yield from _subject("Operation", id, f"operation-{id}", was, now, changes, note)
    paths = [_without_operations(each.openapi) for each in (old, new)]
    for path, was, now in _paired(*paths):
        changes = tuple(compare_values("", was or {}, now or {}))
        if changes:
            yield Subject("Path", path, "", "changed", changes)


def _declared_operations(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path, item in _mapping(document.get("paths")).items():
        for method, operation in _mapping(item).items():
            if method in METHODS and is_mapping(operation):
                parameters = [*_list(item.get("parameters")), *_list(operation.get("parameters"))]
                id = str(operation.get("operationId", f"{method} {path}"))
                found[id] = {**operation, "parameters": parameters, "method": method.upper(), "path": path}
    return found


def _without_operations(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        path: {key: value for key, value in _mapping(item).items() if key not in METHODS and key != "parameters"}
        for path, item in _mapping(document.get("paths")).items()
    }


def _operation(was: dict[str, Any], now: dict[str, Any], old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    special = {"parameters", "requestBody", "responses", "x-error-codes"}
    yield from compare_named("", _parameters(was, old), _parameters(now, new), _parameter)
    yield from compare_named("error code ", _set(was.get("x-error-codes")), _set(now.get("x-error-codes")))
    yield from compare_named("", _body(was, old), _body(now, new), _answer)
    answers = [_mapping(side.get("responses")) for side in (was, now)]
    for status, before, after in _paired(*answers):
        place = f"answer {status}"
        if before is None or after is None:
            yield Change("added" if before is None else "removed", place)
        elif before != after or not _is_reference(before):
            yield from _answer(place, _behind(before, old), _behind(after, new))
    rest = [{key: value for key, value in side.items() if key not in special} for side in (was, now)]
    yield from compare_values("", *rest)


def _body(operation: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    return {"body": _behind(operation["requestBody"], document)} if "requestBody" in operation else {}


def _parameters(operation: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The parameters by place and name; one that is referred to stays a reference, and is compared where it is."""
    found: dict[str, Any] = {}
    for raw in operation["parameters"]:
        declared = _behind(raw, document)
        found[f"{declared.get('in')} parameter {declared.get('name')}"] = raw if _is_reference(raw) else declared
    return found


def _parameter(place: str, was: Any, now: Any) -> Iterator[Change]:
    """A parameter or a header: its schema by members, the rest value by value."""
    schemas = [_mapping(side).get("schema", True) for side in (was, now)]
    yield from compare_members(place, *schemas)
    rest = [{key: value for key, value in _mapping(side).items() if key != "schema"} for side in (was, now)]
    yield from compare_values(place, *rest)


def _answer(place: str, was: Any, now: Any) -> Iterator[Change]:
    """An answer, a body or a message: headers and media types by name, schemas by members."""
    was, now = _mapping(was), _mapping(now)
    for key, what in (("headers", "header"), ("content", "media type")):
        yield from compare_named(f"{place}, {what} ", _mapping(was.get(key)), _mapping(now.get(key)), _parameter)
    yield from compare_values(
        place, *({key: value for key, value in side.items() if key not in ("headers", "content")} for side in (was, now))
    )


def _channels(old: Contract, new: Contract) -> Iterator[Subject]:
    before, after = (_mapping((each.asyncapi or {}).get("channels")) for each in (old, new))
    for id, was, now in _paired(before, after):
        changes: list[Change] = []
        if was is not None and now is not None:
            before_it, after_it = (next((each for each in side.channels if each.id == id), None) for side in (old, new))
            if before_it and after_it:
                changes += compare_named("message from the server: ", _set(before_it.sent), _set(after_it.sent))
                changes += compare_named("message from the client: ", _set(before_it.received), _set(after_it.received))
            changes += compare_values("", was, now)
        note = str(_mapping(now or was).get("address", ""))
        yield from _subject("Channel", id, f"channel-{id}", was, now, tuple(changes), note)
    actions = [_mapping((each.asyncapi or {}).get("operations")) for each in (old, new)]
    for id, was, now in _paired(*actions):
        changes = [*compare_values("", was, now)] if was is not None and now is not None else []
        yield from _subject("Channel operation", id, "", was, now, tuple(changes))


def _schemas(old: Mapping[str, Any], new: Mapping[str, Any], anchor: str) -> Iterator[Subject]:
    sides = [_mapping(_mapping(each.get("components")).get("schemas")) for each in (old, new)]
    kind = "Schema" if anchor == "schema" else "Message schema"
    for name, was, now in _paired(*sides):
        changes = tuple(compare_members("", was, now)) if was is not None and now is not None else ()
        yield from _subject(kind, name, f"{anchor}-{name}", was, now, changes)


def _shared(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Subject]:
    before, after = (_mapping(each.get("components")) for each in (old, new))
    for section in sorted({*before, *after} - {"schemas"}):
        sides = [_mapping(each.get(section)) for each in (before, after)]
        for name, was, now in _paired(*sides):
            changes: Iterator[Change] = iter(())
            if was is not None and now is not None:
                by = {"parameters": _parameter, "headers": _parameter, "responses": _answer, "requestBodies": _answer}.get(
                    section, compare_values
                )
                changes = by("", was, now)
            yield from _subject(_SHARED.get(section, section), name, "", was, now, tuple(changes))


def _taxonomy(old: Contract, new: Contract) -> Iterator[Subject]:
    for kind in ("openapi", "asyncapi"):
        sides = [_mapping(_mapping(getattr(each, kind)).get("x-error-taxonomy")) for each in (old, new)]
        for name, was, now in _paired(*(_mapping(side.get("codes")) for side in sides)):
            changes = tuple(compare_values("", was, now)) if was is not None and now is not None else ()
            yield from _subject("Error code", name, f"code-{name}", was, now, changes)
        rest = [{key: value for key, value in side.items() if key != "codes"} for side in sides]
        changes = tuple(compare_values("", *rest))
        if changes:
            yield Subject("Taxonomy", kind, "errors", "changed", changes)


def _clauses(old: Contract, new: Contract) -> Iterator[Subject]:
    sides = [{clause.id: clause for clause in each.clauses()} for each in (old, new)]
    # What a new operation promises goes with the operation; only what both versions have can gain or lose a promise.
    common = _subjects(old) & _subjects(new)
    for id, was, now in _paired(*sides):
        changes: list[Change] = []
        if was and now:
            facts = [{"level": each.level, "sentence": each.sentence} for each in (was, now)]
            changes += compare_values("", *facts)
            about, still = (_set(subject for subject in each.subjects(id) if subject in common) for each in (old, new))
            changes += compare_named("promised about ", about, still)
        clause = now or was
        yield from _subject("Clause", id, f"clause-{id}", was, now, tuple(changes), clause.sentence if clause else "")
    own = [[*_list(each.openapi.get("x-clauses")), *_list(_mapping(each.asyncapi).get("x-clauses"))] for each in (old, new)]
    changes = [*compare_values("x-clauses", *own)]
    if changes:
        yield Subject("Clause", "declared by the contract itself", "", "changed", tuple(changes))


def _subjects(contract: Contract) -> set[str]:
    return {DOCUMENT_SUBJECT, *(each.id for each in contract.operations), *(each.id for each in contract.channels)}


def _documents(old: Contract, new: Contract) -> Iterator[Subject]:
    for kind, title in (("openapi", "OpenAPI"), ("asyncapi", "AsyncAPI")):
        sides = [_mapping(getattr(each, kind)) for each in (old, new)]
        known = _KNOWN | {"operations"} if kind == "asyncapi" else _KNOWN
        rest = [{key: value for key, value in side.items() if key not in known} for side in sides]
        changes = tuple(compare_values("", *rest)) if all(sides) else ()
        yield from _subject("Document", title, "", sides[0] or None, sides[1] or None, changes)


def _subject(kind: str, name: str, anchor: str, was: Any, now: Any, changes: tuple[Change, ...], note: str = "") -> Iterator[Subject]:
    if was is None or now is None:
        if was is not now:
            yield Subject(kind, name, anchor, "added" if was is None else "removed", (), note)
    elif changes:
        wording = all(change.status == "reworded" for change in changes)
        yield Subject(kind, name, anchor, "reworded" if wording else "changed", changes, note)


def _paired(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Both sides by name: first what the newer has, in its order, then what only the older had."""
    for name in (*new, *(name for name in old if name not in new)):
        yield name, old.get(name), new.get(name)


def _behind(value: Any, document: dict[str, Any]) -> dict[str, Any]:
    try:
        return _mapping(dereference(value, document, "a part of the contract"))
    except ReferenceBroken:
        return _mapping(value)


def _is_reference(value: Any) -> bool:
    return is_mapping(value) and set(value) == {"$ref"}


def _set(values: Any) -> dict[str, Any]:
    return {str(each): True for each in values or ()}


def _mapping(value: Any) -> dict[str, Any]:
    return value if is_mapping(value) else {}


def _list(value: Any) -> list[Any]:
    return value if is_list(value) else []
