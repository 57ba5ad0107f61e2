"""The commands that compare two documents and explain the rules."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from assay_contracts import UsageError

from assay_compatibility.batches import answer_lines, as_json
from assay_compatibility.policies import PROFILES

if TYPE_CHECKING:
    from assay_compatibility.client import Documents
    from assay_compatibility.findings import Comparison
    from assay_compatibility.policies import Policy

__all__ = ["diff", "explain"]

AXES = ("wire", "source", "both")
INDEX = "README.md"
FORMATS = ("text", "json", "markdown", "sarif", "junit", "github", "html")


@click.command()
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option("--batch", metavar="FILE", help='NDJSON lines {"id", "old", "new"}, or - for standard input; prints one line for each.')
@click.option("--asyncapi", is_flag=True, help="Compare the AsyncAPI documents of contract versions.")
@click.option(
    "--axis", type=click.Choice(AXES), default="wire", show_default=True, help="Compare messages on the wire, generated clients, or both."
)
@click.option(
    "--policy",
    "chosen",
    metavar="NAME=LEVEL",
    multiple=True,
    help="The class of a contested kind of change: none, patch, minor, major or law.",
)
@click.option(
    "--profile",
    type=click.Choice(tuple(PROFILES)),
    default="default",
    show_default=True,
    help="A set of policies: strict also counts what most other tools call breaking.",
)
@click.option(
    "--policies", "file", metavar="FILE", type=click.Path(path_type=Path), help="A TOML file with a table [policies] of NAME = LEVEL."
)
@click.option("--strict", is_flag=True, help="Exit 1 also when a change is undecided.")
@click.option(
    "--used-by",
    metavar="FILE|DIR",
    type=click.Path(exists=True, path_type=Path),
    help="Rank by what one consumer uses: a HAR file, an evidence file, or a generated client's folder.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
def diff(
    *,
    old: str | None,
    new: str | None,
    batch: str | None,
    asyncapi: bool,
    axis: str,
    chosen: tuple[str, ...],
    file: Path | None,
    profile: str,
    strict: bool,
    used_by: Path | None,
    form: str,
) -> None:
    """Compare two OpenAPI or AsyncAPI documents and report breaking changes.

    OLD and NEW are files, git:REF:path, loopback URLs or contract versions (NAME@VERSION); references to other files are followed.
    Where projects disagree a policy decides, and the finding names it: see `assay explain --policies`. With --axis source the Python
    clients generated from both are compared; without a client the result is undecided. With --used-by the findings about
    what that consumer sends and reads come first and decide the exit code; the others are listed apart.

    \b
    Try:
      assay diff old.yaml new.yaml
      assay diff reliability@1.0.0 reliability@1.1.0 --format markdown
      assay diff git:v1.0.0:openapi.yaml openapi.yaml --axis both --format sarif
      assay diff old.yaml new.yaml --used-by web.har

    Exit codes: 0 no breaking change; 1 a breaking change (with --strict also an undecided one); 2 bad usage or input. With --batch: 0
    when every line has a result.
    """
    from assay_compatibility.policy_options import chosen_policies

    policies = chosen_policies(chosen, file, profile)
    if batch is not None:
        if old is not None:
            raise UsageError("expected either two documents or --batch FILE, got both; leave one out")
        if used_by is not None:
            raise UsageError("expected --used-by with two documents; --batch reports on all consumers")
        if axis != "wire":
            raise UsageError("expected --axis with two documents; --batch compares on the wire alone")
        answer_lines(batch, ("old", "new"), partial(_answered, policies=policies))
        return
    if old is None or new is None:
        raise UsageError("expected two documents or --batch FILE; try `assay diff old.yaml new.yaml`")
    from assay_compatibility.classes import Severity
    from assay_compatibility.comparing import compare
    from assay_compatibility.documents import read_document
    from assay_compatibility.findings import Comparison
    from assay_compatibility.output import render

    kind = "asyncapi" if asyncapi else "openapi"
    first, second = read_document(old, kind=kind), read_document(new, kind=kind)
    comparison = Comparison((), old, new) if axis == "source" else compare(first, second, policies)
    if axis != "wire":
        from assay_compatibility.client import client_documents

        comparison = _with_sources(comparison, client_documents(old, first), client_documents(new, second))
    if used_by is not None:
        from assay_compatibility.consumers import for_consumer, read_usage

        comparison = for_consumer(comparison, str(used_by), first, read_usage(used_by, first))
    sys.stdout.write(render(comparison, form))
    sys.stdout.flush()
    level = comparison.consumer_level
    if level is Severity.MAJOR or (strict and level is Severity.UNDECIDED):
        sys.exit(1)


def _with_sources(comparison: Comparison, old: Documents, new: Documents) -> Comparison:
    from assay_compatibility.client import as_far_as_given, compare_sources, names_contract

    if names_contract(old.source) != names_contract(new.source):
        old, new = as_far_as_given(old, new)
    found = (*comparison.findings, *compare_sources(old, new))
    return replace(comparison, findings=tuple(sorted(found, key=lambda finding: -finding.level.rank)))


def _answered(pair: Mapping[str, Any], policies: Mapping[str, Policy]) -> Mapping[str, Any]:
    from assay_compatibility.comparing import compare_inline

    return compare_inline(pair["old"], pair["new"], policies).as_json()


@click.command()
@click.argument("name", metavar="[RULE]", required=False)
@click.option("--policies", is_flag=True, help="List the policies with their defaults and reasons.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write every page to this folder as Markdown.")
def explain(*, name: str | None, policies: bool, form: str, out: Path | None) -> None:
    """Explain a compatibility rule, a lint rule or a policy.

    Without RULE it lists the rules of `assay diff`. With --policies it lists the policies, which decide where projects disagree. With
    --out it writes the page of every rule: `assay diff`, its client axis in client/, lint in lint/.

    \b
    Try:
      assay explain
      assay explain enum-value-added
      assay explain --policies
      assay explain --out pages

    Exit codes: 0 success; 2 bad usage, or an unknown rule.
    """
    from assay_compatibility import explaining
    from assay_compatibility.rules.annotation_rules import use_vocabulary_of_documents

    use_vocabulary_of_documents()
    if out is not None:
        if policies or name is not None:
            raise UsageError("expected --out DIR alone; it writes every page")
        count = sum(_write_pages(out / folder, pages) for folder, pages in explaining.every_page().items())
        click.echo(f"wrote {count} pages: {out / INDEX}")
        return
    if policies and name is not None:
        raise UsageError("expected either RULE or --policies, got both; leave one out")
    if policies:
        answer: Any = explaining.policies_as_json() if form == "json" else explaining.policies()
    elif name is None:
        answer = explaining.rules_as_json() if form == "json" else explaining.rules()
    else:
        answer = explaining.one_as_json(name) if form == "json" else explaining.one(name)
    click.echo(answer if form == "text" else as_json(answer).decode())


def _write_pages(out: Path, pages: Mapping[str, str]) -> int:
    """Write the pages of one folder, remove pages of rules that no longer exist, and return how many there are."""
    existing = {path.name: path.read_text(encoding="utf-8") for path in out.glob("*.md")} if out.is_dir() else {}
    index = existing.get(INDEX)
    if index is not None and index.partition("\n")[0] != pages[INDEX].partition("\n")[0]:
        raise UsageError(f"expected --out to name a folder of rule pages, got one whose {INDEX} is another's: {out}; name a new folder")
    out.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (out / name).write_text(text, encoding="utf-8")
    # Only what is headed by its own name is a page of a rule; any other file that stands there is somebody's, and stays.
    for name in sorted(existing.keys() - pages.keys()):
        if existing[name].startswith(f"# {name.removesuffix('.md')}\n"):
            (out / name).unlink()
    return len(pages)
