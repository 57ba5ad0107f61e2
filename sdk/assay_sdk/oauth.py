"""OAuth 2.0 client credentials (RFC 6749, 4.4): a token that is fetched when it is first needed and renewed before it expires.

    token kept and fresh?  -> use it, and drop it when a server rejects it
    else, one at a time    -> ask the token endpoint -> keep it until shortly before its end

The endpoint is the one that the contract's security scheme names, or the one that its OpenID Connect document does, unless another
one is given. The same object serves blocking and asynchronous clients, whose transport it asks with.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast
from urllib.parse import quote_plus, urlencode, urljoin

from assay_sdk.credentials import Issuer, Scheme
from assay_sdk.errors import ArgumentError, TokenError
from assay_sdk.retry import jittered
from assay_sdk.transport import Answer, NoAnswer, Request

# What is renewed this early is not rejected on the way: a tenth of its life, at most a minute.
_EARLY_PART, _EARLY_SECONDS = 0.1, 60.0
# A server that does not say how long a token lives is asked again after so many seconds.
_UNSTATED_LIFE = 300.0
_ATTEMPTS: Final = 3
_PASSING_STATUS = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token, and the moment of the clock from which another one is wanted."""

    value: str = field(repr=False)
    renew_at: float


class ClientCredentials:
    """The credential of a program: its id and secret, which are exchanged for tokens.

    `scopes` are asked for together, `audience` and `parameters` are added to the request as some servers want them. `method` says
    where id and secret go: into the `Authorization` header, or into the body. `token_url` replaces the contract's.
    """

    __slots__ = ("_kept", "_secret", "client_id", "method", "parameters", "token_url")

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        token_url: str | None = None,
        scopes: Sequence[str] = (),
        audience: str | None = None,
        parameters: Mapping[str, str] | None = None,
        method: Literal["basic", "body"] = "basic",
    ) -> None:
        if not client_id or not client_secret:
            raise ArgumentError("client_id" if not client_id else "client_secret", expected="a string", actual="an empty one")
        self.client_id = client_id
        self.token_url = token_url
        self.method = method
        extra = {"scope": " ".join(scopes), "audience": audience or ""}
        self.parameters: Mapping[str, str] = {**{name: value for name, value in extra.items() if value}, **(parameters or {})}
        self._secret = client_secret
        self._kept: dict[str, IssuedToken] = {}

    async def token(self, scheme: Scheme, issuer: Issuer) -> str:
        """The token for a security scheme; one that is fresh is used again.

        Raises `TokenError` when the server issues none, or `ArgumentError` when nothing says where to ask.
        """
        key = self.token_url or scheme.token_url or scheme.discovery
        if not key:
            raise ArgumentError("token_url", expected="a URL, since the contract names no token endpoint", actual="none")
        if (fresh := self._fresh(key, issuer)) is not None:
            return fresh
        async with issuer.lock:
            # Whoever waited for the lock finds what the one before fetched.
            if (fresh := self._fresh(key, issuer)) is not None:
                return fresh
            url = self.token_url or scheme.token_url or await _discovered(scheme.discovery, issuer)
            issued = await self._issued(urljoin(issuer.base_url, url), issuer)
            self._kept[key] = issued
            return issued.value

    def drop(self, token: str) -> None:
        """Keep a token no longer, since a server rejected it: it was revoked before its end."""
        for key, kept in list(self._kept.items()):
            if kept.value == token:
                self._kept.pop(key, None)

    def _fresh(self, key: str, issuer: Issuer) -> str | None:
        kept = self._kept.get(key)
        return kept.value if kept is not None and issuer.clock.monotonic() < kept.renew_at else None

    async def _issued(self, url: str, issuer: Issuer) -> IssuedToken:
        fields = {"grant_type": "client_credentials", **self.parameters}
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        if self.method == "basic":
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self._secret)}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            fields |= {"client_id": self.client_id, "client_secret": self._secret}
        requested_at = issuer.clock.monotonic()
        answer = await _token_answer(Request("POST", url, headers, issuer.timeout, urlencode(fields).encode()), issuer)
        body = _object(answer)
        token, life = body.get("access_token"), _seconds(body.get("expires_in"))
        if answer.status != 200 or not isinstance(token, str) or not token:
            code = body.get("error")
            raise TokenError(answer.status, code if isinstance(code, str) else None)
        return IssuedToken(token, requested_at + life - min(_EARLY_SECONDS, life * _EARLY_PART))

    def __repr__(self) -> str:
        return f"ClientCredentials({self.client_id!r})"


async def _discovered(url: str, issuer: Issuer) -> str:
    """The token endpoint that an OpenID Connect document names."""
    answer = await _token_answer(Request("GET", urljoin(issuer.base_url, url), {"Accept": "application/json"}, issuer.timeout), issuer)
    endpoint = _object(answer).get("token_endpoint")
    if answer.status != 200 or not isinstance(endpoint, str):
        raise TokenError(answer.status, "no token_endpoint in the OpenID Connect document")
    return endpoint


async def _token_answer(request: Request, issuer: Issuer) -> Answer:
    """The response to a request for a token, which may be repeated: a token too many does no harm."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            answer = await issuer.transport.send(request)
        except NoAnswer as failure:
            if attempt == _ATTEMPTS:
                raise TokenError(0, str(failure)) from failure
        else:
            if answer.status not in _PASSING_STATUS or attempt == _ATTEMPTS:
                return answer
        await issuer.clock.sleep(jittered(attempt, 0.2, 2.0))
    raise AssertionError("the last attempt returns or raises")


def _object(answer: Answer) -> dict[str, Any]:
    try:
        found: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _seconds(value: object) -> float:
    """The life of a token; some servers write it as a string."""
    try:
        life = float(value) if isinstance(value, (str, int, float)) else _UNSTATED_LIFE
    except ValueError:
        return _UNSTATED_LIFE
    return life if 0 < life < float("inf") else 0.0
