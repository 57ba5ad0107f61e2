"""Two generated clients compared: one finding per root cause, with the methods that it reaches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import griffe
from assay_contracts.draft_status import STATUS
from assay_contracts.json_types import is_mapping
from assay_contracts.parsing import NAME

from assay_compatibility.classes import Direction
from assay_compatibility.client.annotations import NONE, Names, Union, known
from assay_compatibility.client.client_documents import Documents
from assay_compatibility.client.clients import Client, Refused, generate_client
from assay_compatibility.client.rules import SOURCE_RULES, level_of
from assay_compatibility.client.signatures import given, signature_changes, types_of
from assay_compatibility.findings import Finding

GIVEN, READ, BOTH = Direction.REQUEST, Direction.RESPONSE, Direction.BOTH
_NOTHING: Union = frozenset()
_REMOVED = {"model": "model", "shape": "model", "enum": "model", "alias": "model", "error": "error"}


def compare_sources(old: Documents, new: Documents) -> tuple[Finding, ...]:
    """What a caller of the old side's generated client meets in that of the new side, worst first.

    Empty where nothing but the stated version changed. A side of which no client can be generated gives one finding,
    `source-not-generated`, with the reason.
    """
    old, new = _as_one(old, new)
    if _unversioned(old) == _unversioned(new):
        return ()
    sides = [generate_client(document.openapi, document.asyncapi) for document in (old, new)]
    first, second = sides
    refusals = [(document.source, side.reason) for document, side in zip((old, new), sides, strict=True) if isinstance(side, Refused)]
    if isinstance(first, Refused) or isinstance(second, Refused):
        reason = "; ".join(f"{source}: {reason}" for source, reason in refusals)
        return (_finding("source-not-generated", "/client", BOTH, (), None, reason),)
    return _Pair(first, second).findings()


def refusal(documents: Documents) -> str | None:
    """Why no client is generated from these documents, or None when one is."""
    found = generate_client(documents.openapi, documents.asyncapi)
    return found.reason if isinstance(found, Refused) else None


def _as_one(old: Documents, new: Documents) -> tuple[Documents, Documents]:
    """Both under the name of their contract where one side is only known by its title, as a copy of a version is."""
    names, titled = [_name(document) for document in (old, new)], [_title(document) for document in (old, new)]
    given = [name for name, title in zip(names, titled, strict=True) if name != title]
    if not given or names[0] == names[1]:
        return old, new
    return _named(old, given[0]), _named(new, given[0])


def _unversioned(documents: Documents) -> list[Any]:
    """What is generated from, but for the versions that the documents declare."""
    kept = [document for document in (documents.openapi, documents.asyncapi) if document]
    infos = [document.get("info") for document in kept]
    unversioned = [
        {key: value for key, value in info.items() if key not in ("version", STATUS)} if is_mapping(info) else info for info in infos
    ]
    return [{**document, "info": info} for document, info in zip(kept, unversioned, strict=True)]


def _title(documents: Documents) -> str:
    info = documents.openapi.get("info")
    title = info.get("title") if is_mapping(info) else None
    return re.sub(r"[^a-z0-9]+", "-", str(title).lower()).strip("-")


def _name(documents: Documents) -> str:
    info = documents.openapi.get("info")
    return str(info.get(NAME) or _title(documents)) if is_mapping(info) else ""


def _named(documents: Documents, name: str) -> Documents:
    info = documents.openapi.get("info")
    if not is_mapping(info):
        return documents
    return Documents({**documents.openapi, "info": {**info, NAME: name}}, documents.asyncapi, documents.source)


class _Pair:
    """Two clients, what of them is given and read, and what was found so far."""

    def __init__(self, old: Client, new: Client) -> None:
        self.old, self.new = old, new
        self.found: dict[tuple[str, str, Any, Any], Finding] = {}
        self.given, self.read = self._directions()
        self.reached = self._reaches()
        self.models = self._renamed_models()
        self.opaque = frozenset(old.exported.keys() & new.exported.keys()) | frozenset(self.models.values())
        self.before = Names({**old.names.aliases, **self.models}, old.names.bases)

    def findings(self) -> tuple[Finding, ...]:
        """Everything that changed, worst first."""
        self._clients()
        self._names()
        return tuple(
            sorted(self.found.values(), key=lambda finding: (-finding.level.rank, finding.pointer, finding.rule, str(finding.after)))
        )

    def _directions(self) -> tuple[frozenset[str], frozenset[str]]:
        """The names that callers give values of, and those that they read."""
        taken: set[str] = set()
        answered: set[str] = set()
        for client in (self.old, self.new):
            for _, function in _methods(client):
                taken.update(*(client.within(annotation) for annotation in given(function)))
                answered |= client.within(str(function.returns)) if function.returns is not None else frozenset()
        return frozenset(taken), frozenset(answered)

    def _reaches(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for client in (self.old, self.new):
            for name, function in _methods(client):
                written = [*given(function), *([str(function.returns)] if function.returns is not None else [])]
                for class_name in frozenset[str]().union(*map(client.within, written)):
                    found.setdefault(class_name, set()).add(name)
        return found

    def _renamed_models(self) -> dict[str, str]:
        """Models that went while one came with the same fields."""
        removed = [name for name in self.old.named("model", "shape") if name not in self.new.exported]
        added = [name for name in self.new.named("model", "shape") if name not in self.old.exported]
        found: dict[str, str] = {}
        for name in removed:
            fields = _fields(self.old, name)
            like = [other for other in added if fields and _fields(self.new, other) == fields]
            if len(like) == 1 and like[0] not in found.values():
                found[name] = like[0]
        return found

    def _clients(self) -> None:
        for side in ("SyncClient", "AsyncClient"):
            old, new = (
                next((name for name in client.named("client") if side in client.names.bases[name]), None) for client in (self.old, self.new)
            )
            if old is None or new is None:
                continue
            if old != new:
                self._report("source-name-removed", f"/{old}", BOTH, (), old, new)
            self._methods(old, new, old.removeprefix("Async") if side == "AsyncClient" else old)

    def _methods(self, old: str, new: str, class_name: str) -> None:
        olds, news = self.old.methods(old), self.new.methods(new)
        renamed = {
            name: new_name
            for operation, name in self.old.operation_methods.items()
            if (new_name := self.new.operation_methods.get(operation, name)) != name and new_name not in olds and name not in news
        }
        for name, function in olds.items():
            pointer, reach = f"/{class_name}/{name}", (f"{old}.{name}",)
            other = news.get(renamed.get(name, name))
            if other is None:
                self._report("source-operation-removed", pointer, BOTH, reach, name, None)
                continue
            if other.name != name:
                self._report("source-operation-renamed", pointer, BOTH, reach, name, other.name)
            self._method(function, other, pointer, reach)
        for name in news:
            if name not in olds and name not in renamed.values():
                self._report("source-operation-added", f"/{class_name}/{name}", BOTH, (f"{new}.{name}",), None, name)

    def _method(self, old: griffe.Function, new: griffe.Function, pointer: str, reach: tuple[str, ...]) -> None:
        for change in signature_changes(old, new):
            at = f"{pointer}/{change.argument}" if change.argument else pointer
            self._report(change.rule, at, GIVEN, reach, change.before, change.after)
        for name, before, after in types_of(old, new):
            self._types(before, after, f"{pointer}/{name}", reach, (GIVEN,), "parameter")
        if old.returns is not None and new.returns is not None:
            before, after = _kindless(str(old.returns)), _kindless(str(new.returns))
            self._types(before, after, f"{pointer}/return", reach, (READ,), "return")

    def _names(self) -> None:
        old, new = self.old, self.new
        for name in old.exported:
            role = old.role(name)
            if role == "client":
                continue
            if name in self.models:
                self._report("source-model-renamed", f"/{name}", BOTH, self._reach(name), name, self.models[name])
            elif name not in new.exported:
                self._report(f"source-{_REMOVED.get(role, 'name')}-removed", f"/{name}", BOTH, self._reach(name), name, None)
            elif role == new.role(new.behind(name)) and role == "model" and name not in self.given:
                # A model that is read may be another name of a class: whoever reads its fields sees no difference.
                self._class(name, role, new.behind(name))
            elif role != new.role(name):
                self._report("source-kind-changed", f"/{name}", BOTH, self._reach(name), role, new.role(name))
            elif role == "alias":
                self._types(old.names.aliases[name], new.names.aliases[name], f"/{name}", self._reach(name), self._ways(name), "type")
            elif role != "name":
                self._class(name, role)
        for name in new.exported:
            role = new.role(name)
            if name not in old.exported and name not in self.models.values() and role != "client":
                self._report(f"source-{_REMOVED.get(role, 'name')}-added", f"/{name}", BOTH, self._reach(name), None, name)

    def _class(self, name: str, role: str, now: str | None = None) -> None:
        """Compare the bases and fields of a class; `now` is the class that the name leads to in the new client."""
        now = now or name
        lost = [base for base in self.old.names.bases[name] if base not in self._above(now)]
        if lost:
            self._report("source-base-changed", f"/{name}", BOTH, self._reach(name), ", ".join(lost), ", ".join(self.new.names.bases[now]))
        olds, news = self.old.fields(name), self.new.fields(now)
        is_given = role == "shape" or name in self.given
        for key, old in olds.items():
            pointer, reach = f"/{name}/{key}", self._reach(name)
            if key not in news:
                rule = "source-enum-member-removed" if role == "enum" else "source-field-removed"
                self._report(rule, pointer, BOTH, reach, str(old.annotation) if old.annotation is not None else key, None)
                continue
            moved = is_given and _needed(old, role) != _needed(news[key], role)
            if moved:
                rule = "source-field-became-required" if _needed(news[key], role) else "source-field-became-optional"
                self._report(rule, pointer, GIVEN, reach, str(old.annotation), str(news[key].annotation))
            if old.annotation is not None and news[key].annotation is not None:
                # That a field which may be left out may be None says nothing more.
                let: Union = frozenset({NONE}) if moved and READ not in self._ways(name) else _NOTHING
                self._types(str(old.annotation), str(news[key].annotation), pointer, reach, self._ways(name), "field", let)
        for key, new in news.items():
            if key not in olds:
                needed = is_given and role != "enum" and _needed(new, role)
                rule = "source-enum-member-added" if role == "enum" else "source-required-field-added" if needed else "source-field-added"
                self._report(rule, f"/{name}/{key}", BOTH, self._reach(name), None, str(new.annotation))

    def _above(self, name: str) -> Iterator[str]:
        waiting = [name]
        while waiting:
            for base in self.new.names.bases.get(waiting.pop(), ()):
                yield base
                waiting.append(base)

    def _types(
        self, before: str, after: str, pointer: str, reach: tuple[str, ...], ways: tuple[Direction, ...], kind: str, let: Union = _NOTHING
    ) -> None:
        if before == after:
            return
        opaque = self.opaque - {pointer[1:]}
        old, new = self.before.read(before, opaque=opaque), self.new.names.read(after, opaque=opaque)
        old, new = old - let, new - let
        names = Names(bases={**self.old.names.bases, **self.new.names.bases})
        wider, narrower = names.contains(new, old), names.contains(old, new)
        direction = ways[0] if len(ways) == 1 else BOTH
        if wider and narrower:
            self._values(old, new, pointer, reach, direction)
            return
        fits = (wider or GIVEN not in ways) and (narrower or READ not in ways)
        if not fits and READ in ways and NONE in new - old and names.contains(old, new - {NONE}):
            rule = "source-may-be-none"
        else:
            rule = {
                "parameter": ("source-parameter-type-changed", "source-parameter-type-widened"),
                "return": ("source-return-type-changed", "source-return-type-narrowed"),
                "field": ("source-field-type-changed", "source-field-type-widened" if GIVEN in ways else "source-field-type-narrowed"),
                "type": ("source-type-changed", "source-type-extended"),
            }[kind][fits]
        self._report(rule, pointer, direction, reach, before, after)

    def _values(self, old: Union, new: Union, pointer: str, reach: tuple[str, ...], direction: Direction) -> None:
        for rule, values in (("removed", known(old) - known(new)), ("added", known(new) - known(old))):
            for text in sorted(value.text for value in values):
                before_and_after = (text, None) if rule == "removed" else (None, text)
                self._report(f"source-known-value-{rule}", pointer, direction, reach, *before_and_after)

    def _ways(self, name: str) -> tuple[Direction, ...]:
        shape = name in self.old.exported and self.old.role(name) == "shape"
        ways = [GIVEN] if shape or name in self.given else []
        # What no method leads to, such as the messages of a feed, is read.
        return (*ways, READ) if name in self.read or not ways else tuple(ways)

    def _reach(self, name: str) -> tuple[str, ...]:
        return tuple(sorted(self.reached.get(name, ())))

    def _report(self, rule: str, pointer: str, direction: Direction, reach: tuple[str, ...], before: Any, after: Any) -> None:
        key = (rule, pointer, before, after)
        known_already = self.found.get(key)
        reaches = tuple(sorted({*reach, *(known_already.reaches if known_already else ())}))
        self.found[key] = _finding(rule, pointer, direction, reaches, before, after)


def _finding(rule: str, pointer: str, direction: Direction, reaches: tuple[str, ...], before: Any, after: Any) -> Finding:
    return Finding(
        rule, level_of(rule), direction.value, "source", pointer, reaches, SOURCE_RULES[rule].sentence, before, after, axis="source"
    )


def _methods(client: Client) -> Iterator[tuple[str, griffe.Function]]:
    for name in client.named("client"):
        for key, function in client.methods(name).items():
            yield f"{name}.{key}", function


def _kindless(returned: str) -> str:
    """The return type without the difference between the two kinds of client, so that one cause is one finding."""
    return returned.removeprefix("Async") if returned.startswith(("AsyncPage[", "AsyncFeed[")) else returned


def _fields(client: Client, name: str) -> dict[str, str]:
    return {key: str(field.annotation) for key, field in client.fields(name).items()}


def _needed(attribute: griffe.Attribute, role: str) -> bool:
    """Whether a caller must give a field: of a typed dictionary when it says so, of a model when it has no default."""
    return str(attribute.annotation).startswith("Required[") if role == "shape" else attribute.value is None
