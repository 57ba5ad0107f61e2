"""What a client is told once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict
from urllib.parse import urlsplit

from assay_sdk.credentials import Credential, Token
from assay_sdk.errors import ArgumentError
from assay_sdk.retry import RetryPolicy
from assay_sdk.telemetry import LoggedTelemetry, Telemetry


@dataclass(frozen=True, slots=True)
class FeedPolicy:
    """How a feed holds on, in seconds and attempts.

    Silence longer than `patience` times the promised heartbeat counts as a drop. After `attempts` failed reconnects in a row
    the feed polls, and tries the stream again every `probe_every`. A session that lived for `settled` clears the count.
    """

    attempts: int = 8
    first_pause: float = 0.5
    longest_pause: float = 30.0
    patience: float = 2.5
    poll_every: float = 5.0
    probe_every: float = 60.0
    settled: float = 5.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the server is, who asks, and how long and often."""

    base_url: str
    feed_url: str
    credential: Credential
    timeout: float
    retry: RetryPolicy
    feed: FeedPolicy
    cache_size: int
    telemetry: Telemetry


class ClientOptions(TypedDict, total=False):
    """What a client may be told besides its address; `token` is text or a function that gives text."""

    token: Token | None
    feed_url: str | None
    timeout: float
    retry: RetryPolicy
    feed: FeedPolicy
    cache_size: int
    telemetry: Telemetry


def read_settings(base_url: str, options: ClientOptions) -> Settings:
    """The settings of a client, checked."""
    feed_url, timeout = options.get("feed_url"), options.get("timeout", 10.0)
    http = _address("base_url", base_url, ("http", "https"))
    stream = _address("feed_url", feed_url or "ws" + http.removeprefix("http"), ("ws", "wss"))
    if timeout <= 0:
        raise ArgumentError("timeout", expected="more than 0 seconds", actual=str(timeout))
    return Settings(
        base_url=http,
        feed_url=stream,
        credential=Credential(options.get("token")),
        timeout=timeout,
        retry=options.get("retry") or RetryPolicy(),
        feed=options.get("feed") or FeedPolicy(),
        cache_size=options.get("cache_size", 256),
        telemetry=options.get("telemetry") or LoggedTelemetry(),
    )


def _address(argument: str, url: str, schemes: tuple[str, ...]) -> str:
    expected = f"{' or '.join(schemes)}://host[:port][/path]"
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        raise ArgumentError(argument, expected=f"{expected} without a password", actual="a URL with one")
    if parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment:
        raise ArgumentError(argument, expected=expected, actual=repr(url))
    return url.rstrip("/")
