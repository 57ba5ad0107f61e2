"""Which promise an edit would weaken: what is required, what annotations name, and the errors of the taxonomy.

The question is asked with a bias. A name that an annotation has anywhere counts as a name of each property that is called so: an edit that
weakens a promise in silence is worse than one more that somebody has to accept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assay_contracts import Clause, Contract, pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.media_types import is_json

from assay_drift.repair.edits import NewResponse
from assay_drift.repair.exchanges import operation_pointer
from assay_drift.repair.needs import Change, DocumentKind, Need, Reasons
from assay_drift.repair.places import below, landed, reached_from

_OF_KIND = frozenset({Change.TYPE, Change.NULL, Change.ALTERNATIVE, Change.SEVERAL, Change.FORMAT})
"""What changes the kind of a value: an order, a window or a sum of it means nothing any more."""
_OF_SCHEMAS = _OF_KIND | {Change.VALUE, Change.BOUND, Change.PATTERN, Change.KEYWORD}
_SERVER_ERROR = 500
_TAXONOMY = "x-error-taxonomy"
_CLAUSES = {
    Change.OPTIONAL: "OP-001",
    Change.HEADER_OPTIONAL: "OP-004",
    Change.STATUS: "OP-002",
    Change.MEDIA_TYPE: "OP-003",
    Change.CODE: "COD-002",
}
_OF_CHANNELS = "CHA-001"
_PROSE = frozenset({"description", "sentence", "summary", "title"})
_IDENTIFIER = re.compile(r"[A-Za-z_$@][\w$@.-]*")


@dataclass(frozen=True, slots=True)
class Weakened:
    """The promise that an edit would weaken, in words and by its clause where it has one."""

    reason: str
    clause: Clause | None


@dataclass(frozen=True, slots=True)
class _Subject:
    """An operation or a channel with annotations: the names in each of them, and the components that it leads to."""

    id: str
    document: DocumentKind
    pointer: str
    names: Mapping[str, frozenset[str]]
    reaches: frozenset[str]


class Promises:
    """What a contract promises of the places that edits touch."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def weakened(self, need: Need, reasons: Reasons) -> Weakened | None:
        """The promise that meeting a need would weaken; None where it weakens none."""
        match need.change:
            case Change.OPTIONAL:
                return self._plain(need, reasons, f"{need.name} is required")
            case Change.HEADER_OPTIONAL:
                return self._plain(need, reasons, f"the header {need.name} is required")
            case Change.CODE:
                return self._plain(need, reasons, f"the operation does not declare the error code {need.name}")
            case Change.STATUS:
                return self._status(need, reasons)
            case Change.MEDIA_TYPE:
                return self._media_type(need, reasons)
            case Change.ANNOTATION:
                return Weakened("the annotation promises it", None)
            case _ if need.change in _OF_SCHEMAS:
                return self._required_header(need, reasons) or self._annotated(need, reasons)
            case _:
                return None

    def _status(self, need: Need, reasons: Reasons) -> Weakened | None:
        if need.name.isdecimal() and int(need.name) >= _SERVER_ERROR:
            return self._plain(need, reasons, f"{need.name} is an error of the server")
        if self._contract.taxonomy is not None and need.name >= "400" and any(self._without_code(value) for value in reasons.values):
            return self._plain(need, reasons, "an error without a code of the taxonomy")
        return None

    def _media_type(self, need: Need, reasons: Reasons) -> Weakened | None:
        errors = self._contract.taxonomy is not None and reasons.witness.response[:1] in ("4", "5")
        if errors and (not is_json(need.name) or any(self._without_code(value) for value in reasons.values)):
            return self._plain(need, reasons, "an error without a code of the taxonomy")
        return None

    def _without_code(self, value: Any) -> bool:
        taxonomy = self._contract.taxonomy
        if taxonomy is None or not isinstance(value, NewResponse):
            return False
        code = pointers.follow(value.body, str(taxonomy.envelope.get("code", "")))
        return code not in taxonomy.codes if isinstance(code, str) else True

    def _required_header(self, need: Need, reasons: Reasons) -> Weakened | None:
        """A header that is required was promised, and with it what it says."""
        holder = need.pointer.partition("/schema")[0]
        of_header = "/headers/" in f"{holder}/" and need.document == "openapi"
        header = pointers.follow(self._contract.openapi, holder) if of_header else None
        if is_mapping(header) and header.get("required") is True:
            return Weakened(f"the header {reasons.witness.place} is required", self._clause("OP-004", reasons.subjects))
        return None

    def _annotated(self, need: Need, reasons: Reasons) -> Weakened | None:
        """The first annotation that names the property, of any operation or channel that the edit reaches."""
        for subject in self._subjects:
            if subject.document != need.document or not _reaches(subject, need.pointer):
                continue
            for annotation, names in subject.names.items():
                named = next((place for place in reasons.places if _is_named(place, names)), None)
                if named is not None and (need.change in _OF_KIND or self._lists_values(need, annotation, names)):
                    clause = self._clause_of(annotation, subject.id)
                    return Weakened(f"{annotation} of {subject.id} speaks of {named or 'the whole body'}", clause)
        return None

    def _lists_values(self, need: Need, annotation: str, names: frozenset[str]) -> bool:
        """Whether an annotation says which values a property has: a filter that names them, or the taxonomy."""
        if need.change is not Change.VALUE:
            return False
        document = self._contract.asyncapi if need.document == "asyncapi" else self._contract.openapi
        schema = pointers.follow(document, need.pointer)
        options = schema.get("enum") if is_mapping(schema) else None
        return not is_list(options) or annotation == _TAXONOMY or any(isinstance(option, str) and option in names for option in options)

    def _plain(self, need: Need, reasons: Reasons, reason: str) -> Weakened:
        wanted = _OF_CHANNELS if need.document == "asyncapi" else _CLAUSES[need.change]
        return Weakened(reason, self._clause(wanted, reasons.subjects))

    def _clause(self, id: str, subjects: Iterable[str]) -> Clause | None:
        known = set(subjects)
        found = (promise.clause for promise in self._contract.promises if promise.clause.id == id and promise.subject in known)
        return next(found, None)

    def _clause_of(self, annotation: str, subject: str) -> Clause | None:
        """The first MUST of an annotation, of the subject or of the contract as a whole."""
        of_it = [promise for promise in self._contract.promises if promise.clause.annotation == annotation]
        own = [promise.clause for promise in of_it if promise.subject == subject] or [promise.clause for promise in of_it]
        return next((clause for clause in own if clause.level == "MUST"), next(iter(own), None))

    @cached_property
    def _subjects(self) -> tuple[_Subject, ...]:
        return (*self._operations(), *self._channels())

    def _operations(self) -> Iterator[_Subject]:
        document = self._contract.openapi
        shared = dict(_document_names(document))
        for operation in self._contract.operations:
            names = {name: frozenset(_names(value)) for name, value in operation.annotations.items()} | shared
            if any(names.values()):
                pointer = operation_pointer(document, operation)
                yield _Subject(operation.id, "openapi", pointer, names, reached_from(document, landed(document, pointer)))

    def _channels(self) -> Iterator[_Subject]:
        document = self._contract.asyncapi or {}
        shared = dict(_document_names(document))
        for channel in self._contract.channels:
            names = {name: frozenset(_names(value)) for name, value in channel.annotations.items()} | shared
            if any(names.values()):
                pointer = landed(document, below(document, "", "channels", channel.id))
                yield _Subject(channel.id, "asyncapi", pointer, names, reached_from(document, pointer))


def _document_names(document: Mapping[str, Any]) -> Iterator[tuple[str, frozenset[str]]]:
    """The names in the annotations of a document as a whole: of the taxonomy those of its envelope."""
    for name, value in document.items():
        if name.startswith("x-"):
            inner = value.get("envelope") if name == _TAXONOMY and is_mapping(value) else value
            yield name, frozenset(_names(inner))


def _reaches(subject: _Subject, pointer: str) -> bool:
    if pointer.startswith(f"{subject.pointer}/"):
        return True
    return any(pointer == component or pointer.startswith(f"{component}/") for component in subject.reaches)


def _is_named(place: str, names: frozenset[str]) -> bool:
    """Whether an annotation names a place of a body: its property, or for the whole body any pointer."""
    keys = [key for key in pointers.split(place) if key != "*"]
    return keys[-1] in names if keys else "" in names


def _names(value: Any) -> Iterator[str]:
    """The names in an annotation: keys of its pointers, words, and identifiers of its expressions; the empty one where it has a pointer.

    >>> sorted(_names({"items": "/page/things", "identity": "sku", "size": {"maximum": 5}, "holds": "a.b = 1"}))
    ['', 'a', 'a.b', 'b', 'page', 'sku', 'things']
    """
    if isinstance(value, str):
        if value.startswith("/"):
            yield from ("", *(key for key in pointers.split(value) if key != "*"))
        elif " " in value:
            for word in _IDENTIFIER.findall(value):
                yield from (word, *word.split("."))
        else:
            yield value
    elif is_mapping(value) or is_list(value):
        for item in (item for key, item in value.items() if key not in _PROSE) if is_mapping(value) else value:
            yield from _names(item)
