"""Call every operation of a client that another generator wrote in Python, with the values of the wire matrix.

    python wire_peer_calls.py openapi-python-client|openapi-generator|datamodel-code-generator FOLDER URL < values.json

It runs in the interpreter that the client is for, so it imports nothing of this repository. Values are what the declared types take:
dates, enumerations and models are made of JSON first. A line of JSON on stdout for each call that failed: its number and why.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Any, cast, get_args, get_origin, get_type_hints

Function = Callable[..., Any]


def openapi_python_client(url: str) -> Callable[[int], Function]:
    """Functions of modules, one for each operation."""
    client = importlib.import_module("openapi_python_client_peer").Client(base_url=url)

    def function(number: int) -> Function:
        module = importlib.import_module(f"openapi_python_client_peer.api.default.shape{number}")
        return bound(module.sync_detailed, client=client)

    return function


def openapi_generator(url: str) -> Callable[[int], Function]:
    """Methods of one class, named like the operations."""
    module = importlib.import_module("openapi_generator_peer")
    api = module.DefaultApi(module.ApiClient(module.Configuration(host=url)))
    return lambda number: bound(getattr(api, f"shape{number}"))


def datamodel_code_generator(url: str) -> Callable[[int], Function]:
    """Methods of a group, named like the operations."""
    client = importlib.import_module("datamodel_code_generator_peer").Client(base_url=url)
    return lambda number: bound(getattr(client.default, f"shape{number}"))


def bound(function: Function, **more: Any) -> Function:
    """A function of the one value, as the type that its parameter declares."""
    others = {*more, "options", "media_type"}
    name = next((name for name in inspect.signature(function).parameters if not name.startswith("_") and name not in others), None)
    if name is None:
        raise LookupError("the operation has no parameter for the value")
    hint = get_type_hints(function, include_extras=True).get(name, Any)

    def call(value: Any) -> Any:
        return function(**{name: converted(hint, value)}, **more)

    return call


def converted(hint: Any, value: Any) -> Any:
    """A JSON value as the type that a parameter declares; as it is where no type takes it."""
    if hasattr(hint, "from_dict") and isinstance(value, dict):
        return hint.from_dict(value)
    if hasattr(hint, "model_validate"):
        return hint.model_validate(value)
    if hint is date and isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if get_origin(hint) is list and isinstance(value, list):
        return [converted(get_args(hint)[0], item) for item in cast("list[Any]", value)]
    for option in get_args(hint):
        try:
            found = converted(option, value)
        except (TypeError, ValueError, AttributeError):
            continue
        if found is not value:
            return found
    return value


PEERS = {
    "openapi-python-client": openapi_python_client,
    "openapi-generator": openapi_generator,
    "datamodel-code-generator": datamodel_code_generator,
}


def main() -> None:
    """Call each operation with its value."""
    peer, folder, url = sys.argv[1:]
    sys.path.insert(0, folder)
    function = PEERS[peer](url)
    for number, value, _ in json.load(sys.stdin):
        try:
            function(number)(value)
        except Exception as error:
            print(json.dumps([number, f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"]), flush=True)


if __name__ == "__main__":
    main()
