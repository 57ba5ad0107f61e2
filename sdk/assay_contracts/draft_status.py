"""Drafts: a contract version that is written and not yet released says `x-status: draft` in its `info`.

The mark says where a version stands and nothing of what it promises, so a digest never covers it: what was
certified as a draft is, in every byte of meaning, what is released.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from assay_contracts.contract_folder import ContractFolder
from assay_contracts.contract_id import ContractId
from assay_contracts.errors import DocumentMalformed
from assay_contracts.json_types import is_mapping
from assay_contracts.reading import read_document, read_text

STATUS, DRAFT = "x-status", "draft"
MARK = re.compile(r"""^[ ]+x-status:[ ]*(["']?)draft\1[ ]*\n""", re.MULTILINE)
_INFO = re.compile(r"^info:[ ]*\n((?:[ ].*\n|[ ]*\n)+)", re.MULTILINE)


def is_draft(document: Any) -> bool:
    """Whether a document, bundled or not, says that it is a draft."""
    info = document.get("info") if is_mapping(document) else None
    return is_mapping(info) and info.get(STATUS) == DRAFT


def without_mark(document: dict[str, Any]) -> dict[str, Any]:
    """The released form of a document: the same without the mark of a draft."""
    if not is_draft(document):
        return document
    return {**document, "info": {key: value for key, value in document["info"].items() if key != STATUS}}


def unmarked(text: str, path: Path) -> str:
    """The text of a document without the line that marks a draft, everything else as it was written."""
    info = _INFO.search(text)
    mark = MARK.search(text, info.start(1), info.end(1)) if info else None
    if mark is None:
        raise DocumentMalformed(f"{path}: info/{STATUS}", expected=f"a line of its own, `{STATUS}: {DRAFT}`", actual="something else")
    return text[: mark.start()] + text[mark.end() :]


def says_draft(documents: ContractFolder, contract: ContractId) -> bool:
    """Whether some document of this contract version says that it is a draft."""
    return any(_reads_draft(path) for path in documents.sources(contract) if path is not None)


def _reads_draft(path: Path) -> bool:
    """The mark of a file. The whole file is read only when it has a mark and writes its `info` in an unusual way."""
    text = read_text(path)
    if STATUS not in text:
        return False
    info = _INFO.search(text)
    return is_draft(read_document(path).data) if info is None else MARK.search(info[1]) is not None
