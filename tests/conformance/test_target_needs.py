"""What a contract needs of a manifest is checked before the first request, all gaps in one list."""

from __future__ import annotations

from typing import Any

import pytest
from assay_conformance.errors import TargetError
from assay_conformance.manifest_draft import manifest_draft
from assay_conformance.target_manifest import parse_target
from assay_conformance.target_needs import missing_credentials, missing_values, needs_of
from assay_contracts import Contract, parse_bundle

FINE: dict[str, Any] = {"200": {"description": "Fine."}}


def contract(paths: dict[str, Any], **more: Any) -> Contract:
    """A contract of these paths."""
    schemes = {
        "card": {"type": "http", "scheme": "bearer"},
        "office": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {"read": "To read."}}}},
    }
    document = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1.0.0"}, "paths": paths}
    return parse_bundle({**document, "components": {"securitySchemes": schemes}, **more})


PLAIN = contract({"/time": {"get": {"responses": FINE}}})
SECURED = contract({"/time": {"get": {"responses": FINE}}}, security=[{"card": []}])
TENANTS = contract({"/time": {"get": {"responses": FINE, "x-tenancy": {"parameter": "shop", "forbidden": "NO"}}}})
SCOPED = contract({"/time": {"get": {"responses": FINE, "security": [{"office": ["read"]}]}}})
NAMED = contract({"/cars/{plate}/wash": {"post": {"responses": FINE}}, "/shops/{id}": {"get": {"responses": FINE}}})


@pytest.mark.parametrize(
    ("of", "credentials", "tenants"),
    [
        (PLAIN, (), ()),
        (SECURED, ("primary",), ()),
        (TENANTS, ("primary", "other", "empty"), ("primary", "other", "empty")),
    ],
)
def test_a_manifest_names_only_what_the_contract_has_a_use_for(
    of: Contract, credentials: tuple[str, ...], tenants: tuple[str, ...]
) -> None:
    """No tenant where there is no tenancy, no credential where there is no security."""
    assert (needs_of(of).credentials, needs_of(of).tenants) == (credentials, tenants)


def test_a_contract_that_needs_nothing_needs_no_manifest() -> None:
    """The address is enough."""
    target = parse_target({}, "no target manifest", http="http://127.0.0.1:8000/", needs=needs_of(PLAIN))

    assert (target.http, dict(target.credentials), dict(target.tenants)) == ("http://127.0.0.1:8000", {}, {})


def test_a_credential_that_is_needed_is_asked_for() -> None:
    """The message names the table and the key."""
    with pytest.raises(TargetError, match=r"\[credentials\] is missing"):
        parse_target({}, "manifest", http="http://127.0.0.1:8000", needs=needs_of(SECURED))


def test_every_value_that_nothing_gives_is_named_at_once() -> None:
    """Each with the key that gives it."""
    target = parse_target({}, "manifest", http="http://127.0.0.1:8000", needs=needs_of(NAMED))
    advice = "\n".join(missing_values(NAMED, target))

    assert ("{plate}" in advice, 'parameters = { plate = "…" }' in advice, "{id}" in advice) == (True, True, True)


def test_a_scope_asks_for_a_credential_without_it() -> None:
    """Nothing else shows that the scope is required."""
    target = parse_target({"credentials": {"primary": "t"}}, "manifest", http="http://127.0.0.1:8000", needs=needs_of(SCOPED))

    assert [line.partition(":")[0] for line in missing_credentials(SCOPED, target)] == ["getTime needs the scope read"]


def test_an_oauth2_client_is_read() -> None:
    """Its secret is one, and its token address is the contract's unless it is stated."""
    table = {"client_id": "me", "client_secret": "hidden", "scope": "read"}
    target = parse_target({"credentials": {"primary": table}}, "manifest", http="http://127.0.0.1:8000", needs=needs_of(SCOPED))

    client = target.clients["primary"]
    assert (client.client_id, client.client_secret.reveal(), client.token_url, client.scope) == ("me", "hidden", "", "read")
    assert "hidden" not in repr(target)


@pytest.mark.parametrize(
    ("of", "has", "lacks"),
    [
        (PLAIN, "[target]", "[credentials]"),
        (SECURED, "a bearer token", "[tenants]"),
        (TENANTS, "[tenants]", "[fixtures]"),
        (SCOPED, "client_id", "[tenants]"),
        (NAMED, 'plate = "..."', "[credentials]"),
    ],
)
def test_a_first_manifest_has_what_the_contract_needs_and_nothing_else(of: Contract, has: str, lacks: str) -> None:
    """A line for each need, with a comment."""
    text = manifest_draft(of, "http://127.0.0.1:8000", {})

    assert (has in text, lacks in text) == (True, False)
