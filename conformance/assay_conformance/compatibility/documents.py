"""Reading any OpenAPI 3 or AsyncAPI 3 document: a file, a loopback URL, `git:REF:path`, NAME@VERSION, or already parsed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import yaml

from assay_conformance.compatibility.errors import DocumentRefused
from assay_conformance.compatibility.neighbours import Neighbours
from assay_conformance.compatibility.places import Document, file_and_pointer
from assay_conformance.compatibility.references import references
from assay_conformance.compatibility.sources import source_of
from assay_conformance.compatibility.values import is_array, is_object

KINDS = "an OpenAPI 3.0, 3.1 or 3.2 or an AsyncAPI 3 document"
MOST_VALUES = 4_000_000


_CORE = (
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)$", (*"tTfF",)),
    ("null", r"(?:~|null|Null|NULL|)$", (*"~nN", "")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)$", (*"-+0123456789",)),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$", (*"-+0123456789.",)),
    ("merge", r"<<$", ("<",)),
)


class _Loader(yaml.CSafeLoader):
    """YAML by the 1.2 core rules: `yes` and `on` are texts, and so are days and times."""

    yaml_implicit_resolvers: dict[str | None, list[Any]] = {  # noqa: RUF012
        first: [(f"tag:yaml.org,2002:{tag}", re.compile(pattern)) for tag, pattern, firsts in _CORE if first in firsts]
        for first in {each for _, _, firsts in _CORE for each in firsts}
    }


def read_document(source: str, *, kind: str = "openapi") -> Document:
    """The document that an address on the command line names, every reference that it needs checked."""
    if re.fullmatch(r"[A-Za-z][\w.-]*@\d+\.\d+\.\d+\S*", source) and not Path(source).exists():
        return _of_contract(source, kind)
    found = source_of(source)
    document = parse_document(found.read(), source)
    document.neighbours = Neighbours(found, parse_value)
    check_references(document)
    return document


def parse_document(text: bytes, source: str) -> Document:
    """The document written in JSON or YAML."""
    document = as_document(parse_value(text, source), source)
    document.text = text.decode("utf-8", "replace")
    return document


def parse_value(text: bytes, source: str) -> Any:
    """What is written in JSON or YAML, as plain JSON values."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            return _Plain(source).value(yaml.load(text, Loader=_Loader))  # noqa: S506 - the C twin of the safe loader
        except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
            raise DocumentRefused(source, expected="JSON or YAML", actual=" ".join(str(error).split())[:160]) from error


def check_references(document: Document) -> None:
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


def _where(document: Document, holder: str, reference: str) -> str:
    """The file and the line where a reference is written."""
    file, text = document.source, document.text
    if document.neighbours is not None:
        file, text = document.neighbours.source.file(holder), document.neighbours.texts.get(holder, text)
    fragment = reference.partition("#")[2]
    found = [at for at in (text.find(reference), text.find(f"#{fragment}") if fragment else -1) if at >= 0]
    return f"{file}:{text.count(chr(10), 0, found[0]) + 1}" if found else file


def as_document(content: Any, source: str = "inline document") -> Document:
    """A parsed value as a document, refused unless it is of a known kind and version."""
    if not is_object(content):
        raise DocumentRefused(source, expected=KINDS, actual=f"a {type(content).__name__}")
    held = content
    for kind in ("openapi", "asyncapi"):
        version = held.get(kind)
        if isinstance(version, str | float):
            found = re.match(r"3\.\d+", str(version))
            if found is None:
                raise DocumentRefused(source, expected=KINDS, actual=f"{kind} {version}")
            _check_shape(held, kind, source)
            return Document(held, kind, found[0], source)
    raise DocumentRefused(source, expected=KINDS, actual="neither of the members openapi and asyncapi")


def _check_shape(content: dict[str, Any], kind: str, source: str) -> None:
    for key in ("paths", "components", "webhooks", "info") if kind == "openapi" else ("channels", "operations", "components", "info"):
        if content.get(key) is not None and not is_object(content[key]):
            raise DocumentRefused(source, expected=f"an object at /{key}", actual=f"a {type(content[key]).__name__}")


def _of_contract(source: str, kind: str) -> Document:
    from assay_contracts import load_contract

    contract = load_contract(source)
    content = contract.openapi if kind == "openapi" or contract.asyncapi is None else contract.asyncapi
    document = as_document(content, source)
    document.contract = kind if contract.asyncapi is None or kind == "openapi" else "asyncapi"
    return document


class _Plain:
    """YAML's values as the JSON they stand for; what aliases repeat counts each time."""

    def __init__(self, source: str) -> None:
        self.source, self.left = source, MOST_VALUES

    def value(self, value: Any) -> Any:
        """The JSON value of a YAML value."""
        self.left -= 1
        if self.left < 0:
            raise DocumentRefused(self.source, expected=f"at most {MOST_VALUES} values", actual="more, through aliases")
        if is_object(value):
            return {_key(key): self.value(each) for key, each in value.items()}
        if is_array(value):
            return [self.value(each) for each in value]
        return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _key(key: Any) -> str:
    return {True: "true", False: "false"}[key] if isinstance(key, bool) else "null" if key is None else str(key)
