"""The incident feed."""

from .endpoint import FeedEndpoint
from .hub import Hub

__all__ = ["FeedEndpoint", "Hub"]
