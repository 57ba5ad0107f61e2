"""Where documents come from: a file, a revision of git, or a server of this machine; and what lies beside them.

A document's neighbours are named relative to its folder. Each kind of source says how far that may reach: files of the
same machine, files of the same revision, and below the folder of the same URL. Nothing else is ever read.
"""

from __future__ import annotations

import posixpath
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit

from assay_contracts.addresses import fetch
from assay_contracts.errors import DocumentMissing, DocumentUnreadable
from assay_contracts.reading import LARGEST, read_bytes

FORMS = "a file, git:REF:path, a loopback URL or NAME@VERSION"


class Source(Protocol):
    """A document's place in the world."""

    @property
    def name(self) -> str:
        """The document's own name in its folder."""
        ...

    @property
    def reaches_up(self) -> bool:
        """Whether neighbours may lie above the document's folder."""
        ...

    def read(self, name: str = "") -> bytes:
        """The document itself, or a neighbour of that normal relative name."""
        ...

    def file(self, name: str = "") -> str:
        """The document, or a neighbour, as people and code hosts call it."""
        ...

    def relative(self, address: str) -> str | None:
        """The relative name of an absolute address, if it may be followed."""
        ...


def source_of(address: str) -> Source:
    """The source that an address on the command line names."""
    if address.startswith("git:"):
        parts = address.split(":", 2)
        if len(parts) != 3 or not parts[1] or not parts[2] or parts[1].startswith("-"):
            raise DocumentUnreadable(address, expected="git:REF:path", actual=address)
        return GitSource(parts[1], parts[2])
    if address.startswith(("http://", "https://")):
        try:
            return UrlSource(urlsplit(address).geturl())
        except ValueError as error:
            raise DocumentUnreadable(address, expected="a URL", actual=str(error)) from error
    return FileSource(Path(address))


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file; neighbours may be anywhere that a relative path leads to."""

    path: Path

    @property
    def name(self) -> str:
        """The document's own name in its folder."""
        return posixpath.basename(self.path.as_posix())

    @property
    def reaches_up(self) -> bool:
        """Whether neighbours may lie above the document's folder."""
        return True

    def read(self, name: str = "") -> bytes:
        """The bytes of it, or of a regular file beside it."""
        path = self.path.parent / name if name else self.path
        if name and path.exists() and not path.is_file():
            raise DocumentUnreadable(self.file(name), expected="a file", actual="something else")
        if not name and not path.exists():
            raise DocumentMissing(self.file(), expected=FORMS, actual="no such file")
        return read_bytes(path)

    def file(self, name: str = "") -> str:
        """The path as it was given, or that of a neighbour."""
        return posixpath.normpath(f"{self.path.parent.as_posix()}/{name}") if name else self.path.as_posix()

    def relative(self, address: str) -> str | None:
        """No absolute address is followed."""
        return None


@dataclass(frozen=True, slots=True)
class GitSource:
    """A file of a revision; neighbours are read from the same revision."""

    revision: str
    path: str

    @property
    def name(self) -> str:
        """The document's own name in its folder."""
        return posixpath.basename(self.path)

    @property
    def reaches_up(self) -> bool:
        """Whether neighbours may lie above the document's folder."""
        return True

    def read(self, name: str = "") -> bytes:
        """What the revision holds at that path, from the current folder on or else from the top."""
        errors: list[str] = []
        for path in (f"./{self.file(name)}", self.file(name)):
            done = subprocess.run(["git", "show", f"{self.revision}:{path}"], capture_output=True, check=False)  # noqa: S603, S607
            if not done.returncode:
                return done.stdout
            errors.append(done.stderr.decode("utf-8", "replace").strip())
        raise DocumentMissing(f"git:{self.revision}:{self.file(name)}", expected="a file in that revision", actual=errors[0])

    def file(self, name: str = "") -> str:
        """The path in the revision."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.path), name)) if name else self.path

    def relative(self, address: str) -> str | None:
        """No absolute address is followed."""
        return None


@dataclass(frozen=True, slots=True)
class UrlSource:
    """A document that a server of this machine serves; neighbours are below its folder on the same server."""

    url: str

    @property
    def name(self) -> str:
        """The document's own name in its folder."""
        return posixpath.basename(unquote(urlsplit(self.url).path))

    @property
    def reaches_up(self) -> bool:
        """Whether neighbours may lie above the document's folder."""
        return False

    def read(self, name: str = "") -> bytes:
        """What the server sends."""
        return fetch(self.file(name), LARGEST)

    def file(self, name: str = "") -> str:
        """The URL, or that of a neighbour."""
        if not name:
            return self.url
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}{posixpath.dirname(parts.path).rstrip('/')}/{quote(name)}"

    def relative(self, address: str) -> str | None:
        """An address of the same server below the document's folder."""
        own, other = urlsplit(self.url), urlsplit(address)
        folder = posixpath.dirname(unquote(own.path)).rstrip("/") + "/"
        path = posixpath.normpath(unquote(other.path))
        same = not other.netloc or (other.scheme, other.netloc) == (own.scheme, own.netloc)
        return path.removeprefix(folder) if same and other.scheme in ("", own.scheme) and path.startswith(folder) else None
