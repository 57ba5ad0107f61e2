"""The files that a document refers to: each read once, with its references written as the document would write them."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from assay_contracts.errors import ReferenceBroken
from assay_contracts.reading import SourceFile, decode, parse_document
from assay_contracts.references import rewritten
from assay_contracts.sources import Source

MOST_FILES = 500


def read_source(source: Source, name: str = "") -> SourceFile:
    """The document of a source, or the file of that name beside it, read tolerantly. Raises `DocumentMissing` or `DocumentUnreadable`."""
    where = source.file(name)
    return parse_document(decode(source.read(name), where), Path(where), tolerant=True, name=where)


@dataclass(slots=True)
class Neighbours:
    """What lies beside a document, by the name that is relative to the document's folder."""

    source: Source
    files: dict[str, SourceFile] = field(default_factory=dict[str, SourceFile])
    contents: dict[str, Any] = field(default_factory=dict[str, Any])
    """The value of each file that was read, its references written as the document would write them."""

    def read(self, name: str) -> Any:
        """The value of a file, its references written as the document would write them. Raises `ContractError`."""
        if name not in self.contents:
            if len(self.contents) >= MOST_FILES:
                raise ReferenceBroken(self.source.file(), expected=f"references to at most {MOST_FILES} files", actual="more")
            file = self.files[name] = read_source(self.source, name)
            self.contents[name] = rewritten(file.data, lambda reference: self.named(reference, name))
        return self.contents[name]

    def named(self, reference: str, holder: str = "") -> str:
        """A reference of a file as the document would write it: `#/...` inside itself, else `name#/...`."""
        address, mark, fragment = reference.partition("#")
        name = self._name(reference, address, holder) if address else holder
        return f"{name}#{fragment}" if mark or name else "#"

    def _name(self, reference: str, address: str, holder: str) -> str:
        where = f"{self.source.file(holder)}: $ref {reference}" if holder else f"$ref {reference}"
        try:
            parts = urlsplit(address)
        except ValueError as error:
            raise ReferenceBroken(where, expected="#/pointer or a relative file", actual=str(error)) from error
        if parts.query or "\0" in unquote(address):
            raise ReferenceBroken(where, expected="#/pointer or a relative file", actual="an address with more to it")
        if parts.scheme or parts.netloc or parts.path.startswith("/"):
            relative = self.source.relative(address)
            if relative is None:
                raise ReferenceBroken(
                    where, expected="#/pointer or a relative file", actual="an absolute address out of reach",
                    next_step="copy what it names into a file beside the document",
                )  # fmt: skip
            name = relative
        else:
            name = posixpath.normpath(posixpath.join(posixpath.dirname(holder), unquote(parts.path)))
        if name == self.source.name:
            return ""
        if name.startswith("..") and not self.source.reaches_up:
            raise ReferenceBroken(where, expected="a document below the folder of the first", actual="one beside or above it")
        return name
