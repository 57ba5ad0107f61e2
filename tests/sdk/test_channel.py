"""A channel without annotations: connect, read, send; what is unknown is kept."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import pytest
from assay_sdk import ClientClosed, FeedRefusedError
from assay_sdk.feed import ChannelTerms, UnknownMessage, open_channel, open_channel_blocking
from assay_sdk.model import Model
from assay_sdk.wire import Parameter
from pydantic import Field, TypeAdapter
from websockets.sync.server import ServerConnection

from tests.sdk.plain import AsyncPlainClient, PlainClient
from tests.sdk.scripted import feed_server


class Post(Model):
    kind: Literal["post"]
    text: str


class Joined(Model):
    kind: Literal["joined"]
    who: str


Received = Annotated[Post | Joined, Field(discriminator="kind")]
READER: TypeAdapter[Post | Joined] = TypeAdapter(Received)
TERMS: ChannelTerms[Post | Joined, Post] = ChannelTerms(
    "chat", "/rooms/{room}", READER.validate_json, (Parameter("room", "room", location="path", style="simple", explode=False),)
)
UNKNOWN = {"kind": "left", "who": "b"}


def echo(connection: ServerConnection) -> None:
    """Greets, repeats one message, sends what nobody knows, and closes."""
    assert connection.request is not None
    connection.send(json.dumps({"kind": "joined", "who": connection.request.path}))
    connection.send(connection.recv())
    for frame in (json.dumps(UNKNOWN), "no json", '{"kind": "post"}'):
        connection.send(frame)
    connection.close(1000)


def judge(messages: list[Post | Joined | UnknownMessage]) -> None:
    assert messages[:2] == [Joined(kind="joined", who="/rooms/a%2Fb"), Post(kind="post", text="hello")]
    unknown = [(message.payload, message.frame) for message in messages[2:] if isinstance(message, UnknownMessage)]
    assert unknown == [(UNKNOWN, json.dumps(UNKNOWN).encode()), (None, b"no json"), ({"kind": "post"}, b'{"kind": "post"}')]


def test_a_channel_is_read_and_written() -> None:
    """Until the server closes it."""
    with (
        feed_server(echo) as feed,
        PlainClient("http://127.0.0.1:1", feed_url=feed.url, token="secret") as client,
        open_channel_blocking(client._caller, TERMS, {"room": "a/b"}) as channel,
    ):
        channel.send(Post(kind="post", text="hello"))
        judge(list(channel))

    assert feed.sessions[0]["Authorization"] == "Bearer secret"


async def test_a_channel_of_tasks_is_read_and_written() -> None:
    """The same for tasks."""
    with feed_server(echo) as feed:
        async with (
            AsyncPlainClient("http://127.0.0.1:1", feed_url=feed.url) as client,
            open_channel(client._caller, TERMS, {"room": "a/b"}) as channel,
        ):
            await channel.send(Post(kind="post", text="hello"))
            judge([message async for message in channel])


def test_a_channel_that_is_closed_for_a_reason_names_it() -> None:
    """With the code of the server; after the client is closed it does not open."""
    with (
        feed_server(lambda connection: connection.close(4403, "not yours")) as feed,
        PlainClient("http://127.0.0.1:1", feed_url=feed.url) as client,
    ):
        channel = open_channel_blocking(client._caller, TERMS, {"room": "a"})
        with pytest.raises(FeedRefusedError) as caught:
            next(channel)
    late = open_channel_blocking(client._caller, TERMS, {"room": "a"})
    with pytest.raises(ClientClosed):
        late.connect()

    assert (caught.value.code, caught.value.reason) == (4403, "not yours")
