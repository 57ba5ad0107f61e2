"""`assay generate` with packages and configurations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from assay_contracts import UsageError
from assay_packaging.commands import generate
from assay_packaging.errors import ConfigurationInvalid


def run(*arguments: str | Path) -> Any:
    """The result of the command."""
    return generate.main([str(argument) for argument in arguments], standalone_mode=False)


def test_a_package_is_written_by_options(garden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line says how much and where."""
    out = tmp_path / "out"

    assert run("python", "--contract", garden, "--out", out, "--package", "--name", "acme.garden") == 0

    assert (out / "src" / "acme" / "garden" / "client.py").exists()
    assert capsys.readouterr().out == f"wrote 14 files to {out}\n"


def test_without_them_the_code_is_written_as_ever(garden: Path, tmp_path: Path) -> None:
    """A folder named for the contract."""
    out = tmp_path / "out"

    assert run("python", "--contract", garden, "--out", out) == 0

    assert [(path / "client.py").exists() for path in out.iterdir()] == [True]


def test_the_configuration_of_the_folder_is_written_and_checked(
    garden: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An edited file is reported, with the command that puts it right."""
    (tmp_path / "assay.toml").write_text('[[client]]\ncontract = "garden.json"\nout = "clients"\nname = "garden"\n')
    monkeypatch.chdir(tmp_path)

    assert run() == 0
    assert run("--check") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 generated client current"

    (tmp_path / "clients" / "garden" / "models.py").write_text("")
    assert run("--check") == 1
    assert capsys.readouterr().out.splitlines() == [
        "clients/garden/models.py: is not what garden.json gives",
        "regenerate: assay generate --config assay.toml",
    ]


def test_two_versions_in_one_folder_need_names(garden: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the second would take the place of the first; nothing is written."""
    client = '[[client]]\ncontract = "garden.json"\nout = "clients"\n'
    (tmp_path / "assay.toml").write_text(client * 2)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigurationInvalid, match="a name for each client of one folder"):
        run()
    assert not (tmp_path / "clients").exists()

    (tmp_path / "assay.toml").write_text(client + client + 'name = "garden_old"\n')
    assert run() == 0


def test_a_configuration_is_checked_from_any_folder(garden: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written does not depend on where the command runs, nor on the settings of that folder."""
    configuration = tmp_path / "assay.toml"
    configuration.write_text('[[client]]\ncontract = "garden.json"\nout = "clients"\nname = "garden"\n')
    assert run("--config", configuration) == 0

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pyproject.toml").write_text(
        "[tool.black]\nline-length = 40\n[tool.ruff]\nline-length = 40\n[tool.isort]\nline_length = 40\n"
    )
    monkeypatch.chdir(elsewhere)

    assert run("--config", configuration, "--check") == 0


def test_what_is_left_out_is_reported_and_strict_makes_it_fail(
    document: dict[str, Any], garden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line for each part, with the reason; the rest is written either way."""
    document["paths"]["/plants"]["get"]["x-pagination"] = {
        "style": "cursor",
        "items": "/items",
        "cursor": {"parameter": "nothing", "next": "/n"},
    }
    garden.write_text(json.dumps(document), encoding="utf-8")

    assert run("python", "--contract", garden, "--out", tmp_path / "out") == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["left out"] * len(lines)
    assert any("listPlants" in line for line in lines)

    assert run("python", "--contract", garden, "--out", tmp_path / "out", "--strict") == 1


@pytest.mark.parametrize(
    "arguments",
    [["--package"], ["python", "--standalone"], ["--name", "x"], ["python", "--contract", "x", "--out", "y", "--config", "CONFIG"]],
)
def test_bad_usage_says_what_is_missing(arguments: list[str], tmp_path: Path) -> None:
    """Nothing is written."""
    (tmp_path / "assay.toml").write_text("")

    with pytest.raises(UsageError, match="assay generate"):
        run(*(str(tmp_path / "assay.toml") if argument == "CONFIG" else argument for argument in arguments))
