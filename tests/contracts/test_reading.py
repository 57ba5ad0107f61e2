"""Reading: YAML by the 1.2 core rules, JSON, and the place of every value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from assay_contracts import DocumentUnreadable, pointers
from assay_contracts.json_places import json_places
from assay_contracts.reading import SourcePosition, parse_document, read_document

HERE = Path("contract.yaml")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("2026-11-21", "2026-11-21"),
        ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"),
        ("1.0.0", "1.0.0"),
        ("1.0", 1.0),
        ("12", 12),
        ("-3", -3),
        ("012", "012"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("!!int 12", 12),
        ("=", "="),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(written: str, meant: object) -> None:
    """Nothing turns into a boolean, a date or an octal number behind the author's back."""
    document = parse_document(f"value: {written}\n", HERE)

    assert {"value": meant} == document.data
    assert type(meant) is type(document.data["value"])


def test_keys_are_strings() -> None:
    """A status written as a number and a key named `on` are the keys that OpenAPI asks for."""
    document = parse_document("200: a\non: b\nnull: c\n", HERE)

    assert list(document.data) == ["200", "on", "null"]


def test_a_block_scalar_is_text() -> None:
    """A folded text that looks like a number stays a text."""
    assert parse_document("value: >-\n  12\n", HERE).data == {"value": "12"}


def test_an_alias_gives_the_value_of_its_anchor() -> None:
    """Anchors are allowed; only their explosion is not."""
    assert parse_document("a: &x {b: 1}\nc: *x\n", HERE).data == {"a": {"b": 1}, "c": {"b": 1}}


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("", SourcePosition(1, 1)),
        ("/paths", SourcePosition(2, 1)),
        ("/paths/~1items/get", SourcePosition(4, 5)),
        ("/paths/~1items/get/tags/1", SourcePosition(5, 17)),
        ("/paths/~1items/get/nowhere", SourcePosition(4, 5)),
        ("/paths/~1items/get/tags/9", SourcePosition(5, 7)),
    ],
)
def test_every_value_knows_its_place(pointer: str, place: SourcePosition) -> None:
    """A pointer leads to the line and column of its key, or of the nearest thing above it."""
    document = parse_document("openapi: 3.1.0\npaths:\n  /items:\n    get:\n      tags: [a, b]\n", HERE)

    assert place == document.place(pointer)


def test_json_values_know_their_place_too() -> None:
    """JSON is read as JSON and located all the same."""
    document = parse_document('{\n  "a": {\n    "b": [1, 2]\n  }\n}\n', Path("contract.json"))

    assert SourcePosition(3, 5) == document.place("/a/b")


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    """A file from an editor that marks its encoding reads like any other."""
    from assay_contracts.reading import read_document

    path = tmp_path / "contract.yaml"
    path.write_bytes("\ufeffa: é\n".encode())

    expected: dict[str, Any] = {"a": "é"}
    assert expected == read_document(path).data


@pytest.mark.parametrize(("levels", "readable"), [(200, True), (201, False), (5_000, False), (200_000, False)])
@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_every_python_draws_one_line_for_depth(tmp_path: Path, suffix: str, levels: int, readable: bool) -> None:
    """200 levels are read, and one more is an error that says so."""
    path = tmp_path / f"deep.{suffix}"
    path.write_text("[" * levels + "]" * levels)

    try:
        read_document(path)
        error = ""
    except DocumentUnreadable as problem:
        error = str(problem)

    assert ("" if readable else "expected at most 200 levels of nesting, got more") == error.partition(": ")[2]


SMALL: Any = {
    "a": {"b": [1, {"c": 'x,{["', 'é"k': [[], [1, 2, "]"], {}]}, "s"], "": {"/~": 3}}, "z": [[[5]]], "e": {}, "l": [],
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
def test_places_of_json_are_those_that_a_reader_finds(indent: int | None) -> None:
    """At the place of a pointer stands its key, or the item; of what is absent the nearest above it."""
    text = json.dumps(SMALL, indent=indent)

    def every(value: Any, pointer: str = "") -> list[str]:
        below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return [pointer, *(within for key, item in below for within in every(item, pointer + pointers.join(key)))]

    every_pointer = every(SMALL)
    places = parse_document(text, Path("small.json")).places([*every_pointer, "/e/x", "/l/0", "/q/3"])
    rows = text.split("\n")

    for pointer in every_pointer[1:]:
        holder, _, key = pointer.rpartition("/")
        value = pointers.follow(SMALL, pointer)
        rest = rows[places[pointer].line - 1][places[pointer].column - 1 :]
        named = isinstance(pointers.follow(SMALL, holder), dict)
        assert rest.startswith(json.dumps(pointers.unescape(key)) if named else json.dumps(value)[:1])
    assert (places["/e/x"], places["/l/0"], places["/q/3"]) == (places["/e"], places["/l"], places[""])


@pytest.mark.parametrize("escape", ["\\ud83d\\ude00", "\\uD83D\\uDE00"])
def test_json_that_is_no_yaml_is_read_from_a_yaml_file(escape: str, tmp_path: Path) -> None:
    """A character in two escapes is right in JSON, and its places are found."""
    path = tmp_path / "api.yaml"
    path.write_text(f' {{"a": "{escape} T",\n"b": {{"{escape}": [1]}}}}', encoding="utf-8")

    document = read_document(path)

    assert document.data == {"a": "\U0001f600 T", "b": {"\U0001f600": [1]}}
    assert (document.place("/b/\U0001f600").line, document.place("/b/\U0001f600").column) == (2, 7)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": "\\ud83d"}', "expected text, got a lone surrogate"),
        ('{"a": "\\ud83d\\ude00", "b": 1, "b": 2}', "the key 'b' twice"),
        ('{"a": "\\ud83d\\ude00", b: [}', r"api\.yaml:1:\d+: expected YAML, got a syntax error"),
    ],
)
def test_json_in_a_yaml_file_is_rejected_for_what_is_wrong_with_it(text: str, problem: str, tmp_path: Path) -> None:
    """The error is that of JSON where it is JSON, else that of YAML."""
    path = tmp_path / "api.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(DocumentUnreadable, match=problem):
        read_document(path)


def test_what_stands_before_a_place_may_be_anything() -> None:
    """Numbers of thousands of digits are no numbers for Python, and are passed over all the same."""
    text = '{"digits": [' + "9" * 5_000 + '], "after": "here"}'

    assert json_places(text, ["/after"]) == {"/after": (1, text.index('"after"') + 1)}
