"""Bodies: forms, files, text and JSON values that look like nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from assay_sdk.bodies import BodyFormat, Encoding, Upload, write_body
from assay_sdk.errors import ArgumentError

FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


@pytest.mark.parametrize(("value", "expected"), [(None, b"null"), (False, b"false"), (0, b"0"), ("", b'""'), ([], b"[]")])
def test_json_that_looks_like_nothing_is_sent(value: Any, expected: bytes) -> None:
    """A falsy body is a body."""
    assert write_body("body", value, BodyFormat()) == (expected, "application/json")


def test_a_form_is_written_by_the_encoding_of_each_property() -> None:
    """Lists as repeated pairs, or joined; objects as JSON where their encoding says so."""
    how = BodyFormat(FORM, {"tags": Encoding(explode=False), "meta": Encoding(media="application/json")})

    content, media = write_body("body", {"a": "b c", "ids": [1, 2], "tags": ["x", "y"], "meta": {"k": 1}, "none": None}, how)

    assert content == b"a=b+c&ids=1&ids=2&tags=x%2Cy&meta=%7B%22k%22%3A1%7D"
    assert media == FORM


def test_objects_and_arrays_inside_a_deep_object_are_written() -> None:
    """As a query writes them: a name in brackets for each level, and a pair for each item."""
    billing = {"address": {"city": "Oslo", "line2": None}, "tags": ["a", "b"], "since": date(2026, 1, 31)}

    content, _ = write_body("body", {"billing": billing}, BodyFormat(FORM, {"billing": Encoding(style="deepObject")}))

    assert content == (b"billing%5Baddress%5D%5Bcity%5D=Oslo&billing%5Btags%5D=a&billing%5Btags%5D=b&billing%5Bsince%5D=2026-01-31")


def test_files_of_a_form_have_names_and_types(tmp_path: Path) -> None:
    """Bytes, paths and uploads; a plain string is a field."""
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"\x89PNG")
    body = {"note": "hi", "file": picture, "more": [b"1", Upload(b"2", "two.txt", "text/plain")], "meta": {"k": 1}}

    content, media = write_body("body", body, BodyFormat(PARTS))

    assert media.startswith("multipart/form-data; boundary=")
    for part in (
        b'name="note"\r\n\r\nhi',
        b'filename="cat.png"\r\nContent-Type: image/png',
        b'filename="two.txt"\r\nContent-Type: text/plain',
    ):
        assert part in content
    assert content.count(b'name="more"') == 2
    assert b'Content-Type: application/json\r\n\r\n{"k":1}' in content


def test_a_file_name_cannot_smuggle_a_header() -> None:
    """A line break in a name is rejected."""
    with pytest.raises(ArgumentError):
        write_body("body", {"f": Upload(b"", "a\r\nX: 1")}, BodyFormat(PARTS))


def test_read_only_properties_are_not_sent() -> None:
    """At any depth, in lists as well."""
    how = BodyFormat(omit=(("id",), ("items", "*", "id")))

    assert write_body("body", {"id": 1, "items": [{"id": 2, "n": 3}]}, how)[0] == b'{"items":[{"n":3}]}'


@pytest.mark.parametrize("files", [frozenset({"file"}), frozenset[str]()], ids=["declared", "undeclared"])
def test_a_file_may_be_a_tuple_as_other_clients_take_it(files: frozenset[str]) -> None:
    """A name, a content, perhaps a media type; the name in any letters. A tuple of strings is an array."""
    body = {"file": ("été.txt", b"hi", "text/x"), "more": [("a.csv", b"1"), ("b.csv", b"2")], "tags": ("x", "y")}

    content, _ = write_body("body", body, BodyFormat(PARTS, files=files))

    assert 'filename="été.txt"\r\nContent-Type: text/x'.encode() in content
    assert content.count(b'name="more"; filename=') == 2
    assert content.count(b'name="tags"\r\n') == 2
