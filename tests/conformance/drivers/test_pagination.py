"""The driver of lists: walks that end, cursors in the wrong place, sizes beyond their bounds."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from assay_conformance.drivers import pagination
from assay_conformance.drivers.pagination import drive, drive_changing
from assay_conformance.evidence import Evidence, Exchange, Refusal, SamePage, Walk

from tests.conformance.driving import evidence_of
from tests.conformance.honest import Honest


@functools.cache
def driven() -> Evidence:
    """What the driver saw of the honest server."""
    return evidence_of(drive)


def items(walk: Walk) -> list[str]:
    """The identities of a walk, page by page."""
    return [item["eventId"] for page in walk.pages for item in page.answer.json["items"]]


def test_a_walk_follows_the_cursor_of_the_page_before() -> None:
    """To the end of the list, whatever the size."""
    for walk in driven().of(Walk):
        cursors = [page.answer.json["page"]["cursor"] for page in walk.pages]

        assert [page.request.parameter("cursor") for page in walk.pages] == [None, *cursors[:-1]]
        assert (walk.complete, cursors[-1]) == (True, None)


def test_some_walk_has_many_pages() -> None:
    """In one page nothing could go wrong between two."""
    assert max(len(walk.pages) for walk in driven().of(Walk)) > 5


def test_a_page_is_asked_for_again_with_the_same_request() -> None:
    """Cursor included."""
    again = driven().of(SamePage)

    assert again
    assert all(item.first.request == item.again.request for item in again)


def test_every_rule_of_sizes_and_cursors_is_broken() -> None:
    """And each refusal says which codes are right."""
    rules = {item.rule: set(item.codes) for item in driven().of(Refusal)}

    assert {"page-size/below", "page-size/above", "page-size/no-number"} <= set(rules)
    assert {"cursor/forged", "cursor/truncated", "cursor/altered", "cursor/other-tenant", "cursor/other-sort"} <= set(rules)
    assert {frozenset(codes) for rule, codes in rules.items() if rule.startswith("cursor/")} == {frozenset({"INVALID_CURSOR"})}


def test_a_walk_changes_its_page_size() -> None:
    """A cursor that counts in pages would skip or repeat; and two sizes stand in one request."""
    (walk,) = [item for item in driven().of(Walk) if "changes" in item.purpose]
    sizes = [page.request.parameter("pageSize") for page in walk.pages]
    twice = [item for item in driven().of(Exchange) if item.purpose == "two page sizes at once"]

    assert len(set(sizes)) == 2 < len(walk.pages)
    assert (walk.complete, len(items(walk))) == (True, len(set(items(walk))))
    assert all(sum(name == "pageSize" for name, _ in item.request.query) == 2 for item in twice)
    assert len(twice) == 4


class NeverEnds(Honest):
    """Its last page points at the first again, with a new cursor each time."""

    def answer_list(self, query: dict[str, str], tenant: str) -> dict[str, Any]:
        body = super().answer_list({name: value for name, value in query.items() if name != "cursor"}, tenant)
        if body["items"]:
            self.issued += 1
            body["page"] |= {"cursor": f"page-{self.issued:016d}", "hasMore": True}
        return body


def test_a_list_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a number of pages, and the record says that it is not complete."""
    monkeypatch.setattr(pagination, "MOST_PAGES", 9)

    walks = [walk for walk in evidence_of(drive, NeverEnds(failures=3)).of(Walk) if walk.tenant == "primary"]

    assert {(len(walk.pages), walk.complete) for walk in walks} == {(9, False)}


class GoesRound(NeverEnds):
    """Its last page points at itself."""

    def answer_list(self, query: dict[str, str], tenant: str) -> dict[str, Any]:
        body = super().answer_list(query, tenant)
        body["page"] |= {"cursor": "once-more-please-0000", "hasMore": True}
        return body


def test_a_cursor_that_comes_back_ends_the_walk() -> None:
    """Two pages show the circle."""
    walks = evidence_of(drive, GoesRound(failures=3)).of(Walk)

    assert {(len(walk.pages), walk.complete) for walk in walks} == {(2, False)}


def test_items_are_added_between_the_pages_of_a_walk() -> None:
    """The record counts them; the walks before and after are quiet."""
    walks = evidence_of(drive_changing).of(Walk)
    busy = [walk for walk in walks if walk.added]

    assert len(busy) == 4, [walk.purpose for walk in walks]
    assert all(walk.added == 3 * (len(walk.pages) - 1) for walk in busy)
    assert (walks[0].added, len(items(walks[-1])) - len(items(walks[0]))) == (0, sum(walk.added for walk in busy))
