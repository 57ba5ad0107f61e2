"""The rules of compatibility, an area a module."""

from __future__ import annotations

from assay_conformance.compatibility.rules import (
    messages,
    operations,
    parameters,
    schema_bounds,
    schema_choices,
    schema_members,
    schema_values,
    security,
)
from assay_conformance.compatibility.rules.model import RULES, Change, Rule, rules_of

__all__ = [
    "RULES",
    "Change",
    "Rule",
    "messages",
    "operations",
    "parameters",
    "rules_of",
    "schema_bounds",
    "schema_choices",
    "schema_members",
    "schema_values",
    "security",
]
