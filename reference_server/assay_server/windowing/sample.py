"""Sample events: seeded, signed, and with everything: what a certification needs and no more."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from coincurve import PrivateKey, PublicKeyXOnly

from assay_server.windowing.events import NostrEvent, event_hash
from assay_server.windowing.facts import Fact, fact_of
from assay_server.windowing.spans import DAY, HOUR
from assay_server.windowing.store import EventStore

_AUTHORS, _FANS, _HASHTAGS = 3, 70, 90
_POSTS, _ENGAGEMENTS = 120, 900
_SPANS = ((HOUR, 0.1), (DAY, 0.35), (7 * DAY, 0.3), (30 * DAY, 0.15), (150 * DAY, 0.1))
"""How far back events lie, and which part of them."""
_AMOUNTS = ("lnbc210n1", "lnbc10u1", "lnbc2500u1", "lnbc20m1", "lnbc1", "lnbc19990p1")
_RELAYS = ("wss://relay.one.example", "wss://relay.two.example")


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs events; the same seed and name give the same key."""

    secret: PrivateKey
    public: str

    @classmethod
    def of(cls, seed: object, name: str) -> Signer:
        """The signer of a name."""
        secret = hashlib.sha256(f"assay {seed} {name}".encode()).digest()
        return cls(PrivateKey(secret), PublicKeyXOnly.from_secret(secret).format().hex())

    def sign(self, at: int, kind: int, tags: tuple[tuple[str, ...], ...], content: str = "") -> NostrEvent:
        """An event of this key; no randomness goes into its signature."""
        draft = NostrEvent("", self.public, at, kind, tags, content, "")
        id = event_hash(draft)
        return NostrEvent(id, self.public, at, kind, tags, content, self.secret.sign_schnorr(bytes.fromhex(id), b"\0" * 32).hex())


class Crowd:
    """Authors and those who respond to them; the first author is the target that has everything."""

    def __init__(self, seed: object) -> None:
        self._chance = random.Random(f"assay {seed}")  # noqa: S311 - traffic, not secrets
        self.authors = [Signer.of(seed, f"author {number}") for number in range(_AUTHORS)]
        self._fans = [Signer.of(seed, f"fan {number}") for number in range(_FANS)]
        self._wallet = Signer.of(seed, "wallet")

    def post(self, author: Signer, at: int) -> NostrEvent:
        """A post with some hashtags."""
        hashtags = self._chance.sample(range(_HASHTAGS), self._chance.randrange(4))
        return author.sign(at, 1, tuple(("t", f"Topic{number}") for number in hashtags), f"post of {at} {self._chance.random()}")

    def engagement(self, author: Signer, post: NostrEvent, at: int) -> NostrEvent:
        """A reply, repost, reaction or zap to a post, now and then of the author itself."""
        fan = author if self._chance.random() < 0.05 else self._chance.choice(self._fans)
        kind = self._chance.choice((1, 6, 7, 7, 16, 9735))
        tags: tuple[tuple[str, ...], ...] = (("e", post.id), ("p", author.public))
        if kind == 1:
            tags = (("e", post.id, "", "root", author.public), ("p", author.public))
        if kind != 9735:
            return fan.sign(at, kind, tags, f"{self._chance.random()}")
        invoice = f"{self._chance.choice(_AMOUNTS)}pvjluez"
        request = json.dumps({"pubkey": fan.public, "kind": 9734, "content": ""})
        return self._wallet.sign(at, kind, (*tags, ("bolt11", invoice), ("description", request)))

    def history(self, now: int) -> Iterator[NostrEvent]:
        """Posts and what they brought about, up to now."""
        for number, author in enumerate(self.authors):
            posts = [self.post(author, self._moment(now)) for _ in range(_POSTS // (number + 1))]
            yield from posts
            for _ in range(_ENGAGEMENTS // (number + 1)):
                # Some posts are far more popular than others, and some have the same number of responses.
                post = posts[int(len(posts) * self._chance.random() ** 2)]
                yield self.engagement(author, post, self._moment(now))

    def within(self, author: Signer, start: int, end: int, count: int) -> Iterator[NostrEvent]:
        """New posts of an author and responses to them, at random moments of a stretch."""
        post = self.post(author, self._chance.randrange(start, end))
        for number in range(count):
            yield post if number == 0 else self.engagement(author, post, self._chance.randrange(start, end))

    def _moment(self, now: int) -> int:
        lengths, weights = zip(*_SPANS, strict=True)
        [length] = self._chance.choices(lengths, weights)
        return now - 1 - int(length * self._chance.random())


def relay_of(event: NostrEvent) -> str:
    """The relay that an event came from."""
    return _RELAYS[int(event.id[0], 16) % len(_RELAYS)]


def facts_of(events: Iterator[NostrEvent]) -> list[tuple[Fact, str | None]]:
    """Events as the store takes them."""
    return [(fact_of(event), relay_of(event)) for event in events]


async def load_small(store: EventStore, seed: int, now: datetime) -> tuple[str, tuple[datetime, datetime]]:
    """Put the sample into the store; returns the target that has everything, and a window of whole hours that is over."""
    crowd, present = Crowd(seed), int(now.timestamp())
    await store.ingest(facts_of(crowd.history(present)), patient=True)
    await store.fold()
    whole = present // HOUR * HOUR
    start, end = (datetime.fromtimestamp(whole - hours * HOUR, UTC) for hours in (48, 4))
    return crowd.authors[0].public, (start, end)
