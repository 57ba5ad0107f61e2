"""What hand-written mutants share: the code of an answer, and the success that a careless server would have given instead of a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract

from assay_mutants.edits import edited, with_header
from assay_mutants.model import State
from assay_mutants.selectors import error_code


def spec_of(exchange: Exchange, contract: Contract, name: str) -> Mapping[str, Any] | None:
    """The annotation of the exchange's operation, None where it has none."""
    for operation in contract.operations:
        if operation.id == exchange.subject:
            found = operation.annotations.get(name)
            return found if isinstance(found, Mapping) else None  # pyright: ignore[reportUnknownVariableType]
    return None


def code_of(exchange: Exchange, contract: Contract) -> str | None:
    """The error code of the answer."""
    return error_code(exchange.answer, contract)


def category_of(exchange: Exchange, contract: Contract) -> str | None:
    """The category that the taxonomy gives the error code of the answer."""
    code = code_of(exchange, contract)
    known = contract.taxonomy.codes.get(code) if contract.taxonomy and code else None
    return known.category if known else None


def tenant_of(exchange: Exchange, contract: Contract) -> str | None:
    """The tenant that the request speaks for."""
    spec = spec_of(exchange, contract, "x-tenancy")
    return exchange.request.parameter(spec["parameter"]) if spec else None


def with_envelope(answer: Response, contract: Contract, member: str, value: Any) -> Response:
    """The error with one fact of its body replaced."""
    if contract.taxonomy is None or answer.status < 400 or member not in contract.taxonomy.envelope:
        return answer
    return edited(answer, contract.taxonomy.envelope[member], lambda _: value)


def keep_success(exchange: Exchange, contract: Contract, state: State) -> None:
    """Remember the first success of an operation, of each tenant of it, and of each question of that tenant."""
    if exchange.answer.status == 200 and exchange.expected != "broken":
        tenant = tenant_of(exchange, contract)
        for key in ((exchange.subject,), (exchange.subject, tenant), (exchange.subject, tenant, plain_query(exchange, contract))):
            state.setdefault(key, exchange.answer)


def plain_query(exchange: Exchange, contract: Contract) -> tuple[tuple[str, str], ...]:
    """The query without the tenant, in one order."""
    spec = spec_of(exchange, contract, "x-tenancy")
    tenancy = spec["parameter"] if spec else None
    return tuple(sorted(pair for pair in exchange.request.query if pair[0] != tenancy))


def careless(exchange: Exchange, contract: Contract, state: State) -> Response:
    """The success that a server would give which did not look: that tenant's own if one was seen, else any; the refusal where none was."""
    key = (exchange.subject, tenant_of(exchange, contract))
    found: Response | None = state.get(key) or state.get((exchange.subject,))
    if found is None:
        return exchange.answer
    return with_correlation(found, exchange.answer, contract)


def with_correlation(answer: Response, original: Response, contract: Contract) -> Response:
    """The answer under the correlation identifier of the one that it stands for."""
    if contract.taxonomy is None or not contract.taxonomy.correlation:
        return answer
    header = contract.taxonomy.correlation["header"]
    return with_header(answer, header, original.header(header))
