"""What a rule is: one function, one id, one effect; its level follows from effect and direction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assay_compatibility.classes import Class, Direction, Effect
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
    find: Callable[[Any], Iterable[Change]]
    policy: str | None = None
    policy_in: tuple[Direction, ...] = ()
    # The directions in which it can be told; none named stands for those of its area.
    directions: tuple[Direction, ...] = ()

    def policy_for(self, direction: Direction) -> str | None:
        """The policy that decides in a direction, if one does."""
        return self.policy if self.policy and (not self.policy_in or direction in self.policy_in) else None

    def level(self, direction: Direction, *, messages: bool = False, policies: Mapping[str, Policy] = POLICIES) -> Class:
        """The class of what it finds in a direction."""
        law = self.effect.level(direction)
        policy = self.policy_for(direction)
        return policies[policy].level(direction, law, messages=messages) if policy else law


RULES: dict[str, Rule] = {}


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
        if id in RULES:
            raise ValueError(f"two rules are called {id}")
        if policy and policy not in POLICIES:
            raise ValueError(f"rule {id} names the policy {policy}, which nobody defined")
        RULES[id] = Rule(id, area, effect, sentence or (find.__doc__ or "").strip(), find, policy, only, directions)
        return find

    return register


def rules_of(area: str) -> tuple[Rule, ...]:
    """Every rule of an area, in the order they were declared."""
    return _by_area(len(RULES)).get(area, ())


@lru_cache(maxsize=4)
def _by_area(_: int) -> dict[str, tuple[Rule, ...]]:
    """The rules by area; asked for each schema, so it is made once for as many rules as there are."""
    found: dict[str, tuple[Rule, ...]] = {}
    for each in RULES.values():
        found[each.area] = (*found.get(each.area, ()), each)
    return found
