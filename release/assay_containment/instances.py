"""Instances worth trying: built from what two schemas say about the same place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import filterfalse, islice
from typing import Any, cast

from assay_containment.measures import size
from assay_containment.patterns import Unread
from assay_containment.regex_witness import TooLarge, text
from assay_containment.scalar_instances import listed_values, telling_counts, telling_numbers, telling_strings
from assay_containment.schemas import Json, SchemaNode, Unresolved
from assay_containment.shapes import conjuncts, element, members, nearby, prefix

Accepts = Callable[[Sequence[SchemaNode]], Callable[[Json], bool]]
TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
DEEPEST = 6
MOST_OF_ONE = 40
MOST_TRIED = 400
MOST_STEPS = 12_000
LARGEST_ARRAY, LARGEST_OBJECT = 2_000, 200
# What is larger is no part of a value: a schema that holds itself would grow by a power with each level.
LARGEST_PART = LARGEST_ARRAY + 100
MOST_VARIED = 40
MOST_COUNTED, MOST_MATCHES = 6, 300


class Instances:
    """Builds candidates for the conjunction of some places, with an eye on what other places say.

    `breadth` is how many values of one place are kept, and how many optional names of one object are looked into.
    """

    def __init__(self, accepts: Accepts, breadth: int = MOST_OF_ONE) -> None:
        self.accepts = accepts
        self.breadth = breadth
        self.steps = MOST_STEPS
        self.fitted: dict[object, list[Json]] = {}

    def candidates(
        self, musts: Sequence[SchemaNode], eyes: Sequence[SchemaNode], depth: int = 0, skip: Set[SchemaNode] = frozenset()
    ) -> Iterator[Json]:
        """Values to try, likely ones first; nothing is promised about them, and what places of `skip` say is not read."""
        around = [near for place in musts for near in nearby(place, skip)]
        eyed = [near for place in eyes for near in nearby(place, skip)]
        seen: set[str] = set()
        for value in self._all(around, eyed, musts, depth):
            key = repr(value)
            if key not in seen:
                seen.add(key)
                yield value

    def fitting(self, musts: Sequence[SchemaNode], eyes: Sequence[SchemaNode], depth: int) -> list[Json]:
        """Some candidates that fit, those that what is eyed refuses first."""
        if depth > DEEPEST:
            simple: tuple[Json, ...] = (None, 0, "", [], {})
            return list(filter(self.accepts(musts), simple))
        key = (frozenset(musts), frozenset(eyes), depth)
        if key not in self.fitted:
            self.fitted[key] = []  # What comes back to itself has nothing to offer.
            parts = (value for value in self._affordable(self.candidates(musts, eyes, depth)) if size(value, LARGEST_PART) <= LARGEST_PART)
            found = list(islice(filter(self.accepts(musts), parts), 3 * self.breadth if eyes else self.breadth))
            self.fitted[key] = sorted(found, key=self.accepts(eyes))[: self.breadth] if eyes else found
        return self.fitted[key]

    def _affordable(self, values: Iterator[Json]) -> Iterator[Json]:
        for value in islice(values, MOST_TRIED):
            self.steps -= 1
            if self.steps < 0:
                return
            yield value

    def _all(self, around: list[SchemaNode], eyed: list[SchemaNode], musts: Sequence[SchemaNode], depth: int) -> Iterator[Json]:
        places = [*around, *eyed]
        listed = [value for place in places for value in listed_values(place)]
        yield from listed
        kinds = _kinds(musts)
        makers: dict[str, Callable[[], Iterable[Json]]] = {
            "null": lambda: (None,),
            "boolean": lambda: (True, False),
            "integer": lambda: telling_numbers(places),
            "number": lambda: telling_numbers(places),
            "string": lambda: telling_strings(places),
            "array": lambda: self._arrays(around, eyed, musts, depth),
            "object": lambda: self._objects(around, eyed, musts, depth, listed),
        }
        yield from turn_about([iter(makers[kind]()) for kind in kinds if not (kind == "number" and "integer" in kinds)])

    def _arrays(self, near: list[SchemaNode], eyed: list[SchemaNode], musts: Sequence[SchemaNode], depth: int) -> Iterator[Json]:
        places = [*near, *eyed]
        around = [place for place in near if not any(_under(place, must, ("not", "if")) for must in musts)]
        lengths = telling_counts(places, ("minItems", "maxItems", "minContains", "maxContains"), LARGEST_ARRAY)
        lengths |= {length + more for place in places for length in [len(prefix(place))] for more in (0, 1) if length}
        asides = ("contains", "unevaluatedItems")
        wanted = [place / word for place in places for word in asides if isinstance(place.keywords.get(word), dict | bool)]

        pools: dict[int, list[Json]] = {}

        def pool(index: int) -> list[Json]:
            if index not in pools:
                always = [conjunct for place in musts for conjunct in _certain(place) for conjunct in element(conjunct, index)]
                hints = [item for place in (*around, *eyed) for item in element(place, index)]
                pools[index] = self._pool(always, [*hints, *wanted], depth)
            return pools[index]

        deepest = max((len(prefix(place)) for place in places), default=0)
        counted = [place for place in places if isinstance(place.keywords.get("contains"), dict | bool)][:MOST_COUNTED]
        sources = [self._counting(place, pool, deepest, musts, depth) for place in counted]
        yield from turn_about([*sources, self._varied(lengths, pool, deepest)])

    def _counting(
        self, place: SchemaNode, pool: Callable[[int], list[Json]], deepest: int, musts: Sequence[SchemaNode], depth: int
    ) -> Iterator[Json]:
        """Arrays with just as many matches of a `contains` as its bounds allow, and one more or fewer."""
        wanted = place / "contains"
        always = [conjunct for must in musts for conjunct in _certain(must) for conjunct in element(conjunct, deepest)]
        matching = self.fitting([*always, wanted], [], depth + 1)
        others = list(filterfalse(self.accepts([wanted]), pool(deepest)))
        for count in sorted(telling_counts([place], ("minContains", "maxContains"), MOST_MATCHES)):
            if count and not matching:
                break
            alike, distinct = matching[:1] * count, _distinct(matching, count)
            for chosen in [alike] if alike == distinct else [alike, distinct]:
                yield chosen
                for spare in (others[:1], others[:2]):
                    if spare:
                        yield [*chosen, *spare]
                        yield [*spare, *chosen]
                first = [values[0] for values in map(pool, range(min(deepest, len(chosen)))) if values]
                if first:
                    yield [*first, *chosen]

    def _varied(self, lengths: Set[int], pool: Callable[[int], list[Json]], deepest: int) -> Iterator[Json]:
        """Arrays of telling lengths, plain and with one element varied at a time."""
        for length in sorted(lengths):
            if length > MOST_VARIED:
                # Long arrays are only tried for their length: one element over and over, and all of them different.
                choices = pool(deepest)
                first = [values[0] for values in map(pool, range(min(deepest, length))) if values]
                if choices:
                    yield [*first, *choices[:1] * (length - len(first))]
                    yield [*first, *range(7, 7 + length - len(first))]
                    yield [*first, *(f"e{index}" for index in range(length - len(first)))]
                continue
            positions = [pool(min(index, deepest)) for index in range(length)]
            if not all(positions):
                break
            distinct: list[Json] = []
            for choices in positions:
                distinct.append(next((choice for choice in choices if choice not in distinct), choices[0]))
            plain = [choices[0] for choices in positions]
            yield plain
            yield distinct
            for index, choices in enumerate(positions[:8]):
                for choice in choices[:MOST_OF_ONE]:
                    yield [*plain[:index], choice, *plain[index + 1 :]]
                    yield [*distinct[:index], choice, *distinct[index + 1 :]]
            for repeated in positions[0] if positions else ():
                yield [repeated] * length
                for other in positions[-1][:12]:
                    yield [repeated] * (length - 1) + [other]

    def _objects(
        self, around: list[SchemaNode], eyed: list[SchemaNode], musts: Sequence[SchemaNode], depth: int, listed: list[Json]
    ) -> Iterator[Json]:
        places = [*around, *eyed]
        names = _names(places)
        for value in listed:
            if isinstance(value, dict):
                names.update(dict.fromkeys(cast("dict[str, Any]", value)))
        sizes = telling_counts(places, ("minProperties", "maxProperties"), LARGEST_OBJECT)
        fresh = [f"new{index}" for index in range(1, max(sizes) + 1)]
        short = [letter for letter in "mnopqrstuvwxyz" if letter not in names]
        names.update(dict.fromkeys([*fresh[:2], "", *short[:1]]))
        certain = [conjunct for place in musts for conjunct in _certain(place)]
        aside = [
            place / "unevaluatedProperties" for place in places if isinstance(place.keywords.get("unevaluatedProperties"), dict | bool)
        ]
        # Names of which both sides say different things come first, for there an instance is lost.
        telling = (
            sorted(names, key=lambda name: _described(certain, name) == _described(eyed, name))
            if len(names) > self.breadth
            else list(names)
        )
        pools = {
            name: self._pool(members(certain, name), [*members(around, name), *members(eyed, name), *aside], depth)
            for name in telling[: self.breadth]
        }
        for name in dict.fromkeys(name for place in certain for name in _required(place) if name not in pools):
            pools[name] = self._pool(members(certain, name), [], depth)[:1]
        usable = [name for name, values in pools.items() if values]
        needed = list(dict.fromkeys(name for place in certain for name in _required(place) if name in pools))
        if any(not pools[name] for name in needed):
            return
        base = {name: pools[name][0] for name in needed}
        declared = [name for name in usable if name not in fresh and name != ""]
        full = {name: pools[name][0] for name in (*needed, *declared)}
        bases = [base, full]
        required = list(dict.fromkeys(name for place in places for name in _required(place) if name in usable))
        bases.append({**base, **{name: pools[name][0] for name in required}})
        for count in sorted(sizes):
            for spare in ((*usable, *fresh, *short), (*fresh, *short)):
                wide = dict(base)
                for name in [name for name in spare if name not in base][: max(0, count - len(base))]:
                    choices = pools.get(name) or self._pool(members(certain, name), [], depth)
                    if choices:
                        wide[name] = choices[0]
                bases.append(wide)
        yield from bases
        for start in bases[:3]:
            for name in usable:
                for value in pools[name]:
                    yield {**start, name: value}
        for start in bases:
            for name in start:
                if name not in needed:
                    yield {key: value for key, value in start.items() if key != name}
        for one in declared[:10]:
            for other in declared[:10]:
                if one != other:
                    for value in pools[one][:8]:
                        for second in pools[other][:8]:
                            yield {**base, one: value, other: second}

    def _pool(self, always: Sequence[SchemaNode], eyes: Sequence[SchemaNode], depth: int) -> list[Json]:
        if not always and not eyes:
            return [0, "a", None] if depth else [0, "a", None, {}, [], True, 0.5]
        return self.fitting(always, [place for place in eyes if place not in always], depth + 1)


def _distinct(values: Sequence[Json], count: int) -> list[Json]:
    """As many different values as there are, over and over where there are too few; numbers and strings go on by counting."""
    found = list(values[:count])
    number = max((value for value in found if isinstance(value, int) and not isinstance(value, bool)), default=None)
    while len(found) < count:
        if number is not None:
            number += 1
            found.append(number)
        else:
            found.append(values[len(found) % len(values)])
    return found


def _described(places: Sequence[SchemaNode], name: str) -> list[str]:
    return [str(member.schema) for member in members(places, name)]


def turn_about(sources: list[Iterator[Json]]) -> Iterator[Json]:
    """One value of each source in turn, so that none keeps the others waiting."""
    while sources:
        for source in list(sources):
            try:
                yield next(source)
            except StopIteration:
                sources.remove(source)


def _certain(place: SchemaNode) -> list[SchemaNode]:
    try:
        return conjuncts(place)
    except Unresolved:
        return [place, *place.listed("allOf")]


def _under(place: SchemaNode, top: SchemaNode, keywords: tuple[str, ...]) -> bool:
    return place.document is top.document and any(part in keywords for part in place.pointer[len(top.pointer) :])


def _kinds(musts: Sequence[SchemaNode]) -> list[str]:
    kinds = set(TYPES)
    for place in musts:
        for schema in _certain(place):
            types = schema.keywords.get("type")
            if types is not None:
                named = {types} if isinstance(types, str) else set(cast("list[str]", types))
                kinds &= named | ({"integer"} if "number" in named else set())
    return [kind for kind in TYPES if kind in kinds]


def _required(place: SchemaNode) -> list[str]:
    required = place.keywords.get("required")
    return [name for name in cast("Sequence[Any]", required) if isinstance(name, str)] if isinstance(required, list) else []


def _names(places: list[SchemaNode]) -> dict[str, None]:
    found: dict[str, None] = {}
    for place in places:
        keywords = place.keywords
        found.update(dict.fromkeys(place.named("properties")))
        found.update(dict.fromkeys(_required(place)))
        for word in ("dependentRequired", "dependentSchemas", "dependencies"):
            dependents = keywords.get(word)
            if isinstance(dependents, dict):
                for name, needs in cast("dict[str, Any]", dependents).items():
                    found[name] = None
                    if isinstance(needs, list):
                        found.update(dict.fromkeys(cast("list[str]", needs)))
    patterns = list(dict.fromkeys(pattern for place in places for pattern in place.named("patternProperties")))[:8]
    for one in patterns:
        for other in (None, *patterns):
            for refused in (frozenset[str](), frozenset(patterns) - {one, other}):
                try:
                    written = text(frozenset({one} if other is None else {one, other}), refused)
                except (Unread, TooLarge):
                    continue
                if written is not None:
                    found.setdefault(written)
    named_by_schemas = [
        conjunct
        for place in places
        if isinstance(place.keywords.get("propertyNames"), dict | bool)
        for conjunct in nearby(place / "propertyNames")
    ]
    if named_by_schemas:
        found.update(dict.fromkeys(telling_strings(named_by_schemas)))
        found.update(dict.fromkeys(value for place in named_by_schemas for value in listed_values(place) if isinstance(value, str)))
    return found
