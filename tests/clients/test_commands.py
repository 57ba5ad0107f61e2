"""`assay certify-client`: exit codes, and one line for bad input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from assay_contracts.cli import main

CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "a lamp", "version": "1.0.0"},
    "paths": {
        "/lamp": {
            "get": {
                "operationId": "getLamp",
                "responses": {"200": {"description": "Lit.", "content": {"application/json": {"schema": {"type": "object"}}}}},
            }
        }
    },
}
CLIENT = """
import os, urllib.error, urllib.request
try:
    urllib.request.urlopen(os.environ["ASSAY_BASE_URL"] + "/lamp").read()
    print('{"outcome": "value"}')
except urllib.error.HTTPError as error:
    print('{"outcome": "error", "status": %d}' % error.code)
"""


def run(*arguments: str | Path) -> int:
    """The exit code of the command."""
    with pytest.raises(SystemExit) as exit:
        main(["certify-client", *map(str, arguments)])
    return int(exit.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a contract and a client."""
    (tmp_path / "api.json").write_text(json.dumps(CONTRACT))
    (tmp_path / "client.py").write_text(CLIENT)
    return tmp_path


def test_the_exit_code_says_whether_it_is_certified(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And the rows say why."""
    command = ("--contract", folder / "api.json", "--command", f"{sys.executable} {folder / 'client.py'}", "--seconds", "20")

    assert run(*command, "--only", "an-unknown-property-is-read-over") == 0
    assert "Certified against a-lamp@1.0.0: 1 scenarios played" in capsys.readouterr().out
    assert run(*command, "--only", "a-body-that-is-no-json-is-an-error", "--format", "json") == 1
    found = json.loads(capsys.readouterr().out)
    assert not found["certified"]
    assert found["rows"][0]["expected"] == "the outcome 'error'"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--command", "no-such-program-here"), "a program that can be run"),
        (("--command", ""), "a program that can be run"),
        (("--command", "true", "--only", "nothing"), "--only nothing"),
        (("--command", "true", "--scenarios", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], message: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, before a client runs."""
    assert run("--contract", folder / "api.json", *arguments) == 2
    assert message in capsys.readouterr().err
