"""Batches: lines of NDJSON in, one answer line each out, whatever a line holds."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import orjson
from assay_contracts import AssayError, UsageError

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def answer_lines(batch: str, members: tuple[str, str], answer: Answer) -> None:
    """Answer each line of a file, or of standard input for `-`; a line that cannot be answered gets an error line with its id."""
    for line in _lines(batch):
        if line.strip():
            sys.stdout.buffer.write(as_json(_answered(line, members, answer)) + b"\n")
    sys.stdout.buffer.flush()


def as_json(value: Any) -> bytes:
    """A value as JSON."""
    try:
        return orjson.dumps(value)
    except (TypeError, ValueError):
        # Integers beyond 64 bits and lone surrogates are JSON, though orjson writes neither.
        return json.dumps(value).encode("ascii")


def _lines(batch: str) -> Iterator[bytes]:
    if batch == "-":
        yield from sys.stdin.buffer
        return
    try:
        with Path(batch).open("rb") as opened:
            yield from opened
    except OSError as error:
        raise UsageError(f"cannot read {batch}: {error.strerror}; give a file of NDJSON lines, or - for standard input") from None


def _answered(line: bytes, members: tuple[str, str], answer: Answer) -> dict[str, Any]:
    wanted = f"expected a JSON object with id, {members[0]} and {members[1]}"
    try:
        read = json.loads(line, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": f"{wanted}; {error}"}
    if not isinstance(read, dict):
        return {"id": None, "error": wanted}
    line_object = cast("dict[str, Any]", read)
    name = line_object.get("id")
    if not set(members) <= line_object.keys():
        return {"id": name, "error": wanted}
    try:
        return {"id": name, **answer(line_object)}
    except AssayError as error:
        return {"id": name, "error": str(error)}
    except RecursionError:
        return {"id": name, "error": "it is nested too deeply"}
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # A panic of the validator is no Exception, and one line of a batch never stops the others.
        return {"id": name, "error": f"a defect of assay itself on this line: {type(error).__name__}: {error}"}


def _refused(constant: str) -> None:
    # Python reads NaN and Infinity; JSON has neither.
    raise ValueError(f"{constant} is no JSON")
