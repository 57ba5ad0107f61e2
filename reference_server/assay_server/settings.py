"""What a server is told when it starts: one frozen value, read once at the border."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from assay_server.shared_memory import SharedMemory

Environment = Literal["dev", "stage", "prod"]
Algorithm = Literal["HS256", "RS256", "ES256", "EdDSA"]


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """Which tokens are believed.

    `key` is a shared secret for HS256 and a PEM public key for the others. `key_set` is where the issuer publishes public keys that rotate,
    instead of one key.
    """

    algorithm: Algorithm = "HS256"
    key: bytes = field(default_factory=lambda: secrets.token_bytes(48), repr=False)
    issuer: str = "assay"
    audience: str = "assay-reference"
    key_set: str | None = None


@dataclass(frozen=True, slots=True)
class RateTerms:
    """How many requests one subject may make in a span of time, how many all subjects of one tenant, and one subject on one route.

    0 is no limit; a request must keep within every one.
    """

    quota: int = 600_000
    seconds: int = 60
    tenant_quota: int = 0
    route_quota: int = 0


@dataclass(frozen=True, slots=True)
class HotReadTerms:
    """How answers that many ask for at once are kept and computed.

    `cache_seconds` is how long one is kept, 0 for not at all. With `single_flight` a question is computed once for all who ask meanwhile.
    `concurrency` is how many questions are computed at once, 0 for any number.
    """

    cache_seconds: float = 30.0
    single_flight: bool = True
    concurrency: int = 0


@dataclass(frozen=True, slots=True)
class EventTerms:
    """How events of users are stored: up to `batch` that came in meanwhile in one transaction, 1 for each in its own."""

    batch: int = 1


@dataclass(frozen=True, slots=True)
class Settings:
    """How one server behaves."""

    environment: Environment = "dev"
    tokens: TokenTerms = field(default_factory=TokenTerms)
    rate: RateTerms = field(default_factory=RateTerms)
    api_keys: Path | None = None
    """The file that lists API keys by their hashes."""
    cursor_key: bytes | None = field(default=None, repr=False)
    """What cursors are signed with; None takes the key that all servers of one database share."""
    cursor_seconds: int = 24 * 3600
    patience_seconds: float = 2.0
    """How long a funnel answer may take before the last known one is given, marked stale."""
    cache_bytes: int = 64 * 1024 * 1024
    """How much memory the answers that are kept may take."""
    default_versions: Mapping[str, str] = field(default_factory=dict[str, str])
    """The schema version that answers a client which names none, by contract; the newest where there is no entry."""
    hot_reads: HotReadTerms = field(default_factory=HotReadTerms)
    events: EventTerms = field(default_factory=EventTerms)
    heavy_rows: int = 200_000
    """How many rows of the rollups a window may take before it is answered as a job."""
    feed_buffer_bytes: int = 512 * 1024
    """How much one feed session may leave unread before it is closed as too slow."""
    request_bytes: int = 1024 * 1024
    """How large a request may be where no operation takes a body."""
    body_bytes: int = 16 * 1024 * 1024
    """How large a request may be where one does."""
    request_seconds: float = 15.0
    """How long a client may take to send the head of a request."""
    origins: tuple[str, ...] = ()
    """The origins whose pages may ask, such as `https://console.example`; `*` for any."""
    memory: SharedMemory = field(default_factory=SharedMemory, repr=False, compare=False)
    """What the workers of the server share."""
    connections: int = 10_000
    """How many connections may be open; one more is closed at once."""

    @property
    def faults_allowed(self) -> bool:
        """Whether the switch for faults exists at all."""
        return self.environment != "prod"
