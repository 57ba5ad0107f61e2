"""Two documents in, one comparison out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_compatibility.documents import as_document
from assay_compatibility.errors import DocumentRefused
from assay_compatibility.findings import Comparison, findings_of
from assay_compatibility.locations import with_locations
from assay_compatibility.places import ApiDocument
from assay_compatibility.policies import POLICIES, Policy
from assay_compatibility.rules.annotation_rules import use_vocabulary_of_documents
from assay_compatibility.uncaught_breaks import catch_unseen, list_rewritten
from assay_compatibility.walks.asyncapi_walk import AsyncApiWalk
from assay_compatibility.walks.openapi_walk import OpenApiWalk
from assay_compatibility.walks.schema_walk import Walk
from assay_compatibility.well_formed import is_small, is_well_formed
from assay_compatibility.witnesses import Proofs, with_witnesses


def compare(old: ApiDocument, new: ApiDocument, policies: Mapping[str, Policy] = POLICIES) -> Comparison:
    """Compare two documents of one kind by the rules and the vocabulary in use.

    Raises `DocumentRefused` for documents of different kinds, for an invalid document, and for one that is nested too deeply. Raises
    `VocabularyBroken` when a file of the vocabulary is invalid.
    """
    use_vocabulary_of_documents()
    if old.kind != new.kind:
        raise DocumentRefused(new.source, expected=f"an {old.kind} document like the old one", actual=f"an {new.kind} document")
    walk = Walk(old, new, messages=new.kind == "asyncapi", policies=policies)
    try:
        (AsyncApiWalk(walk) if walk.messages else OpenApiWalk(walk)).run()
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        if is_well_formed(old) and is_well_formed(new):
            # Then it is a defect of the comparison, not of the documents.
            raise
        raise DocumentRefused(
            f"{old.source} and {new.source}", expected="documents that keep to their format", actual=f"{type(error).__name__}: {error}",
            next_step="lint both documents",
        ) from error  # fmt: skip
    except RecursionError as error:
        if is_small(old) and is_small(new):
            # Nothing in them is nested so deeply, not even through references.
            raise
        raise DocumentRefused(
            f"{old.source} and {new.source}", expected="schemas nested less deeply", actual="hundreds of them inside each other",
            next_step="name the inner ones and refer to them",
        ) from error  # fmt: skip
    proofs = Proofs(walk)
    catch_unseen(walk, proofs)
    list_rewritten(walk)
    found = with_witnesses(walk, findings_of(walk), proofs)
    return Comparison(with_locations(old, new, found), old.source, new.source)


def compare_inline(old: Any, new: Any, policies: Mapping[str, Policy] = POLICIES) -> Comparison:
    """Compare two parsed documents; they must be self-contained.

    >>> old = {"openapi": "3.1.0", "info": {"title": "T", "version": "1.0.0"}, "paths": {"/a": {"get": {"responses": {}}}}}
    >>> [finding.rule for finding in compare_inline(old, {**old, "paths": {}}).findings]
    ['path-removed']
    """
    return compare(as_document(old, "the old document"), as_document(new, "the new document"), policies)
