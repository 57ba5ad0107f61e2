"""JSON against the contract's own schemas: one validator a schema, one verdict a body."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs
from assay_contracts.media_types import is_json
from assay_contracts.self_contained import SelfContained

from assay_conformance.evidence import Response
from assay_conformance.schema_kinds import kinds_of, readings


def validator_of(schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """The validator of a schema: a contract's schema keeps its own, for any other one is built anew."""
    if isinstance(schema, SelfContained):
        return schema.validator
    return jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)


def accepts(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a value fits a schema."""
    return validator_of(schema).is_valid(value)


def complaint(schema: Mapping[str, Any], value: Any) -> str | None:
    """What is wrong with a value, or None when it fits."""
    error = next(iter(validator_of(schema).iter_errors(value)), None)
    if error is None:
        return None
    place = "".join(f"/{part}" for part in error.instance_path) or "the body"
    return f"{place}: {error.message}"


def body_complaint(schema: Mapping[str, Any], answer: Response) -> str | None:
    """What is wrong with the body of an answer, or None when it fits; remembered by body."""
    if answer.media_type and not is_json(answer.media_type):
        return text_complaint(schema, answer.body)
    known = schema.body_complaints if isinstance(schema, SelfContained) else dict[bytes, str | None]()
    key = hashlib.blake2b(answer.body.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    if key not in known:
        known[key] = complaint(schema, answer.json) if not _no_json(answer) else "the body is no JSON"
    return known[key]


def text_complaint(schema: Mapping[str, Any], text: str) -> str | None:
    """What is wrong with a text on the wire, such as a header or a query value, or None when some reading of it fits the schema."""
    if kinds_of(schema) & {"array", "object"}:
        return None  # how a list or an object is written on the wire is not read here
    wrong: str | None = f"{text!r} is no {' or '.join(sorted(kinds_of(schema)))}"
    for value in readings(kinds_of(schema), text):
        wrong = complaint(schema, value)
        if wrong is None:
            break
    return wrong


@lru_cache(maxsize=8192)
def json_complaint(text: str) -> str | None:
    """What is wrong with a text as JSON in UTF-8 whose members occur once each, or None when nothing is."""
    twice: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            twice.extend(name for name in found if names.count(name) > 1)
        return found

    def constant(name: str) -> Any:
        raise ValueError(f"{name} is no JSON number")

    try:
        json.loads(text, object_pairs_hook=members, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        return f"no JSON: {error}"
    return f"the member {twice[0]!r} twice" if twice else None


def _no_json(answer: Response) -> bool:
    return json_kind(answer.json) == "none"


def json_kind(value: Any) -> str:
    """What kind of JSON a value is; `none` for what is no JSON."""
    if value is None:
        return "null"
    kinds: dict[type, str] = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return next((name for kind, name in kinds.items() if type(value) is kind), "none")
