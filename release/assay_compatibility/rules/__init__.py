"""The rules of compatibility, an area a module; those of annotations come from the vocabulary."""

from __future__ import annotations

from assay_compatibility.rules import (
    annotation_rules,
    annotations_caching,
    annotations_derived,
    annotations_errors,
    annotations_jobs,
    annotations_lists,
    annotations_percentiles,
    extensions,
    messages,
    operations,
    parameters,
    property_changes,
    schema_bounds,
    schema_choices,
    schema_members,
    schema_values,
    security,
    servers,
)
from assay_compatibility.rules.model import RULES, Change, Rule, rules_of

annotation_rules.use_shipped_vocabulary()

__all__ = [
    "RULES",
    "Change",
    "Rule",
    "annotation_rules",
    "annotations_caching",
    "annotations_derived",
    "annotations_errors",
    "annotations_jobs",
    "annotations_lists",
    "annotations_percentiles",
    "extensions",
    "messages",
    "operations",
    "parameters",
    "property_changes",
    "rules_of",
    "schema_bounds",
    "schema_choices",
    "schema_members",
    "schema_values",
    "security",
    "servers",
]
