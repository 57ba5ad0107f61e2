"""Anchors: a reference by name, static or dynamic, read as the pointer that it stands for where only one place has the name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_conformance.compatibility.places import escape
from assay_conformance.compatibility.values import is_array, is_object

_NAMES = ("$anchor", "$dynamicAnchor")
_LEADS = ("$ref", "$dynamicRef")


def by_pointer(content: dict[str, Any]) -> dict[str, Any]:
    """The document with its references by name written as pointers; the same one where there are none.

    A name that several places have depends on the way that a validator came, and is left as it is.
    """
    places: dict[str, list[str]] = {}
    for pointer, value in _objects(content):
        for word in _NAMES:
            if isinstance(value.get(word), str):
                places.setdefault(value[word], []).append(pointer)
    single = {f"#{name}": f"#{held[0]}" for name, held in places.items() if len(held) == 1}
    return _written(content, single) if single else content


def meant_by(content: dict[str, Any], name: str) -> list[Any]:
    """Every schema that a dynamic reference by a name may lead to."""
    return [
        value
        for _, value in sorted(_objects(content), key=lambda each: each[0])
        if name in (value.get("$dynamicAnchor"), value.get("$anchor"))
    ]


def depends_on_the_way(content: dict[str, Any]) -> bool:
    """Whether a reference is left of which only a validator under way knows where it leads."""
    return any("$dynamicRef" in value or "$recursiveRef" in value for _, value in _objects(content))


def _objects(content: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    waiting: list[tuple[str, Any]] = [("", content)]
    while waiting:
        pointer, value = waiting.pop()
        if is_object(value):
            yield pointer, value
            waiting.extend((f"{pointer}/{escape(str(key))}", each) for key, each in value.items() if is_object(each) or is_array(each))
        elif is_array(value):
            waiting.extend((f"{pointer}/{index}", each) for index, each in enumerate(value) if is_object(each) or is_array(each))


def _written(value: Any, single: dict[str, str]) -> Any:
    if is_array(value):
        return [_written(each, single) for each in value]
    if not is_object(value):
        return value
    made = {key: _written(each, single) for key, each in value.items()}
    for word in _LEADS:
        told = made.get(word)
        if isinstance(told, str) and told in single:
            del made[word]
            made["$ref"] = single[told]
    return made
