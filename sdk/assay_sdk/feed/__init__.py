"""A feed: live over WebSocket, brought up to date after a gap, polled when the stream cannot be had."""

from assay_sdk.feed.blocking import Feed
from assay_sdk.feed.following import AsyncFeed
from assay_sdk.feed.opening import follow, follow_blocking
from assay_sdk.feed.session import Opener, Session, SessionClosed
from assay_sdk.feed.stream import Reading, Stream

__all__ = [
    "AsyncFeed",
    "Feed",
    "Opener",
    "Reading",
    "Session",
    "SessionClosed",
    "Stream",
    "follow",
    "follow_blocking",
]
