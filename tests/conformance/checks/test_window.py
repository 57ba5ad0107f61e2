"""The checks of windows, on split windows written by hand."""

from __future__ import annotations

import pytest
from assay_conformance.evidence import Exchange, Record, Series, Twice

from .by_hand import VISITS, error, exchange, library_with, refusal, split, verdict

REFUSED = [refusal(f"window/{name}", error("BAD_SPAN", 400, subject=VISITS), "BAD_SPAN") for name in ("empty", "reversed")]


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("WIN-001", VISITS, [split(7, 3, 4)], "PASS"),
        ("WIN-001", VISITS, [split(7, 3, 3)], "FAIL"),
        ("WIN-001", VISITS, [split(7, 4, 4)], "FAIL"),
        ("WIN-001", VISITS, [split(7, 7, 0)], "INCONCLUSIVE"),
        ("WIN-004", VISITS, REFUSED, "PASS"),
        ("WIN-004", VISITS, REFUSED[:1], "INCONCLUSIVE"),
        ("WIN-004", VISITS, [refusal("window/empty", exchange(VISITS, body={"visits": 0}), "BAD_SPAN")], "FAIL"),
    ],
)
def test_a_window_is_judged_by_its_parts(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """Parts that lose or double a fact fail; facts in one part alone show nothing, and each wrong window must be tried."""
    assert verdict(clause, subject, *records) == expected


ROLLING = {"parameter": "last", "default": "day", "spans": {"day": "P1D", "ever": None}}
WINDOW = {
    "from": "from",
    "to": "to",
    "type": "date-time",
    "additive": ["/visits"],
    "invalid": "BAD_SPAN",
    "echo": {"from": "/from", "to": "/to"},
}
NOW = "2026-11-02T00:00:10Z"


def rolled(start: str, end: str, *, date: str = "Mon, 02 Nov 2026 00:00:10 GMT", **query: str) -> Exchange:
    """The answer of a rolling window that states these edges."""
    return exchange(VISITS, body={"visits": 1, "from": start, "to": end}, query=query, headers={"date": date})


@pytest.mark.parametrize(
    ("clause", "answer", "expected"),
    [
        ("WIN-014", rolled("2026-11-01T00:00:10Z", NOW), "PASS"),
        ("WIN-014", rolled("2026-10-31T23:59:41Z", "2026-11-01T23:59:41Z"), "PASS"),
        ("WIN-014", rolled("2026-10-31T23:59:37Z", "2026-11-01T23:59:37Z"), "FAIL"),
        ("WIN-014", rolled("2026-11-01T00:00:14Z", "2026-11-02T00:00:14Z"), "FAIL"),
        ("WIN-014", rolled("2026-11-01T00:00:11Z", NOW), "FAIL"),
        ("WIN-014", rolled("2020-01-01T00:00:00Z", NOW, last="ever"), "PASS"),
        ("WIN-014", rolled("2026-10-01T00:00:00Z", NOW, **{"from": "2026-10-01T00:00:00Z", "to": NOW}), "INCONCLUSIVE"),
        ("WIN-011", rolled("2026-11-01T00:00:10Z", NOW), "PASS"),
        ("WIN-011", rolled("2026-10-31T23:59:41Z", "2026-11-01T23:59:41Z"), "FAIL"),
    ],
)  # fmt: skip
def test_a_rolling_window_ends_with_the_answer_or_while_it_may_be_kept(clause: str, answer: Exchange, expected: str) -> None:
    """It has its length; a window by its edges is no rolling one."""
    cache = {"store": "private", "maxAge": {"minimum": 10, "maximum": 30}, "etag": False}
    contract = library_with(VISITS, x_window={**WINDOW, "rolling": {**ROLLING, "atResponse": True}}, x_cache=cache)

    assert verdict(clause, VISITS, answer, contract=contract) == expected


BY_LENGTH = {
    "at": "/steps",
    "start": "begin",
    "byWindow": [{"upTo": "P2D", "step": "PT1H"}, {"step": "P1D"}],
    "additive": {"/visits": "/visits"},
}
LONG = library_with(VISITS, x_window={**WINDOW, "series": BY_LENGTH})


def series(until: str, *starts: str) -> Series:
    """A series from midnight of the first of November."""
    body = {"visits": 0, "steps": [{"begin": f"2026-11-{start}:00:00Z", "visits": 0} for start in starts]}
    answer = exchange(VISITS, body=body, query={"from": "2026-11-01T00:30:00Z", "to": until})
    return Series(id=f"series-{until}", subject=VISITS, purpose="by hand", step="", answer=answer)


HOURS, DAYS = series("2026-11-01T02:30:00Z", "01T00", "01T01", "01T02"), series("2026-11-03T12:00:00Z", "01T00", "02T00", "03T00")


@pytest.mark.parametrize(
    ("clause", "records", "expected"),
    [
        ("WIN-005", [HOURS, DAYS], "PASS"),
        ("WIN-005", [series("2026-11-01T02:30:00Z", "01T00", "01T02")], "FAIL"),
        ("WIN-013", [HOURS, DAYS], "PASS"),
        ("WIN-013", [HOURS], "INCONCLUSIVE"),
        ("WIN-013", [HOURS, series("2026-11-03T12:00:00Z", "01T00", "01T01")], "FAIL"),
    ],
)
def test_the_steps_of_a_series_follow_from_the_length_of_its_window(clause: str, records: list[Series], expected: str) -> None:
    """Hours up to two days, days for longer windows; both were seen."""
    assert verdict(clause, VISITS, *records, contract=LONG) == expected


@pytest.mark.parametrize(
    ("clause", "answer", "expected"),
    [
        ("WIN-003", rolled("2026-11-01T00:00:00Z", NOW), "INCONCLUSIVE"),
        ("WIN-003", rolled("2026-11-01T00:00:00Z", NOW, **{"from": "2026-11-01T00:00:00Z", "to": NOW}), "PASS"),
        ("WIN-003", rolled("2026-11-01T00:00:01Z", NOW, **{"from": "2026-11-01T00:00:00Z", "to": NOW}), "FAIL"),
        ("WIN-003", exchange(VISITS, 202, {"job": "1"}, query={"from": "2026-11-01T00:00:00Z", "to": NOW}), "INCONCLUSIVE"),
        ("WIN-006", exchange(VISITS, 202, {"job": "1"}), "INCONCLUSIVE"),
    ],
)
def test_an_answer_states_the_edges_that_were_requested(clause: str, answer: Exchange, expected: str) -> None:
    """A request without edges, and an answer that accepts the work for later, show nothing."""
    assert verdict(clause, VISITS, answer, contract=LONG) == expected


def twice(**changed: object) -> Twice:
    """A settled window asked for twice; the second answer has some properties changed."""
    body = {"visits": 3, "delta": "2026-11-01T00:00:30Z", "staleness": 30_400}
    pair = [exchange(VISITS, body=body | more, query={"from": "2026-10-01T00:00:00Z", "to": NOW}) for more in ({}, changed)]
    return Twice(id=f"twice-{changed}", subject=VISITS, purpose="by hand", first=pair[0], again=pair[1])


@pytest.mark.parametrize("additive", [{}, {"additive": ["/visits"]}])
def test_a_settled_window_may_grow_older_and_not_change(additive: dict[str, object]) -> None:
    """What `x-freshness` says of an answer may change, its numbers may not; a contract need not say which of them add up."""
    window = {name: value for name, value in WINDOW.items() if name != "additive"} | additive
    freshness = {"snapshotAsOf": "/snapshot", "deltaAsOf": "/delta", "stalenessMs": "/staleness", "source": "/source"}
    contract = library_with(VISITS, x_window=window, x_freshness=freshness)

    assert verdict("WIN-007", VISITS, twice(delta="2026-11-01T00:00:31Z", staleness=7), contract=contract) == "PASS"
    assert verdict("WIN-007", VISITS, twice(visits=4), contract=contract) == "FAIL"
