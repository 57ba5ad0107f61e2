"""`assay contracts ambiguities` and `assay contracts trace`: what the registers say of clauses and sentences."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from assay_contracts.contract_folder import find_documents
from assay_contracts.parsing import load_contract

_format = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="The output format."
)


@click.command()
@click.argument("contract", nargs=-1, metavar="[NAME@VERSION|PATH]...")
@click.option("--check", is_flag=True, help="Exit 1 when a sentence maps to nothing.")
@_format
def trace(*, contract: tuple[str, ...], check: bool, form: str) -> int:
    """Say what certifies each sentence that binds.

    A sentence binds with must, shall, never, always, cannot, or is rejected. It is certified by clauses, or not tested for a stated
    reason. Without a contract, all contracts and the vocabulary are read.

    \b
    Try:
      assay contracts trace --check
      assay contracts trace reliability@1.1.0

    Exit codes: 0 success; 1 with --check: nobody says what certifies a sentence; 2 bad usage or input.
    """
    from assay_contracts.traceability import trace_contract, trace_vocabulary

    named = contract or tuple(map(str, find_documents().contracts()))
    found = [item for name in named for item in trace_contract(load_contract(name))]
    if not contract:
        found += trace_vocabulary()
    untraced = [item for item in found if item.trace is None]
    if form == "json":
        click.echo(json.dumps([asdict(item) for item in found], indent=2))
    else:
        for item in found:
            trace = item.trace
            meaning = "NOTHING" if trace is None else f"not tested: {trace.not_tested}" if trace.not_tested else ", ".join(trace.clauses)
            click.echo(f"{item.at.document} {item.at.pointer}\n    {item.at.sentence}\n    -> {meaning}")
        click.echo(f"{len(found)} sentences, {len(untraced)} that map to nothing", err=True)
    return 1 if check and untraced else 0


@click.command()
@click.argument("contract", required=False, metavar="[NAME@VERSION|PATH]")
@_format
def ambiguities(contract: str | None, form: str) -> None:
    """List the clauses that can be read in two ways.

    Each is listed with how Assay reads it. With a contract only those that are open in it. The register is requirements/ambiguities.yaml.

    \b
    Try:
      assay contracts ambiguities
      assay contracts ambiguities reliability@1.0.0 --format json

    Exit codes: 0 success; 2 bad usage or input.
    """
    from assay_contracts.ambiguities import open_readings, read_ambiguities

    found = read_ambiguities()
    if contract is not None:
        loaded = load_contract(contract)
        open_ones = {
            item.id for items in open_readings(loaded.id.name, (clause.id for clause in loaded.clauses())).values() for item in items
        }
        found = tuple(item for item in found if item.id in open_ones)
    if form == "json":
        click.echo(json.dumps([asdict(item) for item in found], indent=2))
        return
    for item in found:
        settled = f", until {item.until}" if item.until else ""
        click.echo(f"{item.id}  {', '.join(item.clauses)}  since {item.since}{settled}\n    {item.question}\n    {item.reading}")
