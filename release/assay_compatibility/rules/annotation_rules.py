"""The rules of annotations: registered from the vocabulary, which says beside each property what a change of it means.

A rule whose change the vocabulary cannot name has a comparison of its own, registered under its id by `compares`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs
from assay_contracts import (
    Annotation,
    PropertyChange,
    Vocabulary,
    VocabularyBroken,
    changes_of,
    find_documents,
    read_vocabulary,
    shipped_documents,
)

from assay_compatibility.classes import Direction, Effect
from assay_compatibility.policies import POLICIES
from assay_compatibility.rules.model import RULES, remove_rules, rule, rules_of
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


def use_shipped_vocabulary() -> None:
    """Register the rules of the vocabulary that comes with the package; every own comparison must be of one of them."""
    use_vocabulary(_shipped_vocabulary())
    unused = sorted(_COMPARISONS.keys() - RULES.keys())
    if unused:
        raise ValueError(f"comparisons of rules that no vocabulary file declares: {', '.join(unused)}")


def use_vocabulary_of_documents() -> None:
    """Register the rules of the vocabulary in use: ours, with the files that the folder of documents adds or replaces."""
    documents = find_documents()
    use_vocabulary(_shipped_vocabulary() if documents == shipped_documents() else read_vocabulary(documents))


@cache
def _shipped_vocabulary() -> Vocabulary:
    # It does not change while a program runs, and looking at its files again takes as long as a small comparison.
    return read_vocabulary(shipped_documents())


def use_vocabulary(vocabulary: Vocabulary) -> None:
    """Make the rules of annotations those that this vocabulary declares; raises `VocabularyBroken` for a declaration that cannot hold.

    An annotation that is the same as before keeps its rules, so a second call for the same vocabulary does nothing.
    """
    for name, registered in tuple(_REGISTERED.items()):
        if vocabulary.annotations.get(name) != registered.annotation:
            remove_rules(name)
            del _REGISTERED[name]
    for name, annotation in vocabulary.annotations.items():
        # What every operation and channel promises is in the vocabulary as well, and is no annotation.
        if name.startswith("x-") and name not in _REGISTERED:
            _REGISTERED[name] = _registered(annotation)


def has_rules(name: str) -> bool:
    """Whether the vocabulary in use says what a change of this annotation means."""
    return bool(rules_of(name))


def is_valid(name: str, value: Any) -> bool:
    """Whether a value is what the vocabulary in use describes under this name."""
    registered = _REGISTERED.get(name)
    return registered is not None and registered.validator.is_valid(value)


@dataclass(frozen=True, slots=True)
class _Registered:
    """An annotation whose rules are registered, and what validates its values."""

    annotation: Annotation
    validator: jsonschema_rs.Draft202012Validator


_REGISTERED: dict[str, _Registered] = {}


def _registered(annotation: Annotation) -> _Registered:
    # Everything that can be wrong is found before anything is registered, so that a broken file leaves nothing behind.
    try:
        validator = jsonschema_rs.Draft202012Validator(dict(annotation.schema))
    except ValueError as error:
        raise VocabularyBroken(f"{annotation.path}: schema", expected="a JSON Schema of draft 2020-12", actual=str(error)) from error
    changes = changes_of(annotation)
    comparisons = [_comparison(annotation, change) for change in changes]
    ids = [change.rule for change in changes]
    for change in changes:
        if ids.count(change.rule) > 1:
            raise VocabularyBroken(_where(annotation, change), expected="an id of its own", actual="an id that this file uses twice")
    for change, compare in zip(changes, comparisons, strict=True):
        register = rule(
            change.rule,
            annotation.name,
            Effect(change.effect),
            policy=change.policy,
            directions=(_WRITTEN_BY[change.written_by],),
            sentence=change.sentence,
        )
        register(compare)
    return _Registered(annotation, validator)


def _comparison(annotation: Annotation, change: PropertyChange) -> Compare:
    where = _where(annotation, change)
    if change.rule in RULES:
        raise VocabularyBroken(where, expected="an id of its own", actual=f"the id of a rule of {RULES[change.rule].area}")
    if change.policy is not None and change.policy not in POLICIES:
        raise VocabularyBroken(where, expected=f"one of the policies {', '.join(POLICIES)}", actual=change.policy)
    compare = _COMPARISONS.get(change.rule) if change.when is None else comparison(change.when, change.path)
    if compare is None:
        raise VocabularyBroken(where, expected="`when`, the change that the rule reports", actual="none")
    return compare


def _where(annotation: Annotation, change: PropertyChange) -> str:
    return f"{annotation.path}: rule {change.rule}"
