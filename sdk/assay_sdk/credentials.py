"""Credentials: given as strings or functions, written where the contract's security schemes say, shown to nobody.

One `token` serves whatever scheme an operation asks for. `credentials` gives one for each scheme by its name, where an operation
needs several or takes one of several. An operation without security gets none.
"""

from __future__ import annotations

import base64
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, runtime_checkable
from urllib.parse import quote

from assay_sdk.clocks import Clock
from assay_sdk.errors import ArgumentError
from assay_sdk.transport import Transport

Requirements: TypeAlias = tuple[tuple[str, ...], ...]
"""Alternatives, each the names of the schemes that it needs together."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scheme:
    """One security scheme: how its credential is written, and the name of the header, parameter or cookie for an API key.

    `token_url` issues tokens for client credentials; `discovery` is the OpenID Connect document that names such a URL.
    """

    kind: Literal["bearer", "basic", "header", "query", "cookie", "none"]
    name: str = "Authorization"
    token_url: str = ""
    discovery: str = ""


@dataclass(frozen=True, slots=True)
class Issuer:
    """What a token is fetched with: the client's own transport and clock, and a lock under which one of its calls fetches at a time."""

    transport: Transport
    clock: Clock
    lock: AbstractAsyncContextManager[object]
    base_url: str
    timeout: float


class TokenSource(Protocol):
    """Gives tokens that it fetches, such as `ClientCredentials`."""

    async def token(self, scheme: Scheme, issuer: Issuer) -> str:
        """The token for a security scheme."""
        ...


@runtime_checkable
class KeepingSource(TokenSource, Protocol):
    """A source that gives one token for several calls."""

    def drop(self, token: str) -> None:
        """Keep a token no longer, since a server rejected it."""
        ...


Token: TypeAlias = str | Callable[[], str | Awaitable[str]] | TokenSource
_BEARER = Scheme("bearer")


@dataclass(frozen=True, slots=True)
class Written:
    """What credentials add to a request: headers, the start of a query, and cookies."""

    headers: Mapping[str, str]
    query: str = ""
    cookies: tuple[str, ...] = ()


class Credential:
    """What a client authenticates with; a function is asked anew for every call, so that it may renew its token."""

    __slots__ = ("_by_scheme", "_token")

    def __init__(
        self, token: Token | None, by_scheme: Mapping[str, Token] | None = None, schemes: Mapping[str, Scheme] | None = None
    ) -> None:
        self._token = token
        self._by_scheme = dict(by_scheme or {})
        unknown = sorted(self._by_scheme.keys() - schemes.keys()) if schemes is not None else []
        if unknown:
            raise ArgumentError("credentials", expected=f"schemes out of {', '.join(schemes or ()) or 'none'}", actual=unknown[0])
        # What can be known to be wrong is rejected before any call.
        for where, given in (("token", token), *((f"credentials {name}", given) for name, given in self._by_scheme.items())):
            _check_kind(where, given)
        if isinstance(token, str):
            bearers = all(scheme.kind == "bearer" for scheme in (schemes or {}).values())
            _bearer(token) if bearers else _checked("token", token)

    @property
    def renewable(self) -> bool:
        """Whether asking again may give another token."""
        return any(token is not None and not isinstance(token, str) for token in (self._token, *self._by_scheme.values()))

    def drop(self, headers: Mapping[str, str]) -> bool:
        """Drop the kept token that a request was rejected with; False where no source keeps any, so that asking again gives no other."""
        sources = [token for token in (self._token, *self._by_scheme.values()) if isinstance(token, KeepingSource)]
        for source in sources:
            for value in headers.values():
                source.drop(value.removeprefix("Bearer "))
        return bool(sources)

    async def authorization(self, schemes: Mapping[str, Scheme], issuer: Issuer) -> str | None:
        """The bearer token as the value of `Authorization`, or None for a client without a credential."""
        name, token = next(iter(self._by_scheme.items()), ("", None)) if self._token is None else ("", self._token)
        if token is None:
            return None
        issuing = next((scheme for scheme in schemes.values() if scheme.token_url or scheme.discovery), _BEARER)
        return "Bearer " + _bearer(await _given("token", token, schemes.get(name, issuing), issuer))

    async def written(self, security: Requirements | None, schemes: Mapping[str, Scheme], issuer: Issuer) -> Written:
        """The credentials of the first alternative that can be met; of a contract that says nothing, the bearer token.

        A client without any credential sends none, and the server says what is missing.
        """
        if security is None:
            authorization = await self.authorization(schemes, issuer)
            return Written({} if authorization is None else {"Authorization": authorization})
        chosen = self._chosen(security)
        headers: dict[str, str] = {}
        query: list[str] = []
        cookies: list[str] = []
        for name in chosen:
            token = self._by_scheme.get(name, self._token)
            scheme = schemes.get(name, _BEARER)
            if token is None or scheme.kind == "none":
                continue
            value = await _given(name, token, scheme, issuer)
            match scheme.kind:
                case "bearer":
                    headers["Authorization"] = "Bearer " + _bearer(value)
                case "basic":
                    headers["Authorization"] = "Basic " + base64.b64encode(value.encode()).decode()
                case "header":
                    headers[scheme.name] = value
                case "query":
                    query.append(f"{quote(scheme.name, safe='')}={quote(value, safe='')}")
                case _:
                    cookies.append(f"{scheme.name}={value}")
        return Written(headers, "&".join(query), tuple(cookies))

    def _chosen(self, security: Requirements) -> tuple[str, ...]:
        for alternative in security:
            if alternative and all(name in self._by_scheme or self._token is not None for name in alternative):
                return alternative
        if any(not alternative for alternative in security):
            return ()
        return next(iter(security), ())

    def __repr__(self) -> str:
        return "Credential(hidden)" if self._token is not None or self._by_scheme else "Credential(none)"


async def _given(where: str, token: Token, scheme: Scheme, issuer: Issuer) -> str:
    if isinstance(token, str):
        return _checked(where, token)
    if not callable(token):
        return _checked(where, await token.token(scheme, issuer))
    value = token()
    return _checked(where, await value if inspect.isawaitable(value) else value)


def _check_kind(where: str, token: object) -> None:
    """Reject what can never give a token, such as a table of tokens in the place of one."""
    if token is None or isinstance(token, str) or callable(token) or callable(getattr(token, "token", None)):
        return
    actual = type(token).__name__
    expected = "a string, a function that returns one, or a source such as ClientCredentials"
    if where == "token" and isinstance(token, Mapping):
        expected += "; a token for each security scheme goes into `credentials`"
    raise ArgumentError(where, expected=expected, actual=actual)


def _checked(where: str, token: object) -> str:
    # The message says what is wrong without a character of the token itself.
    if not isinstance(token, str):
        raise ArgumentError(where, expected="a string or a function that returns one", actual=type(token).__name__)
    if not token or not token.isascii() or not token.isprintable():
        actual = "a token with other characters in it" if token else "an empty token"
        raise ArgumentError(where, expected="printable ASCII characters", actual=actual)
    return token


def _bearer(token: str) -> str:
    if _TOKEN.fullmatch(token) is None:
        actual = "a token with other characters in it" if token else "an empty token"
        raise ArgumentError("token", expected="one or more letters, digits and ._~+/=- (RFC 6750)", actual=actual)
    return token
