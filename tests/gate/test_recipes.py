"""The recipes for pipelines: their commands are run in a repository with releases, as a pipeline runs them."""

from __future__ import annotations

import copy
import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from .conftest import THINGS

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "docs" / "recipes"
REPOSITORY = "git+https://github.com/OWNER/assay"
INSTALL = f'pip install "assay[release] @ {REPOSITORY}"'


def github() -> list[str]:
    """The commands of the steps, in order."""
    steps = read(RECIPES / "github-actions.yml")["jobs"]["gate"]["steps"]
    return [step["run"] for step in steps if "run" in step]


def gitlab() -> list[str]:
    """The commands of the script, and those after it."""
    job = read(RECIPES / "gitlab-ci.yml")["gate"]
    return [*job["script"], *job["after_script"]]


def pre_commit() -> list[str]:
    """The hook as it is run: split into words, and given to no shell."""
    (hook,) = read(RECIPES / "pre-commit-config.yaml")["repos"][0]["hooks"]
    return [shlex.join(shlex.split(hook["entry"]))]


def our_hook() -> list[str]:
    """The hook that this repository offers, with the arguments that its comment names."""
    (hook,) = read(ROOT / ".pre-commit-hooks.yaml")
    return [shlex.join([*shlex.split(hook["entry"]), "--tags", "v*", "--new", "openapi.yaml"])]


def read(path: Path) -> Any:
    """A file of YAML."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture
def repository(tmp_path: Path) -> Callable[[str, bool], Path]:
    """A repository with two tagged releases, and a document that is to come."""

    def build(version: str, breaking: bool) -> Path:
        git(tmp_path, "init", "-q")
        for tag in ("1.0.0", "1.1.0"):
            save(tmp_path, tag, tag == "1.1.0", breaking=False)
            git(tmp_path, "add", ".")
            git(tmp_path, "commit", "-qm", f"Release {tag}")
            git(tmp_path, "tag", f"v{tag}")
        save(tmp_path, version, True, breaking=breaking)
        return tmp_path

    return build


def save(folder: Path, version: str, extended: bool, *, breaking: bool) -> None:
    """Write a version of the document."""
    document = copy.deepcopy(THINGS)
    document["info"]["version"] = version
    listed = document["paths"]["/things"]["get"]["parameters"]
    if extended:
        listed.append({"name": "colour", "in": "query", "schema": {"type": "string"}})
    if breaking:
        listed.append({"name": "owner", "in": "query", "required": True, "schema": {"type": "string"}})
    (folder / "openapi.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")


def git(folder: Path, *arguments: str) -> None:
    """Run git as somebody."""
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=folder, check=True)


def ran(folder: Path, commands: list[str]) -> list[int]:
    """The exit codes of the commands, in the shell that pipelines use."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    commands = [command for command in commands if command.strip() != INSTALL]
    return [subprocess.run(["bash", "-e", "-c", command], cwd=folder, env=environment, check=False).returncode for command in commands]


@pytest.mark.slow
@pytest.mark.parametrize("recipe", [github, gitlab, pre_commit, our_hook])
@pytest.mark.parametrize(("version", "breaking", "passes"), [("1.1.1", False, True), ("1.2.0", True, False)])
def test_the_commands_of_a_recipe_run(
    repository: Callable[[str, bool], Path], recipe: Callable[[], list[str]], version: str, breaking: bool, passes: bool
) -> None:
    """They pass for what may go out, and the one that gates fails for what may not; what they write says why."""
    folder = repository(version, breaking)

    codes = ran(folder, recipe())

    assert any(codes) != passes
    assert set(codes) <= {0, 1}
    for name in ("summary.md", "gate.xml"):
        written = folder / name
        assert not written.exists() or ("version-too-small" in written.read_text(encoding="utf-8")) != passes


@pytest.mark.parametrize("recipe", [github, gitlab])
def test_recipes_install_an_extra_that_there_is(recipe: Callable[[], list[str]]) -> None:
    """The one command that is not run here is a requirement that pip reads, with an extra of this package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (requirement,) = [Requirement(shlex.split(command)[-1]) for command in recipe() if command.strip() == INSTALL]

    assert (requirement.name, requirement.url) == (project["name"], REPOSITORY)
    assert requirement.extras <= project["optional-dependencies"].keys()


def test_no_tag_of_the_pattern_is_bad_usage(tmp_path: Path) -> None:
    """A pattern that no tag has, or a folder that is no repository, would otherwise pass anything."""
    save(tmp_path, "1.0.0", False, breaking=False)
    outside = ran(tmp_path, pre_commit())
    git(tmp_path, "init", "-q")
    (command,) = pre_commit()

    assert outside == [2]
    assert ran(tmp_path, [command, f"{command} --first-release"]) == [2, 0]
