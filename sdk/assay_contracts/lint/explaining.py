"""The page of each lint rule: what it asks, why, and an example of either side.

Reason and examples stand in `explanations/`, a file for each module of rules. An example is a JSON merge patch (RFC 7396) over
the small contract in `example/`, by file name; text is a file as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from assay_contracts.errors import UsageError
from assay_contracts.json_types import mapping, text
from assay_contracts.lint.rules import RULES, Rule

EXAMPLE = Path(__file__).parent / "example"
_EXPLANATIONS = Path(__file__).parent / "explanations"
Files = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a rule exists, and the files of an example that breaks it and of one that keeps it."""

    why: str
    invalid: Files
    valid: Files


@lru_cache(maxsize=1)
def explanations() -> Mapping[str, Explanation]:
    """The explanation of every rule, by its id."""
    read: dict[str, Explanation] = {}
    for path in sorted(_EXPLANATIONS.glob("*.yaml")):
        for id, raw in mapping(yaml.safe_load(path.read_text(encoding="utf-8")), str(path)).items():
            entry = mapping(raw, f"{path}: {id}")
            sides = [mapping(entry.get(side), f"{path}: {id}/{side}") for side in ("invalid", "valid")]
            read[id] = Explanation(text(entry.get("why"), f"{path}: {id}/why"), *sides)
    return read


def explain_rule(id: str) -> str:
    """The page of a lint rule as Markdown; raises `UsageError` for an id that no rule has."""
    if id not in RULES:
        raise UsageError(id, expected="the id of a lint rule", next_step="see `assay contracts lint --rules`")
    return _page(RULES[id], explanations()[id])


def lint_pages() -> dict[str, str]:
    """Every page by its file name, and an index."""
    rows = [f"| [{id}]({id}.md) | {RULES[id].level} | {RULES[id].profile} | {RULES[id].sentence} |" for id in sorted(RULES)]
    index = "\n".join(("# Lint rules", "", "| rule | level | profile | sentence |", "|---|---|---|---|", *rows)) + "\n"
    return {"README.md": index} | {f"{id}.md": explain_rule(id) for id in sorted(RULES)}


def _page(rule: Rule, explanation: Explanation) -> str:
    lines = [f"# {rule.id}", "", rule.sentence, "", f"Level: {rule.level}. Profile: {rule.profile}.", ""]
    if rule.protects:
        lines += [f"Protects {rule.protects}.", ""]
    lines += ["## Why", "", explanation.why, ""]
    for title, files in (("Invalid", explanation.invalid), ("Valid", explanation.valid)):
        lines += [f"## {title}", ""]
        for name, content in files.items():
            written = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
            lines += [f"```{'toml' if name.endswith('.toml') else 'yaml'}", f"# {name}", written.rstrip("\n"), "```", ""]
    return "\n".join(lines)
