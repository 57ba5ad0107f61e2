"""A feed: live over WebSocket, brought up to date after a gap, polled when the stream cannot be had."""

from assay_sdk.feed.blocking import Feed
from assay_sdk.feed.channel import AsyncChannel, Channel, ChannelTerms, UnknownMessage
from assay_sdk.feed.following import AsyncFeed
from assay_sdk.feed.opening import follow, follow_blocking, open_channel, open_channel_blocking
from assay_sdk.feed.recovery import CannotReplay, Changes, NothingMissed, Replayed
from assay_sdk.feed.session import Opener, Session, SessionClosed
from assay_sdk.feed.stream import Reading, Stream
from assay_sdk.feed.tracking import Numbering

__all__ = [
    "AsyncChannel",
    "AsyncFeed",
    "CannotReplay",
    "Changes",
    "Channel",
    "ChannelTerms",
    "Feed",
    "NothingMissed",
    "Numbering",
    "Opener",
    "Reading",
    "Replayed",
    "Session",
    "SessionClosed",
    "Stream",
    "UnknownMessage",
    "follow",
    "follow_blocking",
    "open_channel",
    "open_channel_blocking",
]
