"""What a rule is: one function, one id, one effect; its level follows from effect and direction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assay_compatibility.classes import Direction, Effect, Severity
from assay_compatibility.policies import POLICIES, Policy


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a rule saw: before, after, and where when it is not the place that was looked at."""

    before: Any = None
    after: Any = None
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, its effect and, in a contested family, its policy."""

    id: str
    area: str
    effect: Effect
    sentence: str
    # What finds its changes in a pair; None for a rule that a walk reports itself, under its id.
    find: Callable[[Any], Iterable[Change]] | None
    policy: str | None = None
    policy_in: tuple[Direction, ...] = ()
    # The directions in which it can be reported; none named stands for those of its area.
    directions: tuple[Direction, ...] = ()

    def changes(self, pair: Any) -> Iterable[Change]:
        """What it finds in a pair: nothing where a walk reports it."""
        return () if self.find is None else self.find(pair)

    def policy_for(self, direction: Direction) -> str | None:
        """The policy that decides in a direction, if one does."""
        return self.policy if self.policy and (not self.policy_in or direction in self.policy_in) else None

    def level(self, direction: Direction, *, messages: bool = False, policies: Mapping[str, Policy] = POLICIES) -> Severity:
        """How severe its findings are in a direction."""
        law = self.effect.level(direction)
        policy = self.policy_for(direction)
        return policies[policy].level(direction, law, messages=messages) if policy else law


RULES: dict[str, Rule] = {}
_BY_AREA: dict[str, tuple[Rule, ...]] = {}


def rule(
    id: str,
    area: str,
    effect: Effect,
    *,
    policy: str | None = None,
    only: tuple[Direction, ...] = (),
    directions: tuple[Direction, ...] = (),
    sentence: str = "",
) -> Callable[[Callable[[Any], Iterable[Change]]], Callable[[Any], Iterable[Change]]]:
    """Register a function as the rule of that id; its docstring is the rule's sentence."""

    def register(find: Callable[[Any], Iterable[Change]]) -> Callable[[Any], Iterable[Change]]:
        _register(Rule(id, area, effect, sentence or (find.__doc__ or "").strip(), find, policy, only, directions))
        return find

    return register


def reported_by_walk(
    id: str,
    area: str,
    effect: Effect,
    sentence: str,
    *,
    policy: str | None = None,
    only: tuple[Direction, ...] = (),
    directions: tuple[Direction, ...] = (),
) -> None:
    """Register a rule that no function of its own finds: a walk, which alone knows both sides, reports it by its id."""
    _register(Rule(id, area, effect, sentence, None, policy, only, directions))


def rules_of(area: str) -> tuple[Rule, ...]:
    """The rules of an area that find changes themselves, in the order they were declared."""
    return _BY_AREA.get(area, ())


def remove_rules(area: str) -> None:
    """Remove the rules of an area: its annotation is no longer in the vocabulary in use, or is declared differently there."""
    for rule in _BY_AREA.pop(area, ()):
        del RULES[rule.id]


def _register(rule: Rule) -> None:
    if rule.id in RULES:
        raise ValueError(f"two rules are called {rule.id}")
    if rule.policy and rule.policy not in POLICIES:
        raise ValueError(f"rule {rule.id} names the policy {rule.policy}, which is not defined")
    RULES[rule.id] = rule
    if rule.find is not None:
        _BY_AREA[rule.area] = (*_BY_AREA.get(rule.area, ()), rule)
