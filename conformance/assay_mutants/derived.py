"""The HTTP mutants that follow from a contract alone, whatever contract it is."""

from __future__ import annotations

from collections.abc import Iterator

from assay_conformance.evidence import Response
from assay_contracts import Contract, Operation, Schema
from assay_contracts.json_types import is_mapping

from assay_mutants.derived_errors import derive_errors
from assay_mutants.derived_lists import derive_lists
from assay_mutants.derived_numbers import derive_numbers
from assay_mutants.derived_rules import derive_rules
from assay_mutants.edits import GONE, AnswerChange, answering, becoming, editing, heading, kebab, saying, with_body, with_status
from assay_mutants.members import corruptions, members, refused_text
from assay_mutants.model import HttpMutant
from assay_mutants.selectors import derived, of_status, of_success

_OTHER_SUCCESSES = (201, 202, 203, 206, 226, 299)


def derive_http(contract: Contract) -> tuple[HttpMutant, ...]:
    """Every derived HTTP mutant of a contract, in the order of their ids."""
    found: dict[str, HttpMutant] = {}
    for operation in contract.operations:
        for mutant in (
            *_shape(operation),
            *_headers(operation),
            *_statuses(operation),
            *derive_rules(operation, contract),
            *derive_lists(operation),
            *derive_numbers(operation),
        ):
            found.setdefault(mutant.id, mutant)
    for mutant in derive_errors(contract):
        found.setdefault(mutant.id, mutant)
    return tuple(found[id] for id in sorted(found))


def _bodies(operation: Operation) -> Iterator[Schema]:
    """The schemas of the JSON success bodies."""
    for status, response in operation.responses.items():
        if status.isdecimal() and 200 <= int(status) < 300:
            yield from (schema for media, schema in response.content.items() if "json" in media)


def _shape(operation: Operation) -> Iterator[HttpMutant]:
    """One mutant for each way in which one member of a success body can break its schema."""
    for schema in _bodies(operation):
        for member in members(schema):
            if not member.required and not member.pointer.endswith("/*"):
                never = of_success(editing(member.pointer, becoming(GONE), "all"))
                yield derived(kebab(operation.id, member.pointer, "is-never-there"), operation.id, {"OP-009"}, never)
            for ending, change in corruptions(member):
                name = kebab(operation.id, member.pointer, "item" if member.pointer.endswith("/*") else "", ending)
                yield derived(
                    name,
                    operation.id,
                    {"OP-001"},
                    of_success(editing(member.pointer, change)),
                )


def _headers(operation: Operation) -> Iterator[HttpMutant]:
    """Each header of each answer without an error body: left out, and with a value that its schema refuses."""
    for status, response in operation.responses.items():
        if not status.isdecimal() or int(status) >= 400:
            continue
        for header in response.headers.values():
            name = kebab(operation.id, status, header.name)
            if header.required:
                yield derived(
                    f"{name}-is-missing",
                    operation.id,
                    {"OP-004"},
                    of_status(int(status), heading(header.name, None)),
                )
            wrong = refused_text(header)
            if wrong is not None:
                yield derived(
                    f"{name}-breaks-its-schema",
                    operation.id,
                    {"OP-004"},
                    of_status(int(status), heading(header.name, wrong)),
                )


def _statuses(operation: Operation) -> Iterator[HttpMutant]:
    """Success under a wrong status, a wrong media type or in a body that is no good JSON."""
    if not any(True for _ in _bodies(operation)):
        return
    other = next(status for status in _OTHER_SUCCESSES if operation.response(status) is None)
    wrong: tuple[tuple[str, set[str], AnswerChange], ...] = (
        ("succeeds-with-an-undeclared-status", {"OP-002"}, answering(other)),
        ("succeeds-with-an-undeclared-redirect", {"OP-002"}, answering(302)),
        ("fails-where-it-should-succeed", {"OP-005"}, _crashed),
        ("has-another-media-type", {"OP-003"}, heading("content-type", "text/plain; charset=utf-8")),
        ("has-no-media-type", {"OP-003"}, heading("content-type", None)),
        ("cuts-its-body-short", {"OP-001", "OP-008"}, _cut),
        ("answers-an-empty-object", {"OP-001"}, saying("{}")),
        ("answers-nothing", {"OP-001", "OP-008"}, saying("")),
        ("answers-a-page-for-people", {"OP-001", "OP-008"}, saying("<html><body>Welcome</body></html>")),
        ("says-a-member-twice", {"OP-008"}, _doubled),
        ("answers-two-documents", {"OP-001", "OP-008"}, _repeated),
    )
    for ending, breaks, change in wrong:
        yield derived(kebab(operation.id, ending), operation.id, breaks, of_success(change))


def _crashed(answer: Response) -> Response:
    return with_body(with_status(answer, 500), "Internal Server Error")


def _cut(answer: Response) -> Response:
    return with_body(answer, answer.body[:-1])


def _repeated(answer: Response) -> Response:
    return with_body(answer, f"{answer.body}\n{answer.body}")


def _doubled(answer: Response) -> Response:
    """The first member once more at the end, which most parsers never notice."""
    if not is_mapping(answer.json) or not answer.json:
        return answer
    first = answer.body.index('"')
    ending = answer.body.rindex("}")
    name = answer.body[first : answer.body.index('"', first + 1) + 1]
    return with_body(answer, f"{answer.body[:ending]},{name}:null}}")
