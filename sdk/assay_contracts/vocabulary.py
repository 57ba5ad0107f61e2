"""The annotation vocabulary: what each `x-...` may say, and which clauses it promises.

A file of the vocabulary names its annotation, the places it may stand `on`, the JSON Schema of its value and
its clauses; an `example` of its value and what is done with it (`uses`) stand there as well. A clause with a
`when` is promised only where the annotation has that property, or one of several, and the property is not `false`.

Three files describe no extension: `operation` and `channel` hold what each one promises, `security` what each one
promises that requires a credential. Their value is what the description itself says (`subject_facts.py`).

The vocabulary has one version as a whole, in `openapi/vocabulary/version`. An added annotation, member or clause raises
its minor, other words of a description its patch. A clause never changes its meaning: it gets a new id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from assay_contracts import pointers
from assay_contracts.contract_folder import ContractFolder
from assay_contracts.errors import VocabularyBroken
from assay_contracts.json_types import (
    is_mapping,
    kind,
    mapping,
    optional_mapping,
    optional_text,
    sequence,
    strings,
    text,
)
from assay_contracts.model import Channel, Clause, Operation, Promise
from assay_contracts.reading import read_document, read_text
from assay_contracts.showable import Surroundings, is_showable
from assay_contracts.subject_facts import subject_facts

DOCUMENT_SUBJECT = "contract"
OWN_CLAUSES = "x-clauses"
PLACES = ("operation", "document", "channel")
_COUNTED = re.compile(r"(.*)\{([1-9])\}")


@dataclass(frozen=True, slots=True, eq=False)
class Annotation:
    """One annotation of the vocabulary.

    `on` says where it is used: `operation`, `channel`, `document`. `schema` is the JSON Schema of its value, with the keywords `changes`
    and `points-to` beside properties (`changes_of`, `points_to_of`). `uses` has a sentence for `sdk`, `server` and `suite`.
    Each file that is read is an annotation of its own, equal to no other, so that what follows from it can be cached.
    """

    name: str
    on: tuple[str, ...]
    description: str
    schema: Mapping[str, Any] = field(repr=False)
    clauses: tuple[Clause, ...] = field(repr=False)
    path: Path
    example: Any = field(repr=False, default=None)
    uses: Mapping[str, str] = field(repr=False, default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The annotation vocabulary in use.

    `annotations` holds each annotation by its name. The entries without the prefix `x-`, such as `operation` and `channel`, hold clauses
    that need no annotation.
    """

    annotations: Mapping[str, Annotation]
    version: str | None = None

    def promised(self, name: str, value: Any, subject: str, place: str) -> Iterator[Promise]:
        """The clauses that one annotation with this value promises about a subject."""
        annotation = self.annotations.get(name)
        if annotation is not None and place in annotation.on:
            for clause in annotation.clauses:
                if applies(clause, value):
                    yield Promise(clause, subject)


def applies(clause: Clause, value: Any) -> bool:
    """Whether an annotation with this value promises the clause."""
    return not clause.when or any(holds(pointer, value) for pointer in clause.when)


def holds(when: str, value: Any) -> bool:
    """Whether an annotation's value has the property that a clause depends on.

    `*` stands for any item; a pointer that ends in `{2}` needs two places.

    >>> holds("/orders/*{2}", {"orders": {"newest": {}, "oldest": {}}})
    True
    """
    counted = _COUNTED.fullmatch(when)
    pointer, least = (counted[1], int(counted[2])) if counted else (when, 1)
    places = pointers.matches(value, pointer if pointer.startswith("/") else f"/{pointer}")
    return sum(found is not None and found is not False for _, found in places) >= least


def read_vocabulary(documents: ContractFolder) -> Vocabulary:
    """The vocabulary of a folder of documents: ours, with the files that the folder adds or replaces.

    A file is read again only when it has changed. Raises `VocabularyBroken`.

    >>> from assay_contracts import find_documents, read_vocabulary
    >>> read_vocabulary(find_documents()).annotations["x-cache"].on
    ('operation',)
    """
    version = documents.vocabulary_version()
    files = documents.vocabulary_files() if version is None else (version, *documents.vocabulary_files())
    return _read(tuple((path, path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=8)
def _read(files: tuple[tuple[Path, int], ...]) -> Vocabulary:
    annotations: dict[str, Annotation] = {}
    owners: dict[str, Path] = {}
    version: str | None = None
    for path, _ in files:
        if path.name == "version":
            version = read_text(path).strip()
            continue
        annotation = parse_annotation(read_document(path).data, path)
        if annotation.name in annotations:
            raise VocabularyBroken(
                str(path),
                expected="a new annotation",
                actual=f"{annotation.name} of {annotations[annotation.name].path.name} again",
            )
        annotations[annotation.name] = annotation
        for clause in annotation.clauses:
            if clause.id in owners:
                raise VocabularyBroken(
                    str(path),
                    expected="clause ids used once",
                    actual=f"{clause.id} of {owners[clause.id].name} again",
                )
            owners[clause.id] = path
    return Vocabulary(annotations, version)


def parse_annotation(data: Any, path: Path) -> Annotation:
    """One file of the vocabulary."""
    declared = mapping(data, str(path))
    name = text(declared.get("annotation"), f"{path}: annotation")
    raw = declared.get("on")
    on = (raw,) if isinstance(raw, str) else strings(raw, f"{path}: on")
    if not on or not set(on) <= set(PLACES):
        raise VocabularyBroken(f"{path}: on", expected=f"some of {', '.join(PLACES)}", actual=kind(raw))
    return Annotation(
        name=name,
        on=on,
        description=optional_text(declared.get("description"), f"{path}: description"),
        schema=optional_mapping(declared.get("schema"), f"{path}: schema"),
        clauses=tuple(
            parse_clause(item, name, f"{path}: clauses/{index}")
            for index, item in enumerate(sequence(declared.get("clauses"), f"{path}: clauses"))
        ),
        path=path,
        example=declared.get("example"),
        uses={who: text(use, f"{path}: uses/{who}") for who, use in optional_mapping(declared.get("uses"), f"{path}: uses").items()},
    )


def parse_clause(data: Any, annotation: str, where: str) -> Clause:
    """One clause as it is written."""
    declared = mapping(data, where)
    level = declared.get("level")
    if level not in ("MUST", "SHOULD"):
        raise VocabularyBroken(f"{where}/level", expected="MUST or SHOULD", actual=kind(level))
    return Clause(
        id=text(declared.get("id"), f"{where}/id"),
        level="MUST" if level == "MUST" else "SHOULD",
        sentence=text(declared.get("sentence"), f"{where}/sentence"),
        annotation=annotation,
        when=_pointers(declared.get("when"), f"{where}/when"),
    )


def _pointers(value: Any, where: str) -> tuple[str, ...]:
    """One pointer or several."""
    return (value,) if isinstance(value, str) else strings(value, where)


def promises(
    vocabulary: Vocabulary,
    documents: Sequence[Mapping[str, Any]],
    operations: Iterable[Operation],
    channels: Iterable[Channel],
) -> tuple[Promise, ...]:
    """Everything a contract promises and some request to it could show: by operation, by channel, then as a whole."""
    found: list[Promise] = []
    around = Surroundings(tuple(operations), tuple(channels), {name: value for item in documents for name, value in item.items()})
    for place, subjects in (("operation", around.operations), ("channel", around.channels)):
        for subject in subjects:
            for name, facts in subject_facts(subject).items():
                found.extend(vocabulary.promised(name, facts, subject.id, place))
            for name in sorted(subject.annotations):
                found.extend(vocabulary.promised(name, subject.annotations[name], subject.id, place))
    for document in documents:
        for name in sorted(document):
            if name.startswith("x-"):
                found.extend(vocabulary.promised(name, document[name], DOCUMENT_SUBJECT, "document"))
        found.extend(_own_clauses(document))
    return tuple(promise for promise in dict.fromkeys(found) if is_showable(promise, around))


def _own_clauses(document: Mapping[str, Any]) -> Iterator[Promise]:
    """The clauses that a contract makes for itself alone, about the subjects it lists."""
    for index, item in enumerate(sequence(document.get(OWN_CLAUSES), OWN_CLAUSES)):
        where = f"{OWN_CLAUSES}/{index}"
        clause = parse_clause(item, OWN_CLAUSES, where)
        subjects = strings(item.get("subjects"), f"{where}/subjects") if is_mapping(item) else ()
        for subject in subjects or (DOCUMENT_SUBJECT,):
            yield Promise(clause, subject)
