"""Whether committed code is what generation gives today."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from assay_contracts import load_contract

from assay_codegen.errors import OutputUnusable
from assay_codegen.package import generate_python


@dataclass(frozen=True, slots=True)
class Committed:
    """One generated folder that is committed."""

    contract: str
    folder: Path
    name: str

    @property
    def place(self) -> Path:
        """The generated package."""
        return self.folder / self.name

    @property
    def renew(self) -> str:
        """The command that generates it again."""
        return f"assay generate python --contract {self.contract} --out {self.folder} --name {self.name}"


@dataclass(frozen=True, slots=True)
class Drift:
    """What differs in one committed folder."""

    committed: Committed
    files: tuple[str, ...]


def read_committed(path: Path | None = None) -> tuple[Committed, ...]:
    """Every committed folder, as the list beside this module has them."""
    path = path or Path(__file__).with_name("committed.toml")
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["generated"]
    return tuple(Committed(row["contract"], _package(row["package"]) / row["folder"], row["name"]) for row in rows)


def find_drift(committed: tuple[Committed, ...]) -> tuple[Drift, ...]:
    """The committed folders that are not what generation gives."""
    found: list[Drift] = []
    for file in committed:
        package = generate_python(load_contract(file.contract))
        if files := package.drift(file.place):
            found.append(Drift(file, files))
    return tuple(found)


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise OutputUnusable(f"package {name}", expected="an installed package", actual="none of that name")
    return Path(spec.origin).parent
