"""Correlation identifiers and schema versions of the client's own: right ones and wrong ones, on answers and on errors."""

from __future__ import annotations

import re
from typing import Any

from assay_contracts import Operation

from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.pagination import keep_refusal
from assay_conformance.evidence import VersionAsk
from assay_conformance.request_plans import allowed_query

CANDIDATES = (
    "req-0f3a9c1e-assay",
    "01234567-89ab-cdef-0123-456789abcdef",
    "Assay.Run_1-two",
    "0123456789abcdef0123456789abcdef",
    "abcdefgh",
    "Z" * 128,
    "short",
    "seven77",
    "Z" * 129,
    "y" * 600,
    "has white space in it",
    "semi;colon;separated",
    "<script>alert(1)</script>",
    'quote"inside"quotes',
    "percent%0d%0aencoded",
    "comma,comma,comma",
    "slash/slash/slash",
    "{json:injection}",
    "$(command-injection)",
)


async def drive(context: DriverContext) -> None:
    """Ask every operation with each identifier and each version."""
    taxonomy = context.contract.taxonomy
    if taxonomy is None:
        return
    for operation in context.contract.operations:
        if operation.method != "GET":
            continue
        if taxonomy.correlation:
            await _correlate(context, operation, taxonomy.correlation)
        if taxonomy.schema_version:
            await _ask_versions(context, operation, taxonomy.schema_version)


async def _correlate(context: DriverContext, operation: Operation, spec: dict[str, Any] | Any) -> None:
    header, query = spec["header"], allowed_query(context, operation)
    for value in CANDIDATES:
        validity = "valid" if re.search(spec["pattern"], value) else "invalid"
        await context.wire.ask(
            operation, query, purpose=f"a correlation identifier that is {validity}", headers={header: value}, expected="accepted"
        )
    for value in (CANDIDATES[0], CANDIDATES[1], CANDIDATES[6], CANDIDATES[10]):
        validity = "valid" if re.search(spec["pattern"], value) else "invalid"
        purpose = f"a correlation identifier that is {validity}, on an error"
        headers = {header: value}
        if operation.secured:
            await context.wire.ask(operation, query, purpose=purpose, headers=headers, credential="none", expected="refused")
        if "x-tenancy" in operation.annotations:
            await context.wire.ask(
                operation, query, purpose=purpose, headers=headers, tenant="other", credential="primary", expected="refused"
            )
    if spec.get("traceparent"):
        headers = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
        await context.wire.ask(operation, query, purpose="a trace context", headers=headers, expected="accepted")
        headers = {"traceparent": "not-a-trace"}
        await context.wire.ask(operation, query, purpose="a broken trace context", headers=headers, expected="accepted")
    for _ in range(3):
        await context.wire.ask(operation, query, purpose="no correlation identifier", expected="accepted")


async def _ask_versions(context: DriverContext, operation: Operation, spec: dict[str, Any] | Any) -> None:
    header, code = spec["header"], spec["code"]
    if code not in operation.error_codes:
        return
    major, minor, patch = context.contract.id.version.split(".")
    served = [major, f"{major}.{minor}", f"{major}.{minor}.{patch}"]
    served += [version for version in spec.get("served", ()) if version not in served]
    unserved = [str(int(major) + 1), f"{int(major) + 1}.0", f"{major}.{int(minor) + 7}", f"{int(major) + 98}.{minor}.{patch}"]
    query = allowed_query(context, operation)
    for version in served + unserved:
        is_served = version in served
        exchange = await context.wire.ask(
            operation,
            query,
            purpose=f"schema version {version}",
            headers={header: version},
            expected="accepted" if is_served else "refused",
            codes=() if is_served else (code,),
        )
        context.journal.add(
            VersionAsk(
                id=context.journal.name("version-"),
                subject=operation.id,
                purpose=f"schema version {version}",
                version=version,
                served=is_served,
                exchange=exchange,
            )
        )
        if not is_served:
            keep_refusal(context, exchange, "version/unserved", (code,))
