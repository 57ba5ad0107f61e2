"""A feed: live over WebSocket, brought up to date after a gap, polled when the stream cannot be had."""

from assay_sdk.feed.blocking import Feed
from assay_sdk.feed.following import AsyncFeed
from assay_sdk.feed.session import AwaitedOpener, BlockingOpener
from assay_sdk.feed.stream import Reading, Stream

__all__ = ["AsyncFeed", "AwaitedOpener", "BlockingOpener", "Feed", "Reading", "Stream"]
