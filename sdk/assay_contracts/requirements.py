"""The frozen requirement set of a contract version: every clause a certificate rests on, and what it is about.

Written once at release, so that a clause that disappears from the vocabulary is a visible difference and not
a quietly easier certificate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from assay_contracts.documents import find_documents
from assay_contracts.errors import DocumentMissing
from assay_contracts.model import Clause, Contract
from assay_contracts.reading import read_document
from assay_contracts.shapes import mapping, sequence, strings, text
from assay_contracts.vocabulary import parse_clause


@dataclass(frozen=True, slots=True)
class Requirement:
    """One clause that an implementation of a contract version is held to, with everything it is about."""

    clause: Clause
    subjects: tuple[str, ...]


def derive_requirements(contract: Contract) -> tuple[Requirement, ...]:
    """The requirement set that the documents and the vocabulary give now."""
    return tuple(Requirement(clause, tuple(sorted(contract.subjects(clause.id)))) for clause in contract.clauses())


def load_requirements(contract: Contract) -> tuple[Requirement, ...]:
    """The frozen requirement set of a contract version."""
    path = find_documents().requirements(contract.id)
    if not path.is_file():
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


def _entry(requirement: Requirement) -> Iterator[str]:
    clause = requirement.clause
    yield f"  - id: {clause.id}"
    yield f"    level: {clause.level}"
    yield f"    annotation: {clause.annotation}"
    yield f"    sentence: {_quoted(clause.sentence)}"
    if clause.when is not None:
        yield f"    when: {_quoted(clause.when)}"
    yield f"    subjects: [{', '.join(_quoted(subject) for subject in requirement.subjects)}]"


def _quoted(value: str) -> str:
    """A string as YAML writes it on one line, with quotes only where they are needed."""
    written: str = yaml.safe_dump(value, width=10_000, allow_unicode=True, default_flow_style=True)
    return written.removesuffix("\n").removesuffix("...").rstrip("\n")
