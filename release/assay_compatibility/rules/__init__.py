"""The rules of compatibility, an area a module."""

from __future__ import annotations

from assay_compatibility.rules import (
    annotations_answers,
    annotations_caching,
    annotations_derived,
    annotations_errors,
    annotations_jobs,
    annotations_lists,
    messages,
    operations,
    parameters,
    promises,
    schema_bounds,
    schema_choices,
    schema_members,
    schema_values,
    security,
    servers,
    streams,
)
from assay_compatibility.rules.model import RULES, Change, Rule, rules_of

__all__ = [
    "RULES",
    "Change",
    "Rule",
    "annotations_answers",
    "annotations_caching",
    "annotations_derived",
    "annotations_errors",
    "annotations_jobs",
    "annotations_lists",
    "messages",
    "operations",
    "parameters",
    "promises",
    "rules_of",
    "schema_bounds",
    "schema_choices",
    "schema_members",
    "schema_values",
    "security",
    "servers",
    "streams",
]
