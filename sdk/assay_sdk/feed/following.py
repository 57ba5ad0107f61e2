"""Following a stream for as long as somebody reads it.

    connecting ──open──> live ──drop──> reconnecting ──open──> live
                          │                  └──attempts used up──> polling ──open──> live
                          └─ gap ─> ask over HTTP for what is missing, stay live

It is a machine without a task of its own: whoever asks for the next event moves it on. A message is used only when it fits
the contract, is of its major version and of the tenant asked for; any other one is dropped and counted.

The state moves forward only. Whatever states a number, a session that opens or a response over HTTP, is placed against it:

    next            a step is applied
    ahead           the changes in between are asked for over HTTP, and given to the reader before anything after them
    same            nothing was missed
    behind          it is old, and is discarded
    other epoch     the numbering began anew: the state is replaced, and the reader learns that changes are unknown
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Generic, Self, TypeAlias, TypeVar
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
from assay_sdk.feed.reconnection import Reconnection
from assay_sdk.feed.recovery import CannotReplay, Cause, NothingMissed, Replayed, judge_changes
from assay_sdk.feed.restarts import RestartWatch
from assay_sdk.feed.session import Opener, Session, SessionClosed
from assay_sdk.feed.stream import Reading, Stream
from assay_sdk.feed.tracking import Place, Tracker
from assay_sdk.telemetry import ConnectionChanged, ConnectionState, DropReason, MessageDropped, SequenceGap
from assay_sdk.wire import write_target

M = TypeVar("M")
S = TypeVar("S")
E = TypeVar("E")
C = TypeVar("C")

Recovery: TypeAlias = NothingMissed | Replayed[C] | CannotReplay
Event: TypeAlias = ConnectionChanged | Recovery[C]

# What asking over HTTP may fail with and be asked again later; anything else ends the feed.
_PASSING = (TransportError, InvalidAnswerError, TransientError, AvailabilityError, UnknownError)
_FATAL_STATUS = {400: "bad-message", 401: "unauthenticated", 403: "tenant-not-allowed", 406: "version-not-served"}
_FATAL = frozenset(_FATAL_STATUS.values())


class AsyncFeed(Generic[M, S, E, C]):
    """A feed for tasks.

    `async for` gives messages, responses that replace missed ones, what became of missed changes, and changes of the connection.
    """

    def __init__(self, caller: Caller, stream: Stream[M, S, E, C], opener: Opener, arguments: Mapping[str, Any]) -> None:
        self._caller = caller
        self._stream = stream
        self._opener = opener
        self._arguments = arguments
        self._policy = caller.settings.feed
        self._tenant: str | None = arguments.get(stream.tenant_argument) if stream.tenant_argument else None
        self._tracker: Tracker[E] = Tracker(stream.identity, stream.numbering)
        self._events: deque[M | S | Event[C]] = deque()
        self._session: Session | None = None
        self._headers: Mapping[str, str] = {}
        self._awaits_state = True
        self._rejoining = False
        self._reconnection = Reconnection(self._policy, caller.clock)
        self._unreplayed = 0
        self._watch = RestartWatch(self._policy.restart_after)
        self._dropped: Counter[DropReason] = Counter()
        self._connection: ConnectionState = "connecting"
        self._last_update: datetime | None = None
        self._target = write_target(stream.address, stream.parameters, arguments)

    def start_after(self, sequence: int, epoch: str | None = None) -> None:
        """Go on from a number that was reached before, as by another process: what changed since is asked for and given first."""
        if self._connection != "connecting":
            raise RuntimeError("the feed is running; expected start_after before the first event; create another feed")
        self._tracker.replace(sequence, (), epoch)
        self._rejoining = True

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
    def epoch(self) -> str | None:
        """The epoch of `sequence`; None where the server states none."""
        return self._tracker.epoch

    @property
    def state(self) -> Mapping[str, E]:
        """The entities as of `sequence`, by their identity."""
        return self._tracker.entities

    @property
    def dropped(self) -> Mapping[DropReason, int]:
        """How many messages were dropped, by reason."""
        return dict(self._dropped)

    def __aiter__(self) -> AsyncIterator[M | S | Event[C]]:
        return self

    async def __anext__(self) -> M | S | Event[C]:
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
        await self._reconnection.pause()
        await self._open()

    async def _open(self) -> None:
        settings = self._caller.settings
        self._headers = await self._caller.headers(uuid4().hex)
        try:
            self._session = await self._opener.open(settings.feed_url + self._target, self._headers, settings.timeout)
        except SessionClosed as closed:
            await self._lost(closed)
            return
        self._reconnection.opened()
        self._awaits_state = True
        self._rejoining = self._tracker.sequence is not None
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
        self._heard()
        if judged.reading.kind == "state":
            await self._use_state(judged.message, judged.reading)
        elif judged.reading.kind == "step":
            await self._use_step(judged.message, judged.reading)
        elif not self._tracker.leaves(judged.reading.epoch) or await self._catch_up(judged.reading):
            self._events.append(judged.message)

    async def _use_step(self, message: M, reading: Reading[E]) -> None:
        tracker = self._tracker
        place = tracker.place(reading.sequence, reading.epoch)
        if place in ("same", "behind") and not self._awaits_state:
            self._drop("repeated")
            return
        if place != "next" or self._awaits_state:
            telemetry = self._caller.settings.telemetry
            telemetry.on_gap(SequenceGap(self._stream.id, tracker.sequence, reading.sequence))
            if not await self._catch_up(reading):
                return
            # The response may be older than the step that showed the gap; then the step still applies.
            if tracker.place(reading.sequence, reading.epoch) != "next":
                return
        tracker.apply(reading.sequence, reading.entities)
        self._events.append(message)

    async def _use_state(self, message: M, reading: Reading[E]) -> None:
        """Join a session by the state that it opens with."""
        place = self._tracker.place(reading.sequence, reading.epoch)
        if place == "behind":
            await self._weigh(message, reading)
            return
        self._watch.clear()
        if place in ("next", "ahead"):
            await self._replay(message, reading)
            return
        if place == "other-epoch":
            self._begin_anew("epoch-changed", reading)
        elif place == "same" and self._rejoining:
            self._events.append(NothingMissed(self._stream.id, reading.sequence))
        self._adopt(message, reading)

    async def _replay(self, message: M, reading: Reading[E]) -> None:
        """Ask for the changes between what is known and the state of a session, and give them before anything after them."""
        cause: Cause = "resync-failed"
        with suppress(*_PASSING):
            # The session shows that something was missed, whatever an older response says.
            self._rejoining = False
            await self._ask()
            cause = "server-behind"
        if self._tracker.place(reading.sequence, reading.epoch) in ("same", "behind"):
            # The response states this session's state or a later one, and was given in its place.
            self._joined()
            return
        self._unreplayed += 1
        if self._unreplayed < self._policy.replay_attempts:
            await self._lost(SessionClosed(0, f"missed changes could not be had: {cause}"))
            return
        self._begin_anew(cause, reading)
        self._adopt(message, reading)

    async def _weigh(self, message: M, reading: Reading[E]) -> None:
        """A session opened with an older state: a server that lags, or one whose numbering began anew."""
        self._drop("stale")
        try:
            place = await self._ask()
        except _PASSING as error:
            await self._lost(SessionClosed(0, f"resync failed: {type(error).__name__}"))
            return
        if place != "behind" and self._tracker.leaves(reading.epoch):
            await self._lost(SessionClosed(0, "the session is of an earlier epoch"))
        elif place != "behind":
            # The steps of this session repeat what is known until it has caught up.
            self._joined()
        elif self._watch.confirmed(self._caller.clock.monotonic()):
            self._begin_anew("numbering-restarted", reading)
            self._adopt(message, reading)
        else:
            await self._lost(SessionClosed(0, "the server states an older state than is known"))

    async def _catch_up(self, step: Reading[E] | None) -> bool:
        """Ask over HTTP for the state with the changes since the last one; False for a session that it cannot join."""
        try:
            place = await self._ask(step)
        except _PASSING as error:
            await self._lost(SessionClosed(0, f"resync failed: {type(error).__name__}"))
            return False
        if place == "behind" or (step is not None and self._tracker.trails(step.sequence if step.kind == "step" else None, step.epoch)):
            await self._lost(SessionClosed(0, "the server returned an older state than the feed's"))
            return False
        self._joined()
        return True

    async def _ask(self, shown: Reading[E] | None = None) -> Place:
        """Ask over HTTP, as `shown` gives reason to; give what is new in the response, and say how it stood against what was known."""
        arguments: dict[str, Any] = dict(self._arguments)
        after = self._tracker.sequence
        if after is not None:
            arguments[self._stream.after_argument] = after
        answer = await self._caller.fetch(self._stream.resync, arguments)
        reading = self._stream.read_state(answer)
        if self._tenant is not None and reading.tenant not in (None, self._tenant):
            self._drop("foreign-tenant")
            raise InvalidAnswerError("it is of another tenant", operation=self._stream.resync.id, correlation_id="")
        if reading.epoch is None and shown is not None and self._tracker.leaves(shown.epoch):
            # Of which epoch its number is nobody can say; the next session says so.
            raise InvalidAnswerError("it states no epoch", operation=self._stream.resync.id, correlation_id="")
        self._heard()
        place = self._tracker.place(reading.sequence, reading.epoch)
        self._watch.note(place, self._caller.clock.monotonic())
        if place == "behind":
            self._drop("stale")
            return place
        if place == "other-epoch":
            self._begin_anew("epoch-changed", reading)
        elif after is not None and place != "same":
            changes = self._stream.read_changes(answer)
            sequence_of, numbering = self._stream.change_sequence, self._stream.numbering
            outcome = judge_changes(self._stream.id, numbering, changes, sequence_of, after=after, until=reading.sequence)
            self._events.append(outcome)
        elif place == "same" and self._rejoining:
            self._events.append(NothingMissed(self._stream.id, reading.sequence))
        self._rejoining = False
        self._tracker.replace(reading.sequence, reading.entities, reading.epoch)
        if place != "same":
            self._events.append(answer)
        return place

    def _begin_anew(self, cause: Cause, reading: Reading[E]) -> None:
        after = self._tracker.sequence
        if after is not None:
            self._events.append(CannotReplay(self._stream.id, after, reading.sequence, cause))
        self._watch.clear()

    def _adopt(self, message: M, reading: Reading[E]) -> None:
        self._tracker.replace(reading.sequence, reading.entities, reading.epoch)
        self._events.append(message)
        self._joined()

    def _joined(self) -> None:
        self._awaits_state = False
        self._rejoining = False
        self._unreplayed = 0

    async def _poll(self) -> None:
        if self._reconnection.take_probe():
            await self._open()
            if self._session is not None:
                return
        if not await self._reconnection.take_poll():
            return
        # When no response comes, the time of the last update says how old the state is.
        with suppress(*_PASSING):
            if await self._ask() == "behind" and self._watch.confirmed(self._caller.clock.monotonic()):
                self._forget()

    def _forget(self) -> None:
        """Take the next response over HTTP for the beginning of another numbering."""
        after = self._tracker.sequence or 0
        self._events.append(CannotReplay(self._stream.id, after, after, "numbering-restarted"))
        self._tracker.sequence = None
        self._watch.clear()
        self._reconnection.poll_now()

    async def _lost(self, closed: SessionClosed) -> None:
        session, self._session = self._session, None
        if session is not None:
            self._reconnection.ended()
            await session.close()
        when = self._stream.closes.get(closed.code) or _FATAL_STATUS.get(closed.code, "")
        if when in _FATAL and not self._may_renew(when):
            raise FeedRefusedError(self._stream.id, code=closed.code, when=when, reason=closed.reason)
        self._reconnection.failed()
        reason = when or closed.reason or f"closed with {closed.code}"
        if self._connection == "polling":
            return
        if self._reconnection.exhausted:
            self._reconnection.start_probes()
            self._change("polling", reason)
        elif self._connection != "reconnecting":
            self._change("reconnecting", reason)

    def _may_renew(self, when: str) -> bool:
        """Whether the refusal may come from a token that has expired and that asking again replaces; true once in a row."""
        credential = self._caller.settings.credential
        if when != "unauthenticated" or not credential.renewable or not self._reconnection.renew():
            return False
        credential.drop(self._headers)
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
