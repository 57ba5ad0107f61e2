"""Asks for tenants that a credential does not cover, without a credential, with bad ones, and for three tenants side by side."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from assay_contracts import Operation

from assay_conformance.body_plans import renewed, right_requests, with_tenant
from assay_conformance.body_values import at
from assay_conformance.driver_context import DriverContext, bad_credentials, is_pointer
from assay_conformance.drivers.error_codes import codes_for
from assay_conformance.drivers.pagination import keep_refusal, refuse, walk
from assay_conformance.evidence import Alike, Exchange, Neighbours, Request
from assay_conformance.request_plans import allowed_query, annotated, header_of, list_query
from assay_conformance.schema_kinds import resolved
from assay_conformance.validation import accepts

_SPELLED = re.compile(r"[0-9A-Fa-f-]*|.*@.*")
UNKNOWN_TENANT = "tenant-that-is-not-there"


async def drive(context: DriverContext) -> None:
    """Everything about tenants that needs no change of state."""
    for operation, spec in annotated(context.contract, "x-tenancy"):
        query, parameter = allowed_query(context, operation), spec["parameter"]
        roles = ("primary", "other", "empty")
        own = [
            await context.wire.ask(operation, query, purpose="the same question of another tenant", tenant=role, expected="accepted")
            for role in roles
        ]
        context.journal.add(
            Neighbours(
                id=context.journal.name("neighbours-"),
                subject=operation.id,
                purpose="one question of three tenants",
                primary=own[0],
                other=own[1],
                empty=own[2],
            )
        )
        if "x-pagination" in operation.annotations:
            size = operation.annotations["x-pagination"]["size"]["maximum"]
            for role in ("primary", "other"):
                await walk(context, operation, "the list of one tenant", size=size, tenant=role)
        forbidden = (spec["forbidden"],)
        for role, credential in (("other", "primary"), ("primary", "other"), ("primary", "empty"), ("empty", "primary")):
            await refuse(context, operation, query, "tenant/foreign", forbidden, tenant=role, credential=credential)
        tag = header_of(own[0], "etag")
        if tag is not None:
            headers = {"If-None-Match": tag}
            await refuse(context, operation, query, "tenant/foreign", forbidden, tenant="primary", credential="other", headers=headers)
        for roles_named in (("primary", "other"), ("other", "primary")):
            names = [context.target.tenants[role] for role in roles_named]
            await context.wire.ask(
                operation, {**query, parameter: names}, purpose="two tenants named at once, one of them foreign", credential="primary"
            )
        if "x-pagination" in operation.annotations:
            await _follow_foreign(context, operation.id)
        missing = codes_for(context.contract, operation, "no-credential")
        if missing:
            for credential in bad_credentials(context.target):
                await refuse(context, operation, query, f"credential/{credential}", missing, credential=credential)
        await _ask_unknown(context, operation, query, "primary", forbidden)
        declared = operation.parameter(parameter)
        for name in near_names(context.target.tenants["primary"], declared.schema) if declared.location == "query" else ():
            await refuse(context, operation, {**query, parameter: name}, "tenant/near", forbidden, credential="primary")
        if missing:
            # Who has no credential must not learn either which tenants there are.
            await _ask_unknown(context, operation, query, "none", missing)


def near_names(own: str, schema: Mapping[str, Any]) -> list[str]:
    """Names that a careless comparison takes for a tenant's own, where the contract allows them: longer, shorter, in the other case.

    Of hexadecimal digits case is often only spelling, and so is all of what has a format.
    """
    if _SPELLED.fullmatch(own) or "format" in resolved(schema):
        return []
    near = (f"{own}x", f"{own}-2", own[:-1], own.swapcase())
    return [name for name in dict.fromkeys(near) if name and name != own and accepts(schema, name)]


async def drive_changing(context: DriverContext) -> None:
    """The same about operations that name the tenant in the body of a request: each right request leaves something behind."""
    for operation in context.contract.operations:
        spec = operation.annotations.get("x-tenancy", {})
        if is_pointer(str(spec.get("parameter", ""))) and context.target.tenants:
            await _name_in_bodies(context, operation, (str(spec["forbidden"]),))


async def _name_in_bodies(context: DriverContext, operation: Operation, forbidden: tuple[str, ...]) -> None:
    requests = {role: found[0] for role in ("primary", "other", "empty") if (found := right_requests(context, operation, role=role))}
    if len(requests) < 3:
        return

    def request_of(role: str, credential: str | None = None, *, tenant: str = "") -> Request:
        request = with_tenant(operation, renewed(context, operation, requests[role]), tenant)
        return dataclasses.replace(request, credential=credential or role)

    async def send(request: Request, purpose: str, codes: tuple[str, ...] = ()) -> Exchange:
        expected = "refused" if codes else "accepted"
        return await context.send(operation.id, request, purpose=purpose, expected=expected, codes=codes)

    own = [await send(request_of(role), "the same request of another tenant") for role in ("primary", "other", "empty")]
    context.journal.add(
        Neighbours(
            id=context.journal.name("neighbours-"),
            subject=operation.id,
            purpose="one request of three tenants",
            primary=own[0],
            other=own[1],
            empty=own[2],
        )
    )
    for role, credential in (("other", "primary"), ("primary", "other"), ("primary", "empty"), ("empty", "primary")):
        exchange = await send(request_of(role, credential), "breaks tenant/foreign", forbidden)
        keep_refusal(context, exchange, "tenant/foreign", forbidden)
    missing = codes_for(context.contract, operation, "no-credential")
    for credential in bad_credentials(context.target) if missing else ():
        exchange = await send(request_of("primary", credential), f"breaks credential/{credential}", missing)
        keep_refusal(context, exchange, f"credential/{credential}", missing)
    # Twice, since some members of a refusal, such as its time, differ from answer to answer.
    uncovered = request_of("other", "primary")
    foreign = [await send(uncovered, "a tenant that is not covered", forbidden) for _ in range(2)]
    unknown = await send(request_of("primary", tenant=UNKNOWN_TENANT), "a tenant that does not exist", forbidden)
    keep_refusal(context, unknown, "tenant/unknown", forbidden)
    context.journal.add(
        Alike(
            id=context.journal.name("alike-"),
            subject=operation.id,
            purpose="a foreign tenant and an unknown one",
            foreign=foreign[-1],
            unknown=unknown,
            foreign_tenant=context.target.tenants["other"],
            unknown_tenant=UNKNOWN_TENANT,
        )
    )


async def _ask_unknown(
    context: DriverContext, operation: Operation, query: Mapping[str, Any], credential: str, codes: tuple[str, ...]
) -> None:
    """A tenant that is not covered, and one that does not exist, with the same credential."""
    parameter = operation.annotations["x-tenancy"]["parameter"]

    async def ask_foreign() -> Exchange:
        purpose = "a tenant that is not covered"
        return await context.wire.ask(
            operation, query, purpose=purpose, tenant="other", credential=credential, expected="refused", codes=codes
        )

    # Twice, since some members of a refusal, such as its time, differ from answer to answer.
    await ask_foreign()
    foreign = await ask_foreign()
    unknown = await context.wire.ask(
        operation,
        {**query, parameter: UNKNOWN_TENANT},
        purpose="a tenant that does not exist",
        credential=credential,
        expected="refused",
        codes=codes,
    )
    keep_refusal(context, unknown, "tenant/unknown" if credential == "primary" else f"credential/{credential}", codes)
    context.journal.add(
        Alike(
            id=context.journal.name("alike-"),
            subject=operation.id,
            purpose="a foreign tenant and an unknown one",
            foreign=foreign,
            unknown=unknown,
            foreign_tenant=context.target.tenants["other"],
            unknown_tenant=UNKNOWN_TENANT,
        )
    )


async def _follow_foreign(context: DriverContext, name: str) -> None:
    """A cursor of the primary tenant's own, followed with the credential of another."""
    operation = context.contract.operation(name)
    spec = operation.annotations["x-pagination"]
    if spec["style"] != "cursor":
        return
    read = await walk(context, operation, "the list of the other tenant", size=spec["size"]["maximum"], tenant="other")
    query = list_query(context, operation, size=spec["size"]["minimum"])
    page = await context.wire.ask(operation, query, purpose="a page whose cursor another tenant will use", expected="accepted")
    mark, parameter = at(page.answer.json, spec["cursor"]["next"]), spec["cursor"]["parameter"]
    if isinstance(mark, str) and read.pages:
        forbidden = (operation.annotations["x-tenancy"]["forbidden"],)
        stolen = {**query, parameter: mark}
        await refuse(context, operation, stolen, "tenant/foreign", forbidden, tenant="primary", credential="other")
        await _name_two_cursors(context, operation, query, parameter, mark)


async def _name_two_cursors(context: DriverContext, operation: Operation, query: Mapping[str, Any], parameter: str, own: str) -> None:
    """A cursor of one's own beside one of another tenant: one may be looked at and the other followed."""
    pointer = operation.annotations["x-pagination"]["cursor"]["next"]
    page = await context.wire.ask(operation, query, purpose="a page of the other tenant", tenant="other", expected="accepted")
    foreign = at(page.answer.json, pointer)
    if not isinstance(foreign, str) or foreign == own:
        return
    following = {**query, parameter: foreign}
    await context.wire.ask(operation, following, purpose="the next page of the other tenant", tenant="other", expected="accepted")
    for pair in ([own, foreign], [foreign, own]):
        await context.wire.ask(operation, {**query, parameter: pair}, purpose="two cursors at once, one of them of another tenant")
