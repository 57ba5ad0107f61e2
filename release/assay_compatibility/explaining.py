"""What `assay explain` says: about one rule, lint rule or policy, and about all of them."""

from __future__ import annotations

from typing import Any

from assay_contracts import UsageError
from assay_contracts.lint import RULES as LINT_RULES
from assay_contracts.lint.explaining import explain_rule, lint_pages

from assay_compatibility.classes import Direction
from assay_compatibility.client.rules import SOURCE_RULES
from assay_compatibility.client.rules import page as source_page
from assay_compatibility.pages import all_pages, defaults, directions_of, levels, page, rules_decided_by, summary
from assay_compatibility.policies import POLICIES, Policy
from assay_compatibility.policy_options import near
from assay_compatibility.rules import RULES, Rule
from assay_compatibility.rules.annotation_rules import use_vocabulary_of_documents

_SIDES = {Direction.REQUEST: "request", Direction.RESPONSE: "response", Direction.BOTH: "document"}


def rules() -> str:
    """Every rule with its sentence."""
    return summary()


def rules_as_json() -> list[dict[str, Any]]:
    """Every rule of the wire, by id."""
    return [_rule(RULES[name]) for name in sorted(RULES)]


def one(name: str) -> str:
    """The page of a rule, a lint rule or a policy; raises `UsageError` for another name."""
    if name in RULES:
        return page(RULES[name])
    if name in SOURCE_RULES:
        return source_page(SOURCE_RULES[name])
    if name in LINT_RULES:
        return explain_rule(name)
    return _policy(_known(name))


def one_as_json(name: str) -> dict[str, Any]:
    """A rule or a policy as data."""
    if name in RULES:
        return _rule(RULES[name])
    if name in SOURCE_RULES:
        return {"rule": name, "axis": "source", "sentence": SOURCE_RULES[name].sentence}
    if name in LINT_RULES:
        return {"rule": name, "axis": "lint", "level": LINT_RULES[name].level, "sentence": LINT_RULES[name].sentence}
    return _policy_as_json(_known(name))


def every_page() -> dict[str, dict[str, str]]:
    """Every page by its folder and file name: of the rules of `assay diff`, of its client axis, of lint."""
    use_vocabulary_of_documents()
    client = {f"{name}.md": source_page(rule) for name, rule in SOURCE_RULES.items()}
    rows = [f"| [{name}]({name}.md) | {rule.sentence} |" for name, rule in SOURCE_RULES.items()]
    client["README.md"] = "\n".join(("# Rules of the client axis", "", "| rule | what changed |", "|---|---|", *rows)) + "\n"
    return {"": all_pages(), "client": client, "lint": lint_pages()}


def policies() -> str:
    """Every policy with what it decides and why."""
    return "\n".join(_policy(policy) for policy in POLICIES.values()).rstrip("\n")


def policies_as_json() -> list[dict[str, Any]]:
    """Every policy as data."""
    return [_policy_as_json(policy) for policy in POLICIES.values()]


def _known(name: str) -> Policy:
    if name not in POLICIES:
        hint = near(name, [*RULES, *SOURCE_RULES, *LINT_RULES, *POLICIES])
        raise UsageError(name, expected="the id of a rule or a policy", next_step=hint or "see `assay explain`")
    return POLICIES[name]


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "axis": "wire",
        "area": rule.area,
        "effect": rule.effect.value,
        "sentence": rule.sentence,
        "classes": {_SIDES[direction]: rule.level(direction).value for direction in directions_of(rule)},
        "classes_of_messages": {_SIDES[direction]: rule.level(direction, messages=True).value for direction in directions_of(rule)},
        "policy": rule.policy,
        "policy_in": [_SIDES[direction] for direction in directions_of(rule) if rule.policy_for(direction)],
    }


def _policy(policy: Policy) -> str:
    lines = [f"{policy.name}", f"    {policy.reason}"]
    lines.append(f"    default: {defaults(policy.name)}")
    if policy.messages:
        lines.append(f"    of messages: {defaults(policy.name, messages=True)}")
    lines.append(f"    decides: {', '.join(rule.id for rule in rules_decided_by(policy.name)) or 'nothing'}")
    return "\n".join(lines) + "\n"


def _policy_as_json(policy: Policy) -> dict[str, Any]:
    return {
        "policy": policy.name,
        "reason": policy.reason,
        "default": levels(policy.name),
        "default_of_messages": levels(policy.name, messages=True),
        "decides": [rule.id for rule in rules_decided_by(policy.name)],
    }
