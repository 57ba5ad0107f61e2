"""The checks of tenancy, on answers written by hand."""

from __future__ import annotations

import dataclasses

import pytest
from assay_conformance.evidence import Alike, Exchange, Neighbours, Record, Walk

from .by_hand import BOOKS, error, library_with, page, refusal, verdict


@pytest.mark.parametrize(
    ("clause", "subject", "records", "expected"),
    [
        ("TEN-001", BOOKS, [page("a", library="north")], "PASS"),
        ("TEN-001", BOOKS, [page("a", library="south")], "FAIL"),
        ("TEN-001", BOOKS, [error("NOT_YOURS", 403)], "INCONCLUSIVE"),
        ("TEN-002", BOOKS, [refusal("tenant/foreign", error("NOT_YOURS", 403), "NOT_YOURS")], "PASS"),
        ("TEN-002", BOOKS, [refusal("tenant/foreign", error("NOT_YOURS", 403, books=["a"]), "NOT_YOURS")], "FAIL"),
        ("TEN-002", BOOKS, [refusal("tenant/foreign", page("a"), "NOT_YOURS")], "FAIL"),
        (
            "TEN-003",
            BOOKS,
            [refusal(f"credential/{name}", error("NO_CARD", 401), "NO_CARD") for name in ("none", "forged", "expired")],
            "PASS",
        ),
        ("TEN-003", BOOKS, [refusal("credential/none", error("NO_CARD", 401), "NO_CARD")], "INCONCLUSIVE"),
        ("TEN-003", BOOKS, [refusal("credential/none", page("a"), "NO_CARD")], "FAIL"),
    ],
)
def test_an_answer_is_judged_by_the_tenant_that_it_states(clause: str, subject: str, records: list[Record], expected: str) -> None:
    """A foreign tenant in an answer, data in a refusal and an open door fail; what was not tried is inconclusive."""
    assert verdict(clause, subject, *records) == expected


def requested(answer: Exchange, *libraries: str, role: str = "primary", **more: str) -> Exchange:
    """The request that names these tenants with the credential of a role."""
    query = (*(("library", name) for name in libraries), *more.items())
    return dataclasses.replace(answer, request=dataclasses.replace(answer.request, query=query, credential=role))


OWN = requested(page("a", library="north"), "north")
FOREIGN = requested(page("b", library="south"), "south", role="other")
BARE = requested(page(library="west"), "west", role="empty")
GROUP = Neighbours(id="n1", subject=BOOKS, purpose="by hand", primary=OWN, other=FOREIGN, empty=BARE)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (page("a"), "INCONCLUSIVE"),
        (error("NOT_YOURS", 403), "INCONCLUSIVE"),
        (page("b", library="south"), "FAIL"),
        (page("b", library="south", after="x"), "FAIL"),
    ],
)
def test_of_two_tenants_the_foreign_one_is_not_answered(answer: Exchange, expected: str) -> None:
    """The own one may be, and so may a refusal; a cursor makes no difference."""
    assert verdict("TEN-004", BOOKS, GROUP, requested(answer, "north", "south")) == expected


@pytest.mark.parametrize(("libraries", "more"), [(("north", "south"), {"where": "z"}), (("north", "nowhere"), {})])
def test_only_the_question_of_the_foreign_tenant_has_its_answer(libraries: tuple[str, ...], more: dict[str, str]) -> None:
    """A filter that selects nothing has one answer for everybody, and what a third tenant has is not known."""
    alike = requested(page("b", library="south"), *libraries, **more)

    assert verdict("TEN-004", BOOKS, GROUP, alike) == "INCONCLUSIVE"


@pytest.mark.parametrize(("answer", "expected"), [(error("NOT_YOURS", 403), "PASS"), (page("a"), "FAIL")])
def test_tenants_that_are_let_in_alike_are_not_refused_alike(answer: Exchange, expected: str) -> None:
    """A server that answers everything in one way hides nothing."""
    foreign, unknown = requested(answer, "south"), requested(answer, "nowhere")
    pair = Alike(
        id="a1", subject=BOOKS, purpose="by hand", foreign=foreign, unknown=unknown, foreign_tenant="south", unknown_tenant="nowhere"
    )

    assert verdict("TEN-005", BOOKS, pair) == expected


def listed(role: str, *titles: str) -> Walk:
    """The whole list of a tenant, as its own credential sees it."""
    own = dataclasses.replace(page(*titles), request=dataclasses.replace(page().request, query=(), credential=role))
    return Walk(id=f"w-{role}", subject=BOOKS, purpose="by hand", pages=(own,), tenant=role)


@pytest.mark.parametrize(("titles", "expected"), [(("a", "b"), "INCONCLUSIVE"), (("a", "c"), "FAIL"), (("x",), "INCONCLUSIVE")])
def test_an_answer_has_nothing_of_the_list_of_another_tenant(titles: tuple[str, ...], expected: str) -> None:
    """Whatever was asked; an item that stands in no list may have come since. Lists alone do not show the clause."""
    answer = dataclasses.replace(page(*titles), request=dataclasses.replace(page().request, query=(("after", "x"), ("after", "y"))))
    lists = (listed("primary", "a", "b"), listed("other", "c"))

    assert (
        verdict("TEN-004", BOOKS, *lists, answer, contract=library_with(BOOKS, x_tenancy={"parameter": "library"}, x_cache=None))
        == expected
    )
