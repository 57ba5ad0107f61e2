"""The rules of annotations: registered from the vocabulary, which says beside each property what a change of it means.

A rule whose change the vocabulary cannot name has a comparison of its own, registered under its id by `compares`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from assay_contracts import Annotation, PropertyChange, VocabularyBroken, changes_of, read_vocabulary, shipped_documents

from assay_compatibility.classes import Direction, Effect
from assay_compatibility.policies import POLICIES
from assay_compatibility.rules.model import RULES, rule, rules_of
from assay_compatibility.rules.property_changes import Compare, comparison

_WRITTEN_BY: Mapping[str, Direction] = {"client": Direction.REQUEST, "server": Direction.RESPONSE, "nobody": Direction.BOTH}
_COMPARISONS: dict[str, Compare] = {}


def compares(rule_id: str) -> Callable[[Compare], Compare]:
    """Register the comparison of a rule that the vocabulary declares without `when`; it is given the whole annotation."""

    def register(compare: Compare) -> Compare:
        if rule_id in _COMPARISONS:
            raise ValueError(f"two comparisons are registered for the rule {rule_id}")
        _COMPARISONS[rule_id] = compare
        return compare

    return register


def register_shipped() -> None:
    """Register the rules of the vocabulary that comes with the package; every own comparison must be of one of them."""
    register_annotations(read_vocabulary(shipped_documents()).annotations.values())
    unused = sorted(_COMPARISONS.keys() - RULES.keys())
    if unused:
        raise ValueError(f"comparisons of rules that no vocabulary file declares: {', '.join(unused)}")


def register_annotations(annotations: Iterable[Annotation]) -> None:
    """Register the rules of annotations that have none yet; raises `VocabularyBroken` for a declaration that cannot hold."""
    for annotation in annotations:
        if not rules_of(annotation.name):
            for change in changes_of(annotation):
                _register(annotation, change)


def _register(annotation: Annotation, change: PropertyChange) -> None:
    where = f"{annotation.path}: rule {change.rule}"
    if change.rule in RULES:
        raise VocabularyBroken(where, expected="an id of its own", actual=f"the id of a rule of {RULES[change.rule].area}")
    if change.policy is not None and change.policy not in POLICIES:
        raise VocabularyBroken(where, expected=f"one of the policies {', '.join(POLICIES)}", actual=change.policy)
    compare = _COMPARISONS.get(change.rule) if change.when is None else comparison(change.when, change.path)
    if compare is None:
        raise VocabularyBroken(where, expected="`when`, the change that the rule reports", actual="none")
    rule(
        change.rule,
        annotation.name,
        Effect(change.effect),
        policy=change.policy,
        directions=(_WRITTEN_BY[change.written_by],),
        sentence=change.sentence,
    )(compare)
