"""What an application may add to every request and see of every response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from assay_sdk.transport import Answer, Request

RequestHook: TypeAlias = Callable[[Request], Request | Awaitable[Request]]
ResponseHook: TypeAlias = Callable[[Request, Answer], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Hooks:
    """Functions around each attempt, in order; those of an asynchronous client may be coroutines.

    `on_request` gets the request with its credential and returns the one to send, for instance with a signature.
    `on_response` sees each response; a streamed one comes without its body.
    """

    on_request: tuple[RequestHook, ...] = ()
    on_response: tuple[ResponseHook, ...] = ()
