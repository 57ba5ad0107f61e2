"""A built client: what it holds, what it leaves alone, and that it works without Assay."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from assay_packaging import BuiltClient, ClientConfig, ConfigurationInvalid, Selection, build_client
from assay_packaging.selection import Choice


def built(garden: Path, out: Path, **options: object) -> BuiltClient:
    """The client of the garden."""
    return build_client(ClientConfig(contract=str(garden), out=out, **options))  # type: ignore[arg-type]


def run_python(folder: Path, *arguments: str, blocked: bool = False) -> subprocess.CompletedProcess[str]:
    """Python beside a package; `blocked` makes every import of Assay fail."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    if blocked:
        (folder / "blocked").mkdir(exist_ok=True)
        names = ("assay_sdk", "assay_contracts", "assay_codegen")
        code = f"import sys\nfor name in {names!r}:\n    sys.modules[name] = None\n"
        (folder / "blocked" / "sitecustomize.py").write_text(code)
        environment["PYTHONPATH"] += os.pathsep + str(folder / "blocked")
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_package_holds_code_tests_and_a_project(garden: Path, tmp_path: Path) -> None:
    """Everything that an index wants."""
    built(garden, tmp_path / "out", package=True).write()

    files = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert files > {
        "pyproject.toml",
        "README.md",
        "CHANGELOG.md",
        "src/garden_client/__init__.py",
        "src/garden_client/py.typed",
        "tests/fault_server.py",
        "tests/test_contract.py",
    }


def test_the_project_says_what_the_document_says(garden: Path, tmp_path: Path) -> None:
    """Name, version and licence come from it."""
    project = tomllib.loads(built(garden, tmp_path, package=True).begun["pyproject.toml"])["project"]

    assert {key: project[key] for key in ("name", "version", "license", "description")} == {
        "name": "garden-client",
        "version": "2.1.0",
        "license": "MIT",
        "description": "Client of Garden",
    }


def test_a_standalone_package_depends_on_nothing_of_ours(garden: Path, tmp_path: Path) -> None:
    """Without a feed it needs httpx and pydantic, and both licences apply."""
    project = tomllib.loads(built(garden, tmp_path, package=True, standalone=True).begun["pyproject.toml"])["project"]

    assert [line.partition("<")[0].partition(">")[0] for line in project["dependencies"]] == ["httpx", "pydantic"]
    assert project["license"] == "MIT AND Apache-2.0"


def test_a_package_with_a_feed_needs_websockets(tmp_path: Path) -> None:
    """Since the runtime that it holds does."""
    client = build_client(ClientConfig(contract="reliability@1.0.0", out=tmp_path, package=True, standalone=True))

    dependencies = tomllib.loads(client.begun["pyproject.toml"])["project"]["dependencies"]
    assert [line.partition("<")[0] for line in dependencies] == ["httpx", "pydantic", "websockets"]


@pytest.mark.parametrize("name", ["garden_client", "acme.garden"])
def test_the_tests_of_a_standalone_package_pass_without_assay(garden: Path, tmp_path: Path, name: str) -> None:
    """A test for each status and code: three successes, a code, a status, a range and the rest."""
    out = tmp_path / "out"
    built(garden, out, package=True, standalone=True, name=name).write()

    result = run_python(out, "-m", "pytest", "-q", "-p", "no:cacheprovider", blocked=True)

    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines()[-1].startswith("7 passed")


def test_every_name_of_a_runtime_inside_a_package_is_there(garden: Path, tmp_path: Path) -> None:
    """The door offers only what was copied."""
    out = tmp_path / "out"
    built(garden, out, package=True, standalone=True).write()

    code = "import garden_client.runtime as runtime; print(len([getattr(runtime, name) for name in runtime.__all__]) > 30)"
    result = run_python(out, "-c", code, blocked=True)

    assert (result.stdout, result.stderr) == ("True\n", "")


def test_the_first_call_of_the_readme_can_be_made(garden: Path, tmp_path: Path) -> None:
    """It reads with the fewest arguments, from the server of the document."""
    readme = built(garden, tmp_path, package=True).begun["README.md"]

    assert readme.partition("```python\n")[2].partition("```")[0].splitlines() == [
        "from garden_client import GardenClient",
        "",
        'with GardenClient("https://eu.garden.test/v2") as client:',
        '    print(client.list_plants(since="2026-01-31"))',
    ]


def test_what_people_edit_is_written_once(garden: Path, tmp_path: Path) -> None:
    """A README keeps its words; code is renewed, and files of an earlier generation go."""
    built(garden, tmp_path, package=True).write()
    (tmp_path / "README.md").write_text("Ours.\n")
    (tmp_path / "tests" / "test_ours.py").write_text("")
    (tmp_path / "src" / "garden_client" / "old.py").write_text("")

    client = built(garden, tmp_path, package=True)
    assert client.drift() == ("src/garden_client/old.py",)
    client.write()

    assert (tmp_path / "README.md").read_text() == "Ours.\n"
    assert (tmp_path / "tests" / "test_ours.py").exists()
    assert client.drift() == ()


def operations(files: Mapping[str, str]) -> set[str]:
    """The methods of the client among some of the garden's."""
    code = files["client.py"]
    return {name for name in ("list_plants", "add_plant", "drop_tool", "all_plants") if f"def {name}(" in code}


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (Choice(tags=("tools",)), Choice(), {"drop_tool"}),
        (Choice(paths=("/plants",)), Choice(), {"list_plants", "add_plant"}),
        (Choice(paths=("/tools/*",)), Choice(), {"drop_tool"}),
        (Choice(paths=("/**",)), Choice(operations=("addPlant",)), {"list_plants", "drop_tool"}),
        (Choice(), Choice(tags=("tools",)), {"list_plants", "add_plant"}),
    ],
)
def test_operations_are_chosen_by_tag_path_and_id(
    garden: Path, tmp_path: Path, include: Choice, exclude: Choice, expected: set[str]
) -> None:
    """What is excluded goes, whatever includes it."""
    client = built(garden, tmp_path, name="garden", selection=Selection(include, exclude))

    assert operations(client.owned) == expected


def test_webhooks_are_left_out_only_of_a_client_of_everything(document: dict[str, Any], garden: Path, tmp_path: Path) -> None:
    """Whoever names operations chooses no webhook."""
    document["webhooks"] = {"frost": {"post": {"responses": {"204": {"description": "Noted."}}}}}
    garden.write_text(json.dumps(document), encoding="utf-8")

    def left_out(selection: Selection) -> list[str]:
        return [part.partition(":")[0] for part in built(garden, tmp_path, selection=selection).left_out]

    assert left_out(Selection()) == ["webhook frost"]
    assert left_out(Selection(exclude=Choice(tags=("tools",)))) == ["webhook frost"]
    assert left_out(Selection(include=Choice(tags=("plants",)))) == []


@pytest.mark.parametrize(
    "choice", [Choice(tags=("plant",)), Choice(paths=("/plant/**",)), Choice(operations=("listPlant",))], ids=["tag", "path", "id"]
)
def test_a_choice_that_covers_nothing_is_rejected(garden: Path, tmp_path: Path, choice: Choice) -> None:
    """A misspelt name does not change the client in silence."""
    with pytest.raises(ConfigurationInvalid, match="exclude"):
        built(garden, tmp_path, selection=Selection(exclude=choice))


def test_operations_get_names_of_ones_own(garden: Path, tmp_path: Path) -> None:
    """The method is named as configured; the request stays."""
    client = built(garden, tmp_path, name="garden", names={"listPlants": "allPlants"})

    assert operations(client.owned) == {"all_plants", "add_plant", "drop_tool"}
    assert 'path="/plants"' in client.owned["operations.py"]


@pytest.mark.parametrize("names", [{"nothing": "x"}, {"listPlants": "addPlant"}, {"listPlants": "x", "addPlant": "x"}])
def test_a_name_of_nothing_or_of_another_is_rejected(garden: Path, tmp_path: Path, names: dict[str, str]) -> None:
    """No two operations hide each other."""
    with pytest.raises(ConfigurationInvalid, match="names"):
        built(garden, tmp_path, names=names)


def test_a_renamed_operation_is_the_one_that_a_feed_resyncs_by(tmp_path: Path) -> None:
    """Annotations follow the name."""
    client = build_client(
        ClientConfig(contract="reliability@1.0.0", out=tmp_path, name="console", names={"getRealtimeSnapshot": "readState"})
    )

    assert "resync=READ_STATE" in client.owned["feed.py"]


def test_two_builds_are_the_same(garden: Path, tmp_path: Path) -> None:
    """Byte by byte."""
    first, second = (built(garden, tmp_path, package=True, standalone=True) for _ in range(2))

    assert first == second
