"""Bundles and locks: the committed bundled form of every contract version, and the digests that keep it so.

A released version never changes. `contracts.lock` holds one line for each bundled document in the form that
`sha256sum -c contracts.lock` reads, so that anyone can check it without this package. A draft has neither
bundle nor lock line until it is released.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assay_contracts.canonical import canonical_bytes, digest
from assay_contracts.contract_folder import KINDS, ContractFolder, find_documents
from assay_contracts.contract_id import ContractId
from assay_contracts.draft_status import DRAFT, says_draft, without_mark
from assay_contracts.errors import DocumentMalformed, LockBroken
from assay_contracts.model import Contract
from assay_contracts.parsing import bundle_contract
from assay_contracts.reading import read_text

_LINE = re.compile(r"([0-9a-f]{64}) [ *](bundled/([a-z][a-z0-9-]*?)-(\d+\.\d+\.\d+)\.json)")


@dataclass(frozen=True, slots=True)
class Bundled:
    """The bundled form of one document of a contract version, and the file it belongs in."""

    kind: str
    contract: ContractId
    path: Path
    content: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of the content, as a lock line holds it."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def name(self) -> str:
        """The file as a lock line names it."""
        return f"bundled/{self.path.name}"

    @property
    def current(self) -> bool:
        """Whether the file holds exactly this."""
        return self.path.is_file() and self.path.read_bytes() == self.content


def is_released(documents: ContractFolder, contract: ContractId) -> bool:
    """Whether a lock holds the digest of this contract version."""
    return any(f"bundled/{documents.bundled(kind, contract).name}" in read_lock(documents.lock(kind)) for kind in KINDS)


def status_of(documents: ContractFolder, contract: ContractId) -> str:
    """`released`, `draft`, or `unreleased` for a version that is neither locked nor marked."""
    if is_released(documents, contract):
        return "released"
    return DRAFT if says_draft(documents, contract) else "unreleased"


def released_contracts() -> tuple[ContractId, ...]:
    """The released contract versions: those with a line in `contracts.lock`, by name and version.

    >>> ContractId("reliability", "1.0.0") in released_contracts()
    True
    """
    documents = find_documents()
    return tuple(contract for contract in documents.contracts() if is_released(documents, contract))


def settled(documents: ContractFolder) -> tuple[ContractId, ...]:
    """Every contract version but the drafts: those that are locked, or should be."""
    return tuple(contract for contract in documents.contracts() if status_of(documents, contract) != DRAFT)


def refuse_drafts(documents: ContractFolder, contracts: Iterable[ContractId]) -> None:
    """Refuse a draft where only what is released, or is to be, has a place."""
    for contract in contracts:
        if status_of(documents, contract) == DRAFT:
            raise LockBroken(
                str(contract),
                expected="a released version",
                actual="a draft",
                next_step=f"release it with `assay contracts release {contract} --certificate FILE`",
            )


def bundle_all(documents: ContractFolder, contracts: Iterable[ContractId] | None = None) -> tuple[Bundled, ...]:
    """The bundled documents of these contract versions in their released form; of all but the drafts when none is named."""
    found: list[Bundled] = []
    for contract in settled(documents) if contracts is None else contracts:
        openapi, asyncapi = bundle_contract(str(contract))
        for kind, document in zip(KINDS, (openapi or None, asyncapi), strict=True):
            if document is not None:
                path = documents.bundled(kind, contract)
                found.append(Bundled(kind, contract, path, canonical_bytes(without_mark(document))))
    return tuple(found)


def write_bundles(bundles: Iterable[Bundled]) -> tuple[Path, ...]:
    """Write the bundles whose file differs; the paths written."""
    written: list[Path] = []
    for bundle in bundles:
        if not bundle.current:
            bundle.path.parent.mkdir(parents=True, exist_ok=True)
            bundle.path.write_bytes(bundle.content)
            written.append(bundle.path)
    return tuple(written)


def read_lock(path: Path) -> dict[str, str]:
    """The digests of a lock file by the name of the bundled file; none when there is no lock yet."""
    if not path.exists():
        return {}
    found: dict[str, str] = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise DocumentMalformed(f"{path}:{number}", expected="<sha256>  bundled/<contract>-<version>.json", actual=repr(line[:80]))
        found[match[2]] = match[1]
    return found


def lock_lines(bundles: Iterable[Bundled]) -> str:
    """The lock file of these bundles."""
    return "".join(f"{bundle.digest}  {bundle.name}\n" for bundle in sorted(bundles, key=_order))


def check_lock(documents: ContractFolder, bundles: tuple[Bundled, ...]) -> tuple[str, ...]:
    """What differs between the locks and the documents, one sentence each."""
    problems: list[str] = []
    for kind in KINDS:
        lock = documents.lock(kind)
        locked, present = read_lock(lock), {bundle.name: bundle for bundle in bundles if bundle.kind == kind}
        for name in sorted({*locked, *present}):
            current = present.get(name)
            if current is None:
                problems.append(f"{lock}: {name} is locked and its document is gone")
            elif name not in locked:
                problems.append(f"{lock}: {current.contract} is not locked")
            elif locked[name] != current.digest:
                problems.append(
                    f"{lock}: {current.contract} is locked as {locked[name][:12]} and its document now gives {current.digest[:12]}"
                )
    for contract in dict.fromkeys(bundle.contract for bundle in bundles):
        if says_draft(documents, contract):
            problems.append(f"{documents.root}: {contract} is released and says that it is a draft")
    return tuple(problems)


def write_locks(documents: ContractFolder, bundles: tuple[Bundled, ...], replace: frozenset[ContractId] = frozenset()) -> tuple[Path, ...]:
    """Lock every version that is not locked yet; a locked one is changed only when it is named to be replaced."""
    written: list[Path] = []
    for kind in KINDS:
        lock, own = documents.lock(kind), [bundle for bundle in bundles if bundle.kind == kind]
        locked = read_lock(lock)
        for bundle in own:
            if locked.get(bundle.name, bundle.digest) != bundle.digest and bundle.contract not in replace:
                raise LockBroken(
                    f"{bundle.contract} ({kind})",
                    expected=f"the locked digest {locked[bundle.name][:12]}",
                    actual=bundle.digest[:12],
                    next_step=f"make it a new version, or, if it was never released, `assay contracts lock --replace {bundle.contract}`",
                )
        for name in sorted(locked.keys() - {bundle.name for bundle in own}):
            raise LockBroken(f"{lock}: {name}", expected="the document of a locked version", actual="none")
        lines = lock_lines(own)
        if own and (not lock.exists() or lock.read_bytes() != lines.encode()):
            lock.write_bytes(lines.encode())
            written.append(lock)
    return tuple(written)


def contract_digests(contract: Contract) -> dict[str, str]:
    """The digest of a contract and of each of its bundled documents."""
    found = {"contract": contract.digest}
    for kind, document in zip(KINDS, (contract.openapi, contract.asyncapi), strict=True):
        if document:
            found[kind] = digest(canonical_bytes(without_mark(document)))
    return found


def _order(bundle: Bundled) -> tuple[str, tuple[int, ...]]:
    return bundle.contract.name, bundle.contract.precedence
