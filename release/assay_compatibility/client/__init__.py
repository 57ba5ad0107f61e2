"""The source axis: would a caller of the generated client break?"""

from assay_compatibility.client.client_documents import Documents, as_far_as_given, client_documents, names_contract
from assay_compatibility.client.lazily import compare_sources, refusal
from assay_compatibility.client.rules import SOURCE_RULES

__all__ = ["SOURCE_RULES", "Documents", "as_far_as_given", "client_documents", "compare_sources", "names_contract", "refusal"]
