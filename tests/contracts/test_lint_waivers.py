"""Waivers and SARIF: what is let be stays visible with its reason, and every format says the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from assay_contracts import DocumentMalformed
from assay_contracts.cli import run
from assay_contracts.lint import RULES, Finding
from assay_contracts.lint.waivers import read_waivers, waive

Document = dict[str, Any]
Write = Callable[[str, Document], Path]
TODAY = date(2026, 11, 21)
WAIVER = """# Waived.
[[waiver]]
rule = "{rule}"
document = "api.yaml"
pointer = "{pointer}"
reason = "Clients read it."
owner = "things"
expires = {expires}
"""


def waivers(folder: Path, rule: str = "tag-undeclared", expires: str = "2026-11-21", pointer: str = "/paths") -> Path:
    """A file with one waiver."""
    path = folder / "lint-waivers.toml"
    path.write_text(WAIVER.format(rule=rule, expires=expires, pointer=pointer), encoding="utf-8")
    return path


def finding(folder: Path, rule: str = "tag-undeclared", pointer: str = "/paths/a") -> Finding:
    """A finding in the document that the waiver names."""
    return Finding(folder / "api.yaml", 3, 5, rule, "a message", pointer, RULES[rule].level)


def test_a_warning_is_waived_to_the_end_of_its_day(tmp_path: Path) -> None:
    """On its last day a waiver holds; what it waives is kept with the reason."""
    left, waived = waive([finding(tmp_path)], read_waivers(waivers(tmp_path)), today=TODAY)

    assert left == ()
    assert [item.waiver.reason for item in waived] == ["Clients read it."]


def test_an_ended_waiver_waives_nothing(tmp_path: Path) -> None:
    """A day later the finding is back, with one about the waiver on the line of the waiver."""
    left, waived = waive([finding(tmp_path)], read_waivers(waivers(tmp_path, expires="2026-11-20")), today=TODAY)

    assert waived == ()
    assert [(item.rule, item.line) for item in left] == [("tag-undeclared", 3), ("waiver-expired", 2)]


@pytest.mark.parametrize(("rule", "pointer"), [("tag-undeclared", "/paths/ab"), ("schema-without-example", "/paths/a")])
def test_a_waiver_is_about_one_rule_and_one_place(tmp_path: Path, rule: str, pointer: str) -> None:
    """Another rule, or a place that only begins alike, is not waived."""
    file = waivers(tmp_path, pointer="/paths/a")

    left, _ = waive([finding(tmp_path, rule, pointer)], read_waivers(file), today=TODAY)

    assert {item.rule for item in left} == {rule, "waiver-unused"}


def test_an_error_is_never_waived(tmp_path: Path) -> None:
    """The error stands, and the waiver that tries is an error of its own."""
    file = waivers(tmp_path, rule="dangling-reference")

    left, waived = waive([finding(tmp_path, "dangling-reference")], read_waivers(file), today=TODAY)

    assert waived == ()
    assert {item.rule for item in left} == {"dangling-reference", "waiver-of-an-error"}


def test_a_waiver_of_a_document_that_was_not_linted_is_not_called_unused(tmp_path: Path) -> None:
    """Linting one contract says nothing of the waivers of another."""
    left, _ = waive([], read_waivers(waivers(tmp_path)), documents=[tmp_path / "other.yaml"], today=TODAY)

    assert left == ()


@pytest.mark.parametrize(
    "text",
    [
        "[[waiver]\n",
        "[waiver]\n",
        "[[waiver]]\nrule = 1\n",
        WAIVER.format(rule="a", pointer="", expires='"soon"'),
        "[[waivers]]\n",
        "a = 1\n",
    ],
)
def test_a_broken_file_of_waivers_is_explained(tmp_path: Path, text: str) -> None:
    """What is no waiver is an error that names the file."""
    path = tmp_path / "lint-waivers.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(DocumentMalformed, match=r"lint-waivers\.toml"):
        read_waivers(path)


def test_sarif_says_where_and_why(
    openapi: Document, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each finding is a result with rule, level, file, line and column; a waived one is there, suppressed with its reason."""
    openapi["paths"]["/items"]["get"]["tags"] = ["things"]
    openapi["components"]["schemas"]["Item"].pop("examples")
    write("api.yaml", openapi)
    file = waivers(tmp_path, expires="2999-12-31")
    monkeypatch.chdir(tmp_path)

    assert run(["contracts", "lint", "api.yaml", "--profile", "house", "--waivers", str(file), "--strict"]) == 1
    capsys.readouterr()
    assert run(["contracts", "lint", "api.yaml", "--profile", "house", "--waivers", str(file), "--format", "sarif"]) == 0

    log = json.loads(capsys.readouterr().out)
    (job,) = log["runs"]
    rules = job["tool"]["driver"]["rules"]
    results = {result["ruleId"]: result for result in job["results"]}
    found = results["schema-without-example"]
    where = found["locations"][0]["physicalLocation"]
    assert (log["version"], len({rule["id"] for rule in rules})) == ("2.1.0", len(RULES))
    assert results.keys() == {"schema-without-example", "tag-undeclared"}
    assert all(rules[result["ruleIndex"]]["id"] == id for id, result in results.items())
    assert all(result["level"] in ("error", "warning") and result["message"]["text"] for result in results.values())
    assert where["artifactLocation"] == {"uri": "api.yaml"}
    assert where["region"]["startLine"] > 1
    assert where["region"]["startColumn"] >= 1
    assert "suppressions" not in found
    assert results["tag-undeclared"]["suppressions"][0]["justification"] == "Clients read it. (things, until 2999-12-31)"
