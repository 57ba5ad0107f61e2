"""What fills the slots of a corpus: the facts of a target, or the examples of the contract where no target is at hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import Contract, Operation, pointers

from assay_conformance.body_values import instant, written
from assay_conformance.corpus.schemas import examples_of
from assay_conformance.target import Target

ANY_WINDOW = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"}
"""What is asked for where a target names no window: shape does not depend on what lies in it."""


def slot_values(target: Target, operation: Operation | None = None) -> dict[str, str]:
    """The value of each slot that a target fills, of the path of an operation if one is named; without a window fixture it is any."""
    window = target.fixtures.get("window") or ANY_WINDOW
    found = {
        **{f"tenant:{role}": name for role, name in target.tenants.items()},
        **{f"window:{end}": str(moment) for end, moment in window.items()},
        **{f"seconds:{end}": written(instant(moment) or 0, "unix-seconds") for end, moment in window.items()},
        **{f"parameter:{name}": str(value) for name, value in target.fixtures.get("parameters", {}).items()},
    }
    values = {} if operation is None else target.path_values(operation.path)
    return found | {f"parameter:{name}": value for name, value in values.items()}


def example_values(contract: Contract) -> dict[str, str]:
    """The value of each slot as the contract's own examples have it."""
    found: dict[str, str] = {}
    for operation in contract.operations:
        paths: Mapping[str, Any] = contract.openapi["paths"][operation.path]
        written = [*paths.get("parameters", ()), *paths[operation.method.lower()].get("parameters", ())]
        for parameter in operation.parameters:
            declared = [item for item in (_follow(contract, one) for one in written) if item["name"] == parameter.name]
            values = [*(item["example"] for item in declared if "example" in item), *examples_of(parameter.schema)]
            if values:
                found.setdefault(slot_of(operation.annotations, parameter.name), str(values[0]))
    return found


def slot_of(annotations: Mapping[str, Any], parameter: str) -> str:
    """The slot that stands for a good value of a parameter."""
    if parameter == annotations.get("x-tenancy", {}).get("parameter"):
        return "tenant:primary"
    window = annotations.get("x-window", {})
    for end in ("from", "to"):
        if parameter == window.get(end):
            return f"{'seconds' if window.get('type') == 'unix-seconds' else 'window'}:{end}"
    return f"parameter:{parameter}"


def _follow(contract: Contract, parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in parameter:
        parameter = pointers.follow(contract.openapi, str(parameter["$ref"]))
    return parameter
