"""Where findings are written: file, line and column in the old and in the new document.

Places are looked up for the findings alone, once they are known: a JSON text is scanned once for all of them, and a YAML
text is composed by the reader that lint uses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from assay_contracts import pointers
from assay_contracts.reading import SourceFile, SourcePosition

from assay_compatibility.findings import Finding, Location
from assay_compatibility.json_places import json_places
from assay_compatibility.places import ApiDocument, file_and_pointer
from assay_compatibility.yaml_text import nodes


@dataclass(frozen=True, slots=True)
class _Site:
    """The pointers of one finding: on either side where it is there, and in the new document the nearest that is."""

    old: str | None
    new: str | None
    nearest: str


def with_locations(old: ApiDocument, new: ApiDocument, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with where each is written; documents that were never text have no lines."""
    told = tuple(findings)
    if not (old.text or old.contract) or not (new.text or new.contract):
        return told
    sites = [_site(each, old, new) for each in told]
    before = _located(old, {each.old for each in sites if each.old is not None})
    after = _located(new, {pointer for each in sites for pointer in (each.new, each.nearest) if pointer is not None})
    return tuple(
        replace(
            each,
            old=before.get(site.old) if site.old is not None else None,
            new=after.get(site.new) if site.new is not None else None,
            location=after.get(site.nearest),
        )
        for each, site in zip(told, sites, strict=True)
    )


def locate(document: ApiDocument, pointer: str) -> Location | None:
    """Where a pointer is written, or the nearest place above it that there is; None for a document that was never text."""
    if not (document.text or document.contract):
        return None
    nearest = _nearest(document, pointer)
    return _located(document, {nearest}).get(nearest)


def _site(finding: Finding, old: ApiDocument, new: ApiDocument) -> _Site:
    first, second = finding.places or (finding.pointer, finding.pointer)
    # What came or went has no other side, though by chance something else may have its pointer there.
    alone = finding.places is None or finding.pointer.rpartition("/")[2].isdecimal()
    came = alone and finding.before is None and finding.after is not None
    went = alone and finding.after is None and finding.before is not None
    before, after = None if came else _written(old, first), None if went else _written(new, second)
    return _Site(before, after, _nearest(new, _above(second)) if after is None else after)


def _written(document: ApiDocument, pointer: str) -> str | None:
    """The pointer, or the other spelling of its keyword, if there is such a place."""
    holder, _, word = pointer.rpartition("/")
    spelled = (pointer, f"{holder}/const") if word == "enum" else (pointer,)
    return next((each for each in spelled if document.at(each)[1]), None)


def _nearest(document: ApiDocument, pointer: str) -> str:
    """The place itself, or the first above it that there is."""
    while pointer and not document.at(pointer)[1]:
        pointer = _above(pointer)
    return pointer


def _above(pointer: str) -> str:
    """The place that holds it; above the whole of another file is the document."""
    return "" if pointer.endswith("#") else pointer.rpartition("/")[0]


def _located(document: ApiDocument, wanted: Iterable[str]) -> dict[str, Location]:
    """The location of each pointer that can be told."""
    if document.contract:
        return _of_contract(document, wanted)
    by_file: dict[str, list[str]] = {}
    for pointer in sorted(wanted):
        by_file.setdefault(file_and_pointer(pointer)[0], []).append(pointer)
    found: dict[str, Location] = {}
    for name, inside in by_file.items():
        file, text = document.source, document.text
        if document.neighbours is not None:
            file, text = document.neighbours.source.file(name), document.neighbours.texts.get(name, text)
        own = {pointer: file_and_pointer(pointer)[1] for pointer in inside}
        spots = _spots(text, file, own.values())
        found.update({key: Location(file, spots[each].line, spots[each].column, each) for key, each in own.items() if each in spots})
    return found


def _spots(text: str, file: str, wanted: Iterable[str]) -> dict[str, SourcePosition]:
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return json_places(text, wanted)
    read = SourceFile(Path(file), None, text, [nodes(text)])
    return {pointer: read.place(pointer) for pointer in wanted}


def _of_contract(document: ApiDocument, wanted: Iterable[str]) -> dict[str, Location]:
    """In a contract by name, the files that its bundle was made of."""
    from assay_contracts import ContractId, find_documents
    from assay_contracts.bundling import bundle_with_origins
    from assay_contracts.references import Library

    sources = find_documents().sources(ContractId.parse(document.source))
    path = sources[0 if document.kind == "openapi" else 1]
    if path is None:
        return {}
    library = Library()
    whole = library.read(path)
    origins = bundle_with_origins(whole, library)[1]
    found: dict[str, Location] = {}
    for pointer in wanted:
        tokens, origin = pointers.split(pointer), (whole, pointer)
        for length in range(len(tokens), 0, -1):
            known = origins.get(pointers.join(*tokens[:length]))
            if known is not None:
                origin = known[0], known[1] + pointers.join(*tokens[length:])
                break
        spot = origin[0].place(origin[1])
        found[pointer] = Location(_short(origin[0].path), spot.line, spot.column, origin[1])
    return found


def _short(path: Path) -> str:
    full, here = path.resolve(), Path.cwd()
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else full.as_posix()
