"""References: through other references, and in extensions that nothing needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from assay_contracts import ReferenceBroken, load_contract
from assay_contracts.lint import lint_files
from assay_contracts.reading import parse_document
from assay_contracts.references import Library, follow

CHANNEL = """
channels:
  yard:
    address: /yard
    messages:
      opened: {payload: {type: string}}
"""
FEED = """
asyncapi: 3.0.0
info: {{title: Yard, version: 1.0.0}}
channels:
  yard: {{$ref: '{channel}'}}
operations:
  opened:
    action: send
    channel: {{$ref: '{of}'}}
    messages: [{{$ref: '{of}/messages/opened'}}]
"""
HTTP = """
openapi: 3.1.0
info: {title: Yard, version: 1.0.0}
x-links: {$ref: 'nowhere.yaml#/Links'}
paths:
  /yards: {$ref: 'yards.yaml#/paths/~1yards'}
components:
  schemas:
    Yard: {type: object, x-form: {$ref: '#/components/forms/Yard'}}
"""
YARDS = """
paths:
  /yards:
    get:
      operationId: listYards
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: 'http.yaml#/components/schemas/Yard'}}}}
        '201': {$ref: '#/paths/~1yards/get/responses/200'}
"""


@pytest.mark.parametrize(
    ("channel", "of"),
    [
        ("channel.yaml#/channels/yard", "#/channels/yard"),
        ("channel.yaml#/channels/yard", "channel.yaml#/channels/yard"),
    ],
)
def test_a_message_is_reached_through_a_channel_of_another_file(tmp_path: Path, channel: str, of: str) -> None:
    """In the contract and in lint."""
    (tmp_path / "channel.yaml").write_text(CHANNEL)
    path = tmp_path / "feed.yaml"
    path.write_text(FEED.format(channel=channel, of=of))

    assert load_contract(path).channel("yard").sent == ("opened",)
    assert [finding for finding in lint_files([path]) if finding.level == "error"] == []


def test_a_path_of_another_file_and_extensions_that_lead_nowhere(tmp_path: Path) -> None:
    """The operation is read; nobody needs what the extensions refer to."""
    (tmp_path / "yards.yaml").write_text(YARDS)
    path = tmp_path / "http.yaml"
    path.write_text(HTTP)

    assert [operation.id for operation in load_contract(path).operations] == ["listYards"]
    assert [finding for finding in lint_files([path]) if finding.level == "error"] == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: {$ref: '#/a/b'}", r"'#/a/b': expected references that end, got a circle"),
        ("a: {$ref: '#/b/x'}\nb: {$ref: '#/a/x'}", r"'#/b/x': expected references that end, got a circle"),
        ("a: {$ref: '#/b'}\nb: {$ref: '#/a'}", r"'#/a/b/c': expected /a/b/c in circle\.yaml, got nothing there"),
        ("a: {b: {}}", r"'#/a/b/c': expected /a/b/c in circle\.yaml, got nothing there"),
    ],
)
def test_a_reference_through_a_circle_leads_nowhere(text: str, problem: str) -> None:
    """It is an error that names the reference, and never a search without end."""
    document = parse_document(text, Path("circle.yaml"))

    with pytest.raises(ReferenceBroken, match=problem):
        Library().resolve("#/a/b/c", document)


def test_a_bundle_is_followed_through_its_references() -> None:
    """A property below a reference is found where the reference leads."""
    assert follow({"a": {"$ref": "#/b"}, "b": {"c": 1}}, "#/a/c") == 1
