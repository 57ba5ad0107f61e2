"""Clients are told apart: a careful one is certified, and each careless one fails by the name of what it does."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from assay_clients.errors import NothingToTry
from assay_clients.judging import ClientRow, client_certified
from assay_clients.scenarios import shipped_scenarios
from assay_clients.trial import declared_places, try_client
from assay_contracts import Contract, parse_bundle

CLIENT = Path(__file__).with_name("lamp_client.py")
LAMP = {"type": "object", "required": ["id", "light"], "properties": {"id": {"type": "string"}, "light": {"enum": ["warm", "cold"]}}}
LAMPS = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": LAMP, "minItems": 1},
        "next": {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
    },
}
PROBLEM = {"type": "object", "required": ["code"], "properties": {"code": {"type": "string"}}}


def content(schema: dict[str, Any]) -> dict[str, Any]:
    """A response or a body of JSON."""
    return {"description": "JSON.", "content": {"application/json": {"schema": schema}}}


def contract() -> Contract:
    """Lamps: a list in pages, and a way to add one, with a token."""
    errors = {status: content(PROBLEM) for status in ("400", "401", "404", "429", "503")}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "lamps", "version": "1.0.0"},
        "x-error-taxonomy": {
            "envelope": {"code": "/code"},
            "codes": {
                "BAD_CURSOR": {"category": "validation", "status": 400, "retryable": False},
                "AWAY": {"category": "availability", "status": 503, "retryable": True, "headers": ["Retry-After"]},
            },
        },
        "security": [{"token": []}],
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "paths": {
            "/lamps": {
                "get": {
                    "operationId": "listLamps",
                    "parameters": [{"name": "cursor", "in": "query", "schema": {"type": "string"}}],
                    "responses": {"200": content(LAMPS), **errors},
                    "x-error-codes": ["BAD_CURSOR", "AWAY"],
                    "x-pagination": {
                        "style": "cursor",
                        "items": "/items",
                        "identity": "id",
                        "cursor": {"parameter": "cursor", "next": "/next", "invalid": "BAD_CURSOR"},
                        "size": {"parameter": "size", "default": 2, "minimum": 1, "maximum": 2},
                    },
                },
                "post": {
                    "operationId": "addLamp",
                    "requestBody": {"required": True, **content(LAMP)},
                    "responses": {"201": content(LAMP), **errors},
                },
            }
        },
    }
    return parse_bundle(document)


def rows(careless: str, *only: str, seconds: float = 20.0) -> dict[str, ClientRow]:
    """The rows of a client by the names of their scenarios, of all or of some."""
    chosen = [scenario for scenario in shipped_scenarios() if not only or scenario.name in only]
    found = asyncio.run(try_client(contract(), [sys.executable, str(CLIENT), careless], chosen, seconds=seconds))
    return {row.scenario: row for row in found}


def test_a_careful_client_is_certified() -> None:
    """It passes every scenario, each played with an operation of the contract."""
    found = rows("")

    assert {name: (row.expected, row.actual) for name, row in found.items() if row.verdict != "PASS"} == {}
    assert len(found) == len(shipped_scenarios())
    assert client_certified(tuple(found.values()))


@pytest.mark.parametrize(
    ("careless", "scenario"),
    [
        ("hurries", "retry-after-is-waited-for"),
        ("repeats-writes", "a-write-of-unknown-fate-is-not-repeated"),
        ("repeats-writes", "a-write-without-an-answer-is-not-repeated"),
        ("token-in-url", "a-credential-is-where-it-is-declared"),
        ("follows", "a-redirect-keeps-the-credential-at-home"),
        ("trusts", "a-missing-required-property-is-noticed"),
        ("turns", "a-circle-of-cursors-ends"),
        ("gives-up-quietly", "a-cursor-that-expired-ends-the-walk"),
    ],
)
def test_a_careless_client_fails_by_name(careless: str, scenario: str) -> None:
    """The scenario says what it does wrong, and that is what it is refused for."""
    row = rows(careless, scenario)[scenario]

    assert row.verdict == "FAIL"
    assert row.expected
    assert row.actual


def test_a_client_that_never_ends_is_stopped() -> None:
    """With its children, a little after its time."""
    row = rows("waits", "a-silent-server-ends", seconds=3.0)["a-silent-server-ends"]

    assert (row.verdict, row.actual) == ("FAIL", "it did not end in time")


def test_a_contract_without_a_call_is_said_so() -> None:
    """Where nothing can be played, nothing is certified."""
    empty = parse_bundle({"openapi": "3.1.0", "info": {"title": "none", "version": "1.0.0"}, "paths": {}})

    with pytest.raises(NothingToTry, match="answered with JSON"):
        asyncio.run(try_client(empty, ["true"], shipped_scenarios()))


def test_places_of_credentials_are_read_from_the_contract() -> None:
    """A token in the header, an API key where it is declared, each for the operation that takes it."""
    schemes = {
        "a": {"type": "apiKey", "in": "query", "name": "Key"},
        "b": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "c": {"type": "oauth2"},
    }
    paths: dict[str, Any] = {
        f"/{name}": {"get": {"operationId": name, "security": [{key: []} for key in name], "responses": {"204": {"description": "."}}}}
        for name in ("abc", "b", "c")
    }
    document = {"openapi": "3.1.0", "info": {"title": "keys", "version": "1"}, "paths": paths, "components": {"securitySchemes": schemes}}
    known = parse_bundle(document)

    assert {item.id: declared_places(known, item) for item in known.operations} == {
        "abc": ("query:Key", "header:x-key", "header:authorization"),
        "b": ("header:x-key",),
        "c": ("header:authorization",),
    }
