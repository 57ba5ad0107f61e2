"""Security schemes of a document: how their credentials are written, and where tokens come from."""

from __future__ import annotations

from typing import Any

import pytest
from assay_codegen.contract_view import view_contract
from assay_codegen.views import SchemeView

from tests.codegen.conftest import Document, Load

FLOWS: dict[str, Any] = {
    "clientCredentials": {"tokenUrl": "https://auth/token", "scopes": {}},
    "implicit": {"authorizationUrl": "https://auth", "scopes": {}},
}


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"type": "oauth2", "flows": FLOWS}, SchemeView("auth", "bearer", "Authorization", token_url="https://auth/token")),
        ({"type": "oauth2", "flows": {"implicit": FLOWS["implicit"]}}, SchemeView("auth", "bearer", "Authorization")),
        (
            {"type": "openIdConnect", "openIdConnectUrl": "https://auth/.well-known/openid-configuration"},
            SchemeView("auth", "bearer", "Authorization", discovery="https://auth/.well-known/openid-configuration"),
        ),
        ({"type": "http", "scheme": "Bearer"}, SchemeView("auth", "bearer", "Authorization")),
        ({"type": "http", "scheme": "basic"}, SchemeView("auth", "basic", "Authorization")),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, SchemeView("auth", "cookie", "sid")),
        ({"type": "mutualTLS"}, SchemeView("auth", "none", "Authorization")),
    ],
    ids=["client credentials", "another flow", "discovery", "bearer", "basic", "cookie", "tls"],
)
def test_a_scheme_says_how_its_credential_is_written(document: Document, load: Load, declared: Any, expected: SchemeView) -> None:
    """And where its tokens are issued, for programs."""
    document["components"]["securitySchemes"] = {"auth": declared}

    assert view_contract(load(document))[0].schemes == (expected,)
