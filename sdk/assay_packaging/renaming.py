"""Operations under names of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from assay_contracts import Contract, Operation
from assay_contracts.json_types import is_list

from assay_packaging.errors import ConfigurationInvalid

# The properties of annotations that hold an operation's id.
_NAMING = frozenset({"operation", "operations", "operationId"})


def rename_operations(contract: Contract, names: Mapping[str, str]) -> Contract:
    """The contract with other operation ids, wherever an annotation names one as well; `names` maps old ids to new ones."""
    if not names:
        return contract
    known = {operation.id for operation in contract.operations}
    for old, new in names.items():
        if old not in known:
            raise ConfigurationInvalid("names", expected=f"operations out of {', '.join(sorted(known))}", actual=repr(old))
        if new in known - names.keys() or list(names.values()).count(new) > 1:
            raise ConfigurationInvalid("names", expected="a name that no other operation has", actual=repr(new))
    return replace(
        contract,
        operations=tuple(_renamed(operation, names) for operation in contract.operations),
        channels=tuple(replace(channel, annotations=_with_names(channel.annotations, names)) for channel in contract.channels),
    )


def _renamed(operation: Operation, names: Mapping[str, str]) -> Operation:
    return replace(operation, id=names.get(operation.id, operation.id), annotations=_with_names(operation.annotations, names))


def _with_names(value: Any, names: Mapping[str, str], *, naming: bool = False) -> Any:
    if isinstance(value, str):
        return names.get(value, value) if naming else value
    if is_list(value):
        return [_with_names(item, names, naming=naming) for item in value]
    if isinstance(value, Mapping):
        return {key: _with_names(item, names, naming=naming or key in _NAMING) for key, item in cast("Mapping[str, Any]", value).items()}
    return value
