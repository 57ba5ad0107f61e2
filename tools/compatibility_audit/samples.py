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
def _listed() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "samples.toml").read_text(encoding="utf-8"))


def samples(nodes: Sequence[Node], name: str = "", depth: int = 0) -> list[Json]:
    """Some different values that fit, the simplest first; a field whose values have a meaning of their own is told by name."""
    listed = _listed()["fields"].get(name)
    if listed is not None:
        return cast("list[Json]", listed)
    found: dict[str, Json] = {}
    for node in nodes:
        for value in _of(node, depth):
            found.setdefault(json.dumps(value, sort_keys=True), value)
    return list(found.values())[: MOST if depth else 2 * MOST]


def keyword_samples(name: str, nodes: Sequence[Node]) -> list[Json]:
    """Values of a keyword of JSON Schema."""
    listed = _listed()["keywords"].get(name)
    return cast("list[Json]", listed) if listed is not None else samples(nodes)


def _of(node: Node, depth: int) -> Iterator[Json]:
    if depth > DEEPEST:
        return
    everything = list(spread(node))
    if any(part.is_schema for part in everything):
        yield from SCHEMAS
        return
    if node.schema is True or node.schema == {}:
        yield from ("alpha", "beta", 1)
        return
    branches = [
        node.to(branch)
        for word in ("oneOf", "anyOf")
        for branch in node.keywords.get(word, ())
        if "required" not in branch or len(branch) > 1
    ]
    branches = [branch for branch in branches if branch.target is None or branch.target.name not in ("Reference", "reference")]
    if branches:
        for branch in branches:
            yield from samples([branch], depth=depth + 1)
        return
    for part in everything:
        keywords = part.keywords
        if "const" in keywords:
            yield keywords["const"]
            return
        if is_list(keywords.get("enum")):
            yield from keywords["enum"]
            return
    target = node.target
    if target is not None and any("oneOf" in part.keywords for part in spread(target)) and "properties" not in target.keywords:
        yield from samples([target], depth=depth)
        return
    for kind in _kinds(everything):
        yield from _of_kind(kind, node, everything, depth)


def _kinds(everything: Sequence[Node]) -> list[str]:
    for part in everything:
        types = part.keywords.get("type")
        if types is not None:
            return [str(one) for one in types] if is_list(types) else [str(types)]
    if any({"properties", "additionalProperties"} & part.keywords.keys() for part in everything):
        return ["object"]
    return []


def _of_kind(kind: str, node: Node, everything: Sequence[Node], depth: int) -> Iterator[Json]:
    if kind == "boolean":
        yield from (False, True)
    elif kind in ("integer", "number"):
        least = max((part.keywords.get("minimum", 0) for part in everything), default=0)
        above = max((part.keywords.get("exclusiveMinimum", least - 1) for part in everything), default=0)
        least = max(least, above + 1)
        most = min((part.keywords["maximum"] for part in everything if "maximum" in part.keywords), default=least + 99)
        yield from (number for number in (least + 1, least + 4, least) if number <= most)
    elif kind == "string":
        yield from _texts(everything)
    elif kind == "array":
        yield from _lists(node, depth)
    elif kind == "object":
        yield from _objects(node, depth)


def _texts(everything: Sequence[Node]) -> Iterator[str]:
    for part in everything:
        if "format" in part.keywords:
            known = EXAMPLES.get(str(part.keywords["format"]), ("alpha",))
            yield from known
            yield from (one[:-1] + chr(ord(one[-1]) + 1) for one in known[:1])
            return
        if isinstance(part.keywords.get("pattern"), str):
            yield from matching(part.keywords["pattern"])
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
    items = samples(inside, depth=depth + 1)
    if items:
        yield items[:1]
    if len(items) > 1:
        yield items[:2]
        yield items[1::-1]


def _objects(node: Node, depth: int) -> Iterator[Json]:
    description = described([node])
    sample: dict[str, Json] = {}
    for name in sorted(description.required & description.fields.keys()):
        found = samples(description.fields[name], f"{description.name}.{name}", depth + 1)
        if not found:
            return
        sample[name] = found[0]
    if description.entries and not description.fields:
        keys = _keys(description.entries[0][0])
        values = samples([description.entries[0][1]], depth=depth + 1)
        if values and len(keys) > 1:
            yield {keys[0]: values[0]}
            yield {keys[0]: values[0], keys[1]: values[-1]}
            yield {keys[1]: values[0]}
        return
    yield sample
    for name in sorted(description.fields.keys() - sample.keys()):
        more = samples(description.fields[name], f"{description.name}.{name}", depth + 2)
        if more:
            yield {**sample, name: more[0]}
            return


def _keys(pattern: str) -> Sequence[str]:
    if pattern == "media-range":
        return ("text/plain", "text/csv")
    if pattern == "regex":
        return ("^a", "^b")
    found = tuple(matching(pattern)) if pattern.startswith("^") and len(pattern) < 60 and "\\w" not in pattern else ()
    return found if len(found) > 1 else ("alpha", "beta")
