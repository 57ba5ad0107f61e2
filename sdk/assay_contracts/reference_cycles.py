"""Schemas without end: references that lead back to where they stand without a step into the value.

A tree that holds trees ends with the value it describes. A schema that extends itself describes nothing, and whoever
checks a value against it goes round for ever, or doubles its work with every round.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.references import follow, references

# The keywords under which a schema speaks of the same value as the one that holds it.
_LISTS = ("allOf", "anyOf", "oneOf")
_ONE = ("not", "if", "then", "else")


def endless(document: dict[str, Any]) -> Iterator[str]:
    """The pointer of one reference of each circle in a bundled document."""
    done: set[str] = set()
    # What stands in an extension is its author's: where it was needed, a bundle has the value written out.
    for start in dict.fromkeys(reference.text for reference in references(document, extensions=())):
        yield from _from(document, start, done)


def _from(document: dict[str, Any], start: str, done: set[str]) -> Iterator[str]:
    """The references that close a circle on the ways from one place; places that are done are left out."""
    if start in done:
        return
    way: dict[str, Iterator[tuple[str, str]]] = {start: _onward(document, start)}
    while way:
        here = next(reversed(way))
        for pointer, target in way[here]:
            if target in way:
                yield pointer
            elif target not in done:
                way[target] = _onward(document, target)
                break
        else:
            done.add(here)
            del way[here]


def _onward(document: dict[str, Any], reference: str) -> Iterator[tuple[str, str]]:
    """The references of a place that speak of the same value, each with its pointer."""
    waiting = [(reference.removeprefix("#"), follow(document, reference))]
    while waiting:
        at, here = waiting.pop()
        if not is_mapping(here):
            continue
        for key in ("$ref", "$dynamicRef"):
            if isinstance(here.get(key), str) and here[key].startswith("#/"):
                yield f"{at}/{key}", here[key]
        for key in _LISTS:
            members = here.get(key)
            waiting += [(f"{at}/{key}/{index}", member) for index, member in enumerate(members if is_list(members) else [])]
        waiting += [(f"{at}/{key}", here[key]) for key in _ONE if key in here]
        dependent = here.get("dependentSchemas")
        for name, required in dependent.items() if is_mapping(dependent) else ():
            waiting.append((at + pointers.join("dependentSchemas", name), required))
