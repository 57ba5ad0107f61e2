"""Deletion: what was deleted is gone."""

from __future__ import annotations

from assay_conformance.check import NotReached, Violation, check
from assay_conformance.evidence import Deletion
from assay_conformance.exchange_views import answered_in_time, summarize

GONE = (404, 410)
LATER = 202
"""The status of a deletion that takes place later."""


@check("OP-011", kills={"a-deletion-deletes-nothing"})
def what_was_deleted_is_not_there(deletion: Deletion) -> None:
    """A thing that was there and was deleted with success is answered as one that does not exist."""
    deleted = answered_in_time(deletion.deleted)
    if not answered_in_time(deletion.before).succeeded or not deleted.succeeded or deleted.status == LATER:
        raise NotReached("nothing was read and then deleted at once")
    if answered_in_time(deletion.after).status not in GONE:
        raise Violation("404 or 410", summarize(deletion.after), deletion.purpose)
