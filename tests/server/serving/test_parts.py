"""The small parts by themselves."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import jwt
import pytest
from assay_server.feed.frames import framed
from assay_server.http import auth, limits
from assay_server.http.auth import BadToken, Minter, Verifier
from assay_server.http.caching import OVERHEAD_BYTES, Answer, AnswerCache, is_current
from assay_server.http.correlation import trace_id
from assay_server.http.cursors import BadCursor, Cursors
from assay_server.http.errors import Refusal
from assay_server.http.limits import Limiter
from assay_server.settings import RateTerms, TokenTerms

TERMS = TokenTerms(key=b"0123456789abcdef0123456789abcdef")
CLAIMS = {"iss": TERMS.issuer, "aud": TERMS.audience, "exp": 4102444800, "scope": "analytics:read", "tenants": ["tenant-a"]}


def signed(**changes: object) -> str:
    """A token whose claims differ in one thing; None leaves one out."""
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.encode(claims, TERMS.key, algorithm="HS256")


def test_a_good_token_is_believed() -> None:
    """Its tenants and scopes are those it names."""
    grant = Verifier(TERMS).read([f"Bearer {signed()}"])

    assert (grant.covers("tenant-a"), grant.covers("tenant-b"), grant.scopes) == (True, False, frozenset({"analytics:read"}))
    assert Verifier(TERMS).read([f"bearer {signed(tenants=['*'])}"]).covers("anybody")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "x"},
        {"aud": "x"},
        {"exp": 1},
        {"exp": None},
        {"iss": None},
        {"aud": None},
        {"tenants": None},
        {"tenants": "*"},
        {"scope": 7},
    ],
)
def test_a_token_that_lacks_something_is_not(changes: dict[str, object]) -> None:
    """Issuer, audience, expiry and tenants are needed."""
    with pytest.raises(BadToken):
        Verifier(TERMS).read([f"Bearer {signed(**changes)}"])


def test_tokens_without_a_subject_are_subjects_of_their_own() -> None:
    """Whoever is not named shares no job, key or quota with others who are not, and stays the same from request to request."""
    subjects = [
        Verifier(TERMS).read([f"Bearer {signed(**claims)}"]).subject for claims in ({}, {}, {"jti": "2"}, {"sub": ""}, {"sub": "anna"})
    ]

    assert subjects[0] == subjects[1]
    assert len(set(subjects)) == 4
    assert subjects[4] == "anna"


def test_a_token_cannot_choose_its_algorithm() -> None:
    """Neither none, nor another hash, nor another key."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    tokens = [
        f"{part({'alg': 'none'})}.{part(CLAIMS)}.",
        jwt.encode(CLAIMS, b"x" * 64, algorithm="HS256"),
        jwt.encode(CLAIMS, TERMS.key * 2, algorithm="HS512"),
        "a.b.c",
        "",
        "\udcff",
    ]
    for token in tokens:
        with pytest.raises(BadToken):
            Verifier(TERMS).read([f"Bearer {token}"])
    with pytest.raises(BadToken):
        Verifier(TERMS).read([f"Bearer {signed()}"] * 2)


def test_a_remembered_token_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verified once, refused once its time is over."""
    verifier, token = Verifier(TERMS), Minter(TERMS).mint("x", ["a"], [], seconds=60)
    verifier.read([f"Bearer {token}"])
    later = time.time() + 61
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: later))

    with pytest.raises(BadToken):
        verifier.read([f"Bearer {token}"])


def test_a_cursor_grows_old() -> None:
    """A walk has an end, however it is cut."""
    position = (datetime(2026, 11, 1, tzinfo=UTC), "timeout", "evt-1")
    cursors: Cursors[tuple[datetime, str, str]] = Cursors(b"key", 60, tuple[datetime, str, str])

    assert cursors.open(cursors.issue(position, ("a",), time.time()), ("a",))[0] == position
    with pytest.raises(BadCursor):
        cursors.open(cursors.issue(position, ("a",), time.time() - 61), ("a",))
    with pytest.raises(BadCursor):
        cursors.open(cursors.issue(position, ("a", "b"), time.time()), ("ab",))


def test_a_bucket_runs_dry_and_fills(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request hears what is left; the refusal names the quota and when to come back."""
    now = 100.0
    monkeypatch.setattr(limits, "time", SimpleNamespace(monotonic=lambda: now))
    limiter = Limiter(RateTerms(2, 1))
    stated = [limiter.take("one")["RateLimit"] for _ in range(2)]
    with pytest.raises(Refusal) as refused:
        limiter.take("one")
    limiter.take("two")
    now += 0.4
    with pytest.raises(Refusal):
        limiter.take("one")
    now += 0.1
    limiter.take("one")

    assert stated == ['"default";r=1;t=1', '"default";r=0;t=1']
    assert refused.value.headers == {"Retry-After": "1", "RateLimit-Policy": '"default";q=2;w=1', "RateLimit": '"default";r=0;t=1'}


async def test_an_answer_is_computed_once_at_a_time() -> None:
    """However many ask, and again for another version of the data."""
    computed = 0

    async def compute() -> Answer:
        nonlocal computed
        computed += 1
        await asyncio.sleep(0.01)
        return Answer(b"{}", 'W/"1"')

    cache = AnswerCache(60, 4096)
    await asyncio.gather(*(cache.get("question", 1, compute) for _ in range(50)))
    await cache.get("question", 1, compute)
    await cache.get("question", 2, compute)

    assert computed == 2


async def test_what_is_kept_is_bounded_by_its_bytes() -> None:
    """The oldest answers go first; one that is too large for the cache is not kept."""
    cache = AnswerCache(60, 3 * (OVERHEAD_BYTES + 100))

    async def keep(question: str, size: int) -> None:
        async def compute() -> Answer:
            return Answer(b"x" * size, 'W/"1"')

        await cache.get(question, 1, compute)

    for question in ("a", "b", "c", "d"):
        await keep(question, 100)
    small = [question for question in "abcd" if cache.fresh(question, 1) is not None]
    await keep("e", 100_000)

    assert small == ["b", "c", "d"]
    assert [question for question in "abcde" if cache.fresh(question, 1) is not None] == small


async def test_a_failure_is_not_kept() -> None:
    """Who asks next asks anew."""

    async def fail() -> Answer:
        raise LookupError

    async def compute() -> Answer:
        return Answer(b"{}", 'W/"1"')

    cache = AnswerCache(60, 4096)
    with pytest.raises(LookupError):
        await cache.get("question", 1, fail)

    assert (await cache.get("question", 1, compute)).body == b"{}"


@pytest.mark.parametrize(
    ("given", "current"),
    [('W/"a"', True), ('"a"', True), ('"b", W/"a"', True), ("*", True), ('"b"', False), ('"a,b"', False), (None, False)],
)
def test_tags_are_compared_weakly(given: str | None, current: bool) -> None:
    """Lists and `*` included."""
    assert is_current(given, 'W/"a"') is current


@pytest.mark.parametrize(
    ("given", "trace"),
    [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c"),
        ("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", "0af7651916cd43dd8448eb211c80319c"),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", None),
        ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", None),
        ("00-00000000000000000000000000000000-b7ad6b7169203331-01", None),
        ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", None),
        ("nonsense", None),
        (None, None),
    ],
)
def test_a_broken_trace_is_no_trace(given: str | None, trace: str | None) -> None:
    """As W3C Trace Context has it."""
    assert trace_id(given) == trace


@pytest.mark.parametrize(
    ("length", "head"), [(5, b"\x81\x05"), (126, b"\x81\x7e\x00\x7e"), (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00")]
)
def test_a_frame_has_the_length_of_its_text(length: int, head: bytes) -> None:
    """In one, two or eight bytes."""
    assert framed(b"x" * length) == head + b"x" * length


def test_a_tenant_and_a_route_have_limits_of_their_own() -> None:
    """A request that one of them refuses takes nothing from the others; the headers are those of the tightest."""
    limiter = Limiter(RateTerms(100, 3600, tenant_quota=3, route_quota=2))
    assert limiter.take("ann", "a", "list")["RateLimit"].startswith('"route";r=1;')
    limiter.take("ann", "a", "list")
    with pytest.raises(Refusal) as refused:
        limiter.take("ann", "a", "list")
    assert refused.value.headers["RateLimit-Policy"] == '"route";q=2;w=3600'
    assert limiter.take("ann", "a", "get")["RateLimit"].startswith('"tenant";r=0;')
    with pytest.raises(Refusal, match="too many requests"):
        limiter.take("bob", "a", "get")
    assert limiter.take("bob", "b", "get")["RateLimit-Policy"] == '"route";q=2;w=3600'


async def test_an_answer_that_took_long_is_not_late_when_there_is_no_older_one() -> None:
    """It has every fact; the next one that takes long is answered with it, and is late."""
    cache = AnswerCache(0, 1 << 20)

    async def slowly() -> Answer:
        await asyncio.sleep(0.1)
        return Answer(b"new", "tag")

    assert await cache.prompt("question", 1, slowly, patience=0.01, slow=False) == (Answer(b"new", "tag"), False)
    assert await cache.prompt("question", 2, slowly, patience=0.01, slow=False) == (Answer(b"new", "tag"), True)
