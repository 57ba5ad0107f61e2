"""The register of ambiguities: clauses that can be read in more than one way, and how the kit reads them.

A reading changes no verdict by itself; it says which of two servers a check lets pass, and why neither is called wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assay_contracts.contract_folder import ContractFolder, find_documents
from assay_contracts.json_types import mapping, sequence, strings, text
from assay_contracts.reading import read_document


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """One open reading.

    `clauses` can be read so; in every contract, or in those of the names `contracts`. `since` and `until` are versions of the kit; with
    `until` the ambiguity is settled.
    """

    id: str
    clauses: tuple[str, ...]
    question: str
    reading: str
    since: str
    contracts: tuple[str, ...] = ()
    until: str | None = None

    def concerns(self, contract: str) -> bool:
        """Whether it is open in the contract of this name."""
        return self.until is None and (not self.contracts or contract in self.contracts)


def ambiguity_register(documents: ContractFolder) -> Path:
    """The file of the register."""
    return documents.root / "requirements" / "ambiguities.yaml"


def read_ambiguities(documents: ContractFolder | None = None) -> tuple[Ambiguity, ...]:
    """Every entry of the register; none where the documents have no register. Raises `DocumentMalformed`."""
    path = ambiguity_register(documents or find_documents())
    if not path.is_file():
        return ()
    entries = sequence(read_document(path).data, str(path))
    return tuple(_parsed(entry, f"{path}: {index}") for index, entry in enumerate(entries))


def open_readings(contract: str, clauses: Iterable[str]) -> dict[str, tuple[Ambiguity, ...]]:
    """The open readings of some clauses in the contract of this name, by clause; a clause without one is left out."""
    wanted = set(clauses)
    found: dict[str, tuple[Ambiguity, ...]] = {}
    for item in read_ambiguities():
        if item.concerns(contract):
            for clause in wanted.intersection(item.clauses):
                found[clause] = (*found.get(clause, ()), item)
    return dict(sorted(found.items()))


def _parsed(entry: object, where: str) -> Ambiguity:
    declared = mapping(entry, where)
    return Ambiguity(
        text(declared.get("id"), f"{where}/id"),
        strings(declared.get("clauses"), f"{where}/clauses"),
        text(declared.get("question"), f"{where}/question"),
        text(declared.get("reading"), f"{where}/reading"),
        text(declared.get("since"), f"{where}/since"),
        strings(declared.get("contracts"), f"{where}/contracts"),
        text(declared["until"], f"{where}/until") if "until" in declared else None,
    )
