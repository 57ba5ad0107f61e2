"""Bearer tokens: who is asking, for which tenants, with which scopes."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from assay_server.http.key_sets import KeySet, fetch_from
from assay_server.logs import Log
from assay_server.settings import TokenTerms

_REMEMBERED = 4096


class BadToken(Exception):
    """There is no token, or it is not one that this server believes."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows until it expires."""

    subject: str
    tenants: frozenset[str]
    scopes: frozenset[str]
    expires: float

    def covers(self, tenant: str) -> bool:
        """Whether the grant speaks for a tenant; `*` speaks for all."""
        return tenant in self.tenants or "*" in self.tenants


StandIn = Callable[[str, Mapping[str, Any]], Awaitable[Grant | None]]
"""Finds what a token that stands in for the credential grants, by the token and the parameters of the path; None for nothing."""


class Verifier:
    """Reads tokens. One algorithm is accepted, the configured one: a token cannot choose its own."""

    __slots__ = ("_keys", "_known", "_terms", "_version")

    def __init__(self, terms: TokenTerms, log: Log | None = None) -> None:
        self._terms = terms
        self._known: OrderedDict[bytes, Grant] = OrderedDict()
        self._keys = None if terms.key_set is None else KeySet(fetch_from(terms.key_set), terms.algorithm, log=log)
        self._version = 0
        try:
            algorithm = jwt.get_algorithm_by_name(terms.algorithm)
            if self._keys is None:
                algorithm.prepare_key(terms.key)
        except NotImplementedError:
            raise ValueError(
                f"expected the package cryptography for {terms.algorithm} tokens, it is not installed; "
                'install it with: pip install "assay[server,public-keys]"'
            ) from None
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise ValueError(f"expected a key for {terms.algorithm} tokens: {error}; give another --token-key") from error

    async def prepare(self, authorization: list[str]) -> None:
        """Have the key at hand that a token was signed with, where keys rotate."""
        if self._keys is not None and len(authorization) == 1:
            await self._keys.prepare(authorization[0].partition(" ")[2])
            if self._keys.version != self._version:
                # A token of a key that was withdrawn is not believed any more.
                self._version = self._keys.version
                self._known.clear()

    def read(self, authorization: list[str]) -> Grant:
        """The grant of an `Authorization` header; raises BadToken when there is not exactly one good token."""
        if len(authorization) != 1:
            raise BadToken("a bearer token is needed")
        kind, _, token = authorization[0].partition(" ")
        if kind.lower() != "bearer" or not token:
            raise BadToken("a bearer token is needed")
        key = hashlib.blake2b(token.encode(errors="replace"), digest_size=16).digest()
        grant = self._known.get(key)
        if grant is None:
            grant = self._verify(token)
            self._known[key] = grant
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        if grant.expires <= time.time():
            self._known.pop(key, None)
            raise BadToken("the token has expired")
        return grant

    def _verify(self, token: str) -> Grant:
        terms = self._terms
        key: Any = terms.key if self._keys is None else self._keys.key(token)
        if key is None:
            raise BadToken("the token is signed with a key that is not known")
        try:
            claims: dict[str, Any] = jwt.decode(  # pyright: ignore[reportUnknownMemberType]
                token,
                key,
                algorithms=[terms.algorithm],
                issuer=terms.issuer,
                audience=terms.audience,
                options={"require": ["exp", "iss", "aud"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise BadToken("the token is not valid") from error
        tenants, scope, subject = claims.get("tenants"), claims.get("scope", ""), claims.get("sub")
        if not isinstance(tenants, list) or not all(isinstance(name, str) for name in tenants):  # pyright: ignore[reportUnknownVariableType]
            raise BadToken("the token lists no tenants")
        if not isinstance(scope, str):
            raise BadToken("the token's scope must be a string")
        if not subject:
            # Jobs, keys and quotas belong to subjects: two tokens that name none must not share theirs.
            subject = f"token {hashlib.blake2b(token.encode(), digest_size=16).hexdigest()}"
        return Grant(str(subject), frozenset[str](tenants), frozenset(scope.split()), float(claims["exp"]))  # pyright: ignore[reportUnknownArgumentType]


class Minter:
    """Makes tokens that the verifier of the same terms believes; possible with a shared secret only."""

    __slots__ = ("_terms",)

    def __init__(self, terms: TokenTerms) -> None:
        if terms.algorithm != "HS256":
            raise ValueError(f"expected HS256 to make tokens, got {terms.algorithm}; the owner of the private key makes them")
        self._terms = terms

    def mint(
        self, subject: str, tenants: Iterable[str], scopes: Iterable[str], *, seconds: float = 24 * 3600, audience: str | None = None
    ) -> str:
        """A token for `seconds` from now; a negative number makes one that has expired, another `audience` one for another service."""
        now = time.time()
        claims = {
            "iss": self._terms.issuer,
            "aud": audience or self._terms.audience,
            "sub": subject,
            "iat": int(min(now, now + seconds) - 60),
            "exp": int(now + seconds),
            "scope": " ".join(scopes),
            "tenants": list(tenants),
        }
        return jwt.encode(  # pyright: ignore[reportUnknownMemberType]
            claims, self._terms.key, algorithm=self._terms.algorithm
        )
