"""The sample company: the same for a seed and a moment, with data wherever a window looks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from assay_server.executive import KPIS, Month, breakdown, figure, frame
from assay_server.executive.sample import MONTHS, small
from assay_server.executive.store import Alert, Customer, Entry, Order, Risk, Store, Uptime


@pytest.mark.parametrize("now", [datetime(2026, 11, 30, 12, tzinfo=UTC), datetime(2028, 2, 1, 0, 0, 1, tzinfo=UTC)])
def test_a_seed_and_a_moment_give_the_same_records(now: datetime) -> None:
    """And none of them lies in the future."""
    records = small(1, now)

    assert records == small(1, now)
    assert records != small(2, now)
    for record in records:
        match record:
            case Entry(entry_date=day) | Order(ordered_on=day):
                assert day <= now.date()
            case Uptime(measured_at=moment):
                assert moment.date() <= now.date()
            case Alert(created_at=moment):
                assert moment <= now
            case _:
                pass


def test_orders_have_ties_to_break() -> None:
    """Alerts share a moment, risks a day, customers a risk."""
    records = small(1, datetime(2026, 11, 30, tzinfo=UTC))
    alerts = [record.created_at for record in records if isinstance(record, Alert)]
    risks = [record.due for record in records if isinstance(record, Risk)]
    customers = [record.risk for record in records if isinstance(record, Customer)]

    for keys in (alerts, risks, customers):
        assert len(set(keys)) < len(keys)


async def test_every_figure_has_a_value(books: Store) -> None:
    """Each of the ten, with a delta and parts where it can have them, in either window, on the first day of a month too."""
    now = datetime(2028, 2, 1, 0, 0, 1, tzinfo=UTC)
    await books.record(small(1, now))
    ledger = await books.ledger(Month.of(now))

    assert len(ledger.recorded) == MONTHS - 2
    for window in (frame("6m", now), frame("12m", now)):
        for kpi in KPIS:
            found = figure(kpi, ledger, window)
            assert found.value > 0
            assert (found.delta is not None) == kpi.has_delta
            assert kpi.parts is None or len(breakdown(kpi.parts(ledger, window.months), kpi.unit.rounded(found.value))) == 5
