"""The bearer token: given as text or by a function, shown to nobody."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from assay_sdk.errors import ArgumentError

Token: TypeAlias = str | Callable[[], str | Awaitable[str]]

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+", re.ASCII)


class Credential:
    """What `Authorization` is made from; a function is asked anew for every call, so that it may renew its token."""

    __slots__ = ("_token",)

    def __init__(self, token: Token | None) -> None:
        self._token = _checked(token) if isinstance(token, str) else token

    @property
    def renewable(self) -> bool:
        """Whether asking again may give another token."""
        return callable(self._token)

    async def authorization(self) -> str | None:
        """The value of the header, or None for a client without a credential."""
        token = self._token
        if token is None:
            return None
        if not isinstance(token, str):
            given = token()
            token = _checked(await given if inspect.isawaitable(given) else given)
        return "Bearer " + token

    def __repr__(self) -> str:
        return "Credential(hidden)" if self._token is not None else "Credential(none)"


def _checked(token: object) -> str:
    # The message says what is wrong without a character of the token itself.
    if not isinstance(token, str):
        raise ArgumentError("token", expected="text or a function that gives text", actual=type(token).__name__)
    if _TOKEN.fullmatch(token) is None:
        raise ArgumentError(
            "token",
            expected="one or more letters, digits and ._~+/=- (RFC 6750)",
            actual="an empty token" if not token else "a token with other characters in it",
        )
    return token
