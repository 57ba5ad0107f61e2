"""Incidents open, are acknowledged and resolve by the density of failures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from assay_server.rollups import STEP, Density, detect, replay

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def test_dense_failures_open_an_incident() -> None:
    """Many failures among few events are an incident of their severity."""
    (incident,) = detect("tenant-a", (), [Density("credit_check", 18, 20)], NOON)

    assert (incident.status, incident.severity, incident.component) == ("open", "critical", "credit_check")


def test_a_few_failures_open_nothing() -> None:
    """Fewer failures than the least number are noise, however dense."""
    assert detect("tenant-a", (), [Density("credit_check", 5, 5)], NOON) == ()


def test_a_standing_incident_does_not_flicker() -> None:
    """Between the bars nothing changes but the severity."""
    standing = detect("tenant-a", (), [Density("credit_check", 8, 20)], NOON)

    assert detect("tenant-a", standing, [Density("credit_check", 6, 25)], NOON) == ()


def test_an_outage_goes_through_its_whole_life() -> None:
    """Replaying an outage of half an hour opens, acknowledges and resolves one incident."""
    steps = {NOON + number * STEP: [Density("lead_router", 18, 20)] for number in range(3)}

    sets = replay("tenant-a", (), steps, NOON, NOON + timedelta(hours=2))

    assert [change.status for changes in sets for change in changes] == ["open", "acknowledged", "resolved"]
    assert len({change.incident_id for changes in sets for change in changes}) == 1


def test_the_same_outage_of_two_tenants_has_two_names() -> None:
    """An incident's name gives nothing away about another tenant's."""
    dense = [Density("lead_router", 18, 20)]

    assert detect("tenant-a", (), dense, NOON)[0].incident_id != detect("tenant-b", (), dense, NOON)[0].incident_id
