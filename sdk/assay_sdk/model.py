"""What every generated model is: frozen, strict, open to members that its contract version does not know."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from assay_sdk.exchanges import Exchange


class Model(BaseModel):
    """A value of a contract; `exchange_of` tells how it came here."""

    # A slot costs nothing per nested model, where a private attribute costs a dictionary each.
    __slots__ = ("_exchange",)

    model_config = ConfigDict(extra="allow", frozen=True, strict=True, validate_by_alias=True, validate_by_name=True)


def attach_exchange(answer: object, exchange: Exchange) -> None:
    """Note on an answer how it came here."""
    if isinstance(answer, Model):
        object.__setattr__(answer, "_exchange", exchange)


def exchange_of(answer: Model) -> Exchange:
    """How an answer came here: its status, correlation id, attempts, and whether the server only confirmed it."""
    found: Exchange | None = getattr(answer, "_exchange", None)
    if found is None:
        raise LookupError(f"{type(answer).__name__}: expected the answer of a call, got a value made otherwise")
    return found
