"""The commands that compare: is one schema contained in another."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from assay_contracts import UsageError

from assay_compatibility.batches import answer_lines, as_json

if TYPE_CHECKING:
    from assay_containment import Formats

__all__ = ["contains"]


@click.command()
@click.argument("a", required=False, type=click.Path(path_type=Path))
@click.argument("b", required=False, type=click.Path(path_type=Path))
@click.option("--batch", metavar="FILE", help='NDJSON lines {"id", "a", "b"}, or - for standard input; prints one line for each.')
@click.option(
    "--formats",
    type=click.Choice(["annotate", "assert"]),
    help="How `format` is read: as an annotation or as an assertion. Default: as an annotation; undecided where a listed value tells.",
)
def contains(a: Path | None, b: Path | None, batch: str | None, formats: Formats) -> None:
    """Decide whether every instance of JSON Schema A is valid against B.

    The result is contained, not-contained with an instance that proves it, or undecided with a reason.

    \b
    Try:
      assay contains narrow.json wide.json
      assay contains --formats assert narrow.json wide.json
      assay contains --batch pairs.ndjson

    Exit codes: 0 contained; 1 not contained or undecided; 2 bad usage or input. With --batch: 0 when every line has a result.
    """
    if batch is not None:
        if a is not None:
            raise UsageError("expected either two schema files or --batch FILE, got both; leave one out")
        answer_lines(batch, ("a", "b"), partial(_answered, formats=formats))
        return
    if a is None or b is None:
        raise UsageError("expected two schema files or --batch FILE; try `assay contains A.json B.json`")
    _answer_files(a, b, formats)


def _answer_files(a: Path, b: Path, formats: Formats) -> None:
    from assay_containment import Kind, SchemaInvalid, contains

    try:
        answer = contains(_parsed(a), _parsed(b), formats=formats)
    except SchemaInvalid as error:
        raise UsageError(f"expected two JSON Schemas; {b if error.side == 'b' else a}: {error}") from None
    click.echo(f"{answer.kind}: {answer.reason}")
    if answer.kind is Kind.NOT_CONTAINED:
        click.echo(f"witness: {as_json(answer.witness).decode()}")
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


def _answered(fact: Mapping[str, Any], *, formats: Formats) -> Mapping[str, Any]:
    from assay_containment import Kind, SchemaInvalid, contains

    try:
        answer = contains(fact["a"], fact["b"], formats=formats)
    except SchemaInvalid as error:
        return {"error": str(error)}
    except RecursionError:
        return {"answer": str(Kind.UNDECIDED), "reason": "the schema is nested too deeply"}
    result: dict[str, Any] = {"answer": str(answer.kind)}
    if answer.kind is Kind.NOT_CONTAINED:
        result["witness"] = answer.witness
    else:
        result["reason"] = answer.reason
    return result
