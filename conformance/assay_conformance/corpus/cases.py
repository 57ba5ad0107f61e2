"""One case of a corpus: a request, with slots where a value must come from the target, and what the contract says about it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast
from urllib.parse import quote

import orjson
from assay_contracts import Operation

from assay_conformance.errors import CorpusError
from assay_conformance.evidence import Request

Outcome = Literal["accepted", "refused"]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that the target fills: `tenant:primary`, `window:from`, `seconds:to`, or `parameter:<name>`."""

    name: str


Value = str | Slot
Pair = tuple[str, Value]


@dataclass(frozen=True, slots=True)
class CorpusRequest:
    """What is sent, short of the credential and of what fills the slots. `path` is the contract's template; header names are lower-case."""

    method: str
    path: str
    places: tuple[Pair, ...] = ()
    query: tuple[Pair, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None

    @property
    def slots(self) -> frozenset[str]:
        """The names of the slots in it."""
        return frozenset(value.name for _, value in (*self.places, *self.query) if isinstance(value, Slot))

    def values(self, name: str) -> tuple[Value, ...]:
        """Every value of one query parameter, in order."""
        return tuple(value for key, value in self.query if key == name)

    def undeclared(self, operation: Operation) -> tuple[str, ...]:
        """The names of query parameters that the operation does not declare; `name[field]` belongs to a declared `name`."""
        declared = {item.name for item in operation.parameters if item.location == "query"}
        return tuple(name for name, _ in self.query if name not in declared and name.partition("[")[0] not in declared)

    def header(self, name: str) -> str | None:
        """The value of one header, whatever its case."""
        return next((value for key, value in self.headers if key == name.lower()), None)

    def filled(self, known: Mapping[str, str], credential: str = "primary") -> Request:
        """The request as it goes to the wire. Raises `CorpusError` for a slot that nothing fills."""
        path = self.path
        for name, value in self.places:
            path = path.replace("{" + name + "}", quote(_fill(value, known), safe=""))
        query = tuple((name, _fill(value, known)) for name, value in self.query)
        return Request(self.method, path, query, self.headers, self.body, credential)

    def plain(self) -> dict[str, Any]:
        """The request as JSON values, empty parts left out."""
        parts: dict[str, Any] = {
            "method": self.method,
            "path": self.path,
            "places": _plain(self.places),
            "query": _plain(self.query),
            "headers": _plain(self.headers),
            "body": self.body,
        }
        return {name: part for name, part in parts.items() if part is not None and part != []}


@dataclass(frozen=True, slots=True)
class CorpusCase:
    """A request and its right answer.

    `mode` is what the grower meant it to be, `origin` the phase that grew it; neither is an oracle. `outcome` is what the contract says:
    `accepted` (a 2XX or 304) or `refused` (a 4XX with one of `codes`, any declared one when there are none). `why` says it in a few words.
    """

    operation: str
    request: CorpusRequest
    mode: Literal["positive", "negative"]
    origin: str
    outcome: Outcome
    codes: tuple[str, ...]
    why: str

    @property
    def id(self) -> str:
        """Named by the operation and the request alone: the same request has the same id in every corpus."""
        content = orjson.dumps([self.operation, self.request.plain()], option=orjson.OPT_SORT_KEYS)
        return "c" + hashlib.sha256(content).hexdigest()[:12]

    def plain(self) -> dict[str, Any]:
        """The case as JSON values."""
        return {
            "id": self.id,
            "operation": self.operation,
            "mode": self.mode,
            "origin": self.origin,
            "outcome": self.outcome,
            "codes": list(self.codes),
            "why": self.why,
            "request": self.request.plain(),
        }


def parse_case(data: Mapping[str, Any]) -> CorpusCase:
    """The case of its JSON values; the id must be the one that the request gives."""
    request = data["request"]
    case = CorpusCase(
        operation=str(data["operation"]),
        request=CorpusRequest(
            method=str(request["method"]),
            path=str(request["path"]),
            places=_pairs(request.get("places", ())),
            query=_pairs(request.get("query", ())),
            headers=tuple((str(name), str(value)) for name, value in request.get("headers", ())),
            body=request.get("body"),
        ),
        mode=data["mode"],
        origin=str(data["origin"]),
        outcome=data["outcome"],
        codes=tuple(data["codes"]),
        why=str(data["why"]),
    )
    if data["id"] != case.id:
        raise ValueError(f"the id {data['id']} is not that of the request, which is {case.id}")
    if case.outcome not in ("accepted", "refused") or case.mode not in ("positive", "negative"):
        raise ValueError(f"{case.id}: outcome {case.outcome!r}, mode {case.mode!r}")
    return case


def _plain(pairs: Iterable[tuple[str, Value]]) -> list[list[Any]]:
    return [[name, {"slot": value.name} if isinstance(value, Slot) else value] for name, value in pairs]


def _pairs(data: Iterable[Any]) -> tuple[Pair, ...]:
    return tuple(
        (str(name), Slot(str(cast("dict[str, Any]", value)["slot"])) if isinstance(value, dict) else str(value)) for name, value in data
    )


def _fill(value: Value, known: Mapping[str, str]) -> str:
    if not isinstance(value, Slot):
        return value
    if value.name not in known:
        raise CorpusError(
            f"the slot {value.name!r} of the corpus",
            expected="a value from the target manifest",
            actual="none",
            next_step=f"add {_entry(value.name)} to it",
        )
    return known[value.name]


def _entry(slot: str) -> str:
    kind, _, name = slot.partition(":")
    return f"tenants.{name}" if kind == "tenant" else f"fixtures.parameters.{name}"
