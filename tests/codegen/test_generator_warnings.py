"""Warnings of the model generator are not ours to print."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from assay_codegen.models import write_models


@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [{"type": "string"}, {"type": "integer"}]},
        {"type": "string", "format": "nobody-knows-this"},
        {"type": "object", "patternProperties": {"[": {"type": "string"}, "^x": {"type": "integer"}}},
    ],
    ids=str,
)
def test_no_schema_makes_it_warn(schema: dict[str, Any]) -> None:
    """A schema that no type expresses still becomes a model, quietly."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        files = write_models({"components": {"schemas": {"Thing": schema}}}, (), "#")

    assert "Thing" in files["models.py"]
    assert caught == []
