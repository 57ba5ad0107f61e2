"""A page of a list, from which the whole rest of the list can be read, a page at a time and only when needed.

    page -> its items -> next_page() -> ... -> the last, whose next cursor is None

A list may be left at any item and taken up again later, also by another process: `checkpoint` says where, `resume` goes on.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar

from assay_sdk.caller import Caller
from assay_sdk.declarations import OffsetPagination, Operation, Pagination
from assay_sdk.driving import run
from assay_sdk.errors import ApiError, ArgumentError, CursorExpired, InvalidAnswerError
from assay_sdk.settings import CallOptions

A = TypeVar("A")
I = TypeVar("I")  # noqa: E741 - one letter per role: an answer and its items
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A place in a list: the page that starts at `start` (None is the first), and how many of its items were read.

    `text` and `parse` carry it to another process.
    """

    operation: str
    argument: str
    start: str | int | None
    passed: int = 0

    def text(self) -> str:
        """The checkpoint as a string of JSON."""
        return json.dumps({"operation": self.operation, "argument": self.argument, "start": self.start, "passed": self.passed})

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint that a string stands for, or `ArgumentError`."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            raise ArgumentError("text", expected="the text of a checkpoint", actual=f"{len(text)} other characters") from None


@dataclass(frozen=True, slots=True)
class _Walk(Generic[A, I]):
    """What all pages of one list share; `starts` holds the number of the page that each start was met at."""

    caller: Caller
    operation: Operation[A]
    pagination: Pagination[A, I] | OffsetPagination[A, I]
    correlation_id: str | None
    options: CallOptions | None
    starts: dict[str | int, int]


class AsyncPage(Generic[A, I]):
    """One page of a list, for asynchronous code.

    `async for` iterates over its items and those of every page after it. `answer` is the response of this page.
    """

    __slots__ = ("_arguments", "_number", "_walk", "answer")

    def __init__(self, walk: _Walk[A, I], arguments: Mapping[str, Any], answer: A, number: int) -> None:
        self._walk = walk
        self._arguments = arguments
        self._number = number
        self.answer = answer

    @property
    def items(self) -> Sequence[I]:
        """The items of this page alone."""
        return self._walk.pagination.items(self.answer)

    @property
    def next_cursor(self) -> str | None:
        """Where the next page starts; None on the last."""
        start = self._start()
        return None if start is None else str(start)

    def checkpoint(self, passed: int = 0) -> Checkpoint:
        """This place in the list, after so many items of this page."""
        argument = self._walk.pagination.argument
        return Checkpoint(self._walk.operation.id, argument, self._arguments.get(argument), passed)

    async def next_page(self) -> AsyncPage[A, I] | None:
        """The page after this one, or None after the last.

        Raises `InvalidAnswerError` when it was met before, and `CursorExpired` when the server no longer knows its cursor.
        """
        start, walk = self._start(), self._walk
        if start is None:
            return None
        if walk.starts.setdefault(start, self._number + 1) <= self._number:
            raise InvalidAnswerError(
                "the next page starts where an earlier one did, which would never end",
                operation=walk.operation.id,
                correlation_id=walk.correlation_id or "",
            )
        arguments = {**self._arguments, walk.pagination.argument: start}
        try:
            answer = await walk.caller.fetch(walk.operation, arguments, walk.correlation_id, walk.options)
        except ApiError as error:
            if not _expired(walk.pagination, error):
                raise
            place = Checkpoint(walk.operation.id, walk.pagination.argument, start)
            raise CursorExpired(walk.operation.id, checkpoint=place, correlation_id=error.correlation_id) from error
        return AsyncPage(walk, arguments, answer, self._number + 1)

    async def pages(self) -> AsyncIterator[AsyncPage[A, I]]:
        """This page and every page after it."""
        page: AsyncPage[A, I] | None = self
        while page is not None:
            yield page
            page = await page.next_page()

    def _start(self) -> str | int | None:
        return self._walk.pagination.after(self.answer, self._arguments)

    def __aiter__(self) -> AsyncItems[A, I]:
        return AsyncItems(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._walk.operation.id}, {len(self.items)} items)"


class AsyncItems(AsyncIterator[I], Generic[A, I]):
    """Goes through the items of a page and those after it."""

    __slots__ = ("_index", "_page", "_place")

    def __init__(self, page: AsyncPage[A, I], passed: int = 0) -> None:
        self._page: AsyncPage[A, I] | None = page
        self._index = passed
        self._place = page.checkpoint(passed)

    async def __anext__(self) -> I:
        while self._page is not None:
            items = self._page.items
            if self._index < len(items):
                self._index += 1
                self._place = self._page.checkpoint(self._index)
                return items[self._index - 1]
            self._page, self._index = await self._page.next_page(), 0
        raise StopAsyncIteration

    @property
    def checkpoint(self) -> Checkpoint:
        """The place after the item that was given last."""
        return self._place


class Page(Generic[A, I]):
    """One page of a list.

    `for` iterates over its items and those of every page after it. `answer` is the response of this page.
    """

    __slots__ = ("_page",)

    def __init__(self, page: AsyncPage[A, I]) -> None:
        self._page = page

    @property
    def answer(self) -> A:
        """The response as the server gave it."""
        return self._page.answer

    @property
    def items(self) -> Sequence[I]:
        """The items of this page alone."""
        return self._page.items

    @property
    def next_cursor(self) -> str | None:
        """Where the next page starts; None on the last."""
        return self._page.next_cursor

    def checkpoint(self, passed: int = 0) -> Checkpoint:
        """This place in the list, after so many items of this page."""
        return self._page.checkpoint(passed)

    def next_page(self) -> Page[A, I] | None:
        """The page after this one, or None after the last.

        Raises `InvalidAnswerError` when it was met before, and `CursorExpired` when the server no longer knows its cursor.
        """
        page = run(self._page.next_page())
        return None if page is None else Page(page)

    def pages(self) -> Iterator[Page[A, I]]:
        """This page and every page after it."""
        page: Page[A, I] | None = self
        while page is not None:
            yield page
            page = page.next_page()

    def items_after(self, passed: int) -> Items[I]:
        """The items of this page after so many of them, and those of every page after it."""
        return Items(AsyncItems(self._page, passed))

    def __iter__(self) -> Items[I]:
        return self.items_after(0)

    def __repr__(self) -> str:
        return repr(self._page).removeprefix("Async")


class Items(Iterator[I], Generic[I]):
    """Goes through the items of a page and those after it."""

    __slots__ = ("_items",)

    def __init__(self, items: AsyncItems[Any, I]) -> None:
        self._items = items

    def __next__(self) -> I:
        try:
            return run(self._items.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None

    @property
    def checkpoint(self) -> Checkpoint:
        """The place after the item that was given last."""
        return self._items.checkpoint


async def open_page(
    caller: Caller,
    operation: Operation[A],
    pagination: Pagination[A, I] | OffsetPagination[A, I],
    arguments: Mapping[str, Any],
    correlation_id: str | None = None,
    options: CallOptions | None = None,
) -> AsyncPage[A, I]:
    """Ask for a page."""
    answer = await caller.fetch(operation, arguments, correlation_id, options)
    start = arguments.get(pagination.argument)
    walk = _Walk(caller, operation, pagination, correlation_id, options, {} if start is None else {start: 0})
    return AsyncPage(walk, arguments, answer, 0)


def resume(method: Callable[P, Page[A, I]], checkpoint: Checkpoint, /, *args: P.args, **kwargs: P.kwargs) -> Items[I]:
    """Go on with a list where it was left: the method that lists it, the place, and the arguments as they were.

    >>> resume(client.list_failures, Checkpoint.parse(text), tenant_id="tenant-a")  # doctest: +SKIP
    """
    placed: Callable[..., Page[A, I]] = method
    return placed(*args, **_placed(kwargs, checkpoint)).items_after(checkpoint.passed)


async def resume_async(
    method: Callable[P, Awaitable[AsyncPage[A, I]]], checkpoint: Checkpoint, /, *args: P.args, **kwargs: P.kwargs
) -> AsyncItems[A, I]:
    """Continue a list at a checkpoint, for asynchronous code.

    Takes the method that lists it, the checkpoint, and the same arguments as before. Raises what the method raises.
    """
    placed: Callable[..., Awaitable[AsyncPage[A, I]]] = method
    return AsyncItems(await placed(*args, **_placed(kwargs, checkpoint)), checkpoint.passed)


def _placed(arguments: Any, checkpoint: Checkpoint) -> Any:
    return arguments if checkpoint.start is None else {**arguments, checkpoint.argument: checkpoint.start}


def _expired(pagination: Pagination[Any, Any] | OffsetPagination[Any, Any], error: ApiError) -> bool:
    """Whether an error says that a cursor, which the server gave itself, is not good any more: by its code, or by 410."""
    if isinstance(pagination, OffsetPagination):
        return False
    return error.status == 410 or (pagination.invalid is not None and error.code == pagination.invalid)
