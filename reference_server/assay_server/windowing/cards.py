"""The cards of a window, and its timeline: counts and sums over facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from assay_server.windowing.facts import Fact, FactKind
from assay_server.windowing.spans import step_of


@dataclass(frozen=True, slots=True)
class Cards:
    """The numbers of one target in one window; all but `unique_engagers` add up over adjacent windows."""

    posts: int = 0
    replies: int = 0
    reposts: int = 0
    reactions: int = 0
    zaps: int = 0
    zap_sats: int = 0
    unique_engagers: int = 0

    @property
    def engagements(self) -> int:
        """Everything but posts."""
        return self.replies + self.reposts + self.reactions + self.zaps


def within(facts: Iterable[Fact], target: str, start: int, end: int) -> list[Fact]:
    """The facts that count for a target in `[start, end)`."""
    return [fact for fact in facts if fact.target == target and start <= fact.at < end]


def count(facts: Iterable[Fact], target: str, start: int, end: int) -> Cards:
    """Count the facts of a target in `[start, end)`; its own events count, and it is no engager of itself."""
    return _cards(within(facts, target, start, end), target)


def timeline(facts: Iterable[Fact], target: str, start: int, end: int) -> list[tuple[int, Cards]]:
    """Return the start and the cards of every step that `[start, end)` touches, in order, zeros included.

    A step at an edge counts only what lies in the window; its start is that of the whole step.
    """
    step = step_of(start, end)
    first = start // step * step
    steps: dict[int, list[Fact]] = {begin: [] for begin in range(first, end, step)}
    for fact in within(facts, target, start, end):
        steps[fact.at // step * step].append(fact)
    return [(begin, _cards(found, target)) for begin, found in steps.items()]


def _cards(facts: list[Fact], target: str) -> Cards:
    kinds = Counter(fact.kind for fact in facts)
    return Cards(
        posts=kinds[FactKind.POST],
        replies=kinds[FactKind.REPLY],
        reposts=kinds[FactKind.REPOST],
        reactions=kinds[FactKind.REACTION],
        zaps=kinds[FactKind.ZAP],
        zap_sats=sum(fact.satoshi for fact in facts),
        unique_engagers=len({fact.sender for fact in facts if fact.is_engagement} - {target}),
    )
