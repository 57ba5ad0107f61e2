"""The page of each rule, written from its own declaration, and the pages that list them all."""

from __future__ import annotations

from assay_compatibility.classes import Direction, Severity
from assay_compatibility.policies import OTHER_TYPE, POLICIES
from assay_compatibility.rules import RULES, Rule
from assay_compatibility.unwitnessable import speaks_of

_AREAS_OF_BOTH = {"path", "operation", "operations", "document", "webhooks", "callbacks", "channel"}
_WHERE = {
    Direction.BOTH: "in the document", Direction.REQUEST: "in what clients send", Direction.RESPONSE: "in what clients receive",
}  # fmt: skip
_SIDES = {Direction.BOTH: "", Direction.REQUEST: "request", Direction.RESPONSE: "response"}
_LAWS = (Severity.MINOR, Severity.MAJOR)


def directions_of(rule: Rule) -> tuple[Direction, ...]:
    """The directions in which a rule can be reported."""
    return rule.directions or ((Direction.BOTH,) if rule.area in _AREAS_OF_BOTH else (Direction.REQUEST, Direction.RESPONSE))


def page(rule: Rule) -> str:
    """The page of a rule: what changed, its class in each direction, and the policy that decides, if one does."""
    lines = [f"# {rule.id}", "", rule.sentence, "", f"Area: {rule.area}. Effect: {rule.effect.meaning}.", ""]
    lines += [f"- {_WHERE[direction]}: **{rule.level(direction).value}**{_policy(rule, direction)}" for direction in directions_of(rule)]
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
    width = max(len(rule) for rule in RULES)
    return "\n".join(f"{name.ljust(width)}  {RULES[name].sentence}" for name in sorted(RULES))


def all_pages() -> dict[str, str]:
    """Every page by file name: one for each rule, one of the policies, and the list of rules by area."""
    return {f"{name}.md": page(rule) for name, rule in RULES.items()} | {"README.md": _index(), "policies.md": _policies()}


def _index() -> str:
    lines = [
        "# Rules of compatibility", "",
        "What `assay diff` reports, one page for each rule; `assay explain RULE` prints it. The class of a change follows from its effect",
        "on the allowed values and from who sends them. Where projects disagree a [policy](policies.md) decides.", "",
    ]  # fmt: skip
    for area in sorted({rule.area for rule in RULES.values()}):
        lines += [f"## {area}", "", "| rule | what changed | class |", "|---|---|---|"]
        for rule in sorted((rule for rule in RULES.values() if rule.area == area), key=lambda rule: rule.id):
            levels = [f"{_SIDES[direction]} {rule.level(direction).value}" for direction in directions_of(rule)]
            lines.append(f"| [{rule.id}]({rule.id}.md) | {rule.sentence.replace('|', chr(92) + '|')} | {', '.join(levels).strip()} |")
        lines.append("")
    return "\n".join(lines)


def _policies() -> str:
    lines = [
        "# Policies", "",
        "A policy decides a kind of change that projects judge differently. Each finding that a policy decided names it.",
        "`law` is the class that follows from effect and direction: the server must accept every request that it accepted, and must",
        "send only responses that were possible before. Choose another level with `assay diff --policy NAME=LEVEL`, or in a file with",
        "`--policies FILE`:", "",
        "```toml", "[policies]", 'format = "minor"', 'read-only = {request = "major", reason = "our server rejects them"}', "```", "",
        "| policy | default | rules | why |", "|---|---|---|---|",
    ]  # fmt: skip
    for policy in POLICIES.values():
        rules = ", ".join(f"[{rule.id}]({rule.id}.md)" for rule in rules_decided_by(policy.name))
        level = defaults(policy.name)
        messages = defaults(policy.name, messages=True)
        default = f"{level}; of messages: {messages}" if messages != level else level
        lines.append(f"| `{policy.name}` | {default} | {rules} | {policy.reason} |")
    return "\n".join(lines) + "\n"


def rules_decided_by(name: str) -> list[Rule]:
    """The rules whose class a policy may decide, by id."""
    if name == OTHER_TYPE:
        return [
            rule for _, rule in sorted(RULES.items()) if rule.area == "schema" and not rule.id.startswith("format-") and speaks_of(rule.id)
        ]
    return [rule for _, rule in sorted(RULES.items()) if rule.policy == name]


def defaults(name: str, *, messages: bool = False) -> str:
    """What a policy says by default, in each direction in which it decides."""
    return ", ".join(f"{side} {level}".strip() for side, level in levels(name, messages=messages).items())


def levels(name: str, *, messages: bool = False) -> dict[str, str]:
    """What a policy says by default, by direction; `law` where it leaves that to the law."""
    policy = POLICIES[name]
    deciding = rules_decided_by(name)
    met = {side for rule in deciding for side in directions_of(rule) if name == OTHER_TYPE or rule.policy_for(side)}
    found: dict[str, str] = {}
    for side in (side for side in _SIDES if side in met):
        # A policy that follows the law says what the law says, whichever that is.
        levels_by_law = {policy.level(side, law, messages=messages).value for law in _LAWS}
        found[_SIDES[side]] = levels_by_law.pop() if len(levels_by_law) == 1 else "law"
    return found
