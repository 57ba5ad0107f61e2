"""What a server calls: webhooks, and callbacks of operations. A client receives no calls, but has the models of their bodies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from assay_contracts import Contract, ContractError, pointers
from assay_contracts.json_types import is_mapping
from assay_contracts.media_types import is_json
from assay_contracts.references import dereference
from assay_contracts.self_contained import Embedding

from assay_codegen.naming import pascal
from assay_codegen.pooling import Pool


def take_incoming(contract: Contract, pool: Pool) -> Iterator[str]:
    """Gather the models of what a server sends in calls of its own, and say of each call why it is left out."""
    embedding = Embedding(contract.openapi)
    for what, name, items in _calls(contract):
        note = "; its body has a model" if list(_models(contract, name, items, embedding, pool)) else ""
        yield f"{what}: the server calls it, and a client receives no calls{note}"


def take_components(contract: Contract, pool: Pool) -> None:
    """Gather the models of the named schemas: all that there is of a document that only others refer to."""
    embedding = Embedding(contract.openapi)
    components = contract.openapi.get("components")
    schemas = components.get("schemas") if is_mapping(components) else None
    for name in schemas if is_mapping(schemas) else ():
        with suppress(ContractError):
            pool.take(embedding.embed({"$ref": f"#{pointers.join('components', 'schemas', name)}"}), name)


def _calls(contract: Contract) -> Iterator[tuple[str, str, list[Any]]]:
    """Webhooks and callbacks in the contract's order: what each is, its name, and its path items."""
    document = contract.openapi
    webhooks = document.get("webhooks")
    for name, item in (webhooks if is_mapping(webhooks) else dict[str, Any]()).items():
        yield f"webhook {name}", name, [item]
    for operation in contract.operations:
        path = dereference(document["paths"][operation.path], document, operation.path)
        declared = path[operation.method.lower()].get("callbacks")
        for name, callback in (declared if is_mapping(declared) else dict[str, Any]()).items():
            found = _followed(callback, document)
            yield f"callback {name} of {operation.id}", name, list(found.values()) if is_mapping(found) else []


def _models(contract: Contract, name: str, items: list[Any], embedding: Embedding, pool: Pool) -> Iterator[str]:
    """The models of the bodies; one that has none is no reason to leave out the others."""
    for model, schema in _bodies(contract.openapi, name, items):
        with suppress(ContractError):
            yield pool.take(embedding.embed(schema, name), model)


def _bodies(document: dict[str, Any], name: str, items: list[Any]) -> Iterator[tuple[str, Any]]:
    """The schema of the first JSON body of every method, with a name for one that has none of its own."""
    for raw in items:
        item = _followed(raw, document)
        methods = (
            [(method, value) for method, value in item.items() if is_mapping(value) and "requestBody" in value] if is_mapping(item) else []
        )
        for method, operation in methods:
            body = _followed(operation["requestBody"], document)
            content = body.get("content") if is_mapping(body) else None
            media = next((value for key, value in content.items() if is_json(key)), None) if is_mapping(content) else None
            if is_mapping(media) and "schema" in media:
                yield pascal(name if len(methods) == 1 else f"{name} {method}"), media["schema"]


def _followed(value: Any, document: dict[str, Any]) -> Any:
    """What a reference leads to; None where that is nothing, since no client needs it."""
    try:
        return dereference(value, document, "")
    except ContractError:
        return None
