"""`assay drift propose`: the contract edits under which recorded traffic is allowed, and what the server has to answer for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from assay_contracts import UsageError

from assay_drift.server_commands import ServerOptions, read_contract, recorded, reject_contradictions, target_options

if TYPE_CHECKING:
    from assay_drift.recording import Recording
    from assay_drift.repair.needs import DocumentKind
    from assay_drift.repair.proposal import Proposal

COMMAND = "assay drift propose"
FORMATS = ("text", "json")


@click.command()
@click.argument("url", required=False)
@click.option("--contract", "contract_id", metavar="NAME@VERSION|PATH", help="The contract version, or an OpenAPI or AsyncAPI file.")
@click.option("--asyncapi", type=click.Path(path_type=Path), help="The AsyncAPI file beside an OpenAPI file.")
@click.option("--target", type=click.Path(path_type=Path), help="The target manifest; `assay certify --help` shows one.")
@target_options
@click.option("--evidence", type=click.Path(path_type=Path), help="Read the evidence of `assay certify` instead of sending requests.")
@click.option("--har", type=click.Path(path_type=Path), help="Read recorded traffic (HTTP Archive) instead of sending requests.")
@click.option("--corpus", type=click.Path(path_type=Path), help="Your own corpus instead of the frozen one.")
@click.option("--unsafe", is_flag=True, help="Send POST, PUT, PATCH and DELETE of the corpus too.")
@click.option("--light", is_flag=True, help="Only replay the corpus, without the drivers.")
@click.option("--listen", type=click.FloatRange(0, 3600), default=3.0, show_default=True, help="Seconds to listen to each feed.")
@click.option(
    "--accept", "accepted", multiple=True, metavar="POINTER",
    help="Change the contract at a pointer that the report lists as the server's fault.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the edited contract, as YAML or, for .json, as JSON.")
@click.option("--asyncapi-out", type=click.Path(path_type=Path), metavar="FILE", help="Write the edited AsyncAPI document beside --out.")
@click.option(
    "--patch", type=click.Path(path_type=Path), metavar="FILE", help="Write the edits of --out as a JSON Patch (RFC 6902) of the bundle."
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
def propose(
    *,
    url: str | None,
    contract_id: str | None,
    asyncapi: Path | None,
    target: Path | None,
    token: str | None,
    parameters: tuple[str, ...],
    evidence: Path | None,
    har: Path | None,
    corpus: Path | None,
    unsafe: bool,
    light: bool,
    listen: float,
    accepted: tuple[str, ...],
    out: Path | None,
    asyncapi_out: Path | None,
    patch: Path | None,
    quiet: bool,
    form: str,
) -> None:
    """Propose the contract edits that recorded traffic needs.

    It reads the evidence of a certification or a HAR file, or sends requests with safe methods to URL. What the contract may simply
    allow (a new optional property, header, status or enum value, a wider type or bound) is proposed, with the class of the change and
    the version that all edits together require. What would weaken a promise (a required property, an error code, whatever an
    annotation speaks of) is never proposed: it is listed as the server's fault, with the request, the response and the clause. To
    change the contract there all the same, name its pointer with --accept.

    \b
    Try:
      assay drift propose --evidence certificate/evidence.ndjson.gz
      assay drift propose --har traffic.har --contract api.yaml --out api-next.yaml
      assay drift propose http://127.0.0.1:8000 --contract api.yaml --token env:TOKEN --format json
      assay drift propose --har traffic.har --contract api.yaml --accept /components/schemas/Order/required/2

    Exit codes: 0 the contract allows all of it; 1 edits are proposed or the server is at fault; 2 bad usage or input; 3 the server is
    unreachable.
    """
    from assay_conformance.report import Progress

    from assay_drift.output.proposal import render_proposal
    from assay_drift.repair.proposal import propose as proposal_of

    options = ServerOptions(url, target, token, parameters, evidence, har, (), True, corpus, unsafe, light, listen)
    reject_contradictions(options, COMMAND)
    contract = read_contract(contract_id, asyncapi, evidence)
    notes: list[str] = []
    with Progress(quiet=quiet) as progress:
        recording = recorded(options, contract, progress, notes)
        progress.start("look for edits")
        proposal = proposal_of(contract, recording, frozenset(accepted))
        progress.finish("look for edits")
    _reject_emptiness(proposal, recording)
    _reject_unknown(accepted, proposal)
    if recording.evidence is None:
        notes.append("the clauses of annotations are judged by the evidence of `assay certify` only, not by recorded traffic")
    notes += _write(proposal, contract_id, asyncapi, out, asyncapi_out, patch)
    sys.stdout.write(render_proposal(proposal, recording.source, notes, form))
    sys.stdout.flush()
    sys.exit(1 if proposal.drifted else 0)


def _reject_emptiness(proposal: Proposal, recording: Recording) -> None:
    from assay_drift.errors import TrafficRefused

    if not any(proposal.seen.values()) and not proposal.unexpressed:
        raise TrafficRefused(recording.source, expected=f"responses to requests of {proposal.contract.id}", actual="none")


def _reject_unknown(accepted: tuple[str, ...], proposal: Proposal) -> None:
    """Refuse a pointer that no fault has: a contract is never changed at a place that was meant otherwise."""
    known = {edit.pointer for edit in proposal.edits if edit.accepted}
    offered = list(dict.fromkeys(fault.pointer for fault in proposal.faults if fault.pointer))
    for pointer in accepted:
        if pointer not in known:
            raise UsageError(
                f"--accept {pointer}",
                expected=f"one of {', '.join(offered)}" if offered else "a pointer that the report lists as the server's fault",
                actual="a pointer that it does not list",
            )


def _write(
    proposal: Proposal, contract_id: str | None, asyncapi: Path | None, out: Path | None, asyncapi_out: Path | None, patch: Path | None
) -> list[str]:
    """Write what the options name; returns what has to be said about it."""
    import json

    first: DocumentKind = "openapi" if "openapi" in proposal.documents else "asyncapi"
    files: dict[DocumentKind, Path] = {}
    if out is not None:
        files[first] = out
    if asyncapi_out is not None:
        if first == "asyncapi" or "asyncapi" not in proposal.documents:
            raise UsageError("--asyncapi-out", expected="a contract with an OpenAPI and an AsyncAPI document", next_step="use --out")
        files["asyncapi"] = asyncapi_out
    notes = _write_documents(proposal, contract_id, asyncapi, files)
    if patch is not None:
        _write_text(patch, json.dumps([operation.as_json() for operation in proposal.patch(first)], indent=2, ensure_ascii=False) + "\n")
    left = [
        kind for kind in proposal.documents if files and kind not in files and any(edit.need.document == kind for edit in proposal.edits)
    ]
    return notes + [f"the {kind} document is edited too; write it with --asyncapi-out" for kind in left]


def _write_documents(proposal: Proposal, contract_id: str | None, asyncapi: Path | None, files: dict[DocumentKind, Path]) -> list[str]:
    from assay_contracts.parsing import bundled_documents

    from assay_drift.repair.writing import edited_document

    written = bundled_documents(contract_id, asyncapi=asyncapi) if contract_id is not None and files else {}
    notes: list[str] = []
    for kind, path in files.items():
        edited = edited_document(proposal, kind, written.get(kind), path)
        _write_text(path, edited.text)
        if edited.note:
            notes.append(f"{path}: {edited.note}")
    return notes


def _write_text(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise UsageError(str(path), expected="a file that can be written", actual=error.strerror or "an error") from None
