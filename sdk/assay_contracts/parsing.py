"""From documents to a Contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from assay_contracts import asyncapi as asyncapi_documents
from assay_contracts import openapi as openapi_documents
from assay_contracts.addresses import contract_or_path
from assay_contracts.bundling import BundledDocument, bundle
from assay_contracts.canonical import canonical_bytes, digest
from assay_contracts.contract_folder import find_documents
from assay_contracts.contract_id import ContractId
from assay_contracts.draft_status import without_mark
from assay_contracts.error_locations import located
from assay_contracts.errors import ContractError, DocumentMalformed, ReferenceBroken
from assay_contracts.garbage_collection import collection_paused
from assay_contracts.json_types import mapping, text
from assay_contracts.model import Channel, Contract, Operation
from assay_contracts.reference_cycles import endless
from assay_contracts.references import Library
from assay_contracts.subtypes import without_listed_subtypes
from assay_contracts.taxonomy import parse_taxonomy
from assay_contracts.upgrade_to_2020_12 import lifted
from assay_contracts.version_text import UNVERSIONED, is_number, with_version_text
from assay_contracts.vocabulary import promises, read_vocabulary

# A bundle names the contract it is a version of, so that it can be read back without its path.
NAME = "x-contract"


@collection_paused()
def load_contract(source: str | Path, *, asyncapi: str | Path | None = None) -> Contract:
    """The contract of an id such as `reliability@1.0.0`, or of an OpenAPI or AsyncAPI file or loopback URL.

    Beside an OpenAPI file its AsyncAPI document is not guessed: name it. A `Path` is always a file.
    Raises `ContractError`, with file, line and column where there are any.
    """
    return parse_bundled(bundled_documents(source, asyncapi=asyncapi))


def bundle_contract(
    source: str | Path, *, asyncapi: str | Path | None = None, library: Library | None = None
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The bundled OpenAPI and AsyncAPI documents of a contract; the former is empty when there is none."""
    bundles = bundled_documents(source, asyncapi=asyncapi, library=library)
    return (
        bundles["openapi"].data if "openapi" in bundles else {},
        bundles["asyncapi"].data if "asyncapi" in bundles else None,
    )


def bundled_documents(
    source: str | Path, *, asyncapi: str | Path | None = None, library: Library | None = None
) -> dict[str, BundledDocument]:
    """The documents of a contract by kind, `openapi` and `asyncapi`, bundled and with the files that they are written in.

    `source` and `asyncapi` are as for `load_contract`. A file that the library holds already is not read again.
    Raises `DocumentMissing`, `DocumentUnreadable`, `DocumentMalformed` or `ReferenceBroken`.
    """
    library = library or Library()
    named = contract_or_path(source) if isinstance(source, str) else source
    contract: ContractId | None = None
    if isinstance(named, ContractId):
        contract, (http, realtime) = named, find_documents().sources(named)
    elif asyncapi is None and "asyncapi" in mapping(library.read(named).data, str(named)):
        http, realtime = None, named
    else:
        http, realtime = named, None if asyncapi is None else Path(asyncapi)
    found: dict[str, BundledDocument] = {}
    for name, path, standard in (("openapi", http, openapi_documents), ("asyncapi", realtime, asyncapi_documents)):
        if path is not None:
            document = library.read(path)
            standard.check_version(mapping(document.data, str(path)), str(path))
            found[name] = named_bundle(bundle(document, library), contract)
    return found


def parse_bundled(bundles: Mapping[str, BundledDocument]) -> Contract:
    """The contract of documents by kind, as `bundled_documents` returns them.

    Raises what `parse_bundle` does, with file, line and column where there are any.
    """
    openapi, asyncapi = bundles.get("openapi"), bundles.get("asyncapi")
    try:
        return parse_bundle(openapi.data if openapi else {}, asyncapi.data if asyncapi else None)
    except ContractError as error:
        raise located(error, openapi.file if openapi else None, asyncapi.file if asyncapi else None) from None


def parse_bundle(openapi: dict[str, Any], asyncapi: dict[str, Any] | None = None) -> Contract:
    """The contract of bundled documents, for whoever holds them without the files that they came from.

    `openapi` is `{}` for a contract without HTTP; both as `bundle_contract` returns them.
    Raises `DocumentMalformed` for a document that is no contract, and `ReferenceBroken` for references that never end.
    """
    openapi = without_listed_subtypes(lifted(openapi))
    asyncapi = None if asyncapi is None else without_listed_subtypes(asyncapi)
    described = [document for document in (openapi, asyncapi) if document]
    if not described:
        raise DocumentMalformed("the contract", expected="an OpenAPI or AsyncAPI document", actual="neither")
    for document in described:
        for pointer in endless(document):
            raise ReferenceBroken(pointer.removeprefix("/"), expected="references that end", actual="a circle")
    operations: tuple[Operation, ...] = ()
    channels: tuple[Channel, ...] = ()
    if openapi:
        openapi_documents.check_version(openapi, "the OpenAPI document")
        operations = openapi_documents.parse_operations(openapi)
    if asyncapi:
        asyncapi_documents.check_version(asyncapi, "the AsyncAPI document")
        channels = asyncapi_documents.parse_channels(asyncapi)
    info = mapping(described[0].get("info"), "info")
    taxonomies = [parse_taxonomy(document) for document in described]
    return Contract(
        id=ContractId(_name_of(info), _version_of(info, "info/version")),
        openapi=openapi,
        asyncapi=asyncapi or None,
        operations=operations,
        channels=channels,
        taxonomy=next((taxonomy for taxonomy in taxonomies if taxonomy is not None), None),
        promises=promises(read_vocabulary(find_documents()), described, operations, channels),
        digest=digest(*(canonical_bytes(without_mark(document)) for document in described)),
    )


def named_bundle(bundled: BundledDocument, contract: ContractId | None) -> BundledDocument:
    """The bundle with its contract's name in it; a version that contradicts the path is refused."""
    document = bundled.file
    data = with_version_text(bundled.data, document)
    info = mapping(data.get("info"), f"{document.path}: info")
    version = _version_of(info, f"{document.path}: info/version")
    if contract is not None and version != contract.version:
        raise DocumentMalformed(f"{document.path}: info/version", expected=contract.version, actual=version)
    try:
        name = contract.name if contract else _name_from(info, document.path)
    except DocumentMalformed as error:
        raise located(error, document) from None
    return replace(bundled, data={**data, "info": {**info, NAME: info.get(NAME, name)}})


def _version_of(info: dict[str, Any], where: str) -> str:
    """The version by which a contract is known, also where the document has none."""
    version = info.get("version")
    return UNVERSIONED if version is None else text(str(version) if is_number(version) else version, where)


def _name_from(info: dict[str, Any], path: Path) -> str:
    if path.stem == info.get("version") and re.fullmatch(r"[a-z][a-z0-9-]*", path.parent.name):
        return path.parent.name
    return _name_of(info)


def _name_of(info: dict[str, Any]) -> str:
    if NAME in info:
        return text(info[NAME], f"info/{NAME}")
    return re.sub(r"[^a-z0-9]+", "-", text(info.get("title"), "info/title").lower()).strip("-") or "contract"
