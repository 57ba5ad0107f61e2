"""A small honest implementation of reliability 1.0.0 over HTTP, in memory: what the kit must certify, and what tests make dishonest.

It holds three tenants of made-up facts, answers the three operations by counting those, and offers the control hook. It is written from the
contract alone and shares nothing with the reference server.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import hashlib
import hmac
import json
import random
import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from assay_conformance.target import Target
from assay_conformance.target_manifest import parse_target

CHANNELS = ("web", "mobile", "partner", "call_center")
ERRORS = ("validation_error", "timeout", "upstream_error", "rate_limited", "duplicate_lead", "unknown")
COMPONENTS = ("application_form", "lead_router", "credit_check", "pricing_engine", "submission_api")
SORTS = ("eventTime:desc", "eventTime:asc", "errorClass:asc")
START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
END = START + dt.timedelta(days=2)
TOKENS = {"token-primary-0123456789": "tenant-a", "token-other-0123456789": "tenant-b", "token-empty-0123456789": "tenant-c"}
UNSCOPED = "token-unscoped-0123456789"
CORRELATION = re.compile(r"^[A-Za-z0-9._-]{8,128}$")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$")
TAGS = re.compile(r'^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$')
SECRET = b"honest"
CATEGORIES = {401: "authz", 403: "authz", 406: "contract", 429: "transient", 500: "unknown"}


class Refused(Exception):
    """The request is answered with an error."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None, **headers: str) -> None:
        self.status, self.code, self.message, self.field = status, code, message, field
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(code)


FAULTS: dict[str, Refused] = {
    "store-busy": Refused(503, "STORE_BUSY", "the store is busy", Retry_After="2"),
    "store-down": Refused(503, "SERVICE_UNAVAILABLE", "the store is down", Retry_After="5"),
    "upstream-timeout": Refused(503, "UPSTREAM_TIMEOUT", "no answer from behind", Retry_After="2"),
    "rate-limit": Refused(
        429, "RATE_LIMITED", "too many requests", Retry_After="2", RateLimit_Policy='"default";q=10;w=60', RateLimit='"default";r=0;t=2'
    ),
    "route-fails": Refused(500, "UNHANDLED", "the request failed"),
}


class Honest:
    """The facts of three tenants, the answers about them, and the hook."""

    def __init__(self, seed: int = 1, *, failures: int = 130, funnel: int = 400) -> None:
        self.dice = random.Random(seed)
        self.failures: dict[str, list[dict[str, Any]]] = {"tenant-a": [], "tenant-b": [], "tenant-c": []}
        self.funnel: dict[str, list[tuple[dt.datetime, str, str, str, bool, int]]] = {"tenant-a": [], "tenant-b": [], "tenant-c": []}
        self.changes: dict[str, list[dict[str, Any]]] = {"tenant-a": [], "tenant-b": [], "tenant-c": []}
        self.faults: dict[str, str | None] = {}
        self.expired_before = 0
        self.issued = 0
        for tenant, part in (("tenant-a", 1.0), ("tenant-b", 0.4)):
            for _ in range(int(failures * part)):
                self.fail(tenant, self._moment())
            for _ in range(int(funnel * part)):
                self.enter(tenant, self._moment())
            self.change(tenant, 9)

    def _moment(self) -> dt.datetime:
        return START + dt.timedelta(milliseconds=self.dice.randrange(int((END - START).total_seconds() * 1000)))

    def fail(self, tenant: str, moment: dt.datetime) -> None:
        self.failures[tenant].append(
            {
                "eventId": uuid.UUID(int=self.dice.getrandbits(128)).hex,
                "eventTime": written(moment),
                "component": self.dice.choice(COMPONENTS),
                "errorClass": self.dice.choice(ERRORS),
                "tenantId": tenant,
                "correlationId": f"req-{self.dice.getrandbits(32):08x}",
            }
        )

    def enter(self, tenant: str, moment: dt.datetime) -> None:
        kind = "lead_submitted" if self.dice.random() < 0.3 else "funnel_view"
        error = self.dice.choice(ERRORS) if self.dice.random() < 0.2 else ""
        self.funnel[tenant].append(
            (moment, kind, self.dice.choice(CHANNELS), error, self.dice.random() < 0.1, self.dice.randrange(50, 3000))
        )

    def change(self, tenant: str, count: int) -> None:
        for _ in range(count):
            number = len(self.changes[tenant]) + 1
            self.changes[tenant].append(
                {
                    "seq": number,
                    "incidentId": f"inc-{self.dice.randrange(5):04d}",
                    "status": self.dice.choice(("open", "acknowledged", "resolved")),
                    "severity": self.dice.choice(("low", "medium", "high", "critical")),
                    "component": self.dice.choice(COMPONENTS),
                    "updatedAt": written(START + dt.timedelta(seconds=number)),
                }
            )

    # answers

    def answer_funnel(self, query: dict[str, str], tenant: str) -> dict[str, Any]:
        start, end = self.window(query)
        chosen = filters(query, {"channel": CHANNELS, "errorClass": ERRORS})
        step = query.get("groupBy")
        if step not in (None, "hour", "day"):
            raise Refused(400, "INVALID_WINDOW", "groupBy is hour or day", "groupBy")
        facts = [
            fact
            for fact in self.funnel[tenant]
            if start <= fact[0] < end and chosen.get("channel") in (None, fact[2]) and chosen.get("errorClass") in (None, fact[3])
        ]
        body: dict[str, Any] = {
            "schemaVersion": "1.0.0",
            "tenantId": tenant,
            "window": {"from": written(start), "to": written(end)},
            "metrics": metrics(facts),
            "meta": {"generatedAt": written(dt.datetime.now(dt.UTC)), "stale": False, "dataProfile": "analytics-rollup"},
        }
        if step:
            length = dt.timedelta(hours=1) if step == "hour" else dt.timedelta(days=1)
            here = start - (start - START) % length
            body["series"] = []
            while here < end:
                body["series"].append(
                    {"bucketStart": written(here), "metrics": metrics([f for f in facts if here <= f[0] < here + length])}
                )
                here += length
        return body

    def window(self, query: dict[str, str]) -> tuple[dt.datetime, dt.datetime]:
        for name in ("from", "to"):
            if name not in query:
                raise Refused(400, "INVALID_PARAMETER", f"{name} is missing", name)
            if not TIME.match(query[name]):
                raise Refused(400, "INVALID_WINDOW", f"{name} is no time in UTC", name)
        try:
            start, end = (dt.datetime.fromisoformat(query[name]) for name in ("from", "to"))
        except ValueError:
            raise Refused(400, "INVALID_WINDOW", "no such time", "from") from None
        if not dt.timedelta(0) < end - start <= dt.timedelta(days=90):
            raise Refused(400, "INVALID_WINDOW", "to must be later than from, by 90 days at most", "to")
        return start, end

    def answer_list(self, query: dict[str, str], tenant: str) -> dict[str, Any]:
        size = query.get("pageSize", "50")
        if not size.isdecimal() or not 1 <= int(size) <= 200:
            raise Refused(400, "INVALID_PAGE_SIZE", "pageSize is 1 to 200", "pageSize")
        sort = query.get("sort", SORTS[0])
        if sort not in SORTS:
            raise Refused(400, "INVALID_SORT", "no such order", "sort")
        chosen = filters(query, {"errorClass": ERRORS, "component": COMPONENTS})
        member, _, direction = sort.partition(":")
        items = [item for item in self.failures[tenant] if all(item[name] == value for name, value in chosen.items())]
        items.sort(key=lambda item: (item[member], item["eventId"]), reverse=direction == "desc")
        bound = [tenant, sort, sorted(chosen.items())]
        if "cursor" in query:
            mark = self.opened(query["cursor"], bound)
            items = [
                item
                for item in items
                if ((item[member], item["eventId"]) < tuple(mark) if direction == "desc" else (item[member], item["eventId"]) > tuple(mark))
            ]
        page, more = items[: int(size)], len(items) > int(size)
        cursor = self.sealed(bound, [page[-1][member], page[-1]["eventId"]]) if more else None
        return {"schemaVersion": "1.0.0", "items": page, "page": {"cursor": cursor, "hasMore": more, "pageSize": int(size)}}

    def sealed(self, bound: list[Any], mark: list[str]) -> str:
        self.issued += 1
        body = json.dumps([bound, mark, self.issued]).encode()
        return base64.urlsafe_b64encode(hmac.digest(SECRET, body, "sha256")[:12] + body).decode()

    def opened(self, cursor: str, bound: list[Any]) -> list[str]:
        wrong = Refused(400, "INVALID_CURSOR", "the cursor is not one of this list", "cursor")
        try:
            raw = base64.b64decode(cursor.encode(), b"-_", validate=True)
            found, mark, number = json.loads(raw[12:])
        except ValueError:
            raise wrong from None
        if not hmac.compare_digest(hmac.digest(SECRET, raw[12:], "sha256")[:12], raw[:12]) or found != json.loads(json.dumps(bound)):
            raise wrong
        if number <= self.expired_before:
            raise wrong
        return list(mark)

    def answer_snapshot(self, query: dict[str, str], tenant: str) -> dict[str, Any]:
        changes = self.changes[tenant]
        state: dict[str, Any] = {}
        for change in changes:
            state[change["incidentId"]] = {name: value for name, value in change.items() if name != "seq"}
        body = {"schemaVersion": "1.0.0", "tenantId": tenant, "seq": len(changes), "incidents": list(state.values())}
        after = query.get("after")
        if after is not None:
            if not re.fullmatch(r"[0-9]{1,16}", after) or int(after) > 9007199254740991:
                raise Refused(400, "INVALID_PARAMETER", "after is a number", "after")
            if int(after) > len(changes):
                body["changesTruncated"] = True
            else:
                body["changes"] = changes[int(after) :]
        return body

    # the wire

    async def handle(self, request: web.Request) -> web.StreamResponse:
        sent = request.headers.get("X-Correlation-Id", "")
        name = sent if CORRELATION.match(sent) else uuid.uuid4().hex
        try:
            return self.answer(request, name)
        except Refused as refused:
            return self.refusal(refused, name)

    def answer(self, request: web.Request, name: str) -> web.StreamResponse:
        query = dict(request.query)
        operation = {
            "/v1/analytics/funnel-metrics": "getFunnelMetrics",
            "/v1/analytics/failures": "listFailures",
            "/v1/analytics/realtime-snapshot": "getRealtimeSnapshot",
        }.get(request.path)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in TOKENS and token != UNSCOPED:
            raise Refused(401, "UNAUTHENTICATED", "a bearer token is needed", WWW_Authenticate="Bearer")
        if operation is None:
            raise Refused(404, "NOT_FOUND", "no such path")
        if request.method != "GET":
            raise Refused(405, "METHOD_NOT_ALLOWED", f"{request.method} is not allowed here", Allow="GET, HEAD")
        if token == UNSCOPED:
            raise Refused(403, "FORBIDDEN_SCOPE", "the token lacks analytics:read")
        tenant = query.get("tenantId")
        if tenant is None or not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,62}", tenant):
            raise Refused(400, "INVALID_PARAMETER", "tenantId is missing or no tenant", "tenantId")
        if TOKENS[token] != tenant:
            raise Refused(403, "FORBIDDEN_TENANT", "the token does not cover the tenant")
        version = request.headers.get("Accept-Schema-Version")
        if version is not None and not re.fullmatch(r"1(\.0(\.[0-9]+)?)?", version):
            raise Refused(406, "SCHEMA_MISMATCH", "that schema version is not served; 1.0 is")
        tags = request.headers.get("If-None-Match")
        if operation == "getFunnelMetrics" and tags is not None and not TAGS.match(tags):
            raise Refused(400, "INVALID_PARAMETER", "If-None-Match holds entity tags", "If-None-Match")
        on = [fault for fault, scope in self.faults.items() if scope in (None, operation)]
        for fault in on:
            if fault in FAULTS:
                raise FAULTS[fault]
        answers = {"getFunnelMetrics": self.answer_funnel, "listFailures": self.answer_list, "getRealtimeSnapshot": self.answer_snapshot}
        body = answers[operation](query, tenant)
        if "store-slow" in on and "meta" in body:
            body["meta"]["stale"] = True
        if "corrupt-payload" in on:
            body = {"schemaVersion": 1, "items": "broken"}
        if "schema-drift" in on:
            body["schemaVersion"] = "9.0.0"
        headers = {"X-Correlation-Id": name, "Cache-Control": "no-store"}
        if operation == "getFunnelMetrics":
            steady = {**body, "meta": {**body["meta"], "generatedAt": ""}} if "meta" in body else body
            tag = 'W/"' + hashlib.sha256(json.dumps(steady).encode()).hexdigest()[:20] + '"'
            headers |= {"ETag": tag, "Cache-Control": "private, max-age=15", "Vary": "Authorization, Accept-Schema-Version"}
            if tag in [item.strip() for item in request.headers.get("If-None-Match", "").split(",")]:
                return web.Response(status=304, headers=headers)
        return web.Response(text=json.dumps(body), content_type="application/json", headers=headers)

    def refusal(self, refused: Refused, name: str) -> web.StreamResponse:
        category = CATEGORIES.get(refused.status, "validation")
        if refused.status == 503:
            category = "availability" if refused.code == "SERVICE_UNAVAILABLE" else "transient"
        error = {
            "code": refused.code,
            "category": category,
            "message": refused.message,
            "correlationId": name,
            "retryable": refused.status in (429, 503),
            "httpStatus": refused.status,
            "details": {} if refused.field is None else {"field": refused.field},
        }
        headers = {"X-Correlation-Id": name, "Cache-Control": "no-store", **refused.headers}
        return web.Response(status=refused.status, text=json.dumps({"error": error}), content_type="application/json", headers=headers)

    async def hook(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != "Bearer hook-token":
            return web.Response(status=401)
        kind, name = request.match_info["kind"], request.match_info.get("name", "")
        if kind == "faults" and request.method == "DELETE":
            self.faults.clear()
            return web.Response(status=204)
        body = await request.json()
        if kind == "faults":
            if name == "cursors-expire":
                self.expired_before = self.issued
            self.faults[name] = body.get("operation")
            return web.Response(status=204)
        tenant, count = body["tenant"], body["count"]
        for _ in range(count):
            if name == "items":
                self.fail(tenant, dt.datetime.now(dt.UTC))
            elif name == "facts":
                self.enter(tenant, self._moment())
            else:
                self.change(tenant, 1)
        return web.json_response({"added": count})

    def target(self, address: str) -> Target:
        primary, other, empty = TOKENS
        return parse_target(
            {
                "target": {"name": "honest", "version": "1.0", "http": address},
                "credentials": {"primary": primary, "other": other, "empty": empty, "unscoped": UNSCOPED, "expired": "token-of-yesterday"},
                "tenants": {"primary": "tenant-a", "other": "tenant-b", "empty": "tenant-c"},
                "fixtures": {"window": {"from": written(START), "to": written(END)}},
                "hook": {"url": f"{address}/_assay/hook", "token": "hook-token"},
            },
            "honest",
        )


def written(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{moment.microsecond:06d}Z" if moment.microsecond else "Z")


def filters(query: dict[str, str], known: dict[str, tuple[str, ...]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in query.items():
        if name.startswith("filter"):
            field = name.removeprefix("filter").strip("[]")
            if field not in known or value not in known[field]:
                raise Refused(400, "INVALID_FILTER", "no such filter", name)
            found[field] = value
    return found


def metrics(facts: list[tuple[dt.datetime, str, str, str, bool, int]]) -> dict[str, Any]:
    starts = sum(fact[1] == "funnel_view" for fact in facts)
    submitted = sorted(fact[5] for fact in facts if fact[1] == "lead_submitted")
    retried = sum(fact[4] for fact in facts if fact[1] == "lead_submitted")
    return {
        "starts": starts,
        "submissions": len(submitted),
        "conversionRate": len(submitted) / starts if starts else 0,
        "retryRate": retried / len(submitted) if submitted else 0,
        "p95SubmitLatencyMs": submitted[int(len(submitted) * 0.95)] if submitted else 0,
    }


async def wait_until_closed(server: asyncio.Server) -> None:
    """Return once every connection is closed: one that was just accepted is unknown to the runner, and would be left to the next test."""
    for _ in range(2_000):
        if not getattr(server, "_active_count", 0):
            return
        await asyncio.sleep(0.001)


@contextlib.asynccontextmanager
async def running(honest: Honest) -> AsyncIterator[str]:
    """Serve on a free loopback port; gives the address."""
    app = web.Application()
    app.router.add_route("*", "/_assay/hook/{kind}", honest.hook)
    app.router.add_route("*", "/_assay/hook/{kind}/{name}", honest.hook)
    app.router.add_route("*", "/{path:.*}", honest.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server = site._server
    assert isinstance(server, asyncio.Server)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        await runner.cleanup()
        await wait_until_closed(server)
