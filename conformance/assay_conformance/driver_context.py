"""The one way from the kit to a target over HTTP: sends, times, records, and keeps credentials out of the records."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import orjson
from assay_contracts import Contract, Operation
from assay_contracts.json_types import is_mapping

from assay_conformance.evidence import Exchange, Journal, Request, Response
from assay_conformance.target import Target

FORGED_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0ZW5hbnRzIjpbIioiXX0.Zm9yZ2Vk"  # noqa: S105
"""A token that no server signed."""
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods of which a repetition changes nothing (RFC 9110)."""


@dataclass(frozen=True, slots=True)
class DriverContext:
    """What a driver works with: the contract, the target, the journal, the wire, and the corpus file when it is not the frozen one."""

    contract: Contract
    target: Target
    journal: Journal
    wire: Wire
    hook: HookClient
    corpus: Path | None = None


class Wire:
    """Sends requests of the contract's operations and keeps an `Exchange` of each.

    A request that gets no answer is an exchange with a `failure`, never an exception: it is evidence too.
    """

    def __init__(self, target: Target, journal: Journal, *, timeout: float = 10.0, connections: int = 16) -> None:
        self._target, self._journal = target, journal
        self._client = httpx.AsyncClient(
            timeout=timeout,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            follow_redirects=False,
            trust_env=False,
            verify=_tls(),
        )

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
    ) -> Exchange:
        """Ask one operation.

        `query` maps parameter names to values; a mapping is sent as deepObject, a list repeats the name, None is left out. Unless the query
        has it or `tenant` is None, the tenancy parameter is filled with the tenant of that role; `credential` defaults to the same role.
        """
        pairs = query_pairs(query or {})
        tenancy = operation.annotations.get("x-tenancy")
        named = tenancy is not None and not is_pointer(tenancy["parameter"])
        if named and tenant is not None and all(name != tenancy["parameter"] for name, _ in pairs):
            pairs = ((tenancy["parameter"], self._target.tenants[tenant]), *pairs)
        known = {**self._target.fixtures.get("parameters", {}), **(path or {})}
        template = operation.path
        for name, value in known.items():
            template = template.replace("{" + name + "}", quote(str(value), safe=""))
        request = Request(
            operation.method,
            template,
            pairs,
            tuple((key.lower(), value) for key, value in (headers or {}).items()),
            None,
            credential or tenant or "primary",
        )
        return await self.send(operation.id, request, purpose=purpose, expected=expected, codes=codes)

    async def send(
        self,
        subject: str,
        request: Request,
        *,
        purpose: str,
        expected: str = "any",
        codes: Iterable[str] = (),
    ) -> Exchange:
        """Send any request, and record it under a subject."""
        headers = dict(request.headers)
        token = self._token(request.credential)
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        url = self._target.http + request.path
        if request.query:
            url += "?" + urlencode(request.query)
        sent = self._journal.now()
        response: Response | None = None
        failure: str | None = None
        try:
            answer = await self._answered(request, url, headers)
            response = Response(
                answer.status_code,
                tuple((key.lower(), value) for key, value in answer.headers.multi_items()),
                # A byte that is no UTF-8 becomes `\xe9`, no JSON any more; the replacement character could have been the server's own.
                answer.content.decode("utf-8", "backslashreplace"),
            )
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
            )
        )

    async def _answered(self, request: Request, url: str, headers: Mapping[str, str]) -> httpx.Response:
        """The answer; asked for twice where the connection broke, since a server may close an idle one at that moment (RFC 9112, 9.3.1)."""
        content = None if request.body is None else request.body.encode()
        try:
            return await self._client.request(request.method, url, headers=headers, content=content)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            if request.method not in IDEMPOTENT:
                raise
            return await self._client.request(request.method, url, headers=headers, content=content)

    def _token(self, credential: str) -> str | None:
        if credential == "none":
            return None
        if credential == "forged":
            return FORGED_TOKEN
        secret = self._target.credentials.get(credential)
        if secret is None:
            raise KeyError(f"the target has no credential {credential!r}")
        return secret.reveal()


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """One context for all clients: to build it takes longer than ten requests."""
    return httpx.create_ssl_context(trust_env=False)


class HookClient:
    """The control hook of a target. Without one, every call answers False: the state cannot be reached."""

    def __init__(self, target: Target) -> None:
        self._hook = target.hook
        self._client = httpx.AsyncClient(timeout=15.0, trust_env=False, verify=_tls()) if target.hook else None
        self._lock = asyncio.Lock()

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
        return int(answer.get("added", 0)) if answer else 0

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if self._hook is None or self._client is None:
            return None
        try:
            answer = await self._client.request(
                method,
                self._hook.url + path,
                headers={
                    "authorization": f"Bearer {self._hook.token.reveal()}",
                    "content-type": "application/json",
                },
                content=None if body is None else orjson.dumps(body),
            )
        except httpx.HTTPError:
            return None
        if answer.status_code >= 300:
            return None
        try:
            data: Any = answer.json() if answer.content else {}
        except ValueError:
            return {}
        return data if is_mapping(data) else {}


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
            pairs.append((name, str(value).lower() if isinstance(value, bool) else str(value)))
    return tuple(pairs)
