"""What every generated model is: frozen, strict, open to members that its contract version does not know."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema

from assay_sdk.exchanges import Exchange
from assay_sdk.open_types import UnknownTag, without_known_values

__all__ = ["STRICT", "Model", "UnknownTag", "attach_exchange", "exchange_of", "strictness"]


class Model(BaseModel):
    """The base of the models of a contract: immutable, and strict about types.

    Properties that the contract does not have are kept. Fields have Python names; `model_dump(by_alias=True)` gives those of the contract.
    `exchange_of` returns the call that a response came from.
    """

    # A slot costs nothing per nested model, where a private attribute costs a dictionary each.
    __slots__ = ("_exchange",)

    model_config = ConfigDict(
        extra="allow", frozen=True, strict=True, validate_by_alias=True, validate_by_name=True, defer_build=True, protected_namespaces=()
    )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /) -> CoreSchema:
        return without_known_values(handler(source))


STRICT: Final = ConfigDict(strict=True)
"""What the adapters of unions and lists are made with: the strictness of models does not reach the names that they share."""


def strictness(kind: object) -> ConfigDict | None:
    """The configuration of an adapter: that of a model is its own."""
    return None if isinstance(kind, type) and issubclass(kind, BaseModel) else STRICT


def attach_exchange(answer: object, exchange: Exchange) -> None:
    """Note on an answer how it came here."""
    if isinstance(answer, Model):
        object.__setattr__(answer, "_exchange", exchange)


def exchange_of(answer: Model) -> Exchange:
    """The call that a response came from: its status, correlation id and attempts.

    Raises `LookupError` for a value that no client method returned.
    """
    found: Exchange | None = getattr(answer, "_exchange", None)
    if found is None:
        raise LookupError(f"{type(answer).__name__}: expected a response of a client call, got a value from elsewhere")
    return found
