"""Tokens by the OAuth 2 client credentials grant (RFC 6749, 4.4), fetched once before a run."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any
from urllib.parse import quote_plus, urljoin

import httpx
from assay_contracts import Contract
from assay_contracts.json_types import is_mapping

from assay_conformance.authorization import security_schemes
from assay_conformance.errors import TargetError
from assay_conformance.target import ClientCredentials, Secret, Target

TOKEN_SECONDS = 20.0


async def with_tokens(contract: Contract, target: Target) -> Target:
    """The target with a token for each role whose credential is an OAuth 2 client. Raises `TargetError` when none is given."""
    if not target.clients:
        return target
    declared = next((scheme.token_url for scheme in security_schemes(contract.openapi).values() if scheme.token_url), "")
    tokens: dict[str, Secret] = {}
    async with httpx.AsyncClient(timeout=TOKEN_SECONDS, trust_env=False) as client:
        for role, settings in target.clients.items():
            address = settings.token_url or declared
            if not address:
                raise TargetError(
                    f"[credentials] {role} has no token_url, and the contract names none; expected the address that issues tokens"
                )
            tokens[role] = await _token(client, urljoin(target.http + "/", address), settings, f"[credentials] {role}")
    return dataclasses.replace(target, credentials={**target.credentials, **tokens})


async def _token(client: httpx.AsyncClient, address: str, settings: ClientCredentials, place: str) -> Secret:
    form = {"grant_type": "client_credentials", **({"scope": settings.scope} if settings.scope else {})}
    # RFC 6749, 2.3.1: both parts are form-encoded before they become user and password.
    user = httpx.BasicAuth(quote_plus(settings.client_id), quote_plus(settings.client_secret.reveal()))
    try:
        async with asyncio.timeout(TOKEN_SECONDS):
            answer = await client.post(address, data=form, auth=user)
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
        raise TargetError(f"{place}: {address} gave no token: {type(error).__name__} {error}".strip()) from None
    try:
        body: Any = answer.json()
    except ValueError:
        body = None
    token = body.get("access_token") if is_mapping(body) else None
    if not answer.is_success or not isinstance(token, str):
        problem = body.get("error", "no access_token") if is_mapping(body) else "no JSON object"
        raise TargetError(f"{place}: {address} answered {answer.status_code}, {problem}; expected a token")
    return Secret(token)
