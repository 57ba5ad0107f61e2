"""`assay drift server`: observed traffic and the served document against the contract."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from assay_contracts import Contract, UsageError, load_contract, parse_bundle

if TYPE_CHECKING:
    from assay_conformance.report import Progress
    from assay_conformance.target import Target

    from assay_drift.ledger import Ledger
    from assay_drift.recording import Recording
    from assay_drift.served import Served

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("text", "json", "junit", "github", "html")


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """The options of one call."""

    url: str | None
    target: Path | None
    token: str | None
    parameters: tuple[str, ...]
    evidence: Path | None
    har: Path | None
    documents: tuple[str, ...]
    no_document: bool
    corpus: Path | None
    unsafe: bool
    light: bool
    listen: float


def target_options(command: F) -> F:
    """How a server is reached, with a manifest or without one."""
    for option in (
        click.option(
            "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="The value of a parameter, where no manifest has it."
        ),
        click.option("--token", metavar="env:NAME|file:PATH", help="A bearer token, where no manifest has any."),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("url", required=False)
@click.option("--contract", "contract_id", metavar="NAME@VERSION|PATH", help="The contract version, or an OpenAPI or AsyncAPI file.")
@click.option("--asyncapi", type=click.Path(path_type=Path), help="The AsyncAPI file beside an OpenAPI file.")
@click.option("--target", type=click.Path(path_type=Path), help="The target manifest; `assay certify --help` shows one.")
@target_options
@click.option("--evidence", type=click.Path(path_type=Path), help="Read the evidence of `assay certify` instead of sending requests.")
@click.option("--har", type=click.Path(path_type=Path), help="Read recorded traffic (HTTP Archive) instead of sending requests.")
@click.option("--document", "documents", multiple=True, metavar="URL|PATH", help="The served document, if it is not at a usual path.")
@click.option("--no-document", is_flag=True, help="Do not look for a served document.")
@click.option("--corpus", type=click.Path(path_type=Path), help="Your own corpus instead of the frozen one.")
@click.option("--unsafe", is_flag=True, help="Send POST, PUT, PATCH and DELETE of the corpus too.")
@click.option("--light", is_flag=True, help="Only replay the corpus, without the drivers.")
@click.option("--listen", type=click.FloatRange(0, 3600), default=3.0, show_default=True, help="Seconds to listen to each feed.")
@click.option("--strict", is_flag=True, help="Exit 1 also for what the traffic did not show.")
@click.option("--ignore", multiple=True, metavar="KIND:PATTERN", help="Ignore findings, such as header:x-envoy-* or member:/debug/*.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
def server(
    *,
    url: str | None,
    contract_id: str | None,
    asyncapi: Path | None,
    target: Path | None,
    token: str | None,
    parameters: tuple[str, ...],
    evidence: Path | None,
    har: Path | None,
    documents: tuple[str, ...],
    no_document: bool,
    corpus: Path | None,
    unsafe: bool,
    light: bool,
    listen: float,
    strict: bool,
    ignore: tuple[str, ...],
    quiet: bool,
    form: str,
) -> None:
    """Compare a server and the document it serves with the contract.

    It sends requests with safe methods to URL, or reads recorded traffic. It reports what the contract does not have (operations,
    statuses, error codes, headers, properties, messages), what differs, and what the contract has and the traffic did not show. It
    prints types and never values.

    \b
    Try:
      assay drift server http://127.0.0.1:8000 --contract reliability@1.0.0 --target target.toml
      assay drift server http://127.0.0.1:8000 --contract api.yaml --token env:TOKEN --ignore 'header:x-envoy-*'
      assay drift server --evidence certificate/evidence.ndjson.gz
      assay drift server https://shop.example --contract api.yaml --har traffic.har --format junit

    Exit codes: 0 no drift; 1 drift (with --strict also what the traffic did not show); 2 bad usage or input; 3 the server is unreachable.
    """
    from assay_conformance.report import Progress

    from assay_drift.findings import Report, ordered
    from assay_drift.output import render

    options = ServerOptions(url, target, token, parameters, evidence, har, documents, no_document, corpus, unsafe, light, listen)
    reject_contradictions(options, "assay drift server")
    contract = read_contract(contract_id, asyncapi, evidence)
    notes: list[str] = []
    with Progress(quiet=quiet) as progress:
        recording = recorded(options, contract, progress, notes)
        ledger = _ledger(options, contract, recording)
        found = list(ledger.findings())
        for served in _documents(options, contract, progress, notes):
            found += _differences(contract, served, notes, named=served.address in documents)
    kept = ordered(finding for finding in found if not finding.ignored(ignore))
    if len(kept) < len(found):
        notes.append(f"{len(found) - len(kept)} findings are ignored")
    report = Report(str(contract.id), recording.source, kept, ledger.seen, tuple(notes), strict)
    sys.stdout.write(render(report, form))
    sys.stdout.flush()
    sys.exit(1 if report.drifted else 0)


def reject_contradictions(options: ServerOptions, command: str) -> None:
    """Refuse options that name two recordings, or none, or a target twice."""
    if options.evidence is not None and options.har is not None:
        raise UsageError(command, expected="--evidence or --har", actual="both")
    if options.url is None and options.evidence is None and options.har is None:
        raise UsageError(command, expected="a URL, --evidence FILE or --har FILE", next_step=f"see `{command} --help`")
    if options.target is not None and (options.token is not None or options.parameters):
        raise UsageError(command, expected="--target, or --token and --parameter", actual="both")
    if options.url is not None:
        reject_address(options.url)


def reject_address(url: str) -> None:
    """Refuse what is no address, and one with a credential in it without showing it."""
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"URL {url!r}", expected="an address such as http://127.0.0.1:8000")
    if "@" in url.split("/")[2]:
        raise UsageError("URL", expected="an address without a name and a password", actual="one with them", next_step="use --token")


def read_contract(contract_id: str | None, asyncapi: Path | None, evidence: Path | None) -> Contract:
    """The contract that is named, else the one that the evidence was recorded against."""
    if contract_id is not None:
        return load_contract(contract_id, asyncapi=asyncapi)
    if evidence is None:
        raise UsageError("--contract", expected="a contract version or a file", actual="none", next_step="see `assay contracts list`")
    from assay_conformance.evidence import read_evidence

    provenance = read_evidence(evidence).provenance
    return parse_bundle(provenance.openapi, provenance.asyncapi)


def recorded(options: ServerOptions, contract: Contract, progress: Progress, notes: list[str]) -> Recording:
    """What the options name: a HAR file, the evidence of a certification, or what a server answers now."""
    from assay_conformance.evidence import Exchange, FeedSession, read_evidence

    from assay_drift.recording import Recording

    if options.har is not None:
        from assay_drift.har import read_har

        traffic = read_har(options.har, contract, options.url)
        if traffic.elsewhere:
            notes.append(f"{traffic.elsewhere} recorded requests went elsewhere")
        return Recording(traffic.exchanges, traffic.sessions, requests=True, source=options.har.name)
    if options.evidence is not None:
        evidence = read_evidence(options.evidence)
        source = f"{options.evidence.name} ({evidence.provenance.target.get('name', 'unnamed')})"
    else:
        from assay_drift.replaying import Asking, observe

        target = _target(options, contract)
        asking = Asking(options.corpus, options.unsafe, not options.light, options.listen)
        observed = asyncio.run(observe(contract, target, asking, progress))
        evidence, source = observed.evidence, target.http
        notes += observed.notes
    return Recording(evidence.of(Exchange), evidence.of(FeedSession), evidence=evidence, source=source)


def _ledger(options: ServerOptions, contract: Contract, recording: Recording) -> Ledger:
    from assay_drift.errors import TrafficRefused
    from assay_drift.ledger import Ledger

    ledger = Ledger(contract, requests=recording.requests)
    ledger.extend(recording.exchanges, recording.sessions)
    if options.evidence is not None and not ledger.seen["exchanges"] and not ledger.seen["sessions"]:
        raise TrafficRefused(str(options.evidence), expected=f"responses to requests of {contract.id}", actual="none")
    return ledger


def _target(options: ServerOptions, contract: Contract) -> Target:
    from assay_conformance.target_manifest import read_target

    from assay_drift.replaying import plain_target

    if options.target is not None:
        return read_target(options.target, http=options.url)
    assert options.url is not None
    return plain_target(contract, options.url, read_token(options.token), read_parameters(options.parameters))


def read_token(source: str | None) -> str | None:
    """The token of `env:NAME` or `file:PATH`; a token itself does not belong on a command line."""
    if source is None:
        return None
    kind, _, name = source.partition(":")
    if kind == "env" and os.environ.get(name):
        return os.environ[name]
    if kind == "env":
        raise UsageError(f"--token env:{name}", expected="an environment variable that is set", actual="none")
    if kind == "file":
        try:
            return Path(name).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"--token file:{name}", expected="a file that can be read", actual="none") from None
    raise UsageError("--token", expected="env:NAME or file:PATH, so that the token is on no command line", actual="something else")


def read_parameters(pairs: tuple[str, ...]) -> dict[str, str]:
    """The values of `--parameter NAME=VALUE`."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise UsageError(f"--parameter {pair!r}", expected="NAME=VALUE")
        found[name] = value
    return found


def _documents(options: ServerOptions, contract: Contract, progress: Progress, notes: list[str]) -> list[Served]:
    from assay_drift.served import find_served, named_document

    if options.documents:
        token = read_token(options.token)
        return [named_document(document, token) for document in options.documents]
    if options.no_document or options.url is None or options.har is not None or options.evidence is not None:
        return []
    target = _target(options, contract)
    secret = target.credentials.get("primary")
    progress.start("look for the served document")
    found: list[Served] = []
    for kind, own in (("openapi", contract.openapi), ("asyncapi", contract.asyncapi)):
        served = find_served(target.http, kind, secret.reveal() if secret else None) if own else None
        if served is not None:
            found.append(served)
        elif own:
            notes.append(f"the server serves no {kind} document at the usual places; name it with --document")
    progress.finish("look for the served document")
    return found


def _differences(contract: Contract, served: Served, notes: list[str], *, named: bool) -> list[Any]:
    from assay_compatibility.errors import DocumentRefused

    from assay_drift.served import document_findings

    try:
        found, worded = document_findings(contract, served)
    except DocumentRefused as refused:
        if named:
            raise
        notes.append(f"the document at {served.address} cannot be compared: {refused}")
        return []
    notes.append(f"the served document at {served.address} is compared: {len(found)} differences, {worded} more in words alone")
    return found
