"""The frozen requirement set of a contract version: every clause a certificate rests on, and what it is about.

Written once at release and never again: a clause that comes later is not scored for a version that was released
without it, and one that disappears, weakens or changes its words fails the check instead of making a certificate
quietly easier. `requirements.lock` holds the digests of the sets in the form that `sha256sum -c` reads.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from assay_contracts.contract_folder import ContractFolder, find_documents
from assay_contracts.contract_id import ContractId
from assay_contracts.draft_status import DRAFT
from assay_contracts.errors import DocumentMalformed, DocumentMissing, LockBroken
from assay_contracts.json_types import mapping, sequence, strings, text
from assay_contracts.locking import is_released, status_of
from assay_contracts.model import Clause, Contract
from assay_contracts.parsing import load_contract
from assay_contracts.reading import read_document, read_text
from assay_contracts.vocabulary import parse_clause

_LINE = re.compile(r"([0-9a-f]{64}) [ *]([a-z][a-z0-9-]*-\d+\.\d+\.\d+\.yaml)")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One clause of a requirement set, with the subjects that it is about.

    `subjects` are ids of operations and channels, or `contract`.
    """

    clause: Clause
    subjects: tuple[str, ...]


def derive_requirements(contract: Contract) -> tuple[Requirement, ...]:
    """The requirement set that a contract and the vocabulary give now, by clause id.

    For a released version use `load_requirements`, which reads the frozen set.
    """
    return tuple(Requirement(clause, tuple(sorted(contract.subjects(clause.id)))) for clause in contract.clauses())


def load_requirements(contract: Contract) -> tuple[Requirement, ...]:
    """The frozen requirement set of a contract version; for a draft, the set that its documents give now.

    Raises `DocumentMissing` when a released version has no requirement set.
    """
    documents = find_documents()
    path = documents.requirements(contract.id)
    if not path.is_file():
        if contract.id in documents.contracts() and status_of(documents, contract.id) == DRAFT:
            return derive_requirements(contract)
        raise DocumentMissing(
            f"requirements of {contract.id}",
            expected=path.name,
            actual="no such file",
            next_step=f"write it with `assay contracts requirements {contract.id} --write`",
        )
    return read_requirements(path)


def read_requirements(path: Path) -> tuple[Requirement, ...]:
    """The requirement set of a file."""
    declared = mapping(read_document(path).data, str(path))
    found: list[Requirement] = []
    for index, item in enumerate(sequence(declared.get("requirements"), f"{path}: requirements")):
        where = f"{path}: requirements/{index}"
        entry = mapping(item, where)
        clause = parse_clause(entry, text(entry.get("annotation"), f"{where}/annotation"), where)
        found.append(Requirement(clause, strings(entry.get("subjects"), f"{where}/subjects")))
    return tuple(found)


def write_requirements(contract: Contract) -> str:
    """The text of a requirement file: the same contract always gives the same text."""
    lines = [
        f"# What an implementation of {contract.id} is certified against. Written by `assay contracts requirements`.",
        f"contract: {contract.id}",
        "requirements:",
    ]
    for requirement in derive_requirements(contract):
        lines.extend(_entry(requirement))
    return "\n".join(lines) + "\n"


def freeze_requirements(documents: ContractFolder, contract: Contract, *, replace: bool = False) -> tuple[Path, ...]:
    """Write the set of a contract version and its digest; one that is frozen is written again only to be replaced.

    A frozen set stays as it is while the contract gives at least what it asks for, whatever newer words or clauses there are.
    """
    path, lock, content = documents.requirements(contract.id), requirements_lock(documents), write_requirements(contract).encode()
    locked, written = read_requirements_lock(lock), list[Path]()
    before, found = _digest(path) if path.is_file() else None, hashlib.sha256(content).hexdigest()
    frozen = locked.get(path.name, before or found)
    if before is not None and before == locked.get(path.name) and not replace and not any(_lost(path, contract)):
        return ()
    if frozen != found and not replace:
        raise LockBroken(
            str(path),
            expected=f"the frozen set {frozen[:12]}",
            actual=f"{found[:12]}, which the contract gives now",
            next_step="restore the file: a requirement set is written once",
        )
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    if locked.get(path.name) != found:
        lines = sorted(f"{digest}  {name}\n" for name, digest in {**locked, path.name: found}.items())
        lock.write_text("".join(sorted(lines, key=lambda line: line.partition("  ")[2])), encoding="utf-8")
        written.append(lock)
    return tuple(written)


def check_requirements(documents: ContractFolder, id: ContractId) -> tuple[str, ...]:
    """What is wrong with the frozen set of a contract version, one sentence each."""
    path = documents.requirements(id)
    if not path.is_file():
        return (f"{path}: {id} has no requirement set",)
    problems: list[str] = []
    locked = read_requirements_lock(requirements_lock(documents)).get(path.name)
    if locked is None:
        problems.append(f"{path}: the set is not locked")
    elif locked != _digest(path):
        problems.append(f"{path}: the set is not what was frozen")
    problems += (f"{path}: {problem}" for problem in _lost(path, load_contract(str(id))))
    return tuple(problems)


def check_all_requirements(documents: ContractFolder) -> tuple[str, ...]:
    """What is wrong with the frozen sets of the released versions."""
    found = [
        problem
        for contract in documents.contracts()
        if is_released(documents, contract)
        for problem in check_requirements(documents, contract)
    ]
    lock = requirements_lock(documents)
    missing = [name for name in read_requirements_lock(lock) if not (lock.parent / name).is_file()]
    return (*found, *(f"{lock}: {name} is locked and gone" for name in missing))


def requirements_lock(documents: ContractFolder) -> Path:
    """The file that holds the digests of the requirement sets."""
    return documents.root / "requirements" / "requirements.lock"


def read_requirements_lock(path: Path) -> dict[str, str]:
    """The digests of the requirement sets by file name; none when there is no lock yet."""
    if not path.exists():
        return {}
    found: dict[str, str] = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise DocumentMalformed(f"{path}:{number}", expected="<sha256>  <contract>-<version>.yaml", actual=repr(line[:80]))
        found[match[2]] = match[1]
    return found


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _lost(path: Path, contract: Contract) -> Iterator[str]:
    """What a frozen set asks for and the contract no longer gives."""
    given = {requirement.clause.id: requirement for requirement in derive_requirements(contract)}
    for frozen in read_requirements(path):
        yield from _differences(frozen, given.get(frozen.clause.id))


def _differences(frozen: Requirement, given: Requirement | None) -> Iterator[str]:
    """How a clause that was promised differs from what the vocabulary and the documents say now."""
    id = frozen.clause.id
    if given is None:
        yield f"{id} was promised and is gone"
        return
    # With which properties a clause is promised may be said more exactly later, as long as it is still promised of every subject.
    for member in ("level", "sentence", "annotation"):
        was, now = getattr(frozen.clause, member), getattr(given.clause, member)
        if was != now:
            yield f"the {member} of {id} was {was!r} and is {now!r}"
    lost = sorted(set(frozen.subjects) - set(given.subjects))
    if lost:
        yield f"{id} was promised of {', '.join(lost)} and is no longer"


def _entry(requirement: Requirement) -> Iterator[str]:
    clause = requirement.clause
    yield f"  - id: {clause.id}"
    yield f"    level: {clause.level}"
    yield f"    annotation: {clause.annotation}"
    yield f"    sentence: {_quoted(clause.sentence)}"
    if clause.when:
        pointers = [_quoted(pointer) for pointer in clause.when]
        yield f"    when: {pointers[0] if len(pointers) == 1 else '[' + ', '.join(pointers) + ']'}"
    yield f"    subjects: [{', '.join(_quoted(subject) for subject in requirement.subjects)}]"


def _quoted(value: str) -> str:
    """A string as YAML writes it on one line, with quotes only where they are needed."""
    written: str = yaml.safe_dump(value, width=10_000, allow_unicode=True, default_flow_style=True)
    return written.removesuffix("\n").removesuffix("...").rstrip("\n")
