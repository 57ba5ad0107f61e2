"""The incidents as of now, with the changes after a number."""

from __future__ import annotations

from typing import Any

from .asking import Request
from .funnel import Wrong
from .refusing import Refused
from .rendering import padded
from .world import Incident, Tenant

LARGEST = 9_007_199_254_740_991


def shown(incident: Incident) -> dict[str, Any]:
    """One incident as an answer or a message has it."""
    return {
        "incidentId": incident.id,
        "status": incident.status,
        "severity": incident.severity,
        "component": incident.component,
        "updatedAt": padded(incident.updated),
        "owner": None,
    }


def state(tenant: Tenant, request: Request, wrong: Wrong) -> dict[str, Any]:
    """The state, and the changes if they were asked for."""
    after = read_after(request)
    incidents = list(tenant.incidents.values())
    if wrong("resolved-incidents-are-not-in-the-state"):
        incidents = [incident for incident in incidents if incident.status != "resolved"]
    if wrong("the-newest-incident-stands-twice"):
        incidents += incidents[-1:]
    sequence = tenant.seq - (1 if wrong("the-number-lags-behind-the-state") and tenant.changes else 0)
    answer: dict[str, Any] = {
        "schemaVersion": "1.0.42",
        "tenantId": tenant.name,
        "seq": sequence,
        "incidents": [shown(one) for one in incidents],
    }
    if after is None:
        if wrong("changes-come-unasked"):
            answer["changes"] = []
        return answer
    gone = after < tenant.forgotten and not wrong("forgotten-changes-are-passed-over")
    ahead = after > tenant.seq and not wrong("a-number-ahead-has-no-changes")
    if gone or ahead:
        answer["changesTruncated"] = True
        return answer
    reach = after - 1 if wrong("changes-begin-with-the-number-named") else after
    kept = [change for change in tenant.changes if change[0] > reach]
    if wrong("changes-lack-the-last"):
        kept = kept[:-1]
    if wrong("only-the-last-change-of-an-incident-is-told"):
        kept = [(seq, tuple(one for one in changed if tenant.incidents[one.id] == one)) for seq, changed in kept]
    if wrong("changes-come-newest-first"):
        kept = kept[::-1]
    answer["changes"] = [{"seq": seq, **shown(one)} for seq, changed in kept for one in changed]
    return answer


def read_after(request: Request) -> int | None:
    """The number after which changes are wanted."""
    given = request.one("after")
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 16 and int(given) <= LARGEST):
        raise Refused("INVALID_PARAMETER", "after is a whole number", field="after")
    return int(given)
