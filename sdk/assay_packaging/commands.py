"""`assay generate`: one client by its options, or every client of a configuration."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from assay_contracts import UsageError

if TYPE_CHECKING:
    from assay_packaging.building import BuiltClient
    from assay_packaging.configuration import ClientConfig

_HELP = """Generate a typed Python or TypeScript client from a contract.

It has models, one method for each operation and error classes; the Python client has the feed as well. Without options every client of
./assay.toml is written.

\b
Try:
  assay generate python --contract reliability@1.0.0 --out ./clients
  assay generate python --contract todo.yaml --out ./todo --standalone
  assay generate typescript --contract todo.yaml --out ./web/src/api
  assay generate                     # every client of ./assay.toml
  assay generate --check

Exit codes: 0 success; 1 with --check: a package is not current, with --strict: a part of the contract was left out; 2 bad usage or input.
"""


@click.command(help=_HELP)
@click.argument("language", required=False, type=click.Choice(["python", "typescript"]))
@click.option("--contract", metavar="NAME@VERSION|PATH|URL", help="The contract: a version, a file, or a loopback URL.")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="The folder to write the package to.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a package is not current.")
@click.option("--asyncapi", metavar="FILE", type=click.Path(path_type=Path), help="The AsyncAPI document beside an OpenAPI file.")
@click.option("--package", is_flag=True, help="Write a project around the code: pyproject or package.json, README.")
@click.option("--standalone", is_flag=True, help="Python: like --package, with a copy of the runtime instead of a dependency on Assay.")
@click.option("--name", metavar="PATH", default="", help="The name of the package: acme.todo_client, for npm @acme/todo-client.")
@click.option("--license", "licence", metavar="SPDX", default="", help="The license of the package.")
@click.option("--strict", is_flag=True, help="Exit 1 when a part of the contract is left out.")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The file with the clients  [default: ./assay.toml].",
)
def generate(*, strict: bool, config: Path | None, **options: Any) -> int:
    """Generate a typed Python or TypeScript client from a contract."""
    from assay_packaging.configuration import find_configuration, read_configuration

    if any(value for name, value in options.items() if name != "check"):
        if config is not None or options["check"]:
            raise UsageError("assay generate", expected="nothing of one client besides --config or --check", actual="options of both")
        return _write((_single(options),), strict=strict)
    path = config or find_configuration(Path())
    if path is not None:
        clients = read_configuration(path)
        return _check(clients, path) if options["check"] else _write(clients, strict=strict)
    if options["check"]:
        return _check_committed()
    raise _incomplete()


def _single(options: Mapping[str, Any]) -> ClientConfig:
    """The client that options ask for."""
    from assay_packaging.configuration import ClientConfig

    if not (options["language"] and options["contract"] and options["out"]):
        raise _incomplete()
    return ClientConfig(
        contract=options["contract"],
        out=options["out"],
        asyncapi=options["asyncapi"],
        name=options["name"],
        package=options["package"] or options["standalone"],
        standalone=options["standalone"],
        license=options["licence"],
        language=options["language"],
    )


def _incomplete() -> UsageError:
    return UsageError(
        "assay generate",
        expected="a language, --contract and --out, or an assay.toml in this folder",
        next_step="such as: assay generate python --contract reliability@1.0.0 --out ./clients",
    )


def _check_committed() -> int:
    """Check the clients that come with Assay."""
    from assay_codegen.drift import find_drift, read_committed

    committed = read_committed()
    drifts = find_drift(committed)
    for drift in drifts:
        for name in drift.files:
            click.echo(f"{drift.committed.place / name}: is not what {drift.committed.contract} gives")
        click.echo(f"regenerate: {drift.committed.renew}")
    if not drifts:
        click.echo(f"{len(committed)} generated package{'s' * (len(committed) != 1)} current")
    return 1 if drifts else 0


def _write(clients: Sequence[ClientConfig], *, strict: bool) -> int:
    from assay_packaging.building import build_client

    incomplete = False
    for built in _apart(build_client(client) for client in clients):
        click.echo(f"wrote {built.write()} files to {built.place}")
        for part in built.left_out:
            click.echo(f"left out: {part}", err=True)
        incomplete = incomplete or bool(built.left_out)
    return 1 if strict and incomplete else 0


def _apart(clients: Iterable[BuiltClient]) -> list[BuiltClient]:
    """The clients, each of which has a place of its own: two versions of a contract need names."""
    from assay_packaging.errors import ConfigurationInvalid

    found: dict[Path, BuiltClient] = {}
    for client in clients:
        other = found.setdefault(client.place, client)
        if other is not client:
            raise ConfigurationInvalid(
                "name", expected="a name for each client of one folder", actual=f"{other.contract} and {client.contract} at {client.place}"
            )
    return list(found.values())


def _check(clients: Sequence[ClientConfig], path: Path) -> int:
    from assay_packaging.building import build_client

    drifts = 0
    for built in _apart(build_client(client) for client in clients):
        files = built.drift()
        drifts += bool(files)
        for name in files:
            click.echo(f"{built.place / name}: is not what {built.contract} gives")
    if drifts:
        click.echo(f"regenerate: assay generate --config {shlex.quote(str(path))}")
        return 1
    click.echo(f"{len(clients)} generated client{'s' * (len(clients) != 1)} current")
    return 0
