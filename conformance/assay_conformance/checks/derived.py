"""Derived numbers: what follows from other numbers, of the same answer or of other operations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts import Contract

from assay_conformance.body_values import shown, without
from assay_conformance.check import NotConcerned, NotReached, Violation, brief, check
from assay_conformance.derivations import FORMS, Derived, derived_numbers, is_local, numbers, sources_of
from assay_conformance.evidence import Derivation, Evidence
from assay_conformance.exchange_views import exchanges_of, operation_of, success_of

DEFAULT_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class _Instance:
    """One derived number with the numbers of each source of its rule, by the place of the source."""

    rule: Mapping[str, Any]
    about: str
    value: float
    parts: Mapping[str, tuple[float, ...]]

    def term(self, place: str) -> float:
        """The number of a term: what a pointer leads to, or the sum, the last or the mean of several."""
        if place in self.parts:
            return self.parts[place][-1]
        form = next(form for form in FORMS if self.of(f"{place}/{form}") is not None)
        return self.total(f"{place}/{form}", form)

    def total(self, place: str, form: str) -> float:
        """The sum, the last or the mean of the numbers of a form; 0 without any."""
        found = self.of(place) or ()
        if not found:
            return 0
        return found[-1] if form == "last" else math.fsum(found) / (len(found) if form == "mean" else 1)

    def of(self, place: str) -> tuple[float, ...] | None:
        """All numbers of a form, one source or several; None where the rule does not have it."""
        found = [values for key, values in self.parts.items() if key == place or key.startswith(f"{place}/")]
        return tuple(number for values in found for number in values) if found else None


@check(
    "DER-001",
    kills={"a-ratio-is-rounded", "a-ratio-is-a-percentage", "a-ratio-is-upside-down", "the-ratio-of-a-bucket-is-that-of-the-whole"},
)
def a_ratio_equals_its_parts(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Each ratio is its numerator by its denominator, where that is not zero."""
    reached = False
    for found in _instances(evidence, contract, subject, "ratio"):
        of, to = found.term("/ratio/of"), found.term("/ratio/to")
        if to:
            reached = reached or of > 0
            _expect_near(found, of / to, f"{brief(of)} / {brief(to)}")
    if not reached:
        raise NotReached("no ratio had parts other than zero")


@check("DER-002", kills={"a-ratio-of-nothing-is-one"})
def a_number_that_rests_on_zero_is_as_documented(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Where the denominator or the base is zero, the number is what the contract says."""
    reached = False
    for found in _instances(evidence, contract, subject, "ratio"):
        if not found.term("/ratio/to"):
            reached = True
            _expect_near(found, found.rule["ratio"].get("whenZero", 0), "the denominator being 0")
    for found in _instances(evidence, contract, subject, "zeroWhen"):
        if not found.term("/zeroWhen"):
            reached = True
            _expect_near(found, 0, f"{found.rule['zeroWhen']} being 0")
    if not reached:
        raise NotReached("no number rested on zero")


@check("DER-003", kills={"a-number-exceeds-its-bound"})
def a_number_keeps_below_its_bound(evidence: Evidence, contract: Contract, subject: str) -> None:
    """No bounded number exceeds the number that bounds it."""
    reached = False
    for found in _instances(evidence, contract, subject, "atMost"):
        reached, bound = True, found.term("/atMost")
        if found.value > bound + found.rule.get("tolerance", DEFAULT_TOLERANCE):
            raise Violation(f"at most {brief(bound)}", brief(found.value), f"{found.about}, bounded by {found.rule['atMost']}")
    if not reached:
        raise NotReached("no bounded number was seen")


@check("DER-004", kills={"a-sum-is-one-too-large"})
def a_sum_equals_its_numbers(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A sum is all of its numbers together."""
    _expect_form(evidence, contract, subject, "sum")


@check("DER-005", kills={"a-last-number-is-one-too-large"})
def a_last_value_is_the_last_of_its_numbers(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A last value is that of the last item."""
    _expect_form(evidence, contract, subject, "last")


@check("DER-006", kills={"a-mean-is-one-too-large"})
def a_mean_equals_its_numbers(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A mean is the sum of its numbers by how many they are."""
    _expect_form(evidence, contract, subject, "mean")


def _expect_form(evidence: Evidence, contract: Contract, subject: str, form: str) -> None:
    reached = False
    for found in _instances(evidence, contract, subject, form):
        wanted = found.total(f"/{form}", form)
        reached = reached or wanted != 0
        _expect_near(found, wanted, f"the {form} of {len(found.of(f'/{form}') or ())} numbers")
    if not reached:
        raise NotReached(f"no {form} was other than zero")


def _instances(evidence: Evidence, contract: Contract, subject: str, kind: str) -> Iterator[_Instance]:
    """Every number that a rule of a kind derives, with its parts."""
    rules = operation_of(contract, subject).annotations.get("x-derived")
    if rules is None:
        raise NotConcerned
    for rule in (rule for rule in rules if kind in rule and is_local(rule)):
        sources = sources_of(rule)
        for exchange in exchanges_of(evidence, subject):
            body = exchange.answer.json if exchange.answer.succeeded else None
            for derived in derived_numbers(body, rule):
                yield _instance(rule, derived, {source.place: numbers(source, body, rule, derived) for source in sources}, exchange.id)
    yield from _from_elsewhere(evidence, contract, subject, kind)


def _from_elsewhere(evidence: Evidence, contract: Contract, subject: str, kind: str) -> Iterator[_Instance]:
    """The numbers of rules that rest on other operations, where nothing changed while these were asked."""
    rules = operation_of(contract, subject).annotations["x-derived"]
    loose = operation_of(contract, subject).volatile
    for found in evidence.of(Derivation):
        rule: Mapping[str, Any] = rules[found.rule] if found.subject == subject and found.rule < len(rules) else dict[str, Any]()
        if kind not in rule or not all(pages.complete for pages in found.sources):
            continue
        body = success_of(found.answer).json
        if without(body, loose) != without(success_of(found.again).json, loose):
            continue
        bodies = {pages.place: [success_of(page).json for page in pages.pages] for pages in found.sources}
        for derived in (item for item in derived_numbers(body, rule) if item.indexes == found.indexes):
            parts = {
                source.place: [value for page in bodies.get(source.place, [body]) for value in numbers(source, page, rule, derived)]
                for source in sources_of(rule)
            }
            yield _instance(rule, derived, parts, found.answer.id)


def _instance(rule: Mapping[str, Any], derived: Derived, parts: Mapping[str, list[Any]], exchange: str) -> _Instance:
    about = f"{rule['value']} {list(derived.indexes)}" if derived.indexes else rule["value"]
    for place, values in (("its value", [derived.value]), *parts.items()):
        wrong = [value for value in values if isinstance(value, bool) or not isinstance(value, int | float)]
        single = place in ("/ratio/of", "/ratio/to", "/atMost", "/zeroWhen")
        if wrong or (single and not values):
            raise Violation(f"a number at {place}", brief(shown(wrong[0])) if wrong else "nothing", f"{about} of {exchange}")
    return _Instance(rule, f"{about} of {exchange}", derived.value, {place: tuple(values) for place, values in parts.items()})


def _expect_near(found: _Instance, wanted: float, about: str) -> None:
    if abs(found.value - wanted) > found.rule.get("tolerance", DEFAULT_TOLERANCE):
        raise Violation(brief(wanted), brief(found.value), f"{found.about}: {about}")
