"""Modules that are imported when something of theirs is first used: a client of a thousand operations costs what is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


class Module:
    """Stands for a module of a package until the first look at one of its names."""

    __slots__ = ("_module", "_name")

    def __init__(self, package: str | None, name: str) -> None:
        self._name = f"{package}.{name}"
        self._module: ModuleType | None = None

    def __getattr__(self, name: str) -> Any:
        if self._module is None:
            self._module = import_module(self._name)
        return getattr(self._module, name)


def exporting(package: str, homes: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """The `__getattr__` of a package that gives each name from the module that it lives in."""
    home_of = {name: home for home, names in homes.items() for name in names}

    def exported(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{home_of[name]}"), name)

    return exported
