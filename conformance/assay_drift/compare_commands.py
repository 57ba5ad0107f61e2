"""`assay drift compare`: the same questions to two servers, metric by metric."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from assay_contracts import Contract, UsageError, load_contract

from assay_drift.server_commands import read_parameters, read_token, reject_address

if TYPE_CHECKING:
    from assay_conformance.target import Target

_manifest = click.Path(path_type=Path)


@click.command()
@click.argument("url_a")
@click.argument("url_b")
@click.option("--contract", "contract_id", required=True, metavar="NAME@VERSION|PATH", help="The contract that both are to keep.")
@click.option("--asyncapi", type=click.Path(path_type=Path), help="The AsyncAPI file beside an OpenAPI file.")
@click.option("--target", type=_manifest, help="The target manifest of both servers.")
@click.option("--target-a", type=_manifest, help="The target manifest of the first server.")
@click.option("--target-b", type=_manifest, help="The target manifest of the second server.")
@click.option("--token", metavar="env:NAME|file:PATH", help="A bearer token for both, where no manifest has any.")
@click.option("--token-a", metavar="env:NAME|file:PATH", help="A bearer token for the first.")
@click.option("--token-b", metavar="env:NAME|file:PATH", help="A bearer token for the second.")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="The value of a parameter, where no manifest has it.")
@click.option("--sample", type=click.IntRange(1, 100_000), default=60, show_default=True, help="Questions a round.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed sends the same requests.")
@click.option("--pages", type=click.IntRange(1, 1000), default=3, show_default=True, help="How far a list is followed.")
@click.option("--rounds", type=click.IntRange(1), default=1, show_default=True, help="How often, each time with other questions.")
@click.option("--interval", type=click.FloatRange(0), default=60.0, show_default=True, help="Seconds between two rounds.")
@click.option("--threshold", "options", multiple=True, metavar="CLASS|POINTER=VALUE", help="Such as latency=10%, rate=0.01, /total=ignore.")
@click.option("--thresholds", "file", type=click.Path(path_type=Path), help="A TOML file of thresholds.")
@click.option("--ignore", multiple=True, metavar="POINTER", help="Ignore a property and everything in it.")
@click.option(
    "--identity", "identities", multiple=True, metavar="LIST=MEMBER[,MEMBER]", help="The properties that identify the items of a list."
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
def compare(
    *,
    url_a: str,
    url_b: str,
    contract_id: str,
    asyncapi: Path | None,
    target: Path | None,
    target_a: Path | None,
    target_b: Path | None,
    token: str | None,
    token_a: str | None,
    token_b: str | None,
    parameters: tuple[str, ...],
    sample: int,
    seed: int,
    pages: int,
    rounds: int,
    interval: float,
    options: tuple[str, ...],
    file: Path | None,
    ignore: tuple[str, ...],
    identities: tuple[str, ...],
    quiet: bool,
    form: str,
) -> None:
    """Compare the responses of two servers, number by number.

    Each request goes to URL_A, to URL_B and to URL_A again. A number that differs between the two responses of A is changing; then B
    only has to be between them. Items of lists are matched by their identity. Each number has a kind with a threshold: counts are exact,
    rates within 0.001, latencies within 5 %.

    \b
    Try:
      assay drift compare http://127.0.0.1:8000 http://127.0.0.1:9000 --contract reliability@1.0.0 --target-a a.toml --target-b b.toml
      assay drift compare URL_A URL_B --contract api.yaml --token env:TOKEN --threshold latency=10% --format markdown
      assay drift compare URL_A URL_B --contract api.yaml --target both.toml --rounds 24 --interval 3600

    Exit codes: 0 all numbers are within their thresholds; 1 a number is not; 2 bad usage or input; 3 the servers cannot be compared.
    """
    from assay_conformance.report import Progress

    from assay_drift.two_servers.output import render
    from assay_drift.two_servers.running import Plan, run
    from assay_drift.two_servers.thresholds import read_thresholds

    contract = load_contract(contract_id, asyncapi=asyncapi)
    thresholds = read_thresholds(file, options, ignore)
    values = read_parameters(parameters)
    targets = (
        _target(contract, url_a, target_a or target, token_a or token, values),
        _target(contract, url_b, target_b or target, token_b or token, values),
    )
    with Progress(quiet=quiet) as progress:
        outcome = asyncio.run(
            run(contract, targets, Plan(sample, seed, pages, rounds, interval, _identities(identities)), thresholds, progress)
        )
    sys.stdout.write(render(outcome, form))
    sys.stdout.flush()
    sys.exit(1 if outcome.drifted else 0)


def _identities(pairs: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        pointer, sign, names = pair.partition("=")
        if not sign or not pointer.startswith("/") or not all(names.split(",")):
            raise UsageError(f"--identity {pair!r}", expected="LIST=MEMBER[,MEMBER] such as /items=time,component")
        found[pointer] = tuple(names.split(","))
    return found


def _target(contract: Contract, url: str, manifest: Path | None, token: str | None, parameters: dict[str, str]) -> Target:
    from assay_conformance.target_manifest import read_target

    from assay_drift.replaying import plain_target

    reject_address(url)
    if manifest is None:
        return plain_target(contract, url, read_token(token), parameters)
    if token is not None or parameters:
        raise UsageError("assay drift compare", expected="a target manifest, or --token and --parameter", actual="both")
    return read_target(manifest, http=url)
