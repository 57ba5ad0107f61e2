"""Lint: rules that contract documents keep, one function and one id each."""

from assay_contracts.lint import (
    annotation_pointers,
    annotation_values,
    annotations,
    codes,
    examples,
    structure,
    traps,
)
from assay_contracts.lint.rules import RULES, Finding, Rule
from assay_contracts.lint.run import lint_contracts, lint_files

__all__ = [
    "RULES",
    "Finding",
    "Rule",
    "annotation_pointers",
    "annotation_values",
    "annotations",
    "codes",
    "examples",
    "lint_contracts",
    "lint_files",
    "structure",
    "traps",
]
