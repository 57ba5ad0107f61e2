"""The ledger of one contract: what it documents on one side, what was seen on the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from assay_conformance.body_values import at
from assay_conformance.evidence import Exchange, FeedSession
from assay_conformance.evidence import Response as Answer
from assay_contracts import Contract, Operation, Response
from assay_contracts.media_types import is_json
from assay_contracts.path_templates import matchable
from assay_contracts.pointers import MISSING

from assay_drift.bodies import Bodies
from assay_drift.feed import FeedLedger
from assay_drift.findings import Finding, Kind, Side
from assay_drift.redacting import shown_code, shown_name, shown_path
from assay_drift.routing import Routes, media_range_of

CARRIED = frozenset(
    {
        "accept-ranges", "age", "alt-svc", "connection", "content-encoding", "content-language", "content-length", "content-type",
        "date", "keep-alive", "last-modified", "pragma", "expires", "server", "strict-transport-security", "trailer",
        "transfer-encoding", "upgrade", "vary", "via", "x-content-type-options", "access-control-allow-credentials",
        "access-control-allow-headers", "access-control-allow-methods", "access-control-allow-origin", "access-control-expose-headers",
        "access-control-max-age", "content-security-policy", "cross-origin-opener-policy", "cross-origin-resource-policy",
        "permissions-policy", "referrer-policy", "x-frame-options", "x-xss-protection", "server-timing", "timing-allow-origin",
    }
)  # fmt: skip
"""Header fields that carry a message, time it or guard a browser: they are the transport's, and no contract lists them."""

ABSENT, REFUSED = frozenset({404, 405, 501}), frozenset({401, 403})
"""Statuses of a server that does not have an operation at all, and those that it may have for anything."""


@dataclass(slots=True)
class _Answers:
    """Everything that was seen of one declared answer of an operation."""

    declared: Response
    count: int = 0
    bodies: dict[str, Bodies] = field(default_factory=dict[str, Bodies])
    media: Counter[str] = field(default_factory=Counter[str])
    headers: Counter[str] = field(default_factory=Counter[str])
    empty: int = 0

    def add(self, answer: Answer, method: str) -> None:
        """One more answer."""
        self.count += 1
        self.headers.update({name for name, _ in answer.headers})
        media = answer.media_type
        if not answer.body:
            self.empty += bool(self.declared.content) and method != "HEAD" and answer.status not in (204, 304)
            return
        self.media[media or "none"] += 1
        schema = media_range_of(self.declared, media)
        if schema is not None and media is not None and is_json(media):
            if media not in self.bodies:
                self.bodies[media] = Bodies(self.declared.content[schema])
            self.bodies[media].add(answer.body, answer.json)

    def findings(self, subject: str) -> Iterator[Finding]:
        """What stands alone on either side."""
        place = self.declared.status
        for media, count in self.media.items():
            if media_range_of(self.declared, media) is None:
                yield Finding(Side.UNDOCUMENTED, Kind.MEDIA_TYPE, subject, media, place, count)
        if self.empty:
            yield Finding(Side.CONTRADICTING, Kind.VALUE, subject, "/", place, self.empty, "an empty body")
        declared = {name.lower(): name for name in self.declared.headers}
        for name, count in self.headers.items():
            if name not in declared and name not in CARRIED:
                yield Finding(Side.UNDOCUMENTED, Kind.HEADER, subject, shown_name(name), place, count)
        for name in declared:
            if name not in self.headers:
                yield Finding(Side.NEVER_SEEN, Kind.HEADER, subject, declared[name], place)
        for media, bodies in self.bodies.items():
            yield from bodies.findings(subject, place if len(self.bodies) == 1 else f"{place} {media}")
        for media in self.declared.content:
            if self.media and not any(media_range_of(self.declared, seen) == media for seen in self.media):
                yield Finding(Side.NEVER_SEEN, Kind.MEDIA_TYPE, subject, media, place)


@dataclass(slots=True)
class _OperationTraffic:
    """Everything that was seen of one operation."""

    operation: Operation
    answers: dict[str, _Answers] = field(default_factory=dict[str, _Answers])
    statuses: Counter[int] = field(default_factory=Counter[int])
    codes: Counter[str] = field(default_factory=Counter[str])
    foreign: dict[str, str] = field(default_factory=dict[str, str])
    parameters: Counter[str] = field(default_factory=Counter[str])

    @property
    def count(self) -> int:
        """How many answers there were."""
        return sum(self.statuses.values())

    @property
    def absent(self) -> bool:
        """Whether the server answers as if it did not have the operation."""
        return bool(self.statuses.keys() & ABSENT) and self.statuses.keys() <= ABSENT | REFUSED


class Ledger:
    """Takes traffic in and says what drifted.

    `requests` is whether the requests are those of real clients: then their parameters are looked at too.
    """

    def __init__(self, contract: Contract, *, requests: bool = False) -> None:
        self._contract, self._requests = contract, requests
        self._operations = {operation.id: _OperationTraffic(operation) for operation in contract.operations}
        self._routes = Routes(contract)
        self._foreign: Counter[tuple[str, str]] = Counter()
        self._feed = FeedLedger(contract, requests=requests)
        self.exchanges = 0
        self.unanswered = 0
        self.strangers = 0

    def add(self, exchange: Exchange) -> None:
        """One more exchange; what a server was told to break on purpose says nothing."""
        if exchange.expected == "broken":
            return
        if exchange.response is None:
            self.unanswered += 1
            return
        request, answer = exchange.request, exchange.response
        operation = self._routes.operation(request.method, request.path)
        if operation is None:
            if answer.status < 400 and request.method not in ("OPTIONS", "HEAD"):
                self._foreign[request.method, shown_path(matchable(request.path))] += 1
                return
            operation = self._routes.near(exchange)
        if operation is None:
            self.strangers += 1
            return
        self.exchanges += 1
        seen = self._operations[operation.id]
        if answer.succeeded:
            seen.parameters.update({name.partition("[")[0] for name, _ in request.query})
        self._answer(seen, answer, request.method)

    def listen(self, session: FeedSession) -> None:
        """One more session of a feed."""
        self._feed.add(session)

    def extend(self, exchanges: Iterable[Exchange], sessions: Iterable[FeedSession] = ()) -> None:
        """All of these."""
        for exchange in exchanges:
            self.add(exchange)
        for session in sessions:
            self.listen(session)

    @property
    def seen(self) -> dict[str, int]:
        """How much was looked at."""
        return {
            "exchanges": self.exchanges,
            "operations": sum(1 for record in self._operations.values() if record.count),
            "sessions": self._feed.sessions,
            "messages": self._feed.messages,
            "unanswered": self.unanswered,
            "elsewhere": self.strangers,
        }

    def findings(self) -> Iterator[Finding]:
        """What stands alone on either side. An operation that was never asked is told once, not with all its members."""
        for (method, path), count in self._foreign.items():
            yield Finding(Side.UNDOCUMENTED, Kind.OPERATION, f"{method} {path}", f"{method} {path}", "", count)
        for seen in self._operations.values():
            if not seen.count:
                operation = seen.operation
                yield Finding(Side.NEVER_SEEN, Kind.OPERATION, operation.id, f"{operation.method} {operation.path}")
            else:
                yield from self._of(seen)
        yield from self._feed.findings()

    def _answer(self, seen: _OperationTraffic, answer: Answer, method: str) -> None:
        seen.statuses[answer.status] += 1
        declared = seen.operation.response(answer.status)
        if declared is not None:
            seen.answers.setdefault(declared.status, _Answers(declared)).add(answer, method)
        taxonomy = self._contract.taxonomy
        if taxonomy is None or answer.status < 400:
            return
        code = at(answer.json, taxonomy.envelope.get("code"))
        if code is MISSING:
            return
        code_name = shown_code(code)
        seen.codes[code_name] += 1
        known = taxonomy.codes.get(code_name)
        if known is None:
            seen.foreign[code_name] = "in no taxonomy"
        elif known.status != answer.status:
            seen.foreign.setdefault(code_name, f"with status {answer.status} instead of {known.status}")

    def _of(self, seen: _OperationTraffic) -> Iterator[Finding]:
        subject, operation = seen.operation.id, seen.operation
        if seen.absent:
            statement = f"answers {' and '.join(map(str, sorted(seen.statuses)))} alone"
            yield Finding(Side.NEVER_SEEN, Kind.OPERATION, subject, f"{operation.method} {operation.path}", "", seen.count, statement)
            return
        for status, count in seen.statuses.items():
            if operation.response(status) is None:
                yield Finding(Side.UNDOCUMENTED, Kind.STATUS, subject, str(status), "", count)
        for declared in operation.responses:
            if declared not in seen.answers and declared != "default":
                yield Finding(Side.NEVER_SEEN, Kind.STATUS, subject, declared)
        if self._contract.taxonomy is not None:
            for code, count in seen.codes.items():
                if code not in operation.error_codes:
                    known = seen.foreign.get(code) or "of the taxonomy, not of this operation"
                    yield Finding(Side.UNDOCUMENTED, Kind.CODE, subject, code, "", count, known)
                elif code in seen.foreign:
                    yield Finding(Side.CONTRADICTING, Kind.CODE, subject, code, "", count, seen.foreign[code])
            for code in operation.error_codes:
                if code not in seen.codes:
                    yield Finding(Side.NEVER_SEEN, Kind.CODE, subject, code)
        if self._requests:
            yield from self._parameters(seen)
        for answers in seen.answers.values():
            yield from answers.findings(subject)

    def _parameters(self, seen: _OperationTraffic) -> Iterator[Finding]:
        declared = {item.name.partition("[")[0] for item in seen.operation.parameters if item.location == "query"}
        for name, count in seen.parameters.items():
            if name not in declared:
                yield Finding(Side.UNDOCUMENTED, Kind.PARAMETER, seen.operation.id, shown_name(name), "query", count)
        for name in sorted(declared - seen.parameters.keys()):
            yield Finding(Side.NEVER_SEEN, Kind.PARAMETER, seen.operation.id, name, "query")
