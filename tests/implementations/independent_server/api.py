"""The three operations and the control hook: from a request to an answer."""

from __future__ import annotations

import datetime as dt
import json
import time
from dataclasses import dataclass, field
from typing import Any

from .asking import VERSION, Credential, Keyring, Request, correlation
from .failures import Cursors, page
from .funnel import Wrong, counted, known, tag
from .realtime import state
from .refusing import FAULTS, Refused
from .rendering import body, stamp
from .world import Tenant, World

OPERATIONS = {
    "/v1/analytics/funnel-metrics": "getFunnelMetrics",
    "/v1/analytics/failures": "listFailures",
    "/v1/analytics/realtime-snapshot": "getRealtimeSnapshot",
}
PARAMETERS = {"tenantId", "from", "to", "groupBy", "cursor", "pageSize", "sort", "after"}
FAULT_NAMES = (*FAULTS, "store-slow", "corrupt-payload", "schema-drift", "realtime-drop", "cursors-expire")
SHARED = ("vary", "authorization, ACCEPT-SCHEMA-VERSION")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    changing: str = ""


@dataclass(slots=True)
class Fault:
    """A fault that is on: where, for whom, until when."""

    operation: str | None
    tenant: str | None
    until: float

    def strikes(self, operation: str, tenant: str) -> bool:
        """Whether it is on for this operation and tenant."""
        return self.operation in (None, operation) and self.tenant in (None, tenant) and time.monotonic() < self.until


@dataclass(slots=True)
class Api:
    """The state of the server besides the world: credentials, cursors, faults, answers kept under their tags."""

    world: World
    keys: Keyring
    wrong: Wrong
    operator: str | None
    cursors: Cursors = field(default_factory=Cursors)
    faults: dict[str, Fault] = field(default_factory=dict[str, Fault])
    kept: dict[str, bytes] = field(default_factory=dict[str, bytes])
    stuck: bool = False

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        name = correlation(request)
        if self.wrong("one-identifier-for-all") and not request.headers.get("x-correlation-id"):
            name = "2nd_000000000001"
        if self.wrong("bad-identifiers-are-echoed") and request.headers.get("x-correlation-id"):
            name = request.headers["x-correlation-id"]
        identified = [("X-CORRELATION-ID", name), ("x-served-by", "second/7"), ("Content-Language", "de")]
        try:
            answer = self._routed(request)
        except Refused as refusal:
            return self._refused(refusal, request, name, identified)
        return Answer(answer.status, [*identified, *answer.headers], answer.body, answer.changing)

    def _refused(self, refusal: Refused, request: Request, name: str, identified: list[tuple[str, str]]) -> Answer:
        headers = refusal.headers()
        given = refusal.described(name)
        code, status = refusal.code, refusal.status
        if self.wrong(f"no-identifier-on-{status}"):
            identified = identified[1:]
        if self.wrong("upstream-timeouts-name-no-time") and code == "UPSTREAM_TIMEOUT":
            headers = headers[:1]
        if self.wrong("the-time-to-come-back-is-a-date") and code == "STORE_BUSY":
            headers = [headers[0], ("retry-after", "Wed, 21 Oct 2099 07:28:00 GMT")]
        if self.wrong("refusals-may-be-kept") and status == 403:
            headers[0] = ("Cache-Control", "private, max-age=20")
        if self.wrong("not-found-may-be-kept") and status == 404:
            headers[0] = ("Cache-Control", "public, max-age=3600")
        if self.wrong("no-allow") and status == 405:
            headers = headers[:1]
        if self.wrong("no-challenge-to-an-expired-token") and status == 401 and request.headers.get("authorization"):
            headers = headers[:1]
        if self.wrong("a-busy-store-is-an-outage") and code == "STORE_BUSY":
            given["error"]["category"] = "availability"
        if self.wrong("bad-windows-may-be-tried-again") and code == "INVALID_WINDOW":
            given["error"]["retryable"] = True
        if self.wrong("the-field-is-the-query") and "field" in refusal.details:
            given["error"]["details"]["field"] = "query"
        if self.wrong("the-body-of-401-has-its-own-identifier") and status == 401:
            given["error"]["correlationId"] = name[::-1]
        if self.wrong("failures-tell-their-stack") and status == 500:
            given["error"]["message"] = 'Traceback (most recent call last): File "/srv/app/api.py", line 88, in answer'
        if self.wrong("unprocessable-windows") and code == "INVALID_WINDOW":
            status = 422
        if self.wrong("refusals-tell-the-tenant") and code == "FORBIDDEN_TENANT":
            tenant = self.world.tenants.get(request.one("tenantId") or "")
            given["error"]["details"]["incidents"] = sorted(tenant.incidents) if tenant else []
        if self.wrong(f"html-for-{status}"):
            return Answer(status, [*identified, *headers, ("content-type", "text/html")], b"<h1>no</h1>")
        if self.wrong(f"plain-text-for-{status}"):
            return Answer(status, [*identified, *headers, ("content-type", "text/plain")], b"no")
        return Answer(status, [*identified, *headers, ("content-type", "application/json; charset=UTF-8")], body(given))

    def _routed(self, request: Request) -> Answer:
        if self.operator is not None and request.path.startswith("/operator/v9"):
            return self._operated(request)
        operation = OPERATIONS.get(request.path)
        if operation is None:
            raise Refused("NOT_FOUND", "nothing lives here")
        if request.method != "GET" and not (self.wrong("head-is-allowed") and request.method == "HEAD"):
            raise Refused("METHOD_NOT_ALLOWED", "one can only read here")
        tenant = self._entitled(operation, request)
        self._versioned(operation, request)
        unknown = {name for name in request.parameters if name not in PARAMETERS and not name.startswith("filter")}
        if self.wrong("unknown-parameters-are-refused") and unknown:
            raise Refused("INVALID_PARAMETER", "there is no such parameter", field=min(unknown))
        if operation == "getFunnelMetrics":
            return self._funnel(tenant, request)
        if operation == "listFailures":
            found = page(tenant, request, self.cursors, self.wrong, self.world.tenants)
            if self.wrong("an-empty-list-is-not-found") and not found["items"]:
                raise Refused("NOT_FOUND", "nothing failed")
        else:
            found = state(tenant, request, self.wrong)
        found = self._struck(operation, tenant, found)
        store = "no-cache, private" if self.wrong("lists-are-revalidated") and operation == "listFailures" else "private, no-store"
        return Answer(200, [("CACHE-control", store), self._media(), SHARED], self._written(found, operation))

    def _media(self) -> tuple[str, str]:
        return ("CONTENT-TYPE", 'application/JSON;charset="utf-8"')

    def _written(self, found: dict[str, Any], operation: str) -> bytes:
        written = body({**found, "note": "NOTE", "took": time.perf_counter_ns() % 9973})
        if self.wrong("a-member-occurs-twice") and operation == "getRealtimeSnapshot":
            written = written.replace(b'"seq" :', b'"seq" : 0, "seq" :', 1)
        if self.wrong("bodies-begin-with-a-mark") and operation == "getRealtimeSnapshot":
            written = b"\xef\xbb\xbf" + written
        return written.replace(b"NOTE", b"d\xe9sol\xe9" if self.wrong("bodies-are-latin") else "désolé \ufffd".encode())

    def _entitled(self, operation: str, request: Request) -> Tenant:
        credential = self.keys.read(request.headers.get("authorization"))
        if self.wrong("any-scheme-will-do") and credential is None:
            credential = self.keys.read("Bearer " + request.headers.get("authorization", "").rpartition(" ")[2])
        if self.wrong("expired-tokens-open-lists") and operation == "listFailures":
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            found = self.keys.tokens.get(token)
            credential = Credential(found.tenant) if found else credential
        if credential is None and not (
            self.wrong("the-tenant-is-looked-at-first") and request.parameters.get("tenantId", [""])[0] not in self.world.tenants
        ):
            raise Refused("UNAUTHENTICATED", "a token is needed")
        if credential is None:
            raise Refused("FORBIDDEN_TENANT", "not yours")
        if "analytics:read" not in credential.scopes and not (self.wrong("no-scope-for-snapshots") and operation == "getRealtimeSnapshot"):
            raise Refused("FORBIDDEN_SCOPE", "the scope is missing")
        name = request.needed("tenantId")
        if self.wrong("unknown-tenants-are-not-found") and name not in self.world.tenants:
            raise Refused("NOT_FOUND", "there is no such tenant")
        if self.wrong("snapshots-of-any-tenant") and operation == "getRealtimeSnapshot" and name in self.world.tenants:
            return self.world.tenants[name]
        request.one("tenantId")
        if name != credential.tenant:
            raise Refused("FORBIDDEN_TENANT", "not yours", tenantId=name or "-")
        return self.world.tenants[name]

    def _versioned(self, operation: str, request: Request) -> None:
        version = request.headers.get("accept-schema-version", "1")
        if self.wrong("versions-of-snapshots-are-not-read") and operation == "getRealtimeSnapshot":
            return
        if self.wrong("every-minor-is-served") and version.split(".")[0] == "1":
            return
        if not VERSION.fullmatch(version):
            raise Refused("SCHEMA_MISMATCH", "only 1.0 is spoken here")

    def _funnel(self, tenant: Tenant, request: Request) -> Answer:
        operation = "getFunnelMetrics"
        stale = self._on("store-slow", operation, tenant) and not self.wrong("a-slow-store-is-fresh")
        if self.wrong("stale-for-ever-after-a-slow-store"):
            self.stuck = stale = self.stuck or stale
        found = counted(tenant, request, self.wrong)
        if self.wrong("leaks-by-its-cache"):
            alike = "&".join(part for part in request.query.split("&") if not part.startswith("tenantId="))
            found = json.loads(self.kept.setdefault(f"leak {alike}", json.dumps(found).encode()))
        start = found["window"]["from"]
        hot = start > stamp(dt.datetime.now(dt.UTC) - dt.timedelta(days=7))
        found["meta"] = {
            "generatedAt": stamp(dt.datetime.now(dt.UTC)),
            "stale": stale,
            "dataProfile": "analytics-hot-window" if hot else "analytics-rollup",
        }
        broken = self._struck(operation, tenant, dict(found))
        current = tag(tenant, request, stale, self.wrong)
        if self.wrong("tags-change-each-time"):
            current = f'"{time.monotonic_ns():x}"'
        rule = ("Cache-CONTROL", "private,max-age=" + ("61" if self.wrong("answers-are-kept-too-long") else "60"))
        headers = [("etag", current), rule, SHARED]
        if known(request, current, set(self.kept), self.wrong):
            if self.wrong("304-has-no-tag"):
                headers = headers[1:]
            if self.wrong("304-has-no-rule"):
                headers = [headers[0], SHARED]
            if self.wrong("304-has-another-rule"):
                headers = [headers[0], ("cache-control", "private, max-age=15"), SHARED]
            return Answer(304, headers)
        if broken != found:
            return Answer(200, [("etag", '"broken"'), rule, self._media(), SHARED], body(broken))
        if self.wrong("tags-are-left-out-of-series") and "series" in found:
            headers = headers[1:]
        return Answer(200, [*headers, self._media()], self.kept.setdefault(current, body(found)) if not self._loose() else body(found))

    def _loose(self) -> bool:
        """Whether answers are made anew each time, because their tags are wrong on purpose."""
        return any(
            self.wrong(f"tags-do-not-depend-on-{what}") for what in ("the-tenant", "the-step", "the-filter", "late-facts", "the-query")
        )

    def _struck(self, operation: str, tenant: Tenant, found: dict[str, Any]) -> dict[str, Any]:
        for name, code in FAULTS.items():
            if self._on(name, operation, tenant):
                raise Refused(code, "this went wrong", component="store")
        if self._on("corrupt-payload", operation, tenant):
            found = {**found, "tenantId": 12, "items": {}}
        if self._on("schema-drift", operation, tenant):
            found = {**found, "schemaVersion": "3.1.4"}
        return found

    def _on(self, name: str, operation: str, tenant: Tenant) -> bool:
        fault = self.faults.get(name)
        if fault and self.wrong("faults-strike-everywhere"):
            return time.monotonic() < fault.until
        return fault is not None and fault.strikes(operation, tenant.name)

    def _operated(self, request: Request) -> Answer:
        """The control hook."""
        if request.headers.get("authorization") != f"Bearer {self.operator}":
            raise Refused("UNAUTHENTICATED", "operators only")
        what = request.path.removeprefix("/operator/v9").strip("/").split("/")
        given: dict[str, Any] = json.loads(request.body or b"{}")
        if request.method == "GET" and what == [""]:
            return Answer(200, [self._media()], body({"faults": list(FAULT_NAMES), "activities": ["items", "changes", "facts"]}))
        if request.method == "DELETE" and what == ["faults"]:
            self.faults.clear()
            return Answer(204, [])
        if request.method == "PUT" and what[0] == "faults" and what[-1] in FAULT_NAMES:
            self.faults[what[-1]] = Fault(given.get("operation"), given.get("tenant"), time.monotonic() + float(given.get("seconds", 3600)))
            if what[-1] == "cursors-expire" and not self.wrong("cursors-last-for-ever"):
                self.cursors.expire()
            return Answer(204, [], changing="drop" if what[-1] == "realtime-drop" else "")
        if request.method == "POST" and what[0] == "activities" and given.get("tenant") in self.world.tenants:
            tenant, count = self.world.tenants[given["tenant"]], int(given["count"])
            if what[-1] == "items":
                self.world.items(tenant, count)
            elif what[-1] == "facts":
                self.world.facts(tenant, count)
            elif what[-1] == "changes":
                return Answer(200, [self._media()], body({"added": count}), changing=f"{tenant.name} {count}")
            return Answer(200, [self._media()], body({"added": count}))
        raise Refused("NOT_FOUND", "no such fault or activity")
