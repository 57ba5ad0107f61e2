"""References through other references, and broken ones in extensions that nothing needs, in every command that reads a document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from assay_contracts.cli import run

HTTP = """
openapi: 3.1.0
info: {title: Yard, version: 1.0.0, x-owner: {$ref: 'https://example.com/owner'}}
x-links: {$ref: 'nowhere.yaml#/Links'}
x-circle: {a: {$ref: '#/x-circle/b'}, b: {$ref: '#/x-circle/a'}}
paths:
  /yards: {$ref: 'parts/paths.yaml#/paths/~1yards'}
  /gates:
    x-lambda: [{$ref: './lambda.zip'}]
    get:
      operationId: listGates
      x-handler: {$ref: '#/handlers/gates'}
      responses:
        '200':
          description: The gates.
          content:
            application/json:
              schema: {$ref: '#/paths/~1yards/get/responses/200/content/application~1json/schema'}
components:
  schemas:
    Yard:
      type: object
      x-form: {$ref: '#/components/forms/Yard'}
      properties:
        x-name: {$ref: '#/components/schemas/Name'}
    Name: {type: string, maxLength: 9, x-anything: {$ref: 'ftp://example.com/a'}}
    Lost: {type: object, x-form: {$ref: 'gone.yaml#/Form'}}
  x-policy: {policies: {$ref: '../gone.yaml'}, lists: [{$ref: '#/components/x-policy/policies/open'}]}
"""
PATHS = """
x-about: {$ref: 'no such file.yaml'}
paths:
  /yards:
    x-item: {$ref: '../gone.yaml#/Item'}
    get:
      operationId: listYards
      responses:
        '200':
          description: The yards.
          x-response: {$ref: '#/nowhere'}
          content: {application/json: {schema: {$ref: '../http.yaml#/components/schemas/Yard'}}}
        '404': {$ref: '#/paths/~1yards/get/responses/200'}
"""
FEED = """
asyncapi: 3.0.0
info: {title: Yard, version: 1.0.0, x-owner: {$ref: 'https://example.com/owner'}}
x-links: {$ref: 'nowhere.yaml#/Links'}
channels:
  yard: {$ref: 'parts/channels.yaml#/channels/yard'}
operations:
  tellOpened:
    action: send
    x-handler: {$ref: './lambda.zip'}
    channel: {$ref: '#/channels/yard'}
    messages: [{$ref: '#/channels/yard/messages/opened'}]
"""
CHANNELS = """
channels:
  yard:
    address: /yard
    x-broker: {$ref: 'gone.yaml#/Broker'}
    messages:
      opened:
        x-trace: {$ref: '#/nowhere'}
        payload: {type: object, x-form: {$ref: 'gone.yaml'}, required: [at], properties: {at: {type: string}}}
"""


def written(folder: Path, version: str = "1.0.0", *, longest: int = 9) -> Path:
    """One version of both documents, each with a part in another file."""
    (folder / "parts").mkdir(parents=True)
    (folder / "http.yaml").write_text(
        HTTP.replace("version: 1.0.0", f"version: {version}").replace("maxLength: 9", f"maxLength: {longest}")
    )
    (folder / "feed.yaml").write_text(FEED.replace("version: 1.0.0", f"version: {version}"))
    (folder / "parts" / "paths.yaml").write_text(PATHS)
    (folder / "parts" / "channels.yaml").write_text(CHANNELS if version == "1.0.0" else CHANNELS.replace("required: [at], ", ""))
    return folder


def ran(*arguments: str) -> int:
    """The exit code of a command."""
    try:
        return run(list(arguments))
    except SystemExit as left:
        return int(left.code or 0)


def test_a_contract_is_linted_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is an error, and the operations and messages of the other files are there."""
    folder = written(tmp_path / "v1")
    http, feed = str(folder / "http.yaml"), str(folder / "feed.yaml")

    assert (ran("contracts", "lint", http, feed), "0 errors" in capsys.readouterr().out) == (0, True)
    assert (ran("contracts", "show", http), "listYards" in capsys.readouterr().out) == (0, True)
    assert (ran("contracts", "show", feed), "yard" in capsys.readouterr().out) == (0, True)


def test_a_client_is_generated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is left out."""
    folder = written(tmp_path / "v1")
    command = ["generate", "python", "--contract", str(folder / "http.yaml"), "--asyncapi", str(folder / "feed.yaml"), "--strict"]

    assert (ran(*command, "--out", str(tmp_path / "out")), capsys.readouterr().err) == (0, "")


@pytest.mark.parametrize(
    ("document", "rule", "pointer"),
    [
        ("http.yaml", "max-length-decreased", "/components/schemas/Name/maxLength"),
        ("feed.yaml", "member-no-longer-required", "parts/channels.yaml#/channels/yard/messages/opened/payload/properties/at"),
    ],
)
def test_versions_are_compared_on_both_axes(
    document: str, rule: str, pointer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The change behind the reference is found where it is written."""
    old, new = written(tmp_path / "v1") / document, written(tmp_path / "v2", "1.1.0", longest=8) / document

    code = ran("diff", str(old), str(new), "--axis", "both", "--format", "json")
    findings = json.loads(capsys.readouterr().out)["findings"]

    assert code in (0, 1)
    assert pointer in {finding["pointer"] for finding in findings if finding["rule"] == rule}
    assert "source-not-generated" not in {finding["rule"] for finding in findings} or document == "feed.yaml"


def test_a_release_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The gate reads both documents of both versions and comes to a verdict."""
    old, new = written(tmp_path / "v1"), written(tmp_path / "v2", "2.0.0", longest=8)
    documents = [
        word
        for folder, option in ((old, "--old"), (new, "--new"))
        for name in ("http", "feed")
        for word in (option, f"{folder}/{name}.yaml")
    ]

    code = ran("gate", *documents, "--format", "json")
    verdict = json.loads(capsys.readouterr().out)

    assert code in (0, 1)
    assert {change["part"] for change in verdict["subjects"][0]["changes"] if change["axis"] == "wire"} == {"http", "feed"}
    assert "x-circle" not in str(verdict)


def test_recorded_traffic_is_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The operation of the other file is the one that the traffic is of."""
    folder = written(tmp_path / "v1")
    har = tmp_path / "traffic.har"
    response = {"status": 200, "headers": [{"name": "content-type", "value": "application/json"}]}
    content = {"mimeType": "application/json", "text": json.dumps({"x-name": "north", "size": 3})}
    entry = {"request": {"method": "GET", "url": "http://yard.example/yards", "headers": []}, "response": {**response, "content": content}}
    har.write_text(json.dumps({"log": {"entries": [entry]}}))

    ran("drift", "server", "--contract", str(folder / "http.yaml"), "--har", str(har), "--format", "json")
    findings = json.loads(capsys.readouterr().out)["findings"]

    assert ("listYards", "/size") in {(finding["subject"], finding["name"]) for finding in findings if finding["side"] == "undocumented"}
