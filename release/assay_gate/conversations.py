"""The conversations that an older version really had, held against a new contract: what of them is no longer allowed.

A conversation counts only for what the older contract allowed. A response that the new contract merely narrows breaks nobody who reads
it, so it counts only where the comparison of both versions says that readers of that operation break.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from assay_compatibility.bumps import Fit, judge
from assay_compatibility.classes import Severity
from assay_compatibility.client import Documents
from assay_compatibility.consumers import unnamed
from assay_compatibility.documents import as_document
from assay_compatibility.versions import Version
from assay_conformance.evidence import Evidence, Exchange, FeedSession, read_evidence
from assay_conformance.evidence.exchanges import NO_JSON, Request, Response
from assay_conformance.media_types import declared_schema
from assay_conformance.validation import complaint
from assay_contracts import Channel, Contract, Operation, Parameter, Schema, parse_bundle
from assay_contracts.media_types import essence, is_json
from assay_contracts.path_templates import matchable, path_pattern

from assay_gate.changes import changes_between
from assay_gate.errors import GateInputRefused
from assay_gate.places import file_place
from assay_gate.release_verdict import Terms
from assay_gate.releases import KINDS, Release
from assay_gate.verdicts import Check, Problem

__all__ = ["Recorded", "conversation_check", "read_recorded"]

_BREAKING = (Severity.MAJOR, Severity.UNDECIDED)
_LONGEST = 1_000
"""How much of a body a transcript shows; what is left out is counted."""
_HANDLED = frozenset({"authorization", "cookie", "content-type", "accept"})
"""Header fields that evidence leaves out, or that no parameter describes."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The evidence of an older version, and the contract that it was recorded under."""

    path: Path
    evidence: Evidence
    release: Release
    contract: Contract


@dataclass(frozen=True, slots=True)
class Refusal:
    """One conversation that is no longer allowed: why, and what was said."""

    reason: str
    transcript: str


def read_recorded(path: Path) -> Recorded:
    """Read an evidence file with the contract inside it.

    Raises `EvidenceError` for a file that is no evidence, and `GateInputRefused` for evidence without its contract.
    """
    evidence = read_evidence(path)
    provenance = evidence.provenance
    if not provenance.openapi and not provenance.asyncapi:
        raise GateInputRefused(f"--evidence {path}", expected="evidence with the contract that it was recorded under", actual="none inside")
    contract = parse_bundle(provenance.openapi, provenance.asyncapi)
    found: Mapping[str, dict[str, Any] | None] = {"openapi": contract.openapi or None, "asyncapi": contract.asyncapi}
    documents = {KINDS[kind]: as_document(document, str(path)) for kind, document in found.items() if document is not None}
    version = Version.parse(contract.id.version, f"{path}: the version of its contract")
    clients = Documents(contract.openapi, contract.asyncapi, str(path))
    return Recorded(path, evidence, Release(contract.id.name, version, documents, clients), contract)


def conversation_check(recorded: Recorded, new: Release, terms: Terms) -> tuple[Check, str]:
    """Whether every recorded conversation is still allowed, and a sentence that says how many are.

    A version that may break what came before it may refuse conversations: then the sentence alone says so.
    """
    old = recorded.release
    changes = changes_between(old, new, "wire", terms.policies).changes
    breaking = {
        unnamed(reach)
        for change in changes
        if change.finding.level in _BREAKING and change.finding.direction != "request"
        for reach in change.finding.reaches
    }
    count = sum(1 for record in recorded.evidence.records if isinstance(record, Exchange | FeedSession))
    refusals = list(_refusals(recorded, new.contract(), breaking))
    summary = f"{len(refusals)} of {count} recorded conversations of {old.label} are no longer allowed"
    if not refusals:
        return Check("recorded conversations"), f"all {count} recorded conversations of {old.label} are still allowed"
    first = refusals[0]
    detail = f"{summary}; the first: {first.reason}\n{first.transcript}"
    if judge(old.version, new.version, Severity.MAJOR).fit is Fit.FITS:
        return Check("recorded conversations"), f"{detail}\n{new.version} may break what {old.version} allowed"
    return Check("recorded conversations", (Problem("conversation-no-longer-allowed", detail, place=file_place(recorded.path)),)), summary


def _refusals(recorded: Recorded, contract: Contract, breaking: Collection[str]) -> Iterator[Refusal]:
    old, new = _Rules(recorded.contract), _Rules(contract)
    for record in recorded.evidence.records:
        if isinstance(record, Exchange) and record.response is not None:
            yield from _of_exchange(record, record.response, old, new, breaking)
        elif isinstance(record, FeedSession):
            yield from _of_session(record, old, new, breaking)


def _of_exchange(exchange: Exchange, response: Response, old: _Rules, new: _Rules, breaking: Collection[str]) -> Iterator[Refusal]:
    request = exchange.request
    before, after = old.operation(request), new.operation(request)
    if before is None:
        return
    accepted = response.succeeded or response.status == 304
    if after is None:
        if accepted:
            yield Refusal(f"{request.method} {before.path} was removed", _transcript(exchange, response))
        return
    if accepted and old.request_complaint(before, request) is None:
        wrong = new.request_complaint(after, request)
        if wrong is not None:
            yield Refusal(f"the request, {wrong}", _transcript(exchange, response))
            return
    reads = {f"{request.method} {unnamed(after.path)}", unnamed(after.path), "document"}
    if reads & set(breaking) and old.response_complaint(before, response) is None:
        wrong = new.response_complaint(after, response)
        if wrong is not None:
            yield Refusal(f"the response, {wrong}", _transcript(exchange, response))


def _of_session(session: FeedSession, old: _Rules, new: _Rules, breaking: Collection[str]) -> Iterator[Refusal]:
    before, after = old.channel(session.request.path), new.channel(session.request.path)
    if before is None or session.handshake != 101:
        return
    if after is None:
        yield Refusal(f"the channel {before.address} was removed", f"> {session.request.method} {session.request.path}")
        return
    broken = any(
        reach.partition(" ")[0] in {action.id for action in after.actions} or reach in (after.id, "document") for reach in breaking
    )
    for frame in session.frames:
        if not frame.sent and not broken:
            continue
        if frame.json is NO_JSON or _message_complaint(before, frame.json, sent=frame.sent) is not None:
            continue
        wrong = _message_complaint(after, frame.json, sent=frame.sent)
        if wrong is not None:
            sign = ">" if frame.sent else "<"
            yield Refusal(f"a message on {after.address}, {wrong}", f"{sign} {_cut(frame.text)}")
            return


def _message_complaint(channel: Channel, value: Any, *, sent: bool) -> str | None:
    """What is wrong with a message, None when it is one of those that travel this way; `sent` is by the client."""
    names = channel.received if sent else channel.sent
    complaints = [complaint(channel.messages[name].payload, value) for name in names]
    return None if None in complaints else next(iter(complaints), "no message travels this way")


class _Rules:
    """What one contract allows."""

    def __init__(self, contract: Contract) -> None:
        # A literal path wins over one with a parameter in its place.
        operations = sorted(contract.operations, key=lambda operation: operation.path.count("{"))
        self._routes = [(path_pattern(operation.path), operation) for operation in operations]
        self._channels = [(path_pattern(channel.address), channel) for channel in contract.channels]
        self._found: dict[tuple[str, str], Operation | None] = {}

    def operation(self, request: Request) -> Operation | None:
        """The operation that a request is led to."""
        key = (request.method, request.path)
        if key not in self._found:
            path = matchable(request.path)
            routes = (operation for pattern, operation in self._routes if operation.method == request.method and pattern.fullmatch(path))
            self._found[key] = next(routes, None)
        return self._found[key]

    def channel(self, path: str) -> Channel | None:
        """The channel that a path is the address of."""
        return next((channel for pattern, channel in self._channels if pattern.fullmatch(matchable(path))), None)

    def request_complaint(self, operation: Operation, request: Request) -> str | None:
        """What the contract forbids about a request, or None."""
        for parameter in operation.parameters:
            wrong = _parameter_complaint(parameter, request)
            if wrong is not None:
                return wrong
        body = operation.request_body
        if body is None:
            return None
        if request.body is None:
            return "the body is required" if body.required else None
        return _body_complaint(body.content, request.header("content-type"), request.body)

    def response_complaint(self, operation: Operation, response: Response) -> str | None:
        """What the contract forbids about a response, or None."""
        declared = operation.response(response.status)
        if declared is None:
            return f"the status {response.status} is not declared"
        missing = [name for name, header in declared.headers.items() if header.required and response.header(name) is None]
        if missing:
            return f"the header {missing[0]} is required"
        return _body_complaint(declared.content, response.header("content-type"), response.body) if response.body else None


def _parameter_complaint(parameter: Parameter, request: Request) -> str | None:
    name = parameter.name
    if parameter.location == "query":
        texts = [value for key, value in request.query if key == name]
        spread = any(key.startswith(f"{name}[") for key, _ in request.query)
    elif parameter.location == "header" and name.lower() not in _HANDLED:
        texts, spread = [value for key, value in request.headers if key == name.lower()], False
    else:
        return None
    place = f"the {parameter.location} parameter {name}"
    if not texts:
        return f"{place} is required" if parameter.required and not spread and "object" not in _types(parameter) else None
    wrong = [complaint(parameter.schema, value) for value in _readings(texts, parameter)]
    return None if None in wrong else f"{place}: {wrong[0]}"


def _readings(texts: list[str], parameter: Parameter) -> Iterator[Any]:
    """The values that the texts of a parameter may stand for, the likeliest first."""
    if "array" in _types(parameter):
        parts = texts if len(texts) > 1 or parameter.explode else texts[0].split(",")
        yield [_scalar(part) for part in parts]
        yield parts
        return
    yield _scalar(texts[0])
    yield texts[0]


def _types(parameter: Parameter) -> Collection[str]:
    kinds = parameter.schema.get("type", ())
    return (kinds,) if isinstance(kinds, str) else kinds


def _scalar(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _body_complaint(content: Mapping[str, Schema], media_type: str | None, text: str) -> str | None:
    media = essence(media_type or "application/json")
    if not content:
        return None
    schema = declared_schema(content, media)
    if schema is None:
        return f"the media type {media} is not declared"
    if not is_json(media):
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return "the body is not JSON"
    return complaint(schema, value)


def _transcript(exchange: Exchange, response: Response) -> str:
    """The request after `>`, the response after `<`."""
    request = exchange.request
    query = "&".join(f"{name}={value}" for name, value in request.query)
    lines = [f"> {request.method} {request.path}{'?' + query if query else ''}"]
    lines += [f"> {name}: {value}" for name, value in request.headers]
    if request.body:
        lines.append(f"> {_cut(request.body)}")
    lines.append(f"< {response.status} {response.media_type or ''}".rstrip())
    if response.body:
        lines.append(f"< {_cut(response.body)}")
    return "\n".join(lines)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} … {len(text) - _LONGEST} more characters"
