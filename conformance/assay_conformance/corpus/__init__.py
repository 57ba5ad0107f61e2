"""Frozen requests per contract version with the expected outcome of each; grown once, replayed the same against every implementation.

Reading a corpus is all that a certification does. What grows one (`growing`) and what doubts one (`witness`) are imported by name, because
they bring Schemathesis and openapi-core with them.
"""

from assay_conformance.corpus.cases import CorpusCase, CorpusRequest, Outcome, Slot
from assay_conformance.corpus.frozen import Corpus, find_corpus, read_corpus, write_corpus
from assay_conformance.corpus.slots import slot_values

__all__ = [
    "Corpus",
    "CorpusCase",
    "CorpusRequest",
    "Outcome",
    "Slot",
    "find_corpus",
    "read_corpus",
    "slot_values",
    "write_corpus",
]
