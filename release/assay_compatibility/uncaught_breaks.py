"""The net under the rules: changed schemas of which no rule says that they break, put to the containment engine.

Most keywords are monotone: what loosens one loosens the whole, so the rules alone suffice. `oneOf`, `not`, `if` and a few
more are not: there a schema that accepts more can make the whole accept less, and only the whole decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.classes import Severity, worst
from assay_compatibility.rules.model import Change
from assay_compatibility.schemas.normal_form import NormalSchema
from assay_compatibility.walks.schema_walk import BREAKING, PairKey, PendingFinding, Walk
from assay_compatibility.witnesses import Loss, Proofs

BREAKS = "values-lost"
RULES_OF_LOSS = {
    Loss.PROVED: BREAKS,
    Loss.BY_OVERLAP: "alternatives-overlap",
    Loss.BY_OLD_OVERLAP: "alternatives-by-name",
    Loss.UNKNOWN: "choice-undecided",
}
# By convention a client that reads ignores what it does not know, and nobody sends what is not named: the proofs assume it.
OF_MEMBERS = frozenset({"optional-member-added", "member-removed", "request-member-removed"})
# What a schema says that its subschemas alone do not decide.
NOT_MONOTONE = frozenset({"not", "if", "unevaluatedProperties", "unevaluatedItems"})


def catch_unseen(walk: Walk, proofs: Proofs) -> None:
    """Report each pair of schemas that an instance shows to break, where nothing at it or below it says so.

    A choice whose values nobody can compare is reported as undecided: a missing proof is not a proof.
    """
    settled = _above(walk, _known_to_break(walk, proofs))
    for key in sorted(_doubtful(walk), key=_deepest_first):
        if key in settled or key.textual:
            continue
        old, new = walk.pairs[key]
        excluding = any("oneOf" in schema.unions for schema in _schemas(walk, key))
        loss = proofs.loss(old, new, key.direction, exclusive=excluding)
        rule = RULES_OF_LOSS.get(loss)
        if loss is Loss.UNKNOWN and not excluding and _only_whole_decides(walk, key):
            rule = "values-undecided"
        elif rule is None or (rule != BREAKS and (not excluding or _discriminated(walk, key))):
            continue
        level = walk.report(rule, Change(old.value, new.value), key.direction, new.pointer, key, (old, new))
        walk.levels[key] = worst((walk.levels[key], level))
        settled |= _above(walk, [key])


def list_rewritten(walk: Walk) -> None:
    """List each pair of schemas of which nothing is reported, at it or below it, although its text changed."""
    reported = {caller for draft in walk.drafts.values() for caller in draft.callers if not isinstance(caller, str)}
    above = {caller for key in walk.pairs for caller in walk.callers.get(key, ())}
    for key in sorted(walk.pairs.keys() - reported - above, key=str):
        old, new = walk.pairs[key]
        if is_list(old["allOf"]) != is_list(new["allOf"]):
            # Into how many schemas one is split is a policy of its own.
            continue
        walk.report("schema-written-differently", Change(old.value, new.value), key.direction, new.pointer, key)


def _doubtful(walk: Walk) -> set[PairKey]:
    """The pairs that a rule calls compatible, those of which nothing is reported, and those of which only the whole decides."""
    reported: dict[PairKey, set[str]] = {}
    for draft in walk.drafts.values():
        for caller in draft.callers:
            if not isinstance(caller, str):
                reported.setdefault(caller, set()).add(draft.rule.id if draft.level in (Severity.MINOR, *BREAKING) else "")
    above = {caller for key in walk.pairs for caller in walk.callers.get(key, ())}
    return {
        key
        for key in walk.pairs
        if reported.get(key, set[str]()) - OF_MEMBERS - {""}
        or (key not in reported and key not in above and not all(schema.only_types for schema in _schemas(walk, key)))
        or _only_whole_decides(walk, key)
        or _required_undescribed(*_schemas(walk, key))
    }


def _only_whole_decides(walk: Walk, key: PairKey) -> bool:
    """Whether the rules, keyword by keyword, do not settle what becomes of the values of a pair."""
    return any(map(_not_monotone, _schemas(walk, key))) or _renames_beyond(*_schemas(walk, key))


def _required_undescribed(old: NormalSchema, new: NormalSchema) -> bool:
    """Whether a property that one side requires is described by the other one alone: then any value may stand there."""
    names = old.properties.keys() ^ new.properties.keys()
    return any(name in schema.required and name not in schema.properties for schema in (old, new) for name in names)


def _renames_beyond(old: NormalSchema, new: NormalSchema) -> bool:
    """Whether both list other names, and one says something of names that it does not list."""
    return old.properties.keys() != new.properties.keys() and any(
        "enum" in schema.keywords
        or "patternProperties" in schema.named_subschemas
        or "propertyNames" in schema.subschemas
        or ("additionalProperties" in schema.subschemas and schema.subschemas["additionalProperties"].value is not False)
        for schema in (old, new)
    )


def _schemas(walk: Walk, key: PairKey) -> tuple[NormalSchema, NormalSchema]:
    old, new = walk.pairs[key]
    return walk.old_schemas.of(old), walk.new_schemas.of(new)


def _not_monotone(schema: NormalSchema) -> bool:
    return "oneOf" in schema.unions or bool(NOT_MONOTONE & schema.subschemas.keys()) or "maxContains" in schema.keywords


def _discriminated(walk: Walk, key: PairKey) -> bool:
    """Whether a property says on both sides which alternative is meant, so that none is tried in vain."""
    return all(is_mapping(schema.keywords.get("discriminator")) for schema in _schemas(walk, key) if "oneOf" in schema.unions)


def _deepest_first(key: PairKey) -> tuple[int, str]:
    return -key.new.count("/"), str(key)


def _known_to_break(walk: Walk, proofs: Proofs) -> Iterator[PairKey]:
    """The pairs about which something is reported that a witness would only repeat, or contradict for a chosen reason.

    What a rule calls breaking and a proof does not is no break: the whole around it is still to be asked about.
    """
    for draft in walk.drafts.values():
        if draft.level not in BREAKING and not _lowered(walk, draft):
            continue
        for caller in draft.callers:
            if isinstance(caller, str):
                continue
            if (
                draft.level is Severity.MAJOR
                and draft.schemas
                and proofs.loses_nothing(draft.rule.id, draft.direction, *walk.pairs[caller])
            ):
                continue
            yield caller


def _lowered(walk: Walk, draft: PendingFinding) -> bool:
    """Whether the policy of its rule made the finding less than the law says; a keyword without effect settles nothing."""
    if draft.rule.id in OF_MEMBERS:
        return False
    return draft.rule.id == "hidden-member-changed" or _by_policy(walk, draft).rank < draft.rule.effect.level(draft.direction).rank


def _by_policy(walk: Walk, draft: PendingFinding) -> Severity:
    return draft.rule.level(draft.direction, messages=walk.messages, policies=walk.policies)


def _above(walk: Walk, keys: Iterable[PairKey]) -> set[PairKey]:
    """The pairs and all that contain them."""
    seen: set[PairKey] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting.extend(caller for caller in walk.callers.get(key, ()) if not isinstance(caller, str))
    return seen
