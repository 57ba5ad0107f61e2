"""The checks of the channel of a job, on sessions written by hand."""

from __future__ import annotations

import itertools
from typing import Any

import orjson
import pytest
from assay_conformance.evidence import Exchange, FeedSession, Frame, ProgressKnock, ProgressRun, Request, Response

from tests.conformance.drivers.lighthouse import lighthouse

from .by_hand import verdict

CONTRACT, GLOW = lighthouse(), "glow"
_IDS = itertools.count(1)


def glow(state: str, done: int, at: float = 0.1) -> Frame:
    """A state of the lamp."""
    return Frame(at, orjson.dumps({"kind": "glow", "state": state, "done": done}).decode())


def beat(at: float) -> Frame:
    """A heartbeat."""
    return Frame(at, '{"kind": "beat"}')


def session(*frames: Frame, code: int | None = 1000, handshake: int = 101) -> FeedSession:
    """A session that the server ended with a code, or that the client ended."""
    ended_by = "client" if code is None else "server"
    return FeedSession(
        id=f"p{next(_IDS)}",
        subject=GLOW,
        purpose="by hand",
        request=Request("GET", "/lamps/7/glow"),
        handshake=handshake,
        frames=frames,
        close_code=code,
        ended_by=ended_by,
        closed=frames[-1].at if frames else 0.0,
    )


def run(followed: FeedSession, *reads: tuple[int, str, int]) -> ProgressRun:
    """A job followed; each read is how many messages were seen, and the state over HTTP."""
    exchanges: list[Exchange] = []
    for _, state, done in reads:
        body = orjson.dumps({"lamp": "7", "state": state, "done": done}).decode()
        response = Response(200, (("content-type", "application/json"),), body)
        exchanges.append(
            Exchange(id=f"p{next(_IDS)}", subject="look", purpose="by hand", request=Request("GET", "/lamps/7"), response=response)
        )
    return ProgressRun(
        id=f"p{next(_IDS)}",
        subject=GLOW,
        purpose="by hand",
        session=followed,
        reads=tuple(exchanges),
        seen=tuple(seen for seen, _, _ in reads),
    )


def knock(when: str, refused: FeedSession, *, foreign: bool = False) -> ProgressKnock:
    """A session that must be refused."""
    return ProgressKnock(id=f"p{next(_IDS)}", subject=GLOW, purpose="by hand", session=refused, when=when, foreign=foreign)


WARM, LIT = glow("warm", 40), glow("lit", 100, 0.5)


@pytest.mark.parametrize(
    ("clause", "item", "expected"),
    [
        ("PRO-001", run(session(WARM, LIT)), "PASS"),
        ("PRO-001", run(session(beat(0.1), WARM, LIT)), "FAIL"),
        ("PRO-001", run(session(WARM)), "FAIL"),
        ("PRO-001", run(session(WARM, code=None)), "INCONCLUSIVE"),
        ("PRO-001", run(session(handshake=404)), "FAIL"),
        ("PRO-001", run(session(handshake=0)), "INCONCLUSIVE"),
        ("PRO-002", run(session(WARM, LIT)), "PASS"),
        ("PRO-002", run(session(WARM, glow("warm", 39), LIT)), "FAIL"),
        ("PRO-002", run(session(glow("warm", 101))), "FAIL"),
        ("PRO-003", run(session(WARM, LIT)), "PASS"),
        ("PRO-003", run(session(WARM, LIT, code=1001)), "FAIL"),
        ("PRO-003", run(session(WARM, LIT, code=None)), "FAIL"),
        ("PRO-003", run(session(LIT, beat(0.6))), "FAIL"),
        ("PRO-003", run(session(WARM)), "INCONCLUSIVE"),
        ("PRO-004", run(session(WARM, LIT), (1, "warm", 40), (2, "lit", 100)), "PASS"),
        ("PRO-004", run(session(WARM, LIT), (1, "lit", 100)), "PASS"),
        ("PRO-004", run(session(WARM, LIT), (1, "dark", 0)), "FAIL"),
        ("PRO-004", run(session(WARM, LIT), (1, "warm", 39)), "FAIL"),
        ("PRO-004", run(session(WARM, LIT)), "INCONCLUSIVE"),
        ("PRO-005", knock("unauthenticated", session(code=4401)), "PASS"),
        ("PRO-005", knock("unauthenticated", session(code=4404)), "FAIL"),
        ("PRO-005", knock("unauthenticated", session(code=None)), "FAIL"),
        ("PRO-005", knock("unauthenticated", session(WARM, code=4401)), "FAIL"),
        ("PRO-005", knock("not-found", session(code=4404)), "INCONCLUSIVE"),
        ("PRO-007", run(session(WARM, beat(0.9), beat(1.8), glow("lit", 100, 2.6))), "PASS"),
        ("PRO-007", run(session(WARM, beat(0.9), glow("lit", 100, 4.0))), "FAIL"),
        ("PRO-007", run(session(WARM, glow("lit", 100, 0.9))), "INCONCLUSIVE"),
        ("PRO-009", knock("version-not-served", session(code=4406)), "PASS"),
        ("PRO-009", knock("version-not-served", session(WARM, LIT)), "FAIL"),
    ],
)
def test_a_session_of_the_channel(clause: str, item: Any, expected: str) -> None:
    """Right ones pass, wrong ones fail, and what says nothing shows nothing."""
    assert verdict(clause, GLOW, item, contract=CONTRACT) == expected


@pytest.mark.parametrize(
    ("foreign", "unknown", "expected"),
    [(4404, 4404, "PASS"), (4403, 4404, "FAIL"), (4404, 4401, "FAIL"), (None, 4404, "FAIL")],
)
def test_a_job_of_somebody_else_is_as_one_that_does_not_exist(foreign: int | None, unknown: int, expected: str) -> None:
    """Both are closed with one code."""
    items = (knock("not-found", session(code=foreign), foreign=True), knock("not-found", session(code=unknown)))

    assert verdict("PRO-008", GLOW, *items, contract=CONTRACT) == expected


def test_one_of_both_shows_nothing() -> None:
    """Somebody else is needed."""
    assert verdict("PRO-008", GLOW, knock("not-found", session(code=4404)), contract=CONTRACT) == "INCONCLUSIVE"
