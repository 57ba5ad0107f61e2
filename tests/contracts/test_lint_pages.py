"""Each rule is named, registered and documented, and its page's own examples are what it finds and what it lets be."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from assay_contracts.lint import RULES, lint_files, report_files

PAGES = Path(__file__).parents[2] / "docs" / "lint"
BLOCK = re.compile(r"```(?:yaml|toml)\n# (\S+)\n(.*?)```", re.DOTALL)
OVERVIEW = PAGES / "README.md"


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


def blocks(id: str, title: str) -> list[tuple[str, str]]:
    """The files of one example of a page, by name."""
    page = (PAGES / f"{id}.md").read_text(encoding="utf-8")
    return BLOCK.findall(page.split(f"## {title}\n")[1].split("\n## ")[0])


def found(id: str, title: str, folder: Path) -> set[str]:
    """The rules that the example of a page breaks, laid over the small contract."""
    small = {name: yaml.safe_load((PAGES / "small" / name).read_text(encoding="utf-8")) for name in ("openapi.yaml", "asyncapi.yaml")}
    waivers: Path | None = None
    for name, text in blocks(id, title):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".toml"):
            path.write_text(text, encoding="utf-8")
            waivers = path
            continue
        patch = yaml.safe_load(text)
        if name in small or re.search(r"/\d", name):
            kind = name if name in small else "openapi.yaml"
            whole = laid_over(copy.deepcopy(small.pop(kind)), patch)
            small[name] = whole
        else:
            path.write_text(text, encoding="utf-8")
    for name, document in small.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    paths = [folder / name for name in small]
    findings = lint_files(paths) if waivers is None else report_files(paths, waivers).findings
    return {finding.rule for finding in findings}


@pytest.mark.parametrize("id", sorted(RULES))
def test_the_invalid_example_of_a_page_is_found(id: str, tmp_path: Path) -> None:
    """What a page calls invalid is found by its rule."""
    assert id in found(id, "Invalid", tmp_path)


@pytest.mark.parametrize("id", sorted(RULES))
def test_the_valid_example_of_a_page_is_let_be(id: str, tmp_path: Path) -> None:
    """What a page calls valid is no finding of its rule."""
    assert id not in found(id, "Valid", tmp_path)


@pytest.mark.parametrize("id", sorted(RULES))
def test_a_page_says_what_its_rule_declares(id: str) -> None:
    """Name, sentence, level and protected tool stand in the page as in the code, and it says why."""
    rule = RULES[id]
    protects = f"\n\nProtects {rule.protects}." if rule.protects else ""
    head, why = (PAGES / f"{id}.md").read_text(encoding="utf-8").split("\n\n## Why\n\n")

    assert head == f"# {id}\n\n{rule.sentence}\n\nLevel: {rule.level}.{protects}"
    assert len(why.split("\n\n## ")[0]) > 40


def test_every_page_has_its_rule_and_every_rule_is_in_the_overview() -> None:
    """No page is left of a rule that is gone, and the overview lists all with their sentences."""
    listed = [f"| [{rule.id}]({rule.id}.md) | {rule.level} | {rule.sentence} |" for _, rule in sorted(RULES.items())]

    assert {path.stem for path in PAGES.glob("*.md")} - {"README"} == set(RULES)
    assert [line for line in OVERVIEW.read_text(encoding="utf-8").splitlines() if line.startswith("| [")] == listed


def test_a_rule_is_one_function_named_as_its_id() -> None:
    """One rule is one function, named as its id with underscores, whose docstring is a sentence."""
    for id, rule in RULES.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", id)
        assert rule.sentence.endswith(".")
        assert rule.check is None or getattr(rule.check, "__name__", "") == id.replace("-", "_")


def test_the_small_contract_keeps_every_rule() -> None:
    """Each example is the only thing wrong: the contract that it is laid over is clean."""
    assert lint_files([PAGES / "small" / "openapi.yaml", PAGES / "small" / "asyncapi.yaml"]) == ()
