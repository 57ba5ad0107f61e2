"""The page of each rule, written from its own declaration."""

from __future__ import annotations

from assay_conformance.compatibility.classes import Direction
from assay_conformance.compatibility.policies import POLICIES
from assay_conformance.compatibility.rules import RULES, Rule

_AREAS_OF_BOTH = {"path", "operation", "operations", "document", "webhooks", "callbacks", "channel"}


def page(rule: Rule) -> str:
    """What a rule sees, what that means in each direction, and the policy that decides if one does."""
    lines = [f"# {rule.id}", "", rule.sentence, "", f"Area: {rule.area}. Effect: {rule.effect.value}.", ""]
    directions = rule.directions or ((Direction.BOTH,) if rule.area in _AREAS_OF_BOTH else (Direction.REQUEST, Direction.RESPONSE))
    told = {Direction.BOTH: "in the document", Direction.REQUEST: "in what clients send", Direction.RESPONSE: "in what clients receive"}
    for direction in directions:
        lines.append(f"- {told[direction]}: **{rule.level(direction).value}**{_policy(rule, direction)}")
    if rule.policy:
        lines += ["", f"Policy `{rule.policy}`: {POLICIES[rule.policy].reason}"]
    return "\n".join(lines) + "\n"


def _policy(rule: Rule, direction: Direction) -> str:
    found = rule.policy_for(direction)
    if not found:
        return ""
    over = rule.level(direction, messages=True)
    return f" by policy `{found}`" + (f", for messages **{over.value}**" if over is not rule.level(direction) else "")


def summary() -> str:
    """Every rule with its sentence, by id."""
    width = max(len(each) for each in RULES)
    return "\n".join(f"{name.ljust(width)}  {RULES[name].sentence}" for name in sorted(RULES))
