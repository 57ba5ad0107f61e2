"""Where a contract says that its servers are: addresses with variables, for the whole contract or for one operation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from assay_sdk.errors import ArgumentError


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of an address: its default, and the values that it may have where the contract lists them."""

    default: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Server:
    """One server; `url` may have `{variables}`, and may be a path alone, which stands on the host that the contract came from."""

    url: str
    variables: Mapping[str, Variable] = field(default_factory=dict[str, Variable])

    def address(self, **values: str) -> str:
        """The address with variables at these values, or at their defaults.

        Raises `ArgumentError` for a variable that it does not have, or a value that is not one of its choices.

        >>> Server("https://{region}.example.com", {"region": Variable("eu")}).address(region="us")
        'https://us.example.com'
        """
        named = re.findall(r"\{([^{}]*)\}", self.url)
        for name, value in values.items():
            if name not in named:
                raise ArgumentError(name, expected=f"a variable of {self.url}", actual="a name that is not in it")
            variable = self.variables.get(name)
            if variable is not None and variable.choices and value not in variable.choices:
                raise ArgumentError(name, expected=f"one of {', '.join(variable.choices)}", actual=repr(value))
        missing = next((name for name in named if name not in self.variables and name not in values), None)
        if missing is not None:
            raise ArgumentError(missing, expected=f"a value, since {self.url} has no default for it", actual="none")
        known = {**{name: variable.default for name, variable in self.variables.items()}, **values}
        return re.sub(r"\{([^{}]*)\}", lambda found: known[found[1]], self.url)

    def on(self, base_url: str) -> str:
        """The address with its defaults, a path alone on the host of a base URL."""
        address = self.address()
        if urlsplit(address).scheme:
            return address.rstrip("/")
        parts = urlsplit(base_url)
        return f"{parts.scheme}://{parts.netloc}/{address.lstrip('/')}".rstrip("/")


def default_address(servers: Sequence[Server], variables: Mapping[str, str]) -> str:
    """The address of the first server. Raises `ArgumentError` where the contract names none, or only a path."""
    if not servers:
        raise ArgumentError("base_url", expected="an address, since the contract names no server", actual="none")
    address = servers[0].address(**variables)
    if not urlsplit(address).scheme:
        raise ArgumentError("base_url", expected=f"an address, since the contract names only the path {address!r}", actual="none")
    return address
