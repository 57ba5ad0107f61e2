"""`assay replay`: one finding of a report, sent to the server again."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson
from assay_contracts import parse_bundle

if TYPE_CHECKING:
    from assay_contracts import Contract

    from assay_conformance.evidence import Exchange, FeedSession
    from assay_conformance.finding_replay import Replay


@click.command()
@click.argument("finding")
@click.option("--target", "manifest", type=click.Path(path_type=Path), help="The target manifest of the run.")
@click.option("--http", metavar="URL", help="Another address than the one in the manifest.")
@click.option(
    "--evidence", type=click.Path(path_type=Path), default=Path("certificate/evidence.ndjson.gz"), show_default=True, metavar="FILE"
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def replay(*, finding: str, manifest: Path | None, http: str | None, evidence: Path, form: str) -> None:
    """Send the requests behind one finding to a server again.

    FINDING is CLAUSE@SUBJECT as the report names it; the subject may be left out where one subject alone fails. The requests of that
    finding, and no others, are sent in their order. Ids, cursors and ETags are taken from the new responses. The clause is judged again.
    For a finding about several sessions of a feed the whole conversation with it is held again, with changes through the control hook.

    \b
    Try:
      assay replay PAG-002@listFailures --target target.toml

    Exit codes: 0 the finding is gone; 1 it still shows, or the responses are not those that it needs; 2 bad usage or input.
    """
    from assay_conformance.evidence import read_evidence
    from assay_conformance.finding_replay import finding_named
    from assay_conformance.finding_replay import replay as run
    from assay_conformance.target_reading import target_for

    seen = read_evidence(evidence)
    contract = parse_bundle(seen.provenance.openapi, seen.provenance.asyncapi)
    found = finding_named(finding, contract, seen)
    target = target_for(contract, manifest, http or (None if manifest else str(seen.provenance.target.get("http", "")) or None))
    again = asyncio.run(run(found, contract, seen, target))
    if form == "json":
        click.echo(orjson.dumps(_as_json(again, contract, target.http), option=orjson.OPT_INDENT_2))
    else:
        _print(again, contract, target.http)
    sys.exit(0 if again.mended else 1)


def _print(again: Replay, contract: Contract, address: str) -> None:
    row = again.finding.row
    click.echo(f"{row.clause}@{row.subject}: {row.sentence}")
    for number, (then, now) in enumerate(again.steps, 1):
        click.echo(f"{number}. {_command(now, contract, address)}")
        click.echo(f"   then {_came(then)}; now {_came(now)}")
    if not again.steps:
        click.echo("The conversation with the feed was held again, with changes in between.")
    if again.mended:
        click.echo("The finding is gone.")
        return
    click.echo(f"{again.row.verdict.value} {again.row.about}".rstrip())
    if again.row.expected:
        click.echo(f"   expected {again.row.expected}\n   got      {again.row.actual}")


def _as_json(again: Replay, contract: Contract, address: str) -> dict[str, Any]:
    row = again.row
    return {
        "finding": f"{row.clause}@{row.subject}",
        "sentence": row.sentence,
        "gone": again.mended,
        "verdict": row.verdict.value,
        "expected": row.expected,
        "actual": row.actual,
        "about": row.about,
        "steps": [{"command": _command(now, contract, address), "then": _came(then), "now": _came(now)} for then, now in again.steps],
    }


def _command(step: Exchange | FeedSession, contract: Contract, address: str) -> str:
    from assay_conformance.evidence import Exchange
    from assay_conformance.report.causes import curl, schemes_of

    if isinstance(step, Exchange):
        return curl(step, address, schemes_of(step, contract))
    frames = "".join(f" > {frame.text}" for frame in step.frames if frame.sent)
    return f"WebSocket {step.request.path} as {step.request.credential}{frames}"


def _came(step: Exchange | FeedSession) -> str:
    from assay_conformance.evidence import Exchange

    if isinstance(step, Exchange):
        return step.failure or f"HTTP {step.answer.status}"
    ending = step.failure or (f"closed with {step.close_code}" if step.close_code else "open to the end")
    return f"handshake {step.handshake or 'failed'}, {len(step.received)} frames, {ending}"
