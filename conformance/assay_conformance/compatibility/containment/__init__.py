"""Containment of JSON Schemas: is every instance of one valid against the other, and if not, which is not."""

from __future__ import annotations

from assay_conformance.compatibility.containment.asserting import contains_asserted
from assay_conformance.compatibility.containment.comparison import Comparison
from assay_conformance.compatibility.containment.decision import Answer, Kind, contains
from assay_conformance.compatibility.containment.schemas import SchemaInvalid

__all__ = ["Answer", "Comparison", "Kind", "SchemaInvalid", "contains", "contains_asserted"]
