"""Which operation of a contract an exchange is of, and which declared media type a body has."""

from __future__ import annotations

from assay_conformance.evidence import Exchange
from assay_contracts import Contract, Operation, Response
from assay_contracts.media_types import essence
from assay_contracts.path_templates import matchable, path_pattern


class Routes:
    """The operations of a contract by method and path."""

    def __init__(self, contract: Contract) -> None:
        self._by_id = {operation.id: operation for operation in contract.operations}
        self._patterns = [(path_pattern(operation.path), operation) for operation in sorted(contract.operations, key=_vagueness)]

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation of a request; None where the contract has none."""
        path = matchable(path)
        return next((item for pattern, item in self._patterns if item.method == method and pattern.fullmatch(path)), None)

    def near(self, exchange: Exchange) -> Operation | None:
        """The operation that a refused request without one of its own was meant for."""
        if exchange.subject in self._by_id:
            return self._by_id[exchange.subject]
        if exchange.answer.status != 405:
            return None
        path = matchable(exchange.request.path)
        return next((item for pattern, item in self._patterns if pattern.fullmatch(path)), None)


def _vagueness(operation: Operation) -> tuple[int, int]:
    return operation.path.count("{"), -len(operation.path)


def media_range_of(declared: Response, media: str | None) -> str | None:
    """The declared media type that one on the wire is: the exact one, else a range."""
    if media is None:
        return None
    plain = {essence(name): name for name in declared.content}
    return next((plain[media_range] for media_range in (media, f"{media.partition('/')[0]}/*", "*/*") if media_range in plain), None)
