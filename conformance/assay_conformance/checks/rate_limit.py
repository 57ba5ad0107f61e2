"""Rate limits: what a refusal for too many requests says, that it is over when it says, and that it is one's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from assay_contracts import Contract

from assay_conformance.check import NeedsHook, NotConcerned, NotReached, Violation, brief, check
from assay_conformance.evidence import Evidence, Exchange, LimitedRequest, QuotaPair, Response
from assay_conformance.exchange_views import annotation, answered, answered_in_time, exchanges_of, has_code, pause_of, summarize

QUOTA = re.compile(r'"[^"]*"[^,]*;\s*q=([0-9]+)|(?:^|,)\s*([0-9]+)\s*(?=[;,]|$)')
"""A policy with its quota: a name with parameters in any order (IETF httpapi draft), or the number of an earlier draft."""
LEFT = re.compile(r'"[^"]*"[^,]*;\s*r=([0-9]+)|\bremaining=([0-9]+)|^\s*([0-9]+)\s*$')
"""What is left of a quota: a parameter of its policy, an item of an earlier draft, or a number alone."""
NO_HOOK = "no request was refused for too many; the hook of the target has no such fault"


@check("RAT-001", kills={"a-refusal-does-not-say-when-to-come-back", "a-refusal-names-no-policy", "a-refusal-says-not-what-is-left"})
def a_refusal_says_when_to_come_back(exchange: Exchange, contract: Contract, subject: str) -> None:
    """The headers name the policy with its quota, what is left of it, and how long to wait."""
    spec, answer = annotation(contract, subject, "x-rate-limit"), answered(exchange)
    if not _is_limited(answer, contract, spec["code"]):
        raise NotConcerned
    for name, form, parameter in ((spec["policy"], QUOTA, "q"), (spec["remaining"], LEFT, "r")):
        if not form.search(answer.header(name) or ""):
            raise Violation(f"the header {name} with a name and {parameter}", brief(answer.header(name)), exchange.purpose)
    if pause_of(answer, spec["retryAfter"]) is None:
        raise Violation(f"seconds or an HTTP date in {spec['retryAfter']}", brief(answer.header(spec["retryAfter"])), exchange.purpose)


@check("RAT-001", kills=())
def a_refusal_was_seen(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Some request was refused for too many."""
    code = annotation(contract, subject, "x-rate-limit")["code"]
    if not any(_is_limited(item.answer, contract, code) for item in exchanges_of(evidence, subject)):
        raise NeedsHook(NO_HOOK)


@check("RAT-002", kills={"who-was-refused-once-is-refused-for-long"}, hooked=True)
def a_refusal_is_over_when_it_says(request: LimitedRequest, contract: Contract, subject: str) -> None:
    """The same request after that time is not refused for the same reason."""
    spec = annotation(contract, subject, "x-rate-limit")
    code, refused = spec["code"], answered_in_time(request.refused)
    if not _is_limited(refused, contract, code):
        raise NeedsHook(NO_HOOK)
    if _is_limited(answered_in_time(request.after), contract, code):
        pause = pause_of(refused, spec["retryAfter"]) or 0.0
        if pause > request.waited:
            raise NotReached(
                f"the refusal names {pause:g} s, and the run waited {request.waited:g} s; let the hook refuse for a shorter time"
            )
        raise Violation(f"no {code} after {request.waited:g} s", summarize(request.after), request.purpose)


@check("RAT-003", kills={"a-quota-is-everybodys"}, hooked=True)
def a_quota_is_ones_own(evidence: Evidence, contract: Contract, subject: str) -> None:
    """While one subject is refused or uses up its quota, another one is not and keeps its own."""
    spec = annotation(contract, subject, "x-rate-limit")
    pairs = evidence.of(QuotaPair)
    # What was shown of one operation stands for those of which nothing can be: a subject may have one quota for all.
    own = [_shows_a_quota(pair, contract, spec) for pair in pairs if pair.subject == subject]
    if not any(own) and not any(_shows_a_quota(pair, contract, spec) for pair in pairs):
        raise NotReached("nothing showed the quotas of two subjects: no fault of one tenant, no response that states what is left")


def _shows_a_quota(pair: QuotaPair, contract: Contract, spec: Mapping[str, Any]) -> bool:
    """Whether requests of one subject show anything of the quota of another; raises when they use it up."""
    answers = [answered_in_time(item) for item in (pair.before, pair.after)]
    if pair.limited and all(_is_limited(item.answer, contract, spec["code"]) for item in pair.own):
        if any(_is_limited(answer, contract, spec["code"]) for answer in answers):
            raise Violation(f"no {spec['code']} for another subject", summarize(pair.after), pair.purpose)
        return True
    before, after = (_left(answer, spec["remaining"]) for answer in answers)
    if before is None or after is None:
        return False
    own = [left for item in pair.own if (left := _left(item.answer, spec["remaining"])) is not None]
    cost = max([1, *(one - two for one, two in pairwise(own))])  # a request may use up more than one unit
    if before - after >= cost * len(pair.own):
        raise Violation(f"about {before - cost} left for another subject", f"{after} after {len(pair.own)} requests", pair.purpose)
    return True


def _is_limited(answer: Response, contract: Contract, code: str) -> bool:
    return answer.status >= 400 and has_code(answer, contract, (code,))


def _left(answer: Response, name: str) -> int | None:
    """What is left of a quota by an answer: the least of all its policies."""
    found = (next(filter(None, match.groups())) for match in LEFT.finditer(answer.header(name) or ""))
    return min(map(int, found), default=None)
