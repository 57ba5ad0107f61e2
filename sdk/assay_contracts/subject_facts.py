"""What an operation or a channel promises by its own description: the values of the vocabulary's files that describe no extension."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts.media_types import is_json
from assay_contracts.model import Channel, Operation
from assay_contracts.stored_properties import UPDATES


def subject_facts(subject: Operation | Channel) -> Mapping[str, Mapping[str, Any]]:
    """The facts that clauses are promised with, by the name of the vocabulary file: `operation`, `channel`, `security`."""
    if isinstance(subject, Channel):
        return {"channel": {}, **({"security": {"session": True}} if subject.secured else {})}
    does = {"deletes": _deletes(subject), "updates": subject.method in UPDATES, "creates": subject.method == "POST"}
    facts: dict[str, Mapping[str, Any]] = {"operation": {"success": _success(subject), **does}}
    if subject.secured:
        facts["security"] = {"request": True, "scopes": bool(subject.scopes)}
    return facts


def _deletes(operation: Operation) -> bool:
    """Whether the operation deletes what its path names; one that cancels a job leaves the job."""
    return operation.method == "DELETE" and operation.path.rstrip("/").endswith("}") and "x-job" not in operation.annotations


def _success(operation: Operation) -> Mapping[str, bool]:
    """Whether all success bodies are JSON, or only some."""
    declared = [media for status, response in operation.responses.items() if status.startswith("2") for media in response.content]
    json = sum(is_json(media) for media in declared)
    return {"json": 0 < json == len(declared), "jsonAmongOthers": 0 < json < len(declared)}
