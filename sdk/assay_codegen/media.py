"""Which of several media types a client speaks, and how a body of it is typed and written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts.json_types import is_mapping
from assay_contracts.media_types import essence, is_json

_PLAIN_JSON = ("application/json", "text/json")
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True)
class EncodingView:
    """How one property of a form is written."""

    name: str
    media: str
    style: str
    explode: bool


def is_form(media: str) -> bool:
    """Whether bodies of a media type are forms."""
    return essence(media) in _FORMS


def is_text(media: str) -> bool:
    """Whether bodies of a media type are text; a stream of events or of lines is read as bytes."""
    return essence(media).startswith("text/") and essence(media) not in ("text/event-stream", "text/json")


def preferred(medias: Iterable[str]) -> str:
    """The media type that is written and asked for first: JSON, then forms, then whatever stands first; a range goes last."""
    found = list(medias)
    ordered = sorted(found, key=lambda media: (not is_json(media), not is_form(media), "*" in media))
    return ordered[0] if ordered else ""


def unwritten(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The media types of a body that a client does not write; a range, or another name of the written one, with its schema is no other."""
    media = preferred(content)
    same = {essence(media), *(_PLAIN_JSON if essence(media) in _PLAIN_JSON else ())}
    return tuple(
        other
        for other, schema in content.items()
        if other != media and not (schema == content[media] and ("*" in other or essence(other) in same))
    )


def encodings(media: str, declared: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[EncodingView, ...]:
    """The encoding objects of a form, as far as they say something."""
    found: list[EncodingView] = []
    for name, raw in sorted(declared.items()):
        encoding: Mapping[str, Any] = raw if is_mapping(raw) else {}
        style = str(encoding.get("style", "form"))
        part = str(encoding.get("contentType", "")).partition(",")[0].strip()
        found.append(EncodingView(name, "" if "*" in part else part, style, bool(encoding.get("explode", style == "form"))))
    return tuple(found)


def file_properties(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The properties of a form that are files: strings that are binary, or lists of them."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    definitions: Mapping[str, Any] = schema.get("$defs", {})
    reference = schema.get("$ref")
    if isinstance(reference, str) and not properties:
        target: Any = definitions.get(reference.rpartition("/")[2], {})
        properties = target.get("properties", {}) if is_mapping(target) else {}
    return tuple(sorted(name for name, property_ in properties.items() if _is_file(property_) or _is_file(property_.get("items"))))


def _is_file(schema: Any) -> bool:
    if not is_mapping(schema):
        return False
    binary = schema.get("format") == "binary" or ("contentMediaType" in schema and "contentEncoding" not in schema)
    return schema.get("type", "string") == "string" and (binary or schema.get("contentMediaType") == "application/octet-stream")
