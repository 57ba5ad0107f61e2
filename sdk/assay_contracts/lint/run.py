"""Linting: one contract, or every one, against all rules."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from assay_contracts import asyncapi as asyncapi_documents
from assay_contracts import openapi as openapi_documents
from assay_contracts.bundling import BundledDocument, bundle
from assay_contracts.contract_folder import find_documents
from assay_contracts.contract_id import ContractId
from assay_contracts.errors import ContractError
from assay_contracts.json_types import mapping
from assay_contracts.lint.rules import RULES, Finding, Rule
from assay_contracts.lint.subject import Subject
from assay_contracts.lint.waivers import FILE, Waived, read_waivers, waive
from assay_contracts.model import Contract
from assay_contracts.parsing import named_bundle, parse_bundled
from assay_contracts.reading import SourceFile
from assay_contracts.references import Library, dangling
from assay_contracts.vocabulary import Vocabulary, read_vocabulary
from assay_contracts.vocabulary_properties import changes_of, points_to_of

_CHECKS = {"openapi": openapi_documents.check_version, "asyncapi": asyncapi_documents.check_version}
# Rules that have nothing to say once a contract is read: reading has looked for the same.
_SEEN_BY_READING = frozenset({"dangling-reference", "schema-without-end"})
# Rules that look at a document alone, and say why it could not be read as a contract.
_WITHOUT_A_CONTRACT = ("document-breaks-the-official-schema", "operation-without-id", "schema-without-end")


@dataclass(frozen=True, slots=True)
class Report:
    """What lint says: the findings that stand, and those that are waived."""

    findings: tuple[Finding, ...]
    waived: tuple[Waived, ...] = ()
    hidden: tuple[Finding, ...] = ()
    """Findings of house rules, where the document did not opt in."""

    def without_house_rules(self) -> Report:
        """The report for a document that did not opt into the house rules."""
        standard = tuple(finding for finding in self.findings if RULES[finding.rule].profile == "standard")
        house = tuple(finding for finding in self.findings if RULES[finding.rule].profile == "house")
        return Report(standard, self.waived, house)


def lint_contracts(contracts: Iterable[ContractId] | None = None) -> tuple[Finding, ...]:
    """The findings that stand of these contract versions, or of all; what two of them share is reported once."""
    return report_contracts(contracts).findings


def report_contracts(contracts: Iterable[ContractId] | None = None, waivers: Path | None = None) -> Report:
    """Lint these contract versions, or all, and let be what is waived in the file beside the documents or in another."""
    documents = find_documents()
    found: set[Finding] = set()
    paths: list[Path] = []
    chosen, library = documents.contracts() if contracts is None else tuple(contracts), Library()
    for contract in chosen:
        sources = [path for path in documents.sources(contract) if path is not None]
        paths += sources
        found.update(lint_files(sources, contract, library))
    beside = documents.root / FILE
    file = waivers or (beside if beside.is_file() else None)
    everything = set(chosen) >= set(documents.contracts())
    return _report(found, file, None if everything else paths)


def report_files(paths: Iterable[Path], waivers: Path | None = None) -> Report:
    """Lint the documents of one contract version, and let be what a file of waivers names.

    Two files of one kind are no contract: then each is linted by itself.
    """
    listed, library = tuple(dict.fromkeys(paths)), Library()
    kinds = [_kind(library.read(path)) for path in listed]
    found = set(lint_files(listed)) if len(set(kinds)) == len(kinds) else {finding for path in listed for finding in lint_files([path])}
    return _report(found, waivers, listed)


def _report(found: set[Finding], waivers: Path | None, documents: Iterable[Path] | None) -> Report:
    if waivers is None:
        return Report(tuple(sorted(found)))
    return Report(*waive(sorted(found), read_waivers(waivers), documents=documents))


def lint_files(paths: Iterable[Path], contract: ContractId | None = None, library: Library | None = None) -> tuple[Finding, ...]:
    """The findings of the documents of one contract version: an OpenAPI file, an AsyncAPI file, or both."""
    library = library or Library()
    documents = [library.read(path) for path in paths]
    found = set(_dangling(documents, library))
    if found:
        return tuple(sorted(found))
    bundles = {_kind(document): named_bundle(bundle(document, library), contract) for document in documents}
    try:
        parsed: Contract | ContractError = parse_bundled(bundles)
    except ContractError as error:
        parsed = error
    for kind, bundled in bundles.items():
        if isinstance(parsed, Contract):
            subject = Subject(bundled, parsed, _vocabulary(), kind, library)
            found.update(_broken(subject, (rule for rule in RULES.values() if rule.id not in _SEEN_BY_READING)))
        else:
            found.update(_structure(bundled, kind))
    if isinstance(parsed, ContractError) and not found:
        raise parsed
    return tuple(sorted(found))


def _broken(subject: Subject, rules: Iterable[Rule]) -> Iterator[Finding]:
    sources = ((rule, problem, subject.bundled.source(problem.pointer)) for rule in rules if rule.check for problem in rule.check(subject))
    yield from _placed((document, pointer, rule, problem.message) for rule, problem, (document, pointer) in sources)


def _placed(problems: Iterable[tuple[SourceFile, str, Rule, str]]) -> Iterator[Finding]:
    """The findings, with all places of a file looked up at once."""
    by_file: dict[Path, list[tuple[SourceFile, str, Rule, str]]] = {}
    for problem in problems:
        by_file.setdefault(problem[0].path, []).append(problem)
    for path, listed in by_file.items():
        document = listed[0][0]
        places = document.places({pointer for _, pointer, _, _ in listed})
        for _, pointer, rule, message in listed:
            yield Finding(_plain(path), places[pointer].line, places[pointer].column, rule.id, message, pointer, rule.level)


def _structure(bundled: BundledDocument, kind: str) -> Iterator[Finding]:
    """What can be said of a document that cannot be read as a contract."""
    nothing = Contract(ContractId("", ""), {}, None, (), (), None, (), "")
    subject = Subject(bundled, nothing, _vocabulary(), kind)
    yield from _broken(subject, [RULES[id] for id in _WITHOUT_A_CONTRACT])


def _dangling(documents: list[SourceFile], library: Library) -> Iterator[Finding]:
    """References that lead nowhere come first: without them nothing else can be read."""
    rule = RULES["dangling-reference"]
    needed = read_vocabulary(find_documents()).annotations
    broken = (problem for document in documents for problem in dangling(document, library, needed))
    yield from _placed((document, reference.pointer, rule, str(error)) for document, reference, error in broken)


def _vocabulary() -> Vocabulary:
    """The vocabulary in use; raises `VocabularyBroken` where a file says of its changes what cannot hold."""
    vocabulary = read_vocabulary(find_documents())
    for annotation in vocabulary.annotations.values():
        changes_of(annotation)
        points_to_of(annotation)
    return vocabulary


def _plain(path: Path) -> Path:
    """A path without `..`, so that a file that two documents share is one."""
    return Path(os.path.normpath(path))


def _kind(document: SourceFile) -> str:
    data = mapping(document.data, str(document.path))
    kind = "asyncapi" if "asyncapi" in data else "openapi"
    _CHECKS[kind](data, str(document.path))
    return kind
