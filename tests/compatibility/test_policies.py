"""Where projects disagree a policy decides: each has a name, a default and a reason, and anyone may choose another level."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from assay_compatibility.comparing import compare_inline
from assay_compatibility.diff_commands import diff, explain
from assay_compatibility.pages import rules_decided_by
from assay_compatibility.policies import POLICIES
from assay_compatibility.policy_options import chosen_policies
from assay_compatibility.rules import RULES
from assay_contracts import UsageError
from click.testing import CliRunner

# The families about which projects disagree, each with a rule that must name a policy in that direction.
CONTESTED = {
    "a value added to a listed value of an answer": ("enum-value-added", "enum-value-in-response"),
    "an optional member of an answer removed": ("member-removed", "response-member-removed"),
    "required with a default": ("member-with-default-became-required", "required-with-default"),
    "the name of an operation": ("operation-id-changed", "operation-id"),
    "security": ("security-tightened", "security"),
    "security schemes": ("security-scheme-changed", "security-scheme"),
    "the discriminator": ("discriminator-changed", "discriminator"),
    "formats": ("format-changed", "format"),
    "read only": ("member-became-read-only", "read-only"),
    "write only": ("member-became-write-only", "write-only"),
    "a schema split by allOf": ("all-of-split", "all-of-split"),
    "an alternative added to an answer": ("alternative-added", "alternative-in-response"),
    "defaults of parameters": ("parameter-default-changed", "parameter-default"),
    "defaults of members": ("default-changed", "member-default"),
}


def answering(schema: Any) -> dict[str, Any]:
    """A document with one operation that answers that."""
    answer = {"description": "fine", "content": {"application/json": {"schema": schema}}}
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/things": {"get": {"responses": {"200": answer}}}}}


FEW, MORE = answering({"enum": ["a", "b"]}), answering({"enum": ["a", "b", "c"]})
WHOLE = answering({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]})
SPLIT = answering({"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"required": ["a"]}]})


@pytest.mark.parametrize(("rule", "policy"), CONTESTED.values(), ids=CONTESTED)
def test_every_contested_family_is_decided_by_a_policy(rule: str, policy: str) -> None:
    """The rule names the policy, and the policy says why."""
    assert RULES[rule].policy == policy
    assert POLICIES[policy].reason.endswith(".")


def test_every_policy_decides_something() -> None:
    """A policy that decides for no rule is dead, and no rule names one that does not exist."""
    assert [name for name in POLICIES if not rules_decided_by(name)] == []
    assert {rule.policy for rule in RULES.values() if rule.policy is not None} <= POLICIES.keys()


@pytest.mark.parametrize("level", ["none", "patch", "minor", "major"])
def test_a_chosen_level_counts_and_the_finding_names_the_policy(level: str) -> None:
    """Whatever somebody chose is the class of the change, and it stays in sight."""
    found = compare_inline(FEW, MORE, chosen_policies([f"enum-value-in-response={level}"]))

    assert [(finding.rule, finding.level.value, finding.policy) for finding in found.findings] == [
        ("enum-value-added", level, "enum-value-in-response")
    ]
    assert found.level.value == level


def test_law_takes_the_policy_away() -> None:
    """What effect and direction say stands again."""
    gone = answering({"type": "object"})
    answer = answering({"type": "object", "properties": {"a": {"type": "string"}}})
    by_default = compare_inline(answer, gone)
    by_law = compare_inline(answer, gone, chosen_policies(["deprecation=law", "discriminator=law", "format=law", "read-only=law"]))

    assert by_default.as_json() == by_law.as_json()
    assert compare_inline(FEW, MORE, chosen_policies(["enum-value-in-response=law"])).level.value == "major"


def test_a_split_is_silent_until_somebody_asks() -> None:
    """Spelling is no change, unless a policy is chosen that says so."""
    found = compare_inline(WHOLE, SPLIT, chosen_policies(["all-of-split=minor"]))

    assert compare_inline(WHOLE, SPLIT).findings == ()
    assert [(finding.rule, finding.policy, finding.level.value) for finding in found.findings] == [
        ("all-of-split", "all-of-split", "minor")
    ]


def test_a_file_may_say_more_than_a_level(tmp_path: Path) -> None:
    """A level for each direction, a reason; and the command line comes after the file."""
    file = tmp_path / "policies.toml"
    file.write_text('[policies]\nformat = {request = "major", response = "patch", reason = "Ours."}\nenum-value-in-response = "minor"\n')

    def levels(options: list[str]) -> dict[str, str]:
        chosen = chosen_policies(options, file)
        date, moment = (answering({"type": "string", "format": name}) for name in ("date", "date-time"))
        found = [*compare_inline(date, moment, chosen).findings, *compare_inline(FEW, MORE, chosen).findings]
        return {finding.rule: finding.level.value for finding in found}

    assert levels([]) == {"format-changed": "patch", "enum-value-added": "minor"}
    assert levels(["format=none"]) == {"format-changed": "none", "enum-value-added": "minor"}
    assert chosen_policies([], file)["format"].reason == "Ours."


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("formt=minor", "did you mean format?"),
        ("format=miner", "expected none or patch or minor or major or law, got miner; did you mean minor?"),
        ("format", "expected NAME=LEVEL"),
        ("nothing-like-it-at-all=minor", "see `assay explain --policies`"),
    ],
)
def test_a_wrong_option_is_told_with_what_is_near(option: str, message: str) -> None:
    """One line that says what to do next."""
    with pytest.raises(UsageError) as caught:
        chosen_policies([option])

    assert message in str(caught.value)


WRONG = ["", "[policies", "policies = 3", '[policies]\nfromat = "minor"', "[policies]\nformat = 3", "[policies]\nformat = {}",
         '[policies]\nformat = {level = "minor", why = "x"}', "[other]\na = 1"]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_file_is_told_in_one_line(text: str, tmp_path: Path) -> None:
    """With its name, and what was expected."""
    file = tmp_path / "policies.toml"
    file.write_text(text)

    with pytest.raises(UsageError, match=r"policies.toml.*expected"):
        chosen_policies([], file)


def test_the_command_takes_policies_with_two_documents_and_with_batches(tmp_path: Path) -> None:
    """The exit code follows what was chosen."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(FEW))
    new.write_text(json.dumps(MORE))
    line = json.dumps({"id": 1, "old": FEW, "new": MORE}) + "\n"
    chosen = ["--policy", "enum-value-in-response=patch", "--policy", "format=minor"]

    assert CliRunner().invoke(diff, [str(old), str(new)]).exit_code == 1
    assert CliRunner().invoke(diff, [str(old), str(new), *chosen]).exit_code == 0
    assert json.loads(CliRunner().invoke(diff, ["--batch", "-", *chosen], input=line).output)["class"] == "patch"


def test_policies_are_listed_with_default_and_reason() -> None:
    """For people and for machines."""
    text = CliRunner().invoke(explain, ["--policies"]).output
    policies = json.loads(CliRunner().invoke(explain, ["--policies", "--format", "json"]).output)

    assert [policy["policy"] for policy in policies] == list(POLICIES)
    assert all(policy.name in text and policy.reason in text for policy in POLICIES.values())
    assert all(policy["default"] and policy["decides"] for policy in policies)


def test_a_rule_that_nobody_knows_is_told_with_what_is_near() -> None:
    """A misspelling leads on."""
    failed = CliRunner().invoke(explain, ["enum-value-aded"])

    assert "did you mean enum-value-added" in str(failed.exception)
    assert json.loads(CliRunner().invoke(explain, ["enum-value-added", "--format", "json"]).output)["classes"]["response"] == "major"


REMOVED: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
KEPT: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}


def _exchange(*, sent: bool, schema: dict[str, Any]) -> dict[str, Any]:
    content = {"content": {"application/json": {"schema": schema}}}
    answer = {"description": "ok"} if sent else {"description": "ok", **content}
    operation: dict[str, Any] = {"responses": {"200": answer}} | ({"requestBody": content} if sent else {})
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"post": operation}}}


@pytest.mark.parametrize("sent", [True, False])
def test_the_strict_profile_counts_what_other_tools_call_breaking(*, sent: bool) -> None:
    """A removed property is minor by default and breaking in the strict profile, unless another policy was chosen beside it."""
    old, new = _exchange(sent=sent, schema=REMOVED), _exchange(sent=sent, schema=KEPT)
    name = "request-member-removed" if sent else "response-member-removed"
    assert compare_inline(old, new).level.value == "minor"
    assert compare_inline(old, new, chosen_policies(profile="strict")).level.value == "major"
    assert compare_inline(old, new, chosen_policies([f"{name}=patch"], profile="strict")).level.value == "patch"
