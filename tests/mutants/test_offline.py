"""Mutants over recorded evidence, and the gates of the matrix."""

from collections.abc import Iterable
from typing import Any

import orjson
import pytest
from assay_conformance.check import Check
from assay_conformance.evidence import Evidence, Exchange, FeedSession, Frame, Provenance, Record, Request, Response
from assay_contracts import Contract, load_contract
from assay_mutants.matrix import build_matrix, plain
from assay_mutants.matrix_report import markdown
from assay_mutants.model import FeedMutant, HttpMutant, State
from assay_mutants.offline import Bench, mutate, try_offline
from assay_mutants.outcomes import Fate, Kill, Trial

CONTRACT = load_contract("reliability@1.0.0")
HEADERS = (("content-type", "application/json"), ("x-correlation-id", "req-00000001"), ("cache-control", "no-store"))
PAGE = {
    "schemaVersion": "1.0.0",
    "items": [
        {
            "eventId": "evt-1",
            "eventTime": "2026-11-01T09:30:00Z",
            "component": "credit_check",
            "errorClass": "timeout",
            "tenantId": "tenant-a",
            "correlationId": "req-1",
        }
    ],
    "page": {"cursor": None, "hasMore": False, "pageSize": 50},
}


def evidence(*records: Record) -> Evidence:
    """Records as a run leaves them, without a frozen requirement set: everything is scored."""
    provenance = Provenance("reliability@1.0.0", CONTRACT.digest, "", "", "0", {}, "2026-11-21T00:00:00Z")
    return Evidence(provenance, records)


def exchange(id: str, body: Any = PAGE, status: int = 200) -> Exchange:
    """One page of failures."""
    answer = Response(status, HEADERS, orjson.dumps(body).decode())
    return Exchange(
        id=id,
        subject="listFailures",
        purpose="a page",
        request=Request("GET", "/v1/analytics/failures"),
        response=answer,
        expected="accepted",
    )


def session(*texts: str, close_code: int | None = None) -> FeedSession:
    """One session with these frames of the server."""
    frames = tuple(Frame(float(index), text) for index, text in enumerate(texts))
    ended = "client" if close_code is None else "server"
    request = Request("GET", "/v1/realtime/incident-feed")
    return FeedSession(
        id="s1",
        subject="incidentFeed",
        purpose="a session",
        request=request,
        handshake=101,
        frames=frames,
        close_code=close_code,
        ended_by=ended,
    )


def empty_items(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The body without its schema version."""
    return Response(200, HEADERS, '{"items":[]}')


def same(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Nothing at all."""
    return exchange.answer


def lost(frame: Frame, contract: Contract, state: State) -> Iterable[Frame]:
    """Every second frame is lost."""
    state["count"] = state.get("count", 0) + 1
    return () if state["count"] % 2 == 0 else (frame,)


BROKEN = HttpMutant("pages-have-no-version", "listFailures", frozenset({"OP-001"}), empty_items)
HARMLESS = HttpMutant("nothing-is-wrong", "*", frozenset({"OP-001"}), same)


def test_a_mutant_changes_the_answers_of_its_subject_only() -> None:
    """What another operation answered stays as it was."""
    other = HttpMutant("another", "getFunnelMetrics", frozenset({"OP-001"}), empty_items)
    clean = evidence(exchange("x1"), exchange("x2"))

    assert mutate(other, CONTRACT, clean) == ({}, 0)
    changed, fires = mutate(BROKEN, CONTRACT, clean)
    assert (sorted(changed), fires) == (["x1", "x2"], 2)


def test_a_failed_exchange_is_left_alone() -> None:
    """Where no answer came there is nothing to be wrong in."""
    clean = exchange("x1")
    unanswered = Exchange(id="x2", subject=clean.subject, purpose="", request=clean.request, response=None, failure="refused")

    assert mutate(BROKEN, CONTRACT, evidence(unanswered)) == ({}, 0)


def test_a_killed_mutant_names_the_check_that_killed_it() -> None:
    """The body check of the operation's clause alone is enough for a body that breaks the schema."""
    trial = Bench(CONTRACT, evidence(exchange("x1"))).trial(BROKEN)

    assert trial.fate(BROKEN.breaks) is Fate.KILLED
    assert "OP-001" in {kill.clause for kill in trial.kills}


def test_a_clause_that_fails_without_the_mutant_kills_nothing() -> None:
    """Evidence that is not clean gives no credit to the clause that fails in it."""
    bench = Bench(CONTRACT, evidence(exchange("x1"), exchange("x2", {"items": 7})))

    assert ("OP-001", "listFailures") in bench.unclean
    assert "OP-001" not in {kill.clause for kill in bench.trial(BROKEN).kills}


def test_a_mutant_that_changes_nothing_never_fired() -> None:
    """Being on trial is not yet being wrong."""
    trial = Bench(CONTRACT, evidence(exchange("x1"))).trial(HARMLESS)

    assert trial.fate(HARMLESS.breaks) is Fate.UNFIRED


def test_a_feed_mutant_remembers_within_one_session() -> None:
    """The memory of a feed mutant begins anew with each session."""
    mutant = FeedMutant("frames-are-lost", "*", frozenset({"STR-002"}), lost)
    changed, fires = mutate(mutant, CONTRACT, evidence(session("{}", "{}", "{}", "{}")))
    mutated = changed["s1"]

    assert isinstance(mutated, FeedSession)
    assert (len(mutated.frames), fires) == (2, 2)


@pytest.mark.parametrize(("instead", "ended"), [(1000, "server"), (None, "client")])
def test_a_feed_mutant_changes_the_close_code(instead: int | None, ended: str) -> None:
    """A close code is exchanged, or withheld: then the client has to end the session."""
    mutant = FeedMutant(
        "closes-otherwise", "*", frozenset({"STR-009"}), lambda frame, contract, state: (frame,), lambda code, contract, state: instead
    )
    mutated = mutate(mutant, CONTRACT, evidence(session(close_code=4401)))[0]["s1"]

    assert isinstance(mutated, FeedSession)
    assert (mutated.close_code, mutated.ended_by) == (instead, ended)


def test_trials_in_two_processes_come_to_the_same() -> None:
    """The work is shared without a difference to its result."""
    from assay_mutants.roster import all_mutants

    clean = evidence(exchange("x1"), exchange("x2"))
    mutants = [mutant for mutant in all_mutants(CONTRACT) if mutant.subject == "listFailures"][:60]

    assert try_offline(CONTRACT, clean, mutants, workers=2) == try_offline(CONTRACT, clean, mutants, workers=1)


def check_of(clause: str, kills: set[str]) -> Check:
    """A check that says what it kills."""

    def a_check(record: Exchange) -> None:
        """Nothing."""

    return Check(clause, a_check, Exchange, frozenset(kills))


def problems(trial: Trial, check: Check, mutant: HttpMutant = BROKEN) -> list[str]:
    """The problems of a matrix of one mutant, without those of the clauses that it has nothing to do with."""
    lines = build_matrix(CONTRACT, [mutant], [trial], [check]).problems
    return [line for line in lines if "kills no mutant" not in line or line.startswith("OP-001")]


def test_a_matrix_holds_when_every_word_is_kept() -> None:
    """A mutant that its check kills, under the clause that it claims to break, leaves nothing to complain about."""
    trial = Trial(BROKEN.id, "offline", 1, (Kill("OP-001", "a_check", "listFailures"),))

    assert problems(trial, check_of("OP-001", {BROKEN.id})) == []


@pytest.mark.parametrize(
    ("trial", "kills", "expected"),
    [
        (Trial(BROKEN.id, "offline", 3), set[str](), "survived (3 times wrong)"),
        (Trial(BROKEN.id, "offline", 3, (Kill("COR-001", "other", "listFailures"),)), set[str](), "was killed by COR-001 only"),
        (Trial(BROKEN.id, "offline", 0), {BROKEN.id}, "which never fired"),
        (Trial(BROKEN.id, "offline", 1, (Kill("OP-001", "other", "listFailures"),)), {BROKEN.id}, "does not make it fail"),
        (Trial(BROKEN.id, "offline", 1), {"nobody"}, "which does not exist"),
        (Trial(BROKEN.id, "offline", 1, (), ("OP-001 a_check: KeyError: 'x'",)), set[str](), "a check crashed instead of failing"),
        (Trial(BROKEN.id, "offline", 0), set[str](), "OP-001: kills no mutant"),
    ],
)
def test_a_matrix_says_what_does_not_hold(trial: Trial, kills: set[str], expected: str) -> None:
    """Each gate that fails is one line that names the mutant, the check or the clause."""
    found = problems(trial, check_of("OP-001", kills))

    assert any(expected in line for line in found), found


def test_a_kill_in_one_way_is_a_kill() -> None:
    """A mutant that offline evidence cannot show may be killed live."""
    trials = [Trial(BROKEN.id, "offline", 1), Trial(BROKEN.id, "live", 2, (Kill("OP-001", "a_check", "listFailures"),))]
    matrix = build_matrix(CONTRACT, [BROKEN], trials, [check_of("OP-001", {BROKEN.id})])

    assert (matrix.entries[0].fate, matrix.entries[0].ways, matrix.entries[0].fires) == (Fate.KILLED, ("live",), 3)


def test_the_matrix_is_published_whole() -> None:
    """The page and the JSON name every mutant and every clause."""
    trial = Trial(BROKEN.id, "offline", 1, (Kill("OP-001", "a_check", "listFailures"),))
    matrix = build_matrix(CONTRACT, [BROKEN], [trial], [])
    page, data = markdown(matrix), plain(matrix)

    assert BROKEN.id in page
    assert all(clause.id in page for clause in CONTRACT.clauses())
    assert data["mutants"][0]["killers"] == ["OP-001"]
    assert set(data["clauses"]) == {clause.id for clause in CONTRACT.clauses()}
