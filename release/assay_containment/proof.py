"""The structural prover: containment keyword by keyword, by induction on the instance.

A pair of schemas met again under a member or an element is taken as proved: the instance there is smaller, and the whole is
an induction on its size. Met again on the same instance, a reference says nothing, which is also how the validator reads it.
Whatever is not understood on the left is left out, which makes the left larger; whatever is not understood on the right
makes the proof fail. So a True is a proof, and a False says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, cast

from assay_containment.arrays import Arrays
from assay_containment.keyword_facts import (
    KINDS,
    UNBOUNDED,
    bounds,
    interval_of,
    kinds_of,
    listed,
    patterns_of,
    refused_patterns_of,
    required_of,
    triggered,
)
from assay_containment.objects import Objects
from assay_containment.patterns import Unread
from assay_containment.regex_witness import TooLarge, text
from assay_containment.schemas import Json, SchemaNode, Unresolved, document_of
from assay_containment.shapes import Branch, Entangled, branches, conjuncts, refuses
from assay_containment.tags import Tags
from assay_containment.validator_dialects import Unbuilt, surely, surely_accepts

DEEPEST = 60
STEPS_OF_A_BRANCH = 2_000
OUT_OF_STEPS = "the proof used up its bound of work"
TOO_DEEP = f"the schemas are nested deeper than the {DEEPEST} levels that a proof follows"
OBJECT: frozenset[str] = frozenset({"object"})
MOST_SPLITS = 24
TYPE_NAMES = {"fraction": "number"}


class GaveUp(Exception):
    """The bound of work or of depth is reached; the message says which."""


class Proof:
    """Proves containment; what it learned is kept for the next question about the same documents."""

    def __init__(self, steps: int = 20_000) -> None:
        self.steps = steps
        self.obstacle = ""
        self.known: dict[object, bool] = {}
        self.trail: list[object] = []
        self.pending: dict[object, int] = {}
        self.here: list[object] = []
        self.depth = 0
        self.level = 0
        self.nodes: dict[str, SchemaNode] = {}
        self.texts: dict[SchemaNode, str] = {}
        self.tags = Tags()
        self.arrays = Arrays(self)
        self.objects = Objects(self)

    def proves(self, a: SchemaNode, b: SchemaNode, steps: int | None = None) -> bool:
        """Whether every instance of a is one of b."""
        self.steps = steps if steps is not None else self.steps
        try:
            return self.holds((a,), b)
        except (GaveUp, RecursionError) as error:
            self.obstacle = str(error) if isinstance(error, GaveUp) else "the schemas are nested too deeply for a proof"
            self._forget()
            return False

    def unproved(self, a: SchemaNode, b: SchemaNode) -> list[Branch]:
        """The branches of a that are not proved to be in b, when there are several and some are proved."""
        try:
            opened = branches([a])
        except (Entangled, Unresolved):
            return []
        if len(opened) < 2:
            return []
        doubtful = [branch for branch in opened if not self._proves_branch(branch, b)]
        return doubtful if len(doubtful) < len(opened) else []

    def _proves_branch(self, branch: Branch, b: SchemaNode) -> bool:
        self.steps = STEPS_OF_A_BRANCH
        try:
            return self.implies(self._saturated(branch), b)
        except (GaveUp, RecursionError):
            self._forget()
            return False

    def _forget(self) -> None:
        self.pending.clear()
        self.here.clear()
        self.known = {}
        self.trail = []
        self.depth = self.level = 0

    def holds(self, musts: Sequence[SchemaNode], wanted: SchemaNode) -> bool:
        """Whether every instance of a conjunction is one of a schema."""
        schema = wanted.schema
        if schema is True or schema == {} or wanted in musts or any(self._same(place, wanted) for place in musts):
            return True
        return self._settled(("holds", frozenset(musts), wanted), lambda: self._every_branch(musts, wanted))

    def below(self, musts: Sequence[SchemaNode], wanted: SchemaNode) -> bool:
        """The same, asked of a member or an element."""
        self.level += 1
        try:
            return self.holds(musts, wanted)
        finally:
            self.level -= 1

    def void_below(self, musts: Sequence[SchemaNode]) -> bool:
        """Whether no member or element can be one of a conjunction."""
        self.level += 1
        try:
            return self.empty(musts)
        finally:
            self.level -= 1

    def empty(self, musts: Sequence[SchemaNode]) -> bool:
        """Whether a conjunction has no instance at all."""
        if not musts:
            return False
        return self._settled(("empty", frozenset(musts)), lambda: all(self._void(branch) for branch in self._opened(musts)))

    def place(self, schema: Json) -> SchemaNode:
        """A schema of our own as a place."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self.nodes:
            self.nodes[key] = SchemaNode(document_of(schema), ())
        return self.nodes[key]

    def _settled(self, key: object, prove: Callable[[], bool]) -> bool:
        if key in self.known:
            return self.known[key]
        if key in self.pending:
            # The induction: proved when it is asked of a smaller instance, a circle when of the same.
            return self.pending[key] < self.level
        self.steps -= 1
        if self.steps < 0:
            raise GaveUp(OUT_OF_STEPS)
        if self.depth > DEEPEST:
            raise GaveUp(TOO_DEEP)
        self.pending[key] = self.level
        learned = len(self.trail)
        outer, self.here, self.depth = self.here, [], self.depth + 1
        try:
            answer = prove()
        finally:
            self.here = outer
            self.depth -= 1
            self.pending.pop(key, None)
        if not answer:
            # What was proved on the way may rest on what has just failed.
            for other in self.trail[learned:]:
                del self.known[other]
            del self.trail[learned:]
        else:
            self.trail.append(key)
        self.known[key] = answer
        return answer

    def _opened(self, musts: Sequence[SchemaNode]) -> Sequence[Branch]:
        try:
            opened = branches(musts)
        except (Entangled, Unresolved) as error:
            self.obstacle = self.obstacle or str(error)
            opened = (tuple(musts),)
        return [self._saturated(branch) for branch in opened]

    def _saturated(self, branch: Branch) -> Branch:
        """A branch with the schemas that its required members call for."""
        needed = required_of(branch)
        if not needed or self.kinds(branch) != OBJECT:
            return branch
        more = [dependent for place in branch for name, dependent in triggered(place).items() if name in needed]
        if not more:
            return branch
        try:
            opened = branches(more)
        except (Entangled, Unresolved):
            return branch
        return tuple(dict.fromkeys((*branch, *opened[0]))) if len(opened) == 1 else branch

    def _every_branch(self, musts: Sequence[SchemaNode], wanted: SchemaNode) -> bool:
        return all(self.implies(branch, wanted) for branch in self._opened(musts))

    def implies(self, branch: Branch, wanted: SchemaNode) -> bool:
        """Whether every instance of one branch is one of a schema, on the same instance."""
        key = (branch, wanted)
        if key in self.here:
            return False
        self.steps -= 1
        if self.steps < 0:
            raise GaveUp(OUT_OF_STEPS)
        if len(self.here) > DEEPEST:
            raise GaveUp(TOO_DEEP)
        if wanted in branch or any(self._same(place, wanted) for place in branch):
            return True
        self.here.append(key)
        try:
            return all(self._asserted(branch, conjunct) for conjunct in conjuncts(wanted)) or self._void(branch)
        except (Unresolved, Unread, TooLarge) as error:
            self.obstacle = self.obstacle or str(error)
            return False
        finally:
            self.here.pop()

    def _asserted(self, branch: Branch, wanted: SchemaNode) -> bool:
        keywords = wanted.keywords
        values = listed(branch)
        if values is not None:
            try:
                fits, taken = surely(branch), surely([wanted])
                return all(taken(value) for value in values if fits(value))
            except Unbuilt:
                pass
        if "enum" in keywords or ("const" in keywords and wanted.document.draft >= 6):
            return False if self.kinds(branch) - {"null", "boolean"} else self._few(branch, wanted)
        if not self.kinds(branch) <= kinds_of(keywords):
            return False
        return self._combined(branch, wanted) and self._typed(branch, wanted)

    def _combined(self, branch: Branch, wanted: SchemaNode) -> bool:
        keywords = wanted.keywords
        if "anyOf" in keywords and not self._some(branch, wanted.listed("anyOf"), MOST_SPLITS):
            return False
        if "oneOf" in keywords and not self._one(branch, wanted.listed("oneOf"), MOST_SPLITS):
            return False
        if "not" in keywords and not self._never(branch, wanted / "not"):
            return False
        if "if" in keywords and wanted.document.draft >= 7:
            when = wanted / "if"
            if "then" in keywords and not self._with(branch, when, wanted / "then"):
                return False
            if "else" in keywords and not (self.implies(branch, when) or self.implies(branch, wanted / "else")):
                return False
        return True

    def _typed(self, branch: Branch, wanted: SchemaNode) -> bool:
        keywords, kinds, draft = wanted.keywords, self.kinds(branch), wanted.document.draft
        for kind in ("integer", "fraction"):
            if kind in kinds:
                mine = interval_of(
                    [place.keywords for place in branch], branch[0].document.draft if branch else 20, whole=kind == "integer"
                )
                if not mine.implies(keywords, draft) and not mine.empty:
                    return False
        if "string" in kinds and not self._written(branch, wanted):
            return False
        if "array" in kinds and not self.arrays.implied(branch, wanted):
            return False
        return "object" not in kinds or self.objects.implied(branch, wanted)

    def _written(self, branch: Branch, wanted: SchemaNode) -> bool:
        name = wanted.keywords.get("format")
        if name is not None and wanted.document.formats == "assert" and all(place.keywords.get("format") != name for place in branch):
            self.obstacle = self.obstacle or f"nothing proves that a string is of the format {name}"
            return False
        least, most = bounds(branch, "minLength", "maxLength")
        low, high = bounds((wanted,), "minLength", "maxLength")
        patterns, refused = patterns_of(branch), refused_patterns_of(branch)
        plain = not patterns and not refused
        limit = None if most == UNBOUNDED else most
        if least < low and (plain or text(patterns, refused, least, min(low - 1, most)) is not None):
            return False
        if most > high and (plain or text(patterns, refused, max(high + 1, least), limit) is not None):
            return False
        return all(pattern in patterns or text(patterns, refused | {pattern}, least, limit) is None for pattern in patterns_of((wanted,)))

    def _some(self, branch: Branch, options: list[SchemaNode], splits: int) -> bool:
        options = self._sharing(branch, options)
        if any(self.implies(branch, option) for option in options):
            return True
        parts = self._parts(branch, options) if splits > 0 else []
        return bool(parts) and all(self._void(part) or self._some(part, options, splits // len(parts)) for part in parts)

    def _one(self, branch: Branch, options: list[SchemaNode], splits: int) -> bool:
        options = self._sharing(branch, options)
        for option in options:
            if self.implies(branch, option) and all(other == option or self._never(branch, other) for other in options):
                return True
        parts = self._parts(branch, options) if splits > 0 else []
        return bool(parts) and all(self._void(part) or self._one(part, options, splits // len(parts)) for part in parts)

    def _sharing(self, branch: Branch, options: list[SchemaNode]) -> list[SchemaNode]:
        """The options that a branch may share an instance with."""
        return self.tags.sharing(branch, options) if self.kinds(branch) == OBJECT else options

    def _never(self, branch: Branch, refused: SchemaNode) -> bool:
        """Whether no instance of a branch is one of a schema."""
        if self.kinds(branch) == OBJECT and self.tags.apart(branch, refused):
            return True
        for place in branch:
            if refuses(place) and self.holds((refused,), place / "not"):
                return True
        return self.empty((*branch, refused))

    def _with(self, branch: Branch, more: SchemaNode, wanted: SchemaNode) -> bool:
        try:
            opened = branches([*branch, more])
        except (Entangled, Unresolved):
            return self.implies(branch, wanted)
        return all(self.implies(alternative, wanted) for alternative in opened)

    def _few(self, branch: Branch, wanted: SchemaNode) -> bool:
        values = [
            value for kind, constants in (("null", [None]), ("boolean", [True, False])) if kind in self.kinds(branch) for value in constants
        ]
        try:
            return all(surely_accepts([wanted], value) for value in values if surely_accepts(branch, value))
        except Unbuilt:
            return False

    def _parts(self, branch: Branch, options: list[SchemaNode]) -> list[Branch]:
        """A branch in parts that together are all of it: by type, else by the values of a telling member."""
        kinds = self.kinds(branch)
        named = {TYPE_NAMES.get(kind, kind) for kind in kinds} - ({"integer"} if "fraction" in kinds else set())
        if len(named) > 1:
            return [(*branch, self.place({"type": kind})) for kind in sorted(named)]
        if kinds == frozenset({"object"}):
            return self.objects.parts(branch, options)
        return []

    def kinds(self, branch: Branch) -> frozenset[str]:
        """The types that a branch leaves."""
        kinds = KINDS
        for place in branch:
            keywords = place.keywords
            kinds &= kinds_of(keywords)
            refused: Any = keywords.get("not")
            if refused is True or refused == {}:
                return frozenset()
            if isinstance(refused, dict) and list(cast("dict[str, Any]", refused)) == ["type"]:
                kinds -= kinds_of(cast("dict[str, Any]", refused))
        return kinds

    def _void(self, branch: Branch) -> bool:
        """Whether a branch has no instance."""
        key = ("void", branch)
        if key in self.here:
            return False
        self.steps -= 1
        if self.steps < 0:
            raise GaveUp(OUT_OF_STEPS)
        if len(self.here) > DEEPEST:
            raise GaveUp(TOO_DEEP)
        self.here.append(key)
        try:
            return self._contradicts(branch)
        except (Unresolved, Unread, TooLarge):
            return False
        finally:
            self.here.pop()

    def _contradicts(self, branch: Branch) -> bool:
        values = listed(branch)
        if values is not None:
            try:
                return not any(map(surely(branch), values))
            except Unbuilt:
                return not values
        kinds = self.kinds(branch)
        if not kinds & {"null", "boolean"} and all(self._without(branch, kind) for kind in kinds):
            return True
        for index, place in enumerate(branch):
            if refuses(place):
                # The place itself is kept: what else it says may hold for the rest.
                others = tuple(other for at, other in enumerate(branch) if at != index)
                if self.implies((*others, place), place / "not"):
                    return True
        return False

    def _without(self, branch: Branch, kind: str) -> bool:
        if kind in ("integer", "fraction"):
            keywords = [place.keywords for place in branch]
            return interval_of(keywords, branch[0].document.draft, whole=kind == "integer").empty
        if kind == "string":
            least, most = bounds(branch, "minLength", "maxLength")
            patterns, refused = patterns_of(branch), refused_patterns_of(branch)
            limit = None if most == UNBOUNDED else most
            return least > most or bool((patterns or refused) and text(patterns, refused, least, limit) is None)
        return self.arrays.void(branch) if kind == "array" else self.objects.void(branch)

    def _same(self, one: SchemaNode, other: SchemaNode) -> bool:
        """Whether two schemas say the same in the same words, none of which leads elsewhere."""
        first = self._text(one)
        return first != "" and one.document.draft == other.document.draft and first == self._text(other)

    def _text(self, place: SchemaNode) -> str:
        if place not in self.texts:
            written = json.dumps(place.schema, sort_keys=True)
            self.texts[place] = "" if '"$ref"' in written or '"$dynamicRef"' in written or '"$recursiveRef"' in written else written
        return self.texts[place]
