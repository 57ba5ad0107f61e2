"""`assay target init` writes a manifest that can be read once its values are filled in."""

from __future__ import annotations

from pathlib import Path

import pytest
from assay_conformance.target_commands import target
from assay_conformance.target_manifest import read_target
from assay_conformance.target_needs import needs_of
from assay_contracts import load_contract
from assay_contracts.cli import run
from click.testing import CliRunner

TEXT = """
openapi: 3.1.0
info: {title: Cars, version: 1.0.0}
security: [{card: []}]
paths:
  /cars: {get: {operationId: listCars, responses: {"200": {description: All.}}}}
  /cars/{plate}/wash: {post: {operationId: wash, responses: {"204": {description: Clean.}}}}
components: {securitySchemes: {card: {type: http, scheme: bearer}}}
"""


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    """A contract that needs a credential and a value of a path parameter."""
    path = tmp_path / "cars.yaml"
    path.write_text(TEXT, "utf-8")
    return path


def test_a_first_manifest_is_one_that_can_be_read(contract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it asks for is what the contract needs; a server that is not there is said in a comment."""
    out = tmp_path / "target.toml"
    done = CliRunner().invoke(target, ["init", "http://127.0.0.1:9", "--contract", str(contract), "--out", str(out)])
    monkeypatch.setenv("PRIMARY_TOKEN", "a-token")
    read = read_target(out, needs=needs_of(load_contract(contract)))

    assert (done.exit_code, "listCars did not answer" in out.read_text("utf-8")) == (0, True)
    assert (read.http, list(read.credentials), list(read.fixtures["parameters"])) == ("http://127.0.0.1:9", ["primary"], ["plate"])


def test_a_manifest_that_is_there_is_kept(contract: Path, tmp_path: Path) -> None:
    """Unless it is to be replaced."""
    out = tmp_path / "target.toml"
    out.write_text("mine", "utf-8")
    arguments = ["target", "init", "http://127.0.0.1:9", "--contract", str(contract), "--out", str(out)]

    assert (run(arguments), out.read_text("utf-8")) == (2, "mine")
    assert (run([*arguments, "--force"]), out.read_text("utf-8") == "mine") == (0, False)


def test_everything_that_is_missing_is_said_before_the_first_request(
    contract: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a manifest the error names what the contract needs and the command that writes one."""
    code = run(["certify", "http://127.0.0.1:9", "--contract", str(contract), "--out", str(tmp_path / "out"), "--quiet"])
    errors = capsys.readouterr().err

    assert (code, "[credentials]" in errors, "assay target init" in errors, (tmp_path / "out").exists()) == (2, True, True, False)
