"""Containment decided: proved, disproved by an instance, or left undecided.

Contained is only said after a proof, and only when a search among likely instances found nothing against it. Not contained is
only said with a witness that jsonschema-rs found valid against the first schema and invalid against the second. Work is
counted in steps, never in seconds, so that an answer is the same on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, cast

from assay_containment import canonical_prover
from assay_containment.instances import Instances, turn_about
from assay_containment.keyword_facts import listed
from assay_containment.proof import Proof
from assay_containment.schemas import (
    Formats,
    Json,
    NestedTooDeeply,
    SchemaDocument,
    SchemaInvalid,
    SchemaNode,
    Unresolved,
    built,
    document_of,
    read,
)
from assay_containment.shapes import Branch, Entangled, branches, conjuncts
from assay_containment.shrinking import shrunk
from assay_containment.tags import Tags
from assay_containment.validator_dialects import accepts, is_valid, other_readings, readings

FIRST_LOOK = 200
GLANCE = 6
"""How many values of one place a first glance keeps."""
LAST_LOOK = 4_000
MOST_LISTED = 5_000
MOST_OPTIONS = 400
REFUSED = "the second schema rejects an instance of the first"


class Kind(StrEnum):
    """The three results of a containment question.

    `CONTAINED` is proved, `NOT_CONTAINED` has a witness, and `UNDECIDED` has a reason.
    """

    CONTAINED = "contained"
    NOT_CONTAINED = "not-contained"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a containment question.

    `reason` is one sentence. `witness` is an instance of the first schema that the second rejects; read it only when `kind` is
    `NOT_CONTAINED`, because None is also a JSON value.
    """

    kind: Kind
    reason: str
    witness: Json = None


def contains(a: Json, b: Json, *, document_a: Json = None, document_b: Json = None, formats: Formats = None) -> Answer:
    """Decide whether every instance that is valid against `a` is valid against `b`.

    `a` and `b` are JSON Schemas as Python values: a dict or a boolean, of draft 4 to 2020-12 as `$schema` says; without it, the
    newest that the spelling fits. With `document_a` or `document_b`, references such as `#/components/schemas/X` are read in that
    document. The answer is `contained` (proved), `not-contained` (with a `witness`: valid against `a`, not against `b`) or
    `undecided` (with the reason). `formats` says how `format` is read: `"annotate"`, as the standard does by default, or `"assert"`,
    where a string that is not of its format is invalid. Without it formats are annotations, and an answer about listed values that
    would change if they were asserted is undecided.
    Work is bounded in steps, so the same question has the same answer on every machine.
    Raises `SchemaInvalid`, whose `side` is `a` or `b`, where that one is no JSON Schema.

    >>> contains({"type": "integer"}, {"type": "number"}).kind.value
    'contained'
    >>> contains({"type": "number"}, {"type": "integer"}).witness
    0.5
    >>> contains({"const": "soon"}, {"format": "date"}, formats="assert").kind.value
    'not-contained'
    """
    try:
        with _named("a"):
            place_a = read(a, document_a, formats=formats)
        with _named("b"):
            place_b = read(b, document_b, formats=formats)
        first, second = _same_dialect(place_a, place_b, a, b)
        with _named("a"):
            built(first.document)
        with _named("b"):
            built(second.document)
        return decide(first, second)
    except Unresolved as error:
        if b is True or b == {} or a is False:
            return Answer(Kind.CONTAINED, "one schema accepts every value or the other none, whatever the references lead to")
        return Answer(Kind.UNDECIDED, f"a reference leads out of the schema: {error}")
    except NestedTooDeeply as error:
        return Answer(Kind.UNDECIDED, str(error))
    except RecursionError:
        return Answer(Kind.UNDECIDED, "a schema is nested too deeply to be read")


@contextmanager
def _named(side: str) -> Generator[None]:
    """An error about an invalid schema says which of the two it is."""
    try:
        yield
    except SchemaInvalid as error:
        raise SchemaInvalid(f"schema {side} is invalid: {error}", side=side) from None


def decide(a: SchemaNode, b: SchemaNode) -> Answer:
    """Containment of two documents whose validators can be built."""
    one, other = a.document, b.document
    values = literals(a)
    if values is not None:
        return _of_listed(values, one, other)
    if one.root is other.root or _text(one.root) == _text(other.root):
        return Answer(Kind.CONTAINED, "both are the same schema")
    # Few values of each place suffice for most witnesses, and are there much sooner.
    found = _witness(islice(tried(a, b, Instances(accepts, GLANCE)), FIRST_LOOK), one, other)
    if found is not None:
        return found
    proof = Proof()
    if proof.proves(a, b):
        doubt = coarse(one.root, other.root)
        return Answer(Kind.UNDECIDED, doubt) if doubt else Answer(Kind.CONTAINED, "proved keyword by keyword")
    if canonical_prover.proves(one, other):
        doubt = coarse(one.root, other.root) or _unread(one, other)
        return Answer(Kind.UNDECIDED, doubt) if doubt else Answer(Kind.CONTAINED, "proved by the algebra of canonical schemas")
    search = tried(a, b, Instances(accepts))
    found = _witness(islice(search, FIRST_LOOK), one, other)
    # Where some alternatives are proved and others are not, a witness is an instance of one that is not.
    doubtful = () if found else proof.unproved(a, b)
    if doubtful:
        found = _witness(islice(tried(a, b, Instances(accepts), doubtful), LAST_LOOK), one, other)
    found = found or _witness(islice(search, LAST_LOOK), one, other)
    return found or Answer(Kind.UNDECIDED, f"{proof.obstacle or 'no proof was found'}, and no instance that was tried is a witness")


def literals(place: SchemaNode) -> list[Json] | None:
    """The values among which every instance is, when the schema lists them."""
    try:
        opened = branches([place])
    except (Entangled, Unresolved):
        opened = ((place,),)
    found: list[Json] = []
    for branch in opened:
        values = listed(branch)
        if values is None:
            return None
        found.extend(values)
    return found if len(found) <= MOST_LISTED else None


def _of_listed(values: list[Json], a: SchemaDocument, b: SchemaDocument) -> Answer:
    """Listed values are tried one by one, in every reading."""
    witness = [value for value in values if is_valid(a, value) and not is_valid(b, value)]
    plain = bool(witness)
    for difference, first, second in other_readings(a, b):
        if any(first.is_valid(value) and not second.is_valid(value) for value in values) != plain:
            return Answer(Kind.UNDECIDED, f"the result depends on {difference}")
    if plain:
        return Answer(Kind.NOT_CONTAINED, "a listed value is rejected", witness[0])
    return Answer(Kind.CONTAINED, "every listed value was tried")


def _options(place: SchemaNode) -> list[SchemaNode]:
    try:
        parts = conjuncts(place)
    except Unresolved:
        parts = [place]
    return [option for part in parts for word in ("anyOf", "oneOf") for option in part.listed(word)]


def tried(a: SchemaNode, b: SchemaNode, builder: Instances, among: Sequence[Branch] = ()) -> Iterator[Json]:
    """Instances worth trying against b, of every branch of a in turn, or of some of them."""
    try:
        opened = among or branches([a])
    except (Entangled, Unresolved):
        known = {_text(option.schema) for option in _options(b)}
        # What the other side has word for word too is looked at last.
        options = sorted(_options(a), key=lambda option: _text(option.schema) in known)
        opened = tuple((option,) for option in options[:MOST_OPTIONS]) or ((a,),)
    tags, options = Tags(), [*_options(a), *_options(b)]
    everyone = frozenset(options)
    sources: list[Iterator[Json]] = []
    for branch in opened:
        # Alternatives with another tag have nothing to say of this one.
        skip = everyone.difference(tags.sharing(branch, options)) if len(options) > 1 else frozenset[SchemaNode]()
        sources.append(builder.candidates(list(branch) or [a], [b], skip=skip))
    return turn_about(sources)


def _witness(tried: Iterator[Json], a: SchemaDocument, b: SchemaDocument) -> Answer | None:
    """The first instance of a that b refuses, made small; rather one that every reading refuses."""

    def proves(value: Json) -> bool:
        return is_valid(a, value) and not is_valid(b, value)

    def proves_in_every_reading(value: Json) -> bool:
        return (
            proves(value)
            and all(reading.is_valid(value) for reading in readings(a))
            and not any(reading.is_valid(value) for reading in readings(b))
        )

    spare: list[Json] = []
    looks = 0
    for value in tried:
        looks += bool(spare)
        if looks > FIRST_LOOK:
            break
        if proves(value):
            if proves_in_every_reading(value):
                return Answer(Kind.NOT_CONTAINED, REFUSED, shrunk(value, proves_in_every_reading))
            spare = spare or [value]
    return Answer(Kind.NOT_CONTAINED, REFUSED, shrunk(spare[0], proves)) if spare else None


def _unread(a: SchemaDocument, b: SchemaDocument) -> str | None:
    """Why a proof that reads patterns is not heard: an escape that engines read in different ways."""
    return "a pattern has a control escape, which engines read in different ways" if "\\\\c" in _text(a.root) + _text(b.root) else None


def coarse(a: Json, b: Json) -> str | None:
    """Why a proof that is exact with decimals is not heard: validators with binary fractions differ."""
    narrow = set(_steps(a))
    if any(step not in narrow and not (float(step) * 1024).is_integer() for step in _steps(b)):
        return "multiples of a decimal fraction, which validators with binary fractions read in different ways"
    return None


def _steps(value: Json) -> Iterator[float]:
    if isinstance(value, dict):
        for key, below in cast("dict[str, Any]", value).items():
            if key == "multipleOf" and isinstance(below, int | float):
                yield below
            elif key not in ("const", "enum", "default", "examples"):
                yield from _steps(below)
    elif isinstance(value, list):
        for item in cast("Sequence[Any]", value):
            yield from _steps(item)


def _same_dialect(a: SchemaNode, b: SchemaNode, value_a: Json, value_b: Json) -> tuple[SchemaNode, SchemaNode]:
    """A schema that names no dialect takes that of the other, or the older of two guesses."""
    one, other = a.document, b.document
    if one.draft == other.draft:
        return a, b
    named_a = isinstance(value_a, dict) and "$schema" in value_a
    named_b = isinstance(value_b, dict) and "$schema" in value_b
    if named_a and named_b:
        return a, b
    if named_a or (not named_b and one.draft < other.draft):
        return a, SchemaNode(document_of(other.root, one.dialect, formats=other.formats), b.pointer)
    return SchemaNode(document_of(one.root, other.dialect, formats=one.formats), a.pointer), b


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True)
