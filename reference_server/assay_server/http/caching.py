"""Answers that are kept: computed once at a time, dated by the tenant's data, tagged by what they say."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

from assay_server.shared_memory import SharedMemory
from assay_server.timings import note_cache

_TAG = re.compile(r'(?:W/)?("[!#-~]*")')

SLOW_SECONDS, SLOW_PATIENCE_SECONDS = 0.3, 0.1
"""How long the fault of a slow store delays an answer, and how long a request waits for one meanwhile."""
OVERHEAD_BYTES = 1024
"""What an answer takes in memory beside its body: question, tag and bookkeeping."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A body and its entity tag."""

    body: bytes
    tag: str


def tag_of(*parts: bytes) -> str:
    """The weak entity tag of what an answer says."""
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return f'W/"{digest.hexdigest()}"'


def is_current(if_none_match: str | None, tag: str) -> bool:
    """Whether the client has the answer already: weak comparison, lists, and `*` (RFC 9110, 13.1.2)."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return tag.removeprefix("W/") in _TAG.findall(if_none_match)


def _size(answer: Answer) -> int:
    return len(answer.body) + OVERHEAD_BYTES


class Versions:
    """How often the facts of each tenant, or whatever else they are about, changed. An answer of an older version is not given again.

    Workers of one server see each other's changes, changes by other servers are not seen.
    """

    __slots__ = ("_memory", "_name")

    def __init__(self, name: str, memory: SharedMemory) -> None:
        self._name = name
        self._memory = memory

    def of(self, key: str) -> int:
        """The version of the facts of a tenant."""
        return self._memory.count(f"{self._name} {key}")

    def bump(self, key: str) -> None:
        """The facts changed."""
        self._memory.increase(f"{self._name} {key}")


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Answer
    version: int
    until: float


class AnswerCache:
    """Keeps answers by question for a little less than a client may, and computes each once at a time.

    `limit` bounds the bytes of the bodies that are kept, each with `OVERHEAD_BYTES` for its question; the oldest go first. Without
    `single_flight` everybody who finds no answer computes one.
    """

    __slots__ = ("_bytes", "_chance", "_computing", "_kept", "_limit", "_seconds", "_single_flight")

    def __init__(self, seconds: float, limit: int, *, single_flight: bool = True) -> None:
        self._single_flight = single_flight
        self._seconds = seconds
        self._limit = limit
        self._bytes = 0
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._computing: dict[Hashable, asyncio.Task[Answer]] = {}
        self._chance = random.Random()  # noqa: S311 - jitter, not secrets

    async def get(self, question: Hashable, version: int, compute: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer to a question about one version of the data; whoever asks meanwhile waits for the same one."""
        kept = self.fresh(question, version)
        note_cache("miss" if kept is None else "hit")
        if kept is not None:
            return kept
        if not self._single_flight:
            return await self._compute(question, version, compute)
        key = (question, version)
        task = self._computing.get(key)
        if task is None:
            task = asyncio.ensure_future(self._compute(question, version, compute))
            self._computing[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        # Shielded: one client that goes away must not take the answer from the others.
        return await asyncio.shield(task)

    async def prompt(
        self, question: Hashable, version: int, compute: Callable[[], Awaitable[Answer]], *, patience: float, slow: bool
    ) -> tuple[Answer, bool]:
        """The answer as `get` has it, or the last known one when that takes longer than `patience`; and whether it was late.

        Without a last known answer the new one is waited for: it took long, and it is not late. `slow` is the fault of a slow store.
        """
        # A slow store is asked under a name of its own, or the answer that is kept would hide how slow it is.
        name: Hashable = (question, time.monotonic_ns()) if slow else question
        kept = self.fresh(name, version)
        if kept is not None:
            note_cache("hit")
            return kept, False

        async def compute_slowly() -> Answer:
            await asyncio.sleep(SLOW_SECONDS)
            return await compute()

        asking = asyncio.ensure_future(self.get(name, version, compute_slowly if slow else compute))
        try:
            return await asyncio.wait_for(asyncio.shield(asking), SLOW_PATIENCE_SECONDS if slow else patience), False
        except TimeoutError:
            known = self.last_known(question)
            if known is None:
                return await asking, slow
            asking.cancel()
            note_cache("stale")
            return known, True

    def fresh(self, question: Hashable, version: int) -> Answer | None:
        """The answer that is kept and may still be given."""
        kept = self._kept.get(question)
        return kept.answer if kept is not None and kept.version == version and kept.until > time.monotonic() else None

    def last_known(self, question: Hashable) -> Answer | None:
        """The answer that was last given to a question, however old."""
        kept = self._kept.get(question)
        return None if kept is None else kept.answer

    async def _compute(self, question: Hashable, version: int, compute: Callable[[], Awaitable[Answer]]) -> Answer:
        answer = await compute()
        # Jitter keeps answers that were computed together from growing old together.
        until = time.monotonic() + self._seconds * self._chance.uniform(0.8, 1.0)
        replaced = self._kept.pop(question, None)
        if replaced is not None:
            self._bytes -= _size(replaced.answer)
        if _size(answer) > self._limit:
            return answer
        self._kept[question] = _Kept(answer, version, until)
        self._bytes += _size(answer)
        while self._bytes > self._limit:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= _size(oldest.answer)
        return answer

    def _forget(self, key: Hashable, done: asyncio.Task[Answer]) -> None:
        self._computing.pop(key, None)
        if not done.cancelled():
            done.exception()
