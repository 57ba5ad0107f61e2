"""Where findings are written: file, line and column in the old and in the new document.

Places are looked up for the findings alone, once they are known, and for all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from assay_contracts.reading import SourceFile

from assay_compatibility.findings import Finding, Location
from assay_compatibility.places import ApiDocument


@dataclass(frozen=True, slots=True)
class _Site:
    """The pointers of one finding: on either side where it is there, and in the new document the nearest that is."""

    old: str | None
    new: str | None
    nearest: str


def with_locations(old: ApiDocument, new: ApiDocument, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with where each is written; documents that were never text have no lines."""
    listed = tuple(findings)
    if not (_has_lines(old) and _has_lines(new)):
        return listed
    sites = [_site(finding, old, new) for finding in listed]
    before = _located(old, {site.old for site in sites if site.old is not None})
    after = _located(new, {pointer for site in sites for pointer in (site.new, site.nearest) if pointer is not None})
    return tuple(
        replace(
            finding,
            old=before.get(site.old) if site.old is not None else None,
            new=after.get(site.new) if site.new is not None else None,
            location=after.get(site.nearest),
        )
        for finding, site in zip(listed, sites, strict=True)
    )


def locate(document: ApiDocument, pointer: str) -> Location | None:
    """Where a pointer is written, or the nearest place above it that there is; None for a document that was never text."""
    if not _has_lines(document):
        return None
    nearest = _nearest(document, pointer)
    return _located(document, {nearest}).get(nearest)


def _has_lines(document: ApiDocument) -> bool:
    return document.file is not None or document.bundled is not None


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
    return next((text for text in spelled if document.at(text)[1]), None)


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
    by_file: dict[str, list[tuple[str, SourceFile, str]]] = {}
    for pointer in sorted(wanted):
        written = document.written(pointer)
        if written is not None:
            name, file, inside = written
            by_file.setdefault(name, []).append((pointer, file, inside))
    found: dict[str, Location] = {}
    for name, listed in by_file.items():
        places = listed[0][1].places({inside for _, _, inside in listed})
        found.update({pointer: Location(name, places[inside].line, places[inside].column, inside) for pointer, _, inside in listed})
    return found
