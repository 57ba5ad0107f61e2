"""A whole contract in the words of the code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import Contract

from assay_codegen.naming import pascal, snake, steps
from assay_codegen.operations import version_of, view_operation
from assay_codegen.pooling import Pool
from assay_codegen.streams import followable, view_stream
from assay_codegen.views import ContractView, ErrorView

# The classes that the runtime draws its tree with, by the category that they stand for.
_RUNTIME_CATEGORIES = {
    "validation": "ValidationError",
    "authz": "AuthorizationError",
    "transient": "TransientError",
    "availability": "AvailabilityError",
    "contract": "ContractMismatchError",
    "unknown": "UnknownError",
}
_ENVELOPE = ("code", "category", "message", "retryable", "correlationId", "details")


def view_contract(contract: Contract) -> tuple[ContractView, Pool]:
    """The view of a contract, and the schemas that its models are made from."""
    taxonomy = contract.taxonomy
    correlation: Mapping[str, Any] = taxonomy.correlation if taxonomy is not None else {}
    envelope: Mapping[str, str] = taxonomy.envelope if taxonomy is not None else {}
    categories: Mapping[str, Mapping[str, str]] = taxonomy.categories if taxonomy is not None else {}
    version = version_of(contract)
    pool = Pool(version.get("at"))
    errors = _errors(contract)
    names = {each.code: each.name for each in errors}
    operations = tuple(view_operation(contract, each, pool, names) for each in contract.operations)
    by_id = {each.id: each for each in operations}
    streams = tuple(view_stream(contract, each, pool, by_id) for each in contract.channels if followable(each))
    arguments = (
        *(argument for each in operations for argument in each.arguments),
        *(argument for each in streams for argument in each.arguments),
    )
    major, minor = (*contract.id.version.split("."), "0")[:2]
    return ContractView(
        id=str(contract.id),
        digest=contract.digest,
        client=pascal(contract.id.name) + "Client",
        title=pascal(contract.id.name),
        # Before 1.0 every minor version may break.
        major=major if major != "0" else f"0.{minor}",
        version_header=version.get("header"),
        version_at=steps(version["at"]) if "at" in version else (),
        correlation_header=correlation.get("header"),
        correlation_pattern=correlation.get("pattern"),
        envelope=tuple((snake(key), steps(envelope.get(key, ""))) for key in _ENVELOPE if key in envelope or key == "code"),
        retries=tuple((name, each["retry"]) for name, each in categories.items()),
        own_categories=tuple((name, pascal(name) + "Error") for name in categories if name not in _RUNTIME_CATEGORIES),
        left_out=tuple(f"channel {each.id}" for each in contract.channels if not followable(each)),
        operations=operations,
        streams=streams,
        errors=errors,
        arguments=arguments,
        shapes=tuple(each.shape for each in arguments if each.shape is not None),
        models=tuple(sorted(pool.schemas)),
    ), pool


def _errors(contract: Contract) -> tuple[ErrorView, ...]:
    if contract.taxonomy is None:
        return ()
    categories = contract.taxonomy.categories
    return tuple(
        ErrorView(
            code=each.code,
            name=pascal(each.code),
            category=each.category,
            parent=_RUNTIME_CATEGORIES.get(each.category, pascal(each.category) + "Error"),
            status=each.status,
            retry="none" if each.retryable is False else categories[each.category]["retry"],
        )
        for each in contract.taxonomy.codes.values()
    )
