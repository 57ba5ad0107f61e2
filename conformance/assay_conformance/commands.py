"""The commands of the kit: certify an implementation, and judge recorded evidence again."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson
from assay_contracts import UsageError, load_contract, parse_bundle
from assay_contracts.draft_status import is_draft

from assay_conformance.run_files import CERTIFICATE, VERDICT, write_run

if TYPE_CHECKING:
    from assay_signing import SigningKey

    from assay_conformance.evidence import Evidence
    from assay_conformance.known_failures import Compared, KnownFailure
    from assay_conformance.ledger import Lost
    from assay_conformance.verdicts import Outcome, Row

__all__ = ["certify", "judge"]

REFERENCE = "reference"
FORMATS = ("text", "json", "junit", "sarif", "ctrf", "wfc", "markdown")
TARGET_EXAMPLE = """\b
A target manifest:
  [target]
  name = "my-server"
  http = "http://127.0.0.1:8000"
  [credentials]
  primary = "env:PRIMARY_TOKEN"
  other = "env:OTHER_TOKEN"
  empty = "env:EMPTY_TOKEN"
  [tenants]
  primary = "tenant-a"
  other = "tenant-b"
  empty = "tenant-c"
  [fixtures]
  window = { from = "2026-11-01T00:00:00Z", to = "2026-11-03T00:00:00Z" }
"""


@click.command(epilog=TARGET_EXAMPLE)
@click.argument("address")
@click.option("--contract", "contract_id", required=True, metavar="NAME@VERSION|PATH", help="The contract version, or an OpenAPI file.")
@click.option("--asyncapi", type=click.Path(path_type=Path), help="The AsyncAPI file beside an OpenAPI file.")
@click.option("--target", "manifest", type=click.Path(path_type=Path), help="The target manifest; not needed for `reference`.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("certificate"), show_default=True)
@click.option("--corpus", "corpus_path", type=click.Path(path_type=Path), help="Your own corpus instead of the frozen one.")
@click.option("--seed", type=int, default=1, show_default=True, help="The seed of the sample data of `reference`.")
@click.option(
    "--profile", "profile_name", type=click.Choice(["full", "gate", "smoke"]), default="full", show_default=True, help="How much is run."
)
@click.option("--key", "key_source", metavar="FILE|env:NAME", help="Sign the certificate with this ed25519 key; see `assay keys`.")
@click.option(
    "--known-failures",
    "known_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What is known not to hold: exit 0 while it is no more.",
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="What is printed.")
def certify(
    *,
    address: str,
    contract_id: str,
    asyncapi: Path | None,
    manifest: Path | None,
    out: Path,
    corpus_path: Path | None,
    seed: int,
    profile_name: str,
    key_source: str | None,
    known_file: Path | None,
    quiet: bool,
    form: str,
) -> None:
    """Certify an implementation against a contract version.

    ADDRESS is the base URL of the implementation, or `reference` to start, certify and stop the reference server. It sends requests over
    HTTP and WebSocket, and writes report.html, junit.xml, evidence.ndjson.gz and certificate.json,
    or verdict.json when the server is not certified.

    Only the profile full gives a certificate. The profile smoke is a quick look while you work: it only reads, and sends a few requests of
    each kind. The profile gate is for every push: it runs the drivers that find most in half a minute, and says which had no time to begin.
    The exit code of both is 0 when nothing failed.

    With --known-failures the exit code is 0 when every required clause that does not hold is listed, and no entry is out of date. A
    certificate is given all the same only where nothing fails.

    \b
    Try:
      assay certify reference --contract reliability@1.0.0
      assay certify http://127.0.0.1:8000 --contract api.yaml --target target.toml

    Exit codes: 0 certified, or nothing fails but what is known; 1 not certified; 2 bad usage or input; 3 Assay or its environment failed.
    """
    from assay_conformance.certifying import certify as run
    from assay_conformance.corpus.lookup import obtain_corpus
    from assay_conformance.profiles import PROFILES
    from assay_conformance.reference import reference_server
    from assay_conformance.report import Progress
    from assay_conformance.target_reading import target_for

    profile = PROFILES[profile_name]
    if key_source is not None and not profile.certifies:
        raise UsageError("--key", expected="the profile full", actual=f"{profile.name}, which gives no certificate to sign")
    key = _signing_key(key_source)
    listed = _listed(known_file)
    contract = load_contract(contract_id, asyncapi=asyncapi)
    started: AbstractContextManager[Path | None]
    if address == REFERENCE:
        if manifest is not None:
            raise UsageError("--target with `reference`", expected="none: the reference server writes its own")
        started = reference_server(contract.id, seed=seed)
    else:
        started = nullcontext(manifest)
        target_for(contract, manifest, address)  # what is wrong with it is said before a corpus is grown
    _prepare(out)
    steps = len(profile.plan.steps) + 3 + (address == REFERENCE)  # with the requests, the preflight, the judge and the start of the server
    with Progress(quiet=quiet or form != "text", steps=steps) as progress:
        progress.start("find the requests")
        corpus = obtain_corpus(contract, contract_id, corpus_path)
        progress.finish("find the requests")
        if corpus.grown and not quiet:
            kept = f"kept in {corpus.path}" if corpus.path else "not kept: name a file with --corpus"
            click.echo(f"{len(corpus.corpus.cases)} requests were grown from {contract.id} and {kept}", err=True)
        if address == REFERENCE:
            progress.start("start the reference server")
        with started as path:
            if address == REFERENCE:
                progress.finish("start the reference server")
            target = target_for(contract, path, None if address == REFERENCE else address)
            for name in (CERTIFICATE, VERDICT):  # a run that fails must not leave an earlier one as its own
                (out / name).unlink(missing_ok=True)
            result = asyncio.run(
                run(contract, target, progress, corpus=profile.corpus(corpus.corpus), plan=profile.plan, seconds=profile.seconds)
            )
    aborted = result.reason is not None
    if not profile.certifies:
        result = replace(result, reason=result.reason or f"the profile {profile.name} gives no certificate")
    statement = write_run(out, result, key, profile=None if profile.certifies else profile.name)
    certified = statement["predicate"]["verdict"] == "certified"
    failing = result.outcome.blocking if profile.certifies else result.outcome.broken
    compared = _compared(result.outcome, failing, listed)
    if form == "json":
        content = {**_as_json(result.outcome), "certified": certified, "notes": list(result.notes), "certificate": statement}
        click.echo(orjson.dumps({**content, **_known_json(compared)}, option=orjson.OPT_INDENT_2))
    elif form != "text":
        _print_as(form, result.outcome, result.evidence, statement)
    else:
        if profile.certifies:
            _print(result.outcome, f"{target.name} {target.version} against {contract.id}")
        for note in result.notes:
            click.echo(note)
        if not profile.certifies:
            _say_quick(result.outcome, profile.name, out)
        else:
            if result.reason is not None:
                click.echo(f"The run was aborted: {result.reason}")
            _say(result.outcome, out, certified=certified, draft=statement["predicate"].get("draft", False))
    _say_known(compared)
    right = certified or (not profile.certifies and not result.outcome.broken)
    sys.exit(0 if (right if compared is None else compared.holds and not aborted) else 1)


@click.command()
@click.argument("evidence_file", type=click.Path(path_type=Path))
@click.option(
    "--against", "older", type=click.Path(path_type=Path), metavar="OLD", help="Evidence of an earlier run: nothing may be exercised less."
)
@click.option(
    "--known-failures",
    "known_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What is known not to hold: exit 0 while it is no more.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="What is printed.")
def judge(*, evidence_file: Path, older: Path | None, known_file: Path | None, form: str) -> None:
    """Judge recorded evidence again, without the server.

    The evidence contains the contract, so the contract's files are not needed either. Other tools read the result as JUnit XML, SARIF,
    CTRF, a Web Fuzzing Commons report (wfc) or a Markdown summary.

    A run that meets less shows less: with --against OLD, a clause that OLD evaluated and this evidence does not, or less than half as
    often, is listed, and the exit code is 1.

    \b
    Try:
      assay judge certificate/evidence.ndjson.gz
      assay judge certificate/evidence.ndjson.gz --format markdown
      assay judge new/evidence.ndjson.gz --against old/evidence.ndjson.gz

    With --known-failures the exit code is 0 when every required clause that does not hold is listed, and no entry is out of date.

    Exit codes: 0 certified, or nothing fails but what is known; 1 not certified, or exercised less; 2 the evidence cannot be read, or is
    incomplete.
    """
    from assay_conformance.evidence import read_evidence
    from assay_conformance.judging import judge as run

    listed = _listed(known_file)
    evidence = read_evidence(evidence_file)
    if not evidence.marked:
        click.echo(
            f"{evidence_file}: this evidence has an older format without an end mark, so records can be missing. "
            "Run `assay certify` again for complete evidence.",
            err=True,
        )
    contract = parse_bundle(evidence.provenance.openapi, evidence.provenance.asyncapi)
    outcome = run(contract, evidence)
    lost = _lost(older, outcome, evidence) if older is not None else ()
    compared = _compared(outcome, outcome.blocking, listed)
    if form == "json":
        result = {**_as_json(outcome), "certified": outcome.certified, "exercised_less": [str(item) for item in lost]}
        click.echo(orjson.dumps({**result, **_known_json(compared)}, option=orjson.OPT_INDENT_2))
    elif form != "text":
        _print_as(form, outcome, evidence)
    else:
        _print(
            outcome, f"{evidence.provenance.target['name']} against {evidence.provenance.contract}, as seen {evidence.provenance.started}"
        )
        draft = any(map(is_draft, (contract.openapi, contract.asyncapi)))
        _say(outcome, None, certified=outcome.certified, draft=draft)
    for item in lost:
        click.echo(f"exercised less: {item}", err=True)
    _say_known(compared)
    sys.exit(0 if (outcome.certified if compared is None else compared.holds) and not lost else 1)


def _listed(path: Path | None) -> tuple[KnownFailure, ...] | None:
    from assay_conformance.known_failures import read_known_failures

    return None if path is None else read_known_failures(path)


def _compared(outcome: Outcome, failing: Sequence[Row], listed: Sequence[KnownFailure] | None) -> Compared | None:
    from assay_conformance.known_failures import compare_known

    return None if listed is None else compare_known(outcome, failing, listed, datetime.now(UTC).date())


def _known_json(compared: Compared | None) -> dict[str, Any]:
    return {} if compared is None else {"known_failures": compared.as_json()}


def _say_known(compared: Compared | None) -> None:
    """What is known, new and out of date, beside the result and not in it: a machine may read that."""
    if compared is None:
        return
    for row, entry in compared.known:
        click.echo(f"known: {row.clause} {row.subject}, {entry.owner} until {entry.expires}: {entry.reason}", err=True)
    for row in compared.new:
        click.echo(f"new: {row.verdict.value} {row.clause} {row.subject}: {row.sentence}", err=True)
    for line in compared.stale:
        click.echo(f"out of date: {line}", err=True)


def _lost(older: Path, outcome: Outcome, evidence: Evidence) -> tuple[Lost, ...]:
    """What the evidence of an earlier run of the same contract version exercised more."""
    from assay_conformance.evidence import read_evidence
    from assay_conformance.judging import judge as run
    from assay_conformance.ledger import exercised, less_exercised

    before = read_evidence(older)
    if before.provenance.contract != evidence.provenance.contract:
        raise UsageError(f"--against {older}", expected=f"evidence of {evidence.provenance.contract}", actual=before.provenance.contract)
    contract = parse_bundle(before.provenance.openapi, before.provenance.asyncapi)
    return tuple(less_exercised(exercised(run(contract, before)), exercised(outcome)))


def _say_quick(outcome: Outcome, profile: str, out: Path) -> None:
    """What a run without a certificate came to: what does not hold, and nothing of what was not exercised."""
    for row in outcome.broken:
        click.echo(f"{row.verdict.value} {row.clause} {row.subject}: {row.sentence}\n    expected {row.expected}; got {row.actual}")
    seen = sum(row.evaluated > 0 for row in outcome.rows)
    if outcome.broken:
        what = f"{len(outcome.broken)} of {seen} clauses that the profile {profile} evaluated do not hold"
    else:
        what = f"Nothing failed in the profile {profile}: {seen} clauses evaluated"
    click.echo(f"{what}. Open {out}/report.html.")


def _signing_key(source: str | None) -> SigningKey | None:
    """The key of `--key`, read before a run begins."""
    if source is None:
        return None
    from assay_signing import read_signing_key

    return read_signing_key(source)


def _prepare(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}", expected="a folder that can be written", actual=error.strerror or str(error)) from None


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return {"counts": outcome.counts, "waivers": list(outcome.waived), "rows": list(outcome.rows)}


def _print_as(form: str, outcome: Outcome, evidence: Evidence, statement: dict[str, Any] | None = None) -> None:
    from assay_conformance.report.forms import as_form

    click.echo(as_form(form, outcome, evidence, statement).rstrip("\n"))


def _print(outcome: Outcome, title: str) -> None:
    from assay_conformance.report import print_outcome

    print_outcome(outcome, title)


def _say(outcome: Outcome, out: Path | None, *, certified: bool, draft: bool = False) -> None:
    report = f" Open {out}/report.html." if out else ""
    if certified:
        what = "Certified, for a draft of the contract" if draft else "Certified"
        waived = f", {outcome.left_out} promises left out by waivers" if outcome.waived else ""
        click.echo(f"{what}{waived}." + (f" The certificate is in {out}/{CERTIFICATE}.{report}" if out else ""))
    else:
        details = f" Details are in {out}/{VERDICT}.{report}" if out else ""
        click.echo(f"Not certified: {len(outcome.blocking)} of {outcome.required} required clauses failed or were inconclusive.{details}")
