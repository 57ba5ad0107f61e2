"""Values that an official schema allows: at least two of each kind wherever there are two."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

from assay_containment.formats import EXAMPLES
from assay_containment.patterns import Unread
from assay_containment.regex_witness import TooLarge, text
from assay_contracts.json_types import is_list

from compatibility_audit.objects import Json, Node, described, spread

MOST = 4
DEEPEST = 5
# What stands where a JSON Schema stands: wider and narrower ones, another type, and the two that need no object.
SCHEMAS: tuple[Json, ...] = (
    {"type": "string"},
    {"type": "string", "maxLength": 3},
    {"type": ["null", "string"]},
    {"type": "integer"},
    True,
    False,
)


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "samples.toml").read_text(encoding="utf-8"))


def samples(nodes: Sequence[Node], name: str = "", depth: int = 0) -> list[Json]:
    """Some different values that fit, the simplest first; a field whose values have a meaning of their own is told by name."""
    told = _told()["fields"].get(name)
    if told is not None:
        return cast("list[Json]", told)
    found: dict[str, Json] = {}
    for node in nodes:
        for value in _of(node, depth):
            found.setdefault(json.dumps(value, sort_keys=True), value)
    return list(found.values())[: MOST if depth else 2 * MOST]


def keyword_samples(name: str, nodes: Sequence[Node]) -> list[Json]:
    """Values of a keyword of JSON Schema."""
    told = _told()["keywords"].get(name)
    return cast("list[Json]", told) if told is not None else samples(nodes)


def _of(node: Node, depth: int) -> Iterator[Json]:
    if depth > DEEPEST:
        return
    everything = list(spread(node))
    if any(each.is_schema for each in everything):
        yield from SCHEMAS
        return
    if node.schema is True or node.schema == {}:
        yield from ("alpha", "beta", 1)
        return
    branches = [node.to(each) for word in ("oneOf", "anyOf") for each in node.said.get(word, ()) if "required" not in each or len(each) > 1]
    branches = [branch for branch in branches if branch.target is None or branch.target.name not in ("Reference", "reference")]
    if branches:
        for branch in branches:
            yield from samples([branch], depth=depth + 1)
        return
    for each in everything:
        said = each.said
        if "const" in said:
            yield said["const"]
            return
        if is_list(said.get("enum")):
            yield from said["enum"]
            return
    target = node.target
    if target is not None and any("oneOf" in each.said for each in spread(target)) and "properties" not in target.said:
        yield from samples([target], depth=depth)
        return
    for kind in _kinds(everything):
        yield from _of_kind(kind, node, everything, depth)


def _kinds(everything: Sequence[Node]) -> list[str]:
    for each in everything:
        told = each.said.get("type")
        if told is not None:
            return [str(one) for one in told] if is_list(told) else [str(told)]
    if any({"properties", "additionalProperties"} & each.said.keys() for each in everything):
        return ["object"]
    return []


def _of_kind(kind: str, node: Node, everything: Sequence[Node], depth: int) -> Iterator[Json]:
    if kind == "boolean":
        yield from (False, True)
    elif kind in ("integer", "number"):
        least = max((each.said.get("minimum", 0) for each in everything), default=0)
        above = max((each.said.get("exclusiveMinimum", least - 1) for each in everything), default=0)
        least = max(least, above + 1)
        most = min((each.said["maximum"] for each in everything if "maximum" in each.said), default=least + 99)
        yield from (each for each in (least + 1, least + 4, least) if each <= most)
    elif kind == "string":
        yield from _texts(everything)
    elif kind == "array":
        yield from _lists(node, depth)
    elif kind == "object":
        yield from _objects(node, depth)


def _texts(everything: Sequence[Node]) -> Iterator[str]:
    for each in everything:
        if "format" in each.said:
            known = EXAMPLES.get(str(each.said["format"]), ("alpha",))
            yield from known
            yield from (one[:-1] + chr(ord(one[-1]) + 1) for one in known[:1])
            return
        if isinstance(each.said.get("pattern"), str):
            yield from matching(each.said["pattern"])
            return
    yield from ("alpha", "beta")


def matching(pattern: str) -> Iterator[str]:
    """Two texts that match a pattern, where two are found."""
    try:
        first = text(frozenset({pattern}), least=1)
        if first is None:
            return
        yield first
        other = text(frozenset({pattern}), least=len(first) + 1)
    except (Unread, TooLarge):
        return
    if other is not None:
        yield other


def _lists(node: Node, depth: int) -> Iterator[Json]:
    inside = described([node]).items
    if not inside:
        return
    held = samples(inside, depth=depth + 1)
    if held:
        yield held[:1]
    if len(held) > 1:
        yield held[:2]
        yield held[1::-1]


def _objects(node: Node, depth: int) -> Iterator[Json]:
    told = described([node])
    made: dict[str, Json] = {}
    for name in sorted(told.required & told.fields.keys()):
        found = samples(told.fields[name], f"{told.name}.{name}", depth + 1)
        if not found:
            return
        made[name] = found[0]
    if told.entries and not told.fields:
        keys = _keys(told.entries[0][0])
        held = samples([told.entries[0][1]], depth=depth + 1)
        if held and len(keys) > 1:
            yield {keys[0]: held[0]}
            yield {keys[0]: held[0], keys[1]: held[-1]}
            yield {keys[1]: held[0]}
        return
    yield made
    for name in sorted(told.fields.keys() - made.keys()):
        more = samples(told.fields[name], f"{told.name}.{name}", depth + 2)
        if more:
            yield {**made, name: more[0]}
            return


def _keys(told: str) -> Sequence[str]:
    if told == "media-range":
        return ("text/plain", "text/csv")
    if told == "regex":
        return ("^a", "^b")
    found = tuple(matching(told)) if told.startswith("^") and len(told) < 60 and "\\w" not in told else ()
    return found if len(found) > 1 else ("alpha", "beta")
