"""The clauses that a contract judges by an expression of its own: `requests` and `holds` of `x-clauses`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from assay_contracts import Contract
from assay_contracts.json_types import is_list, is_mapping

from assay_conformance.errors import KitError

MILLISECONDS, DEPTH = 5_000, 200
"""An expression is evaluated for so long, and calls itself so deep."""
FRAMES = 10_000
"""The recursion limit of an evaluation: the interpreter needs several frames for each call of an expression."""

_RAISED = (ArithmeticError, AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError)
"""What the evaluator raises beside its own exception, by function; a `re.error` is none of these."""


@dataclass(frozen=True, slots=True)
class OwnClause:
    """A clause with the requests whose responses its expression reads."""

    id: str
    subjects: tuple[str, ...]
    requests: Mapping[str, Mapping[str, Any]]
    holds: str


class ExpressionMalformed(Exception):
    """An expression is no JSONata, or cannot be evaluated over these responses."""


def own_clauses(contract: Contract) -> Iterator[OwnClause]:
    """The clauses of a contract's documents that have an expression."""
    for document in (contract.openapi, contract.asyncapi or {}):
        listed = document.get("x-clauses")
        for item in listed if is_list(listed) else ():
            if is_mapping(item) and "holds" in item:
                yield OwnClause(str(item["id"]), tuple(item.get("subjects", ("contract",))), item["requests"], str(item["holds"]))


def evaluate(expression: str, bodies: Mapping[str, Any], bindings: Mapping[str, Any]) -> Any:
    """The value of a JSONata expression over response bodies by name; None where it has none.

    Raises `ExpressionMalformed` when it cannot be evaluated or takes too long.
    """
    with _recursion_limit(FRAMES):
        try:
            jsonata = import_module("jsonata")  # it has no types, and sets the recursion limit of the process
        except ImportError:
            raise KitError("clauses with an expression need a package that is not installed: pip install 'assay[conformance]'") from None
        try:
            expression_of = jsonata.Jsonata(expression)
            frame = expression_of.create_frame()
            frame.set_runtime_bounds(MILLISECONDS, DEPTH)
            for name, value in bindings.items():
                frame.bind(name, value)
            found = expression_of.evaluate(dict(bodies), frame)
            json.dumps(found)  # a function is no value, and cannot even be printed
        except (jsonata.JException, re.error, *_RAISED) as error:
            raise ExpressionMalformed(f"{type(error).__name__}: {error}") from None
        return found


@contextmanager
def _recursion_limit(frames: int) -> Generator[None]:
    """The recursion limit of the process while the block runs, and the one before afterwards."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, frames))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
