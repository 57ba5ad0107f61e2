"""The page of each rule, written from its own declaration and from its cases; and the pages that list them all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from assay_compatibility.classes import Class, Direction
from assay_compatibility.policies import POLICIES
from assay_compatibility.rules import RULES, Rule

_AREAS_OF_BOTH = {"path", "operation", "operations", "document", "webhooks", "callbacks", "channel"}
_WHERE = {
    Direction.BOTH: "in the document", Direction.REQUEST: "in what clients send", Direction.RESPONSE: "in what clients receive",
}  # fmt: skip
_SIDES = {Direction.BOTH: "", Direction.REQUEST: "request", Direction.RESPONSE: "response"}
_LAWS = (Class.MINOR, Class.MAJOR)
_SHOWN = (("breaking", "Breaks"), ("told", "Told"), ("valid", "Breaks nobody"))


def directions_of(rule: Rule) -> tuple[Direction, ...]:
    """The directions in which a rule can be told."""
    return rule.directions or ((Direction.BOTH,) if rule.area in _AREAS_OF_BOTH else (Direction.REQUEST, Direction.RESPONSE))


def page(rule: Rule, cases: Mapping[str, Any] | None = None) -> str:
    """What a rule sees, what that means in each direction, the policy that decides if one does, and its cases."""
    lines = [f"# {rule.id}", "", rule.sentence, "", f"Area: {rule.area}. Effect: {rule.effect.value}.", ""]
    lines += [f"- {_WHERE[each]}: **{rule.level(each).value}**{_policy(rule, each)}" for each in directions_of(rule)]
    if rule.policy:
        lines += ["", f"Policy `{rule.policy}`: {POLICIES[rule.policy].reason}"]
    for kind, title in _SHOWN:
        if cases is not None and kind in cases:
            lines += ["", *_case(title, cases[kind], cases)]
    return "\n".join(lines) + "\n"


def _policy(rule: Rule, direction: Direction) -> str:
    found = rule.policy_for(direction)
    if not found:
        return ""
    over = rule.level(direction, messages=True)
    return f" by policy `{found}`" + (f", for messages **{over.value}**" if over is not rule.level(direction) else "")


def _case(title: str, case: Mapping[str, Any], cases: Mapping[str, Any]) -> list[str]:
    """One case as two fragments of YAML."""
    place = case.get("in", cases.get("in", "schema"))
    sides = ("sent", "received") if case.get("direction", "request") == "request" else ("received", "sent")
    what = {"schema": f"a schema {sides[0]} by clients", "parameter": "a parameter" if sides[0] == "sent" else "a response header"}
    what |= {each: f"{each} {sides[1]} by the server" for each in ("payload", "message", "channel")}
    chosen = ", ".join(f"`{name}={level}`" for name, level in case.get("policies", {}).items())
    lines = [f"## {title}", "", f"({what.get(place, place)}{f', with policy {chosen}' if chosen else ''})", "", "```yaml"]
    for side in ("old", "new"):
        lines += [
            f"# {side}",
            yaml.safe_dump(case[side], sort_keys=False, default_flow_style=None, width=100, allow_unicode=True)
            .removesuffix("...\n")
            .rstrip(),
        ]
    return [*lines, "```"]


def summary() -> str:
    """Every rule with its sentence, by id."""
    width = max(len(each) for each in RULES)
    return "\n".join(f"{name.ljust(width)}  {RULES[name].sentence}" for name in sorted(RULES))


def all_pages(cases: Path | None = None) -> dict[str, str]:
    """Every page by file name: one a rule, one of the policies, and the list of rules by area."""
    made = {f"{name}.md": page(rule, _read(cases / f"{name}.yaml") if cases else None) for name, rule in RULES.items()}
    return made | {"README.md": _index(), "policies.md": _policies()}


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None


def _index() -> str:
    lines = [
        "# Rules of compatibility", "",
        "What `assay diff` tells, a page a rule; `assay explain RULE` says the same. A class follows from what a change does to",
        "the values and from who writes them; where projects disagree a [policy](policies.md) decides.", "",
    ]  # fmt: skip
    for area in sorted({each.area for each in RULES.values()}):
        lines += [f"## {area}", "", "| rule | what it tells | class |", "|---|---|---|"]
        for rule in sorted((each for each in RULES.values() if each.area == area), key=lambda each: each.id):
            levels = [f"{_SIDES[each]} {rule.level(each).value}" for each in directions_of(rule)]
            lines.append(f"| [{rule.id}]({rule.id}.md) | {rule.sentence.replace('|', chr(92) + '|')} | {', '.join(levels).strip()} |")
        lines.append("")
    return "\n".join(lines)


def _policies() -> str:
    lines = [
        "# Policies", "",
        "Where the projects of this field disagree, a named policy decides, and every finding that it decided names it.",
        "`law` stands for what effect and direction say: what is sent must stay accepted, what is received must have been possible",
        "before. Choose another level with `assay diff --policy NAME=LEVEL`, or in a file that `--policies FILE` names:", "",
        "```toml", "[policies]", 'format = "minor"', 'read-only = {request = "major", reason = "our server refuses them"}', "```", "",
        "| policy | default | rules | why |", "|---|---|---|---|",
    ]  # fmt: skip
    for policy in POLICIES.values():
        rules = ", ".join(f"[{name}]({name}.md)" for name in sorted(RULES) if RULES[name].policy == policy.name)
        told = defaults(policy.name)
        messages = defaults(policy.name, messages=True)
        default = f"{told}; of messages: {messages}" if messages != told else told
        lines.append(f"| `{policy.name}` | {default} | {rules} | {policy.reason} |")
    return "\n".join(lines) + "\n"


def defaults(name: str, *, messages: bool = False) -> str:
    """What a policy says by default, in each direction in which it decides."""
    return ", ".join(f"{side} {level}".strip() for side, level in levels(name, messages=messages).items())


def levels(name: str, *, messages: bool = False) -> dict[str, str]:
    """What a policy says by default, by direction; `law` where it leaves that to the law."""
    policy = POLICIES[name]
    deciding = [each for each in RULES.values() if each.policy == name]
    met = {side for rule in deciding for side in directions_of(rule) if rule.policy_for(side)}
    found: dict[str, str] = {}
    for side in (each for each in _SIDES if each in met):
        # A policy that follows the law says what the law says, whichever that is.
        said = {policy.level(side, law, messages=messages).value for law in _LAWS}
        found[_SIDES[side]] = said.pop() if len(said) == 1 else "law"
    return found
