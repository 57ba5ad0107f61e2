"""What gathered schemas are together."""

from __future__ import annotations

from assay_codegen.pooling import Pool

STRING = {"type": "string"}


def test_an_object_that_one_part_lets_be_null_is_narrowed_all_the_same() -> None:
    """Both parts hold, so the whole is never null, and a class does not inherit what it declares otherwise."""
    app = {"type": ["object", "null"], "properties": {"id": STRING, "key": STRING}, "required": ["id"]}
    created = {"allOf": [{"$ref": "#/$defs/App"}, {"type": "object", "properties": {"key": STRING}, "required": ["key"]}]}
    pool = Pool(None)
    pool.take({"$ref": "#/$defs/Created", "$defs": {"App": app, "Created": created}}, "Created")

    document, _ = pool.document()

    assert document["components"]["schemas"]["Created"] == {
        "type": "object",
        "properties": {"id": STRING, "key": STRING},
        "required": ["id", "key"],
    }


def test_an_object_that_every_part_lets_be_null_stays_as_it_is() -> None:
    """Its parts say the same, so that nothing has to be put together."""
    part = {"type": ["object", "null"], "properties": {"id": STRING}}
    pool = Pool(None)
    pool.take({"$ref": "#/$defs/Both", "$defs": {"One": part, "Both": {"allOf": [{"$ref": "#/$defs/One"}, {"nullable": True}]}}}, "Both")

    document, _ = pool.document()

    assert document["components"]["schemas"]["One"]["type"] == ["object", "null"]
