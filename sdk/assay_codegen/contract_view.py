"""A whole contract in the words of the code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from assay_contracts import Channel, Contract
from assay_contracts.json_types import is_mapping

from assay_codegen.errors import NotGeneratable
from assay_codegen.grouping import group_operations
from assay_codegen.incoming import take_components, take_incoming
from assay_codegen.jobs import with_jobs
from assay_codegen.naming import Allocator, pascal, snake, steps
from assay_codegen.operations import Methods, version_of, view_operation
from assay_codegen.pooling import Pool
from assay_codegen.servers import operation_server, view_servers
from assay_codegen.streams import followable, view_channel, view_stream
from assay_codegen.views import ChannelView, ContractView, ErrorView, OperationView, SchemeView, StreamView

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
    title = pascal(contract.id.name)
    title = title if title[:1].isalpha() else f"Api{title}"
    pool = Pool(version.get("at"), _schema_names(contract))
    own_categories = tuple((name, pascal(name) + "Error") for name in categories if name not in _RUNTIME_CATEGORIES)
    for reserved in (f"{title}Client", f"Async{title}Client", *(name for _, name in own_categories)):
        pool.names.take(reserved)
    errors = _errors(contract, pool)
    names = {error.code: error.name for error in errors}
    operations, left_out = _operations(contract, pool, names)
    operations = with_jobs(contract, operations)
    by_id = {operation.id: operation for operation in operations}
    streams: list[StreamView] = []
    channels: list[ChannelView] = []
    taken = frozenset(operation.name for operation in operations)
    for channel in contract.channels:
        try:
            if followable(channel):
                streams.append(view_stream(contract, channel, pool, by_id))
            else:
                channels.append(view_channel(channel, pool, taken))
        except (NotGeneratable, KeyError) as error:
            left_out.append(f"the feed of channel {channel.id}: {error}")
            _take_messages(channel, pool)
    left_out.extend(take_incoming(contract, pool))
    if not operations and not pool.schemas:
        take_components(contract, pool)
    arguments = (
        *(argument for operation in operations for argument in operation.arguments),
        *(argument for stream in streams for argument in stream.arguments),
        *(argument for channel in channels for argument in channel.arguments),
    )
    major, minor = (*contract.id.version.split("."), "0")[:2]
    return ContractView(
        id=str(contract.id),
        version=contract.id.version,
        digest=contract.digest,
        client=f"{title}Client",
        title=title,
        # Before 1.0 every minor version may break.
        major=major if major != "0" else f"0.{minor}",
        version_header=version.get("header"),
        version_at=steps(version["at"]) if "at" in version else (),
        correlation_header=correlation.get("header"),
        correlation_pattern=correlation.get("pattern"),
        envelope=tuple((snake(key), steps(envelope.get(key, ""))) for key in _ENVELOPE if key in envelope or key == "code"),
        retries=tuple((name, category["retry"]) for name, category in categories.items()),
        own_categories=own_categories,
        left_out=tuple(left_out),
        operations=_with_constants(operations, pool, streams),
        streams=tuple(streams),
        channels=tuple(channels),
        errors=errors,
        arguments=arguments,
        shapes=tuple(argument.shape for argument in arguments if argument.shape is not None),
        schemes=_schemes(contract),
        servers=view_servers(contract),
        models=tuple(sorted(pool.schemas)),
        groups=group_operations(contract.openapi, operations, _attributes(operations, streams, channels)),
    ), pool


def _attributes(operations: Iterable[OperationView], streams: Iterable[StreamView], channels: Iterable[ChannelView]) -> Iterator[str]:
    """The names that a client's methods have."""
    for operation in operations:
        yield operation.name
        if operation.job is not None:
            yield f"{operation.name}_poller"
    yield from (stream.name for stream in streams)
    yield from (channel.name for channel in channels)


def _operations(contract: Contract, pool: Pool, errors: Mapping[str, str]) -> tuple[tuple[OperationView, ...], list[str]]:
    """The operations that a client can call, and why others are left out: one that cannot be generated leaves the rest."""
    views: list[OperationView] = []
    left_out: list[str] = []
    methods = Methods()
    for operation in contract.operations:
        try:
            view, notes = view_operation(contract, operation, pool, errors, methods)
        except (NotGeneratable, KeyError, TypeError, ValueError, RecursionError) as error:
            left_out.append(f"operation {operation.id}: {str(error) or type(error).__name__}")
            continue
        views.append(replace(view, server=operation_server(contract, operation)))
        left_out.extend(notes)
    return tuple(views), left_out


def _with_constants(operations: tuple[OperationView, ...], pool: Pool, streams: Sequence[StreamView]) -> tuple[OperationView, ...]:
    """The operations under constants that no model, page or feed has."""
    taken = Allocator([*pool.names.taken, *(stream.constant for stream in streams)])
    return tuple(replace(operation, constant=taken.take(operation.constant, "_")) for operation in operations)


def _take_messages(channel: Channel, pool: Pool) -> None:
    """A channel that cannot be followed gives the models of its messages all the same."""
    for name, message in channel.messages.items():
        with suppress(NotGeneratable, KeyError):
            pool.take(message.payload, pascal(name), channel.id)


def _schema_names(contract: Contract) -> tuple[str, ...]:
    return tuple(name for document in (contract.openapi, contract.asyncapi) for name in _components(document, "schemas"))


def _components(document: Mapping[str, Any] | None, kind: str) -> dict[str, Any]:
    components: Any = (document or {}).get("components")
    found: Any = components.get(kind) if is_mapping(components) else None
    return found if is_mapping(found) else {}


def _schemes(contract: Contract) -> tuple[SchemeView, ...]:
    declared = _components(contract.openapi, "securitySchemes")
    return tuple(_scheme(name, scheme) for name, scheme in sorted(declared.items()) if is_mapping(scheme))


def _scheme(name: str, declared: Mapping[str, Any]) -> SchemeView:
    kind, scheme = declared.get("type"), str(declared.get("scheme", "")).lower()
    if kind == "apiKey":
        return SchemeView(name, str(declared.get("in", "header")), str(declared.get("name", "")))
    if kind == "http" and scheme == "basic":
        return SchemeView(name, "basic", "Authorization")
    if kind == "oauth2":
        flows = declared.get("flows")
        flow = flows.get("clientCredentials") if is_mapping(flows) else None
        return SchemeView(name, "bearer", "Authorization", token_url=str(flow.get("tokenUrl", "")) if is_mapping(flow) else "")
    if kind == "openIdConnect":
        return SchemeView(name, "bearer", "Authorization", discovery=str(declared.get("openIdConnectUrl", "")))
    return SchemeView(name, "bearer" if kind == "http" and scheme == "bearer" else "none", "Authorization")


def _errors(contract: Contract, pool: Pool) -> tuple[ErrorView, ...]:
    if contract.taxonomy is None:
        return ()
    categories = contract.taxonomy.categories
    return tuple(
        ErrorView(
            code=code.code,
            name=pool.names.take(pascal(code.code)),
            category=code.category,
            parent=_RUNTIME_CATEGORIES.get(code.category, pascal(code.category) + "Error"),
            status=code.status,
            retry="none" if code.retryable is False else categories[code.category]["retry"],
        )
        for code in contract.taxonomy.codes.values()
    )
