"""Feeds over the default sessions, whose library is loaded by the first feed and not before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from assay_sdk.caller import Caller
from assay_sdk.feed.blocking import Feed
from assay_sdk.feed.channel import AsyncChannel, Channel, ChannelTerms
from assay_sdk.feed.following import AsyncFeed
from assay_sdk.feed.stream import Stream

M = TypeVar("M")
S = TypeVar("S")
E = TypeVar("E")
C = TypeVar("C")
O = TypeVar("O")  # noqa: E741 - what goes out


def follow(caller: Caller, stream: Stream[M, S, E, C], arguments: Mapping[str, Any]) -> AsyncFeed[M, S, E, C]:
    """A feed for tasks."""
    from assay_sdk.feed.over_websockets import AwaitedOpener

    return AsyncFeed(caller, stream, AwaitedOpener(caller.settings.network, caller.settings.feed.buffer), arguments)


def follow_blocking(caller: Caller, stream: Stream[M, S, E, C], arguments: Mapping[str, Any]) -> Feed[M, S, E, C]:
    """A feed for threads."""
    from assay_sdk.feed.over_websockets import BlockingOpener

    return Feed(AsyncFeed(caller, stream, BlockingOpener(caller.settings.network, caller.settings.feed.buffer), arguments))


def open_channel(caller: Caller, terms: ChannelTerms[M, O], arguments: Mapping[str, Any]) -> AsyncChannel[M, O]:
    """A channel for tasks."""
    from assay_sdk.feed.over_websockets import AwaitedOpener

    return AsyncChannel(caller, terms, AwaitedOpener(caller.settings.network, caller.settings.feed.buffer), arguments)


def open_channel_blocking(caller: Caller, terms: ChannelTerms[M, O], arguments: Mapping[str, Any]) -> Channel[M, O]:
    """A channel for threads."""
    from assay_sdk.feed.over_websockets import BlockingOpener

    return Channel(AsyncChannel(caller, terms, BlockingOpener(caller.settings.network, caller.settings.feed.buffer), arguments))
