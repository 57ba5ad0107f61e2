"""The source axis: would a caller of the generated client break?"""

from assay_conformance.compatibility.source.comparing import Documents, compare_sources, refusal
from assay_conformance.compatibility.source.rules import SOURCE_RULES

__all__ = ["SOURCE_RULES", "Documents", "compare_sources", "refusal"]
