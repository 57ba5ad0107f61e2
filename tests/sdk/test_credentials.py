"""Credentials: written where the security schemes say, and nowhere else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from assay_sdk.clocks import BlockingClock, BlockingLock
from assay_sdk.credentials import Credential, Issuer, Scheme, Written
from assay_sdk.errors import ArgumentError
from assay_sdk.over_httpx import HttpxTransport

SCHEMES = {
    "bearer": Scheme("bearer"),
    "basic": Scheme("basic"),
    "key": Scheme("header", "X-Api-Key"),
    "query": Scheme("query", "api key"),
    "session": Scheme("cookie", "sid"),
}


# Nothing of it is used by credentials that are at hand.
ISSUER = Issuer(HttpxTransport(), BlockingClock(), BlockingLock(), "http://host", 1.0)


def written(credential: Credential, security: Any) -> Written:
    """What goes out for some requirements."""
    return asyncio.run(credential.written(security, SCHEMES, ISSUER))


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("bearer", Written({"Authorization": "Bearer t"})),
        ("basic", Written({"Authorization": "Basic dA=="})),
        ("key", Written({"X-Api-Key": "t"})),
        ("query", Written({}, "api%20key=t")),
        ("session", Written({}, "", ("sid=t",))),
    ],
)
def test_one_token_serves_whatever_an_operation_asks_for(scheme: str, expected: Written) -> None:
    """In the header, the query or a cookie."""
    assert written(Credential("t"), ((scheme,),)) == expected


def test_an_operation_without_security_gets_no_credential() -> None:
    """`security: []` sends nothing, however many credentials the client has."""
    assert written(Credential("t", {"key": "k"}), ()) == Written({})


def test_all_schemes_of_an_alternative_are_sent_and_the_first_that_can_be_met_is_taken() -> None:
    """AND inside an alternative, OR between them."""
    credential = Credential(None, {"key": "k", "session": "s"})

    assert written(credential, (("bearer",), ("key", "session"))) == Written({"X-Api-Key": "k"}, "", ("sid=s",))


def test_a_scheme_that_the_contract_does_not_know_is_rejected_before_any_call() -> None:
    """The message names the schemes, and no credential."""
    with pytest.raises(ArgumentError, match="bearer, basic, key") as caught:
        Credential(None, {"kye": "SECRET"}, SCHEMES)

    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("wrong", [{"key": "SECRET"}, ["SECRET"], 5, b"SECRET"])
def test_what_can_never_give_a_token_is_rejected_before_any_call(wrong: Any) -> None:
    """A table of tokens belongs into `credentials`, and the message holds none of them."""
    with pytest.raises(ArgumentError, match=f"token: expected a string.*got {type(wrong).__name__}") as caught:
        Credential(wrong, None, SCHEMES)
    with pytest.raises(ArgumentError, match="credentials key: expected a string"):
        Credential(None, {"key": wrong}, SCHEMES)

    assert "SECRET" not in str(caught.value)
    assert ("`credentials`" in str(caught.value)) == isinstance(wrong, dict)
