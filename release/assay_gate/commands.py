"""The commands of the gate: whether a release is allowed, and which version it requires."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from assay_compatibility.policies import PROFILES
from assay_contracts import UsageError

if TYPE_CHECKING:
    from assay_gate.conversations import Recorded
    from assay_gate.ignores import Ignore
    from assay_gate.release_verdict import Terms
    from assay_gate.releases import Release
    from assay_gate.verdicts import Check, Report

__all__ = ["gate", "next_version"]

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("text", "json", "markdown", "html", "junit", "github")
AXES = ("auto", "both", "wire", "source")
UNDECIDED = ("fail", "major", "ignore")
SOURCES = """\b
OLD and NEW are what `assay diff` takes: files, git:REF:path, loopback URLs, NAME@VERSION. The version of a document is its
info.version; VERSION=SOURCE names another. Documents of one version, one HTTP and one feed, are one release.

"""
GATE_HELP = f"""{SOURCES}
\b
Try:
  assay gate
  assay gate reliability
  assay gate --tags 'v*' --new openapi.yaml
  assay gate --old v1.yaml --old v2.yaml --new next.yaml --declared 3.0.0
  assay gate --old v1.yaml --new next.yaml --evidence certificate/evidence.ndjson.gz --used-by web.har

\b
Exit codes: 0 the release is allowed; 1 it is not; 2 bad usage or input; 3 a required package is not installed.
"""
NEXT_VERSION_HELP = f"""{SOURCES}
\b
Try:
  assay next-version reliability
  assay next-version old.yaml new.yaml

\b
Exit codes: 0 the version is printed; 1 it cannot be decided; 2 bad usage or input; 3 a required package is not installed.
"""


_CLASS_OPTIONS = (
    click.option(
        "--axis",
        type=click.Choice(AXES),
        default="auto",
        show_default=True,
        help="Compare messages on the wire, generated clients, or both.",
    ),
    click.option(
        "--undecided",
        type=click.Choice(UNDECIDED),
        default="fail",
        show_default=True,
        help="How to treat a change whose impact cannot be decided.",
    ),
    click.option(
        "--policy", "chosen", metavar="NAME=LEVEL", multiple=True, help="The class of a contested kind of change, as for `assay diff`."
    ),
    click.option(
        "--profile",
        type=click.Choice(tuple(PROFILES)),
        default="default",
        show_default=True,
        help="A set of policies, as for `assay diff`.",
    ),
    click.option("--policies", "policies", type=click.Path(path_type=Path), help="TOML with a table [policies], as for `assay diff`."),
)


def _class_options(command: F) -> F:
    """The options that decide which class a change has."""
    for option in reversed(_CLASS_OPTIONS):
        command = option(command)
    return command


@click.command(epilog=GATE_HELP)
@click.argument("contracts", nargs=-1, metavar="[CONTRACT]...")
@click.option(
    "--old", "olds", multiple=True, metavar="OLD", help="A document of a published version; repeat it for each supported version."
)
@click.option("--tags", metavar="GLOB", help="Instead of --old: compare with NEW at each git tag that matches.")
@click.option("--first-release", is_flag=True, help="With --tags: accept that no tag has NEW yet.")
@click.option("--new", "news", multiple=True, metavar="NEW", help="The document to release; twice for HTTP and feed.")
@click.option("--declared", metavar="VERSION", help="The version that NEW declares, instead of its info.version.")
@_class_options
@click.option(
    "--deprecated-for",
    type=click.IntRange(0),
    default=2,
    show_default=True,
    metavar="N",
    help="Releases between a deprecation and a removal.",
)
@click.option("--exact", is_flag=True, help="Do not allow gaps between version numbers.")
@click.option(
    "--ignores", type=click.Path(path_type=Path), help="The file of ignored findings  [default: gate-ignores.toml, if it exists]."
)
@click.option("--certificates", type=click.Path(path_type=Path), help="The folder of certificates  [default: certificates/].")
@click.option("--certificate", type=click.Path(path_type=Path), help="With --new: the certificate that NEW must have.")
@click.option(
    "--trust", "trusted", multiple=True, metavar="KEYID|FILE", help="A key that must have signed each certificate, or one of several."
)
@click.option(
    "--evidence",
    "evidence",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Conversations of an older version, as `assay certify` wrote them: each must still be allowed.",
)
@click.option(
    "--used-by",
    "consumers",
    multiple=True,
    metavar="FILE|DIR",
    type=click.Path(exists=True, path_type=Path),
    help="Say what the changes mean for one consumer, as `assay diff --used-by` does; may be repeated.",
)
@click.option("--since", metavar="REF", help="A git revision whose locks must still be valid.")
@click.option("--today", metavar="DATE", help="The date to check expiry against  [default: today].")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
def gate(
    *,
    contracts: tuple[str, ...],
    olds: tuple[str, ...],
    tags: str | None,
    first_release: bool,
    news: tuple[str, ...],
    declared: str | None,
    axis: str,
    undecided: str,
    chosen: tuple[str, ...],
    policies: Path | None,
    profile: str,
    deprecated_for: int,
    exact: bool,
    ignores: Path | None,
    certificates: Path | None,
    certificate: Path | None,
    trusted: tuple[str, ...],
    evidence: tuple[Path, ...],
    consumers: tuple[Path, ...],
    since: str | None,
    today: str | None,
    form: str,
) -> None:
    """Decide whether a release is allowed: its version fits its changes.

    Without --old and --new it checks every version of the named contracts, or of all: against every kept version, with locks,
    requirement sets, certificates and generated code. With them it checks any documents.
    """
    from assay_compatibility.policy_options import chosen_policies

    from assay_gate.output import render

    recorded = _recorded(evidence)
    terms = replace(
        _terms(axis, undecided, deprecated_for, today, exact=exact),
        policies=chosen_policies(chosen, policies, profile),
        trusted=_trusted(trusted),
    )
    report: Report
    if olds or news or tags is not None:
        if since is not None or certificates is not None:
            raise UsageError("--since and --certificates are for contracts; leave them out, or --old, --tags and --new")
        if contracts:
            raise UsageError("expected either contracts, or --old or --tags with --new, got both; leave one out")
        if not news:
            raise UsageError("--old and --tags need --new, the document that is to come; see `assay gate --help`")
        if (tags is None) != bool(olds):
            raise UsageError("--new needs exactly one of --old or --tags; see `assay gate --help`")
        if first_release and tags is None:
            raise UsageError("--first-release needs --tags; see `assay gate --help`")
        kept = Kept(olds, tags, first_release=first_release)
        more = More(certificate, recorded, consumers)
        report = _gate_documents(kept, news, declared, more, _entries(ignores, Path()), terms)
    else:
        if declared is not None or certificate is not None or consumers:
            raise UsageError("--declared, --certificate and --used-by need --new, and --old or --tags; see `assay gate --help`")
        from assay_contracts import find_documents

        from assay_gate.run import gate_contracts

        folder = find_documents()
        report = gate_contracts(folder, contracts, _entries(ignores, folder.root), terms, certificates, since, recorded)
        if "ASSAY_DOCUMENTS" not in os.environ and not Path.cwd().is_relative_to(folder.root):
            # A green gate over other contracts than those of the current folder must not go unnoticed.
            click.echo(f"note: judged the contracts of {folder.root}; set ASSAY_DOCUMENTS to judge those of another folder", err=True)
    sys.stdout.write(render(report, form))
    sys.stdout.flush()
    sys.exit(0 if report.passes else 1)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the releases before a document are kept: files, or the git tags of a pattern."""

    olds: Sequence[str]
    tags: str | None
    first_release: bool


@dataclass(frozen=True, slots=True)
class More:
    """What a document is held against beside the releases before it."""

    certificate: Path | None = None
    recorded: Sequence[Recorded] = ()
    consumers: Sequence[Path] = ()


def _gate_documents(
    kept: Kept,
    news: Sequence[str],
    declared: str | None,
    more: More,
    entries: tuple[Ignore, ...],
    terms: Terms,
) -> Report:
    from assay_gate.consumers import with_consumers
    from assay_gate.releases import read_new, read_releases, read_tagged
    from assay_gate.run import gate_documents

    new = read_new(news, declared)
    checks = _certified(new, more.certificate, terms) if more.certificate is not None else ()
    before = read_releases(kept.olds) if kept.tags is None else read_tagged(kept.tags, news, first_release=kept.first_release)
    report = gate_documents(before, new, entries, terms, checks, more.recorded)
    return with_consumers(report, before, new, more.consumers, terms)


def _recorded(paths: Sequence[Path]) -> tuple[Recorded, ...]:
    if not paths:
        return ()
    from assay_gate.conversations import read_recorded

    return tuple(read_recorded(path) for path in paths)


def _certified(new: Release, certificate: Path, terms: Terms) -> tuple[Check, ...]:
    from assay_gate.certificates import certificate_problems
    from assay_gate.places import file_place
    from assay_gate.verdicts import Check, Problem

    problems = tuple(
        Problem(rule, what, place=file_place(certificate))
        for rule, what in certificate_problems(certificate, new.contract(), terms.now, terms.trusted)
    )
    return (Check("certificate", problems),)


def _entries(named: Path | None, folder: Path) -> tuple[Ignore, ...]:
    from assay_gate.ignores import FILE, read_ignores

    path = named or folder / FILE
    return read_ignores(path) if named is not None or path.is_file() else ()


def _trusted(sources: Sequence[str]) -> tuple[str, ...]:
    if not sources:
        return ()
    from assay_signing import read_key_id

    return tuple(read_key_id(source) for source in sources)


def _terms(axis: str, undecided: str, deprecated_for: int, today: str | None, *, exact: bool) -> Terms:
    from assay_gate.release_verdict import Terms

    now = dt.datetime.now(dt.UTC)
    if today is not None:
        try:
            now = dt.datetime.combine(dt.date.fromisoformat(today), dt.time(), dt.UTC)
        except ValueError:
            raise UsageError("--today", expected="a day such as 2027-06-30", actual=today) from None
    return Terms(now, axis, undecided, deprecated_for, exact)


@click.command(epilog=NEXT_VERSION_HELP)
@click.argument("old", metavar="OLD|CONTRACT")
@click.argument("new", required=False)
@_class_options
@click.option("--pre", metavar="LABEL", help="Print the next pre-release with this label, such as rc.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def next_version(
    old: str,
    new: str | None,
    axis: str,
    undecided: str,
    chosen: tuple[str, ...],
    policies: Path | None,
    profile: str,
    pre: str | None,
    form: str,
) -> None:
    """Print the version that the changes between two documents require.

    For a contract it compares the newest version with the last release before it. It prints the version to standard output and the
    reasons to standard error.
    """
    from assay_compatibility.policy_options import chosen_policies

    from assay_gate.next_version import pair_of, required_version

    before, after = pair_of(old, new)
    result = required_version(before, after, axis, undecided, pre, chosen_policies(chosen, policies, profile))
    if form == "json":
        click.echo(json.dumps(result.as_json(), ensure_ascii=False, default=str))
    else:
        for line in result.reasons:
            click.echo(line, err=True)
        if result.version is not None:
            click.echo(str(result.version))
    sys.exit(0 if result.version is not None else 1)
