"""Parameters on the wire: every style of OpenAPI in every place, and values that could lead elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from assay_sdk.errors import ArgumentError
from assay_sdk.wire import Parameter, write_headers, write_target

LIST, OBJECT = ["a,b", "c d"], {"R": 100, "G": "x"}


def query(value: Any, **how: Any) -> str:
    """The target of a request with one query parameter."""
    return write_target("/p", (Parameter("v", "v", **how),), {"v": value})


def path(value: Any, **how: Any) -> str:
    """The target of a request with one path parameter."""
    return write_target("/p/{v}/end", (Parameter("v", "v", "path", **{"style": "simple", "explode": False, **how}),), {"v": value})


@pytest.mark.parametrize(
    ("how", "value", "expected"),
    [
        ({}, LIST, "/p?v=a%2Cb&v=c%20d"),
        ({"explode": False}, LIST, "/p?v=a%2Cb,c%20d"),
        ({"style": "spaceDelimited", "explode": False}, LIST, "/p?v=a%2Cb%20c%20d"),
        ({"style": "pipeDelimited", "explode": False}, ["a|b", "c"], "/p?v=a%7Cb%7Cc"),
        ({}, OBJECT, "/p?R=100&G=x"),
        ({"explode": False}, OBJECT, "/p?v=R,100,G,x"),
        ({"style": "deepObject"}, {"a": {"b": [1, 2]}, "c": None}, "/p?v%5Ba%5D%5Bb%5D=1&v%5Ba%5D%5Bb%5D=2"),
        ({"media": "application/json"}, {"a": [1]}, "/p?v=%7B%22a%22%3A%5B1%5D%7D"),
        ({"allow_reserved": True}, "a/b?c", "/p?v=a/b?c"),
        ({}, [], "/p"),
        ({}, None, "/p"),
        ({}, "", "/p?v="),
    ],
)
def test_a_query_parameter_is_written_by_its_style(how: dict[str, Any], value: Any, expected: str) -> None:
    """A delimiter between items stands as it is, one inside an item is encoded."""
    assert query(value, **how) == expected


@pytest.mark.parametrize(
    ("how", "value", "expected"),
    [
        ({}, ["a,b", "c"], "a%2Cb,c"),
        ({}, OBJECT, "R,100,G,x"),
        ({"explode": True}, OBJECT, "R=100,G=x"),
        ({"style": "label"}, ["a", "b"], ".a,b"),
        ({"style": "label", "explode": True}, ["a", "b"], ".a.b"),
        ({"style": "label", "explode": True}, OBJECT, ".R=100.G=x"),
        ({"style": "matrix"}, 5, ";v=5"),
        ({"style": "matrix"}, ["a", "b"], ";v=a,b"),
        ({"style": "matrix", "explode": True}, ["a", "b"], ";v=a;v=b"),
        ({"style": "matrix", "explode": True}, OBJECT, ";R=100;G=x"),
        ({}, "a/b?c#d%", "a%2Fb%3Fc%23d%25"),
    ],
)
def test_a_path_parameter_is_written_by_its_style(how: dict[str, Any], value: Any, expected: str) -> None:
    """Simple, label and matrix, exploded or not."""
    assert path(value, **how) == f"/p/{expected}/end"


@pytest.mark.parametrize("value", [None, "", ".", "..", []], ids=repr)
def test_a_path_value_cannot_lead_to_another_path(value: Any) -> None:
    """Nothing is sent for a value that a server or proxy would resolve away."""
    with pytest.raises(ArgumentError, match=r"^v: "):
        path(value)


def test_a_header_holds_no_line_break_and_a_cookie_is_a_pair() -> None:
    """A header parameter and a cookie parameter of one name are two things."""
    parameters = (Parameter("id", "id", "header", style="simple"), Parameter("id", "id_2", "cookie"))

    assert write_headers(parameters, {"id": ["a", "b"], "id_2": "x;y"}) == {"id": "a,b", "Cookie": "id=x%3By"}
    with pytest.raises(ArgumentError):
        write_headers(parameters, {"id": "a\r\nX-Evil: 1"})


class Colour(Enum):
    """An enumeration."""

    RED = "red"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "true"),
        (1.5, "1.5"),
        (Decimal("1.10"), "1.10"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03%3A04%3A05Z"),
        (3.0, "3"),
        (2.5, "2.5"),
        (1e22, "1e%2B22"),
        (date(2026, 1, 2), "2026-01-02"),
        (time(3, 4), "03%3A04%3A00"),
        (timedelta(days=1, seconds=5), "P1DT5S"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Colour.RED, "red"),
    ],
)
def test_values_that_models_give_are_values_that_arguments_take(value: Any, expected: str) -> None:
    """Written as the standards write them."""
    assert query(value) == f"/p?v={expected}"
