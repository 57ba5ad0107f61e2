"""Wrong in what may be kept."""

from __future__ import annotations

import re

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract

from assay_mutants.answering import plain_query, spec_of, tenant_of, with_correlation
from assay_mutants.edits import with_body, with_header, with_status
from assay_mutants.model import State, http_mutant


def _tagged(exchange: Exchange) -> str | None:
    return exchange.answer.header("etag") if exchange.answer.status == 200 else None


@http_mutant(breaks={"CAC-001"})
def an_answer_may_be_kept_too_long(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Answers are kept for an hour."""
    return with_header(exchange.answer, "cache-control", "private, max-age=3600") if _tagged(exchange) else exchange.answer


@http_mutant(breaks={"CAC-001"})
def an_answer_is_stale_at_once(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Answers may be kept for no time."""
    return with_header(exchange.answer, "cache-control", "private, max-age=0") if _tagged(exchange) else exchange.answer


@http_mutant(breaks={"CAC-001"})
def an_answer_may_be_kept_by_anyone(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Answers of a tenant are public."""
    return with_header(exchange.answer, "cache-control", "public, max-age=30") if _tagged(exchange) else exchange.answer


@http_mutant(breaks={"CAC-002"})
def the_entity_tag_is_left_out(exchange: Exchange, contract: Contract, state: State) -> Response:
    """There is no tag."""
    return with_header(exchange.answer, "etag", None) if _tagged(exchange) else exchange.answer


@http_mutant(breaks={"CAC-002"})
def the_entity_tag_is_not_quoted(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The tag lacks its quotes."""
    tag = _tagged(exchange)
    return with_header(exchange.answer, "etag", tag.replace('"', "").replace("W/", "")) if tag else exchange.answer


@http_mutant(breaks={"CAC-003", "OP-007"})
def not_modified_is_never_said(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The whole answer is sent each time."""
    key = (exchange.subject, tenant_of(exchange, contract), plain_query(exchange, contract))
    if exchange.answer.status == 200:
        state[key] = exchange.answer
    found: Response | None = state.get(key)
    return exchange.answer if exchange.answer.status != 304 or found is None else with_correlation(found, exchange.answer, contract)


@http_mutant(breaks={"CAC-003"})
def not_modified_has_a_body(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A 304 repeats a body."""
    return with_body(exchange.answer, '{"unchanged":true}') if exchange.answer.status == 304 else exchange.answer


@http_mutant(breaks={"CAC-003"})
def not_modified_loses_its_tag(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A 304 has no tag."""
    return with_header(exchange.answer, "etag", None) if exchange.answer.status == 304 else exchange.answer


@http_mutant(breaks={"CAC-003"})
def not_modified_lasts_for_a_year(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A 304 has the directives of the whole answer with other values."""
    rule = exchange.answer.header("cache-control")
    if exchange.answer.status != 304 or rule is None:
        return exchange.answer
    return with_header(exchange.answer, "Cache-Control", re.sub(r"max-age=\d+", "max-age=31536000", rule))


def not_modified(answer: Response, tag: str) -> Response:
    return with_header(with_header(with_body(with_status(answer, 304), ""), "etag", tag), "content-type", None)


@http_mutant(breaks={"CAC-004"})
def any_tag_is_current(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Whatever tag is sent, nothing has changed."""
    tag = _tagged(exchange)
    return not_modified(exchange.answer, tag) if tag and exchange.request.header("if-none-match") else exchange.answer


@http_mutant(breaks={"CAC-004"})
def a_tag_of_another_query_is_current(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A tag that was given out for any question of the tenant is current for every one."""
    tag, tenant = _tagged(exchange), tenant_of(exchange, contract)
    if tag is None:
        return exchange.answer
    given: set[str] = state.setdefault((exchange.subject, tenant), set())
    sent = exchange.request.header("if-none-match")
    if sent in given and sent != tag:
        return not_modified(exchange.answer, sent or tag)
    given.add(tag)
    return exchange.answer


@http_mutant(breaks={"CAC-005"})
def every_answer_has_the_same_tag(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The tag is that of the build."""
    return with_header(exchange.answer, "etag", 'W/"build-17"') if _tagged(exchange) else exchange.answer


@http_mutant(breaks={"CAC-005"})
def the_tag_knows_nothing_of_the_numbers(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The tag is made of the tenant and the number of parameters."""
    if _tagged(exchange) is None:
        return exchange.answer
    return with_header(exchange.answer, "etag", f'W/"{tenant_of(exchange, contract)}-{len(exchange.request.query)}"')


@http_mutant(breaks={"CAC-007"})
def a_window_may_be_kept_as_long_as_any(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Every window may be kept as long as the longest one."""
    spec = spec_of(exchange, contract, "x-cache")
    if spec is None or "byWindow" not in spec or not exchange.answer.succeeded:
        return exchange.answer
    longest = max(entry["maximum"] for entry in spec["byWindow"])
    return with_header(exchange.answer, "cache-control", f"{spec['store']}, max-age={longest}")


@http_mutant(breaks={"CAC-008"})
def vary_is_left_out(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Nothing says what an answer depends on."""
    return with_header(exchange.answer, "vary", None)


@http_mutant(breaks={"CAC-006"})
def what_must_never_be_stored_is_private(exchange: Exchange, contract: Contract, state: State) -> Response:
    """What changes at any moment may be kept for half a minute."""
    spec = spec_of(exchange, contract, "x-cache")
    if spec is None or spec["store"] != "never" or exchange.answer.status != 200:
        return exchange.answer
    return with_header(exchange.answer, "cache-control", "private, max-age=30")


@http_mutant(breaks={"CAC-006"})
def nothing_is_said_of_storing(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A success says nothing of caches."""
    return with_header(exchange.answer, "cache-control", None) if exchange.answer.status == 200 else exchange.answer
