"""Parameters of operations and headers of responses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_compatibility.classes import Effect
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change, reported_by_walk, rule
from assay_compatibility.rules.pairs import ObjectPair

STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def style(parameter: Node) -> str:
    """How it is written, by default too."""
    return str(parameter["style"] or STYLES.get(str(parameter["in"] or "header"), "form"))


def _explode(parameter: Node) -> bool:
    explode = parameter["explode"]
    return explode if isinstance(explode, bool) else style(parameter) == "form"


@rule("parameter-became-required", "parameter", Effect.NARROWS)
def parameter_became_required(pair: ObjectPair) -> Iterator[Change]:
    """A parameter became required."""
    if pair.new["required"] is True and pair.old["required"] is not True and pair.new["in"] != "path":
        yield Change(before=False, after=True)


@rule("parameter-became-optional", "parameter", Effect.WIDENS)
def parameter_became_optional(pair: ObjectPair) -> Iterator[Change]:
    """A parameter became optional."""
    if pair.old["required"] is True and pair.new["required"] is not True and pair.new["in"] != "path":
        yield Change(before=True, after=False)


@rule("parameter-style-changed", "parameter", Effect.REPLACES)
def parameter_style_changed(pair: ObjectPair) -> Iterator[Change]:
    """The `style` of a parameter changed."""
    if style(pair.old) != style(pair.new):
        yield Change(style(pair.old), style(pair.new))


@rule("parameter-explode-changed", "parameter", Effect.REPLACES)
def parameter_explode_changed(pair: ObjectPair) -> Iterator[Change]:
    """The `explode` flag of a parameter changed."""
    if style(pair.old) == style(pair.new) and _explode(pair.old) != _explode(pair.new):
        yield Change(_explode(pair.old), _explode(pair.new))


def _flag(pair: ObjectPair, key: str) -> tuple[bool, bool]:
    return pair.old[key] is True, pair.new[key] is True


@rule("empty-value-forbidden", "parameter", Effect.NARROWS)
def empty_value_forbidden(pair: ObjectPair) -> Iterator[Change]:
    """A query parameter can no longer be empty."""
    if _flag(pair, "allowEmptyValue") == (True, False) and pair.new["in"] == "query":
        yield Change(before=True, after=False)


@rule("empty-value-allowed", "parameter", Effect.WIDENS)
def empty_value_allowed(pair: ObjectPair) -> Iterator[Change]:
    """A query parameter can now be empty."""
    if _flag(pair, "allowEmptyValue") == (False, True):
        yield Change(before=False, after=True)


@rule("empty-value-meaningless", "parameter", Effect.ADDS)
def empty_value_meaningless(pair: ObjectPair) -> Iterator[Change]:
    """An `allowEmptyValue` without effect was removed."""
    if _flag(pair, "allowEmptyValue") == (True, False) and pair.new["in"] != "query":
        yield Change(before=True, after=False)


@rule("reserved-characters-forbidden", "parameter", Effect.NARROWS)
def reserved_characters_forbidden(pair: ObjectPair) -> Iterator[Change]:
    """A query parameter no longer accepts unescaped reserved characters."""
    if _flag(pair, "allowReserved") == (True, False) and pair.new["in"] == "query":
        yield Change(before=True, after=False)


@rule("reserved-characters-allowed", "parameter", Effect.ADDS)
def reserved_characters_allowed(pair: ObjectPair) -> Iterator[Change]:
    """A query parameter now accepts unescaped reserved characters, or an `allowReserved` without effect was removed."""
    old, new = _flag(pair, "allowReserved")
    if old != new and (new or pair.new["in"] != "query"):
        yield Change(old, new)


@rule("parameter-deprecated", "parameter", Effect.ADDS, policy="deprecation")
def parameter_deprecated(pair: ObjectPair) -> Iterator[Change]:
    """The deprecated flag of a parameter changed."""
    old, new = _flag(pair, "deprecated")
    if old != new:
        yield Change(old, new)


@rule("parameter-described-differently", "parameter", Effect.ANNOTATES)
def parameter_described_differently(pair: ObjectPair) -> Iterator[Change]:
    """The description or the examples of a parameter changed."""
    for key in ("description", "example", "examples"):
        yield from pair.changed(key)


def _content(place: Node) -> Any:
    return sorted(place["content"] or ())


@rule("parameter-media-type-changed", "parameter", Effect.REPLACES)
def parameter_media_type_changed(pair: ObjectPair) -> Iterator[Change]:
    """The media type of a parameter changed."""
    if _content(pair.old) != _content(pair.new):
        yield Change(_content(pair.old), _content(pair.new))


# The walk reports these: it alone knows which parameters stand in both documents.
reported_by_walk("required-parameter-added", "parameters", Effect.NARROWS, "A required parameter was added.")
reported_by_walk("optional-parameter-added", "parameters", Effect.ADDS, "An optional parameter was added.")
reported_by_walk("parameter-removed", "parameters", Effect.BREAKS, "A parameter was removed.", policy="parameter-removed")
reported_by_walk(
    "reserved-header-described",
    "parameters",
    Effect.ADDS,
    "A header parameter that OpenAPI ignores (Accept, Content-Type, Authorization) was added or removed.",
)
reported_by_walk("required-response-header-removed", "parameters", Effect.WIDENS, "A required response header was removed.")
reported_by_walk(
    "optional-response-header-removed",
    "parameters",
    Effect.WIDENS,
    "An optional response header was removed.",
    policy="optional-response-header-removed",
)
reported_by_walk("response-header-added", "parameters", Effect.ADDS, "A response header was added.")
