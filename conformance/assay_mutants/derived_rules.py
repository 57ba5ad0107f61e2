"""Derived mutants of tenancy, caching, correlation of answers and schema versions: the rules that stand around the data."""

from __future__ import annotations

from collections.abc import Iterator

from assay_conformance.evidence import Exchange, Response
from assay_contracts import Contract, Operation

from assay_mutants.edits import (
    AnswerChange,
    answering,
    becoming,
    editing,
    heading,
    kebab,
    saying,
    with_body,
    with_header,
    without_correlation,
)
from assay_mutants.model import HttpMutant, State
from assay_mutants.selectors import annotation, derived, of_asked_success, of_status, of_success


def derive_rules(operation: Operation, contract: Contract) -> Iterator[HttpMutant]:
    """The mutants of one operation that follow from its rules."""
    yield from _tenancy(operation)
    yield from _cache(operation)
    yield from _version(operation, contract)


def _tenancy(operation: Operation) -> Iterator[HttpMutant]:
    for pointer in annotation(operation.annotations, "x-tenancy").get("echo", []):
        name = kebab(operation.id, pointer)
        yield derived(
            f"{name}-is-another-tenant",
            operation.id,
            {"TEN-001"},
            of_success(editing(pointer, becoming("tenant-elsewhere"))),
        )
        if "*" in pointer:
            yield derived(
                f"{name}-is-another-tenant-in-the-first-place-only",
                operation.id,
                {"TEN-001"},
                of_success(editing(pointer, becoming("tenant-elsewhere"), "first")),
            )


def _version(operation: Operation, contract: Contract) -> Iterator[HttpMutant]:
    at = contract.taxonomy.schema_version.get("at") if contract.taxonomy else None
    if not at:
        return
    major, minor, _ = (int(part) for part in contract.id.version.split("."))
    for word, version in (("major", f"{major + 1}.0.0"), ("minor", f"{major}.{minor + 1}.0")):
        yield derived(
            kebab(operation.id, "states-the-next", word, "version"),
            operation.id,
            {"VER-001"},
            of_success(editing(at, becoming(version))),
        )


def _cache(operation: Operation) -> Iterator[HttpMutant]:
    rule = annotation(operation.annotations, "x-cache")
    if rule.get("store") == "never":
        for ending, value in (("may-be-stored", "private, max-age=60"), ("is-only-revalidated", "no-cache")):
            yield derived(
                kebab(operation.id, ending),
                operation.id,
                {"CAC-006"},
                of_success(heading("cache-control", value)),
            )
    age = rule.get("maxAge")
    if age:
        wrong = [
            ("may-be-kept-by-everybody", f"public, max-age={age['minimum']}", {"CAC-001", "CAC-006"}),
            ("may-be-kept-too-long", f"private, max-age={age['maximum'] + 1}", {"CAC-001"}),
            ("may-be-kept-without-a-bound", "private", {"CAC-001"}),
            ("is-never-stored", "no-store", {"CAC-001", "CAC-006"}),
        ]
        if age["minimum"] > 0:
            wrong.append(("may-be-kept-too-short", f"private, max-age={age['minimum'] - 1}", {"CAC-001"}))
        for ending, value, breaks in wrong:
            yield derived(
                kebab(operation.id, ending),
                operation.id,
                breaks,
                of_success(heading("cache-control", value)),
            )
    if rule.get("etag"):
        yield from _tags(operation)


def _tags(operation: Operation) -> Iterator[HttpMutant]:
    def fresh(answer: Response, exchange: Exchange, state: State) -> Response:
        """A tag for each answer, as if the time were part of it."""
        state["count"] = state.get("count", 0) + 1
        return with_header(answer, "etag", f'"fresh-{state["count"]}"')

    def first_tag(answer: Response, exchange: Exchange, state: State) -> Response:
        """The tag of the first answer for every other of the tenant."""
        tag = state.setdefault("tag", answer.header("etag"))
        return with_header(answer, "etag", tag) if tag else answer

    yield derived(kebab(operation.id, "has-one-tag-for-all"), operation.id, {"CAC-005"}, of_success(heading("etag", '"constant"')))
    yield derived(kebab(operation.id, "has-the-tag-of-its-first-answer"), operation.id, {"CAC-005"}, of_asked_success(first_tag))
    yield derived(kebab(operation.id, "has-a-fresh-tag-each-time"), operation.id, {"CAC-003"}, of_asked_success(fresh))
    yield derived(kebab(operation.id, "has-no-tag"), operation.id, {"CAC-002"}, of_success(heading("etag", None)))
    wrong: tuple[tuple[str, AnswerChange], ...] = (
        ("unchanged-has-a-body", saying("{}")),
        ("unchanged-has-another-tag", heading("etag", '"another"')),
        ("unchanged-has-no-tag", heading("etag", None)),
        ("unchanged-is-never-stored", heading("cache-control", "no-store")),
        ("unchanged-is-an-empty-success", answering(200)),
    )
    for ending, change in wrong:
        yield derived(kebab(operation.id, ending), operation.id, {"CAC-003"}, of_status(304, change))

    def stale(answer: Response, exchange: Exchange, state: State) -> Response:
        """Whatever tag the client has, it is taken for the present one."""
        if exchange.request.header("if-none-match") is None:
            return answer
        kept = tuple((name, value) for name, value in answer.headers if name in ("etag", "cache-control", "x-correlation-id"))
        return Response(304, kept)

    def other(answer: Response, exchange: Exchange, state: State) -> Response:
        """The answer of the first request to every later one, tag and all: a cache whose key is the path alone."""
        kept = state.setdefault("answer", answer)
        first = state.setdefault("request", without_correlation(exchange))
        return answer if without_correlation(exchange) == first or kept.body == answer.body else with_body(answer, kept.body)

    yield derived(kebab(operation.id, "takes-any-tag-for-the-present-one"), operation.id, {"CAC-004"}, of_asked_success(stale))
    yield derived(
        kebab(operation.id, "answers-all-with-its-first-answer"), operation.id, {"CAC-005", "WIN-003", "TEN-001"}, of_asked_success(other)
    )
