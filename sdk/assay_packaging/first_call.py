"""The first call of a client, as a page shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay_codegen.views import ContractView, OperationView
from assay_contracts import Contract
from assay_contracts.json_types import is_list, is_mapping

from assay_packaging.samples import call_arguments

_PLACEHOLDER = "https://api.example.com"


@dataclass(frozen=True, slots=True)
class FirstCall:
    """One call: its operation, and the values of its arguments by their names in Python."""

    operation: OperationView
    values: Mapping[str, Any]

    @property
    def method(self) -> str:
        return self.operation.name

    @property
    def is_list(self) -> bool:
        return self.operation.pages is not None

    @property
    def arguments(self) -> str:
        """The arguments as Python writes them."""
        return ", ".join(f"{name}={_double(value)}" for name, value in self.values.items())


def first_call(contract: Contract, view: ContractView) -> FirstCall | None:
    """The call that is the easiest to make: one that reads, with the fewest arguments; None where no operation can be called."""
    for operation in sorted(view.operations, key=_effort):
        arguments = call_arguments(operation, contract.operation(operation.id))
        if arguments is not None and all(_is_short(value) for value in arguments.values()):
            return FirstCall(operation, arguments)
    return None


def base_url(contract: Contract) -> str:
    """Where the document says that a server is, with the defaults of its variables; a placeholder where it says nothing."""
    servers: Any = contract.openapi.get("servers")
    server: Any = servers[0] if is_list(servers) and servers else None
    if not is_mapping(server):
        return _PLACEHOLDER
    url = str(server.get("url", ""))
    variables: Any = server.get("variables")
    for name, variable in variables.items() if is_mapping(variables) else ():
        url = url.replace("{" + name + "}", str(variable.get("default", name)) if is_mapping(variable) else name)
    return url if re.fullmatch(r"https?://[^\s\"\\{}]+", url) else _PLACEHOLDER


def needs_credential(contract: Contract) -> bool:
    """Whether an operation asks for a credential."""
    return any(alternative for operation in contract.operations for alternative in operation.security or ())


def _effort(operation: OperationView) -> tuple[bool, bool, int]:
    required = sum(argument.required for argument in operation.arguments)
    return operation.method.upper() != "GET", bool(operation.body and operation.body.required), required


def _is_short(value: object) -> bool:
    return isinstance(value, str | int | float | bool) and len(str(value)) <= 60


def _double(value: object) -> str:
    text = repr(value)
    return f'"{text[1:-1]}"' if text.startswith("'") and '"' not in text else text
