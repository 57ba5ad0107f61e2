"""Following a stream for as long as somebody reads it.

    connecting ──open──> live ──drop──> reconnecting ──open──> live
                          │                  └──attempts used up──> polling ──open──> live
                          └─ gap ─> ask over HTTP for what is missing, stay live

It is a machine without a task of its own: whoever asks for the next event moves it on. A message is used only when it fits
the contract, is of its major version and of the tenant asked for; each other one is dropped and counted.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Generic, Self, TypeVar
from uuid import uuid4

from assay_sdk.caller import Caller
from assay_sdk.errors import (
    AvailabilityError,
    FeedRefusedError,
    InvalidAnswerError,
    SdkError,
    TransientError,
    TransportError,
    UnknownError,
)
from assay_sdk.feed.judging import judge_message
from assay_sdk.feed.session import Opener, Session, SessionClosed
from assay_sdk.feed.stream import Reading, Stream
from assay_sdk.feed.tracking import Tracker
from assay_sdk.retry import jittered
from assay_sdk.telemetry import ConnectionChanged, ConnectionState, DropReason, MessageDropped, SequenceGap
from assay_sdk.wire import write_target

M = TypeVar("M")
S = TypeVar("S")
E = TypeVar("E")

# What asking over HTTP may fail with and be asked again later; anything else ends the feed.
_PASSING = (TransportError, InvalidAnswerError, TransientError, AvailabilityError, UnknownError)
_FATAL_STATUS = {400: "bad-message", 401: "unauthenticated", 403: "tenant-not-allowed", 406: "version-not-served"}
_FATAL = frozenset(_FATAL_STATUS.values())


class AsyncFeed(Generic[M, S, E]):
    """A feed for tasks: `async for` gives messages, answers that replace missed ones, and changes of the connection."""

    def __init__(self, caller: Caller, stream: Stream[M, S, E], opener: Opener, arguments: Mapping[str, Any]) -> None:
        self._caller = caller
        self._stream = stream
        self._opener = opener
        self._arguments = arguments
        self._policy = caller.settings.feed
        self._tenant: str | None = arguments.get(stream.tenant_argument) if stream.tenant_argument else None
        self._tracker: Tracker[E] = Tracker(stream.identity, stream.step)
        self._events: deque[M | S | ConnectionChanged] = deque()
        self._session: Session | None = None
        self._opened_at = 0.0
        self._probed_at = 0.0
        self._poll_due = 0.0
        self._awaits_state = True
        self._failures = 0
        self._renewed = False
        self._dropped: Counter[DropReason] = Counter()
        self._connection: ConnectionState = "connecting"
        self._last_update: datetime | None = None
        self._target = write_target(stream.address, stream.parameters, arguments)

    @property
    def connection(self) -> ConnectionState:
        """How the feed is connected now."""
        return self._connection

    @property
    def last_update(self) -> datetime | None:
        """When the server was last heard, whatever the connection is now."""
        return self._last_update

    @property
    def sequence(self) -> int | None:
        """The sequence number of the state."""
        return self._tracker.sequence

    @property
    def state(self) -> Mapping[str, E]:
        """The entities as of `sequence`, by their identity."""
        return self._tracker.entities

    @property
    def dropped(self) -> Mapping[DropReason, int]:
        """How many messages were dropped, by reason."""
        return dict(self._dropped)

    def __aiter__(self) -> AsyncIterator[M | S | ConnectionChanged]:
        return self

    async def __anext__(self) -> M | S | ConnectionChanged:
        while not self._events:
            if self._connection == "closed":
                raise StopAsyncIteration
            try:
                self._caller.check_open()
                await self._move_on()
            except SdkError:
                await self.close()
                raise
        return self._events.popleft()

    async def _move_on(self) -> None:
        if self._session is not None:
            await self._receive(self._session)
        elif self._connection == "polling":
            await self._poll()
        else:
            await self._connect()

    async def close(self) -> None:
        """End the feed."""
        session, self._session = self._session, None
        self._connection = "closed"
        if session is not None:
            await session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def _connect(self) -> None:
        if self._failures:
            policy = self._policy
            await self._caller.clock.sleep(jittered(self._failures, policy.first_pause, policy.longest_pause))
        await self._open()

    async def _open(self) -> None:
        settings, clock = self._caller.settings, self._caller.clock
        headers = await self._caller.headers(uuid4().hex)
        try:
            self._session = await self._opener.open(settings.feed_url + self._target, headers, settings.timeout)
        except SessionClosed as closed:
            await self._lost(closed)
            return
        self._opened_at = clock.monotonic()
        self._awaits_state = True
        self._change("live")

    async def _receive(self, session: Session) -> None:
        silence = self._stream.silence
        try:
            body = await session.receive(None if silence is None else silence * self._policy.patience)
        except SessionClosed as closed:
            await self._lost(closed)
            return
        except TimeoutError:
            await self._lost(SessionClosed(0, "silent for too long"))
            return
        judged = judge_message(self._stream, self._caller.contract, self._tenant, body)
        if isinstance(judged, str):
            self._drop(judged)
            if self._awaits_state and judged in ("broken-schema", "incompatible-version"):
                # The state that the session should have opened with is lost: have it over HTTP instead.
                await self._catch_up(None)
            return
        await self._use(judged.message, judged.reading)

    async def _use(self, message: M, reading: Reading[E]) -> None:
        tracker = self._tracker
        self._heard()
        if reading.kind == "state":
            tracker.replace(reading.sequence, reading.entities)
            self._awaits_state = False
        elif reading.kind == "step":
            place = tracker.place(reading.sequence)
            if place == "gap" or self._awaits_state:
                telemetry = self._caller.settings.telemetry
                telemetry.on_gap(SequenceGap(self._stream.id, tracker.sequence, reading.sequence))
                await self._catch_up(reading.sequence)
                # The answer may be older than the step that showed the gap; then the step still applies.
                place = tracker.place(reading.sequence)
                if place != "next":
                    return
            elif place == "repeated":
                self._drop("repeated")
                return
            tracker.apply(reading.sequence, reading.entities)
        self._events.append(message)

    async def _catch_up(self, until: int | None) -> None:
        """Ask over HTTP for the state, with the changes since the last one; a session that it cannot join is dropped."""
        try:
            reading = await self._ask()
        except _PASSING as error:
            await self._lost(SessionClosed(0, f"resync failed: {type(error).__name__}"))
            return
        if until is not None and reading.sequence + self._stream.step < until:
            await self._lost(SessionClosed(0, "the server answered an older state than the feed's"))
            return
        self._awaits_state = False

    async def _ask(self) -> Reading[E]:
        arguments: dict[str, Any] = dict(self._arguments)
        if self._tracker.sequence is not None:
            arguments[self._stream.after_argument] = self._tracker.sequence
        answer = await self._caller.fetch(self._stream.resync, arguments)
        reading = self._stream.read_state(answer)
        if self._tenant is not None and reading.tenant not in (None, self._tenant):
            self._drop("foreign-tenant")
            raise InvalidAnswerError("it is of another tenant", operation=self._stream.resync.id, correlation_id="")
        news = reading.sequence != self._tracker.sequence
        self._tracker.replace(reading.sequence, reading.entities)
        self._heard()
        if news:
            self._events.append(answer)
        return reading

    async def _poll(self) -> None:
        clock, policy = self._caller.clock, self._policy
        if clock.monotonic() - self._probed_at >= policy.probe_every:
            self._probed_at = clock.monotonic()
            await self._open()
            if self._session is not None:
                return
        if (wait := self._poll_due - clock.monotonic()) > 0:
            await clock.sleep(wait)
        self._poll_due = clock.monotonic() + policy.poll_every
        # When no answer comes, the time of the last update says how old the state is.
        with suppress(*_PASSING):
            await self._ask()

    async def _lost(self, closed: SessionClosed) -> None:
        session, self._session = self._session, None
        if session is not None:
            lived = self._caller.clock.monotonic() - self._opened_at
            if lived >= self._policy.settled:
                self._failures = 0
                self._renewed = False
            await session.close()
        when = self._stream.closes.get(closed.code) or _FATAL_STATUS.get(closed.code, "")
        if when in _FATAL and not self._may_renew(when):
            raise FeedRefusedError(self._stream.id, code=closed.code, when=when, reason=closed.reason)
        self._failures += 1
        reason = when or closed.reason or f"closed with {closed.code}"
        if self._connection == "polling":
            return
        if self._failures > self._policy.attempts:
            self._probed_at = self._caller.clock.monotonic()
            self._change("polling", reason)
        elif self._connection != "reconnecting":
            self._change("reconnecting", reason)

    def _may_renew(self, when: str) -> bool:
        """Whether the refusal may come from a token that has expired and that asking again replaces; true once in a row."""
        if when != "unauthenticated" or self._renewed or not self._caller.settings.credential.renewable:
            return False
        self._renewed = True
        return True

    def _change(self, state: ConnectionState, reason: str = "") -> None:
        self._connection = state
        event = ConnectionChanged(self._stream.id, state, reason)
        self._caller.settings.telemetry.on_connection(event)
        self._events.append(event)

    def _drop(self, reason: DropReason) -> None:
        self._dropped[reason] += 1
        event = MessageDropped(self._stream.id, reason, self._dropped[reason])
        self._caller.settings.telemetry.on_drop(event)

    def _heard(self) -> None:
        self._last_update = self._caller.clock.now()
