"""Reading any OpenAPI 3 or AsyncAPI 3 document: a file, a loopback URL, `git:REF:path`, NAME@VERSION, or already parsed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import yaml
from assay_contracts.json_types import is_mapping

from assay_compatibility.errors import DocumentRefused
from assay_compatibility.places import ApiDocument, file_and_pointer
from assay_compatibility.referenced_files import Neighbours
from assay_compatibility.references import references
from assay_compatibility.schemas.anchors import by_pointer
from assay_compatibility.sources import source_of
from assay_compatibility.yaml_text import read_yaml

KINDS = "an OpenAPI 3.0, 3.1 or 3.2 or an AsyncAPI 3 document"


def read_document(source: str, *, kind: str = "openapi") -> ApiDocument:
    """The document that an address on the command line names, every reference that it needs checked."""
    if re.fullmatch(r"[A-Za-z][\w.-]*@\d+\.\d+\.\d+\S*", source) and not Path(source).exists():
        return _of_contract(source, kind)
    found = source_of(source)
    document = parse_document(found.read(), source)
    document.neighbours = Neighbours(found, parse_value)
    check_references(document)
    return document


def parse_document(text: bytes, source: str) -> ApiDocument:
    """The document written in JSON or YAML."""
    document = as_document(parse_value(text, source), source)
    document.text = text.decode("utf-8", "replace")
    return document


def parse_value(text: bytes, source: str) -> Any:
    """What is written in JSON or YAML, as plain JSON values."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        wrong = error
    try:
        return read_yaml(text, source)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        if text.lstrip()[:1] in (b"{", b"["):
            raise DocumentRefused(f"{source}:{wrong.lineno}:{wrong.colno}", expected="JSON", actual=wrong.msg) from error
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        where = f"{source}:{mark.line + 1}:{mark.column + 1}" if mark is not None else source
        told = f"a syntax error: {error.problem}" if isinstance(error, yaml.MarkedYAMLError) else str(error)
        raise DocumentRefused(where, expected="JSON or YAML", actual=" ".join(str(told).split())[:160]) from error


def check_references(document: ApiDocument) -> None:
    """Refuse a document with a reference that leads nowhere or round in a circle, unless nothing needs it."""
    used = {key: each for key, each in document.content.items() if key != "components"}
    waiting = [("", each) for each in sorted(references(used))]
    seen: set[str] = set()
    while waiting:
        holder, reference = waiting.pop()
        if reference in seen:
            continue
        seen.add(reference)
        try:
            place = document.target(reference)
            document.follow(place)
        except DocumentRefused as error:
            raise DocumentRefused(f"{_where(document, holder, reference)}: {error}") from error
        waiting.extend((file_and_pointer(place.pointer)[0], each) for each in sorted(references(place.value)))


def _where(document: ApiDocument, holder: str, reference: str) -> str:
    """The file and the line where a reference is written."""
    file, text = document.source, document.text
    if document.neighbours is not None:
        file, text = document.neighbours.source.file(holder), document.neighbours.texts.get(holder, text)
    fragment = reference.partition("#")[2]
    found = [at for at in (text.find(reference), text.find(f"#{fragment}") if fragment else -1) if at >= 0]
    return f"{file}:{text.count(chr(10), 0, found[0]) + 1}" if found else file


def as_document(content: Any, source: str = "inline document") -> ApiDocument:
    """A parsed value as a document, refused unless it is of a known kind and version."""
    if not is_mapping(content):
        raise DocumentRefused(source, expected=KINDS, actual=f"a {type(content).__name__}")
    held = content
    for kind in ("openapi", "asyncapi"):
        version = held.get(kind)
        if isinstance(version, str | float):
            found = re.match(r"3\.\d+", str(version))
            if found is None:
                raise DocumentRefused(source, expected=KINDS, actual=f"{kind} {version}")
            _check_shape(held, kind, source)
            return ApiDocument(held if found[0] == "3.0" and kind == "openapi" else by_pointer(held), kind, found[0], source)
    if "swagger" in held:
        raise DocumentRefused(source, expected=KINDS, actual=f"swagger {held['swagger']}", next_step="convert it to OpenAPI 3 first")
    raise DocumentRefused(source, expected=KINDS, actual="neither of the members openapi and asyncapi")


def _check_shape(content: dict[str, Any], kind: str, source: str) -> None:
    for key in ("paths", "components", "webhooks", "info") if kind == "openapi" else ("channels", "operations", "components", "info"):
        if content.get(key) is not None and not is_mapping(content[key]):
            raise DocumentRefused(source, expected=f"an object at /{key}", actual=f"a {type(content[key]).__name__}")


def _of_contract(source: str, kind: str) -> ApiDocument:
    from assay_contracts import load_contract

    contract = load_contract(source)
    if kind == "asyncapi" and contract.asyncapi is None:
        raise DocumentRefused(source, expected="a version with an AsyncAPI document", actual="none", next_step="leave --asyncapi out")
    document = as_document(contract.openapi if kind == "openapi" or contract.asyncapi is None else contract.asyncapi, source)
    document.contract = kind
    return document
