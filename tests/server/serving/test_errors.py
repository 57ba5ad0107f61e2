"""What a wrong request is told."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
from assay_contracts import Contract

W = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"}
FUNNEL, FAILURES, SNAPSHOT = "/v1/analytics/funnel-metrics", "/v1/analytics/failures", "/v1/analytics/realtime-snapshot"


@pytest.mark.parametrize(
    ("path", "query", "code", "field"),
    [
        (FUNNEL, W, "INVALID_PARAMETER", "tenantId"),
        (FUNNEL, {"tenantId": "NOT A TENANT", **W}, "INVALID_PARAMETER", "tenantId"),
        (FUNNEL, [("tenantId", "tenant-a"), ("tenantId", "tenant-a"), *W.items()], "INVALID_PARAMETER", "tenantId"),
        (FUNNEL, {"tenantId": "tenant-a", "to": W["to"]}, "INVALID_PARAMETER", "from"),
        (FUNNEL, {"tenantId": "tenant-a", "from": "yesterday", "to": W["to"]}, "INVALID_WINDOW", "from"),
        (FUNNEL, {"tenantId": "tenant-a", "from": "2026-11-01T00:00:00+00:00", "to": W["to"]}, "INVALID_WINDOW", "from"),
        (FUNNEL, {"tenantId": "tenant-a", "from": "2026-02-30T00:00:00Z", "to": W["to"]}, "INVALID_WINDOW", "from"),
        (FUNNEL, {"tenantId": "tenant-a", "from": W["to"], "to": W["to"]}, "INVALID_WINDOW", "to"),
        (FUNNEL, {"tenantId": "tenant-a", "from": W["to"], "to": W["from"]}, "INVALID_WINDOW", "to"),
        (FUNNEL, {"tenantId": "tenant-a", "from": "2026-08-01T00:00:00Z", "to": "2026-10-30T00:00:00.000001Z"}, "INVALID_WINDOW", "to"),
        (FUNNEL, {"tenantId": "tenant-a", **W, "filter[channel]": "fax"}, "INVALID_FILTER", "filter"),
        (FUNNEL, {"tenantId": "tenant-a", **W, "filter[colour]": "red"}, "INVALID_FILTER", "filter"),
        (FUNNEL, {"tenantId": "tenant-a", **W, "filter[channel": "web"}, "INVALID_FILTER", "filter"),
        (FUNNEL, {"tenantId": "tenant-a", **W, "filter": "web"}, "INVALID_FILTER", "filter"),
        (FAILURES, [("tenantId", "tenant-a"), *[("filter[component]", "credit_check")] * 2], "INVALID_FILTER", "filter"),
        (FAILURES, {"tenantId": "tenant-a", "sort": "eventTime"}, "INVALID_SORT", "sort"),
        *((FAILURES, {"tenantId": "tenant-a", "pageSize": size}, "INVALID_PAGE_SIZE", "pageSize") for size in ("0", "201", "1.0", "x", "")),
        (FAILURES, {"tenantId": "tenant-a", "cursor": "x"}, "INVALID_CURSOR", "cursor"),
        (FAILURES, {"tenantId": "tenant-a", "cursor": "eyJrIjpbMTIzXX0.c2lnbmF0dXJl"}, "INVALID_CURSOR", "cursor"),
        *(
            (SNAPSHOT, {"tenantId": "tenant-a", "after": after}, "INVALID_PARAMETER", "after")
            for after in ("-1", "1e3", "9007199254740992")
        ),
    ],
)
def test_a_bad_parameter_is_named(serving: Any, contract: Contract, path: str, query: Any, code: str, field: str) -> None:
    """The code is that of the annotation which governs the parameter, and the field is the parameter."""
    answer = serving.get(path, query)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["details"]["field"]) == (400, code, field)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"path": SNAPSHOT, "credential": ""}, 401, "UNAUTHENTICATED"),
        ({"path": SNAPSHOT, "credential": "expired"}, 401, "UNAUTHENTICATED"),
        ({"path": SNAPSHOT, "credential": "", "authorization": "Basic abc"}, 401, "UNAUTHENTICATED"),
        ({"path": SNAPSHOT, "credential": "unscoped", "query": {"tenantId": "tenant-a"}}, 403, "FORBIDDEN_SCOPE"),
        ({"path": SNAPSHOT, "credential": "other", "query": {"tenantId": "tenant-a"}}, 403, "FORBIDDEN_TENANT"),
        ({"path": SNAPSHOT, "credential": "other", "query": {"tenantId": "tenant-nobody"}}, 403, "FORBIDDEN_TENANT"),
        ({"path": SNAPSHOT, "query": {"tenantId": "tenant-a"}, "accept_schema_version": "2"}, 406, "SCHEMA_MISMATCH"),
        ({"path": SNAPSHOT, "query": {"tenantId": "tenant-a"}, "method": "POST"}, 405, "METHOD_NOT_ALLOWED"),
        ({"path": f"{SNAPSHOT}/", "query": {"tenantId": "tenant-a"}}, 404, "NOT_FOUND"),
        ({"path": "/v1/realtime/incident-feed", "query": {"tenantId": "tenant-a"}}, 404, "NOT_FOUND"),
        ({"path": "/", "credential": ""}, 404, "NOT_FOUND"),
    ],
)
def test_a_refusal_is_the_one_of_the_taxonomy(serving: Any, contract: Contract, sent: dict[str, Any], status: int, code: str) -> None:
    """Status, category, flag and headers are the taxonomy's, and the body fits the schema of its status."""
    answer = serving.get(sent.pop("path"), sent.pop("query", None), **sent)

    error, known = answer.json()["error"], contract.taxonomy.codes[code]  # type: ignore[union-attr]
    assert (answer.status_code, error["code"]) == (status, code)
    assert (error["category"], error["retryable"], error["httpStatus"]) == (known.category, known.retryable, known.status)
    assert error["correlationId"] == answer.headers["x-correlation-id"]
    assert all(name in answer.headers for name in known.headers)
    schema = contract.operations[0].responses[str(status)].content["application/json"]
    assert jsonschema_rs.is_valid(dict(schema), answer.json())


def test_the_order_is_credential_tenant_coverage_scope(serving: Any) -> None:
    """Whatever else is wrong, the first thing that is looked at answers."""
    codes = [
        serving.get(FUNNEL, {}, credential="").json()["error"]["code"],
        serving.get(FUNNEL, {}, credential="unscoped").json()["error"]["code"],
        serving.get(FUNNEL, {"tenantId": "tenant-b"}, credential="unscoped").json()["error"]["code"],
        serving.get(FUNNEL, {"tenantId": "tenant-a"}, credential="unscoped").json()["error"]["code"],
        serving.get(FUNNEL, {"tenantId": "tenant-a"}).json()["error"]["code"],
    ]

    assert codes == ["UNAUTHENTICATED", "INVALID_PARAMETER", "FORBIDDEN_TENANT", "FORBIDDEN_SCOPE", "INVALID_PARAMETER"]


@pytest.mark.parametrize(
    ("given", "kept"), [("req-0f3a9c1e", True), ("x" * 128, True), ("short", False), ("with space in it", False), ("y" * 129, False)]
)
def test_a_valid_correlation_identifier_comes_back(serving: Any, given: str, kept: bool) -> None:
    """A valid one unchanged, an invalid one never."""
    answer = serving.get(SNAPSHOT, {"tenantId": "tenant-a"}, x_correlation_id=given)

    assert (answer.headers["x-correlation-id"] == given) is kept
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"what is this\r\n\r\n", b"400"),
        (b"GET / HTTP/9.9\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n", b"413"),
        (b"GET / HTTP/1.1\r\nContent-Length: minus\r\n\r\n", b"400"),
        (b"BREW / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"404"),
    ],
)
def test_what_is_no_request_gets_the_envelope_too(serving: Any, text: bytes, status: bytes) -> None:
    """Even the HTTP server's own refusals carry an envelope and an identifier."""
    address = urlsplit(serving.target["target"]["http"])
    with socket.create_connection((address.hostname, address.port), 5) as connection:
        connection.sendall(text)
        answer = b""
        while part := connection.recv(65536):
            answer += part

    assert answer.split(b" ", 2)[1] == status
    assert b"x-correlation-id: req-" in answer.lower()
    assert b'"correlationId"' in answer


def test_the_other_methods_of_a_path(serving: Any) -> None:
    """HEAD is GET without a body, OPTIONS names the methods."""
    head = serving.get(SNAPSHOT, {"tenantId": "tenant-a"}, method="HEAD")
    options = serving.get(SNAPSHOT, method="OPTIONS", credential="")

    assert (head.status_code, head.content) == (200, b"")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
