"""How a document is validated, and the readings in which honest validators differ.

`format` is an annotation unless a validator is told otherwise, and `\\d` or `\\w` mean ASCII in ECMA 262 but not everywhere.
An answer about listed values that changes with the reading is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import jsonschema_rs

from assay_containment.schemas import Json, SchemaDocument, SchemaNode, built, document_of, write_pointer

ADDRESS = "urn:assay:schema"
WIDE_CLASSES = {r"\d": r"\p{Nd}", r"\w": r"[\p{L}\p{N}_]"}
PATTERN_WORDS = ("pattern", "patternProperties")


def is_valid(document: SchemaDocument, value: Json) -> bool:
    """Whether a value is valid, formats being annotations unless the document is read otherwise."""
    return bool(built(document).is_valid(value))


def readings(document: SchemaDocument) -> list[Any]:
    """Validators of the other readings of a document, none when it has but one."""
    found: list[Any] = []
    if document.formats is None and says_format(document):
        found.append(built(document, formats=True))
    wide = _wide_validator(document)
    if wide is not None:
        found.append(wide)
    return found


def _wide_validator(document: SchemaDocument) -> Any:
    if "wide" not in document.validators:
        wide = _widened(document.root)
        same = wide == document.root
        document.validators["wide"] = None if same else built(document_of(wide, document.dialect, formats=document.formats))
    return document.validators["wide"]


def other_readings(a: SchemaDocument, b: SchemaDocument) -> Iterator[tuple[str, Any, Any]]:
    """Validators of both documents in each other reading that makes a difference to either, after what that reading is about."""
    wide_a, wide_b = _wide_validator(a), _wide_validator(b)
    if a.formats is None and (says_format(a) or says_format(b)):
        yield "whether formats are asserted", built(a, formats=True), built(b, formats=True)
    if wide_a is not None or wide_b is not None:
        yield "how a pattern reads letters and digits", wide_a or built(a), wide_b or built(b)


def accepts(places: Sequence[SchemaNode]) -> Callable[[Json], bool]:
    """The question whether a value fits every one of some places, for many values.

    Formats are annotations unless a place's document is read otherwise.
    """
    validators = [_validator(place) for place in places]
    return lambda value: all(validator.is_valid(value) for validator in validators)


class Unbuilt(ValueError):
    """A place for which no validator of its own can be built."""


def surely_accepts(places: Sequence[SchemaNode], value: Json) -> bool:
    """Whether a value fits every one of some places; raises Unbuilt where that cannot be told."""
    return surely(places)(value)


def surely(places: Sequence[SchemaNode]) -> Callable[[Json], bool]:
    """The question whether a value fits every one of some places, for many values; raises Unbuilt where that cannot be told."""
    validators = [_validator(place) for place in places]
    if any(
        isinstance(validator, _Everything) or (place.document.dynamic and place.pointer)
        for validator, place in zip(validators, places, strict=True)
    ):
        raise Unbuilt("a schema inside the document cannot be validated alone")
    return lambda value: all(validator.is_valid(value) for validator in validators)


class _Everything:
    def is_valid(self, value: Json) -> bool:
        """Yes: what fits such a place cannot be told, and what is built is verified as a whole later."""
        return True


def _validator(place: SchemaNode) -> Any:
    if not place.pointer:
        return built(place.document)
    validators, pointer = place.document.validators, place.pointer
    if pointer not in validators:
        key = write_pointer(pointer)
        try:
            if "registry" not in validators:
                validators["registry"] = jsonschema_rs.Registry([(ADDRESS, place.document.root)], draft=_number(place.document))
            validators[pointer] = jsonschema_rs.validator_for(
                {"$schema": place.document.dialect, "$ref": ADDRESS + key},
                registry=validators["registry"],
                validate_formats=place.document.formats == "assert",
                offline=True,
            )
        except (ValueError, TypeError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
            validators[pointer] = _Everything()
    return validators[pointer]


def _number(document: SchemaDocument) -> int:
    return int(getattr(jsonschema_rs, {4: "Draft4", 6: "Draft6", 7: "Draft7", 19: "Draft201909"}.get(document.draft, "Draft202012")))


def says_format(document: SchemaDocument) -> bool:
    """Whether a document names a format anywhere; looked for once, since it is asked of every value that is tried."""
    if "says-format" not in document.validators:
        document.validators["says-format"] = _says(document.root, "format")
    return bool(document.validators["says-format"])


def _says(value: Json, word: str) -> bool:
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return isinstance(members.get(word), str) or any(_says(member, word) for member in members.values())
    return isinstance(value, list) and any(_says(item, word) for item in cast("Sequence[Any]", value))


def _widened(value: Json) -> Json:
    if isinstance(value, dict):
        copy: dict[str, Any] = {}
        for key, inner in cast("dict[str, Any]", value).items():
            if key == "pattern" and isinstance(inner, str):
                copy[key] = _wide(inner)
            elif key == "patternProperties" and isinstance(inner, dict):
                copy[key] = {_wide(name): _widened(schema) for name, schema in cast("dict[str, Any]", inner).items()}
            elif key in ("const", "enum"):
                copy[key] = inner
            else:
                copy[key] = _widened(inner)
        return copy
    return [_widened(inner) for inner in cast("Sequence[Any]", value)] if isinstance(value, list) else value


def _wide(pattern: str) -> str:
    return re.sub(r"\\[\s\S]", lambda found: WIDE_CLASSES.get(found.group(), found.group()), pattern)
