"""The edited contract as a file: the document as it was written where it can be edited so, else its bundle."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from assay_contracts import pointers
from assay_contracts.bundling import BundledDocument, bundle
from assay_contracts.errors import ContractError
from assay_contracts.reading import SourceFile, parse_document
from assay_contracts.subtypes import without_listed_subtypes
from assay_contracts.upgrade_to_2020_12 import LIFTED

from assay_drift.repair.edits import PatchOperation, patched
from assay_drift.repair.needs import DocumentKind
from assay_drift.repair.openapi_3_0 import in_one_spelling, lowered
from assay_drift.repair.proposal import Proposal
from assay_drift.repair.yaml_text import edited_text


@dataclass(frozen=True, slots=True)
class EditedText:
    """The text of an edited document, and what should be known of it."""

    text: str
    note: str = ""


def edited_document(proposal: Proposal, kind: DocumentKind, written: BundledDocument | None, out: Path) -> EditedText:
    """The edited document of one kind, for a file.

    `written` is the bundle with the files that it was made of; None for a contract that was read from evidence.
    """
    operations = proposal.patch(kind)
    whole = patched(proposal.documents[kind], operations[-1:] if operations and operations[-1].path == "/info/version" else [])
    if written is None:
        return EditedText(_dumped(whole, out), "what is written is the bundled document, since the contract was read from evidence")
    if any(written.source(operation.path)[0] is not written.file for operation in operations):
        return EditedText(_dumped(whole, out), "what is written is the bundled document, since an edit is in a file that it refers to")
    if written.origins and out.resolve().parent != written.file.path.resolve().parent:
        return EditedText(_dumped(whole, out), "what is written is the bundled document, since its references lead to files beside it")
    return _as_written(written.file, operations, whole, out)


def _as_written(file: SourceFile, operations: list[PatchOperation], whole: dict[str, Any], out: Path) -> EditedText:
    """The file with the edits in it, if it then reads as it should."""
    if str(file.data.get("openapi", "")).startswith("3.0."):
        operations = lowered(file.data, operations)
    data = _patched_if_there(file.data, operations)
    if data is None or not _reads_as(file, json.dumps(data), whole):
        note = f"what is written is the bundled document as OpenAPI {LIFTED}, since its own spelling does not express an edit"
        return EditedText(_dumped(whole, out), note)
    if out.suffix == ".json":
        return EditedText(_dumped(data, out))
    text = None if file.text.lstrip().startswith("{") else edited_text(file.text, operations)
    if text is not None and _values(text, file.path) == data:
        return EditedText(text)
    return EditedText(_dumped(data, out), "comments of the document are not kept")


def _patched_if_there(data: dict[str, Any], operations: list[PatchOperation]) -> dict[str, Any] | None:
    """The document with operations applied; None where one leads to a place that it does not have."""
    for operation in operations:
        there = pointers.follow(data, operation.path if operation.op == "remove" else operation.path.rpartition("/")[0])
        if there is pointers.MISSING:
            return None
        data = patched(data, [operation])
    return data


def _reads_as(file: SourceFile, text: str, whole: dict[str, Any]) -> bool:
    try:
        read = without_listed_subtypes(bundle(parse_document(text, file.path, tolerant=True)).data)
    except ContractError:
        return False
    return bool(in_one_spelling({**read, "info": None}) == in_one_spelling({**whole, "info": None}))


def _values(text: str, path: Path) -> Any:
    try:
        return parse_document(text, path, tolerant=True).data
    except ContractError:
        return None


def _dumped(data: dict[str, Any], out: Path) -> str:
    """The document in JSON or YAML; in JSON also where YAML would read a string as something else, such as `1e3`."""
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
    if out.suffix == ".json" or _values(text, out) != data:
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    return text
