"""Bounds of numbers, strings, arrays and objects: each may be set, removed, loosened or tightened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from assay_compatibility.classes import Effect
from assay_compatibility.rules.model import Change, rule
from assay_compatibility.rules.pairs import SchemaPair

_KEBAB = {
    "maximum": "maximum", "minimum": "minimum", "maxLength": "max-length", "minLength": "min-length", "maxItems": "max-items",
    "minItems": "min-items", "maxProperties": "max-properties", "minProperties": "min-properties",
    "maxContains": "max-contains", "minContains": "min-contains",
}  # fmt: skip


def _limit(words: dict[str, Any], key: str) -> tuple[float, int] | None:
    """A bound as a number and whether it is itself left out, comparable with another of its kind."""
    if key in ("minimum", "maximum"):
        exclusive = "exclusive" + key.capitalize()
        if isinstance(words.get(exclusive), int | float):
            step = 1 if key == "minimum" else -1
            whole = words.get("integers") and float(words[exclusive]).is_integer()
            return (words[exclusive] + step, 0) if whole else (words[exclusive], step)
    raw = words.get(key)
    return (raw, 0) if isinstance(raw, int | float) and not isinstance(raw, bool) else None


def _as_written(words: dict[str, Any], key: str) -> Any:
    return words.get(key, words.get("exclusive" + key.capitalize()))


def _bound(key: str) -> None:
    name, upper = _KEBAB[key], key.startswith("max")
    tests: tuple[tuple[str, Effect, str, Callable[[Any, Any], bool]], ...] = (
        ("set", Effect.NARROWS, f"`{key}` was set.", lambda old, new: old is None and new is not None),
        ("unset", Effect.WIDENS, f"`{key}` was unset.", lambda old, new: old is not None and new is None),
        (
            "decreased",
            Effect.NARROWS if upper else Effect.WIDENS,
            f"`{key}` was decreased.",
            lambda old, new: old is not None and new is not None and new < old,
        ),
        (
            "increased",
            Effect.WIDENS if upper else Effect.NARROWS,
            f"`{key}` was increased.",
            lambda old, new: old is not None and new is not None and new > old,
        ),
    )
    for suffix, effect, sentence, holds in tests:

        def find(pair: SchemaPair, holds: Callable[[Any, Any], bool] = holds) -> Iterator[Change]:
            old, new = _limit(pair.old.keywords, key), _limit(pair.new.keywords, key)
            if holds(old, new):
                yield Change(
                    _as_written(pair.old.keywords, key),
                    _as_written(pair.new.keywords, key),
                    pair.where(key, "exclusive" + key.capitalize()),
                )

        rule(f"{name}-{suffix}", "schema", effect, sentence=sentence)(find)


for _key in _KEBAB:
    _bound(_key)


@rule("multiple-of-added", "schema", Effect.NARROWS)
def multiple_of_added(pair: SchemaPair) -> Iterator[Change]:
    """`multipleOf` was added."""
    yield from pair.added("multipleOf")


@rule("multiple-of-removed", "schema", Effect.WIDENS)
def multiple_of_removed(pair: SchemaPair) -> Iterator[Change]:
    """`multipleOf` was removed."""
    yield from pair.removed("multipleOf")


def _divides(small: Any, large: Any) -> bool:
    return isinstance(small, int | float) and isinstance(large, int | float) and small != 0 and float(large / small).is_integer()


@rule("multiple-of-narrowed", "schema", Effect.NARROWS)
def multiple_of_narrowed(pair: SchemaPair) -> Iterator[Change]:
    """`multipleOf` changed to a multiple of its old value."""
    yield from pair.changed("multipleOf", when=_divides)


@rule("multiple-of-widened", "schema", Effect.WIDENS)
def multiple_of_widened(pair: SchemaPair) -> Iterator[Change]:
    """`multipleOf` changed to a divisor of its old value."""
    yield from pair.changed("multipleOf", when=lambda old, new: _divides(new, old))


@rule("multiple-of-changed", "schema", Effect.REPLACES)
def multiple_of_changed(pair: SchemaPair) -> Iterator[Change]:
    """`multipleOf` changed, and neither value is a multiple of the other."""
    yield from pair.changed("multipleOf", when=lambda old, new: not _divides(old, new) and not _divides(new, old))


@rule("unique-items-required", "schema", Effect.NARROWS)
def unique_items_required(pair: SchemaPair) -> Iterator[Change]:
    """`uniqueItems` was set: items must be different."""
    yield from pair.added("uniqueItems")


@rule("unique-items-no-longer-required", "schema", Effect.WIDENS)
def unique_items_no_longer_required(pair: SchemaPair) -> Iterator[Change]:
    """`uniqueItems` was unset: items can be repeated."""
    yield from pair.removed("uniqueItems")
