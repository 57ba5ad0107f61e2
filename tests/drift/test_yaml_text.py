"""Edits in the text of a YAML document: everything else stays as somebody wrote it."""

from __future__ import annotations

import pytest
import yaml
from assay_drift.repair.edits import PatchOperation, patched
from assay_drift.repair.yaml_text import edited_text

TEXT = """\
# What this is.
paths:
  /a:
    get:  # one
      tags: [x, y]  # two
      about: |
        Some
        lines.

      # three
  /b: {get: {tags: [], if: {x: 1}}}
list:
- one
- two
# four
last: "quoted" # five
"""


@pytest.mark.parametrize(
    "operation",
    [
        PatchOperation("add", "/paths/~1a/get/more", {"deep": [1, {"two": None}]}),
        PatchOperation("add", "/paths/~1a/get/tags/-", "z, really"),
        PatchOperation("replace", "/paths/~1a/get/tags", "none"),
        PatchOperation("remove", "/paths/~1a/get/tags"),
        PatchOperation("remove", "/paths/~1a/get/about"),
        PatchOperation("replace", "/paths/~1a/get/about", "short"),
        PatchOperation("add", "/paths/~1b/get/tags/-", "yes"),
        PatchOperation("remove", "/paths/~1b/get/tags"),
        PatchOperation("remove", "/paths/~1b/get/if"),
        PatchOperation("replace", "/paths/~1b/get/if/x", [2]),
        PatchOperation("add", "/paths/~1c", {"get": {}}),
        PatchOperation("add", "/list/-", {"a": "b"}),
        PatchOperation("remove", "/list/1"),
        PatchOperation("replace", "/last", "1.10"),
        PatchOperation("add", "/after", True),
    ],
    ids=lambda operation: f"{operation.op} {operation.path}",
)
def test_one_operation_changes_one_value(operation: PatchOperation) -> None:
    """The values are those of the operation, and every comment but one that stood in what went is there."""
    text = edited_text(TEXT, [operation])

    assert text is not None
    assert yaml.safe_load(text) == patched(yaml.safe_load(TEXT), [operation])
    kept = {"tags": 4}.get(operation.path.rpartition("/")[2], 5) if operation.op == "remove" else 5
    assert text.count("#") >= kept


def test_what_cannot_be_edited_is_none() -> None:
    """A place that is not there, and the last entry of a block, whose mapping would be null."""
    assert edited_text("a: {}\n", [PatchOperation("add", "/b/c", 1)]) is None
    assert edited_text("a:\n  b: 1\n", [PatchOperation("remove", "/a/b")]) is None
