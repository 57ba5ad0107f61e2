"""Webhooks, callbacks and documents of schemas alone: no operation to call, and models all the same."""

from __future__ import annotations

from typing import Any

import pytest
from assay_codegen import generate_python
from assay_codegen.errors import NotGeneratable
from assay_contracts import parse_bundle

PET = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "mood": {"$ref": "#/components/schemas/Mood"}}}
SCHEMAS = {"Pet": PET, "Mood": {"type": "string", "enum": ["glad", "sad"]}, "Unused": {"type": "string"}}

ODD = {"type": "object", "properties": {"a": {}}}


def body(schema: dict[str, Any], media: str = "application/json") -> dict[str, Any]:
    """An operation that a server calls with a body."""
    return {"requestBody": {"content": {media: {"schema": schema}}}, "responses": {"204": {"description": "Taken."}}}


def models(**document: Any) -> list[str]:
    """The names of the models of a document."""
    whole = {"openapi": "3.1.0", "info": {"title": "pets", "version": "1"}, "components": {"schemas": SCHEMAS}, **document}
    return list(generate_python(parse_bundle(whole)).view.models)


@pytest.mark.parametrize(
    ("webhooks", "expected"),
    [
        ({"pet.new": {"post": body({"$ref": "#/components/schemas/Pet"})}}, ["Mood", "Pet"]),
        ({"pet.gone": {"post": body({"type": "object", "properties": {"why": {"type": "string"}}})}}, ["PetGone"]),
        ({"pet": {"post": body({"$ref": "#/components/schemas/Mood"}), "put": body(ODD)}}, ["Mood", "PetPut"]),
        ({"pet": {"post": body({"$ref": "#/components/schemas/Mood"}, "application/cloudevents+json")}}, ["Mood"]),
    ],
)  # fmt: skip
def test_the_body_of_a_webhook_has_a_model(webhooks: dict[str, Any], expected: list[str]) -> None:
    """Its own name where it has one, else that of the webhook."""
    assert models(webhooks=webhooks) == expected


def test_the_body_of_a_callback_has_a_model() -> None:
    """Beside those of the operation."""
    callback = {"{$request.query#/url}": {"post": body({"type": "object", "properties": {"done": {"type": "boolean"}}})}}
    operation = {"operationId": "start", "responses": {"204": {"description": "."}}, "callbacks": {"onEnd": callback}}

    assert models(paths={"/start": {"post": operation}}) == ["OnEnd"]


def test_each_address_of_a_callback_counts() -> None:
    """Two may send different bodies, and a reference that leads nowhere is somebody else's."""
    bodies = [body({"type": "object", "properties": {name: {"type": "boolean"}}}) for name in ("done", "late")]
    callback = {"{$request.query#/url}": {"post": bodies[0]}, "{$request.query#/other}": {"post": bodies[1]}, "lost": {"$ref": "#/nowhere"}}
    operation = {"operationId": "start", "responses": {"204": {"description": "."}}, "callbacks": {"onEnd": callback}}

    assert len(models(paths={"/start": {"post": operation}})) == len(bodies)


def test_a_document_of_schemas_alone_gives_their_models() -> None:
    """It is one that other documents refer to."""
    assert models() == ["Mood", "Pet", "Unused"]


def test_a_webhook_whose_body_refers_to_nothing_leaves_the_others() -> None:
    """And without any model there is nothing to generate."""
    broken = {"post": body({"$ref": "#/components/schemas/Pets"})}

    assert models(webhooks={"a": broken, "b": {"post": body({"$ref": "#/components/schemas/Mood"})}}) == ["Mood"]
    with pytest.raises(NotGeneratable, match="webhook a: the server calls it"):
        models(webhooks={"a": broken}, components={})
