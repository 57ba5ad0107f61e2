"""Tenancy: no answer speaks of another tenant than the one that was asked for and is covered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from assay_contracts import Contract, pointers
from assay_contracts.json_types import is_mapping

from assay_conformance.body_values import at, differing, items_at, numbers_at, spread, without
from assay_conformance.check import NotConcerned, NotReached, Violation, brief, check, expect
from assay_conformance.checks.pagination import expect_refusal
from assay_conformance.evidence import Alike, Evidence, Exchange, Neighbours, Refusal, Revalidation, Walk
from assay_conformance.exchange_views import annotation, exchanges_of, operation_of, restless, succeeded, success_of, summarize, taxonomy_of

CORRELATED = re.compile(r"[A-Za-z0-9._:-]{8,}")
"""An identifier that is nothing but one, and can be taken out of a text."""


@check("TEN-001", kills={"the-tenant-is-stated-wrongly", "an-item-of-another-tenant-stands-in-the-list"})
def the_answer_states_the_tenant_that_was_asked_for(exchange: Exchange, contract: Contract, subject: str) -> None:
    """Each place in which the answer states a tenant states the one of the request."""
    spec = annotation(contract, subject, "x-tenancy")
    named = _named_tenants(exchange, spec["parameter"])
    if len(named) != 1:
        raise NotConcerned
    body, requested = succeeded(exchange).json, named[0]
    places = [(pointer, value) for pointer in spec["echo"] for _, value in spread(body, pointer)]
    if not places:
        if any("*" not in pointer for pointer in spec["echo"]):
            raise Violation(f"the tenant at {', '.join(spec['echo'])}", "nothing", exchange.purpose)
        raise NotReached("no list had items")
    for place, value in places:
        expect(value, equals=requested, about=f"the tenant at {place}")


def _named_tenants(exchange: Exchange, parameter: str) -> list[str]:
    """The tenants that a request names: in its query, or in its body where the contract gives a pointer."""
    if not parameter.startswith("/"):
        return [value for name, value in exchange.request.query if name == parameter]
    try:
        body = orjson.loads(exchange.request.body or "")
    except orjson.JSONDecodeError:
        return []
    return [value for _, value in pointers.matches(body, parameter) if isinstance(value, str)]


@check("TEN-002", kills={"a-foreign-tenant-is-answered", "a-refusal-carries-data", "a-longer-name-is-answered-as-the-covered-one"})
def a_foreign_tenant_is_refused(refusal: Refusal, contract: Contract, subject: str) -> None:
    """A tenant that the credential does not cover is refused, with a body that has nothing but the error."""
    expect_refusal(refusal, contract, "tenant/")
    body = refusal.exchange.answer.json
    declared = operation_of(contract, subject)
    data = {name for status, answer in declared.responses.items() if status.startswith("2") for name in _top_members(answer.content)}
    known = {pointers.split(pointer)[0] for pointer in taxonomy_of(contract).envelope.values()}
    found = sorted((set(body) & data) - known) if is_mapping(body) else list[str]()
    expect(found, equals=[], about="properties of the response in the rejection")


@check(
    "TEN-003",
    kills={
        *("a-forged-credential-is-good-enough", "no-credential-is-needed"),
        *("a-token-without-a-signature-is-good-enough", "a-signature-stands-for-any-payload"),
        *("a-token-for-another-audience-is-good-enough", "a-credential-is-compared-by-its-beginning"),
    },
)
def a_bad_credential_is_refused(refusal: Refusal, contract: Contract, subject: str) -> None:
    """A request without a credential, or with a forged, altered or expired one, is refused as not authenticated."""
    expect_refusal(refusal, contract, "credential/")


@check("TEN-003", kills=())
def every_bad_credential_is_tried(evidence: Evidence, contract: Contract, subject: str) -> None:
    """None, a forged and an expired credential were tried."""
    wanted = {"credential/none", "credential/forged", "credential/expired"}
    tried = {refusal.rule for refusal in evidence.of(Refusal) if refusal.subject == subject}
    if wanted - tried:
        raise NotReached(f"never tried: {', '.join(sorted(wanted - tried))} (the target manifest may lack credentials.expired)")


@check("TEN-004", kills={"a-tag-of-another-tenant-is-current"})
def a_tag_of_another_tenant_is_worth_nothing(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A tenant's tag, sent by another, is never answered as current; nor does a tag open a tenant that is not covered."""
    operation = operation_of(contract, subject)
    found = [item for item in evidence.of(Revalidation) if item.subject == subject and item.how == "foreign"]
    for item in found:
        if item.again.answer.status != 200:
            raise Violation("the tenant's own response, complete", summarize(item.again), item.purpose)
    if operation.annotations.get("x-cache", {}).get("etag") and not found:
        raise NotReached("no tag was sent by another tenant")


@check("TEN-004", kills={"every-tenant-gets-the-same-numbers", "the-empty-tenant-has-data"})
def tenants_have_answers_of_their_own(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Two tenants with facts do not have the same numbers or items, and the empty one has none."""
    operation = operation_of(contract, subject)
    groups = [item for item in evidence.of(Neighbours) if item.subject == subject]
    if not groups:
        raise NotReached("no request was sent for several tenants")
    for group in groups:
        _compare(group, operation.annotations)


@check("TEN-004", kills={"a-foreign-tenant-is-answered"})
def a_credential_sees_its_own_tenant_alone(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Whatever is asked, and however, a success states no tenant but the one that the credential covers."""
    spec = annotation(contract, subject, "x-tenancy")
    tenants = evidence.provenance.target.get("tenants", {})
    if not spec.get("echo"):
        return
    seen: set[str] = set()
    for exchange in exchanges_of(evidence, subject):
        own = tenants.get(exchange.request.credential)
        if own is None or not exchange.answer.succeeded:
            continue
        requested = exchange.request.parameter(spec["parameter"])
        if requested is not None and requested not in tenants.values():
            # A credential may cover tenants that have no role, and then a response states the one that was requested.
            own = requested
        for pointer in spec["echo"]:
            for _, value in spread(exchange.answer.json, pointer):
                expect(value, equals=own, about=f"the tenant at {pointer}, shown to {exchange.request.credential}: {exchange.purpose}")
                seen.add(own)
    if len(seen) < 2:
        raise NotReached("fewer than two tenants got a response")


@check("TEN-004", kills={"the-last-of-two-tenants-is-answered"})
def a_tenant_named_beside_its_own_stays_hidden(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A request that names two tenants, one of them foreign, is not answered with what the foreign one is answered."""
    operation = operation_of(contract, subject)
    parameter, loose = annotation(contract, subject, "x-tenancy")["parameter"], restless(operation)
    for group in (item for item in evidence.of(Neighbours) if item.subject == subject):
        own, foreign = (without(item.answer.json, loose) for item in (group.primary, group.other))
        if own == foreign or not group.other.answer.succeeded:
            continue
        names = {group.primary.request.parameter(parameter), group.other.request.parameter(parameter)}
        for exchange in exchanges_of(evidence, subject):
            named = {value for name, value in exchange.request.query if name == parameter}
            if named != names or exchange.request.credential != group.primary.request.credential or not exchange.answer.succeeded:
                continue
            found = without(exchange.answer.json, loose)
            if _beside(exchange, parameter) == _beside(group.primary, parameter) and found == foreign:
                raise Violation("nothing of the foreign tenant", brief(found, 160), exchange.purpose)


def _beside(exchange: Exchange, parameter: str) -> list[tuple[str, str]]:
    """What a request asks beside the tenant: another question may have one answer for everybody."""
    return sorted((name, value) for name, value in exchange.request.query if name != parameter)


@check("TEN-004", kills={"lists-of-two-tenants-share-an-item"})
def no_item_stands_in_the_lists_of_two_tenants(evidence: Evidence, contract: Contract, subject: str) -> None:
    """No item, its tenant aside, stands in the lists of two tenants."""
    operation = operation_of(contract, subject)
    spec = operation.annotations.get("x-pagination")
    if spec is None:
        return
    tenancy = annotation(contract, subject, "x-tenancy")
    seen: dict[bytes, str] = {}
    tenants: set[str] = set()
    for walk in evidence.of(Walk):
        if walk.subject != subject or walk.filter or walk.sort:
            continue
        for page in walk.pages:
            for key in _item_keys(page, spec, tenancy):
                tenants.add(walk.tenant)
                if seen.setdefault(key, walk.tenant) != walk.tenant:
                    raise Violation(
                        "an item in the list of one tenant", f"in those of {seen[key]} and {walk.tenant}: {brief(key.decode())}"
                    )
    if len(tenants) < 2:
        raise NotReached("fewer than two tenants had items")


@check("TEN-004", kills={"a-second-cursor-opens-the-list-of-its-tenant"})
def no_answer_has_an_item_of_another_list(evidence: Evidence, contract: Contract, subject: str) -> None:
    """No item that stands in the list of another tenant alone is ever in an answer, whatever the cursors, filters and orders."""
    operation = operation_of(contract, subject)
    spec, tenancy = operation.annotations.get("x-pagination"), annotation(contract, subject, "x-tenancy")
    if spec is None:
        return
    tenants: Mapping[str, str] = evidence.provenance.target.get("tenants", {})
    lists: dict[str, set[bytes]] = {}
    for walk in evidence.of(Walk):
        if walk.subject == subject:
            found = lists.setdefault(walk.tenant, set())
            found.update(key for page in walk.pages for key in _item_keys(page, spec, tenancy))
    for exchange in exchanges_of(evidence, subject):
        role = exchange.request.credential
        own, named = lists.get(role), {value for name, value in exchange.request.query if name == tenancy["parameter"]}
        if own is None or not exchange.answer.succeeded or not named <= {tenants.get(role)}:
            continue
        for key in _item_keys(exchange, spec, tenancy):
            holder = next((other for other, keys in lists.items() if other != role and key in keys), None)
            if holder is not None and key not in own:
                raise Violation(f"nothing of the list of {holder}", brief(key.decode(), 160), f"{exchange.purpose}, by {role}")


def _item_keys(exchange: Exchange, spec: Mapping[str, Any], tenancy: Mapping[str, Any]) -> Iterator[bytes]:
    """The items of a page, each without the tenant that it states."""
    start = spec["items"] + "/*"
    echo = [pointer.removeprefix(start) for pointer in tenancy.get("echo", ()) if pointer.startswith(start)]
    for item in items_at(exchange.answer, spec["items"]) or ():
        yield orjson.dumps(without(item, echo), option=orjson.OPT_SORT_KEYS)


@check("TEN-005", kills={"an-unknown-tenant-is-not-found", "the-message-tells-unknown-from-foreign"})
def an_unknown_tenant_is_refused_like_a_foreign_one(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Status and body are the same, but for the tenant, the correlation identifier and what differs from answer to answer anyway."""
    pairs = [item for item in evidence.of(Alike) if item.subject == subject]
    if not pairs:
        raise NotReached("no unknown tenant was requested")
    for pair in pairs:
        if pair.foreign.answer.status < 400:
            raise Violation("a rejection of the foreign tenant", summarize(pair.foreign), pair.foreign.purpose)
        expect(pair.unknown.answer.status, equals=pair.foreign.answer.status, about="the status for a tenant that does not exist")
        twins = [item for item in exchanges_of(evidence, subject) if item.request == pair.foreign.request and item.response is not None]
        loose = {pointer for twin in twins for pointer in differing(_refusal(pair.foreign, contract), _refusal(twin, contract))}
        # A body without members, such as a text, is compared as a whole.
        loose.discard("")
        foreign, unknown = (
            brief(without(_refusal(exchange, contract), loose), 2000).replace(name, "<tenant>")
            for exchange, name in ((pair.foreign, pair.foreign_tenant), (pair.unknown, pair.unknown_tenant))
        )
        expect(unknown, equals=foreign, about="the rejection of an unknown tenant")


def _refusal(exchange: Exchange, contract: Contract) -> Any:
    """The body of a refusal, in whatever order its members come, without its correlation identifier."""
    taxonomy = taxonomy_of(contract)
    own = exchange.answer.header(str(taxonomy.correlation.get("header", ""))) if taxonomy.correlation else None
    body = exchange.answer.json
    if not is_mapping(body):
        return exchange.answer.body
    text = orjson.dumps(
        without(body, [pointer for name, pointer in taxonomy.envelope.items() if name == "correlationId"]), option=orjson.OPT_SORT_KEYS
    ).decode()
    return orjson.loads(text.replace(own, "<correlation>") if own and CORRELATED.fullmatch(own) else text)


def _compare(group: Neighbours, annotations: Mapping[str, Any]) -> None:
    window = annotations.get("x-window", {})
    if "additive" in window:
        one, two, none = (numbers_at(success_of(item), window["additive"]) for item in (group.primary, group.other, group.empty))
        expect([pointer for pointer, value in none.items() if value], equals=[], about="numbers of the tenant without facts that are not 0")
        if not any(one.values()) or not any(two.values()):
            raise NotReached("one of two tenants had no facts")
        if one == two and sum(one.values()) > 100:
            raise Violation("different numbers for each tenant", f"{brief(one)} for both")
        return
    if "x-pagination" in annotations:
        items = annotations["x-pagination"]["items"]
        expect(len(items_at(success_of(group.empty), items) or ()), equals=0, about="items of the tenant without any")
        return
    if "x-snapshot" in annotations:
        spec = annotations["x-snapshot"]
        one, two = (at(success_of(item).json, spec["state"]) for item in (group.primary, group.other))
        expect(at(success_of(group.empty).json, spec["state"]), equals=[], about="the state of the tenant without any")
        if one and one == two:
            raise Violation("a different state for each tenant", f"{brief(one, 120)} for both")
        return
    if success_of(group.primary).body == success_of(group.other).body:
        raise NotConcerned


def _top_members(content: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for schema in content.values():
        reference = str(schema.get("$ref", ""))
        target = at(schema, reference.removeprefix("#")) if reference else schema
        found.extend(target.get("properties", {}) if isinstance(target, Mapping) else ())  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    return found
