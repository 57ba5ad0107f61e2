"""The documents that a client is generated from, of an address on the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay_contracts import AssayError, load_contract
from assay_contracts.parsing import bundle_contract
from assay_contracts.references import Library

from assay_compatibility.places import ApiDocument

_CONTRACT = re.compile(r"[A-Za-z][\w.-]*@\d+\.\d+\.\d+\S*")


@dataclass(frozen=True, slots=True)
class Documents:
    """The bundled documents that a client is generated from."""

    openapi: Mapping[str, Any]
    asyncapi: Mapping[str, Any] | None = None
    source: str = ""


def names_contract(source: str) -> bool:
    """Whether an address names a contract version, as NAME@VERSION."""
    return _CONTRACT.fullmatch(source) is not None and not Path(source).exists()


def client_documents(source: str, document: ApiDocument) -> Documents:
    """Both documents of a contract version; a file with its neighbours in it; anything else as it stands."""
    if names_contract(source):
        contract = load_contract(source)
        return Documents(contract.openapi, contract.asyncapi, source)
    path = Path(source)
    if path.is_file():
        try:
            return Documents(*bundle_contract(path, library=_library(document)), source)
        except AssayError:
            # What cannot be bundled cannot be generated from either; the comparison will say so.
            pass
    if document.kind == "openapi":
        return Documents(document.content, None, source)
    return Documents({}, document.content, source)


def _library(document: ApiDocument) -> Library:
    """The files that were read for the comparison."""
    beside = document.neighbours.files.values() if document.neighbours is not None else ()
    return Library({file.path.resolve(): file for file in (document.file, *beside) if file is not None})


def as_far_as_given(old: Documents, new: Documents) -> tuple[Documents, Documents]:
    """Both without a document that only one side was given, such as the feed of a contract version beside one HTTP file."""
    openapi, asyncapi = bool(old.openapi and new.openapi), bool(old.asyncapi and new.asyncapi)
    sides = [
        Documents(document.openapi if openapi else {}, document.asyncapi if asyncapi else None, document.source) for document in (old, new)
    ]
    return sides[0], sides[1]
