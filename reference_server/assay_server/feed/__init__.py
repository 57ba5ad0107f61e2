"""A feed over WebSocket: sessions, and the hub that passes changes on to them."""

from .endpoint import FeedEndpoint
from .hub import Hub
from .progress import ProgressEndpoint

__all__ = ["FeedEndpoint", "Hub", "ProgressEndpoint"]
