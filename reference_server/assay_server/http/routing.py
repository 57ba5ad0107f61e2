"""Which handler answers which path: one route for each path, whatever its methods, and a response where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any

from assay_contracts import Operation
from sanic import Request, Sanic

from assay_server.http.handling import Exchanges, Handler, Response


class Routes:
    """Collects the operations of every contract by path, then binds them; the first of two on one path and method answers."""

    def __init__(self, app: Sanic[Any, Any]) -> None:
        self._app = app
        self._paths: dict[str, dict[str, Handler]] = {}
        self._options: dict[str, Callable[[tuple[str, ...]], Handler]] = {}

    def add(self, operation: Operation, handler: Handler, options: Callable[[tuple[str, ...]], Handler]) -> None:
        """Note the handler of an operation; `options` makes the one of OPTIONS."""
        path = operation.path.replace("{", "<").replace("}", ":str>")
        self._paths.setdefault(path, {}).setdefault(operation.method, handler)
        self._options.setdefault(path, options)

    def bind(self) -> None:
        """Give every path to Sanic."""
        for number, (path, handlers) in enumerate(self._paths.items()):
            if "GET" in handlers:
                handlers.setdefault("HEAD", handlers["GET"])
            allowed = tuple(sorted((*handlers, "OPTIONS")))
            handlers["OPTIONS"] = self._options[path](allowed)
            self._app.add_route(_dispatch(handlers), path, methods=allowed, name=f"path-{number}")


def _dispatch(handlers: dict[str, Handler]) -> Handler:
    async def handle(request: Request, **values: str) -> Response:
        return await handlers[request.method](request, **values)

    return handle


class Fallback:
    """Answers what no route does, in the words of the contract whose paths are most like it."""

    def __init__(self, exchanges: Sequence[Exchanges]) -> None:
        self._known = [(operation.operation.path.split("/"), item) for item in exchanges for operation in item.served.endpoints.values()]

    async def failed(self, request: Request, error: Exception) -> Response:
        """The response to what went wrong before or outside a route."""
        path = request.path.split("/")
        _, nearest = max(self._known, key=lambda known: _shared(known[0], path))
        return await nearest.failed(request, error)


def _shared(one: list[str], other: list[str]) -> int:
    """How many segments two paths have in common from their start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
