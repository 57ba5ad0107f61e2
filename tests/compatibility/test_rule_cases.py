"""Every rule tells what it should, and nothing beside it."""

from __future__ import annotations

import pytest
from assay_compatibility.classes import Severity
from assay_compatibility.comparing import compare_inline
from assay_compatibility.pages import directions_of
from assay_compatibility.policy_options import chosen_policies
from assay_compatibility.rules import RULES

from .rule_cases import TELLING, Case, read_cases

CASES = read_cases()


@pytest.mark.parametrize("case", [rule_case for rule_case in CASES if rule_case.kind in TELLING], ids=lambda rule_case: rule_case.rule)
def test_a_rule_tells_its_change(case: Case) -> None:
    """The rule tells it, in that direction, with its class."""
    found = compare_inline(*case.documents, policies=chosen_policies(case.policies))
    levels = {
        finding.level.value for finding in found.findings if finding.rule == case.rule and finding.direction in (case.direction, "both")
    }
    expected = case.level or ("major" if case.kind == "breaking" else None)

    assert levels, [(finding.rule, finding.direction) for finding in found.findings]
    assert expected is None or levels == {expected}
    assert case.kind == "breaking" or "major" not in levels


@pytest.mark.parametrize("case", [rule_case for rule_case in CASES if rule_case.kind == "valid"], ids=lambda rule_case: rule_case.rule)
def test_the_counterpart_breaks_nobody(case: Case) -> None:
    """The compatible counterpart has no class that breaks."""
    found = compare_inline(*case.documents, policies=chosen_policies(case.policies))

    assert found.level in (Severity.NONE, Severity.PATCH, Severity.MINOR), [
        (finding.rule, finding.direction, finding.level) for finding in found.findings
    ]
    assert case.level is None or found.level.value == case.level


@pytest.mark.parametrize("case", [rule_case for rule_case in CASES if rule_case.kind == "irrelevant"], ids=lambda rule_case: rule_case.rule)
def test_a_neighbouring_change_is_not_told(case: Case) -> None:
    """The rule says nothing of a change beside it."""
    old, new = case.documents

    assert old != new
    assert case.rule not in {finding.rule for finding in compare_inline(old, new, chosen_policies(case.policies)).findings}


def test_every_rule_has_its_cases() -> None:
    """One that it tells, breaking where it can break, one that breaks nobody, and one beside it; messages may differ."""
    met: dict[str, set[str]] = {name: set() for name in RULES}
    for case in CASES:
        met.setdefault(case.rule, set()).add(case.kind)
    missing: list[str] = []
    for name, rule in RULES.items():
        levels = [{rule.level(direction, messages=way) for direction in directions_of(rule)} for way in (False, True)]
        telling = {"breaking" if Severity.MAJOR in level else "told" for level in levels}
        missing += [f"{name}: {kind}" for kind in ("valid", "irrelevant") if kind not in met[name]]
        missing += [] if met[name] & telling else [f"{name}: {' or '.join(sorted(telling))}"]

    assert missing == []


def test_every_case_is_of_a_rule() -> None:
    """A file that no rule is called by is a misspelling."""
    assert {case.rule for case in CASES} <= RULES.keys()
