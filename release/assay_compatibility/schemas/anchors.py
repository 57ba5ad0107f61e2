"""References that are no pointers of the document: by name, or from the root of the schema that they stand in.

Both are written as the pointers that they stand for, so that everyone behind here reads pointers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.pointers import escape
from assay_contracts.references import reference_texts

_NAMES = ("$anchor", "$dynamicAnchor")
_LEADS = ("$ref", "$dynamicRef")
# Under these keys stands a schema as a whole, and under these maps one by each name.
_SCHEMAS = frozenset({"payload", "schema", "itemSchema", "contentSchema"})
_MAPS = frozenset({"/components/schemas"})
Base = tuple[str, Any]


def by_pointer(content: dict[str, Any]) -> dict[str, Any]:
    """The document with every reference written as a pointer; the same one where all are.

    A name that several places have depends on the way that a validator came, and is left as it is. A pointer that leads
    nowhere from the root of the document is tried from the root of its schema, where people paste schemas as they are.
    """
    places: dict[str, list[str]] = {}
    # Few documents name a place, and those that do not are spared the pointers of all theirs.
    named = any(word in value for value in _values(content) for word in _NAMES)
    for pointer, value in _objects(content) if named else ():
        for word in _NAMES:
            if isinstance(value.get(word), str):
                places.setdefault(value[word], []).append(pointer)
    single = {f"#{name}": f"#{homes[0]}" for name, homes in places.items() if len(homes) == 1}
    foreign = {text for text in reference_texts(content) if text == "#" or (text.startswith("#/") and _first(text) not in content)}
    if not single and not foreign:
        return content

    def rewritten(reference: str, base: Base | None) -> str:
        if reference in foreign and base is not None and _leads(base[1], reference):
            return f"#{base[0]}{reference[1:]}"
        return single.get(reference, reference)

    written: dict[str, Any] = _written(content, "", None, rewritten)
    return written


def meant_by(content: dict[str, Any], name: str) -> list[Any]:
    """Every schema that a dynamic reference by a name may lead to."""
    found = [(pointer, value) for pointer, value in _objects(content) if name in (value.get("$dynamicAnchor"), value.get("$anchor"))]
    return [value for _, value in sorted(found, key=lambda pair: pair[0])]


def depends_on_the_way(content: dict[str, Any]) -> bool:
    """Whether a reference is left of which only a validator under way knows where it leads."""
    return any("$dynamicRef" in value or "$recursiveRef" in value for value in _values(content))


def _first(reference: str) -> str:
    return pointers.split(reference)[0]


def _leads(value: Any, reference: str) -> bool:
    return pointers.follow(value, reference) is not pointers.MISSING


def _values(content: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document, wherever it stands."""
    waiting: list[Any] = [content]
    while waiting:
        value = waiting.pop()
        if is_mapping(value):
            yield value
            waiting.extend(value.values())
        elif is_list(value):
            waiting.extend(value)


def _objects(content: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    waiting: list[tuple[str, Any]] = [("", content)]
    while waiting:
        pointer, value = waiting.pop()
        if is_mapping(value):
            yield pointer, value
            waiting.extend((f"{pointer}/{escape(str(key))}", below) for key, below in value.items() if is_mapping(below) or is_list(below))
        elif is_list(value):
            waiting.extend((f"{pointer}/{index}", item) for index, item in enumerate(value) if is_mapping(item) or is_list(item))


def _written(value: Any, pointer: str, base: Base | None, rewrite: Callable[[str, Base | None], str]) -> Any:
    if is_list(value):
        return [_written(item, f"{pointer}/{index}", base, rewrite) for index, item in enumerate(value)]
    if not is_mapping(value):
        return value
    copy: dict[str, Any] = {}
    for key, part in value.items():
        below = f"{pointer}/{escape(str(key))}"
        starts = is_mapping(part) and base is None and (key in _SCHEMAS or pointer in _MAPS)
        copy[key] = _written(part, below, (below, part) if starts else base, rewrite)
    for word in _LEADS:
        reference = copy.get(word)
        if isinstance(reference, str):
            meant = rewrite(reference, base)
            if meant != reference:
                del copy[word]
                copy["$ref"] = meant
    return copy
