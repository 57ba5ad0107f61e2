"""Which rules a stranger's document is held to, and in which order they are reported."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from assay_contracts.commands import contracts
from assay_contracts.lint import RULES
from click.testing import CliRunner

# Valid OpenAPI that breaks every house rule about names, examples and defaults, and one rule of the standard.
STRANGER: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1.0.0"},
    "paths": {
        "/things/{id}": {
            "get": {
                "operationId": "get_things",
                "tags": ["things"],
                "parameters": [{"name": "tags", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}],
                "responses": {"200": {"description": "ok"}, "default": {"description": "wrong"}},
            }
        }
    },
    "components": {"schemas": {"thing": {"type": "object"}, "other_thing": {"type": "object"}}},
}


def _linted(tmp_path: Path, *more: str) -> tuple[int, str]:
    path = tmp_path / "api.yaml"
    path.write_text(yaml.safe_dump(STRANGER))
    result = CliRunner().invoke(contracts, ["lint", str(path), *more], standalone_mode=False)
    return int(result.return_value), result.stdout


def test_a_file_is_held_to_the_standard_alone(tmp_path: Path) -> None:
    """House rules are hidden, and counted, until the caller opts in."""
    code, printed = _linted(tmp_path)
    assert code == 1
    assert "path-parameter-missing" in printed
    assert not [rule for rule in RULES.values() if rule.profile == "house" and f" {rule.id}:" in printed]
    assert "more of house rules, which --profile house shows" in printed


def test_the_house_rules_are_added_when_asked_for(tmp_path: Path) -> None:
    """Everything is shown: rules of the standard first, errors before warnings, and a count for each rule with several findings."""
    _, printed = _linted(tmp_path, "--profile", "house")
    printed_findings = [
        line.split(": ")[1]
        for line in printed.splitlines()
        if line.split(": ")[1:2] and line.split(": ")[1].startswith(("error", "warning"))
    ]
    rules = [RULES[text.split()[1]] for text in printed_findings]
    assert {"default-response", "parameter-without-style", "schema-without-example"} <= {rule.id for rule in rules}
    order = [(rule.profile != "standard", rule.level != "error") for rule in rules]
    assert order == sorted(order)
    assert "schema-without-example: 2 findings." in printed
    assert "house rules, which" not in printed


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github"])
def test_every_form_shows_the_same_findings(tmp_path: Path, form: str) -> None:
    """A profile decides for machines too."""
    _, printed = _linted(tmp_path, "--format", form)
    rules: dict[str, Callable[[], set[str]]] = {
        "json": lambda: {finding["rule"] for finding in json.loads(printed)},
        "sarif": lambda: {result["ruleId"] for result in json.loads(printed)["runs"][0]["results"]},
        "junit": lambda: set(re.findall(r'classname="([^"]+)"', printed)),
        "github": lambda: set(re.findall(r"title=([\w-]+)", printed)),
    }

    assert rules[form]() == {"path-parameter-missing"}


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("/feed?tenant={tenant}", True),
        ("/feed#top", True),
        ("sport/#", False),
        ("orders.#", False),
        ("/feed/{what?}", False),
        ("/feed", False),
    ],
)
def test_an_address_has_no_query_and_no_fragment(tmp_path: Path, address: str, wrong: bool) -> None:
    """A wildcard of a topic is no fragment."""
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Feed", "version": "1.0.0"},
        "channels": {"feed": {"address": address, "messages": {}}},
    }
    path = tmp_path / "feed.yaml"
    path.write_text(yaml.safe_dump(document))
    result = CliRunner().invoke(contracts, ["lint", str(path), "--format", "json"], standalone_mode=False)
    found = {finding["rule"] for finding in json.loads(result.stdout)}
    assert ("address-with-query-or-fragment" in found) is wrong
