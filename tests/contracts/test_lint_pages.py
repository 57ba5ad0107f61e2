"""Each rule is named, registered and documented, and its page's own examples are what it finds and what it lets be."""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from assay_contracts.lint import RULES, lint_files, report_files
from assay_contracts.lint.explaining import EXAMPLE, explain_rule, explanations, lint_pages


def laid_over(value: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7396): members replace members, null takes one away."""
    if not isinstance(patch, dict):
        return patch
    merged: dict[str, Any] = dict(value) if isinstance(value, dict) else {}
    for key, item in patch.items():
        if item is None:
            merged.pop(key, None)
        else:
            merged[key] = laid_over(merged.get(key), item)
    return merged


@functools.cache
def small_contract() -> dict[str, Any]:
    """The documents that examples are laid over, by name."""
    return {name: yaml.load((EXAMPLE / name).read_text(encoding="utf-8"), yaml.CSafeLoader) for name in ("openapi.yaml", "asyncapi.yaml")}


def rules_broken_by(files: Mapping[str, Any], folder: Path) -> set[str]:
    """The rules that an example breaks, laid over the small contract."""
    small = copy.deepcopy(small_contract())
    waivers: Path | None = None
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
            waivers = path if name.endswith(".toml") else waivers
        else:
            # A file under another name is the OpenAPI document there, as a version in its folder.
            small[name] = laid_over(small.pop(name if name in small else "openapi.yaml"), content)
    for name, document in small.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # JSON is YAML, and written many times faster.
        path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    paths = [folder / name for name in small]
    findings = lint_files(paths) if waivers is None else report_files(paths, waivers).findings
    return {finding.rule for finding in findings}


@pytest.mark.parametrize("id", sorted(RULES))
def test_the_invalid_example_of_a_rule_is_reported(id: str, tmp_path: Path) -> None:
    """What a page calls invalid is reported by its rule."""
    assert id in rules_broken_by(explanations()[id].invalid, tmp_path)


@pytest.mark.parametrize("id", sorted(RULES))
def test_the_valid_example_of_a_rule_passes(id: str, tmp_path: Path) -> None:
    """What a page calls valid is no finding of its rule."""
    assert id not in rules_broken_by(explanations()[id].valid, tmp_path)


def test_every_rule_is_explained_and_nothing_else() -> None:
    """No explanation is left of a rule that was removed, and each says why at some length."""
    assert explanations().keys() == RULES.keys()
    assert [id for id, explanation in explanations().items() if len(explanation.why) <= 40] == []


@pytest.mark.parametrize("id", sorted(RULES))
def test_a_page_states_what_its_rule_declares(id: str) -> None:
    """Name, sentence, level, profile and protected tool open the page, and the reason follows."""
    rule = RULES[id]
    protects = f"Protects {rule.protects}.\n\n" if rule.protects else ""

    assert explain_rule(id).startswith(
        f"# {id}\n\n{rule.sentence}\n\nLevel: {rule.level}. Profile: {rule.profile}.\n\n{protects}## Why\n\n{explanations()[id].why}\n"
    )


def test_the_index_lists_every_rule() -> None:
    """The pages are one for each rule and an index with their sentences."""
    pages = lint_pages()

    assert pages.keys() == {"README.md", *(f"{id}.md" for id in RULES)}
    assert [
        id
        for id, rule in RULES.items()
        if f"| [{id}]({id}.md) | {rule.level} | {rule.profile} | {rule.sentence} |" not in pages["README.md"]
    ] == []


def test_a_rule_is_one_function_named_as_its_id() -> None:
    """One rule is one function, named as its id with underscores, whose docstring is a sentence."""
    for id, rule in RULES.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", id)
        assert rule.sentence.endswith(".")
        assert rule.check is None or getattr(rule.check, "__name__", "") == id.replace("-", "_")


def test_the_small_contract_keeps_every_rule() -> None:
    """Each example is the only thing wrong: the contract that it is laid over is clean."""
    assert lint_files([EXAMPLE / "openapi.yaml", EXAMPLE / "asyncapi.yaml"]) == ()
