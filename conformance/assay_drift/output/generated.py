"""What differs between committed files and generation: text, JSON, JUnit and GitHub annotations."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from assay_contracts.formats import Level, Place, ReportRow, Suite, as_github, as_junit

if TYPE_CHECKING:
    from assay_drift.generated import Piece

_SENTENCES = {
    "bytes": "differs in bytes alone",
    "meaning": "differs in meaning",
    "missing": "is missing",
    "superfluous": "is superfluous",
}


def _text(pieces: Sequence[Piece], blocking: Sequence[Piece]) -> str:
    kinds = list(dict.fromkeys(piece.kind for piece in pieces))
    width = max(map(len, kinds), default=0)
    lines: list[str] = []
    for kind in kinds:
        counts = Counter(piece.state for piece in pieces if piece.kind == kind)
        lines.append(f"{kind:<{width}}  " + ", ".join(f"{count} {state}" for state, count in sorted(counts.items())))
    for piece in pieces:
        if piece.drifted:
            lines += ["", _message(piece), f"  renew: {piece.renew}"]
    verdict = f"Drift: {len(blocking)} of {len(pieces)} files are not what generation gives."
    lines += ["", verdict if blocking else f"No drift: {len(pieces)} files."]
    return "\n".join(lines) + "\n"


def _json(pieces: Sequence[Piece], blocking: Sequence[Piece]) -> str:
    counts = dict(sorted(Counter(piece.state for piece in pieces).items()))
    return json.dumps({"drift": bool(blocking), "counts": counts, "files": [piece.as_json() for piece in pieces]}, indent=2) + "\n"


def _junit(pieces: Sequence[Piece], blocking: Sequence[Piece]) -> str:
    rows = tuple(_case(piece, blocks=piece in blocking) for piece in pieces)
    return as_junit([Suite("assay drift generated", rows)])


def _github(pieces: Sequence[Piece], blocking: Sequence[Piece]) -> str:
    return as_github(_annotation(piece, blocks=piece in blocking) for piece in pieces if piece.drifted)


def _case(piece: Piece, *, blocks: bool) -> ReportRow:
    level = Level.ERROR if blocks else Level.WARNING if piece.drifted else Level.PASS
    return ReportRow(piece.kind, level, piece.state, _message(piece), subject=str(piece.path))


def _annotation(piece: Piece, *, blocks: bool) -> ReportRow:
    level = Level.ERROR if blocks else Level.NOTE
    return ReportRow(f"{piece.kind} {piece.state}", level, piece.state, _message(piece), place=Place(str(piece.path)))


def _message(piece: Piece) -> str:
    about = f": {'; '.join(piece.about)}" if piece.about else ""
    return f"{piece.path}: {_SENTENCES.get(piece.state, 'is current')}{about}"


FORMATS: Mapping[str, Callable[[Sequence[Piece], Sequence[Piece]], str]] = {
    "text": _text, "json": _json, "junit": _junit, "github": _github,
}  # fmt: skip
"""How to write the pieces, of which the second argument holds those that are drift."""
