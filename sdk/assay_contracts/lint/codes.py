"""Rules of error codes: each is known, declared, and fits the answer it comes in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.errors import ReferenceBroken
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.schemas import reached
from assay_contracts.lint.subject import OperationPlace, Subject
from assay_contracts.self_contained import Embedding

_CODES, _TAXONOMY = "x-error-codes", "x-error-taxonomy"


@rule("operation-without-error-codes")
def operation_without_error_codes(subject: Subject) -> Iterator[Problem]:
    """In a document with a taxonomy, every operation lists its error codes."""
    for operation in subject.operations() if subject.contract.taxonomy else ():
        if not list(_declared(operation)):
            yield Problem(operation.pointer, f"{operation.id} declares no error codes: add {_CODES}")


@rule("code-not-in-taxonomy")
def code_not_in_taxonomy(subject: Subject) -> Iterator[Problem]:
    """Every declared error code is in the taxonomy."""
    taxonomy = subject.contract.taxonomy
    for pointer, code in _all_declared(subject):
        if taxonomy is None or code not in taxonomy.codes:
            yield Problem(pointer, f"the code {code} is not in {_TAXONOMY}")


@rule("error-code-undeclared")
def error_code_undeclared(subject: Subject) -> Iterator[Problem]:
    """For every code, the operation declares a response with its status, whose schema allows the code."""
    taxonomy = subject.contract.taxonomy
    if taxonomy is None:
        return
    for operation in subject.operations():
        for pointer, code in _declared(operation):
            if code not in taxonomy.codes:
                continue
            status = taxonomy.codes[code].status
            where, answer = _answer(subject, operation, status)
            if answer is None:
                yield Problem(pointer, f"{code} is answered with {status}, which {operation.id} does not declare")
                continue
            if not _admits(subject, answer, taxonomy.envelope, code):
                yield Problem(where, f"the {status} answer of {operation.id} does not admit the code {code}")


@rule("error-answer-without-code")
def error_answer_without_code(subject: Subject) -> Iterator[Problem]:
    """Every declared error status is the status of a code that the operation declares."""
    taxonomy = subject.contract.taxonomy
    for operation in subject.operations() if taxonomy else ():
        codes = {code for _, code in _declared(operation)}
        statuses = {taxonomy.codes[code].status for code in codes if taxonomy and code in taxonomy.codes}
        responses = operation.data.get("responses")
        for status in responses if is_mapping(responses) and codes else ():
            possible = {str(status) for status in statuses} | {f"{status // 100}XX" for status in statuses}
            if status[:1] in "45" and status not in possible:
                yield Problem(f"{operation.pointer}/responses/{status}", f"no code that {operation.id} declares has the status {status}")


@rule("category-not-in-taxonomy")
def category_not_in_taxonomy(subject: Subject) -> Iterator[Problem]:
    """The category of every code and the codes of every fault are in the taxonomy."""
    taxonomy = subject.contract.taxonomy
    if taxonomy is None or _TAXONOMY not in subject.data:
        return
    for code in taxonomy.codes.values():
        if code.category not in taxonomy.categories:
            where = pointers.join(_TAXONOMY, "codes", code.code, "category")
            yield Problem(where, f"the category {code.category} of {code.code} is not among the categories")
    for name, fault in taxonomy.faults.items():
        answers = fault.get("answers") if is_mapping(fault) else None
        for index, code in enumerate(answers if is_list(answers) else []):
            if isinstance(code, str) and code not in taxonomy.codes:
                where = pointers.join(_TAXONOMY, "faults", name, "answers", index)
                yield Problem(where, f"the fault {name} answers {code}, which is not among the codes")


@rule("category-never-used", level="warning")
def category_never_used(subject: Subject) -> Iterator[Problem]:
    """Every category of the taxonomy is the category of a code."""
    taxonomy = subject.contract.taxonomy
    used = {code.category for code in taxonomy.codes.values()} if taxonomy else set[str]()
    for category in taxonomy.categories if taxonomy and _TAXONOMY in subject.data else ():
        if category not in used:
            yield Problem(pointers.join(_TAXONOMY, "categories", category), f"no code is of the category {category}")


@rule("code-never-declared", level="warning")
def code_never_declared(subject: Subject) -> Iterator[Problem]:
    """Every code of the taxonomy is declared by an operation. An undeclared code cannot be tested."""
    taxonomy = subject.contract.taxonomy
    used = {code for operation in subject.operations() for _, code in _declared(operation)}
    for code in taxonomy.codes if taxonomy and _TAXONOMY in subject.data else ():
        if code not in used:
            yield Problem(pointers.join(_TAXONOMY, "codes", code), f"no operation declares the code {code}")


@rule("code-declared-twice")
def code_declared_twice(subject: Subject) -> Iterator[Problem]:
    """An operation lists each error code once."""
    seen: set[tuple[str, str]] = set()
    for pointer, code in _all_declared(subject):
        holder = pointer.rpartition("/")[0]
        if (holder, code) in seen:
            yield Problem(pointer, f"the code {code} is declared twice")
        seen.add((holder, code))


def _declared(operation: OperationPlace) -> Iterator[tuple[str, str]]:
    yield from _listed(operation.pointer, operation.data)
    if _CODES not in operation.data:
        yield from _listed(operation.pointer.rpartition("/")[0], operation.item)


def _listed(pointer: str, holder: Any) -> Iterator[tuple[str, str]]:
    codes = holder.get(_CODES)
    for index, code in enumerate(codes if is_list(codes) else []):
        if isinstance(code, str):
            yield f"{pointer}/{_CODES}/{index}", code


def _all_declared(subject: Subject) -> Iterator[tuple[str, str]]:
    for operation in subject.operations():
        yield from _declared(operation)
    for _, pointer, channel in subject.channels():
        yield from _listed(pointer, channel)
    actions = subject.data.get("operations") if subject.kind == "asyncapi" else None
    for id, action in actions.items() if is_mapping(actions) else ():
        if is_mapping(action):
            yield from _listed(pointers.join("operations", id), action)


def _answer(subject: Subject, operation: OperationPlace, status: int) -> tuple[str, dict[str, Any] | None]:
    responses = operation.data.get("responses")
    for key in (str(status), f"{status // 100}XX", "default"):
        if is_mapping(responses) and key in responses:
            answer = subject.resolve(responses[key])
            return f"{operation.pointer}/responses/{key}", answer if is_mapping(answer) else None
    return operation.pointer, None


def _admits(subject: Subject, answer: dict[str, Any], envelope: Any, code: str) -> bool:
    """Whether any JSON body of an answer admits a code; a body that says nothing of codes admits all."""
    import jsonschema_rs

    if "code" not in envelope:  # the status alone tells the code
        return True

    content = answer.get("content")
    schemas = [value.get("schema") for value in content.values() if is_mapping(value)] if is_mapping(content) else []
    found = [schema for top in schemas for schema in reached(subject.data, top, str(envelope["code"])) if schema is not None]
    embedding = Embedding(subject.data)
    try:
        return not found or any(jsonschema_rs.is_valid(embedding.embed(schema), code) for schema in found)
    except (ValueError, ReferenceBroken):  # the schema itself is wrong, which another rule says
        return True
