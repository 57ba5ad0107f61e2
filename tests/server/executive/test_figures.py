"""The pure core of the executive figures: months, quarters, formulas and gates, for whatever was recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from assay_server.executive import (
    METRICS,
    Direction,
    GateMetric,
    Month,
    MonthFigures,
    Verdict,
    annual_recurring_revenue,
    backlog,
    book_to_bill,
    compared,
    coverage_months,
    forecast,
    frame,
    in_window,
    judge_gate,
    mean_uptime,
    money,
    net_revenue_retention,
    payback_months,
    previous_window,
    quarter_of,
    ratio,
    received_within,
    revenue,
    trend,
)
from assay_server.rollups.percentiles import nearest_rank
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MONTHS = st.builds(Month, st.integers(1900, 2200), st.integers(1, 12))
MONEY = st.decimals(-(10**9), 10**9, places=2)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


def consecutive(first: Month, rows: list[tuple[Decimal, Decimal, Decimal]]) -> list[MonthFigures]:
    """Figures of consecutive months."""
    return [MonthFigures(first.plus(place), *row) for place, row in enumerate(rows)]


YEARS = st.builds(consecutive, MONTHS, st.lists(st.tuples(MONEY, MONEY, MONEY), min_size=1, max_size=24))


@settings(deadline=None)
@given(MOMENTS, st.sampled_from(["6m", "12m"]))
def test_a_frame_is_whole_consecutive_months_with_the_current_one_last(now: datetime, name: str) -> None:
    """Every day from its first to its last is in one of them."""
    window = frame(name, now)

    assert len(window.months) == int(name.removesuffix("m"))
    assert all(two == one.plus(1) for one, two in zip(window.months, window.months[1:], strict=False))
    assert window.months[-1] == Month(now.year, now.month)
    assert window.start_date.day == 1
    assert (window.end_date + timedelta(days=1)).day == 1
    assert window.start_date <= now.date() <= window.end_date


def test_a_month_is_one_of_utc() -> None:
    """A moment elsewhere belongs to the month that it is in UTC."""
    assert Month.of(datetime.fromisoformat("2026-03-01T01:00:00+02:00")) == Month(2026, 2)


@settings(deadline=None)
@given(YEARS)
def test_quarters_add_up_to_months_and_end_with_their_last_backlog(months: list[MonthFigures]) -> None:
    """Flows are added, a state is that of the last month; no quarter occurs twice."""
    quarters = trend(months, "quarter")

    assert sum(point.recognized for point in quarters) == revenue(months)
    assert sum(point.booked for point in quarters) == sum(month.booked for month in months)
    assert quarters[-1].backlog == backlog(months)
    assert [point.period for point in quarters] == sorted({quarter_of(figures.month) for figures in months})


@settings(deadline=None)
@given(MONEY, st.none() | MONEY)
def test_a_delta_has_the_sign_of_the_change(value: Decimal, previous: Decimal | None) -> None:
    """Also where the previous figure is negative, and as the delta is stated; without one there is neither."""
    figure = compared(value, previous)
    if not previous:
        assert (figure.delta, figure.direction) == (None, None)
        return
    assert figure.delta is not None
    assert (figure.delta > 0) - (figure.delta < 0) == (value > previous) - (value < previous)
    stated = ratio(figure.delta)
    assert figure.direction is {1: Direction.UP, 0: Direction.FLAT, -1: Direction.DOWN}[(stated > 0) - (stated < 0)]


@pytest.mark.parametrize(
    ("change", "direction"), [("0.0000004", "flat"), ("-0.0000004", "flat"), ("0.000001", "up"), ("-0.000001", "down")]
)
def test_a_delta_that_is_stated_as_zero_is_flat(change: str, direction: str) -> None:
    """A reader sees six decimals: 0 and `up` would contradict each other."""
    figure = compared(1 + Decimal(change), Decimal(1))

    assert figure.direction is Direction(direction)


def test_only_what_recurs_counts_twelve_times() -> None:
    """An order of any other kind is none of it."""
    orders = [("subscription", Decimal(10)), ("recurring", Decimal("0.5")), ("one-off", Decimal(99)), ("refund", Decimal(7))]

    assert annual_recurring_revenue(orders) == 126


def test_a_window_with_a_month_missing_before_it_is_compared_with_nothing() -> None:
    """A delta over eleven months would mislead."""
    window = frame("6m", NOW)
    months = {
        month: MonthFigures(month, Decimal(1), Decimal(1), Decimal(1)) for month in (window.months[0].plus(-back) for back in range(1, 6))
    }

    assert previous_window(months, window) is None
    first = window.months[0].plus(-6)
    assert previous_window({**months, first: MonthFigures(first, Decimal(1), Decimal(1), Decimal(1))}, window) is not None


def test_a_month_without_figures_has_zeros() -> None:
    """A window has all its months."""
    window = frame("6m", NOW)
    recorded = {window.months[0].plus(-3): MonthFigures(window.months[0].plus(-3), Decimal(7), Decimal(8), Decimal(9))}

    assert {(month.recognized, month.backlog) for month in in_window(recorded, window)} == {(Decimal(0), Decimal(0))}
    assert coverage_months(recorded, window.months[-1]) == 0


def test_coverage_is_over_six_months() -> None:
    """One without data counts as 0."""
    months = {figures.month: figures for figures in consecutive(Month(2026, 1), [(Decimal(10), Decimal(0), Decimal(60))] * 9)}

    assert coverage_months(months, Month(2026, 9)) == 6
    assert coverage_months({Month(2026, 9): months[Month(2026, 9)]}, Month(2026, 9)) == 36
    assert coverage_months({}, Month(2026, 9)) == 0


@pytest.mark.parametrize(
    ("pipeline", "rate", "expected"), [("100", "0.5", 50), ("0", "0.5", 0), ("100", "0", 0), (None, "0.5", 102), ("100", None, 102)]
)
def test_a_forecast_falls_back_only_where_something_is_unknown(pipeline: str | None, rate: str | None, expected: int) -> None:
    """Nothing in the pipeline is a forecast of nothing."""
    months = consecutive(Month(2026, 1), [(Decimal(value), Decimal(0), Decimal(0)) for value in (7, 100, 100, 100)])
    known = [None if value is None else Decimal(value) for value in (pipeline, rate)]

    assert forecast(months, *known) == expected


def test_figures_without_anything_recorded_are_zero() -> None:
    """A denominator of 0 gives 0."""
    zero = [book_to_bill([]), forecast([]), mean_uptime([]), net_revenue_retention({}, Month(2026, 1))]

    assert [*zero, payback_months(Decimal(5), Decimal(0), Decimal(1))] == [0] * 5
    assert payback_months(Decimal(1200), Decimal(200), Decimal("0.5")) == 12


def test_rounding_is_half_to_even_and_last() -> None:
    """Money has two decimals, a ratio six."""
    assert [money(Decimal(value)) for value in ("0.125", "0.135", "-0.125")] == [0.12, 0.14, -0.12]
    assert ratio(Decimal(2) / 3) == 0.666667
    assert str(money(Decimal("-0.004"))) == "0.0"


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1), st.integers(1, 100))
def test_a_nearest_rank_is_a_value_with_enough_at_most_it(values: list[int], rank: int) -> None:
    """At least `rank` of a hundred are not above it, and fewer would be if it were smaller."""
    found = nearest_rank(values, rank)

    assert found in values
    assert sum(value <= found for value in values) * 100 >= rank * len(values)
    assert sum(value < found for value in values) * 100 < rank * len(values)


@pytest.mark.parametrize("rank", [0, 101])
def test_a_rank_beyond_a_hundred_is_none(rank: int) -> None:
    """Nor is there a percentile of nothing."""
    with pytest.raises(ValueError, match="rank"):
        nearest_rank([1], rank)
    with pytest.raises(ValueError, match="rank"):
        nearest_rank([], 50)


@settings(deadline=None)
@given(st.sampled_from(METRICS), st.lists(st.integers(0, 60_000), max_size=60), st.integers(1, 30))
def test_a_gate_is_judged_by_its_percentile_once_there_are_enough(metric: GateMetric, values: list[int], least: int) -> None:
    """Below the least number of samples the percentile is stated and nothing is decided."""
    gate = judge_gate(metric, values, least)

    assert gate.samples == len(values)
    assert gate.p95 == (nearest_rank(values, 95) if values else None)
    if len(values) < least:
        assert gate.verdict is Verdict.UNKNOWN
    elif metric.tolerance is None:
        assert (gate.verdict is Verdict.PASS) == (gate.p95 is not None and gate.p95 <= metric.target)
    else:
        assert (gate.verdict is Verdict.PASS) == (gate.p95 is not None and abs(gate.p95 - metric.target) <= metric.tolerance)


def test_samples_count_by_the_time_of_their_receipt() -> None:
    """A day is 24 hours; the very start counts."""
    samples = [(NOW - timedelta(days=1), 1.0), (NOW - timedelta(days=1, microseconds=1), 2.0), (NOW, 3.0)]

    assert received_within(samples, 1, NOW) == [1.0, 3.0]
