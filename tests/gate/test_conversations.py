"""Recorded conversations of an older version against a new contract, and what changes mean for one consumer."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_conformance.evidence import Evidence, Exchange, FeedSession, Frame, Request, Response
from assay_conformance.evidence.journal import Provenance, write_evidence
from assay_gate.commands import gate
from click.testing import CliRunner

JSON = (("content-type", "application/json"),)
ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {"color": {"enum": ["red", "green"]}, "count": {"type": "integer"}, "note": {"type": "string"}},
}
OLD: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "orders", "version": "1.0.0"},
    "paths": {
        "/orders": {
            "get": {
                "operationId": "list",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}],
                "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "array", "items": ORDER}}}}},
            },
            "post": {
                "operationId": "add",
                "requestBody": {"content": {"application/json": {"schema": ORDER}}},
                "responses": {"201": {"description": "ok"}, "400": {"description": "no"}},
            },
        }
    },
}
RECORDS = (
    Exchange(
        id="x1", subject="list", purpose="a page", request=Request("GET", "/orders", (("limit", "50"),)),
        response=Response(200, JSON, '[{"color": "red", "count": 1}]'),
    ),
    Exchange(
        id="x2", subject="add", purpose="one",
        request=Request("POST", "/orders", (), JSON, '{"color": "green"}'), response=Response(201),
    ),
    Exchange(
        id="x3", subject="add", purpose="a wrong one",
        request=Request("POST", "/orders", (), JSON, '{"color": "pink"}'), response=Response(400),
    ),
)  # fmt: skip


def _gated(tmp_path: Path, new: dict[str, Any], *more: str, old: dict[str, Any] = OLD) -> tuple[int, Any]:
    """The exit code and the machine form of the gate with the recorded conversations of the old version."""
    provenance = Provenance("orders@1.0.0", "", "", "", "0", {}, "2026-01-01T00:00:00Z", openapi=old)
    write_evidence(tmp_path / "evidence.ndjson.gz", Evidence(provenance, RECORDS))
    for name, document in (("old", old), ("new", new)):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    documents = ("--old", str(tmp_path / "old.json"), "--new", str(tmp_path / "new.json"), "--axis", "wire")
    result = CliRunner().invoke(gate, [*documents, "--evidence", str(tmp_path / "evidence.ndjson.gz"), "--format", "json", *more])
    return result.exit_code, json.loads(result.stdout)


def _edited(version: str, edit: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    # Through text, so that no two places share a schema.
    document: dict[str, Any] = json.loads(json.dumps(OLD))
    document["info"]["version"] = version
    edit(document)
    return document


def _schema(document: dict[str, Any], *, sent: bool) -> dict[str, Any]:
    operations = document["paths"]["/orders"]
    if sent:
        found: dict[str, Any] = operations["post"]["requestBody"]["content"]["application/json"]["schema"]
    else:
        found = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]["items"]
    return found


def _value_removed(document: dict[str, Any]) -> None:
    _schema(document, sent=True)["properties"]["color"] = {"enum": ["red"]}


def _limit_lowered(document: dict[str, Any]) -> None:
    document["paths"]["/orders"]["get"]["parameters"][0]["schema"]["maximum"] = 10


def _parameter_required(document: dict[str, Any]) -> None:
    document["paths"]["/orders"]["get"]["parameters"].append({"name": "zone", "in": "query", "required": True, "schema": {}})


def _type_changed(document: dict[str, Any]) -> None:
    _schema(document, sent=False)["properties"]["count"] = {"type": "string"}


def _any_media_type_too(document: dict[str, Any]) -> None:
    """A range beside the type that is sent: the schema of the type itself counts, whichever is written first."""
    _type_changed(document)
    answer = document["paths"]["/orders"]["get"]["responses"]["200"]
    answer["content"] = {"*/*": {"schema": {}}, **answer["content"]}


def _operation_removed(document: dict[str, Any]) -> None:
    del document["paths"]["/orders"]["post"]


@pytest.mark.parametrize(
    ("edit", "parts"),
    [
        (_value_removed, ("> POST /orders", '> {"color": "green"}', "< 201")),
        (_limit_lowered, ("the query parameter limit", "> GET /orders?limit=50")),
        (_parameter_required, ("the query parameter zone is required",)),
        (_type_changed, ("the response", '< [{"color": "red", "count": 1}]')),
        (_any_media_type_too, ("the response",)),
        (_operation_removed, ("POST /orders was removed",)),
    ],
)
def test_the_first_conversation_that_is_no_longer_allowed_is_shown(
    tmp_path: Path, edit: Callable[[dict[str, Any]], None], parts: tuple[str, ...]
) -> None:
    """With its request, its response and the reason; a version that may break what came before it only says so."""
    code, report = _gated(tmp_path, _edited("1.1.0", edit))
    problems = [problem for problem in report["problems"] if problem["rule"] == "conversation-no-longer-allowed"]
    assert (code, len(problems)) == (1, 1)
    assert problems[0]["message"].startswith("1 of 3 recorded conversations of orders@1.0.0 are no longer allowed; the first: ")
    assert all(part in problems[0]["message"] for part in parts)
    code, report = _gated(tmp_path, _edited("2.0.0", edit))
    assert not [problem for problem in report["problems"] if problem["rule"] == "conversation-no-longer-allowed"]
    assert any("may break" in note for note in report["subjects"][0]["notes"])


def _narrowed(document: dict[str, Any]) -> None:
    """Readers meet fewer values and more properties than before: nobody breaks."""
    schema = _schema(document, sent=False)
    schema["required"] = ["note"]
    schema["properties"]["color"] = {"enum": ["red"]}


def _widened(document: dict[str, Any]) -> None:
    _schema(document, sent=True)["properties"]["color"] = {"enum": ["red", "green", "blue"]}
    document["paths"]["/orders"]["get"]["parameters"].append({"name": "zone", "in": "query", "schema": {}})


@pytest.mark.parametrize("edit", [_narrowed, _widened])
def test_a_version_that_keeps_every_promise_allows_every_conversation(tmp_path: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """A narrower response and a wider request are no reason, though an old response would no longer be sent."""
    code, report = _gated(tmp_path, _edited("1.1.0", edit))
    assert (code, report["problems"]) == (0, [])
    assert report["subjects"][0]["notes"][-1] == "all 3 recorded conversations of orders@1.0.0 are still allowed"


FEED: dict[str, Any] = {
    "asyncapi": "3.0.0",
    "info": {"title": "orders", "version": "1.0.0"},
    "channels": {
        "news": {"address": "/news", "messages": {"born": {"payload": {"type": "object", "properties": {"id": {"type": "integer"}}}}}}
    },
    "operations": {"publish": {"action": "send", "channel": {"$ref": "#/channels/news"}}},
}


def test_messages_of_a_feed_are_conversations_too(tmp_path: Path) -> None:
    """A property of a message that changes its type is shown with the message that was sent."""
    session = FeedSession(
        id="s1", subject="news", purpose="p", request=Request("GET", "/news"), handshake=101, frames=(Frame(0.1, '{"id": 7}'),)
    )
    provenance = Provenance("orders@1.0.0", "", "", "", "0", {}, "2026-01-01T00:00:00Z", asyncapi=FEED)
    write_evidence(tmp_path / "evidence.ndjson.gz", Evidence(provenance, (session,)))
    new = copy.deepcopy(FEED)
    new["info"]["version"] = "1.1.0"
    new["channels"]["news"]["messages"]["born"]["payload"]["properties"]["id"] = {"type": "string"}
    for name, document in (("old", FEED), ("new", new)):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    arguments = [
        "--old",
        str(tmp_path / "old.json"),
        "--new",
        str(tmp_path / "new.json"),
        "--evidence",
        str(tmp_path / "evidence.ndjson.gz"),
    ]
    result = CliRunner().invoke(gate, [*arguments, "--axis", "wire"])
    assert result.exit_code == 1
    assert '< {"id": 7}' in result.stdout


def test_each_consumer_has_the_class_of_what_concerns_it(tmp_path: Path) -> None:
    """Two consumers of one release: the one that sends the removed value breaks, the other does not."""

    def archive(name: str, body: str) -> Path:
        request = {"method": "POST", "url": "http://example.com/orders", "postData": {"mimeType": "application/json", "text": body}}
        path = tmp_path / name
        path.write_text(json.dumps({"log": {"entries": [{"request": request, "response": {"status": 201}}]}}))
        return path

    green, red = archive("green.har", '{"color": "green"}'), archive("red.har", '{"color": "red"}')
    _, report = _gated(tmp_path, _edited("2.0.0", _value_removed), "--used-by", str(green), "--used-by", str(red))
    assert [(Path(row["source"]).name, row["class"]) for row in report["consumers"]] == [("green.har", "major"), ("red.har", "none")]
