"""Traceability: each sentence of a document that binds an implementation, and the clauses that certify it.

The sentences are read from the documents. `requirements/traceability.yaml` says which clauses certify one, or why none does; a sentence
that is itself a clause needs no entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay_contracts import pointers
from assay_contracts.contract_folder import ContractFolder, find_documents
from assay_contracts.errors import DocumentMalformed
from assay_contracts.json_types import is_list, is_mapping, mapping, sequence, strings, text
from assay_contracts.model import Contract
from assay_contracts.reading import read_document
from assay_contracts.vocabulary import read_vocabulary

_BINDING = re.compile(r"\b(?:must|shall|never|always|cannot|may not|(?:is|are) (?:rejected|refused))\b", re.IGNORECASE)
"""The words by which our documents and those of others bind an implementation."""
_END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n\s*\n\s*(?:[-*|]\s+)?|\n\s*[-*|]\s+")
_PROSE = ("description", "summary")
_NO_PROSE = frozenset({"example", "examples", "default", "const", "enum", "x-clauses", "clauses"})
"""Members whose values are data, or clauses already."""


@dataclass(frozen=True, slots=True)
class BindingSentence:
    """A sentence that binds an implementation, and the place where it stands: `document` and `pointer`."""

    document: str
    pointer: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What certifies the sentences in which `quote` stands: `clauses`, or nothing for the reason `not_tested`."""

    quote: str
    clauses: tuple[str, ...] = ()
    not_tested: str | None = None


@dataclass(frozen=True, slots=True)
class TracedSentence:
    """One sentence with what certifies it; without a trace nobody has said."""

    at: BindingSentence
    trace: Trace | None


def binding_sentences(document: Any, name: str) -> Iterator[BindingSentence]:
    """The sentences of a document that bind an implementation, in the order of the document."""
    for pointer, prose in _prose(document, ""):
        for part in _END_OF_SENTENCE.split(prose):
            sentence = " ".join(part.split())
            if _BINDING.search(sentence):
                yield BindingSentence(name, pointer, sentence)


def _prose(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if is_mapping(value):
        for key, below in value.items():
            place = pointer + pointers.join(str(key))
            if key in _PROSE and isinstance(below, str):
                yield place, below
            elif key not in _NO_PROSE:
                yield from _prose(below, place)
    elif is_list(value):
        for index, below in enumerate(value):
            yield from _prose(below, f"{pointer}/{index}")


def traceability_register(documents: ContractFolder) -> Path:
    """The file of the register."""
    return documents.root / "requirements" / "traceability.yaml"


def read_traces(documents: ContractFolder) -> tuple[Trace, ...]:
    """Every entry of the register; none where the documents have no register. Raises `DocumentMalformed`."""
    path = traceability_register(documents)
    if not path.is_file():
        return ()
    return tuple(_trace(entry, f"{path}: {index}") for index, entry in enumerate(sequence(read_document(path).data, str(path))))


def _trace(entry: object, where: str) -> Trace:
    declared = mapping(entry, where)
    clauses, reason = strings(declared.get("clauses"), f"{where}/clauses"), declared.get("notTested")
    if bool(clauses) is (reason is not None):
        raise DocumentMalformed(where, expected="either `clauses` or `notTested`", actual=", ".join(sorted(declared)))
    return Trace(text(declared.get("quote"), f"{where}/quote"), clauses, None if reason is None else text(reason, f"{where}/notTested"))


def trace_contract(contract: Contract) -> tuple[TracedSentence, ...]:
    """The binding sentences of a contract's documents, as they stand with every reference in place."""
    documents = (("openapi", contract.openapi), ("asyncapi", contract.asyncapi))
    found = [item for kind, document in documents if document for item in binding_sentences(document, f"{kind} {contract.id}")]
    return _traced(found, {clause.sentence: clause.id for clause in contract.clauses()})


def trace_vocabulary() -> tuple[TracedSentence, ...]:
    """The binding sentences of the vocabulary, outside its clauses."""
    documents = find_documents()
    files = sorted(path for kind in ("openapi", "asyncapi") for path in (documents.root / kind / "vocabulary").glob("*.yaml"))
    found = [item for path in files for item in binding_sentences(read_document(path).data, f"vocabulary {path.stem}")]
    return _traced(found, {})


def _traced(found: Iterable[BindingSentence], own: dict[str, str]) -> tuple[TracedSentence, ...]:
    """Each sentence with the first entry whose quote stands in it; a sentence that is a clause traces to itself."""
    documents = find_documents()
    known = {clause.sentence: clause.id for item in read_vocabulary(documents).annotations.values() for clause in item.clauses} | own
    traces = read_traces(documents)
    return tuple(
        TracedSentence(
            item,
            Trace(item.sentence, (known[item.sentence],))
            if item.sentence in known
            else next((trace for trace in traces if trace.quote in item.sentence), None),
        )
        for item in found
    )
