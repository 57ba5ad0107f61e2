"""What can change in a property of an annotation, as a vocabulary file names it.

Each function makes a comparison of one property from the path that leads to it. Along the path `*` stands for every entry that a
map has on both sides. A property is compared where the object that has it stands on both sides; else another rule reports that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.schemas.normal_form import canonical

ANY = "*"
Compare = Callable[[ObjectPair], Iterator[Change]]


def added(*path: str) -> Compare:
    """A property that was not there."""

    def compare(pair: ObjectPair) -> Iterator[Change]:
        for old, new in values(pair, path):
            if old.value is None and new.value is not None:
                yield Change(None, new.value, new.pointer)

    return compare


def removed(*path: str) -> Compare:
    """A property that is no longer there."""

    def compare(pair: ObjectPair) -> Iterator[Change]:
        for old, new in values(pair, path):
            if old.value is not None and new.value is None:
                yield Change(old.value, None, old.pointer)

    return compare


def changed(*path: str) -> Compare:
    """A property that differs in any way; one that is absent counts as a value of its own."""

    def compare(pair: ObjectPair) -> Iterator[Change]:
        for old, new in values(pair, path):
            if old.value != new.value:
                yield Change(old.value, new.value, new.pointer)

    return compare


def replaced(*path: str) -> Compare:
    """A property that has another value and is there on both sides."""

    def compare(pair: ObjectPair) -> Iterator[Change]:
        for change in changed(*path)(pair):
            if change.before is not None and change.after is not None:
                yield change

    return compare


def decreased(*path: str) -> Compare:
    """A number or a duration that became smaller."""

    def compare(pair: ObjectPair) -> Iterator[Change]:
        for change in replaced(*path)(pair):
            before, after = measure(change.before), measure(change.after)
            if before is not None and after is not None and after < before:
                yield change

    return compare


def increased(*path: str) -> Compare:
    """A number or a duration that became larger."""

    def compare(pair: ObjectPair) -> Iterator[Change]:
        for change in replaced(*path)(pair):
            before, after = measure(change.before), measure(change.after)
            if before is not None and after is not None and after > before:
                yield change

    return compare


def flag_set(*path: str) -> Compare:
    """A flag that is true and was not."""

    def compare(pair: ObjectPair) -> Iterator[Change]:
        for change in changed(*path)(pair):
            if change.after is True:
                yield change

    return compare


def flag_unset(*path: str) -> Compare:
    """A flag that was true and no longer is."""

    def compare(pair: ObjectPair) -> Iterator[Change]:
        for change in changed(*path)(pair):
            if change.before is True:
                yield change

    return compare


def earlier(*path: str) -> Compare:
    """A date that moved back; dates are compared as ISO 8601 writes them."""

    def compare(pair: ObjectPair) -> Iterator[Change]:
        for change in replaced(*path)(pair):
            if isinstance(change.before, str) and isinstance(change.after, str) and change.after < change.before:
                yield change

    return compare


def later(*path: str) -> Compare:
    """A date that moved forward."""

    def compare(pair: ObjectPair) -> Iterator[Change]:
        for change in replaced(*path)(pair):
            if isinstance(change.before, str) and isinstance(change.after, str) and change.after > change.before:
                yield change

    return compare


def element_removed(*path: str) -> Compare:
    """An element of a list, or a name of a map, that is no longer there."""

    def compare(pair: ObjectPair) -> Iterator[Change]:
        for old, new in values(pair, path):
            kept = {canonical(element) for element, _ in elements(new)}
            yield from (Change(element, None, place.pointer) for element, place in elements(old) if canonical(element) not in kept)

    return compare


def element_added(*path: str) -> Compare:
    """An element of a list, or a name of a map, that was not there."""

    def compare(pair: ObjectPair) -> Iterator[Change]:
        for old, new in values(pair, path):
            known = {canonical(element) for element, _ in elements(old)}
            yield from (Change(None, element, place.pointer) for element, place in elements(new) if canonical(element) not in known)

    return compare


def names_old_parameter(*path: str) -> Compare:
    """An element was added that names a parameter which requests could have before."""
    return _names_parameter(path, added=False)


def names_added_parameter(*path: str) -> Compare:
    """An element was added that names a parameter which was added with it: no request had one before."""
    return _names_parameter(path, added=True)


def _names_parameter(path: tuple[str, ...], *, added: bool) -> Compare:
    def compare(pair: ObjectPair) -> Iterator[Change]:
        names = pair.extra.get("added-parameters", frozenset[str]())
        yield from (change for change in element_added(*path)(pair) if (str(change.after).lower() in names) is added)

    return compare


def names_old_property(*path: str) -> Compare:
    """An element was added that points to a property which responses could have before."""
    return _names_property(path, added=False)


def names_added_property(*path: str) -> Compare:
    """An element was added that points to a property which was added with it: no response had one before."""
    return _names_property(path, added=True)


def _names_property(path: tuple[str, ...], *, added: bool) -> Compare:
    def compare(pair: ObjectPair) -> Iterator[Change]:
        undeclared = pair.extra.get("undeclared-pointers", frozenset[str]())
        yield from (change for change in element_added(*path)(pair) if (change.after in undeclared) is added)

    return compare


def element_changed(*path: str) -> Compare:
    """An entry of a map that has another value under the same name."""
    return changed(*path, ANY)


def annotation_added(pair: ObjectPair) -> Iterator[Change]:
    """The annotation itself stands where it did not."""
    if pair.old.value is None and pair.new.value is not None:
        yield Change(None, pair.new.value, pair.new.pointer)


def annotation_removed(pair: ObjectPair) -> Iterator[Change]:
    """The annotation itself no longer stands there."""
    if pair.old.value is not None and pair.new.value is None:
        yield Change(pair.old.value, None, pair.old.pointer)


OF_PROPERTIES: Mapping[str, Callable[..., Compare]] = {
    "added": added,
    "removed": removed,
    "changed": changed,
    "replaced": replaced,
    "increased": increased,
    "decreased": decreased,
    "set": flag_set,
    "unset": flag_unset,
    "earlier": earlier,
    "later": later,
    "element-added": element_added,
    "element-removed": element_removed,
    "element-changed": element_changed,
}
OF_ANNOTATIONS: Mapping[str, Compare] = {"added": annotation_added, "removed": annotation_removed}


def comparison(when: str, path: tuple[str, ...]) -> Compare:
    """The comparison that a vocabulary file asks for by name, of the property at a path."""
    if not path and when in OF_ANNOTATIONS:
        return OF_ANNOTATIONS[when]
    return OF_PROPERTIES[when](*path)


def values(pair: ObjectPair, path: tuple[str, ...]) -> Iterator[tuple[Node, Node]]:
    """The value at the path on both sides, where what has it is an object on both; `*` for each entry of both maps."""
    if not path:
        if pair.old.value is not None and pair.new.value is not None:
            yield pair.old, pair.new
        return
    if ANY in path:
        at = path.index(ANY)
        for old, new in values(pair, path[:at]):
            olds, news = dict(old.children()), dict(new.children())
            for name in olds:
                if name in news:
                    yield from values(ObjectPair(olds[name], news[name]), path[at + 1 :])
        return
    old, new = pair.old.child(*path[:-1]), pair.new.child(*path[:-1])
    if is_mapping(old.value) and is_mapping(new.value):
        yield old.child(path[-1]), new.child(path[-1])


def elements(place: Node) -> Iterator[tuple[Any, Node]]:
    """The elements of a list by value, or the entries of a map by name."""
    for name, child in place.children():
        yield (child.value if is_list(place.value) else name), child


def measure(value: Any) -> float | None:
    """A number, or the seconds of an ISO 8601 duration."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    written = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if written is None:
        return None
    return sum(float(amount) * size for amount, size in zip(written.groups(default="0"), _SECONDS, strict=True))


_SECONDS = (31_536_000, 2_592_000, 604_800, 86_400, 3_600, 60, 1)
_DURATION = re.compile(
    r"P(?=\d|T)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?",
)
