"""Rules of bounds: what an annotation limits, dates or requires can be kept, and the document says so in its own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from assay_contracts import pointers
from assay_contracts.errors import ReferenceBroken
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.lint.annotations import placed
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.subject import OperationPlace, Subject
from assay_contracts.self_contained import Embedding

_SAFE = ("get", "head", "options", "trace")


@rule("annotation-bounds-reversed")
def annotation_bounds_reversed(subject: Subject) -> Iterator[Problem]:
    """A minimum is not greater than its maximum, and a default is between them."""
    for pointer, name, value, _, _ in placed(subject):
        for at in ("/size", "/maxAge") if name in ("x-pagination", "x-cache") else ():
            bounds = pointers.follow(value, at)
            if not is_mapping(bounds):
                continue
            least, most, usual = (bounds.get(key) for key in ("minimum", "maximum", "default"))
            if isinstance(least, int) and isinstance(most, int) and least > most:
                yield Problem(f"{pointer}{at}/minimum", f"the minimum {least} is above the maximum {most}")
            elif isinstance(least, int) and isinstance(most, int) and isinstance(usual, int) and not least <= usual <= most:
                yield Problem(f"{pointer}{at}/default", f"the default {usual} is not between {least} and {most}")


@rule("cache-rule-disagrees-with-its-header")
def cache_rule_disagrees_with_its_header(subject: Subject) -> Iterator[Problem]:
    """The schema of `Cache-Control` allows exactly what the cache rule promises."""
    embedding = Embedding(subject.data)
    for pointer, name, value, _, holder in placed(subject):
        if name != "x-cache" or not is_mapping(value) or not isinstance(holder, OperationPlace):
            continue
        allowed, refused = _cache_values(value)
        for status, answer in answers(subject, holder, "200"):
            schema = _headers(subject, answer).get("cache-control", {}).get("schema")
            if not is_mapping(schema):
                continue
            accepts = _validity(embedding, schema)
            if accepts is None:
                continue
            for text in [text for text in allowed if not accepts(text)]:
                yield Problem(pointer, f"x-cache promises {text!r}, which the Cache-Control header of the {status} answer does not allow")
            for text in [text for text in refused if accepts(text)]:
                yield Problem(pointer, f"the Cache-Control header of the {status} answer allows {text!r}, which x-cache does not")


@rule("promised-header-undeclared")
def promised_header_undeclared(subject: Subject) -> Iterator[Problem]:
    """A response declares every header that an annotation or the taxonomy promises."""
    taxonomy = subject.contract.taxonomy
    for pointer, name, value, _, holder in placed(subject):
        if not isinstance(holder, OperationPlace) or not is_mapping(value):
            continue
        for at, statuses, header in _promised_headers(subject, name, value):
            for status, answer in answers(subject, holder, statuses):
                if header.lower() not in _headers(subject, answer):
                    yield Problem(pointer + at, f"{name} promises the header {header}, which the {status} answer does not declare")
    for operation in subject.operations() if taxonomy else ():
        codes = operation.data.get("x-error-codes")
        for code in codes if is_list(codes) else []:
            known = taxonomy.codes.get(code) if taxonomy and isinstance(code, str) else None
            for status, answer in answers(subject, operation, str(known.status)) if known else ():
                for header in known.headers if known else ():
                    if header.lower() not in _headers(subject, answer):
                        yield Problem(
                            f"{operation.pointer}/responses/{status}", f"{code} comes with {header}, which the answer does not declare"
                        )


@rule("tenant-parameter-optional")
def tenant_parameter_optional(subject: Subject) -> Iterator[Problem]:
    """The parameter that names the tenant is required."""
    for pointer, name, value, _, holder in placed(subject):
        wanted = pointers.follow(value, "/tenancy/parameter" if name == "x-stream" else "/parameter")
        if name == "x-tenancy" and isinstance(holder, OperationPlace):
            for parameter in holder_parameters(subject, holder):
                if parameter.get("name") == wanted and parameter.get("required") is not True:
                    yield Problem(f"{pointer}/parameter", f"the parameter {wanted} of {holder.id} names the tenant and is optional")
        elif name == "x-stream":
            for channel in subject.contract.channels:
                for declared in channel.parameters if channel.id == holder else ():
                    if declared.name == wanted and not declared.required:
                        yield Problem(
                            f"{pointer}/tenancy/parameter", f"the parameter {wanted} of {channel.id} names the tenant and is optional"
                        )


@rule("idempotency-on-a-safe-method")
def idempotency_on_a_safe_method(subject: Subject) -> Iterator[Problem]:
    """An operation with an idempotency key is not a safe method."""
    for pointer, name, _, _, holder in placed(subject):
        if name == "x-idempotency" and isinstance(holder, OperationPlace) and holder.method in _SAFE:
            yield Problem(pointer, f"{holder.id} is a {holder.method.upper()}, which changes nothing: it needs no key")


@rule("deprecation-not-marked")
def deprecation_not_marked(subject: Subject) -> Iterator[Problem]:
    """An operation with `x-deprecation` is marked `deprecated`, so that every tool shows it."""
    for pointer, name, _, _, holder in placed(subject):
        if name == "x-deprecation" and isinstance(holder, OperationPlace) and holder.data.get("deprecated") is not True:
            yield Problem(pointer, f"{holder.id} is on its way out and not marked: add `deprecated: true`")


@rule("deprecated-without-a-date", profile="house", level="warning")
def deprecated_without_a_date(subject: Subject) -> Iterator[Problem]:
    """A `deprecated` operation states since when, and what replaces it."""
    for operation in subject.operations():
        if operation.data.get("deprecated") is True and not {"x-deprecation"} & {*operation.data, *operation.item}:
            yield Problem(f"{operation.pointer}/deprecated", f"{operation.id} is deprecated without x-deprecation")


@rule("sunset-before-deprecation")
def sunset_before_deprecation(subject: Subject) -> Iterator[Problem]:
    """The sunset date of an operation is after its deprecation date."""
    for pointer, name, value, _, _ in placed(subject):
        if name == "x-deprecation" and is_mapping(value):
            since, sunset = str(value.get("since")), value.get("sunset")
            if sunset is not None and str(sunset) <= since:
                yield Problem(f"{pointer}/sunset", f"the sunset {sunset} is not after the deprecation {since}")


def answers(subject: Subject, operation: OperationPlace, statuses: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The answers of an operation whose status starts with these characters."""
    responses = operation.data.get("responses")
    for status, raw in responses.items() if is_mapping(responses) else ():
        answer = subject.resolve(raw) if status.startswith(statuses) else None
        if is_mapping(answer):
            yield status, answer


def holder_parameters(subject: Subject, operation: OperationPlace) -> Iterator[dict[str, Any]]:
    """Every parameter of an operation, those of its path with it."""
    for source in (operation.item, operation.data):
        listed = source.get("parameters")
        for raw in listed if is_list(listed) else []:
            parameter = subject.resolve(raw)
            if is_mapping(parameter):
                yield parameter


def _headers(subject: Subject, answer: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    headers = answer.get("headers")
    found = {str(name).lower(): subject.resolve(raw) for name, raw in headers.items()} if is_mapping(headers) else {}
    return {name: header for name, header in found.items() if is_mapping(header)}


def _cache_values(value: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Values that `Cache-Control` must allow, and values that it must not."""
    least, most = (pointers.follow(value, f"/maxAge/{key}") for key in ("minimum", "maximum"))
    if value.get("store") == "never":
        return ["no-store"], ["private, max-age=60"]
    if value.get("store") == "private" and isinstance(least, int) and isinstance(most, int):
        beyond = [most + 1, *([least - 1] if least > 0 else [])]
        return [f"private, max-age={age}" for age in (least, most)], ["no-store", *(f"private, max-age={age}" for age in beyond)]
    return [], []


def _validity(embedding: Embedding, schema: dict[str, Any]) -> Callable[[str], bool] | None:
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator(embedding.embed(schema)).is_valid
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ReferenceBroken, ValueError):  # another rule says it
        return None


def _promised_headers(subject: Subject, name: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """By annotation: the member that promises a header, the statuses that carry it, and its name."""
    if name == "x-rate-limit" and subject.contract.taxonomy:
        known = subject.contract.taxonomy.codes.get(str(value.get("code")))
        for member in ("policy", "remaining", "retryAfter") if known else ():
            if isinstance(value.get(member), str) and known:
                yield f"/{member}", str(known.status), value[member]
    elif name == "x-job" and value.get("role") == "start" and isinstance(value.get("location"), str):
        yield "/location", "202", value["location"]
    elif name == "x-cache" and value.get("etag") is True:
        yield "/etag", "200", "ETag"
    elif name == "x-deprecation":
        for member, header in (("since", "Deprecation"), ("sunset", "Sunset"), ("successor", "Link")):
            if member in value:
                yield f"/{member}", "2", header
