"""Models of large documents in several modules, so that a program loads what it uses.

What uses each other in a circle shares a module. A module uses only modules that were filled before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from assay_codegen.model_source import Statement
from assay_codegen.naming import Allocator, snake

ONE_MODULE = 150
"""As many models are one module: to split them would cost more than it saves."""
_MODULE_SIZE = 40
_LONGEST_CHAIN = 30


def modules_of(statements: Sequence[Statement]) -> dict[str, tuple[Statement, ...]]:
    """The statements of each module, by its name; `models` alone where there are few."""
    if len(statements) <= ONE_MODULE:
        return {"models": tuple(statements)}
    by_name = {statement.name: statement for statement in statements}
    filled: list[list[Statement]] = []
    depths: list[int] = []
    module_of: dict[str, int] = {}
    open_for: dict[frozenset[int], int] = {}
    for circle in _circles(by_name):
        needs = frozenset(module_of[name] for statement in circle for name in _needed(statement, by_name) if name in module_of)
        place = _deepest(needs, depths)
        if place is None:
            place = open_for.get(needs)
        if place is None or (place not in needs and len(filled[place]) + len(circle) > _MODULE_SIZE):
            place = open_for[needs] = len(filled)
            filled.append([])
            depths.append(1 + max((depths[need] for need in needs), default=0))
        filled[place].extend(circle)
        module_of.update({statement.name: place for statement in circle})
    order = {statement.name: number for number, statement in enumerate(statements)}
    names = Allocator({"models"})
    return {
        names.take(f"models_{snake(min(statement.name for statement in module)).strip('_')}", "_"): tuple(
            sorted(module, key=lambda statement: order[statement.name])
        )
        for module in filled
    }


def _deepest(needs: frozenset[int], depths: Sequence[int]) -> int | None:
    """The needed module that itself needs a long chain of others, which a further module would make too long to import."""
    deepest = max(needs, key=lambda place: (depths[place], place), default=None)
    if deepest is None or depths[deepest] < _LONGEST_CHAIN:
        return None
    # A module of the same depth could come to need the one that it is needed by.
    return deepest if all(depths[place] < depths[deepest] for place in needs - {deepest}) else None


def _needed(statement: Statement, by_name: Mapping[str, Statement]) -> list[str]:
    return sorted(name for name in (statement.uses | statement.bases) if name in by_name)


def _circles(by_name: Mapping[str, Statement]) -> Iterator[list[Statement]]:
    """The strongly connected components, each after those that it uses (Tarjan, without recursion)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    pending: list[str] = []
    for root in sorted(by_name):
        path: list[tuple[str, Iterator[str]]] = []
        following: str | None = None if root in number else root
        while path or following is not None:
            if following is not None and following not in number:
                number[following] = lowest[following] = len(number)
                pending.append(following)
                path.append((following, iter(_needed(by_name[following], by_name))))
            elif following is not None and following in lowest:
                lowest[path[-1][0]] = min(lowest[path[-1][0]], number[following])
            following = next(path[-1][1], None)
            if following is not None:
                continue
            name, _ = path.pop()
            if path:
                lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[name])
            if lowest[name] == number[name]:
                yield _taken(pending, name, by_name, lowest)


def _taken(pending: list[str], name: str, by_name: Mapping[str, Statement], lowest: dict[str, int]) -> list[Statement]:
    """The names that wait from one on, which are a component; they count for no later one."""
    circle: list[Statement] = []
    while not circle or circle[-1].name != name:
        circle.append(by_name[pending.pop()])
        del lowest[circle[-1].name]
    return circle
