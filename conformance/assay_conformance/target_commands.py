"""`assay target`: writes the manifest of a server that is to be certified."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click
from assay_contracts import UsageError, load_contract

if TYPE_CHECKING:
    from assay_contracts import Contract

    from assay_conformance.target import Target

MOST_RESOURCES = 5


@click.group()
def target() -> None:
    """Write the manifest of a server to certify.

    \b
    Try:
      assay target init http://127.0.0.1:8000 --contract api.yaml
    """


@target.command()
@click.argument("address")
@click.option("--contract", "name", required=True, metavar="ID|FILE", help="The contract version, or an OpenAPI or AsyncAPI file.")
@click.option("--asyncapi", type=click.Path(path_type=Path), help="The AsyncAPI file beside an OpenAPI file.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=Path("target.toml"), show_default=True)
@click.option("--force", is_flag=True, help="Replace an existing manifest.")
def init(*, address: str, name: str, asyncapi: Path | None, out: Path, force: bool) -> None:
    """Write a target manifest for a server.

    It sends a few requests to the server, and writes a commented manifest with what its contract needs and nothing else.

    \b
    Try:
      assay target init http://127.0.0.1:8000 --contract api.yaml

    Exit codes: 0 success; 2 bad usage or input.
    """
    from assay_conformance.manifest_draft import askable, manifest_draft
    from assay_conformance.target_manifest import parse_target
    from assay_conformance.target_needs import Needs

    contract = load_contract(name, asyncapi=asyncapi)
    server = parse_target({}, "the address", http=address, needs=Needs((), ()))
    if out.exists() and not force:
        raise UsageError(f"--out {out}", expected="a new file", actual="an existing file", next_step="add --force to replace it")
    answers = asyncio.run(_ask(contract, server, [item.id for item in askable(contract)][:MOST_RESOURCES]))
    try:
        out.write_text(manifest_draft(contract, server.http, answers), "utf-8")
    except OSError as error:
        raise UsageError(f"--out {out}", expected="a file that can be written", actual=error.strerror or str(error)) from None
    click.echo(f"{out}: check it, fill in the values in quotes, then run: assay certify {server.http} --contract {name} --target {out}")


async def _ask(contract: Contract, server: Target, operations: list[str]) -> dict[str, int]:
    """The status that each operation answers without a credential; 0 where none comes."""
    from assay_conformance.driver_context import Wire
    from assay_conformance.evidence import Journal
    from assay_conformance.preflight import PREFLIGHT_SECONDS

    wire = Wire(server, Journal(), contract=contract, timeout=PREFLIGHT_SECONDS)
    try:
        requests = [wire.ask(contract.operation(name), tenant=None, credential="none", purpose="a first look") for name in operations]
        return {name: answer.answer.status for name, answer in zip(operations, await asyncio.gather(*requests), strict=True)}
    finally:
        await wire.close()
