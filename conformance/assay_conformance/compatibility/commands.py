"""The commands that compare: is one schema contained in another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import click
import orjson
from assay_contracts import UsageError

__all__ = ["contains"]


@click.command()
@click.argument("a", required=False, type=click.Path(path_type=Path))
@click.argument("b", required=False, type=click.Path(path_type=Path))
@click.option("--batch", metavar="FILE", help='NDJSON lines {"id", "a", "b"}, or - for standard input; answers one line each.')
def contains(a: Path | None, b: Path | None, batch: str | None) -> None:
    """Decide whether every instance of JSON Schema A is valid against B.

    The answer is contained, not-contained with an instance that proves it, or undecided. Exit codes: 0 contained, 1 not
    contained or undecided, 2 bad input; with --batch 0 once every line is answered.
    """
    if batch is not None:
        if a is not None:
            raise UsageError("expected either two schema files or --batch FILE, got both; leave one out")
        _answer_lines(batch)
        return
    if a is None or b is None:
        raise UsageError("expected two schema files or --batch FILE; try `assay contains A.json B.json`")
    _answer_files(a, b)


def _answer_files(a: Path, b: Path) -> None:
    from assay_conformance.compatibility.containment import Kind, SchemaInvalid, contains

    try:
        answer = contains(_parsed(a), _parsed(b))
    except SchemaInvalid as error:
        raise UsageError(f"expected two JSON Schemas; {error}") from None
    click.echo(f"{answer.kind}: {answer.reason}")
    if answer.kind is Kind.NOT_CONTAINED:
        click.echo(f"witness: {_written(answer.witness).decode()}")
    if answer.kind is not Kind.CONTAINED:
        sys.exit(1)


def _parsed(path: Path) -> Any:
    import json

    import yaml

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}; give a JSON or YAML file") from None
    try:
        return json.loads(text)
    except ValueError:
        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise UsageError(f"{path} is neither JSON nor YAML: {str(error).splitlines()[0]}") from None


def _answer_lines(batch: str) -> None:
    for line in _lines(batch):
        if line.strip():
            sys.stdout.buffer.write(_written(_answered(line)) + b"\n")
    sys.stdout.buffer.flush()


def _lines(batch: str) -> Iterator[bytes]:
    if batch == "-":
        yield from sys.stdin.buffer
        return
    try:
        with Path(batch).open("rb") as opened:
            yield from opened
    except OSError as error:
        raise UsageError(f"cannot read {batch}: {error.strerror}; give a file of NDJSON lines, or - for standard input") from None


def _answered(line: bytes) -> dict[str, Any]:
    import json

    from assay_conformance.compatibility.containment import Kind, SchemaInvalid, contains

    try:
        fact = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": f"expected a JSON object with id, a and b; {error}"}
    if not isinstance(fact, dict) or not {"a", "b"} <= fact.keys():
        return {
            "id": cast("dict[str, Any]", fact).get("id") if isinstance(fact, dict) else None,
            "error": "expected a JSON object with id, a and b",
        }
    held = cast("dict[str, Any]", fact)
    try:
        answer = contains(held["a"], held["b"])
    except SchemaInvalid as error:
        return {"id": held.get("id"), "error": str(error)}
    except RecursionError:
        return {"id": held.get("id"), "answer": str(Kind.UNDECIDED), "reason": "the schema is nested too deeply"}
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # A panic of the validator is no Exception, and one line of a batch never stops the others.
        return {"id": held.get("id"), "error": f"the engine failed on this line: {type(error).__name__}: {error}"}
    told: dict[str, Any] = {"id": held.get("id"), "answer": str(answer.kind)}
    if answer.kind is Kind.NOT_CONTAINED:
        told["witness"] = answer.witness
    else:
        told["reason"] = answer.reason
    return told


def _written(value: Any) -> bytes:
    import json

    try:
        return orjson.dumps(value)
    except (TypeError, ValueError):
        # Integers beyond 64 bits and lone surrogates are JSON, though orjson writes neither.
        return json.dumps(value).encode("ascii")
