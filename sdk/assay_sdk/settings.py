"""What a client is configured with once, and what one call may change of it."""

from __future__ import annotations

import random
import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypedDict
from urllib.parse import quote, urlencode, urlsplit

from assay_sdk.clocks import Clock
from assay_sdk.credentials import Credential, Scheme, Token
from assay_sdk.errors import ArgumentError
from assay_sdk.hooks import Hooks
from assay_sdk.network import Network
from assay_sdk.retry import RetryPolicy
from assay_sdk.servers import Server, default_address
from assay_sdk.telemetry import LoggedTelemetry, Telemetry

QueryValue: TypeAlias = str | int | float | bool | Sequence[str | int | float | bool] | None
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class FeedPolicy:
    """How a feed holds on, in seconds and attempts.

    Silence longer than `patience` times the promised heartbeat counts as a drop. After `attempts` failed reconnects in a row
    the feed polls; it probes the stream again after `probe_first` and, doubling, at least every `probe_every`. A session that
    lived for `settled` clears the count.

    Missed changes are asked for in up to `replay_attempts` sessions in a row before the feed goes on without them. Numbers
    below those that are known are taken for a numbering that began anew only when everything that the server states has been
    below for `restart_after`; until then they are discarded, so that the state never steps back.

    At most `buffer` frames wait unread in the client. Then it stops reading, and the server waits, or closes the session as
    too slow, after which what was missed is asked for as ever: nothing is discarded in silence.
    """

    attempts: int = 8
    first_pause: float = 0.5
    longest_pause: float = 30.0
    patience: float = 2.5
    poll_every: float = 5.0
    probe_first: float = 5.0
    probe_every: float = 60.0
    settled: float = 5.0
    replay_attempts: int = 3
    restart_after: float = 20.0
    buffer: int = 64


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the server is, who calls, and how long and often."""

    base_url: str
    feed_url: str
    credential: Credential
    timeout: float
    total_timeout: float
    retry: RetryPolicy
    feed: FeedPolicy
    cache_size: int
    telemetry: Telemetry
    network: Network = field(default_factory=Network)
    hooks: Hooks = field(default_factory=Hooks)
    salvage: bool = True
    tracing: bool = True
    chance: Callable[[], float] = field(default=random.random, repr=False)
    headers: Mapping[str, str | None] = field(default_factory=dict[str, str | None], repr=False)
    query: Mapping[str, QueryValue] = field(default_factory=dict[str, "QueryValue"], repr=False)
    idempotency_key: str | None = None
    operation_servers: bool = True


class CallOptions(TypedDict, total=False):
    """What one call, or a client of `with_options`, does otherwise than its client.

    `timeout` bounds each step of the network and `total_timeout` the whole call with its retries, in seconds. `headers` and
    `query` are added to every request; a header that is None is left out. `idempotency_key` lets a request that changes
    something be sent again, under one key for all attempts. A call to another `base_url` carries the credential of the client, and
    goes there also for an operation with a server of its own.
    """

    timeout: float
    total_timeout: float
    retry: RetryPolicy
    headers: Mapping[str, str | None]
    query: Mapping[str, QueryValue]
    idempotency_key: str | None
    base_url: str
    salvage: bool


class ClientOptions(TypedDict, total=False):
    """What a client takes besides its address.

    `server_variables` go into the address of the contract's first server, which is called where no address is given. Operations
    that the contract gives servers of their own go there; `operation_servers=False` sends them to `base_url` like all others.

    `token` is a string, a function that returns one, or `ClientCredentials`; it serves whatever scheme an operation asks for (for
    `basic` it is `user:password`). `credentials` holds one for each security scheme by its name, where one is not enough. `timeout`
    bounds each step of the network and `total_timeout` (six times as much by default) a whole call with its retries, in seconds.
    `proxy` is the URL of one; without it the environment decides. `tls` replaces the certificates to trust. `clock` and `chance`
    replace time and randomness. `salvage=False` raises for one bad row of a list instead of leaving it out. `tracing=False` writes
    no OpenTelemetry spans.
    """

    server_variables: Mapping[str, str]
    operation_servers: bool
    token: Token | None
    credentials: Mapping[str, Token]
    feed_url: str | None
    timeout: float
    total_timeout: float
    retry: RetryPolicy
    feed: FeedPolicy
    cache_size: int
    telemetry: Telemetry
    hooks: Hooks
    headers: Mapping[str, str | None]
    query: Mapping[str, QueryValue]
    salvage: bool
    tracing: bool
    proxy: str | None
    tls: ssl.SSLContext | None
    clock: Clock
    chance: Callable[[], float]


def read_settings(
    base_url: str | None, options: ClientOptions, schemes: Mapping[str, Scheme] | None = None, servers: Sequence[Server] = ()
) -> Settings:
    """The settings of a client, checked; without an address it calls the first of the servers."""
    _refuse_unknown(options, ClientOptions)
    feed_url, timeout = options.get("feed_url"), options.get("timeout", 10.0)
    variables = options.get("server_variables", {})
    if base_url is None:
        base_url = default_address(servers, variables)
    elif variables:
        raise ArgumentError("server_variables", expected="either variables of the contract's server or base_url", actual="both")
    http = _address("base_url", base_url, ("http", "https"))
    stream = _address("feed_url", feed_url or "ws" + http.removeprefix("http"), ("ws", "wss"))
    return Settings(
        base_url=http,
        feed_url=stream,
        credential=Credential(options.get("token"), options.get("credentials"), schemes),
        timeout=_seconds("timeout", timeout),
        total_timeout=_seconds("total_timeout", options.get("total_timeout", 6 * timeout)),
        retry=options.get("retry") or RetryPolicy(),
        feed=options.get("feed") or FeedPolicy(),
        cache_size=options.get("cache_size", 256),
        telemetry=options.get("telemetry") or LoggedTelemetry(),
        network=Network(options.get("proxy"), options.get("tls")),
        hooks=options.get("hooks") or Hooks(),
        salvage=options.get("salvage", True),
        tracing=options.get("tracing", True),
        chance=options.get("chance", random.random),
        headers=_checked_headers(options.get("headers", {})),
        query=dict(options.get("query", {})),
        operation_servers=options.get("operation_servers", True),
    )


def _refuse_unknown(options: Mapping[str, object], kind: type[CallOptions | ClientOptions]) -> None:
    """An option that nobody reads would be a limit that does not hold."""
    unknown = sorted(options.keys() - kind.__annotations__.keys())
    if unknown:
        raise ArgumentError(unknown[0], expected=f"one of {', '.join(sorted(kind.__annotations__))}", actual="an option that no client has")


def merged(settings: Settings, options: CallOptions) -> Settings:
    """The settings of a client with the options of a call over them."""
    changes: dict[str, Any] = dict(options)
    if "base_url" in options:
        changes["base_url"] = _address("base_url", options["base_url"], ("http", "https"))
        changes["operation_servers"] = False
    if "timeout" in options:
        _seconds("timeout", options["timeout"])
        if "total_timeout" not in options:
            changes["total_timeout"] = max(settings.total_timeout, options["timeout"])
    if "total_timeout" in options:
        _seconds("total_timeout", options["total_timeout"])
    if "headers" in options:
        changes["headers"] = {**settings.headers, **_checked_headers(options["headers"])}
    if "query" in options:
        changes["query"] = {**settings.query, **options["query"]}
    _refuse_unknown(options, CallOptions)
    return replace(settings, **changes)


def _seconds(argument: str, value: float) -> float:
    if not value > 0:
        raise ArgumentError(argument, expected="more than 0 seconds", actual=str(value))
    return value


def _checked_headers(headers: Mapping[str, str | None]) -> dict[str, str | None]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ArgumentError("headers", expected="names of letters, digits and !#$%&'*+.^_`|~-", actual=repr(name))
        if value is not None and not (value.isascii() and value.isprintable()):
            raise ArgumentError(f"headers[{name!r}]", expected="printable ASCII, which a header can hold", actual="other characters")
    return dict(headers)


def apply_headers(headers: dict[str, str], extra: Mapping[str, str | None]) -> None:
    """Put headers over others whatever their case; None takes one away."""
    for name, value in extra.items():
        for present in [key for key in headers if key.lower() == name.lower()]:
            del headers[present]
        if value is not None:
            headers[name] = value


def apply_query(target: str, query: Mapping[str, QueryValue]) -> str:
    """A target with more of a query: a sequence is one pair an item, None is left out."""
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        values = value if isinstance(value, (list, tuple)) else (value,)
        pairs.extend((name, _query_text(item)) for item in values if item is not None)
    return f"{target}{'&' if '?' in target else '?'}{urlencode(pairs, quote_via=quote)}" if pairs else target


def _query_text(value: object) -> str:
    return ("false", "true")[value] if isinstance(value, bool) else str(value)


def _address(argument: str, url: str, schemes: tuple[str, ...]) -> str:
    expected = f"{' or '.join(schemes)}://host[:port][/path]"
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        raise ArgumentError(argument, expected=f"{expected} without a password", actual="a URL with one")
    if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment:
        raise ArgumentError(argument, expected=expected, actual=repr(url))
    return url.rstrip("/")
