"""Waivers: warnings that somebody answers for, each with a reason and a day on which it ends.

A waiver names a rule and a document (a glob relative to the file of waivers), and a pointer when it is about
one part. Errors are never waived. A waiver that has expired, or that nothing needs any more, is a finding.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from assay_contracts.errors import DocumentMalformed, DocumentMissing
from assay_contracts.json_types import is_mapping, kind, mapping, optional_text, sequence, text
from assay_contracts.lint.rules import RULES, Finding, Rule, declare

FILE = "lint-waivers.toml"
EXPIRED = declare("waiver-expired", "No waiver has expired.")
UNUSED = declare("waiver-unused", "Every waiver matches a finding.")
OF_AN_ERROR = declare("waiver-of-an-error", "A waiver names an existing rule whose level is warning.")
_MEMBERS = {"rule", "document", "pointer", "reason", "owner", "expires"}


@dataclass(frozen=True, slots=True)
class Waiver:
    """One warning that is let be."""

    path: Path
    line: int
    rule: str
    document: str
    pointer: str
    reason: str
    owner: str
    expires: date

    def covers(self, finding: Finding) -> bool:
        """Whether the waiver is about this finding."""
        below = finding.pointer == self.pointer or finding.pointer.startswith(self.pointer.rstrip("/") + "/")
        return self.rule == finding.rule and self.about(finding.path) and below

    def about(self, path: Path) -> bool:
        """Whether the waiver is about this document."""
        home, there = self.path.parent.resolve(), path.resolve()
        return there.is_relative_to(home) and fnmatchcase(there.relative_to(home).as_posix(), self.document)

    def only_about(self, paths: tuple[Path, ...]) -> bool:
        """Whether these are all the documents that the waiver is about: of fewer, nobody can say that none needs it."""
        linted = {path.resolve() for path in paths}
        named = {path.resolve() for path in self.path.parent.glob(self.document)}
        return bool(named) and named <= linted


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding that is let be, and the waiver that says why."""

    finding: Finding
    waiver: Waiver


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file."""
    try:
        written = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentMissing(str(path), expected="a file of waivers", actual=type(error).__name__) from None
    try:
        data = tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        raise DocumentMalformed(str(path), expected="TOML", actual=str(error)) from None
    lines = [number for number, line in enumerate(written.splitlines(), 1) if line.strip().startswith("[[waiver]]")]
    listed = sequence(data.get("waiver"), f"{path}: waiver")
    if data.keys() - {"waiver"} or len(lines) != len(listed):
        raise DocumentMalformed(str(path), expected="tables [[waiver]] and nothing else", actual=", ".join(data) or "nothing")
    return tuple(_waiver(path, line, item) for line, item in zip(lines, listed, strict=True))


def waive(
    findings: Iterable[Finding], waivers: Iterable[Waiver], *, documents: Iterable[Path] | None = None, today: date | None = None
) -> tuple[tuple[Finding, ...], tuple[Waived, ...]]:
    """What is left of the findings, with what is wrong with the waivers; and what was waived.

    Of `documents`, when only some were linted, tells which waivers could have been needed at all.
    """
    day, listed = today or datetime.now(UTC).date(), tuple(waivers)
    paths = None if documents is None else tuple(documents)
    left: list[Finding] = []
    waived: list[Waived] = []
    needed: set[Waiver] = set()
    for finding in findings:
        fitting = [waiver for waiver in listed if waiver.covers(finding)]
        needed.update(fitting)
        valid = [waiver for waiver in fitting if waiver.expires >= day and finding.level == "warning"]
        if valid:
            waived.append(Waived(finding, valid[0]))
        else:
            left.append(finding)
    for waiver in listed:
        known = RULES.get(waiver.rule)
        if known is None or known.level == "error":
            why = "is an error, and errors are not waived" if known else "is no rule"
            left.append(_finding(OF_AN_ERROR, waiver, f"{waiver.rule} {why}"))
        elif waiver.expires < day:
            left.append(
                _finding(
                    EXPIRED,
                    waiver,
                    f"the waiver of {waiver.rule} for {waiver.document} ended on {waiver.expires}: renew it, or fix the finding",
                )
            )
        elif waiver not in needed and (paths is None or waiver.only_about(paths)):
            left.append(_finding(UNUSED, waiver, f"nothing in {waiver.document} needs the waiver of {waiver.rule}: take it away"))
    return tuple(sorted(left)), tuple(waived)


def _finding(rule: Rule, waiver: Waiver, message: str) -> Finding:
    return Finding(waiver.path, waiver.line, 1, rule.id, message, "", rule.level)


def _waiver(path: Path, line: int, item: Any) -> Waiver:
    where = f"{path}:{line}"
    data = mapping(item, where)
    if extra := data.keys() - _MEMBERS:
        raise DocumentMalformed(where, expected=f"only {', '.join(sorted(_MEMBERS))}", actual=", ".join(sorted(extra)))
    expires = data.get("expires")
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise DocumentMalformed(f"{where}: expires", expected="a day such as 2027-06-30", actual=_as_text(expires))
    texts = {key: text(data.get(key), f"{where}: {key}") for key in ("rule", "document", "reason", "owner")}
    for key, value in texts.items():
        if not value.strip():
            raise DocumentMalformed(f"{where}: {key}", expected="some words", actual="none")
    return Waiver(path=path, line=line, pointer=optional_text(data.get("pointer"), f"{where}: pointer"), expires=expires, **texts)


def _as_text(value: Any) -> str:
    return "nothing" if value is None else kind(value) if is_mapping(value) or isinstance(value, (str, list)) else str(value)
