"""The files that a document refers to: each read once, with its references written as the document would write them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from assay_compatibility.errors import DocumentRefused
from assay_compatibility.references import rebase
from assay_compatibility.sources import Source

MOST_FILES = 500


@dataclass(slots=True)
class Neighbours:
    """What lies beside a document, by the name that is relative to the document's folder."""

    source: Source
    parse: Callable[[bytes, str], Any]
    contents: dict[str, Any] = field(default_factory=dict[str, Any])
    texts: dict[str, str] = field(default_factory=dict[str, str])

    def read(self, name: str) -> Any:
        """The value of a file, its references rewritten."""
        if name not in self.contents:
            if len(self.contents) >= MOST_FILES:
                raise DocumentRefused(self.source.file(), expected=f"references to at most {MOST_FILES} files", actual="more")
            raw = self.source.read(name)
            content = self.parse(raw, self.source.file(name))
            rebase(content, lambda reference: self.named(reference, name))
            self.contents[name], self.texts[name] = content, raw.decode("utf-8", "replace")
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
            raise DocumentRefused(where, expected="#/pointer or a relative file", actual=str(error)) from error
        if parts.query or "\0" in unquote(address):
            raise DocumentRefused(where, expected="#/pointer or a relative file", actual="an address with more to it")
        if parts.scheme or parts.netloc or parts.path.startswith("/"):
            told = self.source.relative(address)
            if told is None:
                raise DocumentRefused(
                    where, expected="#/pointer or a relative file", actual="an absolute address out of reach",
                    next_step="copy what it names into a file beside the document",
                )  # fmt: skip
            name = told
        else:
            name = posixpath.normpath(posixpath.join(posixpath.dirname(holder), unquote(parts.path)))
        if name == self.source.name:
            return ""
        if name.startswith("..") and not self.source.reaches_up:
            raise DocumentRefused(where, expected="a document below the folder of the first", actual="one beside or above it")
        return name
