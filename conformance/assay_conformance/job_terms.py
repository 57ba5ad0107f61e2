"""What an `x-job` says, whichever operation of the life cycle carries it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from assay_contracts import Contract, Operation
from assay_contracts.json_types import is_mapping

from assay_conformance.body_values import at
from assay_conformance.evidence import Response

ROLES = ("start", "poll", "cancel", "result")


def life_cycle(contract: Contract, operation: Operation) -> dict[str, Operation]:
    """The operations of a job's life cycle by role: those that `operations` names, else those that describe the same states."""
    spec: Mapping[str, Any] = operation.annotations["x-job"]
    known = {item.id: item for item in contract.operations}
    named: Mapping[str, Any] = spec.get("operations", {})
    found = {role: known[name] for role, name in named.items() if name in known}
    for item in contract.operations:
        other = item.annotations.get("x-job")
        if not named and is_mapping(other) and other["states"] == spec["states"]:
            found.setdefault(str(other["role"]), item)
    return {str(spec["role"]): operation} | found


def reachable(spec: Mapping[str, Any], state: str) -> list[str]:
    """A state and every state that can follow it, at once or later."""
    found = [state]
    for reached in found:
        found += [following for following in spec["states"].get(reached, ()) if following not in found]
    return found


def is_final(spec: Mapping[str, Any], state: Any) -> bool:
    """Whether nothing follows a state."""
    return isinstance(state, str) and state in spec["states"] and not spec["states"][state]


def job_in(spec: Mapping[str, Any], answer: Response) -> str | None:
    """The identifier of the job that a response has, in its body or in the address of the job; None where it has none."""
    found = at(answer.json, spec.get("identity"))
    if isinstance(found, str | int) and not isinstance(found, bool):
        return str(found)
    location = answer.header(spec.get("location", "location"))
    return unquote(urlsplit(location).path.rstrip("/").rpartition("/")[2]) or None if location else None


def job_start(contract: Contract, place: str) -> Operation | None:
    """The operation that starts the job which the last parameter of a path names."""
    for operation in contract.operations:
        spec = operation.annotations.get("x-job")
        if is_mapping(spec) and spec["role"] == "start":
            poll = life_cycle(contract, operation).get("poll")
            if poll is not None and poll.path == place:
                return operation
    return None
