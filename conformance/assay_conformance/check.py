"""How a check is written: a sentence, one expectation, and the registry that pairs it with its clause and the mutants that it must kill."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from assay_conformance.evidence import Evidence, Record

F = TypeVar("F", bound=Callable[..., None])


class Violation(Exception):
    """The evidence breaks the clause. Carries what the clause asks for and what was seen."""

    def __init__(self, expected: str, actual: str, about: str = "") -> None:
        self.expected, self.actual, self.about = expected, actual, about
        super().__init__(f"{about + ': ' if about else ''}expected {expected}, got {actual}")


class NotReached(Exception):
    """The evidence never reached the state that the clause speaks of; the verdict is INCONCLUSIVE unless another record did."""


class NeedsHook(NotReached):
    """The state is one that only a control hook brings about, and the target has none. A waiver of `faults` leaves the clause out."""


class NotConcerned(Exception):
    """The clause does not speak of this record."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: the clause that it certifies, the class of record that it reads, the mutants that it must kill."""

    clause: str
    function: Callable[..., None]
    reads: type[Record] | type[Evidence]
    kills: frozenset[str]
    hooked: bool = False

    @property
    def arity(self) -> int:
        """How many of record, contract and subject the function takes."""
        return self.function.__code__.co_argcount

    @property
    def name(self) -> str:
        """The function's name, as a sentence."""
        return self.function.__name__.replace("_", " ")


CHECKS: list[Check] = []


def check(clause: str, *, kills: Iterable[str], hooked: bool = False) -> Callable[[F], F]:
    """Register a check of one clause.

    The function's first parameter says what it reads: a record class (it is called once for each such record of the clause's subject) or
    `Evidence` (once, with all). A second parameter, if there is one, is given the contract; a third the subject. It returns when the clause
    holds and raises `Violation`, `NotReached` or `NotConcerned` otherwise. Any other exception is the kit's own error, never a finding.

    `hooked` marks a check whose state only a control hook brings about: where a target's `faults` are waived it is left
    out, not inconclusive.
    """

    def register(function: F) -> F:
        parameters = list(inspect.signature(function).parameters)
        hints = typing.get_type_hints(function)
        CHECKS.append(Check(clause, function, hints[parameters[0]], frozenset(kills), hooked))
        return function

    return register


def expect(
    actual: Any,
    *,
    equals: Any = ...,
    among: Iterable[Any] = (),
    at_most: Any = None,
    at_least: Any = None,
    about: str = "",
) -> None:
    """The one expectation at the end of a check; raises `Violation` when it is not met."""
    if equals is not ...:
        if actual != equals or isinstance(actual, bool) is not isinstance(equals, bool):
            raise Violation(brief(equals), brief(actual), about)
        return
    options = list(among)
    if options and actual not in options:
        raise Violation("one of " + ", ".join(brief(option) for option in options), brief(actual), about)
    if at_most is not None and not actual <= at_most:
        raise Violation(f"at most {brief(at_most)}", brief(actual), about)
    if at_least is not None and not actual >= at_least:
        raise Violation(f"at least {brief(at_least)}", brief(actual), about)


def brief(value: Any, limit: int = 300) -> str:
    """A value as a report shows it: short, on one line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
