"""Values of path parameters are stated, printed by a command, or made by the contract's own operations."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from assay_conformance.driver_context import Wire
from assay_conformance.errors import TargetError
from assay_conformance.evidence import Journal
from assay_conformance.fixture_values import FixtureValues, unsettled
from assay_conformance.target import Target
from assay_conformance.target_manifest import parse_target
from assay_conformance.target_needs import Needs
from assay_contracts import Contract, parse_bundle


def contract() -> Contract:
    """A contract of one path with a parameter that no operation creates."""
    wash = {"operationId": "wash", "responses": {"204": {"description": "Clean."}}}
    return parse_bundle({"openapi": "3.1.0", "info": {"title": "Cars", "version": "1.0.0"}, "paths": {"/cars/{plate}": {"post": wash}}})


def target(command: str | None = None, **parameters: str) -> Target:
    """A target with these fixtures; nothing listens at its address."""
    fixtures = {"parameters": parameters, **({"command": command} if command is not None else {})}
    return parse_target({"fixtures": fixtures}, "manifest", http="http://127.0.0.1:9", needs=Needs((), ()))


async def settled(of: Target) -> Target:
    """The target with what its sources give."""
    wire = Wire(of, Journal(), contract=contract(), timeout=1)
    try:
        return await FixtureValues(contract(), wire, of).settle()
    finally:
        await wire.close()


def script(folder: Path, text: str) -> str:
    """A command that runs these lines of Python."""
    path = folder / "fixtures.py"
    path.write_text(text, "utf-8")
    return f"{sys.executable} {path}"


async def test_a_stated_value_is_used() -> None:
    """By name, or by place where two things have one name."""
    assert (await settled(target(plate="A-1"))).path_values("/cars/{plate}") == {"plate": "A-1"}
    assert target(**{"/cars/{plate}": "B-2", "plate": "A-1"}).path_values("/cars/{plate}") == {"plate": "B-2"}


async def test_a_command_prints_values(tmp_path: Path) -> None:
    """One JSON object; what is stated goes before it."""
    command = script(tmp_path, 'print(\'{"plate": "C-3"}\')')

    assert (await settled(target(command))).path_values("/cars/{plate}") == {"plate": "C-3"}
    assert (await settled(target(command, plate="A-1"))).path_values("/cars/{plate}") == {"plate": "A-1"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("print('plate=1')", "printed no JSON"),
        ("print('[1]')", "expected one JSON object"),
        ("raise SystemExit('no database')", "no database"),
    ],
)
async def test_a_command_that_fails_says_so(text: str, says: str, tmp_path: Path) -> None:
    """The manifest is wrong, not the server."""
    with pytest.raises(TargetError, match=says):
        await settled(target(script(tmp_path, text)))


async def test_a_parameter_without_a_value_is_named() -> None:
    """With the operations that need it."""
    assert list(unsettled(contract(), await settled(target()))) == ["no value of {plate} for wash"]
