"""What recorded traffic needs of a contract: one kind of change, at one place, with the values that need it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from assay_conformance.evidence import Exchange

from assay_drift.redacting import HIDDEN, shown_path

DocumentKind = Literal["openapi", "asyncapi"]


class Change(Enum):
    """What a contract would have to allow."""

    PARAMETER = "parameter-accepted"
    STATUS = "status-added"
    MEDIA_TYPE = "media-type-added"
    HEADER = "header-added"
    HEADER_OPTIONAL = "header-optional"
    CODE = "error-code-added"
    PROPERTY = "property-added"
    OPTIONAL = "required-dropped"
    TYPE = "type-widened"
    NULL = "null-allowed"
    ALTERNATIVE = "alternative-added"
    SEVERAL = "several-alternatives-allowed"
    VALUE = "enum-value-added"
    BOUND = "bound-widened"
    FORMAT = "format-dropped"
    PATTERN = "pattern-dropped"
    KEYWORD = "keyword-dropped"
    ANNOTATION = "annotation-dropped"


@dataclass(frozen=True, slots=True)
class Witness:
    """The request and the response that show it.

    `record` is the id in the evidence; `place` a pointer into the body with `*` for items, the name of a header or of a parameter; `seen`
    the type of what stood there, never the value of a string.
    """

    record: str
    request: str
    response: str
    place: str = ""
    seen: str = ""

    def as_json(self) -> dict[str, str]:
        """The stable machine form."""
        return {"record": self.record, "request": self.request, "response": self.response, "place": self.place, "seen": self.seen}


def witness_of(exchange: Exchange, place: str = "", seen: str = "") -> Witness:
    """The witness that an exchange is: its method, path and the names of its parameters, and the status of the answer."""
    request, answer = exchange.request, exchange.answer
    names = "&".join(f"{name}={HIDDEN}" for name, _ in request.query)
    sent = f"{request.method} {shown_path(request.path)}" + (f"?{names}" if names else "")
    return Witness(exchange.id, sent, " ".join(part for part in (str(answer.status), answer.media_type or "") if part), place, seen)


@dataclass(frozen=True, slots=True)
class Need:
    """One change at one place of a bundled document; `name` is the keyword, property, header, status or code that it is about."""

    document: DocumentKind
    change: Change
    pointer: str
    name: str = ""


@dataclass(slots=True)
class Reasons:
    """Why something is needed: the distinct values, where they were seen, the first witness and how often."""

    witness: Witness
    values: list[Any] = field(default_factory=list[Any])
    subjects: dict[str, None] = field(default_factory=dict[str, None])
    places: dict[str, None] = field(default_factory=dict[str, None])
    count: int = 0
    _known: set[str] = field(default_factory=set[str])

    def add(self, value: Any, subject: str, place: str) -> None:
        """One more reason."""
        self.count += 1
        self.subjects[subject] = None
        self.places[place] = None
        key = repr(value)
        if key not in self._known:
            self._known.add(key)
            self.values.append(value)


class Needs:
    """Needs in the order in which they were first seen."""

    def __init__(self) -> None:
        self._reasons: dict[Need, Reasons] = {}
        self.total = 0

    def add(self, need: Need, value: Any, subject: str, witness: Witness) -> None:
        """One more value that needs a change."""
        self.total += 1
        self._reasons.setdefault(need, Reasons(witness)).add(value, subject, witness.place)

    def items(self) -> Iterable[tuple[Need, Reasons]]:
        """Every need with its reasons."""
        return self._reasons.items()


@dataclass(frozen=True, slots=True)
class Unexpressed:
    """What contradicts the contract and no edit here expresses."""

    subject: str
    reason: str
    witness: Witness
