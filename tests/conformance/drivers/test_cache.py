"""The driver of entity tags: which are sent again, and for what."""

from __future__ import annotations

import functools

from aiohttp import web
from assay_conformance.drivers.cache import NO_TAG, drive
from assay_conformance.evidence import Evidence, Exchange, Revalidation

from tests.conformance.driving import evidence_of
from tests.conformance.honest import Honest


@functools.cache
def driven() -> Evidence:
    """What the driver saw of the honest server."""
    return evidence_of(drive)


def test_every_way_to_send_a_tag_is_tried() -> None:
    """The current tag alone and in a list, one that nobody has, another query's, another tenant's."""
    assert {item.how for item in driven().of(Revalidation)} == {"same", "listed", "other", "elsewhere", "foreign"}


def test_the_tag_that_is_sent_is_the_one_that_the_record_says() -> None:
    """A check reads the tag from `first` and the way from `how`."""
    for item in driven().of(Revalidation):
        sent, own = item.again.request.header("If-None-Match"), item.first.answer.header("etag")
        assert sent is not None
        assert own is not None
        assert (sent == own, own in sent, sent == NO_TAG) == {
            "same": (True, True, False),
            "listed": (False, True, False),
            "other": (False, False, True),
            "elsewhere": (False, False, False),
            "foreign": (False, False, False),
        }[item.how]


def test_a_foreign_tag_is_sent_for_the_tenant_that_the_first_answer_is_of() -> None:
    """So that only the tag is foreign."""
    for item in driven().of(Revalidation):
        assert item.again.request.parameter("tenantId") == item.first.request.parameter("tenantId")


class GivesNoTag(Honest):
    """Its answers have no entity tag."""

    def answer(self, request: web.Request, name: str) -> web.StreamResponse:
        answer = super().answer(request, name)
        answer.headers.popall("ETag", None)
        return answer


def test_without_a_tag_there_is_nothing_to_send_again() -> None:
    """The answers are kept, for the checks to find that the tag is missing."""
    evidence = evidence_of(drive, GivesNoTag())

    assert (len(evidence.of(Revalidation)), bool(evidence.of(Exchange))) == (0, True)
