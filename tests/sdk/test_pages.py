"""Lists that are left and taken up again, lists that would never end, and cursors that the server no longer knows."""

from __future__ import annotations

import pytest
from assay_sdk import ApiError, ArgumentError, Checkpoint, CursorExpired, InvalidAnswerError, resume, resume_async

from tests.sdk.plain import LIST, LIST_PAGES, AsyncPlainClient, PlainClient
from tests.sdk.scripted import Reply, Seen, http_server

NEXT = {None: "b", "b": "c", "c": None}


def script(seen: Seen) -> Reply:
    cursor = seen.query.get("cursor")
    return Reply(200, {"items": [{"name": f"{cursor or 'a'}{number}"} for number in range(3)], "next": NEXT[cursor]})


ALL = [f"{page}{number}" for page in "abc" for number in range(3)]


@pytest.mark.parametrize("left_after", range(10))
def test_a_list_goes_on_where_it_was_left(left_after: int) -> None:
    """At any item, by a text that another process can read; no page before it is asked for again."""
    with http_server(script) as server, PlainClient(server.url) as client:
        items = iter(client.things())
        first = [next(items).name for _ in range(left_after)]
        requests = len(server.seen)
        rest = [item.name for item in resume(client.things, Checkpoint.parse(items.checkpoint.text()))]

    assert first + rest == ALL
    assert len(server.seen) - requests == 3 - max(0, left_after - 1) // 3


async def test_a_list_of_tasks_goes_on_where_it_was_left() -> None:
    """The same for tasks."""
    with http_server(script) as server:
        async with AsyncPlainClient(server.url) as client:
            items = aiter(await client.things())
            first = [(await anext(items)).name for _ in range(4)]
            rest = [item.name async for item in await resume_async(client.things, items.checkpoint)]

    assert first + rest == ALL


def test_a_list_is_read_page_by_page() -> None:
    """Each with its own items."""
    with http_server(script) as server, PlainClient(server.url) as client:
        pages = [[item.name for item in page.items] for page in client.things().pages()]

    assert pages == [ALL[:3], ALL[3:6], ALL[6:]]


def test_a_page_may_be_asked_for_its_next_one_twice() -> None:
    """That is no circle."""
    with http_server(script) as server, PlainClient(server.url) as client:
        page = client.things()
        again = [page.next_page(), page.next_page()]

    assert [result.items[0].name for result in again if result is not None] == ["b0", "b0"]


@pytest.mark.parametrize("circle", [{None: "b", "b": "c", "c": "b"}, {None: "b", "b": "b"}, {None: "b", "b": "c", "c": "d", "d": "b"}])
def test_a_circle_of_cursors_ends(circle: dict[str | None, str]) -> None:
    """However long it is; every page before it was given once."""

    def going_round(seen: Seen) -> Reply:
        cursor = seen.query.get("cursor")
        return Reply(200, {"items": [{"name": cursor or "a"}], "next": circle[cursor]})

    names: list[str] = []
    with http_server(going_round) as server, PlainClient(server.url) as client, pytest.raises(InvalidAnswerError, match="never end"):
        names.extend(item.name for item in client.things())

    assert len(server.seen) == len(circle)


def test_a_cursor_that_expired_is_an_error_with_the_place() -> None:
    """410 says so in every document, a declared code in its own; another error stays what it is."""
    for reply, expected in [(Reply(410), CursorExpired), (Reply(404), ApiError)]:
        replies = iter([Reply(200, {"items": [], "next": "b"}), reply])
        with http_server(lambda _: next(replies)) as server, PlainClient(server.url) as client:  # noqa: B023
            page = client.things()
            with pytest.raises(expected) as caught:
                page.next_page()
        if isinstance(caught.value, CursorExpired):
            assert caught.value.checkpoint == Checkpoint("listThings", "cursor", "b")
            assert isinstance(caught.value.__cause__, ApiError)


def test_the_text_of_a_checkpoint_is_its_own() -> None:
    """Anything else is rejected."""
    assert Checkpoint.parse(Checkpoint("list", "offset", 40, 2).text()) == Checkpoint("list", "offset", 40, 2)
    with pytest.raises(ArgumentError):
        Checkpoint.parse('{"other": 1}')
    assert (LIST.id, LIST_PAGES.argument) == ("listThings", "cursor")
