"""`assay drift generated`: regenerate and compare, in bytes and in meaning."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from assay_contracts import UsageError, find_documents, load_contract

from assay_drift.output.generated import FORMATS

if TYPE_CHECKING:
    from assay_drift.generated import Piece


@click.command()
@click.option("--contract", "names", multiple=True, metavar="NAME@VERSION|PATH", help="Only what is generated from this contract.")
@click.option("--asyncapi", type=click.Path(path_type=Path), help="The AsyncAPI file beside an OpenAPI file, with --package.")
@click.option("--package", type=click.Path(path_type=Path, file_okay=False), help="Your own generated package instead of the project's.")
@click.option("--pages", type=click.Path(path_type=Path, file_okay=False), help="The folder of the vocabulary pages.")
@click.option("--meaning", is_flag=True, help="Ignore differences in bytes only.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
def generated(*, names: tuple[str, ...], asyncapi: Path | None, package: Path | None, pages: Path | None, meaning: bool, form: str) -> None:
    """Generate all committed files again and compare them.

    It compares the Python client, the bundles, the locks, the requirement sets and the vocabulary pages, or with --package one generated
    package. A different comment, docstring or import order is a difference in bytes; a different model, field or operation is a
    difference in meaning.

    \b
    Try:
      assay drift generated
      assay drift generated --contract reliability@1.0.0 --meaning
      assay drift generated --contract api.yaml --package ./clients/api --format json

    Exit codes: 0 all files are current; 1 a file differs (with --meaning only in meaning); 2 bad usage or input.
    """
    pieces = sorted(_pieces(names, asyncapi, package, pages), key=lambda piece: (piece.kind, str(piece.path)))
    blocking = [piece for piece in pieces if piece.drifted and not (meaning and piece.state == "bytes")]
    sys.stdout.write(FORMATS[form](pieces, blocking))
    sys.stdout.flush()
    sys.exit(1 if blocking else 0)


def _pieces(names: tuple[str, ...], asyncapi: Path | None, package: Path | None, pages: Path | None) -> Iterator[Piece]:
    from assay_drift.generated import committed_pieces, document_pieces, package_pieces, page_pieces

    if package is not None:
        if len(names) != 1:
            raise UsageError("--package", expected="one --contract that it was generated from", actual=f"{len(names)}")
        if not package.is_dir():
            raise UsageError(f"--package {package}", expected="a folder", actual="none")
        contract = load_contract(names[0], asyncapi=asyncapi)
        yield from package_pieces(contract, package, f"assay generate python --contract {names[0]} --out {package.parent}")
        return
    documents = find_documents()
    for name in names:
        if "@" not in name:
            raise UsageError(
                f"--contract {name}", expected="NAME@VERSION", next_step="name the package generated from a file with --package"
            )
        load_contract(name)
    only = frozenset(names) or None
    yield from committed_pieces(only)
    yield from document_pieces(documents, only)
    folder = pages or documents.root / "docs" / "vocabulary"
    if pages is not None and not pages.is_dir():
        raise UsageError(f"--pages {pages}", expected="a folder", actual="none")
    if folder.is_dir() and only is None:
        yield from page_pieces(documents, folder)
