"""Releasing: a draft becomes a version that never changes.

A version is released once the reference server is certified against exactly its digest. Releasing takes the mark of a
draft away, then writes the bundle, the digest line, the requirement set and the beginning of a changelog entry.
Everything is checked before anything is written.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay_contracts.changelog import write_changelog
from assay_contracts.contract_folder import KINDS, ContractFolder
from assay_contracts.contract_id import ContractId
from assay_contracts.draft_status import is_draft, unmarked
from assay_contracts.errors import LockBroken, ReferenceBroken, ReleaseRefused
from assay_contracts.json_types import is_mapping
from assay_contracts.locking import Bundled, bundle_all, is_released, read_lock, settled, write_bundles, write_locks
from assay_contracts.model import Contract
from assay_contracts.parsing import load_contract
from assay_contracts.reading import read_document, read_text
from assay_contracts.references import Library, references
from assay_contracts.requirements import freeze_requirements
from assay_contracts.statements import part_of, unwrapped

REFERENCE = "reference"
_PREDICATE = "https://assay.dev/conformance/v1"
_VERSIONED = re.compile(r".+-\d+\.\d+\.\d+\.(yaml|json)")


@dataclass(frozen=True, slots=True)
class Release:
    """A contract version that is released, and the files that changed for it."""

    contract: Contract
    written: tuple[Path, ...]


def release(documents: ContractFolder, id: ContractId, certificate: Path | None, today: dt.date) -> Release:
    """Release a contract version, or say why it cannot be; a version that is released already stays as it is."""
    contract, bundles = load_contract(str(id)), bundle_all(documents, [id])
    released = bundle_all(documents, [other for other in settled(documents) if other != id and is_released(documents, other)])
    _refuse_another_digest(documents, bundles)
    _refuse_broken_locks(documents, (*released, *bundles))
    _refuse_loose_references(documents, id)
    _refuse_findings(id)
    anew = not is_released(documents, id)
    if anew:
        _refuse_uncertified(contract, certificate)
    marked = [path for path in documents.sources(id) if path is not None and is_draft(read_document(path).data)]
    texts = {path: unmarked(read_text(path), path) for path in marked}
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    written = [*texts]
    written += write_bundles(bundles)
    written += write_locks(documents, (*released, *bundles))
    written += freeze_requirements(documents, contract)
    if anew:
        written += write_changelog(documents, contract, today)
    return Release(contract, tuple(written))


def _refuse_another_digest(documents: ContractFolder, bundles: tuple[Bundled, ...]) -> None:
    for bundle in bundles:
        locked = read_lock(documents.lock(bundle.kind)).get(bundle.name, bundle.digest)
        if locked != bundle.digest:
            raise LockBroken(
                f"{bundle.contract} ({bundle.kind}) is released already",
                expected=f"the released digest {locked[:12]}",
                actual=bundle.digest[:12],
                next_step="make the change a new version",
            )


def _refuse_broken_locks(documents: ContractFolder, bundles: tuple[Bundled, ...]) -> None:
    """Refuse to release anything beside a released version that is no longer what it was."""
    for kind in KINDS:
        present = {bundle.name: bundle.digest for bundle in bundles if bundle.kind == kind}
        for name, digest in read_lock(documents.lock(kind)).items():
            if present.get(name) != digest:
                raise LockBroken(
                    f"{documents.lock(kind)}: {name}",
                    expected=f"the released digest {digest[:12]}",
                    actual=present.get(name, "no document")[:12],
                    next_step="undo the change of the released version first, see `assay contracts lock --check`",
                )


def _refuse_findings(id: ContractId) -> None:
    from assay_contracts.lint import lint_contracts

    errors = [finding for finding in lint_contracts([id]) if finding.level == "error"]
    if errors:
        raise ReleaseRefused(
            f"{id} cannot be released",
            expected="no lint errors",
            actual=f"{len(errors)}, the first in {errors[0].path.name}:{errors[0].line}: {errors[0].rule}",
            next_step=f"see `assay contracts lint {id}`",
        )


def _refuse_loose_references(documents: ContractFolder, id: ContractId) -> None:
    """Refuse files that may change under a released version: those without a version, and those of drafts."""
    own = {path.resolve() for path in documents.sources(id) if path is not None}
    for origin, path in _reached(own):
        if path in own:
            continue
        kept = path.relative_to(documents.root.resolve()) if path.is_relative_to(documents.root.resolve()) else None
        reason = _looseness(documents, kept)
        if reason:
            raise ReleaseRefused(
                f"{origin.name} refers to {path.name}",
                expected="a file of `shared/` with a version in its name, or a released contract",
                actual=reason,
                next_step="put what is needed into a versioned file of `shared/`",
            )


def _looseness(documents: ContractFolder, path: Path | None) -> str:
    """Why a file may change, or nothing when it may not."""
    if path is None or len(path.parts) < 3 or path.parts[0] not in KINDS:
        return "a file outside the contracts"
    if path.parts[1] == "shared":
        return "" if _VERSIONED.fullmatch(path.name) else "a shared file without a version"
    if re.fullmatch(r"\d+\.\d+\.\d+", path.stem) and len(path.parts) == 3:
        other = ContractId(path.parts[1], path.stem)
        return "" if is_released(documents, other) else f"{other}, which is not released"
    return "a file that may change"


def _reached(sources: set[Path]) -> Iterator[tuple[Path, Path]]:
    """Every file that these lead to, with the one that names it."""
    library, waiting, seen = Library(), sorted(sources), set(sources)
    while waiting:
        document = library.read(waiting.pop())
        for reference in references(document.data):
            try:
                target, _ = library.locate(reference.text, document)
            except ReferenceBroken:  # which the linter has said
                continue
            path = target.path.resolve()
            if path not in seen:
                seen.add(path)
                waiting.append(path)
                yield document.path, path


def _refuse_uncertified(contract: Contract, certificate: Path | None) -> None:
    """Refuse a draft that the reference server is not certified against, exactly as it is written now."""
    subject = f"{contract.id} is not released yet"
    again = f"run `assay certify` on the reference server with {contract.id}, then name its certificate with --certificate"
    if certificate is None:
        raise ReleaseRefused(subject, expected="a certificate of the reference server", actual="none", next_step=again)
    predicate = _predicate(unwrapped(read_document(certificate).data))
    named, implementation = part_of(predicate, "contract"), part_of(predicate, "implementation")
    facts = (
        ("the verdict certified", predicate.get("verdict") == "certified", predicate.get("verdict")),
        (f"the implementation {REFERENCE}", implementation.get("name") == REFERENCE, implementation.get("name")),
        (
            f"a certificate for {contract.id}",
            (named.get("name"), named.get("version")) == (contract.id.name, contract.id.version),
            f"{named.get('name')}@{named.get('version')}",
        ),
        (f"the contract digest {contract.digest[:19]}", named.get("digest") == contract.digest, str(named.get("digest"))[:19]),
        ("nothing waived", not predicate.get("waivers"), f"waivers {predicate.get('waivers')}"),
    )
    for expected, holds, actual in facts:
        if not holds:
            raise ReleaseRefused(f"{subject}: {certificate}", expected=expected, actual=str(actual), next_step=again)


def _predicate(statement: Any) -> dict[str, Any]:
    """What a certificate says, of an in-toto statement of the one kind that certificates are."""
    found = part_of(statement, "predicate")
    return found if is_mapping(statement) and statement.get("predicateType") == _PREDICATE else {}
