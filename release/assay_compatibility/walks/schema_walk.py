"""The walk over two documents: each pair of places is compared once, and remembers who reaches it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assay_contracts.json_types import is_list
from assay_contracts.references import reference_texts

from assay_compatibility.classes import Direction, Severity, worst
from assay_compatibility.places import ApiDocument, Node
from assay_compatibility.policies import OTHER_TYPE, POLICIES, Policy
from assay_compatibility.rules import rules_of
from assay_compatibility.rules.model import RULES, Change, Rule
from assay_compatibility.rules.pairs import ObjectPair, SchemaPair
from assay_compatibility.rules.schema_members import ABOUT, hidden
from assay_compatibility.schemas.anchors import depends_on_the_way
from assay_compatibility.schemas.normal_form import HOLDERS, NormalSchema, NormalSchemas, canonical, same
from assay_compatibility.unwitnessable import speaks_of


@dataclass(frozen=True, slots=True)
class PairKey:
    """A pair of schemas that is compared once: both pointers, the direction, and how the value is written."""

    old: str
    new: str
    direction: Direction
    textual: bool = False
    parameter: str = ""


Caller = PairKey | str
BREAKING = (Severity.MAJOR, Severity.UNDECIDED)
# An alternative that only lacks members is still another alternative.
UNFIT = frozenset({"member-removed", "request-member-removed"})


@dataclass(slots=True)
class PendingFinding:
    """A finding before it knows what it reaches."""

    rule: Rule
    level: Severity
    direction: Direction
    pointer: str
    before: Any
    after: Any
    callers: set[Caller] = field(default_factory=set[Caller])
    # Every pair of schemas that it was seen in: what is proved of one pair need not hold for another.
    schemas: list[tuple[Node, Node]] = field(default_factory=list[tuple[Node, Node]])
    # The pointers of what was compared; what came or went stands on one side only.
    places: tuple[str, str] | None = None
    policy: str | None = None


@dataclass(slots=True)
class ChangedReferences:
    """Which references of two documents lead to something that changed."""

    old: ApiDocument
    new: ApiDocument
    # Where a dynamic reference leads is not seen from where it stands, so nothing around one is the same at sight.
    dynamic: bool = False
    _known: dict[str, bool] = field(default_factory=dict[str, bool])

    def clean(self, old: Any, new: Any) -> bool:
        """Whether two values are the same, all the way through their references."""
        if self.dynamic or self.old.dialect != self.new.dialect or not same(old, new):
            return False
        return not any(self._dirty(text) for text in reference_texts(new))

    def _dirty(self, reference: str) -> bool:
        known = self._known.get(reference)
        if known is not None:
            return known
        seen: set[str] = set()
        waiting = [reference]
        while waiting:
            pointer = waiting.pop()
            if pointer in seen:
                continue
            seen.add(pointer)
            if self._known.get(pointer):
                self._known[reference] = True
                return True
            old, new = self.old.target(pointer).value, self.new.target(pointer).value
            if old is not new and not same(old, new):
                self._known[pointer] = self._known[reference] = True
                return True
            waiting.extend(reference_texts(new))
        self._known.update(dict.fromkeys(seen, False))
        return False


class Walk:
    """One comparison of two documents."""

    def __init__(self, old: ApiDocument, new: ApiDocument, *, messages: bool = False, policies: Mapping[str, Policy] = POLICIES) -> None:
        self.old, self.new, self.messages, self.policies = old, new, messages, policies
        self.old_schemas, self.new_schemas = NormalSchemas(old), NormalSchemas(new)
        self.changed = ChangedReferences(
            old, new, any(document.dialect != "3.0" and depends_on_the_way(document.content) for document in (old, new))
        )
        self.drafts: dict[tuple[str, str, Direction, str], PendingFinding] = {}
        self.callers: dict[PairKey, set[Caller]] = {}
        self.levels: dict[PairKey, Severity] = {}
        self.pairs: dict[PairKey, tuple[Node, Node]] = {}
        self.trials: dict[tuple[str, str, Direction], bool] = {}

    def report(
        self,
        rule: Rule | str,
        change: Change,
        direction: Direction,
        pointer: str,
        caller: Caller,
        schemas: tuple[Node, Node] | None = None,
        compared: tuple[Node, Node] | None = None,
        *,
        at_most: Severity = Severity.MAJOR,
        policy_of_most: str | None = None,
    ) -> Severity:
        """Keep one finding per rule, pointer and direction, whoever reaches it; its class is `at_most` the one given, by a policy."""
        found = RULES[rule] if isinstance(rule, str) else rule
        at = pointer if change.pointer is None else change.pointer
        detail = canonical([change.before, change.after]) if isinstance(change.before, str) or isinstance(change.after, str) else ""
        key = (found.id, at, direction, detail)
        level = min(found.level(direction, messages=self.messages, policies=self.policies), at_most, key=lambda level: level.rank)
        policy = self.policies[found.policy] if found.policy else None
        if level is Severity.NONE and not (policy and (policy.chosen or policy.listed)):
            return level
        draft = self.drafts.get(key)
        if draft is None:
            draft = self.drafts[key] = PendingFinding(found, level, direction, at, change.before, change.after)
            sides = schemas or compared
            draft.places = None if sides is None else (sides[0].pointer, sides[1].pointer)
            draft.policy = policy_of_most or found.policy_for(direction)
        draft.callers.add(caller)
        if schemas is not None and schemas not in draft.schemas:
            draft.schemas.append(schemas)
        return level

    def apply(self, area: str, pair: Any, direction: Direction, pointer: str, caller: Caller) -> None:
        """Ask every rule of an area."""
        for rule in rules_of(area):
            for change in rule.changes(pair):
                sides = (pair.old, pair.new) if isinstance(pair, ObjectPair) else None
                self.report(rule, change, direction, pointer, caller, compared=sides)

    def schema(self, old: Node, new: Node, direction: Direction, caller: Caller, *, textual: bool = False, parameter: str = "") -> Severity:
        """Compare two schemas in a direction; the class of all that is below them."""
        references = (old["$ref"], new["$ref"])
        old, new = self.old_schemas.resolved(old), self.new_schemas.resolved(new)
        key = PairKey(old.pointer, new.pointer, direction, textual, parameter)
        callers = self.callers.setdefault(key, set())
        callers.add(caller)
        # Into another file or out of one is how a document is delivered, not what it says.
        if references[0] != references[1] and all(reference is None or str(reference).startswith("#") for reference in references):
            self.report("schema-moved", Change(*references), direction, new.pointer, key)
        if key in self.levels:
            return self.levels[key]
        # Round a circle a pair is taken to be fine; what is not fine shows where it stands.
        self.levels[key] = Severity.NONE
        if self.changed.clean(old.value, new.value):
            return Severity.NONE
        self.pairs[key] = (old, new)
        first, second = self.old_schemas.of(old), self.new_schemas.of(new)
        pair = SchemaPair(first, second, direction, textual, parameter)
        if _parts(old) != _parts(new):
            self.report("all-of-split", Change(_parts(old), _parts(new)), direction, new.pointer, key, None, (old, new))
        grown, shrunk = not first.unions and bool(second.unions), bool(first.unions) and not second.unions
        if (grown and second.only_alternatives) or (shrunk and first.only_alternatives):
            levels = [Severity.NONE]
        else:
            levels = [
                self.report(rule, change, direction, new.pointer, key, (old, new), at_most=most, policy_of_most=policy)
                for rule in rules_of("schema")
                for change in rule.changes(pair)
                for most, policy in (self._most(rule, first, second, direction),)
            ]
            levels.extend(self._below(first, second, direction, key, textual=textual, parameter=parameter))
        levels.extend(self._unions(old, new, first, second, direction, key))
        self.levels[key] = worst(levels)
        return self.levels[key]

    def _below(
        self, old: NormalSchema, new: NormalSchema, direction: Direction, key: PairKey, *, textual: bool, parameter: str
    ) -> Iterable[Severity]:
        members = self._of_objects(old, new, direction)
        for name, child in old.properties.items() if members else ():
            other = new.properties.get(name)
            if other is None:
                continue
            if hidden(other, direction):
                if not hidden(child, direction):
                    flag = "read-only" if direction is Direction.REQUEST else "write-only"
                    yield self.report(f"member-became-{flag}", Change(before=False, after=True), direction, other.pointer, key)
                if hidden(child, direction) and not self.changed.clean(child.value, other.value):
                    yield self.report("hidden-member-changed", Change(child.value, other.value), direction, other.pointer, key)
                continue
            yield self.schema(child, other, direction, key)
        for word in ("patternProperties", "dependentSchemas") if members else ():
            for name, child in old.named_subschemas.get(word, {}).items():
                if name in new.named_subschemas.get(word, {}):
                    yield self.schema(child, new.named_subschemas[word][name], direction, key)
        for word, child in old.subschemas.items():
            if word in new.subschemas and (word not in ABOUT or all(ABOUT[word] in schema.types for schema in (old, new))):
                if word == "if" and not self._only_described(child, new.subschemas[word]):
                    yield self.report(
                        "condition-changed", Change(child.value, new.subschemas[word].value), direction, new.subschemas[word].pointer, key
                    )
                    continue
                way = direction.turned if word == "not" else direction
                yield self.schema(
                    child,
                    new.subschemas[word],
                    way,
                    key,
                    textual=textual and word == "items",
                    parameter=parameter if word == "items" else "",
                )
        for child, other in zip(old.prefix_items, new.prefix_items, strict=False) if "array" in old.types & new.types else ():
            yield self.schema(child, other, direction, key)

    def _most(self, rule: Rule, old: NormalSchema, new: NormalSchema, direction: Direction) -> tuple[Severity, str | None]:
        """The highest class of a rule here, and the policy that says so, if one does."""
        # A format may speak of numbers too.
        kind = None if rule.id.startswith("format-") else speaks_of(rule.id)
        return (Severity.MAJOR, None) if kind is None else self._of_another_type(kind, old, new, direction)

    def _of_another_type(self, kind: str, old: NormalSchema, new: NormalSchema, direction: Direction) -> tuple[Severity, str | None]:
        """The highest class of a keyword about a type, and the policy that says so.

        Where neither side allows that type it rejects no value, and a number, a boolean or null holds nothing that it could mean.
        """
        types = old.types | new.types
        if kind in types or not types:
            return Severity.MAJOR, None
        if not types & HOLDERS:
            return Severity.PATCH, None
        return self.policies[OTHER_TYPE].level(direction, Severity.MAJOR, messages=self.messages), OTHER_TYPE

    def _of_objects(self, old: NormalSchema, new: NormalSchema, direction: Direction) -> bool:
        """Whether properties are compared: where only one side is an object, the change of type says it all.

        Properties of what never was an object are a mistake, and count as much as any keyword about another type.
        """
        sides = ["object" in schema.types for schema in (old, new)]
        return all(sides) or (not any(sides) and self._of_another_type("object", old, new, direction)[0] is Severity.MAJOR)

    def _only_described(self, old: Node, new: Node) -> bool:
        """Whether two schemas accept the same values: nothing but titles, descriptions and other notes differ, in either direction."""
        if self.changed.clean(old.value, new.value):
            return True
        key = (old.pointer, new.pointer, Direction.BOTH)
        if key not in self.trials:
            # Round a circle a condition is taken to be only described; what is not shows where it stands.
            self.trials[key] = True
            trial = self._trial()
            for direction in (Direction.REQUEST, Direction.RESPONSE):
                trial.schema(old, new, direction, "")
            self.trials[key] = all(draft.level.rank <= Severity.PATCH.rank for draft in trial.drafts.values())
        return self.trials[key]

    def _trial(self) -> Walk:
        """A walk of its own over the same documents, whose findings nobody sees."""
        trial = Walk(self.old, self.new, messages=self.messages, policies=self.policies)
        trial.trials = self.trials
        trial.old_schemas, trial.new_schemas, trial.changed = self.old_schemas, self.new_schemas, self.changed
        return trial

    def _unions(
        self, old: Node, new: Node, first: NormalSchema, second: NormalSchema, direction: Direction, key: PairKey
    ) -> Iterable[Severity]:
        olds, news = _branches(first), _branches(second)
        if not olds and not news:
            return
        if news and self.new_schemas.circular(new) and not self.old_schemas.circular(old):
            yield self.report("choice-in-a-circle", Change(old.value, new.value, new.pointer), direction, new.pointer, key)
        if not olds or not news:
            yield from self._became(old, new, first, second, direction, key)
            return
        if len(first.unions) != len(second.unions):
            # A choice that holds beside another one is no alternative of it.
            rule = "became-a-choice" if len(second.unions) > len(first.unions) else "no-longer-a-choice"
            yield self.report(rule, Change(old.value, new.value, new.pointer), direction, new.pointer, key, (old, new))
            return
        removed, added = self._pair_off(olds, news, direction, key)
        for branch in [branch for branch in removed if any(other is not branch and self._same_value(branch, other) for other in olds)]:
            if any(self._alike(self.old_schemas.resolved(branch), self.new_schemas.resolved(other)) for other in news):
                removed.remove(branch)
                yield self.report("repeated-alternative-removed", Change(branch.value, None), direction, branch.pointer, key)
        if direction is Direction.REQUEST:
            edited, removed = _parted(removed, lambda branch: self._fits_any(branch, news, direction))
        else:
            edited, added = _parted(added, lambda branch: self._fits_any(branch, olds, direction))
        # An alternative that only accepts more, or less, was changed: it did not come.
        for branch in list(added if direction is Direction.REQUEST else removed):
            pairs = [(other, branch) if direction is Direction.REQUEST else (branch, other) for other in edited]
            twin = next((pair for pair in pairs if self.fits(*pair, direction)), None)
            if twin is not None:
                edited.remove(twin[0] if direction is Direction.REQUEST else twin[1])
                (added if direction is Direction.REQUEST else removed).remove(branch)
                yield self.schema(*twin, direction, key)
        if len(removed) == len(added):
            for branch, other in zip(removed, added, strict=True):
                yield self.schema(branch, other, direction, key)
            return
        for branch in removed:
            yield self.report("alternative-removed", Change(branch.value, None), direction, branch.pointer, key, (old, new))
        for branch in added:
            yield self.report("alternative-added", Change(None, branch.value), direction, branch.pointer, key, (old, new))

    def _pair_off(self, olds: list[Node], news: list[Node], direction: Direction, key: PairKey) -> tuple[list[Node], list[Node]]:
        rest = list(news)
        removed: list[Node] = []
        for branch in olds:
            home = self.old_schemas.resolved(branch)
            match = next((other for other in rest if self._alike(home, self.new_schemas.resolved(other))), None)
            if match is None:
                removed.append(branch)
            else:
                rest.remove(match)
                self.schema(branch, match, direction, key)
        return removed, rest

    def _same_value(self, one: Node, other: Node) -> bool:
        return self.old_schemas.resolved(one).pointer == self.old_schemas.resolved(other).pointer or same(one.value, other.value)

    def _alike(self, old: Node, new: Node) -> bool:
        if old.pointer == new.pointer and "components" in old.pointer:
            return True
        return same(old.value, new.value)

    def _fits_any(self, one: Node, others: list[Node], direction: Direction) -> bool:
        if direction is Direction.REQUEST:
            return any(self.fits(one, other, direction) for other in others)
        return any(self.fits(other, one, direction) for other in others)

    def fits(self, old: Node, new: Node, direction: Direction) -> bool:
        """Whether nothing breaks between two schemas, looked at by themselves."""
        key = (old.pointer, new.pointer, direction)
        if key in self.trials:
            return self.trials[key]
        # Round a circle two schemas are taken to fit; where they do not, another member shows it.
        self.trials[key] = True
        trial = self._trial()
        trial.schema(old, new, direction, "")
        self.trials[key] = all(draft.level not in BREAKING and draft.rule.id not in UNFIT for draft in trial.drafts.values())
        return self.trials[key]

    def _became(
        self, old: Node, new: Node, first: NormalSchema, second: NormalSchema, direction: Direction, key: PairKey
    ) -> Iterable[Severity]:
        """A plain schema became a choice, or a choice a plain schema."""
        grown = bool(_branches(second))
        branches = _branches(second) if grown else _branches(first)
        fitting = [self.fits(old, branch, direction) if grown else self.fits(branch, new, direction) for branch in branches]
        # The plain schema as the smaller side needs one alternative that takes it in, as the larger one it must take in all.
        fits = any(fitting) if grown == (direction is Direction.REQUEST) else all(fitting)
        rule = ("became-a-choice" if grown else "no-longer-a-choice") + ("-that-fits" if fits else "")
        yield self.report(rule, Change(old.value, new.value, new.pointer), direction, new.pointer, key, (old, new))


def _parted(places: list[Node], holds: Callable[[Node], bool]) -> tuple[list[Node], list[Node]]:
    """Those of which something holds, and the others."""
    chosen = [place for place in places if holds(place)]
    return chosen, [place for place in places if place not in chosen]


def _parts(place: Node) -> int:
    """Of how many schemas that hold at once it is made."""
    parts = place["allOf"]
    return len(parts) if is_list(parts) else 0


def _branches(schema: NormalSchema) -> list[Node]:
    return [*schema.unions.get("oneOf", ()), *schema.unions.get("anyOf", ())]
