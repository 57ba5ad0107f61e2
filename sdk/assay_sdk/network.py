"""How a default transport reaches the network: through which proxy, and trusting whom."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Network:
    """A proxy, whose URL may hold a password and is never shown, and a TLS context; None is what the library does by itself."""

    proxy: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None
