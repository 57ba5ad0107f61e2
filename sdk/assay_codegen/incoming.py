"""What a server calls: webhooks, and callbacks of operations. A client receives no calls, but has the models of their bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from assay_contracts import Contract, ContractError, pointers
from assay_contracts.json_types import is_mapping
from assay_contracts.media_types import is_json
from assay_contracts.references import dereference
from assay_contracts.self_contained import Embedding

from assay_codegen.naming import pascal
from assay_codegen.pooling import Pool


@dataclass(frozen=True, slots=True)
class Incoming:
    """One call of the server: what it is, such as `webhook pet.created`, and the schemas of its JSON bodies by a name for each."""

    what: str
    bodies: Mapping[str, Any]


def incoming_calls(contract: Contract) -> Iterator[Incoming]:
    """The webhooks and callbacks of a contract, in its order."""
    document = contract.openapi
    webhooks = document.get("webhooks")
    for name, item in (webhooks if is_mapping(webhooks) else dict[str, Any]()).items():
        yield Incoming(f"webhook {name}", dict(_bodies(document, name, [item])))
    for operation in contract.operations:
        path = dereference(document["paths"][operation.path], document, operation.path)
        declared = path[operation.method.lower()].get("callbacks")
        for name, callback in (declared if is_mapping(declared) else dict[str, Any]()).items():
            found = dereference(callback, document, name)
            items = list(found.values()) if is_mapping(found) else []
            yield Incoming(f"callback {name} of {operation.id}", dict(_bodies(document, name, items)))


def take_bodies(contract: Contract, call: Incoming, pool: Pool) -> None:
    """Gather the models of the bodies of a call; one that has no model is no reason to leave out the others."""
    embedding = Embedding(contract.openapi)
    for name, schema in call.bodies.items():
        with suppress(ContractError):
            pool.take(embedding.embed(schema, call.what), name)


def take_components(contract: Contract, pool: Pool) -> None:
    """Gather the models of the named schemas: all that there is of a document that only others refer to."""
    embedding = Embedding(contract.openapi)
    components = contract.openapi.get("components")
    schemas = components.get("schemas") if is_mapping(components) else None
    for name in schemas if is_mapping(schemas) else ():
        with suppress(ContractError):
            pool.take(embedding.embed({"$ref": f"#{pointers.join('components', 'schemas', name)}"}), name)


def _bodies(document: dict[str, Any], name: str, items: list[Any]) -> Iterator[tuple[str, Any]]:
    """The schema of the first JSON body of every method."""
    for raw in items:
        item = dereference(raw, document, name)
        methods = (
            {method: value for method, value in item.items() if is_mapping(value) and "requestBody" in value} if is_mapping(item) else {}
        )
        for method, operation in methods.items():
            body = dereference(operation["requestBody"], document, name)
            content = body.get("content") if is_mapping(body) else None
            media = next((value for key, value in content.items() if is_json(key)), None) if is_mapping(content) else None
            if is_mapping(media) and "schema" in media:
                yield pascal(name if len(methods) == 1 else f"{name} {method}"), media["schema"]
