"""A page of a list, from which the whole rest of the list can be read, a page at a time and only when needed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from assay_sdk.caller import Caller
from assay_sdk.declarations import OffsetPagination, Operation, Pagination
from assay_sdk.driving import run
from assay_sdk.errors import InvalidAnswerError

A = TypeVar("A")
I = TypeVar("I")  # noqa: E741 - one letter per role: an answer and its items


class AsyncPage(Generic[A, I]):
    """One page; `async for` goes through its items and those of every page after it."""

    __slots__ = ("_arguments", "_caller", "_correlation_id", "_operation", "_pagination", "answer")

    def __init__(
        self,
        caller: Caller,
        operation: Operation[A],
        pagination: Pagination[A, I] | OffsetPagination[A, I],
        arguments: Mapping[str, Any],
        correlation_id: str | None,
        answer: A,
    ) -> None:
        self._caller = caller
        self._operation = operation
        self._pagination = pagination
        self._arguments = arguments
        self._correlation_id = correlation_id
        self.answer = answer

    @property
    def items(self) -> Sequence[I]:
        """The items of this page alone."""
        return self._pagination.items(self.answer)

    @property
    def next_cursor(self) -> str | None:
        """Where the next page starts; None on the last."""
        start = self._start()
        return None if start is None else str(start)

    async def next_page(self) -> AsyncPage[A, I] | None:
        """The page after this one, or None after the last."""
        cursor, argument = self._start(), self._pagination.argument
        if cursor is None:
            return None
        if cursor == self._arguments.get(argument):
            raise InvalidAnswerError(
                "the next page starts where this one does, which would never end",
                operation=self._operation.id,
                correlation_id=self._correlation_id or "",
            )
        return await open_page(
            self._caller,
            self._operation,
            self._pagination,
            {**self._arguments, argument: cursor},
            self._correlation_id,
        )

    def _start(self) -> str | int | None:
        return self._pagination.after(self.answer, self._arguments)

    def __aiter__(self) -> AsyncIterator[I]:
        return _AsyncItems(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._operation.id}, {len(self.items)} items)"


class _AsyncItems(AsyncIterator[I], Generic[A, I]):
    """Goes through the items of a page and those after it."""

    __slots__ = ("_index", "_page")

    def __init__(self, page: AsyncPage[A, I]) -> None:
        self._page: AsyncPage[A, I] | None = page
        self._index = 0

    async def __anext__(self) -> I:
        while self._page is not None:
            items = self._page.items
            if self._index < len(items):
                self._index += 1
                return items[self._index - 1]
            self._page, self._index = await self._page.next_page(), 0
        raise StopAsyncIteration


class Page(Generic[A, I]):
    """One page; `for` goes through its items and those of every page after it."""

    __slots__ = ("_page",)

    def __init__(self, page: AsyncPage[A, I]) -> None:
        self._page = page

    @property
    def answer(self) -> A:
        """The answer as the server gave it."""
        return self._page.answer

    @property
    def items(self) -> Sequence[I]:
        """The items of this page alone."""
        return self._page.items

    @property
    def next_cursor(self) -> str | None:
        """Where the next page starts; None on the last."""
        return self._page.next_cursor

    def next_page(self) -> Page[A, I] | None:
        """The page after this one, or None after the last."""
        page = run(self._page.next_page())
        return None if page is None else Page(page)

    def __iter__(self) -> Iterator[I]:
        page: Page[A, I] | None = self
        while page is not None:
            yield from page.items
            page = page.next_page()

    def __repr__(self) -> str:
        return repr(self._page).removeprefix("Async")


async def open_page(
    caller: Caller,
    operation: Operation[A],
    pagination: Pagination[A, I] | OffsetPagination[A, I],
    arguments: Mapping[str, Any],
    correlation_id: str | None = None,
) -> AsyncPage[A, I]:
    """Ask for a page."""
    answer = await caller.fetch(operation, arguments, correlation_id)
    return AsyncPage(caller, operation, pagination, arguments, correlation_id, answer)
