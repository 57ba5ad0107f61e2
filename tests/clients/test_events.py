"""What is read of a client: its report, and where its credential stood."""

from __future__ import annotations

import base64

import pytest
from assay_clients.events import Report, places_of, read_report

TOKEN = "assay-0123"


@pytest.mark.parametrize(
    ("output", "exit_code", "report"),
    [
        ('{"outcome": "value"}', 0, Report("value")),
        ('noise\n{"outcome": "error", "status": 404, "code": "GONE"}\nmore noise\n', 1, Report("error", 404, "GONE")),
        ('{"outcome": "value", "items": [1, "b"]}', 0, Report("value", items=(1, "b"))),
        ('{"outcome": "error", "status": "404", "code": 7, "items": "all"}', 0, Report("error")),
        ('{"outcome": "value"}\n{"outcome": "perhaps"}\n[1]\n', 0, Report("value")),
    ],
)
def test_a_report_is_the_last_line_that_is_one(output: str, exit_code: int, report: Report) -> None:
    """Among whatever else the client printed."""
    assert read_report(output, exit_code) == report


@pytest.mark.parametrize(
    ("output", "exit_code", "outcome", "about"),
    [
        ("", 0, "none", "exit code 0"),
        ("Traceback\nValueError: no", 1, "error", "ValueError: no"),
        ("", None, "none", "did not end in time"),
        ("[" * 100_000, 0, "none", "exit code 0"),
    ],
)
def test_without_a_report_the_exit_code_speaks(output: str, exit_code: int | None, outcome: str, about: str) -> None:
    """An error that nobody caught is an error; silence is nothing."""
    found = read_report(output, exit_code)

    assert found.outcome == outcome
    assert about in found.about


@pytest.mark.parametrize(
    ("headers", "query", "url", "places"),
    [
        ([("Authorization", f"Bearer {TOKEN}")], [], "/a", ("header:authorization",)),
        ([("Authorization", "Basic " + base64.b64encode(f"me:{TOKEN}".encode()).decode())], [], "/a", ("header:authorization",)),
        ([("Authorization", "Basic !")], [], "/a", ()),
        ([("Cookie", f"a=1; session={TOKEN}")], [], "/a", ("cookie:session",)),
        ([], [("key", TOKEN)], f"/a?key={TOKEN}", ("query:key",)),
        ([], [], f"/a/{TOKEN}", ("url",)),
        ([("Accept", "*/*")], [], "/a", ()),
    ],
)
def test_a_credential_is_found_wherever_it_stands(
    headers: list[tuple[str, str]], query: list[tuple[str, str]], url: str, places: tuple[str, ...]
) -> None:
    """In a header, a cookie, the query or the path."""
    assert places_of(TOKEN, headers, query, url) == places
