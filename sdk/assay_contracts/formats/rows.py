"""One result of any command: what is wrong, how much it matters, and where it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Level(Enum):
    """How much a result matters to a pipeline.

    FAULT is a fault of the tool itself, ERROR fails the run, WARNING is worth a person's attention, NOTE is for information, PASS is a
    check that passed and NONE a result of no weight.
    """

    FAULT = "fault"
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NONE = "none"
    PASS = "pass"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Place:
    """A file as its reader names it, with line and column counted from 1; 0 when only the file is known."""

    file: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One result.

    `id` is the rule, clause or check; `title` says in one sentence what is wrong, `message` says everything on as many lines as it needs.
    `subject` is what the result is about: a JSON pointer, a file, a clause. `help` names where to read more. `kind` refines the level for
    formats that have room for it; `related` is where the same thing was before; `suppressed` is the reason of a waived result.
    """

    id: str
    level: Level
    title: str
    message: str
    place: Place | None = None
    help: str = ""
    subject: str = ""
    kind: str = ""
    fingerprint: str = ""
    related: Place | None = None
    suppressed: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict[str, Any])
