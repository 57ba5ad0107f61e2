"""A credential goes where the security schemes of the contract say."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from assay_conformance.authorization import Scheme, carried, operation_schemes
from assay_conformance.driver_context import Wire, credential_of
from assay_conformance.evidence import Journal
from assay_conformance.target import Secret, Target
from assay_conformance.target_manifest import parse_target
from assay_conformance.target_needs import Needs
from assay_contracts import Contract, parse_bundle

SCHEMES: dict[str, Any] = {
    "card": {"type": "http", "scheme": "bearer"},
    "login": {"type": "http", "scheme": "basic"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "code": {"type": "apiKey", "in": "query", "name": "code"},
    "crumb": {"type": "apiKey", "in": "cookie", "name": "sid"},
}


def contract(security: list[dict[str, list[str]]] | None) -> Contract:
    """A contract of one operation."""
    operation: dict[str, Any] = {"operationId": "look", "responses": {"200": {"description": "Fine."}}}
    if security is not None:
        operation["security"] = security
    return parse_bundle(
        {
            "openapi": "3.1.0",
            "info": {"title": "Depot", "version": "1.0.0"},
            "paths": {"/parcels": {"get": operation}},
            "components": {"securitySchemes": SCHEMES},
        }
    )


def target(credentials: dict[str, Any]) -> Target:
    """A target with these credentials."""
    return parse_target({"credentials": credentials}, "manifest", http="http://127.0.0.1:1", needs=Needs((), ()))


def sent(
    security: list[dict[str, list[str]]] | None, role: str, credentials: dict[str, Any]
) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """The headers and the query parameters that a request of a role carries."""
    known = contract(security)
    found = carried(operation_schemes(known, known.operations[0]), lambda scheme: credential_of(target(credentials), role, scheme))
    return dict(found.headers), found.query


@pytest.mark.parametrize(
    ("security", "headers", "query"),
    [
        ([{"card": []}], {"authorization": "Bearer abc:def"}, ()),
        ([{"login": []}], {"authorization": "Basic YWJjOmRlZg=="}, ()),
        ([{"key": []}], {"x-key": "abc:def"}, ()),
        ([{"code": []}], {}, (("code", "abc:def"),)),
        ([{"crumb": []}], {"cookie": "sid=abc:def"}, ()),
        ([{"card": [], "key": []}], {"authorization": "Bearer abc:def", "x-key": "abc:def"}, ()),
        ([{}, {"key": []}], {"x-key": "abc:def"}, ()),
        ([], {}, ()),
        (None, {"authorization": "Bearer abc:def"}, ()),
    ],
)
def test_each_scheme_carries_the_credential_in_its_place(
    security: list[dict[str, list[str]]] | None, headers: dict[str, str], query: tuple[tuple[str, str], ...]
) -> None:
    """A contract that says nothing of security gets a bearer token."""
    assert sent(security, "primary", {"primary": "abc:def"}) == (headers, query)


def test_a_role_may_name_a_credential_for_each_scheme() -> None:
    """Requests that need several at once carry each its own."""
    credentials = {"primary": {"card": "token", "key": "secret"}}

    assert sent([{"card": [], "key": []}], "primary", credentials) == ({"authorization": "Bearer token", "x-key": "secret"}, ())


def test_a_tampered_credential_differs_in_one_letter() -> None:
    """The rest is as the server issued it."""
    headers, _ = sent([{"key": []}], "tampered", {"primary": "0123456789abcdef"})

    assert sum(one != two for one, two in zip(headers["x-key"], "0123456789abcdef", strict=True)) == 1


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_request_without_a_credential_carries_none(scheme: str) -> None:
    """Neither in a header nor in the query; one with a credential carries it, and its record does not."""
    known, received = contract([{scheme: []}]), list[bytes]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        here = replace(target({"primary": "abc"}), http=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        wire = Wire(here, Journal(), contract=known)
        records = [await wire.ask(known.operations[0], purpose="look", credential=role) for role in ("primary", "none")]
        await wire.close()

    secret = b"YWJj" if scheme == "login" else b"abc"
    assert [secret in request for request in received] == [True, False]
    assert [(record.request.query, record.request.headers) for record in records] == [((), ()), ((), ())]


def test_an_operation_with_a_scope_carries_the_token_of_that_scope() -> None:
    """Only primary requests do; a tampered one tampers with that token, and other roles keep theirs."""
    secrets = {name: Secret(f"token-{name}") for name in ("primary", "unscoped")}
    target = Target("mine", "1", "http://x", "ws://x", secrets, {}, {}, by_scope={"write": Secret("token-writing")})

    assert credential_of(target, "primary", Scheme(""), ("write",)) == "token-writing"
    assert credential_of(target, "primary", Scheme(""), ("read",)) == "token-primary"
    assert credential_of(target, "primary", Scheme("")) == "token-primary"
    assert credential_of(target, "unscoped", Scheme(""), ("write",)) == "token-unscoped"
    assert credential_of(target, "tampered", Scheme(""), ("write",)) == "tokAn-writing"
    assert credential_of(target, "shortened", Scheme(""), ("write",)) == "token-writin"
    assert credential_of(target, "lengthened", Scheme(""), ("write",)) == "token-writingxxxx"
