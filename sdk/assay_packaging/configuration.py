"""`assay.toml`, or `[tool.assay]` of a pyproject: which clients are written, from what, where to and under which names."""

from __future__ import annotations

import keyword
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_packaging.errors import ConfigurationInvalid
from assay_packaging.selection import Choice, Selection

FILE = "assay.toml"
_TEXTS = ("contract", "asyncapi", "out", "name", "version", "license", "language")
_FLAGS = ("package", "standalone")
_TABLES = ("include", "exclude", "names")
_CHOICES = ("tags", "paths", "operations")
LANGUAGES = ("python", "typescript")
# As npm allows it since it takes no capital letters.
_NPM_NAME = re.compile(r"(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """One client to write.

    `contract` is a path or `NAME@VERSION`; `name` is the import path, with dots for a package inside others, and empty for the
    name that the generator gives. `package` writes a project around the code, and `standalone` puts the runtime into it.
    `names` maps operation ids to the names that the methods get. `language` is `python` or `typescript`; for the latter `name` is
    that of an npm package, and the runtime is always part of the code.
    """

    contract: str
    out: Path
    asyncapi: Path | None = None
    name: str = ""
    package: bool = False
    standalone: bool = False
    version: str = ""
    license: str = ""
    selection: Selection = field(default_factory=Selection)
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    language: str = "python"

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ConfigurationInvalid("language", expected=" or ".join(LANGUAGES), actual=repr(self.language))
        if self.language == "typescript":
            self._check_typescript()
            return
        parts = self.name.split(".") if self.name else []
        if not all(part.isidentifier() and part.isascii() and not keyword.iskeyword(part) for part in parts):
            raise ConfigurationInvalid("name", expected="an import path such as acme.todo_client", actual=repr(self.name))

    def _check_typescript(self) -> None:
        if self.name and not _NPM_NAME.fullmatch(self.name):
            raise ConfigurationInvalid("name", expected="the name of an npm package such as @acme/todo-client", actual=repr(self.name))
        if self.standalone:
            raise ConfigurationInvalid("standalone", expected="a Python client: a TypeScript client has the runtime in it", actual="true")


def find_configuration(folder: Path) -> Path | None:
    """The configuration of a folder: its `assay.toml`, else its `pyproject.toml` when that has a table `[tool.assay]`."""
    if (folder / FILE).is_file():
        return folder / FILE
    project = folder / "pyproject.toml"
    return project if project.is_file() and "assay" in _read(project).get("tool", {}) else None


def read_configuration(path: Path) -> tuple[ClientConfig, ...]:
    """The clients that a file asks for, in its order. Paths in it start at its folder.

    Raises `ConfigurationInvalid`, with the file and the place in it.
    """
    data: Any = _read(path)
    if path.name == "pyproject.toml":
        data = data.get("tool", {}).get("assay", {})
    where = f"{path}: "
    _check_keys(where + "the configuration", data, ("client",))
    rows = data.get("client")
    if not is_list(rows) or not rows:
        raise ConfigurationInvalid(f"{where}client", expected="one table [[client]] for each client", actual=_kind(rows))
    clients = tuple(_client(f"{where}client {number}", row, path.parent) for number, row in enumerate(rows, 1))
    places = [client.out for client in clients if client.package]
    for place in places:
        if places.count(place) > 1:
            raise ConfigurationInvalid(f"{where}out", expected="a different folder for each package", actual=f"{place} twice")
    return clients


def _client(where: str, row: Any, folder: Path) -> ClientConfig:
    _check_keys(where, row, (*_TEXTS, *_FLAGS, *_TABLES))
    for key in _TEXTS:
        if key in row and not isinstance(row[key], str):
            raise ConfigurationInvalid(f"{where}.{key}", expected="a string", actual=_kind(row[key]))
    for key in _FLAGS:
        if key in row and not isinstance(row[key], bool):
            raise ConfigurationInvalid(f"{where}.{key}", expected="true or false", actual=_kind(row[key]))
    for key in ("contract", "out"):
        if not row.get(key):
            raise ConfigurationInvalid(f"{where}.{key}", expected="a path" + " or NAME@VERSION" * (key == "contract"), actual="nothing")
    contract = str(row["contract"])
    names = row.get("names", {})
    if not is_mapping(names) or not all(isinstance(name, str) for name in names.values()):
        raise ConfigurationInvalid(f"{where}.names", expected="a name for each operation id", actual=_kind(names))
    try:
        return ClientConfig(
            contract=contract if _is_contract_id(contract) else str(folder / contract),
            asyncapi=folder / row["asyncapi"] if "asyncapi" in row else None,
            out=folder / row["out"],
            name=row.get("name", ""),
            package=row.get("package", False) or row.get("standalone", False),
            standalone=row.get("standalone", False),
            version=row.get("version", ""),
            license=row.get("license", ""),
            selection=Selection(_choice(where, row, "include"), _choice(where, row, "exclude")),
            names=names,
            language=row.get("language", "python"),
        )
    except ConfigurationInvalid as error:
        raise ConfigurationInvalid(
            error.subject if error.subject.startswith(where) else f"{where}.{error.subject}", expected=error.expected, actual=error.actual
        ) from None


def _is_contract_id(source: str) -> bool:
    """Whether a source names a contract version, such as `reliability@1.0.0`, and not a file."""
    return re.fullmatch(r"[a-z0-9-]+@[^/\\]+", source) is not None and not source.endswith((".yaml", ".yml", ".json"))


def _choice(where: str, row: Mapping[str, Any], key: str) -> Choice:
    table = row.get(key, {})
    _check_keys(f"{where}.{key}", table, _CHOICES)
    lists: dict[str, tuple[str, ...]] = {}
    for name, values in table.items():
        if not is_list(values) or not all(isinstance(value, str) for value in values):
            raise ConfigurationInvalid(f"{where}.{key}.{name}", expected="a list of strings", actual=_kind(values))
        lists[name] = tuple(values)
    return Choice(**lists)


def _check_keys(where: str, table: Any, known: tuple[str, ...]) -> None:
    if not is_mapping(table):
        raise ConfigurationInvalid(where, expected="a table", actual=_kind(table))
    for key in table:
        if key not in known:
            raise ConfigurationInvalid(where, expected=f"keys out of {', '.join(known)}", actual=repr(key))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationInvalid(str(path), expected="a file that can be read", actual=error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationInvalid(str(path), expected="TOML", actual=str(error)) from error


def _kind(value: object) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {value!r}"[:80]
