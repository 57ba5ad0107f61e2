"""The pure parts of reliability 1.1.0: batches, versions and the ranking of tenants."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from assay_server.http.auth import Grant
from assay_server.http.schema_versions import version_for
from assay_server.reliability.ranking import RankedTenant, rank
from assay_server.reliability.rejections import rejection_of
from assay_server.rollups.batches import sort_batch
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def grant(tenant: str) -> Grant:
    """What a token for one tenant allows."""
    return Grant("subject", frozenset({tenant}), frozenset(), math.inf)


@settings(deadline=None)
@given(st.lists(st.integers(0, 9)), st.frozensets(st.integers(0, 9)), st.frozensets(st.integers(0, 9)))
def test_every_item_is_new_known_or_rejected(items: list[int], known: frozenset[int], bad: frozenset[int]) -> None:
    """Each once, and sent again the whole batch is known."""

    def send(known: frozenset[int]) -> tuple[set[int], int, int]:
        found = sort_batch(items, identity=lambda item: item, known=known, rejection=lambda item: "BAD" if item in bad else None)
        assert len(found.accepted) + found.duplicates + len(found.rejected) == len(items)
        assert [rejected.index for rejected in found.rejected] == [place for place, item in enumerate(items) if item in bad]
        return set(found.accepted), found.duplicates, len(found.rejected)

    accepted, _, rejected = send(known)

    assert accepted == set(items) - bad - known
    assert send(known | accepted) == (set(), len(items) - rejected, rejected)


@pytest.mark.parametrize(
    ("tenant", "ahead", "code"),
    [
        ("a", timedelta(0), None),
        ("b", timedelta(0), "FORBIDDEN_TENANT"),
        ("b", timedelta(days=9), "FORBIDDEN_TENANT"),
        ("a", timedelta(minutes=5), None),
        ("a", timedelta(minutes=5, microseconds=1), "IN_THE_FUTURE"),
        ("a", timedelta(days=-90), None),
        ("a", timedelta(days=-90, microseconds=-1), "TOO_OLD"),
    ],
)
def test_an_event_is_rejected_by_its_tenant_first_and_then_by_its_time(tenant: str, ahead: timedelta, code: str | None) -> None:
    """The limits themselves are accepted; a token of all tenants covers every one."""
    assert rejection_of(tenant, NOW + ahead, covers=grant("a").covers, now=NOW) == code
    assert rejection_of(tenant, NOW, covers=grant("*").covers, now=NOW) is None


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        (None, "1.10.0"),
        ("1", "1.10.0"),
        ("1.9", "1.9.1"),
        ("1.9.0", "1.9.0"),
        ("2", "2.0.0"),
        ("3", None),
        ("1.", None),
        ("x", None),
        ("1.9.0.0", None),
    ],
)
def test_a_version_is_answered_by_the_newest_that_fits(requested: str | None, expected: str | None) -> None:
    """Numbers are compared as numbers; a request that names none gets the newest of all."""
    served = ["1.9.0", "1.9.1", "1.10.0", *(["2.0.0"] if requested else [])]

    assert version_for(requested, served) == expected


@settings(deadline=None)
@given(st.lists(st.builds(RankedTenant, st.text("ab", min_size=1), *[st.integers(0, 9)] * 3), unique_by=lambda ranked: ranked.tenant))
def test_a_ranking_lists_every_tenant_once_and_breaks_ties_by_name(tenants: list[RankedTenant]) -> None:
    """In either direction."""
    for sort, sign in (("conversionRate:desc", -1), ("conversionRate:asc", 1)):
        ranked = rank(tenants, sort)
        assert sorted(one.tenant for one in ranked) == sorted(one.tenant for one in tenants)
        keys = [(sign * one.conversion_rate, one.tenant) for one in ranked]
        assert keys == sorted(keys)
