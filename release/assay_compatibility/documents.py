"""Reading any OpenAPI 3 or AsyncAPI 3 document: a file, a loopback URL, `git:REF:path`, NAME@VERSION, or already parsed."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assay_contracts.bundling import BundledDocument
from assay_contracts.errors import ContractError
from assay_contracts.json_types import is_mapping
from assay_contracts.parsing import bundled_documents, parse_bundled
from assay_contracts.reading import SourceFile, decode
from assay_contracts.reading import parse_document as parse_text
from assay_contracts.referenced_files import Neighbours, read_source
from assay_contracts.references import reference_texts, references
from assay_contracts.sources import source_of
from assay_contracts.version_text import with_version_text

from assay_compatibility.errors import DocumentRefused
from assay_compatibility.places import ApiDocument, file_and_pointer
from assay_compatibility.schemas.anchors import by_pointer

KINDS = "an OpenAPI 3.0, 3.1 or 3.2 or an AsyncAPI 3 document"


def read_document(source: str, *, kind: str = "openapi") -> ApiDocument:
    """Read a document from a file, `git:REF:path`, a loopback URL or `NAME@VERSION`.

    `kind` chooses between the two documents of a contract version. Every reference that the document needs is checked. Raises
    `DocumentRefused`, with the file and the line where they are known.
    """
    if re.fullmatch(r"[A-Za-z][\w.-]*@\d+\.\d+\.\d+\S*", source) and not Path(source).exists():
        return _of_contract(source, kind)
    with _refused():
        origin = source_of(source)
        document = _of_file(read_source(origin), source)
        document.neighbours = Neighbours(origin)
        check_references(document)
    return document


def parse_document(text: bytes, source: str) -> ApiDocument:
    """The document written in JSON or YAML."""
    with _refused():
        return _of_file(parse_text(decode(text, source), Path(source), tolerant=True, name=source), source)


def _of_file(file: SourceFile, source: str) -> ApiDocument:
    document = as_document(with_version_text(file.data, file) if is_mapping(file.data) else file.data, source)
    document.file = file
    return document


@contextmanager
def _refused() -> Generator[None]:
    """What cannot be read cannot be compared."""
    try:
        yield
    except ContractError as error:
        raise DocumentRefused(error.subject, expected=error.expected, actual=error.actual, next_step=error.next_step) from error


def check_references(document: ApiDocument) -> None:
    """Refuse a document with a reference that leads nowhere or round in a circle, unless nothing needs it."""
    used = {key: part for key, part in document.content.items() if key != "components"}
    waiting = [("", text) for text in sorted(reference_texts(used))]
    seen: set[str] = set()
    reached: set[str] = set()
    while waiting:
        holder, reference = waiting.pop()
        if reference in seen:
            continue
        seen.add(reference)
        try:
            place = document.target(reference)
            document.follow(place)
        except (DocumentRefused, ContractError) as error:
            raise DocumentRefused(f"{_where(document, holder, reference)}: {error}") from error
        reached.add(place.pointer)
        waiting.extend((file_and_pointer(place.pointer)[0], text) for text in sorted(reference_texts(place.value)))
    document.reached = frozenset(reached)


def _where(document: ApiDocument, holder: str, reference: str) -> str:
    """The file and the line where a reference is written."""
    name, file = document.name_of(holder), document.file_of(holder)
    if file is None:
        return name
    for written in references(file.data):
        if written.text == reference or _named(document, written.text, holder) == reference:
            return f"{name}:{file.place(written.pointer).line}"
    return name


def _named(document: ApiDocument, reference: str, holder: str) -> str:
    try:
        return document.neighbours.named(reference, holder) if document.neighbours is not None else reference
    except ContractError:
        return reference


def as_document(content: Any, source: str = "inline document") -> ApiDocument:
    """A parsed value as a document, refused unless it is of a known kind and version."""
    if not is_mapping(content):
        raise DocumentRefused(source, expected=KINDS, actual=f"a {type(content).__name__}")
    members = content
    for kind in ("openapi", "asyncapi"):
        version = members.get(kind)
        if isinstance(version, str | float):
            found = re.match(r"3\.\d+", str(version))
            if found is None:
                raise DocumentRefused(source, expected=KINDS, actual=f"{kind} {version}")
            _check_shape(members, kind, source)
            return ApiDocument(members if found[0] == "3.0" and kind == "openapi" else by_pointer(members), kind, found[0], source)
    if "swagger" in members:
        raise DocumentRefused(source, expected=KINDS, actual=f"swagger {members['swagger']}", next_step="convert it to OpenAPI 3 first")
    raise DocumentRefused(source, expected=KINDS, actual="neither the property openapi nor asyncapi")


def _check_shape(content: dict[str, Any], kind: str, source: str) -> None:
    for key in ("paths", "components", "webhooks", "info") if kind == "openapi" else ("channels", "operations", "components", "info"):
        if content.get(key) is not None and not is_mapping(content[key]):
            raise DocumentRefused(source, expected=f"an object at /{key}", actual=f"a {type(content[key]).__name__}")


def _of_contract(source: str, kind: str) -> ApiDocument:
    bundles = bundled_documents(source)
    parse_bundled(bundles)
    if kind == "asyncapi" and "asyncapi" not in bundles:
        raise DocumentRefused(source, expected="a version with an AsyncAPI document", actual="none", next_step="leave --asyncapi out")
    return of_bundle(bundles[kind] if kind in bundles else bundles["asyncapi"], source)


def of_bundle(bundled: BundledDocument, source: str) -> ApiDocument:
    """A bundled document, which knows the files that it was made of."""
    document = as_document(bundled.data, source)
    document.bundled = bundled
    return document
