"""Run the audit: `python -m compatibility_audit`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from compatibility_audit.running import audited
from compatibility_audit.table import DIRECTIONS, counts, markdown, rows, troubles


@click.command()
@click.option("--kind", type=click.Choice(["openapi", "asyncapi", "both"]), default="both", show_default=True)
@click.option("--json", "machine", is_flag=True, help="Print every row, the counts and the troubles as JSON.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the page of the audit there.")
@click.option("--every", type=click.IntRange(min=1), default=1, show_default=True, help="Only one of so many cells, for a quick look.")
@click.option("--rows", "listed", is_flag=True, help="Print every row of the table.")
def main(*, kind: str, machine: bool, out: Path | None, every: int, listed: bool) -> None:
    """Make every edit of the object model and see that a rule claims it, and that its class can be right.

    Exit codes: 0 every cell is claimed, equal or waived, every law is kept and no waiver is stale; 1 something is not.
    """
    result = audited(("openapi", "asyncapi") if kind == "both" else (kind,), every=every)
    totals, failed = counts(result.cells), troubles(result.cells)
    stale = result.stale if every == 1 and kind == "both" else ()
    if machine:
        click.echo(json.dumps({"counts": totals, "rows": [row.as_json() for row in rows(result.cells)], "troubles": failed,
                               "laws": result.laws, "engine": result.engine, "stale": list(stale)}))  # fmt: skip
    else:
        if listed:
            for row in rows(result.cells):
                click.echo(
                    f"{row.kind} {row.object}.{row.field}, {row.edit}: "
                    + "; ".join(f"{direction.value} {row.outcome(direction)}" for direction in DIRECTIONS if row.outcome(direction))
                )
        for line in (
            *failed,
            *(f"law: {law}" for law in result.laws),
            *(f"engine: {line}" for line in result.engine),
            *(f"stale: {line}" for line in stale),
        ):
            click.echo(line)
        click.echo(
            ", ".join(f"{count} {name}" for name, count in totals.items()) + f", {len(result.laws)} laws broken, {len(stale)} stale waivers"
        )
    if out is not None:
        out.write_text(markdown(result.cells, result.laws, stale), encoding="utf-8")
    sys.exit(1 if failed or result.laws or result.engine or stale else 0)


if __name__ == "__main__":
    main()
