"""The configuration: what is read, and where a mistake in it is reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from assay_packaging import ClientConfig, ConfigurationInvalid, Selection, find_configuration, read_configuration
from assay_packaging.selection import Choice

_FULL = """
[[client]]
contract = "api.yaml"
out = "clients/garden"
name = "acme.garden"
standalone = true
version = "3.0.0"
license = "MIT"
include = { tags = ["plants"], paths = ["/plants/**"] }
exclude = { operations = ["addPlant"] }
[client.names]
listPlants = "allPlants"
"""


def test_every_key_is_read(tmp_path: Path) -> None:
    """Paths start at the folder of the file; what is standalone is a package."""
    path = tmp_path / "assay.toml"
    path.write_text(_FULL)

    assert read_configuration(path) == (
        ClientConfig(
            contract=str(tmp_path / "api.yaml"),
            out=tmp_path / "clients" / "garden",
            name="acme.garden",
            package=True,
            standalone=True,
            version="3.0.0",
            license="MIT",
            selection=Selection(Choice(tags=("plants",), paths=("/plants/**",)), Choice(operations=("addPlant",))),
            names={"listPlants": "allPlants"},
        ),
    )


def test_a_contract_version_is_not_a_path(tmp_path: Path) -> None:
    """It is looked up by its id."""
    path = tmp_path / "assay.toml"
    path.write_text('[[client]]\ncontract = "reliability@1.0.0"\nout = "clients"\n')

    assert read_configuration(path)[0].contract == "reliability@1.0.0"


def test_a_pyproject_may_hold_it(tmp_path: Path) -> None:
    """Under its own table, and only there."""
    path = tmp_path / "pyproject.toml"
    path.write_text("[project]\nname = 'x'\n")
    assert find_configuration(tmp_path) is None

    path.write_text("[[tool.assay.client]]\ncontract = 'a.yaml'\nout = 'clients'\n")
    assert find_configuration(tmp_path) == path
    assert read_configuration(path)[0].out == tmp_path / "clients"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "client: expected one table"),
        ("client = 1", "client: expected one table"),
        ("[[clients]]", "expected keys out of client, got 'clients'"),
        ("[[client]]\nout = 'x'", "client 1.contract: expected a path or NAME@VERSION, got nothing"),
        ("[[client]]\ncontract = 'x'", "client 1.out: expected a path, got nothing"),
        ("[[client]]\ncontract = 1\nout = 'x'", "client 1.contract: expected a string, got int 1"),
        ("[[client]]\ncontract = 'x'\nout = 'x'\npackage = 'yes'", "client 1.package: expected true or false"),
        ("[[client]]\ncontract = 'x'\nout = 'x'\nname = 'no-name'", "client 1.name: expected an import path"),
        ("[[client]]\ncontract = 'x'\nout = 'x'\nname = 'a.class'", "client 1.name: expected an import path"),
        ("[[client]]\ncontract = 'x'\nout = 'x'\ncolour = 'red'", "expected keys out of contract"),
        ("[[client]]\ncontract = 'x'\nout = 'x'\ninclude = {tag = ['x']}", "client 1.include: expected keys out of tags"),
        ("[[client]]\ncontract = 'x'\nout = 'x'\ninclude = {tags = 'x'}", "client 1.include.tags: expected a list of strings"),
        ("[[client]]\ncontract = 'x'\nout = 'x'\nnames = {a = 1}", "client 1.names: expected a name for each operation id"),
        ("[[client]", "expected TOML"),
    ],
)
def test_a_mistake_is_reported_where_it_is(tmp_path: Path, text: str, message: str) -> None:
    """With the file, the client and the key."""
    path = tmp_path / "assay.toml"
    path.write_text(text)

    with pytest.raises(ConfigurationInvalid) as raised:
        read_configuration(path)
    assert str(raised.value).startswith(str(path))
    assert message in str(raised.value)


def test_two_packages_in_one_folder_are_rejected(tmp_path: Path) -> None:
    """One would take the files of the other away."""
    path = tmp_path / "assay.toml"
    path.write_text("[[client]]\ncontract = 'a'\nout = 'x'\npackage = true\n" * 2)

    with pytest.raises(ConfigurationInvalid, match="a different folder for each package"):
        read_configuration(path)
