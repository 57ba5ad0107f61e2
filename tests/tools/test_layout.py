"""The layout of the repository: every package has its place among the layers, and every test folder a package."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("sdk", "reference_server", "conformance", "release")
# Folders of tests that look at the whole rather than at one package.
OF_NO_PACKAGE = {"browser", "foreign", "golden", "implementations", "tools", "typing"}
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def packages() -> set[str]:
    """The names of the packages in the rooms."""
    return {path.parent.name for room in ROOMS for path in (ROOT / room).glob("*/__init__.py")}


def test_every_package_is_known_to_the_import_linter() -> None:
    """A new package has to be placed among the layers before it can be checked in."""

    layers = SETTINGS["tool"]["importlinter"]["contracts"][0]["layers"]

    assert set(SETTINGS["tool"]["importlinter"]["root_packages"]) == packages()
    assert {name.strip() for layer in layers for name in layer.split(":")} == packages()


def test_every_package_is_in_the_wheel() -> None:
    """What the rooms hold is what an installation gets."""

    wheel = {Path(path).name for path in SETTINGS["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]}

    assert wheel == packages()


def test_every_test_folder_has_a_package() -> None:
    """A folder of tests is named as the package that it tests."""

    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")} - OF_NO_PACKAGE

    assert {f"assay_{name}" for name in folders} <= packages()
