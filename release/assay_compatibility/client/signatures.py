"""Two methods of one name: what griffe says of their arguments, and what their annotations say of types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import griffe

_OWN = ("self", "cls")
_RULES = {
    griffe.BreakageKind.PARAMETER_MOVED: "source-parameter-moved",
    griffe.BreakageKind.PARAMETER_CHANGED_KIND: "source-parameter-kind-changed",
    griffe.BreakageKind.PARAMETER_CHANGED_REQUIRED: "source-parameter-became-required",
    griffe.BreakageKind.PARAMETER_CHANGED_DEFAULT: "source-parameter-default-changed",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One change of a signature: the rule, the argument, and what it was and is."""

    rule: str
    argument: str
    before: str | None
    after: str | None


def renamed(old: griffe.Function, new: griffe.Function) -> dict[str, str]:
    """Arguments that went while one came which is the same but for its name."""
    removed = [argument for argument in _arguments(old).values() if argument.name not in _arguments(new)]
    added = [argument for argument in _arguments(new).values() if argument.name not in _arguments(old)]
    found: dict[str, str] = {}
    for argument in removed:
        like = [other for other in added if _alike(argument, other)]
        if len(like) == 1 and sum(_alike(other, like[0]) for other in removed) == 1:
            found[argument.name] = like[0].name
    return found


def signature_changes(old: griffe.Function, new: griffe.Function) -> Iterator[Seen]:
    """Every change of the arguments but those of their types."""
    names = renamed(old, new)
    olds, news = _arguments(old), _arguments(new)
    for breakage in griffe.find_breaking_changes(_holding(old), _holding(new, old.name)):
        if breakage.kind is griffe.BreakageKind.PARAMETER_REMOVED:
            old_argument = cast("griffe.Parameter", breakage.old_value)
            if old_argument.name not in names:
                yield Seen("source-parameter-removed", old_argument.name, _written(old_argument), None)
        elif breakage.kind is griffe.BreakageKind.PARAMETER_ADDED_REQUIRED:
            new_argument = cast("griffe.Parameter", breakage.new_value)
            if new_argument.name not in names.values():
                yield Seen("source-required-parameter-added", new_argument.name, None, _written(new_argument))
        elif breakage.kind in _RULES:
            was, now = cast("griffe.Parameter", breakage.old_value), cast("griffe.Parameter", breakage.new_value)
            if was.name not in _OWN:
                yield Seen(_RULES[breakage.kind], was.name, _written(was), _written(now))
    for name, other in names.items():
        yield Seen("source-parameter-renamed", name, name, other)
    for name, argument in news.items():
        if name not in olds and not argument.required and name not in names.values():
            yield Seen("source-parameter-added", name, None, _written(argument))
        elif name in olds and olds[name].required and not argument.required:
            yield Seen("source-parameter-became-optional", name, _written(olds[name]), _written(argument))
    before, after = _by_name(olds, news), _by_name(news, olds)
    if before != after:
        yield Seen("source-parameter-reordered", "", ", ".join(before), ", ".join(after))


def types_of(old: griffe.Function, new: griffe.Function) -> Iterator[tuple[str, str, str]]:
    """The arguments of both, with their annotations before and after."""
    names, news = renamed(old, new), _arguments(new)
    for name, argument in _arguments(old).items():
        other = news.get(names.get(name, name))
        if other is not None and argument.annotation is not None and other.annotation is not None:
            yield name, str(argument.annotation), str(other.annotation)


def given(function: griffe.Function) -> Iterator[str]:
    """The annotations of what a caller gives."""
    for argument in _arguments(function).values():
        if argument.annotation is not None:
            yield str(argument.annotation)


def _arguments(function: griffe.Function) -> dict[str, griffe.Parameter]:
    return {parameter.name: parameter for parameter in function.parameters if parameter.name not in _OWN}


def _alike(one: griffe.Parameter, other: griffe.Parameter) -> bool:
    return (str(one.annotation), one.required, one.kind) == (str(other.annotation), other.required, other.kind)


def _by_name(arguments: dict[str, griffe.Parameter], others: dict[str, griffe.Parameter]) -> list[str]:
    return [name for name, argument in arguments.items() if name in others and argument.kind is griffe.ParameterKind.keyword_only]


def _written(parameter: griffe.Parameter) -> str:
    annotation = f": {parameter.annotation}" if parameter.annotation is not None else ""
    return f"{parameter.name}{annotation}" + ("" if parameter.required else f" = {parameter.default}")


def _holding(function: griffe.Function, name: str | None = None) -> griffe.Class:
    """A class with this one method, which is the smallest thing that griffe compares."""
    holder = griffe.Class("holder")
    holder.members[name or function.name] = function
    return holder
