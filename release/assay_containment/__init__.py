"""Containment of JSON Schemas: is every instance of one valid against the other, and if not, which is not."""

from __future__ import annotations

from assay_containment.comparison import Comparison
from assay_containment.decision import Answer, Kind, contains
from assay_containment.schemas import Formats, SchemaInvalid

__all__ = ["Answer", "Comparison", "Formats", "Kind", "SchemaInvalid", "contains"]
