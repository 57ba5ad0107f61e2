"""One question asked for several tenants."""

from __future__ import annotations

from dataclasses import dataclass

from assay_conformance.evidence.exchanges import Exchange
from assay_conformance.evidence.records import Record, record


@record("neighbours")
@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours(Record):
    """The same question asked by three tenants for themselves, one right after the other."""

    primary: Exchange
    other: Exchange
    empty: Exchange


@record("alike")
@dataclass(frozen=True, slots=True, kw_only=True)
class Alike(Record):
    """A tenant that the credential does not cover, and one that does not exist, asked for in the same way."""

    foreign: Exchange
    unknown: Exchange
    foreign_tenant: str
    unknown_tenant: str
