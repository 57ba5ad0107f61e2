"""`assay contracts`: lint, bundle, lock, list, show, and the frozen requirement sets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from assay_contracts.addresses import contract_or_path
from assay_contracts.contract_folder import find_documents
from assay_contracts.contract_id import ContractId
from assay_contracts.errors import UsageError
from assay_contracts.parsing import load_contract
from assay_contracts.register_commands import ambiguities, trace

LINT_FORMATS = ("text", "json", "sarif", "junit", "github")

F = TypeVar("F", bound=Callable[..., Any])


def _format(command: F) -> F:
    option = click.option(
        "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="The output format."
    )
    return option(command)


@click.group()
def contracts() -> None:
    """Lint, bundle, lock, list, show, release and publish contracts.

    \b
    Try:
      assay contracts list
      assay contracts lint
      assay contracts show reliability@1.0.0
    """


@contracts.command("list")
@_format
def list_command(form: str) -> None:
    """List the contract versions in the folder of documents.

    \b
    Try:
      assay contracts list
      ASSAY_DOCUMENTS=./api assay contracts list --format json

    Exit codes: 0 success; 2 no folder of documents.
    """
    from assay_contracts.locking import status_of

    documents = find_documents()
    rows: list[dict[str, Any]] = []
    for contract in documents.contracts():
        openapi, asyncapi = documents.sources(contract)
        kinds = [kind for kind, path in (("openapi", openapi), ("asyncapi", asyncapi)) if path]
        rows.append({"contract": str(contract), "documents": kinds, "status": status_of(documents, contract)})
    if form == "json":
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(f"{row['contract']:<24} {row['status']:<11} {', '.join(row['documents'])}")


@contracts.command()
@click.argument("contract", nargs=-1, metavar="[NAME@VERSION | FILE]...")
@click.option("--strict", is_flag=True, help="Exit 1 on warnings too.")
@click.option("--rules", is_flag=True, help="List the rules and exit.")
@click.option(
    "--waivers", type=click.Path(path_type=Path), help="The file of waived warnings  [default: lint-waivers.toml beside openapi/]."
)
@click.option(
    "--profile",
    type=click.Choice(("standard", "house")),
    help="Apply the rules that every document must keep, or the house rules too  [default: house for contracts, standard for files].",
)
@click.option("--format", "form", type=click.Choice(LINT_FORMATS), default="text", show_default=True, help="The output format.")
def lint(*, contract: tuple[str, ...], strict: bool, rules: bool, waivers: Path | None, profile: str | None, form: str) -> int:
    """Check contract documents against the lint rules.

    Without an argument every contract is checked. An OpenAPI file and an AsyncAPI file together are read as one contract; more files are
    checked one by one. House rules, such as naming and examples, apply to the contracts of this folder, and to files with --profile house.
    `assay explain RULE` explains a rule.

    \b
    Try:
      assay contracts lint
      assay contracts lint reliability@1.0.0 --format json
      assay contracts lint --format sarif > lint.sarif
      assay contracts lint api.yaml feed.yaml
      assay contracts lint api.yaml --profile house

    Exit codes: 0 no errors (with --strict no warnings either); 1 findings; 2 bad usage, or a document that cannot be read.
    """
    from assay_contracts.printing import print_findings, print_rules

    if rules:
        print_rules("text" if form == "text" else "json")
        return 0
    from assay_contracts.lint import report_contracts, report_files

    named = [contract_or_path(name) for name in contract]
    ids, paths = [name for name in named if isinstance(name, ContractId)], [name for name in named if isinstance(name, Path)]
    if ids and paths:
        raise UsageError("assay contracts lint", expected="either ids or files", actual="both")
    report = report_files(paths, waivers) if paths else report_contracts(ids or None, waivers)
    if (profile or ("standard" if paths else "house")) == "standard":
        report = report.without_house_rules()
    print_findings(report, form)
    return 1 if any(strict or finding.level == "error" for finding in report.findings) else 0


@contracts.command()
@click.argument("contract", nargs=-1, metavar="[NAME@VERSION]...")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a bundle is not current.")
@_format
def bundle(*, contract: tuple[str, ...], check: bool, form: str) -> int:
    """Write each contract as one self-contained JSON file.

    The file is canonical: the same contract always gives the same bytes. Drafts have no bundle.

    \b
    Try:
      assay contracts bundle
      assay contracts bundle --check

    Exit codes: 0 success; 1 with --check: a bundle is not current; 2 bad usage or input.
    """
    from assay_contracts.locking import bundle_all, refuse_drafts, write_bundles

    documents, named = find_documents(), [ContractId.parse(text) for text in contract]
    refuse_drafts(documents, named)
    bundles = bundle_all(documents, named or None)
    stale = [item.path for item in bundles if not item.current] if check else list(write_bundles(bundles))
    if form == "json":
        click.echo(json.dumps({"stale" if check else "written": [str(path) for path in stale]}, indent=2))
    else:
        for path in stale:
            click.echo(f"{path}: not current; run `assay contracts bundle`" if check else f"wrote {path}")
        if not stale:
            click.echo(f"{len(bundles)} bundles are current")
    return 1 if check and stale else 0


@contracts.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a locked version changed.")
@click.option("--replace", multiple=True, metavar="NAME@VERSION", help="Lock a version again that was never released.")
@_format
def lock(*, check: bool, replace: tuple[str, ...], form: str) -> int:
    """Record the digest of each contract version, or check it.

    A locked version never changes. Drafts are not locked. With --check every released version is also compared with its frozen
    requirement set.

    \b
    Try:
      assay contracts lock --check
      assay contracts lock
      cd openapi && sha256sum -c contracts.lock

    Exit codes: 0 success; 1 with --check: a version differs from its lock; 2 bad usage or input, or a locked version changed.
    """
    from assay_contracts.locking import bundle_all, check_lock, write_bundles, write_locks
    from assay_contracts.requirements import check_all_requirements, check_requirements, freeze_requirements

    documents = find_documents()
    bundles = bundle_all(documents)
    if check:
        problems = [*check_lock(documents, bundles), *check_all_requirements(documents)]
        problems += [f"{item.path}: the bundle is not current" for item in bundles if not item.current]
        if form == "json":
            click.echo(json.dumps({"problems": problems}, indent=2))
        else:
            click.echo("\n".join(problems) or f"{len(bundles)} documents are as locked")
        return 1 if problems else 0
    anew = frozenset(map(ContractId.parse, replace))
    written = [*write_locks(documents, bundles, anew), *write_bundles(bundles)]
    for id in dict.fromkeys(item.contract for item in bundles):
        if id in anew or check_requirements(documents, id):
            written += freeze_requirements(documents, load_contract(str(id)), replace=id in anew)
    if form == "json":
        click.echo(json.dumps({"written": [str(path) for path in written]}, indent=2))
    else:
        click.echo("\n".join(f"wrote {path}" for path in written) or f"{len(bundles)} documents are as locked")
    return 0


@contracts.command()
@click.argument("contract", metavar="NAME@VERSION | FILE")
@click.option("--asyncapi", type=click.Path(path_type=Path), help="The AsyncAPI file beside an OpenAPI file.")
@_format
def show(contract: str, asyncapi: Path | None, form: str) -> None:
    """Show a contract: operations, channels, codes and clauses.

    \b
    Try:
      assay contracts show reliability@1.0.0
      assay contracts show api.yaml --asyncapi feed.yaml --format json

    Exit codes: 0 success; 2 bad usage or input.
    """
    from assay_contracts.printing import print_contract

    print_contract(load_contract(contract, asyncapi=asyncapi), form)


@contracts.command()
@click.argument("contract", nargs=-1, metavar="[NAME@VERSION]...")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a set and its contract differ.")
@click.option("--write", is_flag=True, help="Write the set to the requirements folder.")
def requirements(*, contract: tuple[str, ...], check: bool, write: bool) -> int:
    """Print, write or check the requirement set of a contract.

    The set lists every clause that a certificate rests on, with its level, its sentence and its subjects. A comment at the end names each
    clause that can be read in two ways. A set is written once. The check fails when the file changed, or when the contract no longer
    promises one of its clauses as written there.

    \b
    Try:
      assay contracts requirements reliability@1.0.0
      assay contracts requirements --check

    Exit codes: 0 success; 1 with --check: a set and its contract differ; 2 bad usage or input.
    """
    from assay_contracts.ambiguities import open_readings
    from assay_contracts.locking import refuse_drafts, settled
    from assay_contracts.requirements import check_requirements, freeze_requirements, write_requirements

    if check and write:
        raise UsageError("assay contracts requirements", expected="--check or --write", actual="both")
    documents, stale = find_documents(), 0
    named = [ContractId.parse(text) for text in contract]
    if write or check:
        refuse_drafts(documents, named)
    for id in named or settled(documents):
        if check:
            problems = check_requirements(documents, id)
            click.echo("\n".join(problems) or f"{documents.requirements(id)}: as frozen")
            stale += bool(problems)
        elif write:
            written = freeze_requirements(documents, load_contract(str(id)))
            click.echo("\n".join(f"wrote {path}" for path in written) or f"{documents.requirements(id)}: as frozen")
        else:
            loaded = load_contract(str(id))
            click.echo(write_requirements(loaded), nl=False)
            for clause, readings in open_readings(id.name, (item.id for item in loaded.clauses())).items():
                for reading in readings:
                    click.echo(f"# {clause} can be read in two ways ({reading.id}): {reading.question} {reading.reading}")
    return 1 if stale else 0


@contracts.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="The folder to write to.")
@click.option("--force", is_flag=True, help="Write into a folder that holds other files too.")
@_format
def site(*, out: Path, force: bool, form: str) -> None:
    """Write a static site of all contracts and rules.

    It shows operations, messages, errors and clauses of each version, the changes between versions, the annotations, and a page for
    each rule. The pages need no network and no server: open DIR/index.html.

    \b
    Try:
      assay contracts site --out site

    Exit codes: 0 success; 2 bad usage, or a folder with other files.
    """
    from assay_contracts.site import build_site, installed_differ, installed_rule_pages, refuse_foreign, write_site

    refuse_foreign(out, force=force)
    built = build_site(installed_differ(), installed_rule_pages())
    write_site(built.files, out, force=force)
    if form == "json":
        click.echo(json.dumps({"index": str(out / "index.html"), "pages": sorted(built.files)}, indent=2))
        return
    click.echo(
        f"wrote {len(built.files)} pages ({built.contracts} contract versions, {built.comparisons} comparisons, "
        f"{built.annotations} vocabulary pages, {built.rules} rule pages): {out / 'index.html'}"
    )


@contracts.command()
@click.argument("contract", metavar="NAME@VERSION")
@click.option("--certificate", type=click.Path(path_type=Path), metavar="FILE", help="The certificate of the reference server.")
@_format
def release(contract: str, certificate: Path | None, form: str) -> None:
    """Release a contract version, which then never changes.

    Removes the draft status and writes the bundle, the line of the lock, the requirement set and a changelog entry that you complete.
    It needs the certificate of the reference server for exactly this version's digest.

    \b
    Try:
      assay contracts release reliability@1.1.0 --certificate certificate.json

    Exit codes: 0 success; 1 the certificate does not allow it; 2 bad usage or input.
    """
    import datetime as dt

    from assay_contracts.releasing import release as release_contract

    done = release_contract(find_documents(), ContractId.parse(contract), certificate, dt.datetime.now(dt.UTC).date())
    if form == "json":
        paths = [str(path) for path in done.written]
        click.echo(json.dumps({"contract": str(done.contract.id), "digest": done.contract.digest, "written": paths}, indent=2))
        return
    click.echo("\n".join(f"wrote {path}" for path in done.written) or f"{contract} is already released and unchanged")


@contracts.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR", help="The folder to write to.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a page is not current.")
def vocabulary(*, out: Path, check: bool) -> int:
    """Write a page for each annotation.

    A page has the clauses, the properties, what a change of each property means, an example, and what uses the annotation.

    \b
    Try:
      assay contracts vocabulary --out docs/vocabulary
      assay contracts vocabulary --out docs/vocabulary --check

    Exit codes: 0 success; 1 with --check: a page is not current; 2 bad usage or input.
    """
    from assay_contracts.vocabulary import read_vocabulary
    from assay_contracts.vocabulary_pages import write_pages

    pages = write_pages(read_vocabulary(find_documents()))
    stale = [name for name, text in pages.items() if not (out / name).is_file() or (out / name).read_bytes() != text.encode()]
    surplus = sorted(path.name for path in out.glob("*.md") if path.name not in pages)
    if check:
        for name in (*stale, *surplus):
            click.echo(f"{out / name}: not current; run `assay contracts vocabulary --out {out}`")
    else:
        out.mkdir(parents=True, exist_ok=True)
        for name in stale:
            (out / name).write_bytes(pages[name].encode())
            click.echo(f"wrote {out / name}")
        for name in surplus:
            click.echo(f"{out / name}: of no annotation; remove it if it is an old page")
    if not stale:
        click.echo(f"{len(pages)} pages are current")
    return 1 if check and (stale or surplus) else 0


contracts.add_command(ambiguities)
contracts.add_command(trace)
