"""Tokens that somebody without the key alters."""

from __future__ import annotations

import base64
import json

import jwt
import pytest
from assay_conformance.altered_tokens import ALTERED, altered_token

KEY = "0123456789abcdef0123456789abcdef"
TOKEN = jwt.encode({"sub": "aurora", "exp": 4_000_000_000}, KEY, algorithm="HS256")


def parts(token: str) -> tuple[dict[str, object], dict[str, object], str]:
    """The header, the payload and the signature of a token."""
    header, payload, signature = token.split(".")
    first, second = (json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (header, payload))
    return first, second, signature


@pytest.mark.parametrize("role", sorted(ALTERED))
def test_a_library_refuses_every_altered_token(role: str) -> None:
    """A server that uses one is right; only one that reads tokens by itself is not."""
    altered = altered_token(role, TOKEN)

    assert altered is not None
    with pytest.raises(jwt.InvalidTokenError):
        jwt.decode(altered, KEY, algorithms=["HS256"])


def test_each_alters_one_part() -> None:
    """What else stands in the token stays."""
    header, payload, signature = parts(TOKEN)
    unsigned, swapped, lasting = (parts(altered_token(role, TOKEN) or "") for role in ("unsigned", "another-algorithm", "another-payload"))

    assert unsigned == ({**header, "alg": "none"}, payload, "")
    assert swapped == ({**header, "alg": "HS512"}, payload, signature)
    assert lasting == (header, {**payload, "exp": 4_000_003_600}, signature)


@pytest.mark.parametrize("token", ["a-good-token", "a.b.c", "", "e30.e30.x", "bnVsbA.e30.x"])
def test_what_is_no_jwt_is_left_alone(token: str) -> None:
    """Most keys are opaque."""
    assert {altered_token(role, token) for role in ALTERED} == {None}
