"""The command: help that teaches, errors in one line, exit codes that mean something."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import EntryPoint

import assay_contracts
import click
import pytest
from assay_contracts import cli
from assay_contracts.cli import root, run


def test_the_door_is_sorted_and_complete() -> None:
    """Everything that the package offers is listed once, in order, and is there."""
    assert assay_contracts.__all__ == sorted(assay_contracts.__all__)
    assert all(hasattr(assay_contracts, name) for name in assay_contracts.__all__)


def test_importing_the_package_stays_light() -> None:
    """Neither the validator nor the command line's packages come along, nor any other room."""
    heavy = ("jsonschema_rs", "rich", "click", "pydantic", "httpx", "assay_codegen", "assay_sdk", "assay_server")
    code = f"import assay_contracts, sys; sys.exit(', '.join(set({heavy!r}) & set(sys.modules)) or 0)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_help_imports_no_other_room(capsys: pytest.CaptureFixture[str]) -> None:
    """Every command is listed with its first sentence, read without importing its package."""
    code = """
import sys
from assay_contracts.cli import run
run(["--help"])
sys.exit([name for name in sys.modules if name.startswith("assay_") and not name.startswith("assay_contracts")] or 0)
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert "Lint, bundle, lock, list, show, release and publish contracts." in " ".join(done.stdout.split())


@pytest.mark.parametrize("command", ["list", "lint", "bundle", "lock", "show", "requirements"])
def test_every_help_teaches_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody who asks for help gets a line to copy."""
    assert run(["contracts", command, "--help"]) == 0
    assert f"assay contracts {command}" in capsys.readouterr().out.partition("Try:")[2]


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """`assay --version` names the command and its version."""
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("assay ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "No such command"),
        (["contracts", "nonsense"], "No such command"),
        (["contracts", "list", "--form"], "No such option"),
        (["contracts", "list", "--format", "xml"], "is not one of"),
        (["contracts", "show"], "Missing argument"),
        (["contracts", "lint", "reliability@1.0.0", "api.yaml"], "expected either ids or files, got both"),
        (["contracts", "requirements", "--check", "--write"], "expected --check or --write, got both"),
        (["contracts", "lock", "--replace", "x"], "NAME@MAJOR.MINOR.PATCH"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The line says what is wrong, and where help is."""
    code = run(arguments)

    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("assay: error: ")
    assert message in err


def test_documents_that_are_nowhere_are_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without contracts is refused with what it should hold."""
    monkeypatch.setenv("ASSAY_DOCUMENTS", "/nonexistent")

    assert run(["contracts", "list"]) == 2
    assert "expected a folder with openapi/ or asyncapi/ in it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "code", "message"),
    [
        (PermissionError(13, "Permission denied", "out.json"), 3, "out.json: Permission denied"),
        (RuntimeError("first line\nsecond line"), 3, "a defect of assay itself: RuntimeError: first line;"),
        (ModuleNotFoundError("No module named 'sanic'", name="sanic"), 3, "defect"),
    ],
)
def test_whatever_a_command_raises_becomes_one_line(
    raised: BaseException, code: int, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An interrupt, a refusal of the system and a defect each have their exit code."""

    @click.command()
    def broken() -> None:
        raise raised

    monkeypatch.setitem(root.commands, "broken", broken)

    assert run(["broken"]) == code
    err = capsys.readouterr().err.lstrip("\n")
    assert err.count("\n") == 1
    assert message in err


def test_a_missing_extra_is_answered_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command whose packages are not there says which extra brings them."""

    class Absent(EntryPoint):
        def load(self) -> object:
            raise ModuleNotFoundError("No module named 'sanic'", name="sanic")

    point = Absent("serve", "assay_server.commands:serve", cli.GROUP)
    monkeypatch.setattr(cli, "_found", lambda: {"serve": point})

    assert run(["serve"]) == 3
    err = capsys.readouterr().err
    assert 'expected the package sanic, got none installed; install it with: pip install "assay[server]"' in err


def test_lint_prints_lines_for_people_and_json_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    """The real contracts are clean in both forms, and the rules can be listed."""
    assert run(["contracts", "lint"]) == 0
    assert capsys.readouterr().out.startswith("0 errors, 0 warnings")
    assert run(["contracts", "lint", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert run(["contracts", "lint", "--rules"]) == 0
    assert "dangling-reference (error): " in capsys.readouterr().out


def test_show_prints_what_a_contract_says(capsys: pytest.CaptureFixture[str]) -> None:
    """Operations, channels, codes, clauses and digests, for people and as JSON."""
    contract = assay_contracts.load_contract(str(assay_contracts.list_contracts()[0]))

    assert run(["contracts", "show", str(contract.id)]) == 0
    text = capsys.readouterr().out
    assert run(["contracts", "show", str(contract.id), "--format", "json"]) == 0
    described = json.loads(capsys.readouterr().out)

    assert contract.digest in text
    assert contract.digest == described["digests"]["contract"]
    assert [operation.id for operation in contract.operations] == [operation["id"] for operation in described["operations"]]
    for operation in contract.operations:
        assert operation.id in text
    for clause in contract.clauses():
        assert clause.id in text
