"""Which function writes a parameter or a body: the least that can write every value of its schema."""

from __future__ import annotations

from typing import Any

import pytest
from assay_codegen.typescript.writers import body_literal, parameter_literal
from assay_codegen.views import Argument, BodyView

TEXTS = {"type": "array", "items": {"type": "string"}}
RECURSIVE = {"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}
PICKY = {"oneOf": [{"enum": ["a", 1]}, {"const": None}, {"allOf": [{}, {"type": ["integer", "null"]}]}]}


def argument(location: str, style: str, *, explode: bool = True, media: str = "", allow_reserved: bool = False) -> Argument:
    """A parameter with nothing special."""
    return Argument("size", "str", True, "", "", "size", location, style, explode, None, media, allow_reserved)


@pytest.mark.parametrize(
    ("given", "schema", "writer"),
    [
        (argument("query", "form"), {"type": "string"}, ""),
        (argument("query", "form"), {"$ref": "#/$defs/Name", "$defs": {"Name": {"type": "string"}}}, ""),
        (argument("query", "form"), PICKY, ""),
        (argument("query", "form"), TEXTS, ""),
        (argument("query", "form"), {}, "styled"),
        (argument("query", "form"), RECURSIVE, "styled"),
        (argument("query", "form"), {"anyOf": [{"type": "string"}, {"type": "object"}]}, "styled"),
        (argument("query", "form", explode=False), TEXTS, "styled"),
        (argument("query", "form", explode=False), {"type": "string"}, ""),
        (argument("query", "form", allow_reserved=True), {"type": "string"}, "styled"),
        (argument("query", "form", media="application/json"), {"type": "string"}, "styled"),
        (argument("query", "pipeDelimited", explode=False), TEXTS, "styled"),
        (argument("query", "deepObject"), {"type": "object"}, "deepObject"),
        (argument("query", "deepObject"), {}, "styled"),
        (argument("path", "simple", explode=False), TEXTS, ""),
        (argument("path", "matrix"), {"type": "string"}, "styled"),
        (argument("header", "simple"), {"type": "object"}, "styled"),
        (argument("cookie", "form"), {"type": "string"}, ""),
    ],
)
def test_a_parameter_has_the_least_writer_that_serves(given: Argument, schema: dict[str, Any], writer: str) -> None:
    """None for scalars, and for arrays in the style that is written most."""
    written = parameter_literal(given, "size", schema)

    assert (f'"write": writers.{writer}}}' in written) if writer else ("write" not in written)
    assert ('"style"' in written) is (writer == "styled")


@pytest.mark.parametrize(
    ("media", "writer"),
    [
        ("application/json", "json"),
        ("application/merge-patch+json; charset=utf-8", "json"),
        ("application/x-www-form-urlencoded", "form"),
        ("multipart/form-data", "multipart"),
        ("text/csv", "content"),
        ("*/*", "content"),
    ],
)
def test_a_body_is_written_by_its_media_type(media: str, writer: str) -> None:
    """Each by a function of its own."""
    assert body_literal(BodyView("body", "str", True, media, ""), "body").endswith(f'"write": writers.{writer}}}')
