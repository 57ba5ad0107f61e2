"""Requests that break one rule on purpose."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("refusal")
@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Record):
    """A request that breaks one rule.

    `rule` names the rule and the way it is broken, such as `page-size/above`; `codes` are the codes of which one is right; `fields` the
    parameters of which the error may name one, empty where it need not name any.
    """

    exchange: Exchange
    rule: str
    codes: tuple[str, ...]
    fields: tuple[str, ...] = ()
