"""The check of a contract's own clauses: an expression over the responses that it names."""

from __future__ import annotations

import itertools
import subprocess
import sys
from typing import Any

import pytest
from assay_conformance.evidence import ClauseResponses, Exchange
from assay_conformance.own_clauses import ExpressionMalformed, evaluate, own_clauses
from assay_contracts import Contract, load_contract, parse_bundle

from .by_hand import OPENAPI, VISITS, exchange, verdict

_IDS = itertools.count(1)


def library(holds: str) -> Contract:
    """The library with one clause of its own."""
    clause: dict[str, Any] = {
        "id": "LIB-001",
        "level": "MUST",
        "sentence": "A day has as many visits as its halves.",
        "subjects": [VISITS],
        "requests": {"day": {"operation": VISITS}, "half": {"operation": VISITS}},
        "holds": holds,
    }
    return parse_bundle({**OPENAPI, "x-clauses": [clause]})


def responses(day: Exchange, half: Exchange, again: tuple[Exchange, ...] = ()) -> ClauseResponses:
    """What the clause asks for."""
    return ClauseResponses(
        id=f"o{next(_IDS)}",
        subject=VISITS,
        purpose="by hand",
        clause="LIB-001",
        names=("day", "half"),
        first=(day, half),
        again=again or (day, half),
        tenants=(("primary", "north"),),
    )


def visits(number: int, **headers: str) -> Exchange:
    """So many visits."""
    return exchange(VISITS, body={"visits": number, "doors": [number, 1]}, headers=headers)


TWICE = "day.visits = 2 * half.visits"


@pytest.mark.parametrize(
    ("holds", "found", "expected"),
    [
        (TWICE, responses(visits(8), visits(4)), "PASS"),
        (TWICE, responses(visits(9), visits(4)), "FAIL"),
        (TWICE, responses(visits(9), visits(4), (visits(9), visits(4))), "FAIL"),
        (TWICE, responses(visits(9), visits(4), (visits(10), visits(5))), "PASS"),
        (TWICE, responses(exchange(VISITS, 503), visits(4)), "FAIL"),
        ("$sum(day.doors) = 9", responses(visits(8), visits(4)), "PASS"),
        ("day.visits", responses(visits(8), visits(4)), "FAIL"),
        ("day.nothing", responses(visits(8), visits(4)), "FAIL"),
        ('$headers.day.etag = "x" and $tenants.primary = "north"', responses(visits(8, etag="x"), visits(4)), "PASS"),
        ('$dates.day = "2026-11-30T10:00:00Z"', responses(visits(1, date="Mon, 30 Nov 2026 10:00:00 GMT"), visits(1)), "PASS"),
        ("day.visits = ", responses(visits(8), visits(4)), "INCONCLUSIVE"),
        ('day.visits + "x" = 3', responses(visits(8), visits(4)), "INCONCLUSIVE"),
        ('$contains("a", /a{2,1}/)', responses(visits(8), visits(4)), "INCONCLUSIVE"),
        ('$fromMillis(0, "[Y") = "1970"', responses(visits(8), visits(4)), "INCONCLUSIVE"),
        ("function($x){$x}", responses(visits(8), visits(4)), "INCONCLUSIVE"),
        ("[$sum]", responses(visits(8), visits(4)), "INCONCLUSIVE"),
    ],
)
def test_the_clause_holds_when_its_expression_is_true(holds: str, found: ClauseResponses, expected: str) -> None:
    """True and nothing else; numbers that moved between two responses are read once more."""
    assert verdict("LIB-001", VISITS, found, contract=library(holds)) == expected


@pytest.mark.parametrize("expression", ["1 + 1", "1 +", '1 + "x"'])
def test_an_evaluation_leaves_the_recursion_limit_as_it_was(expression: str) -> None:
    """The limit of the process is its caller's, whether the expression has a value or none, and at the import of the interpreter too."""
    program = "\n".join((
        "import contextlib, sys",
        "from assay_conformance.own_clauses import ExpressionMalformed, evaluate",
        "sys.setrecursionlimit(1234)",
        f"with contextlib.suppress(ExpressionMalformed): evaluate({expression!r}, {{}}, {{}})",
        "print(sys.getrecursionlimit())",
    ))  # fmt: skip
    limit = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60).stdout

    assert limit == "1234\n"


def test_an_expression_that_never_ends_is_ended() -> None:
    """A contract is somebody else's document."""
    with pytest.raises(ExpressionMalformed):
        evaluate("($again := function($n) { $again($n + 1) + 1 }; $again(0))", {}, {})


def months(first: int, count: int) -> list[dict[str, Any]]:
    """Months of the worked examples: so many from this one on."""
    return [
        {
            "period": f"{2024 + (11 + place) // 12}-{(11 + place) % 12 + 1:02}",
            "recognized": 100_000 + 1000 * place,
            "booked": 110_000 + 1500 * place,
            "backlog": 300_000 + 2500 * place,
        }
        for place in range(first, first + count)
    ]


FIGURES: list[dict[str, Any]] = [
    {"key": "revenue", "unit": "£", "delta": 0.052402, "direction": "up"},
    {"key": "backlog", "unit": "£", "delta": 0.043796, "direction": "up"},
    {"key": "gm", "unit": "ratio"},
]
QUARTERS: list[dict[str, Any]] = [
    {"period": "2025-Q4", "recognized": 112_000, "booked": 128_000, "backlog": 330_000},
    {"period": "2026-Q1", "recognized": 342_000, "booked": 393_000, "backlog": 337_500},
    {"period": "2026-Q2", "recognized": 351_000, "booked": 406_500, "backlog": 345_000},
    {"period": "2026-Q3", "recognized": 360_000, "booked": 420_000, "backlog": 352_500},
    {"period": "2026-Q4", "recognized": 245_000, "booked": 287_500, "backlog": 357_500},
]
GATES: list[dict[str, Any]] = [
    {"metric": "ttfb_ms", "samples": 412, "p95": 280, "target": 300, "verdict": "pass"},
    {"metric": "render_total_ms", "samples": 412, "p95": 1040, "target": 1000, "verdict": "fail"},
    {"metric": "switch_latency_ms", "samples": 0, "target": 200, "verdict": "unknown"},
    {"metric": "alerts_poll_interval_ms", "samples": 200, "p95": 34_475, "target": 30_000, "tolerance": 5000, "verdict": "pass"},
    {"metric": "drilldown_clicks", "samples": 40, "p95": 3, "target": 2, "verdict": "fail"},
]


def bodies() -> dict[str, Any]:
    """Right responses of the executive contract, by the names that its clauses use."""
    return {
        "short": {"revenueTrend": months(18, 6), "executiveKpis": [dict(item) for item in FIGURES]},
        "long": {"revenueTrend": months(12, 12), "executiveKpis": [dict(item) for item in FIGURES]},
        "months": {"revenueTrend": months(12, 12)},
        "quarters": {"revenueTrend": [dict(item) for item in QUARTERS]},
        "usual": {"min_samples": 30, "gates": [dict(item) for item in GATES]},
        "strict": {"min_samples": 100_000, "gates": [item | {"verdict": "unknown"} for item in GATES]},
        "loose": {"min_samples": 1, "gates": [dict(item) for item in GATES]},
    }


EXECUTIVE = {clause.id: clause.holds for clause in own_clauses(load_contract("executive@1.1.0"))}
DATES = {"dates": {"long": "2026-11-30T10:00:00Z"}}


@pytest.mark.parametrize("clause", sorted(EXECUTIVE))
def test_the_worked_examples_keep_the_clauses_of_the_executive_contract(clause: str) -> None:
    """The figures of the examples, worked out by hand."""
    assert evaluate(EXECUTIVE[clause], bodies(), DATES) is True


@pytest.mark.parametrize(
    ("clause", "body", "place", "value"),
    [
        ("EXE-005", "long", ("revenueTrend", 11, "period"), "2026-12"),
        ("EXE-005", "long", ("revenueTrend", 3, "period"), "2026-04"),
        ("EXE-005", "short", ("revenueTrend", 0, "booked"), 1),
        ("EXE-006", "quarters", ("revenueTrend", 1, "recognized"), 342_001),
        ("EXE-006", "quarters", ("revenueTrend", 2, "backlog"), 342_500),
        ("EXE-006", "quarters", ("revenueTrend", 0, "period"), "2025-Q3"),
        ("EXE-007", "short", ("executiveKpis", 0, "delta"), 0.0525),
        ("EXE-007", "short", ("executiveKpis", 1, "delta"), 0.091603),
        ("EXE-007", "short", ("executiveKpis", 2, "delta"), 0.1),
        ("EXE-009", "long", ("executiveKpis", 0, "unit"), "ratio"),
        ("EXE-009", "short", ("executiveKpis", 0, "direction"), "down"),
        ("EXE-009", "short", ("executiveKpis", 2, "direction"), "flat"),
        ("EXE-011", "usual", ("gates", 3, "verdict"), "fail"),
        ("EXE-011", "strict", ("gates", 0, "verdict"), "pass"),
        ("EXE-011", "loose", ("gates", 2, "verdict"), "fail"),
        ("EXE-011", "usual", ("gates", 2, "p95"), 0),
    ],
)
def test_one_wrong_value_breaks_its_clause(clause: str, body: str, place: tuple[str | int, ...], value: object) -> None:
    """Each in its own way."""
    wrong = bodies()
    holder: Any = wrong[body]
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value

    assert evaluate(EXECUTIVE[clause], wrong, DATES) is not True


RANKED = {clause.id: clause.holds for clause in own_clauses(load_contract("reliability@1.1.0"))}["RAN-001"]
ROLES = {"tenants": {"primary": "own", "other": "theirs", "empty": "bare"}}


@pytest.mark.parametrize(
    ("ranked", "more", "expected"),
    [
        (["own"], False, True),
        (["further-1", "own", "further-2"], False, True),
        (["further-1", "further-2"], True, True),
        (["further-1", "further-2"], False, False),
        ([], False, False),
        (["own", "theirs"], False, False),
        (["own", "bare"], False, False),
        (["theirs"], True, False),
        (["own", "own"], False, False),
        (["own", "further-1", "further-1"], False, False),
    ],
)
def test_of_the_tenants_that_a_run_knows_its_own_is_ranked(ranked: list[str], *, more: bool, expected: bool) -> None:
    """A token may cover others, of which the run knows nothing, and more than a page has."""
    page = {"items": [{"tenantId": tenant} for tenant in ranked], "page": {"hasMore": more}}

    assert evaluate(RANKED, {"ranking": page}, ROLES) is expected
