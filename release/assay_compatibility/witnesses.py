"""Breaking changes of schemas put to the proof: an instance that one side accepts and the other refuses, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from assay_compatibility.classes import Direction, Severity
from assay_compatibility.containment_answers import containment
from assay_compatibility.findings import Finding, in_order
from assay_compatibility.places import ApiDocument, Node
from assay_compatibility.schemas.as_exchanged import as_exchanged
from assay_compatibility.schemas.normal_form import HOLDERS, TYPES, NormalSchema, canonical
from assay_compatibility.schemas.self_contained import ranged, self_contained
from assay_compatibility.unwitnessable import UNSHOWN, speaks_of
from assay_compatibility.walks.schema_walk import Walk

if TYPE_CHECKING:
    from assay_containment import Answer, Formats

# A witness is a courtesy: past these bounds the rule's class stands, and the finding says that nothing was proved.
MOST_QUESTIONS = 180
MOST_PARTS = 40
MOST_BYTES = 40_000
FORMAT = "format-"


def with_witnesses(walk: Walk, findings: Iterable[Finding], proofs: Proofs) -> tuple[Finding, ...]:
    """The findings, those that break a schema with an instance, or with the reason why no instance shows them."""
    places: dict[tuple[str, str, str], list[tuple[Node, Node]]] = {}
    for draft in walk.drafts.values():
        places.setdefault((draft.rule.id, draft.pointer, draft.direction.value), []).extend(draft.schemas)
    witnessed: list[Finding] = []
    for finding in findings:
        if finding.level is Severity.MAJOR and finding.rule in UNSHOWN:
            finding = replace(finding, unshown=UNSHOWN[finding.rule])
        schemas = places.get((finding.rule, finding.pointer, finding.direction))
        if finding.level is Severity.MAJOR and finding.unshown is None and schemas:
            finding = proofs.with_witness(finding, schemas)
        witnessed.append(finding)
    return in_order(witnessed)


# The schema that no value is valid against.
_NO_VALUE: Any = False


class Loss(Enum):
    """What is known of the values that a change takes away."""

    NONE = "none"
    UNKNOWN = "unknown"
    # Only values that several alternatives accept, of which each is meant to be told from the others by its names.
    BY_OVERLAP = "by-overlap"
    # The same, where the old side took nothing but such values: whoever works with it cannot read it strictly.
    BY_OLD_OVERLAP = "by-old-overlap"
    PROVED = "proved"


@dataclass(slots=True)
class Proofs:
    """Answers of the containment engine about pairs of places, each asked once; places of the same content share an answer."""

    walk: Walk
    by_content: dict[tuple[str, str, Formats], Answer | None] = field(default_factory=dict[tuple[str, str, "Formats"], "Answer | None"])
    known: dict[tuple[str, str, str, bool], Answer | str] = field(default_factory=dict[tuple[str, str, str, bool], "Answer | str"])

    def with_witness(self, finding: Finding, pairs: Sequence[tuple[Node, Node]]) -> Finding:
        """A finding with its witness; one that is proved to lose no instance in any of its pairs is no longer called breaking."""
        answers: list[Finding] = []
        for old, new in pairs:
            answer = self._of_pair(finding, old, new)
            if answer.has_witness:
                return answer
            answers.append(answer)
        return next((answer for answer in answers if answer.level is Severity.MAJOR), answers[0])

    def loses_nothing(self, rule: str, direction: Direction, old: Node, new: Node) -> bool:
        """Whether what a rule calls breaking is proved to lose no value of a pair."""
        from assay_containment import Kind

        if rule in UNSHOWN:
            return False
        answer = self._answer(old, new, direction.value, asserted=rule.startswith(FORMAT))
        if isinstance(answer, str) or answer.kind is not Kind.CONTAINED:
            return False
        return self.walk.messages or self._doubt(rule, direction.value, old, new) is None

    def _of_pair(self, finding: Finding, old: Node, new: Node) -> Finding:
        from assay_containment import Kind

        asserted = finding.rule.startswith(FORMAT)
        answer = self._answer(old, new, finding.direction, asserted=asserted)
        if isinstance(answer, str):
            return replace(finding, unshown=answer)
        if answer.kind is Kind.NOT_CONTAINED:
            return replace(finding, witness=answer.witness, has_witness=True)
        if answer.kind is Kind.UNDECIDED:
            unshown = "no value is known that one format accepts and the other rejects" if asserted else f"undecided: {answer.reason}"
            return replace(finding, unshown=unshown)
        # Nobody reads an HTTP body as strictly as it is written; a message is validated on arrival, so there the proof stands.
        doubt = None if self.walk.messages else self._doubt(finding.rule, finding.direction, old, new)
        if doubt:
            return replace(finding, unshown=doubt)
        return replace(finding, level=Severity.MINOR, unshown="it is proved that no value is lost")

    def loss(self, old: Node, new: Node, direction: Direction, *, exclusive: bool) -> Loss:
        """What becomes of the values that travel: whether the smaller side accepts one that the larger rejects.

        With `exclusive` one of both makes a choice of exactly one, whose alternatives may be meant to differ by their names.
        """
        first, second = self._spelled(old, self.walk.old), self._spelled(new, self.walk.new)
        if first is None or second is None:
            return Loss.UNKNOWN
        smaller, larger = (first, second) if direction is Direction.REQUEST else (second, first)
        lost = self._lost(*as_exchanged(smaller, larger, direction))
        if lost is not Loss.PROVED or not exclusive:
            return lost
        by_name = self._lost(*as_exchanged(smaller, larger, direction, by_name=True))
        if by_name is Loss.PROVED:
            return lost
        return Loss.BY_OLD_OVERLAP if by_name is Loss.NONE and self._rejects_what_it_names(first, direction) else Loss.BY_OVERLAP

    def _doubt(self, rule: str, direction: str, old: Node, new: Node) -> str | None:
        """Why a proof that nothing is lost is no comfort: the document says what cannot have been meant, so the rule stands."""
        from assay_containment import Kind

        kind = speaks_of(rule)
        schemas = self.walk.old_schemas.of(old), self.walk.new_schemas.of(new)
        if kind is not None and any(_excludes(schema, kind) and schema.types & HOLDERS for schema in schemas):
            return f"the keyword applies to another type than the schema: {kind}"
        smaller = self._spelled(old, self.walk.old) if direction == Direction.REQUEST.value else self._spelled(new, self.walk.new)
        answer = None if smaller is None else self._containment(smaller, _NO_VALUE)
        if answer is not None and answer.kind is Kind.CONTAINED:
            return "no value at all is valid on the side that should be taken in"
        return None

    def _answer(self, old: Node, new: Node, direction: str, *, asserted: bool) -> Answer | str:
        """The answer of the engine, or why it was not asked or has none."""
        key = (old.pointer, new.pointer, direction, asserted)
        if key not in self.known:
            self.known[key] = self._decide(old, new, direction, asserted=asserted)
        return self.known[key]

    def _decide(self, old: Node, new: Node, direction: str, *, asserted: bool) -> Answer | str:
        first, second = self._spelled(old, self.walk.old), self._spelled(new, self.walk.new)
        if first is None or second is None:
            return f"not proved: the schemas reach more than {MOST_PARTS} others"
        if len(self.known) >= MOST_QUESTIONS:
            return f"not proved: a comparison looks for at most {MOST_QUESTIONS} witnesses"
        if len(canonical([first, second])) > MOST_BYTES:
            return f"not proved: the schemas are longer than {MOST_BYTES} bytes"
        smaller, larger = (first, second) if direction == Direction.REQUEST.value else (second, first)
        answer = self._containment(ranged(smaller), ranged(larger), "assert") if asserted else self._containment(smaller, larger)
        return "not proved: the schemas cannot be read" if answer is None else answer

    def _containment(self, smaller: dict[str, Any], larger: Any, formats: Formats = None) -> Answer | None:
        # Schemas of the same document are spelled alike; where they are not, one more question is asked.
        key = (repr(smaller), repr(larger), formats)
        if key not in self.by_content:
            self.by_content[key] = containment(smaller, larger, formats=formats)
        return self.by_content[key]

    def _lost(self, smaller: dict[str, Any], larger: Any) -> Loss:
        from assay_containment import Kind

        answer = self._containment(smaller, larger)
        if answer is None:
            return Loss.UNKNOWN
        return {Kind.CONTAINED: Loss.NONE, Kind.NOT_CONTAINED: Loss.PROVED}.get(answer.kind, Loss.UNKNOWN)

    def _rejects_what_it_names(self, schema: dict[str, Any], direction: Direction) -> bool:
        """Whether a schema, read strictly, rejects every value of its alternatives as their names tell them apart."""
        named, _ = as_exchanged(schema, schema, direction, by_name=True)
        _, strict = as_exchanged(schema, schema, direction)
        around = {word: strict.pop(word) for word in ("$schema", "$defs") if word in strict}
        return self._lost(named, _NO_VALUE) is Loss.PROVED and self._lost(named, {**around, "not": strict}) is Loss.NONE

    def _spelled(self, place: Node, document: ApiDocument) -> dict[str, Any] | None:
        return self_contained(place.value, document, most=MOST_PARTS)


def _excludes(schema: NormalSchema, kind: str) -> bool:
    return schema.types != TYPES and kind not in schema.types
