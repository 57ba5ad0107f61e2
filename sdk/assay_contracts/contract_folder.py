"""Where documents live: a folder with `openapi/`, `asyncapi/` and `requirements/` in it.

In a checkout that is the repository, in an installed wheel the `documents` folder of this package; the
environment variable `ASSAY_DOCUMENTS` names any other. The vocabulary of annotations comes with the package: a
folder adds files to it, or puts one of the same name in the place of ours.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assay_contracts.contract_id import ContractId
from assay_contracts.errors import ContractError, DocumentMissing, UnknownContract

_PACKAGE = Path(__file__).parent
_KEPT_APART = {"shared", "vocabulary", "bundled"}
KINDS = ("openapi", "asyncapi")


@dataclass(frozen=True, slots=True)
class ContractFolder:
    """A folder with `openapi/`, `asyncapi/` and `requirements/`.

    `root` is its absolute path. Contract versions are the files `<kind>/<contract>/<version>.yaml` in it.
    """

    root: Path

    def vocabulary_files(self) -> tuple[Path, ...]:
        """Every file of the annotation vocabulary, by kind and name: those of this folder, and ours besides."""
        found: dict[tuple[str, str], Path] = {}
        for root in filter(None, (_shipped(), self.root)):
            for kind in KINDS:
                found |= {(kind, path.name): path for path in (root / kind / "vocabulary").glob("*.yaml")}
        return tuple(path for _, path in sorted(found.items(), key=lambda entry: (KINDS.index(entry[0][0]), entry[0][1])))

    def vocabulary_version(self) -> Path | None:
        """The file with the version of the vocabulary: of this folder, or ours."""
        files = (root / "openapi" / "vocabulary" / "version" for root in (self.root, _shipped()) if root)
        return next((path for path in files if path.is_file()), None)

    def contracts(self) -> tuple[ContractId, ...]:
        """Every contract version here, by name and then by version."""
        found = {
            ContractId(path.parent.name, path.stem)
            for kind in KINDS
            for path in (self.root / kind).glob("*/*.yaml")
            if path.parent.name not in _KEPT_APART and re.fullmatch(r"\d+\.\d+\.\d+", path.stem)
        }
        return tuple(sorted(found, key=lambda version: (version.name, version.precedence)))

    def sources(self, contract: ContractId) -> tuple[Path | None, Path | None]:
        """The OpenAPI and the AsyncAPI document of a contract version, each None when there is none."""
        openapi, asyncapi = (self.root / kind / contract.name / f"{contract.version}.yaml" for kind in KINDS)
        if not openapi.is_file() and not asyncapi.is_file():
            known = ", ".join(map(str, self.contracts())) or "none at all"
            raise UnknownContract(f"contract {contract}", expected=f"one of {known}", next_step="see `assay contracts list`")
        return (openapi if openapi.is_file() else None, asyncapi if asyncapi.is_file() else None)

    def bundled(self, kind: str, contract: ContractId) -> Path:
        """The file that holds the bundled form of a contract version."""
        return self.root / kind / "bundled" / f"{contract.name}-{contract.version}.json"

    def lock(self, kind: str) -> Path:
        """The file that holds the digests of one kind's bundled documents."""
        return self.root / kind / "contracts.lock"

    def requirements(self, contract: ContractId) -> Path:
        """The file that holds the frozen requirement set of a contract version."""
        return self.root / "requirements" / f"{contract.name}-{contract.version}.yaml"


def find_documents() -> ContractFolder:
    """The folder of documents in use: `ASSAY_DOCUMENTS`, else the one that comes with the package.

    Raises `DocumentMissing` when the variable names a folder without documents.
    """
    named = os.environ.get("ASSAY_DOCUMENTS")
    if named:
        root = Path(named)
        if not any((root / kind).is_dir() for kind in KINDS):
            raise DocumentMissing(
                f"ASSAY_DOCUMENTS={named}",
                expected="a folder with openapi/ or asyncapi/ in it",
                actual="none",
            )
        return ContractFolder(root.resolve())
    shipped = _shipped()
    if shipped is None:
        raise ContractError(
            "contract documents",
            expected="a folder with openapi/ or asyncapi/ in it",
            actual="none beside the package",
            next_step="set ASSAY_DOCUMENTS to one",
        )
    return ContractFolder(shipped)


def shipped_documents() -> ContractFolder:
    """The folder of documents that comes with the package, whatever `ASSAY_DOCUMENTS` says.

    Raises `ContractError` when the installation has none.
    """
    shipped = _shipped()
    if shipped is None:
        raise ContractError("contract documents", expected="documents beside the package", actual="none")
    return ContractFolder(shipped)


@cache
def _shipped() -> Path | None:
    """The folder that comes with the package, or the checkout that the package is part of."""
    roots = (_PACKAGE / "documents", _PACKAGE.parent.parent)
    return next((root for root in roots if any((root / kind).is_dir() for kind in KINDS)), None)


def list_contracts() -> tuple[ContractId, ...]:
    """Every contract version that `load_contract` finds by its id, by name and version.

    >>> ContractId("reliability", "1.0.0") in list_contracts()
    True
    """
    return find_documents().contracts()
