"""The oracle: what the contract says about a request, from its schemas and annotations alone.

A breakage is one thing that is wrong, in one parameter. Breakages of the schema can be seen by any validator; breakages of meaning (a
window that runs backwards, a cursor that nobody issued) only by who reads the annotations. Where the contract leaves open whether a
request is right, the oracle says so by `Undecided`, and the request does not enter a corpus.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import orjson
from assay_contracts import Contract, Operation, Parameter, Schema
from assay_contracts.json_types import is_mapping
from assay_contracts.media_types import essence, is_json

from assay_conformance.corpus.cases import CorpusRequest, Outcome, Slot, Value
from assay_conformance.corpus.error_codes_of_parameters import governance
from assay_conformance.corpus.schemas import Misfit, Reader, Undecided, properties_of
from assay_conformance.corpus.window_spans import check_span
from assay_conformance.derivations import moments_of
from assay_conformance.media_types import declared_schema
from assay_conformance.schema_kinds import kinds_of, resolved

LONGEST_URL = 4000
"""Longer targets may be refused by whatever stands in front of a server (RFC 9112 asks for 8000 octets, encoding included)."""

_CONDITIONAL = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range")
_PLAIN_HEADER = re.compile(r"[!-~](?:[ -~]*[!-~])?", re.ASCII)
_VERSION_LIKE = re.compile(r"[0-9]+(?:\.[0-9]+){0,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Breakage:
    """One thing that is wrong with a request: where, what, and the codes of which one answers it."""

    parameter: str
    what: str
    codes: frozenset[str]
    by_schema: bool = True


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the contract says about one request."""

    breakages: tuple[Breakage, ...]
    codes: tuple[str, ...]

    @property
    def outcome(self) -> Outcome:
        """`refused` as soon as one thing is wrong."""
        return "refused" if self.breakages else "accepted"

    @property
    def fits_schema(self) -> bool:
        """Whether a validator that knows schemas alone finds nothing wrong."""
        return not any(item.by_schema for item in self.breakages)

    @property
    def why(self) -> str:
        """What is wrong, in a few words."""
        return "; ".join(f"{item.parameter}: {item.what}" for item in self.breakages) or "as the contract has it"


_TOO_MUCH = frozenset({"maxItems", "maxLength", "maxProperties"})


class Oracle:
    """Knows what is right and wrong of one operation."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self.operation = operation
        self.codes = governance(contract, operation)
        self.moments = moments_of(contract, operation)
        self._readers = {item.name: Reader(item.schema) for item in operation.parameters if not self._is_deep(item)}

    def expect(self, request: CorpusRequest) -> Expectation:
        """What the contract says about a request of this operation. Raises `Undecided` with the reason."""
        self._check_sendable(request)
        broken = [
            *self._of_places(request),
            *self._of_query(request),
            *self._of_headers(request),
            *self._of_body(request),
        ]
        broken.extend(self._of_meaning(request, {item.parameter for item in broken}))
        codes = self.codes.answers(code for item in broken for code in item.codes)
        return Expectation(tuple(broken), codes)

    def fits(self, parameter: Parameter, text: str) -> bool:
        """Whether a text is a value of a scalar parameter."""
        return self._readers[parameter.name].fits(text)

    def decides(self, header: tuple[str, str]) -> bool:
        """Whether a header arrives the same everywhere and the contract says what becomes of it."""
        name, text = header
        if not _PLAIN_HEADER.fullmatch(text):
            return False
        return name != self.codes.correlation_header or all(
            self.fits(item, text) for item in self.operation.parameters if item.name.lower() == name
        )

    def _check_sendable(self, request: CorpusRequest) -> None:
        texts = [text for pair in request.query for text in pair if isinstance(text, str)]
        if sum(3 * len(text.encode()) for text in texts) > LONGEST_URL:
            raise Undecided("a URL longer than every server must take")
        for name, text in request.headers:
            if not _PLAIN_HEADER.fullmatch(text):
                raise Undecided("a header that is empty, padded or outside ASCII" if name else "a header without a name")

    def _of_places(self, request: CorpusRequest) -> Iterator[Breakage]:
        for name, value in request.places:
            if isinstance(value, str):
                if value in ("", ".", "..") or "/" in value or "\\" in value:
                    raise Undecided("a path that is another path")
                yield from self._misfit(self.operation.parameter(name), value, also=self.codes.unknown)

    def _of_query(self, request: CorpusRequest) -> Iterator[Breakage]:
        known = [item for item in self.operation.parameters if item.location == "query"]
        for item in known:
            if self._is_deep(item):
                yield from self._of_deep(item, request)
                continue
            if any(name.startswith(f"{item.name}[") for name, _ in request.query):
                raise Undecided("brackets behind a parameter that takes none")
            if "array" in kinds_of(item.schema):
                yield from self._of_list(item, request)
                continue
            values = request.values(item.name)
            if len(values) > 1:
                raise Undecided("a parameter that is given twice")
            if not values:
                if item.required:
                    yield Breakage(item.name, "missing", self.codes.general)
            elif isinstance(values[0], str):
                # An empty value of a required parameter is a bad one to some and none at all to others.
                also = self.codes.general if item.required and not values[0] else frozenset[str]()
                yield from self._misfit(item, values[0], also=also)

    def _of_deep(self, item: Parameter, request: CorpusRequest) -> Iterator[Breakage]:
        """A deepObject parameter: `name[field]=value`."""
        if request.values(item.name):
            raise Undecided("a deepObject parameter without brackets")
        fields = properties_of(item.schema)
        seen: set[str] = set()
        for name, value in request.query:
            if not name.startswith(f"{item.name}["):
                continue
            if not name.endswith("]"):
                raise Undecided("a bracket that does not close")
            field = name[len(item.name) + 1 : -1]
            if field in seen:
                raise Undecided("a parameter that is given twice")
            seen.add(field)
            if field not in fields:
                if "[" in field or "]" in field or not field:
                    raise Undecided("brackets within brackets")
                if not self._is_closed(item):
                    continue
                yield Breakage(item.name, "unknown field", self.codes.of(item.name))
            elif isinstance(value, str):
                try:
                    self._field_reader(item, field).read(value)
                except Misfit as misfit:
                    yield Breakage(item.name, f"{field} breaks {misfit}", self.codes.of(item.name))
        if item.required and not seen:
            yield Breakage(item.name, "missing", self.codes.general)

    def _of_list(self, item: Parameter, request: CorpusRequest) -> Iterator[Breakage]:
        """A list in a query: `name=a&name=b`, or `name=a,b` where the parameter does not explode."""
        texts = [value for value in request.values(item.name) if isinstance(value, str)]
        if len(texts) < len(request.values(item.name)):
            return
        if not texts:
            if item.required:
                yield Breakage(item.name, "missing", self.codes.general)
            return
        if item.style != "form" or (not item.explode and len(texts) > 1) or "" in texts:
            raise Undecided("a list that is written in another way")
        parts = texts if item.explode else texts[0].split(",")
        try:
            self._readers[item.name].validate([self._item_reader(item).read(part) for part in parts])
        except Misfit as misfit:
            yield Breakage(item.name, f"breaks {misfit}", self.codes.of(item.name))

    def _item_reader(self, item: Parameter) -> Reader:
        known = resolved(item.schema)
        items = known.get("items")
        definitions = {"$defs": item.schema["$defs"]} if "$defs" in item.schema else {}
        return Reader({**items, **definitions} if is_mapping(items) else {})

    def _of_headers(self, request: CorpusRequest) -> Iterator[Breakage]:
        for item in self.operation.parameters:
            if item.location != "header":
                continue
            text = request.header(item.name)
            name = item.name.lower()
            if text is None:
                if item.required:
                    yield Breakage(item.name, "missing", self.codes.general)
            elif not self._readers[item.name].fits(text):
                if name == self.codes.correlation_header:
                    raise Undecided("a correlation identifier that the server replaces and the schema forbids")
                if name in _CONDITIONAL:
                    raise Undecided("a conditional header that RFC 9110 lets a server ignore")
                if name == self.codes.version_header:
                    # What is no version at all is a version that is not served and a bad parameter alike.
                    like = _VERSION_LIKE.fullmatch(text) is not None
                    codes = frozenset({self.codes.version_code}) | (frozenset[str]() if like else self.codes.general)
                    yield Breakage(item.name, "a version that is not served" if like else "no version", codes)
                else:
                    yield from self._misfit(item, text)

    def _of_body(self, request: CorpusRequest) -> Iterator[Breakage]:
        declared = self.operation.request_body
        if declared is None:
            if request.body is not None:
                raise Undecided("a body that the contract does not speak of")
            return
        if request.body is None:
            if declared.required:
                yield Breakage("body", "missing", self.codes.body)
            return
        media_type = request.header("content-type") or ""
        schema = declared_schema(declared.content, media_type)
        if schema is None:
            yield Breakage("body", "unknown media type", self.codes.media_type)
            return
        try:
            Reader(schema).validate(self._body_value(request.body, media_type, schema))
        except Misfit as misfit:
            # More than a schema allows is a body that does not fit and one that is too large alike.
            also = self.codes.oversized if str(misfit) in _TOO_MUCH else frozenset[str]()
            yield Breakage("body", f"breaks {misfit}", self.codes.body | also)
        except orjson.JSONDecodeError:
            yield Breakage("body", "no JSON", self.codes.body)

    @staticmethod
    def _body_value(body: str, media_type: str, schema: Schema) -> Any:
        """The value that a body stands for."""
        if is_json(media_type):
            return orjson.loads(body)
        if essence(media_type) != "application/x-www-form-urlencoded":
            raise Undecided("a body that is neither JSON nor a form")
        pairs = parse_qsl(body, keep_blank_values=True)
        known = properties_of(schema)
        if len({name for name, _ in pairs}) < len(pairs) or any(name not in known for name, _ in pairs):
            raise Undecided("a form with a field twice or an unknown one")
        return {name: Reader(known[name]).read(text) for name, text in pairs}

    def _of_meaning(self, request: CorpusRequest, broken: set[str]) -> Iterator[Breakage]:
        paging = self.operation.annotations.get("x-pagination", {}).get("cursor", {})
        cursor = paging.get("parameter")
        if cursor and cursor not in broken and any(isinstance(value, str) for value in request.values(cursor)):
            if "invalid" not in paging or not self.codes.of(cursor):
                raise Undecided("a cursor that nobody issued")
            yield Breakage(cursor, "never issued", self.codes.of(cursor), by_schema=False)
        if any(isinstance(value, str) for name in self.moments - broken for value in request.values(name)):
            raise Undecided("a moment that no response stated")
        window = self.operation.annotations.get("x-window")
        if not window or broken & {window["from"], window["to"]}:
            return
        yield from self._of_rolling(request, window, broken)
        start, end = _only(request.values(window["from"])), _only(request.values(window["to"]))
        if start is None or end is None or (isinstance(start, Slot) and isinstance(end, Slot)):
            return
        if isinstance(start, Slot) or isinstance(end, Slot):
            raise Undecided("a window of which one end is not known")
        wrong = check_span(start, end, window.get("longest"))
        if wrong:
            yield Breakage(window["to"], wrong, self.codes.of(window["to"]), by_schema=False)

    def _of_rolling(self, request: CorpusRequest, window: Mapping[str, Any], broken: set[str]) -> Iterator[Breakage]:
        """An edge alone, and an edge beside a rolling window: what is requested is no window."""
        edges = [window[name] for name in ("from", "to") if request.values(window[name])]
        if "rolling" not in window or not edges:
            return
        named = window["rolling"]["parameter"]
        if len(edges) == 1:
            yield Breakage(edges[0], "alone", self.codes.of(edges[0]), by_schema=False)
        if request.values(named) and named not in broken:
            yield Breakage(named, "beside an edge", self.codes.of(edges[0]), by_schema=False)

    def _misfit(self, item: Parameter, text: str, *, also: frozenset[str] = frozenset()) -> Iterator[Breakage]:
        try:
            self._readers[item.name].read(text)
        except Misfit as misfit:
            what = f"breaks {misfit}" if text else "empty"
            yield Breakage(item.name, what, self.codes.of(item.name) | also)

    def _field_reader(self, item: Parameter, field: str) -> Reader:
        return self._field_readers[item.name, field]

    @cached_property
    def _field_readers(self) -> dict[tuple[str, str], Reader]:
        deep = [item for item in self.operation.parameters if self._is_deep(item)]
        return {(item.name, field): Reader(schema) for item in deep for field, schema in properties_of(item.schema).items()}

    @staticmethod
    def _is_deep(item: Parameter) -> bool:
        return item.style == "deepObject" or "object" in kinds_of(item.schema)

    @staticmethod
    def _is_closed(item: Parameter) -> bool:
        return item.schema.get("additionalProperties") is False


def _only(values: tuple[Value, ...]) -> Value | None:
    return values[0] if len(values) == 1 else None
