"""Wrong in whose data is given to whom."""

from __future__ import annotations

from typing import Any

from assay_conformance.authorization import ANOTHER_AUDIENCE
from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract, pointers

from assay_mutants.answering import (
    careless,
    code_of,
    keep_success,
    plain_query,
    spec_of,
    tenant_of,
    with_correlation,
    with_envelope,
)
from assay_mutants.cache import not_modified
from assay_mutants.edits import edited, parsed, with_header, with_json, with_status
from assay_mutants.model import State, http_mutant


def _others(exchange: Exchange, contract: Contract, state: State) -> Response | None:
    """What another tenant was answered to the same question, where one was seen; this tenant's own is remembered."""
    if exchange.answer.status != 200 or exchange.expected == "broken":
        return None
    key, tenant = (exchange.subject, plain_query(exchange, contract)), tenant_of(exchange, contract)
    kept: dict[str | None, Response] = state.setdefault(key, {})
    kept.setdefault(tenant, exchange.answer)
    return next((answer for name, answer in kept.items() if name != tenant), None)


@http_mutant(breaks={"TEN-001"})
def the_tenant_is_stated_wrongly(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The answer states a tenant of its own."""
    spec = spec_of(exchange, contract, "x-tenancy")
    if spec is None or exchange.answer.status != 200:
        return exchange.answer
    answer = exchange.answer
    for pointer in spec.get("echo", ()):
        answer = edited(answer, pointer, lambda _: "tenant-zero")
    return answer


@http_mutant(breaks={"TEN-002"})
def a_longer_name_is_answered_as_the_covered_one(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Whether a tenant is covered is looked at by the beginning of its name."""
    keep_success(exchange, contract, state)
    tenant = tenant_of(exchange, contract)
    covered = state.setdefault("covered", set[str]())
    if exchange.answer.status == 200 and tenant:
        covered.add(tenant)
    own = next((name for name in covered if tenant and tenant != name and tenant.startswith(name)), None)
    known: Response | None = state.get((exchange.subject, own))
    return exchange.answer if exchange.answer.status < 400 or known is None else known


@http_mutant(breaks={"TEN-004"})
def the_last_of_two_tenants_is_answered(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The first name is compared with the credential, and the last one is looked up."""
    keep_success(exchange, contract, state)
    spec = spec_of(exchange, contract, "x-tenancy")
    named = [value for name, value in exchange.request.query if spec is not None and name == spec["parameter"]]
    known: Response | None = state.get((exchange.subject, named[-1])) if len(named) > 1 else None
    return exchange.answer if known is None or exchange.expected == "refused" else known


@http_mutant(breaks={"TEN-004"})
def a_second_cursor_opens_the_list_of_its_tenant(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The first of two cursors is compared with the tenant, and the last one is followed."""
    spec = spec_of(exchange, contract, "x-pagination")
    if spec is None or "cursor" not in spec:
        return exchange.answer
    cursors = [value for name, value in exchange.request.query if name == spec["cursor"]["parameter"]]
    if len(cursors) == 1 and exchange.answer.status == 200:
        state.setdefault((exchange.subject, cursors[0]), exchange.answer)
    known: Response | None = state.get((exchange.subject, cursors[-1])) if len(cursors) > 1 else None
    return exchange.answer if known is None else with_correlation(known, exchange.answer, contract)


@http_mutant(breaks={"TEN-001"})
def an_item_of_another_tenant_stands_in_the_list(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The last item of a later page is another tenant's."""
    spec = spec_of(exchange, contract, "x-pagination")
    if spec is None or exchange.answer.status != 200:
        return exchange.answer
    items = pointers.follow(exchange.answer.json, spec["items"])
    if not items:
        return exchange.answer
    tenant = tenant_of(exchange, contract)
    state.setdefault(tenant, items[0])
    strange = next((item for name, item in state.items() if name != tenant), None)
    if strange is None or exchange.request.parameter(spec[spec["style"]]["parameter"]) is None:
        return exchange.answer
    return edited(exchange.answer, spec["items"], lambda seen: [*seen[:-1], strange])


@http_mutant(breaks={"TEN-002"})
def a_foreign_tenant_is_answered(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A credential opens every tenant."""
    keep_success(exchange, contract, state)
    spec = spec_of(exchange, contract, "x-tenancy")
    if spec is None or code_of(exchange, contract) != spec["forbidden"]:
        return exchange.answer
    return careless(exchange, contract, state)


@http_mutant(breaks={"TEN-002"})
def a_refusal_carries_data(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A refusal is the error and the answer in one."""
    keep_success(exchange, contract, state)
    spec = spec_of(exchange, contract, "x-tenancy")
    found: Response | None = state.get((exchange.subject,))
    if spec is None or found is None or code_of(exchange, contract) != spec["forbidden"]:
        return exchange.answer
    return with_json(exchange.answer, {**parsed(found), **parsed(exchange.answer)})


@http_mutant(breaks={"TEN-003", "AUT-001"})
def no_credential_is_needed(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A request without a credential is answered."""
    keep_success(exchange, contract, state)
    if exchange.answer.status != 401 or exchange.request.credential != "none":
        return exchange.answer
    return careless(exchange, contract, state)


def let_in(exchange: Exchange, contract: Contract, state: State, *roles: str) -> Response:
    """Answer a request that carries one of these bad credentials as if it carried a good one."""
    keep_success(exchange, contract, state)
    if exchange.answer.status != 401 or exchange.request.credential not in roles:
        return exchange.answer
    return careless(exchange, contract, state)


@http_mutant(breaks={"TEN-003", "AUT-001"})
def a_forged_credential_is_good_enough(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The signature of a credential is not looked at."""
    keep_success(exchange, contract, state)
    if exchange.answer.status != 401 or exchange.request.credential == "none":
        return exchange.answer
    return careless(exchange, contract, state)


@http_mutant(breaks={"TEN-003", "AUT-001"})
def a_token_without_a_signature_is_good_enough(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The algorithm of a token is the one that it names itself, even `none`."""
    return let_in(exchange, contract, state, "unsigned")


@http_mutant(breaks={"TEN-003", "AUT-001"})
def a_signature_stands_for_any_payload(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A token is read, and its signature is not compared with it."""
    return let_in(exchange, contract, state, "another-payload", "another-algorithm")


@http_mutant(breaks={"TEN-003", "AUT-001"})
def a_credential_is_compared_by_its_beginning(exchange: Exchange, contract: Contract, state: State) -> Response:
    """What follows a good credential is not looked at."""
    return let_in(exchange, contract, state, "lengthened")


@http_mutant(breaks={"TEN-003", "AUT-001"})
def a_token_for_another_audience_is_good_enough(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A token that its issuer signed for another service opens this one."""
    return let_in(exchange, contract, state, ANOTHER_AUDIENCE)


@http_mutant(breaks={"TEN-004"})
def a_tag_of_another_tenant_is_current(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A tag that was given to any tenant for the same question is current for all."""
    tag = exchange.answer.header("etag")
    if tag is None or exchange.answer.status != 200:
        return exchange.answer
    given: set[str] = state.setdefault((exchange.subject, plain_query(exchange, contract)), set())
    sent = exchange.request.header("if-none-match")
    if sent in given and sent != tag:
        return not_modified(exchange.answer, sent or tag)
    given.add(tag)
    return exchange.answer


@http_mutant(breaks={"TEN-004"})
def every_tenant_gets_the_same_numbers(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A cache that forgets the tenant: the numbers of the first are given to all, under their own name."""
    spec, window = spec_of(exchange, contract, "x-tenancy"), spec_of(exchange, contract, "x-window")
    other = _others(exchange, contract, state)
    if other is None or spec is None or window is None:
        return exchange.answer
    answer: Response = other
    for pointer in spec.get("echo", ()):
        answer = edited(answer, pointer, lambda _: tenant_of(exchange, contract))
    return with_header(with_correlation(answer, exchange.answer, contract), "etag", exchange.answer.header("etag"))


@http_mutant(breaks={"TEN-004"})
def the_empty_tenant_has_data(exchange: Exchange, contract: Contract, state: State) -> Response:
    """A tenant without facts of its own is shown those of another."""
    _others(exchange, contract, state)
    if exchange.request.credential != "empty":
        return exchange.answer
    return every_tenant_gets_the_same_numbers(exchange, contract, state)


@http_mutant(breaks={"TEN-004"})
def lists_of_two_tenants_share_an_item(exchange: Exchange, contract: Contract, state: State) -> Response:
    """An item of one tenant stands in the list of another, under that one's name."""
    spec, tenancy = spec_of(exchange, contract, "x-pagination"), spec_of(exchange, contract, "x-tenancy")
    if spec is None or tenancy is None or exchange.answer.status != 200:
        return exchange.answer
    items = pointers.follow(exchange.answer.json, spec["items"])
    tenant = tenant_of(exchange, contract)
    if not items:
        return exchange.answer
    kept: dict[Any, list[Any]] = state.setdefault("kept", {})
    kept.setdefault(tenant, []).extend(items)
    strange = next((items[0] for name, items in kept.items() if name != tenant), None)
    if strange is None:
        return exchange.answer
    named = {key: tenant if isinstance(value, str) and value in kept else value for key, value in strange.items()}
    return edited(exchange.answer, spec["items"], lambda seen: [named, *seen[1:]])


@http_mutant(breaks={"TEN-005"})
def an_unknown_tenant_is_not_found(exchange: Exchange, contract: Contract, state: State) -> Response:
    """Whether a tenant exists can be found out."""
    spec = spec_of(exchange, contract, "x-tenancy")
    if spec is None:
        return exchange.answer
    tenant = tenant_of(exchange, contract)
    if exchange.answer.status == 200:
        state[tenant] = True
    if code_of(exchange, contract) != spec["forbidden"] or tenant in state:
        return exchange.answer
    return with_envelope(with_status(exchange.answer, 404), contract, "status", 404)


@http_mutant(breaks={"TEN-005"})
def the_message_tells_unknown_from_foreign(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The message says that there is no such tenant."""
    spec = spec_of(exchange, contract, "x-tenancy")
    if spec is None:
        return exchange.answer
    tenant = tenant_of(exchange, contract)
    if exchange.answer.status == 200:
        state[tenant] = True
    if code_of(exchange, contract) != spec["forbidden"] or tenant in state:
        return exchange.answer
    return with_envelope(exchange.answer, contract, "message", "there is no such tenant")
