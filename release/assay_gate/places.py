"""Where a problem is written: the file, line and column that an annotation points to."""

from __future__ import annotations

import re
from pathlib import Path

from assay_compatibility.locations import locate
from assay_compatibility.places import short_path
from assay_contracts.formats import Place

from assay_gate.changes import Change
from assay_gate.releases import Release

_VERSION = "/info/version"
_ENTRY = re.compile(r"^\s*\[\[\s*ignore\s*\]\]")


def version_place(release: Release) -> Place | None:
    """Where a release declares its version."""
    return pointer_place(release, next(iter(release.documents), ""), _VERSION)


def change_place(release: Release, change: Change) -> Place | None:
    """Where a change is written in the newer release; of a generated client, where that release declares its version."""
    location = change.finding.location
    if location is not None:
        return Place(location.file, location.line, location.column)
    if change.part not in release.documents:
        return version_place(release)
    return pointer_place(release, change.part, change.finding.pointer)


def pointer_place(release: Release, part: str, pointer: str) -> Place | None:
    """Where a pointer is written in one document of a release, or the nearest place above it that there is."""
    document = release.documents.get(part)
    if document is None:
        return None
    location = locate(document, pointer)
    return None if location is None else Place(location.file, location.line, location.column)


def file_place(path: Path, line: int = 0) -> Place:
    """A line of a file, named from the working directory where it lies below it."""
    return Place(short_path(path), line)


def entry_lines(text: str) -> tuple[int, ...]:
    """The line of each `[[ignore]]` table of a file, counted from 1."""
    return tuple(number for number, line in enumerate(text.splitlines(), 1) if _ENTRY.match(line))
