"""Everything that is generated and committed, generated again and compared: in bytes first, and in meaning where bytes differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay_contracts import Contract, ContractFolder, ContractId, derive_requirements, load_contract, read_vocabulary
from assay_contracts.locking import bundle_all, check_lock, is_released, lock_lines, read_lock, settled
from assay_contracts.requirements import check_requirements, read_requirements
from assay_contracts.vocabulary_pages import write_pages

from assay_drift.meaning import differences

if TYPE_CHECKING:
    from assay_codegen.package import GeneratedPackage

CURRENT, BYTES, MEANING, MISSING, SUPERFLUOUS = "current", "bytes", "meaning", "missing", "superfluous"


@dataclass(frozen=True, slots=True)
class Piece:
    """One generated file: what kind it is of, where it is, how it stands, what differs in meaning, and the command that renews it."""

    kind: str
    path: Path
    state: str
    about: tuple[str, ...] = ()
    renew: str = ""

    @property
    def drifted(self) -> bool:
        """Whether it is not what generation gives."""
        return self.state != CURRENT

    def as_json(self) -> dict[str, Any]:
        """The stable machine form."""
        return {"kind": self.kind, "path": str(self.path), "state": self.state, "differences": list(self.about), "renew": self.renew}


def compared(kind: str, path: Path, given: str | None, renew: str) -> Piece:
    """A file against what generation gives for it, None when it gives no such file."""
    if given is None:
        return Piece(kind, path, SUPERFLUOUS, (), renew)
    if not path.is_file():
        return Piece(kind, path, MISSING, (), renew)
    found = path.read_bytes()
    if found == given.encode():
        return Piece(kind, path, CURRENT)
    about = differences(path.name, found.decode("utf-8", "replace"), given)
    return Piece(kind, path, MEANING if about else BYTES, about, renew)


def package_pieces(contract: Contract, place: Path, renew: str) -> Iterator[Piece]:
    """The files of a generated package."""
    from assay_codegen.package import generate_python

    yield from _files(generate_python(contract), place, renew)


def committed_pieces(contracts: frozenset[str] | None) -> Iterator[Piece]:
    """The files of every generated package that is committed with the project."""
    from assay_codegen.drift import read_committed
    from assay_codegen.package import generate_python

    for client in read_committed():
        if contracts is None or client.contract in contracts:
            package = generate_python(load_contract(client.contract))
            yield from _files(package, client.place, client.renew)


def _files(package: GeneratedPackage, place: Path, renew: str) -> Iterator[Piece]:
    stale = package.drift(place)
    for name in sorted({*package.files, *stale}):
        if name in stale:
            yield compared("python", place / name, package.files.get(name), renew)
        else:
            yield Piece("python", place / name, CURRENT)


def document_pieces(documents: ContractFolder, contracts: frozenset[str] | None) -> Iterator[Piece]:
    """Bundles, locks and requirement sets."""
    bundles = bundle_all(documents)
    for bundle in bundles:
        if contracts is None or str(bundle.contract) in contracts:
            yield compared("bundle", bundle.path, bundle.content.decode(), "assay contracts bundle")
    problems = check_lock(documents, bundles)
    for kind in ("openapi", "asyncapi"):
        lock = documents.lock(kind)
        own = [bundle for bundle in bundles if bundle.kind == kind]
        messages = tuple(problem.removeprefix(f"{lock}: ") for problem in problems if problem.startswith(f"{lock}: "))
        if contracts is not None:
            messages = tuple(text for text in messages if any(name in text or name.replace("@", "-") in text for name in contracts))
        if messages:
            yield Piece("lock", lock, MEANING, messages, "assay contracts lock")
        elif own or read_lock(lock):
            same = not lock.is_file() or contracts is not None or lock.read_text("utf-8") == lock_lines(own)
            yield Piece("lock", lock, CURRENT if same else BYTES, (), "" if same else "assay contracts lock")
    for id in settled(documents):
        if (contracts is None or str(id) in contracts) and is_released(documents, id):
            yield _requirements(documents, id)


def _requirements(documents: ContractFolder, id: ContractId) -> Piece:
    """A requirement set; that the vocabulary has more clauses by now is no difference."""
    path = documents.requirements(id)
    renew = "restore the file: a requirement set is written once"
    if not path.is_file():
        return Piece("requirements", path, MISSING, (), f"assay contracts requirements {id} --write")
    problems = tuple(problem.removeprefix(f"{path}: ") for problem in check_requirements(documents, id))
    if not problems:
        return Piece("requirements", path, CURRENT)
    if set(problems) <= {"the set is not what was frozen"} and read_requirements(path) == derive_requirements(load_contract(str(id))):
        return Piece("requirements", path, BYTES, (), renew)
    return Piece("requirements", path, MEANING, problems, renew)


def page_pieces(documents: ContractFolder, folder: Path) -> Iterator[Piece]:
    """The pages of the vocabulary."""
    pages = write_pages(read_vocabulary(documents))
    renew = f"assay contracts vocabulary --out {folder}"
    for name in sorted({*pages, *(path.name for path in folder.glob("*.md"))}):
        yield compared("vocabulary page", folder / name, pages.get(name), renew)
