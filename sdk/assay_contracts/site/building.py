"""The whole site as texts by file name: an index, a page a version, a page a pair of versions, a page an annotation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from assay_contracts import pointers
from assay_contracts.contract_folder import find_documents
from assay_contracts.contract_id import ContractId
from assay_contracts.json_types import is_mapping
from assay_contracts.model import Contract
from assay_contracts.parsing import load_contract
from assay_contracts.site.changes import Differ, compare_contracts
from assay_contracts.site.properties import Property, read_properties
from assay_contracts.site.rendering import Pages, anchor
from assay_contracts.site.rule_pages import RulePages, file_of, rule_files
from assay_contracts.site.version import VersionView, view_version
from assay_contracts.subject_facts import subject_facts
from assay_contracts.vocabulary import DOCUMENT_SUBJECT, Annotation, read_vocabulary
from assay_contracts.vocabulary_pages import standing
from assay_contracts.vocabulary_properties import changes_of


@dataclass(frozen=True, slots=True)
class Site:
    """The files of a site, and what they are about."""

    files: Mapping[str, str]
    contracts: int
    comparisons: int
    annotations: int
    rules: int


@dataclass(frozen=True, slots=True)
class Thing:
    """One name in the register of everything, and the versions that have it."""

    name: str
    note: str
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """One named part of an annotation's schema."""

    name: str
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """How one subject of one contract uses an annotation."""

    contract: ContractId
    subject: str
    link: str
    value: Any


def build_site(differ: Differ, rule_pages: RulePages) -> Site:
    """Every page for the documents in use; the same documents give the same bytes.

    `differ` compares two versions of a contract. `rule_pages` gives the pages of all rules as Markdown, by folder and file name.
    """
    documents = find_documents()
    views = [view_version(load_contract(str(contract))) for contract in documents.contracts()]
    vocabulary = dict(sorted(read_vocabulary(documents).annotations.items(), key=lambda entry: (entry[0].startswith("x-"), entry[0])))
    contracts: dict[str, list[VersionView]] = {}
    for view in views:
        contracts.setdefault(view.name, []).append(view)
    pages, written = Pages(), dict[str, str]()
    rules = rule_files(rule_pages(), pages)
    written |= rules
    changes = {view.contract.id: tuple(_since(view, contracts[view.name])) for view in views}
    written["index.html"] = pages.render(
        "index", "", contracts=contracts, changes=changes, vocabulary=vocabulary, things=tuple(_register(views))
    )
    for view in views:
        comparisons = [*_comparisons(view, contracts[view.name])]
        written[page_of(view.contract.id)] = pages.render("version", "../../", view=view, vocabulary=vocabulary, comparisons=comparisons)
    pairs = [pair for same in contracts.values() for pair in combinations(same, 2)]
    for old, new in pairs:
        name = f"contracts/{new.name}/{between(old.version, new.version)}"
        comparison = compare_contracts(old.contract, new.contract, differ)
        written[name] = pages.render(
            "changes", "../../", comparison=comparison, title=new.title, statuses=(old.status, new.status), rules=rules.keys()
        )
    for annotation in vocabulary.values():
        written[f"vocabulary/{anchor(annotation.name)}.html"] = _annotation(pages, annotation, vocabulary, views, rules)
    return Site(dict(sorted(written.items())), len(views), len(pairs), len(vocabulary), len(rules))


def page_of(contract: ContractId) -> str:
    """The file of a contract version."""
    return f"contracts/{contract.name}/{contract.version}.html"


def between(old: str, new: str) -> str:
    """The file, beside those of the versions, that compares them."""
    return f"{old}-to-{new}.html"


def _since(view: VersionView, versions: Iterable[VersionView]) -> Iterator[tuple[str, str]]:
    for old in versions:
        if old.contract.id.precedence < view.contract.id.precedence:
            yield old.version, f"contracts/{view.name}/{between(old.version, view.version)}"


def _comparisons(view: VersionView, versions: Iterable[VersionView]) -> Iterator[tuple[str, str]]:
    for other in versions:
        if other.contract.id.precedence < view.contract.id.precedence:
            yield f"since {other.version}", between(other.version, view.version)
        elif other.contract.id.precedence > view.contract.id.precedence:
            yield f"until {other.version}", between(view.version, other.version)


def _register(views: Iterable[VersionView]) -> Iterator[tuple[str, tuple[Thing, ...]]]:
    """Everything with a name, by kind and name, with the place of it in each version."""
    found: dict[str, dict[str, tuple[str, list[tuple[str, str]]]]] = {}
    for view in views:
        for kind, name, note, place in _named(view):
            _, links = found.setdefault(kind, {}).setdefault(name, (note, []))
            links.append((str(view.contract.id), f"{page_of(view.contract.id)}#{anchor(place)}"))
    for kind, things in found.items():
        yield kind, tuple(Thing(name, *_latest(things[name])) for name in sorted(things))


def _latest(thing: tuple[str, list[tuple[str, str]]]) -> tuple[str, tuple[tuple[str, str], ...]]:
    note, links = thing
    return note, tuple(links)


def _named(view: VersionView) -> Iterator[tuple[str, str, str, str]]:
    for operation in view.contract.operations:
        yield "Operations", operation.id, f"{operation.summary}.", f"operation-{operation.id}"
    for channel in view.contract.channels:
        yield "Channels", channel.id, f"{channel.summary}.", f"channel-{channel.id}"
    for code in view.taxonomy.codes if view.taxonomy else ():
        yield "Error codes", code, "", f"code-{code}"
    for clause in view.clauses:
        yield "Clauses", clause.clause.id, clause.clause.sentence, f"clause-{clause.clause.id}"
    for schema in (*view.schemas, *view.messages):
        yield "Schemas", schema.name, "", schema.anchor


def _annotation(
    pages: Pages, annotation: Annotation, vocabulary: Mapping[str, Annotation], views: Iterable[VersionView], rules: Mapping[str, str]
) -> str:
    schema = {key: value for key, value in annotation.schema.items() if key != "$defs"}
    declared = annotation.schema.get("$defs")
    definitions = [Definition(name, tuple(read_properties(schema))) for name, schema in declared.items()] if is_mapping(declared) else []
    usages = [usage for view in views for usage in _usages(annotation, view.contract)]
    by_contract: dict[ContractId, list[tuple[str, str]]] = {}
    for usage in usages:
        by_contract.setdefault(usage.contract, []).append((usage.subject, usage.link))
    return pages.render(
        "annotation",
        "../",
        annotation=annotation,
        vocabulary=vocabulary,
        properties=tuple(read_properties(schema)),
        definitions=definitions,
        standing=standing(annotation),
        uses=[(str(contract), f"../{page_of(contract)}", subjects) for contract, subjects in by_contract.items()],
        changes=[(pointers.join(*change.path), change, file_of(change.rule) in rules) for change in changes_of(annotation)],
        example=next((usage for usage in usages if usage.value is not None), None),
    )


def _usages(annotation: Annotation, contract: Contract) -> Iterator[Usage]:
    page = f"../{page_of(contract.id)}"
    for place, subjects in (("operation", contract.operations), ("channel", contract.channels)):
        for subject in subjects:
            if annotation.name in subject_facts(subject) or annotation.name in subject.annotations:
                yield Usage(contract.id, subject.id, f"{page}#{anchor(f'{place}-{subject.id}')}", subject.annotations.get(annotation.name))
    for document in (contract.openapi, contract.asyncapi or {}):
        if annotation.name in document:
            yield Usage(contract.id, f"the {DOCUMENT_SUBJECT} as a whole", page, document[annotation.name])
