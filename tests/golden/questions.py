"""What the worked examples ask: each question is answered by the pure parts of the server, from the arguments of a case."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
from assay_contracts import load_contract
from assay_contracts.parsing import bundle_contract
from assay_server import executive as ex
from assay_server import windowing as wi
from assay_server.http.auth import Grant
from assay_server.http.schema_versions import version_for
from assay_server.reliability.ranking import RankedTenant, rank
from assay_server.reliability.rejections import rejection_of
from assay_server.rollups import Sketch
from assay_server.rollups.batches import sort_batch
from assay_server.rollups.percentiles import nearest_rank

FOLDER = Path(__file__).parent
T0 = 1_793_491_200
_NOSTR = json.loads((FOLDER / "windowing-events.json").read_text(encoding="utf-8"))
_EXECUTIVE = json.loads((FOLDER / "executive-months.json").read_text(encoding="utf-8"))
KEYS: dict[str, str] = _NOSTR["keys"]
NAMES = {key: name for name, key in KEYS.items()}
FITS = jsonschema_rs.validator_for({**bundle_contract("windowing@2.1.0")[0], "$ref": "#/components/schemas/NostrEvent"}).is_valid
EVENTS = {name: wi.parse_event(raw, FITS) for name, raw in _NOSTR["events"].items()}
EVENT_NAMES = {event.id: name for name, event in EVENTS.items()}
FACTS = [wi.fact_of(event) for event in EVENTS.values()]
MONTHS = {
    month: ex.MonthFigures(month, *(Decimal(row[name]) for name in ("recognized", "booked", "backlog")))
    for row in _EXECUTIVE["months"]
    for month in (ex.Month.parse(row["month"]),)
}
QUESTIONS: dict[str, Callable[..., Any]] = {}


def question(answer: Callable[..., Any]) -> Callable[..., Any]:
    """Let cases ask by the function's name."""
    QUESTIONS[answer.__name__] = answer
    return answer


def cards_in_order(cards: wi.Cards) -> list[int]:
    """Cards as the examples write them."""
    return [cards.posts, cards.replies, cards.reposts, cards.reactions, cards.zaps, cards.zap_sats, cards.unique_engagers]


@question
def cards(target: str, start: int, end: int) -> Any:
    return cards_in_order(wi.count(FACTS, KEYS[target], T0 + start, T0 + end))


@question
def fact(event: str) -> Any:
    found = wi.fact_of(EVENTS[event])
    return {"kind": found.kind.value, "target": NAMES[found.target or ""], "sender": NAMES[found.sender]}


@question
def zap_amounts(target: str) -> Any:
    zaps = [found for found in FACTS if found.kind is wi.FactKind.ZAP and found.target == KEYS[target]]
    return {"amounts": [zap.satoshi for zap in zaps], "sum": sum(zap.satoshi for zap in zaps)}


@question
def satoshi(amounts: list[str]) -> Any:
    return [wi.satoshi_of(f"lnbc{amount}1pvjluez") for amount in amounts]


@question
def satoshi_of_invoice(event: str) -> Any:
    return wi.satoshi_of(next(tag[1] for tag in EVENTS[event].tags if tag[0] == "bolt11"))


@question
def engagers(target: str, start: int, end: int) -> Any:
    key = KEYS[target]
    found = {fact.sender for fact in FACTS if fact.target == key and fact.is_engagement and T0 + start <= fact.at < T0 + end}
    assert len(found - {key}) == wi.count(FACTS, key, T0 + start, T0 + end).unique_engagers
    return sorted(NAMES[sender] for sender in found - {key})


@question
def engagers_by_day(target: str, days: int) -> Any:
    def counted(start: int, end: int) -> int:
        return wi.count(FACTS, KEYS[target], T0 + start * 86_400, T0 + end * 86_400).unique_engagers

    return {"days": [counted(day, day + 1) for day in range(days)], "whole": counted(0, days)}


@question
def engagements(target: str, start: int, end: int) -> Any:
    found = wi.count(FACTS, KEYS[target], T0 + start, T0 + end)
    return {"engagements": found.engagements, "uniqueEngagers": found.unique_engagers}


@question
def sum_of_cards(**cards: int) -> Any:
    return wi.Cards(**cards).engagements


@question
def posted_twice(target: str, start: int, end: int) -> Any:
    known: dict[str, wi.NostrEvent] = {}

    def post() -> list[int]:
        batch = sort_batch(EVENTS.values(), identity=lambda event: event.id, known=known, rejection=lambda _: None)
        known.update({event.id: event for event in batch.accepted})
        return [len(batch.accepted), batch.duplicates, len(batch.rejected)]

    first, second = post(), post()
    counted = wi.count(map(wi.fact_of, known.values()), KEYS[target], T0 + start, T0 + end)
    return {"first": first, "second": second, "cards": cards_in_order(counted)}


@question
def drill_down(metric: str, target: str, start: int, end: int, sort: str = "value:desc") -> Any:
    entries = wi.in_order(wi.drill_down(wi.Metric(metric), FACTS, KEYS[target], T0 + start, T0 + end), sort)
    return [[NAMES.get(entry.key, EVENT_NAMES.get(entry.key, entry.key)), entry.value, entry.count] for entry in entries]


@question
def timeline(target: str, start: int, end: int) -> Any:
    steps = wi.timeline(FACTS, KEYS[target], T0 + start, T0 + end)
    length = wi.step_of(start, end)
    return {"steps": len(steps), "length": length, "nonzero": [place for place, (_, found) in enumerate(steps) if found != wi.Cards()]}


@question
def timeline_step(target: str, start: int, end: int, step: int) -> Any:
    return cards_in_order(wi.timeline(FACTS, KEYS[target], T0 + start, T0 + end)[step][1])


@question
def timeline_starts(target: str, start: int, end: int) -> Any:
    return [begin - T0 for begin, _ in wi.timeline(FACTS, KEYS[target], T0 + start, T0 + end)]


@question
def rolling(interval: str, at: str, first: int | None = None) -> Any:
    moment = datetime.fromisoformat(at).timestamp()
    window = wi.resolve_window(interval, None, None, computed_at=moment, first_fact=None if first is None else T0 + first)
    steps = wi.timeline([], "", window.start, window.end)
    return {"startTs": window.start, "endTs": window.end, "steps": len(steps), "length": wi.step_of(window.start, window.end)}


@question
def window(interval: str | None = None, startTs: int | None = None, endTs: int | None = None) -> Any:  # noqa: N803
    try:
        found = wi.resolve_window(interval, startTs, endTs, computed_at=T0)
    except wi.InvalidWindow:
        return "INVALID_WINDOW"
    return [found.start, found.end]


@question
def staleness(delta: str, responded: str) -> Any:
    as_of = datetime.fromisoformat(delta)
    return wi.staleness_ms(wi.Freshness(as_of, as_of), datetime.fromisoformat(responded))


@question
def late(event: str, accepted: int, target: str, start: int, end: int, before: int, after: int) -> Any:
    arrivals = [(accepted if EVENTS[event].id == found.event else found.at - T0, found) for found in FACTS]

    def counted(delta_as_of: int) -> list[int]:
        arrived = [found for arrival, found in arrivals if arrival < delta_as_of]
        return cards_in_order(wi.count(arrived, KEYS[target], T0 + start, T0 + end))

    return {"before": counted(before), "after": counted(after)}


def _frame(range_name: str, now: str | None = None) -> ex.Frame:
    return ex.frame(range_name, datetime.fromisoformat(now or _EXECUTIVE["now"]))


def _window(range_name: str) -> tuple[ex.MonthFigures, ...]:
    return ex.in_window(MONTHS, _frame(range_name))


@question
def frame(range: str, now: str | None = None) -> Any:
    found = _frame(range, now)
    return {
        "start_date": str(found.start_date),
        "end_date": str(found.end_date),
        "points": len(found.months),
        "last": str(found.months[-1]),
    }


def _compared(range_name: str, of: Callable[[Any], Decimal]) -> Any:
    previous = ex.previous_window(MONTHS, _frame(range_name))
    assert previous is not None
    figure = ex.compared(of(_window(range_name)), of(previous))
    assert figure.delta is not None
    assert figure.direction is not None
    return {
        "value": ex.money(figure.value),
        "previous": ex.money(of(previous)),
        "delta": ex.ratio(figure.delta),
        "direction": figure.direction.value,
    }


@question
def revenue(range: str) -> Any:
    return _compared(range, ex.revenue)


@question
def backlog(range: str) -> Any:
    return _compared(range, ex.backlog)


@question
def book_to_bill(range: str) -> Any:
    return ex.ratio(ex.book_to_bill(_window(range)))


@question
def coverage_months(range: str) -> Any:
    return ex.ratio(ex.coverage_months(MONTHS, _frame(range).months[-1]))


@question
def quarters(range: str) -> Any:
    points = ex.trend(_window(range), "quarter")
    return [[point.period, ex.money(point.recognized), ex.money(point.booked), ex.money(point.backlog)] for point in points]


@question
def recognized(range: str) -> Any:
    return {
        name: ex.money(sum((point.recognized for point in ex.trend(_window(range), name)), Decimal(0))) for name in ("month", "quarter")
    }


@question
def forecast(range: str, pipeline: float | None = None, winRate: float | None = None) -> Any:  # noqa: N803
    known = [None if value is None else Decimal(str(value)) for value in (pipeline, winRate)]
    return ex.money(ex.forecast(_window(range), *known))


@question
def nrr(rows: dict[str, float]) -> Any:
    by_month = {ex.Month.parse(month): Decimal(str(rate)) for month, rate in rows.items()}
    return ex.ratio(ex.net_revenue_retention(by_month, _frame("6m").months[-1]))


@question
def uptime(rows: list[float]) -> Any:
    return ex.ratio(ex.mean_uptime(ex.Measurements(Decimal(str(row))) for row in rows))


@question
def gross_margin(orders: list[list[float]]) -> Any:
    return ex.ratio(ex.gross_margin(ex.Orders(Decimal(str(amount)), Decimal(str(profit))) for amount, profit in orders))


@question
def arr(orders: list[list[Any]]) -> Any:
    return ex.money(ex.annual_recurring_revenue((kind, Decimal(amount)) for kind, amount in orders))


@question
def compared(value: float, previous: float) -> Any:
    figure = ex.compared(Decimal(str(value)), Decimal(str(previous)))
    return {
        "delta": None if figure.delta is None else ex.ratio(figure.delta),
        "direction": None if figure.direction is None else figure.direction.value,
    }


@question
def without_revenue(months: int) -> Any:
    last = _frame("6m").months[-1]
    rows = {month: ex.MonthFigures(month, Decimal(0), Decimal(5), Decimal(9)) for month in (last.plus(-back) for back in range(months))}
    return {
        "coverage_months": ex.ratio(ex.coverage_months(rows, last)),
        "book_to_bill": ex.ratio(ex.book_to_bill(list(rows.values()))),
    }


def _values(series: list[int] | None, repeated: list[list[int]] | None = None) -> list[int]:
    if series is not None:
        first, last, step = series
        return list(range(first, last + 1, step))
    return [value for number, value in repeated or () for _ in range(number)]


@question
def gate(
    metric: str, min_samples: int, series: list[int] | None = None, repeated: list[list[int]] | None = None, tolerance: float | None = None
) -> Any:
    known = next(gated for gated in ex.METRICS if gated.name == metric)
    found = ex.judge_gate(known if tolerance is None else replace(known, tolerance=tolerance), _values(series, repeated), min_samples)
    return {"p95": found.p95, "verdict": found.verdict.value}


@question
def path_value(contract: str, operation: str, parameter: str, value: str) -> Any:
    document = load_contract(contract)
    found = document.operation(operation)
    assert not jsonschema_rs.Draft202012Validator(dict(found.parameter(parameter).schema)).is_valid(value)
    assert document.taxonomy is not None
    general = ("bad-parameter", "missing-parameter")
    code = next(code for code in found.error_codes if document.taxonomy.codes[code].provoke.get("request") in general)
    return [document.taxonomy.codes[code].status, code]


@question
def version(served: list[str], requested: str | None = None) -> Any:
    return version_for(requested, served)


@question
def batch(covers: list[str], now: str, events: list[list[str]]) -> Any:
    clock, grant = datetime.fromisoformat(now), Grant("subject", frozenset(covers), frozenset(), math.inf)
    found = sort_batch(
        events,
        identity=lambda event: (event[1], event[0]),
        known=frozenset[tuple[str, str]](),
        rejection=lambda event: rejection_of(event[1], datetime.fromisoformat(event[2]), covers=grant.covers, now=clock),
    )
    return {
        "accepted": len(found.accepted),
        "duplicate": found.duplicates,
        "rejected": [[rejected.index, rejected.code] for rejected in found.rejected],
    }


@question
def ranking(sort: str, tenants: dict[str, list[int]]) -> Any:
    ranked = rank((RankedTenant(tenant, *numbers) for tenant, numbers in tenants.items()), sort)
    by_rate = sort.startswith("conversionRate")
    return [[found.tenant, found.conversion_rate if by_rate else found.failure_density] for found in ranked]


@question
def p95(series: list[int], without: int = 0) -> Any:
    latencies: list[int | None] = [*_values(series), *([None] * without)]
    known = [latency for latency in latencies if latency is not None]
    exact, sketched = nearest_rank(known, 95), Sketch.of(known).quantile(0.95)
    low, high = exact * 984 / 1000, exact * 1016 / 1000
    assert low <= sketched <= high
    return {"exact": exact, "low": low, "high": high}
