"""Caching: what may be kept, for how long, and how it is asked for again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assay_contracts import Contract

from assay_conformance.body_values import without
from assay_conformance.check import NotConcerned, NotReached, Violation, brief, check, expect
from assay_conformance.evidence import Evidence, Exchange, Response, Revalidation
from assay_conformance.exchange_views import annotation, answered, exchanges_of, operation_of, succeeded, success_of, summarize, whole
from assay_conformance.window_terms import for_length, window_length

ENTITY_TAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')


@check("CAC-001", kills={"an-answer-may-be-kept-too-long", "an-answer-may-be-kept-by-anyone", "an-answer-is-stale-at-once"})
def a_success_is_private_for_a_while(exchange: Exchange, contract: Contract, subject: str) -> None:
    """Cache-Control says `private` and a `max-age` within the bounds."""
    spec = annotation(contract, subject, "x-cache")
    if "maxAge" not in spec:
        raise NotConcerned
    rules = _rules(whole(exchange, contract))
    bounds = spec["maxAge"]
    age = rules.get("max-age")
    sound = spec["store"] in rules and not {"no-store", "public", "no-cache"} & set(rules)
    if not sound or age is None or not age.isdecimal() or not bounds["minimum"] <= int(age) <= bounds["maximum"]:
        wanted = f"{spec['store']}, max-age={bounds['minimum']}..{bounds['maximum']}"
        raise Violation(wanted, brief(exchange.answer.header("cache-control")), exchange.purpose)


@check("CAC-002", kills={"the-entity-tag-is-left-out", "the-entity-tag-is-not-quoted"})
def a_success_carries_an_entity_tag(exchange: Exchange, contract: Contract, subject: str) -> None:
    """The header ETag is there and is one."""
    if not annotation(contract, subject, "x-cache").get("etag"):
        raise NotConcerned
    tag = whole(exchange, contract).header("etag")
    if tag is None or not ENTITY_TAG.fullmatch(tag):
        raise Violation("an entity tag", brief(tag), exchange.purpose)


@check(
    "CAC-003",
    kills={"not-modified-is-never-said", "not-modified-has-a-body", "not-modified-loses-its-tag", "not-modified-lasts-for-a-year"},
)
def the_current_tag_is_answered_not_modified(evidence: Evidence, contract: Contract, subject: str) -> None:
    """The current tag, alone or among others, is answered 304 without a body, with that tag and the cache rule."""
    loose = operation_of(contract, subject).volatile
    seen: set[str] = set()
    for item in evidence.of(Revalidation):
        if item.subject != subject or item.how not in ("same", "listed"):
            continue
        first, again = success_of(item.first), item.again.answer
        if (
            again.status == 200
            and again.header("etag") != first.header("etag")
            and without(again.json, loose) != without(first.json, loose)
        ):
            continue
        if again.status != 304:
            raise Violation("304", summarize(item.again), f"{item.purpose}, with the same response")
        expect(again.body, equals="", about="the body of a 304")
        expect(_weak(again.header("etag")), equals=_weak(first.header("etag")), about="the entity tag of a 304")
        bounds = annotation(contract, subject, "x-cache").get("maxAge")
        expect(_lasting(_rules(again), bounds), equals=_lasting(_rules(first), bounds), about="the cache rule of a 304")
        seen.add(item.how)
    if len(seen) < 2:
        raise NotReached("no request was repeated with the entity tag and with a list of tags")


@check("CAC-004", kills={"any-tag-is-current", "a-tag-of-another-query-is-current"})
def another_tag_is_answered_whole(item: Revalidation, contract: Contract, subject: str) -> None:
    """A tag that is not that of the answer gets the whole answer."""
    if item.how not in ("other", "elsewhere"):
        raise NotConcerned
    if item.how == "elsewhere" and item.again.request.header("if-none-match") == item.first.answer.header("etag"):
        raise NotConcerned
    answer = success_of(item.again, f"{item.purpose}")
    expect(answer.status, equals=200, about=item.purpose)
    loose = operation_of(contract, subject).volatile
    if answer.header("etag") == item.first.answer.header("etag"):
        whole, first = without(answer.json, loose), without(item.first.answer.json, loose)
        if whole != first:
            raise Violation(brief(first), brief(whole), "the full response")


@check("CAC-005", kills={"every-answer-has-the-same-tag", "the-tag-knows-nothing-of-the-numbers"})
def different_answers_have_different_tags(evidence: Evidence, contract: Contract, subject: str) -> None:
    """All answers with one tag are the same, apart from what the contract lets differ."""
    loose = operation_of(contract, subject).volatile
    known: dict[str, tuple[object, Exchange]] = {}
    for exchange in exchanges_of(evidence, subject):
        tag = exchange.answer.header("etag")
        if tag is None or not exchange.answer.succeeded:
            continue
        body = without(exchange.answer.json, loose)
        first, before = known.setdefault(_weak(tag) or "", (body, exchange))
        if first != body:
            raise Violation(
                "a different entity tag", f"{tag} for {brief(first, 120)} and {brief(body, 120)}", f"{before.id} and {exchange.id}"
            )
    if len(known) < 2:
        raise NotReached("fewer than two tags were seen")


@check("CAC-006", kills={"what-must-never-be-stored-is-private", "nothing-is-said-of-storing"})
def a_success_follows_the_store_rule(exchange: Exchange, contract: Contract, subject: str) -> None:
    """What must never be stored says `no-store`; what may be kept does not, and is not public."""
    spec = annotation(contract, subject, "x-cache")
    rules = _rules(succeeded(exchange) if spec["store"] == "never" else whole(exchange, contract))
    # Beside `no-store` no other directive lets anyone keep the answer (RFC 9111), so a server may say more.
    fine = "no-store" in rules if spec["store"] == "never" else spec["store"] in rules and not {"no-store", "public"} & set(rules)
    if not fine:
        wanted = "no-store" if spec["store"] == "never" else spec["store"]
        raise Violation(f"Cache-Control: {wanted}", brief(exchange.answer.header("cache-control")), exchange.purpose)


@check("CAC-007", kills={"a-window-may-be-kept-as-long-as-any"})
def a_window_is_kept_as_long_as_its_length_allows(exchange: Exchange, contract: Contract, subject: str) -> None:
    """`max-age` lies within the bounds of the shortest entry that the window fits in."""
    spec, window = annotation(contract, subject, "x-cache"), annotation(contract, subject, "x-window")
    length = window_length(exchange, window)
    if length is None or "byWindow" not in spec:
        raise NotConcerned
    bounds = for_length(spec["byWindow"], length)
    age = _rules(whole(exchange, contract)).get("max-age", "")
    if bounds is not None and not (age.isdecimal() and bounds["minimum"] <= int(age) <= bounds["maximum"]):
        raise Violation(
            f"max-age={bounds['minimum']}..{bounds['maximum']}", brief(exchange.answer.header("cache-control")), exchange.purpose
        )


@check("CAC-008", kills={"vary-is-left-out"})
def what_an_answer_depends_on_stands_in_vary(exchange: Exchange, contract: Contract, subject: str) -> None:
    """`Vary` lists each header, on a success and on a 304; `*` lists every one."""
    headers = annotation(contract, subject, "x-cache").get("varies", ())
    answer = answered(exchange)
    if not headers or not (answer.succeeded or answer.status == 304):
        raise NotConcerned
    if answer.succeeded:
        whole(exchange, contract)
    listed = {name.strip().lower() for name in (answer.header("vary") or "").split(",")}
    missing = [name for name in headers if name.lower() not in listed]
    if missing and "*" not in listed:
        raise Violation(f"Vary: {', '.join(headers)}", brief(answer.header("vary")), f"status {answer.status}, {exchange.purpose}")


def _rules(answer: Response) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for part in (answer.header("cache-control") or "").split(","):
        name, _, value = part.strip().partition("=")
        if name:
            found[name.lower()] = value
    return found


def _lasting(rules: Mapping[str, str], bounds: Mapping[str, int] | None) -> dict[str, str]:
    """The directives with their values; an age within the documented bounds may be another one in each answer."""
    age = rules.get("max-age", "")
    fine = bounds is not None and age.isdecimal() and bounds["minimum"] <= int(age) <= bounds["maximum"]
    return {**rules, "max-age": "within its bounds"} if fine else dict(rules)


def _weak(tag: str | None) -> str | None:
    return None if tag is None else tag.removeprefix("W/")
