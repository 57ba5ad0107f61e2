"""The client of one side, really generated and read by griffe, or the reason why there is none."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import griffe
from assay_codegen import generate_python
from assay_codegen.naming import snake
from assay_contracts import AssayError, Contract, ExtraMissing, parse_bundle

from assay_compatibility.client.annotations import Names, words

PACKAGE = "client"
_SIDES = ("SyncClient", "AsyncClient")
_ENUMS = frozenset({"Enum", "StrEnum", "IntEnum"})


@dataclass(frozen=True, slots=True)
class Refused:
    """No client is generated."""

    reason: str


@dataclass(frozen=True, slots=True)
class Client:
    """A generated package: everything that it exports, by name."""

    exported: Mapping[str, griffe.Object]
    names: Names
    operation_methods: Mapping[tuple[str, str], str]

    def role(self, name: str) -> str:
        """What an exported name is: client, error, shape, enum, model, alias or name."""
        found = self.exported[name]
        if not found.is_class:
            return "alias" if name in self.names.aliases else "name"
        bases = self.names.bases.get(name, ())
        if any(side in bases for side in _SIDES):
            return "client"
        if found.path.split(".")[1] == "errors":
            return "error"
        if "TypedDict" in bases:
            return "shape"
        return "enum" if _ENUMS & set(bases) else "model"

    def named(self, *roles: str) -> list[str]:
        """The exported names of some roles."""
        return [name for name in self.exported if self.role(name) in roles]

    def methods(self, name: str) -> dict[str, griffe.Function]:
        """The public methods of a class."""
        members = self.exported[name].members.items()
        return {key: member for key, member in members if isinstance(member, griffe.Function) and not key.startswith("_")}

    def fields(self, name: str) -> dict[str, griffe.Attribute]:
        """The fields of a class, inherited ones too: what has a type; of an enumeration, what has a value."""
        bare = bool(_ENUMS & set(self.names.bases.get(name, ())))
        found: dict[str, griffe.Attribute] = {}
        for key, member in self._members(name).items():
            if isinstance(member, griffe.Attribute) and not key.startswith("_"):
                typed = member.annotation is not None and not str(member.annotation).startswith("ClassVar")
                if typed or bare:
                    found[key] = member
        return found

    def _members(self, name: str) -> dict[str, griffe.Object | griffe.Alias]:
        """The members of a class and of every exported class that it stands below, its own first."""
        order = [name]
        for class_name in order:
            order += [base for base in self.names.bases.get(class_name, ()) if base in self.exported and base not in order]
        found: dict[str, griffe.Object | griffe.Alias] = {}
        for class_name in reversed(order):
            found |= self.exported[class_name].members
        return found

    def behind(self, name: str) -> str:
        """The exported class that a name is only another name of, or the name itself."""
        seen: set[str] = set()
        while name in self.names.aliases and self.names.aliases[name] in self.exported and name not in seen:
            seen.add(name)
            name = self.names.aliases[name]
        return name

    def uses(self, name: str) -> frozenset[str]:
        """The exported names that a name is made of."""
        if name in self.names.aliases:
            found = words(self.names.aliases[name])
        elif self.exported[name].is_class:
            written = [str(field.annotation) for field in self.fields(name).values() if field.annotation is not None]
            found = frozenset(self.names.bases.get(name, ())).union(*map(words, written))
        else:
            found = frozenset[str]()
        return (found & self.exported.keys()) - {name}

    def within(self, written: str) -> frozenset[str]:
        """Every exported name that an annotation leads to."""
        waiting = list(words(written) & self.exported.keys())
        seen = set(waiting)
        while waiting:
            for use in self.uses(waiting.pop()) - seen:
                seen.add(use)
                waiting.append(use)
        return frozenset(seen)


def generate_client(openapi: Mapping[str, Any], asyncapi: Mapping[str, Any] | None) -> Client | Refused:
    """The client of bundled documents."""
    if not openapi:
        return Refused("a client is written from an OpenAPI document, and there is none")
    return _generated(_text(openapi), _text(asyncapi) if asyncapi else "")


def _text(document: Mapping[str, Any]) -> str:
    # The version names the package and the constant of the client, neither of which is compared.
    return json.dumps({**document, "info": {**(document.get("info") or {}), "version": "1.0.0"}}, sort_keys=False, default=str)


@lru_cache(maxsize=32)
def _generated(openapi: str, asyncapi: str) -> Client | Refused:
    id = ""
    try:
        contract = parse_bundle(json.loads(openapi), json.loads(asyncapi) if asyncapi else None)
        id = f"{contract.id}: "
        with warnings.catch_warnings():
            # What the generator thinks of a document is said by the linter, if anybody asks.
            warnings.simplefilter("ignore")
            package = generate_python(contract)
    except ExtraMissing:
        raise
    except AssayError as error:
        return Refused(str(error).removeprefix(id))
    except RecursionError:
        return Refused("its schemas are nested too deeply to be generated from")
    with TemporaryDirectory() as folder:
        place = Path(folder) / PACKAGE
        place.mkdir()
        for name, text in package.files.items():
            (place / name).write_text(text, encoding="utf-8")
        loader = griffe.GriffeLoader(search_paths=[folder], allow_inspection=False)
        try:
            return _read(loader.load(PACKAGE, try_relative_path=False), _methods_by_request(contract))
        except griffe.GriffeError as error:
            return Refused(f"the client that is generated cannot be imported: {str(error).partition(' (in ')[0]}")


def _methods_by_request(contract: Contract) -> dict[tuple[str, str], str]:
    """The methods by what they ask for, which stays when they are renamed."""
    methods = {(operation.method, operation.path): snake(operation.id) for operation in contract.operations}
    return methods | {("feed", channel.address): snake(channel.id) for channel in contract.channels}


def _read(module: griffe.Object | griffe.Alias, methods: Mapping[tuple[str, str], str]) -> Client:
    exported = {str(name): _target(module[str(name)]) for name in module.exports or ()}
    aliases = {name: written for name, member in exported.items() for written in _alias(member)}
    bases = {name: tuple(str(base) for base in member.bases) for name, member in exported.items() if isinstance(member, griffe.Class)}
    return Client(exported, Names(aliases, bases), methods)


def _target(found: griffe.Object | griffe.Alias) -> griffe.Object:
    return found.final_target if isinstance(found, griffe.Alias) else found


def _alias(found: griffe.Object) -> Iterator[str]:
    """What a name stands for, of a type alias in any of its three spellings."""
    if isinstance(found, griffe.TypeAlias):
        yield str(found.value)
    elif isinstance(found, griffe.Attribute) and found.value is not None:
        if str(found.annotation).endswith("TypeAlias"):
            yield str(found.value)
            return
        match ast.parse(str(found.value), mode="eval").body:
            case ast.Call(func=ast.Name(id="TypeAliasType"), args=[_, written]):
                yield ast.unparse(written)
            case _:
                pass
