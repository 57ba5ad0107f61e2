"""The one way from the kit to a target over HTTP: sends, times, records, and keeps credentials out of the records."""

from __future__ import annotations

import asyncio
import dataclasses
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, Self
from urllib.parse import quote, urlencode

import httpx
import orjson
from assay_contracts import Contract, Operation
from assay_contracts.json_types import is_mapping

from assay_conformance.altered_tokens import ALTERED, altered_token
from assay_conformance.authorization import RESHAPED, STATED, Carried, Scheme, carried, operation_schemes
from assay_conformance.corpus import CorpusCase
from assay_conformance.evidence import Exchange, Journal, Request, Response
from assay_conformance.nostr import signed_body
from assay_conformance.target import Target

FORGED_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0ZW5hbnRzIjpbIioiXX0.Zm9yZ2Vk"  # noqa: S105
"""A token that no server signed."""
FORGED_PASSWORD = "assay-nobody:assay-forged"  # noqa: S105
"""A user and a password that no server knows."""
ANSWER_SECONDS = 10.0
"""A whole answer may take so long, however it comes."""
MOST_BYTES = 64 * 1024 * 1024
"""A longer answer is not read to its end."""
IDLE_SECONDS = 1.0
"""A connection is not used again after so many idle seconds: a server may close it while a request is under way."""
HOOK_SECONDS = 20.0
MOST_PROBLEMS = 10
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods of which a repetition changes nothing (RFC 9110)."""


class Fixtures(Protocol):
    """Makes things for requests that use them up."""

    def can_make(self, template: str) -> bool:
        """Whether values for a path can be made anew."""
        ...

    def creates(self, operation: str) -> bool:
        """Whether an operation creates what a path of the contract names."""
        ...

    async def fresh(self, template: str) -> dict[str, str] | None:
        """Values for the parameters of a path whose last thing nobody else uses; None where none could be made."""
        ...

    async def add(self, path: str) -> int:
        """Create one more thing in the collection of a path; gives how many were, 0 where none could be."""
        ...

    def note(self, exchange: Exchange) -> None:
        """Remember what a request created."""
        ...


@dataclass(frozen=True, slots=True)
class DriverContext:
    """What a driver works with: the contract, the target, the journal, the wire, the requests of the corpus, and what makes fixtures."""

    contract: Contract
    target: Target
    journal: Journal
    wire: Wire
    hook: HookClient
    cases: tuple[CorpusCase, ...] = ()
    fixtures: Fixtures | None = None

    async def send(self, subject: str, request: Request, *, purpose: str, expected: str = "any", codes: Iterable[str] = ()) -> Exchange:
        """Send a request as `Wire.send` does, and remember what it created."""
        exchange = await self.wire.send(subject, request, purpose=purpose, expected=expected, codes=codes)
        if self.fixtures is not None:
            self.fixtures.note(exchange)
        return exchange


class Wire:
    """Sends requests of the contract's operations and keeps an `Exchange` of each.

    A request that gets no answer is an exchange with a `failure`, never an exception: it is evidence too.
    """

    def __init__(
        self,
        target: Target,
        journal: Journal,
        *,
        contract: Contract | None = None,
        timeout: float = ANSWER_SECONDS,
        connections: int = 16,
    ) -> None:
        self._target, self._journal, self._contract, self._timeout = target, journal, contract, timeout
        self._schemes: dict[str, tuple[Scheme, ...]] = {}
        self._scopes: dict[str, tuple[str, ...]] = {}
        if contract is not None:
            self._schemes = {item.id: operation_schemes(contract, item) for item in contract.operations}
            self._scopes = {item.id: item.scopes for item in contract.operations}
        self._client = httpx.AsyncClient(
            timeout=timeout,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=IDLE_SECONDS),
            follow_redirects=False,
            trust_env=False,
            verify=_tls(),
        )

    def beside(self, journal: Journal, *, connections: int) -> Self:
        """A wire like this one, with connections of its own, that writes into another journal."""
        return type(self)(self._target, journal, contract=self._contract, timeout=self._timeout, connections=connections)

    def use(self, target: Target) -> None:
        """Send to a target of which more is known now."""
        self._target = target

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def ask(
        self,
        operation: Operation,
        query: Mapping[str, Any] | None = None,
        *,
        purpose: str,
        path: Mapping[str, str] | None = None,
        tenant: str | None = "primary",
        credential: str | None = None,
        headers: Mapping[str, str] | None = None,
        expected: str = "any",
        codes: Iterable[str] = (),
        aimed: Iterable[int] = (),
    ) -> Exchange:
        """Ask one operation; the request is that of `request`."""
        request = self.request(operation, query, path=path, tenant=tenant, credential=credential, headers=headers)
        return await self.send(operation.id, request, purpose=purpose, expected=expected, codes=codes, aimed=aimed)

    def request(
        self,
        operation: Operation,
        query: Mapping[str, Any] | None = None,
        *,
        path: Mapping[str, str] | None = None,
        tenant: str | None = "primary",
        credential: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Request:
        """A request of an operation.

        `query` maps parameter names to values; a mapping is sent as deepObject, a list repeats the name, None is left out. Unless the query
        has it or `tenant` is None, the tenancy parameter is filled with the tenant of that role; `credential` defaults to the same role.
        """
        pairs = query_pairs(query or {})
        named = str(operation.annotations.get("x-tenancy", {}).get("parameter", ""))
        if named and not is_pointer(named) and tenant is not None and all(name != named for name, _ in pairs):
            pairs = ((named, self._target.tenants[tenant]), *pairs)
        template = operation.path
        for name, value in {**self._target.path_values(operation.path), **(path or {})}.items():
            template = template.replace("{" + name + "}", quote(str(value), safe=""))
        return Request(
            operation.method,
            template,
            pairs,
            tuple((key.lower(), value) for key, value in (headers or {}).items()),
            None,
            credential or tenant or "primary",
        )

    async def send(
        self,
        subject: str,
        request: Request,
        *,
        purpose: str,
        expected: str = "any",
        codes: Iterable[str] = (),
        aimed: Iterable[int] = (),
    ) -> Exchange:
        """Send any request, and record it under a subject. `aimed` are the statuses of which the request should bring about one."""
        if request.body is not None and self._target.signer is not None and expected == "accepted":
            request = dataclasses.replace(request, body=signed_body(request.body, subject, self._target.signer))
        what = self._carried(subject, request.credential)
        headers = {**dict(request.headers), **what.headers}
        url = self._target.http + request.path
        if request.query or what.query:
            url += "?" + urlencode((*request.query, *what.query))
        sent = self._journal.now()
        response: Response | None = None
        failure: str | None = None
        slow = False
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._answered(request, url, headers)
        except (TimeoutError, httpx.TimeoutException):
            failure, slow = f"no whole answer within {self._timeout:g} s", True
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            failure = f"{type(error).__name__}: {error}".strip(": ") or "no response"
        return self._journal.add(
            Exchange(
                id=self._journal.name("x"),
                subject=subject,
                purpose=purpose,
                request=request,
                response=response,
                failure=failure,
                sent=sent,
                elapsed=self._journal.now() - sent,
                expected=expected,
                codes=tuple(codes),
                slow=slow,
                aimed=tuple(aimed),
            )
        )

    async def _answered(self, request: Request, url: str, headers: Mapping[str, str]) -> Response:
        """The answer; asked for twice where the connection broke, since a server may close an idle one at that moment (RFC 9112, 9.3.1)."""
        content = None if request.body is None else request.body.encode()
        try:
            return await self._read(request.method, url, headers, content)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            if request.method not in IDEMPOTENT:
                raise
            return await self._read(request.method, url, headers, content)

    async def _read(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Response:
        async with self._client.stream(method, url, headers=headers, content=content) as answer:
            parts: list[bytes] = []
            length = 0
            async for part in answer.aiter_bytes():
                parts.append(part)
                length += len(part)
                if length > MOST_BYTES:
                    raise ValueError(f"an answer longer than {MOST_BYTES} bytes")
            return Response(
                answer.status_code,
                tuple((key.lower(), value) for key, value in answer.headers.multi_items()),
                # A byte that is no UTF-8 becomes `\xe9`, no JSON any more; the replacement character could have been the server's own.
                b"".join(parts).decode("utf-8", "backslashreplace"),
            )

    def _carried(self, subject: str, role: str) -> Carried:
        """What a request of a role carries. A role that the target does not tell apart is its primary one."""
        if role == "none":
            return Carried({})
        scopes = self._scopes.get(subject, ())
        return carried(self._schemes.get(subject, (Scheme(""),)), lambda scheme: credential_of(self._target, role, scheme, scopes))


def credential_of(target: Target, role: str, scheme: Scheme, scopes: Iterable[str] = ()) -> str | None:
    """The token, key or `user:password` that a request of a role carries for a scheme; None where the target has none.

    A primary request of an operation with `scopes` carries the token of one of them, where the target has tokens by scope.
    """
    if role == "forged":
        return FORGED_PASSWORD if scheme.carries == "basic" else FORGED_TOKEN
    if role in RESHAPED:
        good = credential_of(target, "primary", scheme, scopes)
        return None if good is None else _reshaped(role, good)
    if role in ALTERED:
        good = credential_of(target, "primary", scheme, scopes)
        return None if good is None else altered_token(role, good)
    scoped = next((target.by_scope[scope] for scope in scopes if scope in target.by_scope), None) if role == "primary" else None
    if scoped is not None:
        return scoped.reveal()
    for known in (role, "primary") if not target.has_credential(role) and not target.tenants else (role,):
        secret = target.by_scheme.get(known, {}).get(scheme.name) or target.credentials.get(known)
        if secret is not None:
            return secret.reveal()
    return None


def bad_credentials(target: Target) -> tuple[str, ...]:
    """The roles of bad credentials that a target gives occasion for: those that it states, altered ones of a JWT."""
    good = target.credentials.get("primary")
    altered = [role for role in ALTERED if good is not None and altered_token(role, good.reveal()) is not None]
    return ("none", "forged", *RESHAPED, *altered, *(role for role in STATED if target.has_credential(role)))


MORE = "xxxx"
"""What lengthens a credential: four letters, since some decoders of base64 drop one or two that are too many."""


def _reshaped(role: str, token: str) -> str:
    """A token with another letter shortly before its end, or of another length: one that is compared by its beginning is still good."""
    if role != "tampered":
        return token[:-1] if role == "shortened" else f"{token}{MORE}"
    place = max(0, len(token) - 10)
    return token[:place] + ("B" if token[place : place + 1] == "A" else "A") + token[place + 1 :]


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """One context for all clients: to build it takes longer than ten requests."""
    return httpx.create_ssl_context(trust_env=False)


class HookClient:
    """The control hook of a target. Without one, every call answers False: the state cannot be reached."""

    def __init__(self, target: Target) -> None:
        self._hook = target.hook
        self._client = httpx.AsyncClient(timeout=15.0, trust_env=False, verify=_tls()) if target.hook else None
        self.problems: list[str] = []
        """What the hook answered that no hook should, once each."""

    @property
    def present(self) -> bool:
        """Whether the target has a hook."""
        return self._hook is not None

    async def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.aclose()

    async def fault(self, name: str, **scope: Any) -> bool:
        """Switch a fault on; `operation`, `tenant` and `seconds` narrow it. False when the target does not offer it."""
        return await self._call("PUT", f"/faults/{name}", scope) is not None

    async def clear(self) -> bool:
        """Switch every fault off."""
        return await self._call("DELETE", "/faults", None) is not None

    async def act(self, activity: str, tenant: str, count: int) -> int:
        """Have the target do something of its own (`items`, `changes`, `facts`); gives how many were added, 0 when it is not offered."""
        answer = await self._call("POST", f"/activities/{activity}", {"tenant": tenant, "count": count})
        if answer is None:
            return 0
        added = answer.get("added")
        if not isinstance(added, int) or isinstance(added, bool) or added < 0:
            self._complain(f'the activity {activity} was answered {brief_text(str(answer))}; expected {{"added": n}}')
            return 0
        return added

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if self._hook is None or self._client is None:
            return None
        headers = {"authorization": f"Bearer {self._hook.token.reveal()}", "content-type": "application/json"}
        content = None if body is None else orjson.dumps(body)
        what = f"{method} {self._hook.url}{path}"
        try:
            async with asyncio.timeout(HOOK_SECONDS):
                answer = await self._client.request(method, self._hook.url + path, headers=headers, content=content)
        except TimeoutError:
            self._complain(f"{what} was not answered within {HOOK_SECONDS:g} s")
            return None
        except httpx.HTTPError as error:
            self._complain(f"{what} was not answered: {type(error).__name__} {error}".strip())
            return None
        if answer.status_code >= 300:
            if answer.status_code != 404:
                self._complain(f"{what} was answered {answer.status_code}; expected 200, 204, or 404 for what is not offered")
            return None
        try:
            data: Any = answer.json() if answer.content else {}
        except ValueError:
            data = None
        if not is_mapping(data):
            self._complain(f"{what} was answered {brief_text(answer.text)}; expected a JSON object or no body")
            return None
        return data

    def _complain(self, problem: str) -> None:
        if problem not in self.problems and len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


def is_pointer(name: str) -> bool:
    """Whether an annotation names its parameter by a JSON pointer into the request body."""
    return name.startswith("/")


def query_pairs(query: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Query parameters as they go to the wire: deepObject for mappings, repeated names for lists, None left out."""
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        if value is None:
            continue
        if isinstance(value, Mapping):
            pairs.extend((f"{name}[{key}]", str(item)) for key, item in value.items())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        elif isinstance(value, list | tuple):
            pairs.extend((name, str(item)) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        else:
            pairs.append((name, as_text(value)))
    return tuple(pairs)


def as_text(value: Any) -> str:
    """A scalar as it is written in a query or a header."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def brief_text(text: str, limit: int = 80) -> str:
    """A text on one line, cut where it is long."""
    line = " ".join(text.split())
    return repr(line if len(line) <= limit else line[: limit - 1] + "…")
