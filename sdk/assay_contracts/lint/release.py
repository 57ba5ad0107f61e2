"""Rules of release: what is released rests on nothing that may still change, and promises what exists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from assay_contracts import pointers
from assay_contracts.errors import ReferenceBroken
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.subject import Subject
from assay_contracts.reading import SourceFile
from assay_contracts.references import references
from assay_contracts.vocabulary import OWN_CLAUSES

_VERSIONED = re.compile(r"(?:^|.*-)\d+\.\d+\.\d+")


@rule("released-refers-to-draft")
def released_refers_to_draft(subject: Subject) -> Iterator[Problem]:
    """A released document does not refer to a draft."""
    if _status(subject.document) == "draft":
        return
    for pointer, text, target in _referred(subject):
        if _status(target) == "draft":
            yield Problem(pointer, f"a released document refers to {text}, which is a draft: release that first")


@rule("reference-to-an-unversioned-file", profile="house", level="warning")
def reference_to_an_unversioned_file(subject: Subject) -> Iterator[Problem]:
    """A contract version refers only to files with a version, because those never change."""
    if not _VERSIONED.fullmatch(subject.document.path.stem):
        return
    for pointer, text, target in _referred(subject):
        if not _VERSIONED.fullmatch(target.path.stem):
            yield Problem(pointer, f"{text} has no version in its name: a change in it would change this version")


@rule("clause-about-nothing")
def clause_about_nothing(subject: Subject) -> Iterator[Problem]:
    """The subjects and the requests of a contract's own clauses exist."""
    known = {
        "contract",
        *(operation.id for operation in subject.contract.operations),
        *(channel.id for channel in subject.contract.channels),
    }
    for index, clause in enumerate(_own_clauses(subject)):
        subjects = clause.get("subjects") if is_mapping(clause) else None
        for number, about in enumerate(subjects if is_list(subjects) else []):
            if isinstance(about, str) and about not in known:
                yield Problem(pointers.join(OWN_CLAUSES, index, "subjects", number), f"the clause is about {about}, which does not exist")
        requests = clause.get("requests") if is_mapping(clause) else None
        for name, request in requests.items() if is_mapping(requests) else ():
            wanted = request.get("operation") if is_mapping(request) else None
            if isinstance(wanted, str) and wanted not in {item.id for item in subject.contract.operations}:
                where = pointers.join(OWN_CLAUSES, index, "requests", name, "operation")
                yield Problem(where, f"the clause requests {wanted}, which does not exist")


@rule("clause-id-taken")
def clause_id_taken(subject: Subject) -> Iterator[Problem]:
    """The id of a clause is unique in the vocabulary and the contract."""
    taken = Counter(clause.id for annotation in subject.vocabulary.annotations.values() for clause in annotation.clauses)
    for index, clause in enumerate(_own_clauses(subject)):
        id = clause.get("id") if is_mapping(clause) else None
        if isinstance(id, str):
            if taken[id]:
                yield Problem(pointers.join(OWN_CLAUSES, index, "id"), f"the clause id {id} is taken")
            taken[id] += 1


def _own_clauses(subject: Subject) -> list[object]:
    listed = subject.data.get(OWN_CLAUSES)
    return listed if is_list(listed) else []


def _referred(subject: Subject) -> Iterator[tuple[str, str, SourceFile]]:
    """The references of the document itself that lead to other files."""
    library = subject.library
    for reference in references(subject.document.data) if subject.origins else ():
        if reference.text.startswith("#"):
            continue
        try:
            target, _ = library.locate(reference.text, subject.document)
        except ReferenceBroken:  # another rule says it
            continue
        yield reference.pointer, reference.text, target


def _status(document: SourceFile) -> object:
    data = document.data
    info = data.get("info") if is_mapping(data) else None
    return info.get("x-status") if is_mapping(info) else data.get("x-status") if is_mapping(data) else None
