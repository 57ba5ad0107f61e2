"""`assay certify-client`: whether a client of a contract stands what servers do."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from assay_contracts import UsageError, load_contract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay_clients.judging import ClientRow

PROTOCOL = """\b
The client is run once for each scenario, with these environment variables:
  ASSAY_BASE_URL    the server to call
  ASSAY_TASK        call: make one call; list: walk a list in pages to its end
  ASSAY_OPERATION   the operationId to call
  ASSAY_PARAMETERS  a JSON object: parameters by their names in the contract
  ASSAY_BODY        the JSON body, where the operation takes one
  ASSAY_TOKEN       the token, API key or password of the call
  ASSAY_IDENTITY    for a list: the property that identifies an item
  ASSAY_SECONDS     how long it may take
It prints one line of JSON and ends:
  {"outcome": "value"}                                  the call succeeded
  {"outcome": "value", "items": ["a", "b"]}             for a list: identities, in order
  {"outcome": "error", "status": 404, "code": "..."}    status and code where there are any
"""


@click.command("certify-client", epilog=PROTOCOL)
@click.option("--contract", "contract_id", required=True, metavar="NAME@VERSION|PATH", help="The contract that the client calls.")
@click.option("--command", required=True, help="The command that runs the client.")
@click.option("--scenarios", "own", type=click.Path(path_type=Path), help="A TOML file of scenarios, in place of those of Assay.")
@click.option("--only", multiple=True, metavar="NAME", help="Play this scenario alone; may be repeated.")
@click.option("--seconds", type=click.FloatRange(1, 600), default=20.0, show_default=True, help="How long one scenario may take.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def certify_client(*, contract_id: str, command: str, own: Path | None, only: tuple[str, ...], seconds: float, form: str) -> None:
    """Certify a client against a server that misbehaves.

    A server made from the contract answers with everything that servers do to clients: 429 with Retry-After, HTML in a 500, half a body, a
    byte a second, an unknown enum value, cursors in a circle, a redirect to another origin. What the client sent and what it reported is
    judged.

    \b
    Try:
      assay certify-client --contract api.yaml --command "python my_client.py"

    Exit codes: 0 certified; 1 not certified; 2 bad usage or input.
    """
    from assay_clients.judging import client_certified
    from assay_clients.scenarios import read_scenarios, shipped_scenarios
    from assay_clients.trial import try_client

    words = shlex.split(command)
    if not words or shutil.which(words[0]) is None:
        raise UsageError("--command", expected="a program that can be run", actual=words[0] if words else "nothing")
    scenarios = shipped_scenarios() if own is None else read_scenarios(own)
    unknown = sorted(set(only) - {scenario.name for scenario in scenarios})
    if unknown:
        raise UsageError(f"--only {unknown[0]}", expected=f"one of {', '.join(scenario.name for scenario in scenarios)}")
    chosen = [scenario for scenario in scenarios if not only or scenario.name in only]
    contract = load_contract(contract_id)
    report_row = _print_row if form == "text" else _silent
    rows = asyncio.run(try_client(contract, words, chosen, seconds=seconds, done=report_row))
    certified = client_certified(rows)
    if form == "json":
        result = {"contract": str(contract.id), "certified": certified, "rows": [dataclasses.asdict(row) for row in rows]}
        click.echo(json.dumps(result, indent=2))
    else:
        _print_end(rows, certified=certified, about=str(contract.id))
    sys.exit(0 if certified else 1)


def _silent(_: ClientRow) -> None:
    """Say nothing while it runs."""


def _print_row(row: ClientRow) -> None:
    mark = {"PASS": "ok", "FAIL": "FAIL" if row.level == "MUST" else "should", "NOT_APPLICABLE": "n/a"}[row.verdict]
    click.echo(
        f"{mark:<7} {row.scenario}" + (f"  ({row.operation}, {row.requests} requests, {row.seconds:.1f} s)" if row.operation else "")
    )
    if row.verdict == "FAIL":
        click.echo(f"        {row.sentence}\n        expected {row.expected}; got {row.actual}")


def _print_end(rows: Sequence[ClientRow], *, certified: bool, about: str) -> None:
    failed = [row for row in rows if row.verdict == "FAIL" and row.level == "MUST"]
    played = [row for row in rows if row.verdict != "NOT_APPLICABLE"]
    if certified:
        click.echo(f"Certified against {about}: {len(played)} scenarios played, {len(rows) - len(played)} do not apply to the contract.")
    else:
        names = ", ".join(row.scenario for row in failed) or "nothing could be played"
        click.echo(f"Not certified against {about}: {names}.")
