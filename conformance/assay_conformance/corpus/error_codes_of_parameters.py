"""Which error codes answer a bad value of which parameter: the annotation that governs it says so, else the contract's general code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts import Contract, Operation


@dataclass(frozen=True, slots=True)
class Governance:
    """The error codes of one operation, by what is wrong with a request.

    `parameters` maps a parameter to the codes of the annotation that governs it; `general` answers whatever no annotation governs. Sets are
    wide where the contract leaves a choice: a tenant that is no tenant name is a bad parameter and a tenant that is not covered.
    """

    parameters: dict[str, frozenset[str]]
    general: frozenset[str]
    unknown: frozenset[str]
    body: frozenset[str]
    media_type: frozenset[str]
    oversized: frozenset[str]
    declared: frozenset[str]
    version_header: str = ""
    version_code: str = ""
    correlation_header: str = ""

    def of(self, parameter: str) -> frozenset[str]:
        """The codes for a bad value of a parameter."""
        return self.parameters.get(parameter, self.general)

    def answers(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The codes that the operation declares, sorted; none means that any declared one is right."""
        return tuple(sorted(set(codes) & self.declared)) if self.declared else tuple(sorted(set(codes)))


def governance(contract: Contract, operation: Operation) -> Governance:
    """Read the codes of an operation from its annotations and the contract's taxonomy."""
    taxonomy = contract.taxonomy
    by_request: dict[str, set[str]] = {}
    if taxonomy is not None:
        for code in taxonomy.codes.values():
            if "request" in code.provoke:
                by_request.setdefault(str(code.provoke["request"]), set()).add(code.code)

    def provoked(*names: str) -> frozenset[str]:
        return frozenset(code for name in names for code in by_request.get(name, ()))

    general = provoked("missing-parameter", "bad-parameter")
    found: dict[str, frozenset[str]] = {}

    def govern(parameter: Any, code: Any, *, also: frozenset[str] = frozenset()) -> None:
        if parameter:
            found[str(parameter)] = (frozenset({str(code)}) if code else general) | also

    own = operation.annotations
    window: Mapping[str, Any] = own.get("x-window", {})
    govern(window.get("from"), window.get("invalid"))
    govern(window.get("to"), window.get("invalid"))
    govern(window.get("series", {}).get("parameter"), window.get("invalid"), also=general)
    govern(own.get("x-filter", {}).get("parameter"), own.get("x-filter", {}).get("invalid"))
    govern(own.get("x-order", {}).get("parameter"), own.get("x-order", {}).get("invalid"))
    for part in ("cursor", "offset", "size"):
        paging: Mapping[str, Any] = own.get("x-pagination", {}).get(part, {})
        govern(paging.get("parameter"), paging.get("invalid"))
    tenancy: Mapping[str, Any] = own.get("x-tenancy", {})
    govern(tenancy.get("parameter"), tenancy.get("forbidden"), also=general)
    version: Mapping[str, Any] = taxonomy.schema_version if taxonomy is not None else {}
    correlation: Mapping[str, Any] = taxonomy.correlation if taxonomy is not None else {}
    return Governance(
        parameters=found,
        general=general,
        unknown=provoked("unknown-resource"),
        body=provoked("bad-body"),
        media_type=provoked("unknown-media-type"),
        oversized=provoked("oversized-body"),
        declared=frozenset(operation.error_codes),
        version_header=str(version.get("header", "")).lower(),
        version_code=str(version.get("code", "")),
        correlation_header=str(correlation.get("header", "")).lower(),
    )
