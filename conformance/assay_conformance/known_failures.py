"""Failures that a team knows of: each with a reason, an owner and a day on which it ends. They keep a pipeline green and never certify.

An entry that has ended, or that nothing needs any more, makes a run fail: the list only ever says what is true.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from assay_contracts.errors import DocumentMalformed, DocumentMissing
from assay_contracts.json_types import is_list, is_mapping

from assay_conformance.verdicts import Outcome, Row, Verdict

KINDS = ("known", "ambiguous")
"""`known`: the implementation is wrong and will be mended; `ambiguous`: the clause can be read in two ways."""
EVERY_SUBJECT = "*"
_WORDS = {"clause", "subject", "kind", "reason", "owner", "expires"}


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """One clause that is known not to hold for a subject, or for all with `*`. It counts up to and on the day `expires`."""

    clause: str
    reason: str
    owner: str
    expires: date
    subject: str = EVERY_SUBJECT
    kind: str = "known"

    def covers(self, row: Row) -> bool:
        """Whether the entry is about a row."""
        return self.clause == row.clause and self.subject in (EVERY_SUBJECT, row.subject)


@dataclass(frozen=True, slots=True)
class Compared:
    """What a run and a list say of each other.

    `known` are the required rows that do not hold and are listed, with their entries; `new` those that are not listed. `stale` says of
    an entry, in words, why it is out of date.
    """

    known: tuple[tuple[Row, KnownFailure], ...] = ()
    new: tuple[Row, ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is new and nothing is out of date."""
        return not self.new and not self.stale

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        known = [{**_row_json(row), **_entry_json(entry)} for row, entry in self.known]
        return {"known": known, "new": [_row_json(row) for row in self.new], "stale": list(self.stale)}


def read_known_failures(path: Path) -> tuple[KnownFailure, ...]:
    """The entries of a TOML file of tables `[[known]]`. Raises `DocumentMissing`, and `DocumentMalformed` with everything that is wrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentMissing(str(path), expected="a file of known failures", actual=type(error).__name__) from None
    except tomllib.TOMLDecodeError as error:
        raise DocumentMalformed(str(path), expected="TOML", actual=str(error)) from None
    listed = data.get("known", [])
    if data.keys() - {"known"} or not is_list(listed):
        raise DocumentMalformed(str(path), expected="tables [[known]] and nothing else", actual=", ".join(data))
    problems = [problem for number, item in enumerate(listed, 1) for problem in _problems(item, f"known {number}")]
    if problems:
        raise DocumentMalformed(
            str(path), expected="entries that say what is known, why, by whom and until when", actual="; ".join(problems)
        )
    return tuple(KnownFailure(**item) for item in listed)


def compare_known(outcome: Outcome, rows: Sequence[Row], listed: Sequence[KnownFailure], today: date) -> Compared:
    """Hold the rows that do not hold against a list. A row whose check failed is a defect of Assay and is never known."""
    known: list[tuple[Row, KnownFailure]] = []
    new: list[Row] = []
    for row in rows:
        entry = next((entry for entry in listed if entry.covers(row) and entry.expires >= today), None)
        if entry is None or row.verdict is Verdict.ERROR:
            new.append(row)
        else:
            known.append((row, entry))
    return Compared(tuple(known), tuple(new), tuple(_stale(outcome, listed, today)))


def _stale(outcome: Outcome, listed: Sequence[KnownFailure], today: date) -> Iterator[str]:
    for entry in listed:
        rows = [row for row in outcome.rows if entry.covers(row)]
        if entry.expires < today:
            yield f"{entry.clause} {entry.subject}: it ended on {entry.expires}; mend it, or say anew until when"
        elif not rows:
            yield f"{entry.clause} {entry.subject}: the contract promises no such clause of it"
        elif all(row.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE) for row in rows):
            yield f"{entry.clause} {entry.subject}: it holds now; take the entry away"


def _problems(item: Any, where: str) -> Iterator[str]:
    if not is_mapping(item):
        yield f"{where} is no table"
        return
    for word in sorted(item.keys() - _WORDS):
        yield f"{where} has the unknown key `{word}`"
    for word in ("clause", "reason", "owner"):
        if not isinstance(item.get(word), str) or not str(item[word]).strip():
            yield f"{where} needs `{word}`, a string"
    if "subject" in item and not isinstance(item["subject"], str):
        yield f"{where}: `subject` is no string"
    if item.get("kind", "known") not in KINDS:
        yield f"{where}: `kind` is neither {' nor '.join(KINDS)}"
    # A time of day is a date to Python, and to TOML another type.
    if type(item.get("expires")) is not date:
        yield f"{where} needs `expires`, a date such as 2027-01-31"


def _row_json(row: Row) -> Mapping[str, Any]:
    return {"clause": row.clause, "subject": row.subject, "verdict": row.verdict.value}


def _entry_json(entry: KnownFailure) -> Mapping[str, Any]:
    return {"kind": entry.kind, "reason": entry.reason, "owner": entry.owner, "expires": entry.expires.isoformat()}
