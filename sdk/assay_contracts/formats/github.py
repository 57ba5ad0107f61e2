"""GitHub annotations: workflow commands that show a result beside its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assay_contracts.formats.rows import Level, Place, ReportRow

_LEVELS = {Level.FAULT: "error", Level.ERROR: "error", Level.WARNING: "warning"}


def as_github(rows: Iterable[ReportRow]) -> str:
    """One workflow command a row; a row with the level PASS has none.

    >>> print(as_github([ReportRow("a-rule", Level.ERROR, "It is wrong.", "It is 100% wrong.", Place("api.yaml", 3, 5))]), end="")
    ::error file=api.yaml,line=3,col=5,title=a-rule::It is 100%25 wrong.
    """
    return "".join(f"{_command(row)}\n" for row in rows if row.level is not Level.PASS)


def _command(row: ReportRow) -> str:
    properties = ",".join(f"{name}={_property(value)}" for name, value in (*_where(row.place), ("title", row.id)))
    return f"::{_LEVELS.get(row.level, 'notice')} {properties}::{_data(row.message)}"


def _where(place: Place | None) -> Iterator[tuple[str, str]]:
    if place is None:
        return
    yield "file", place.file
    if place.line:
        yield "line", str(place.line)
    if place.column:
        yield "col", str(place.column)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
