"""What somebody left empty in YAML is null, and is read as if it was not written."""

from __future__ import annotations

from pathlib import Path

from assay_compatibility.comparing import compare
from assay_compatibility.documents import read_document
from assay_contracts import load_contract
from assay_contracts.lint import lint_files

EMPTY = """openapi: 3.1.0
info: {title: T, version: 1.0.0}
paths:
  /a:
    post:
      operationId: postA
      parameters:
        - {name: q, in: query, schema: }
        - {name: r, in: query, content: {application/json: }}
        - {name: s, in: query, schema: , content: {application/json: {schema: {type: integer}}}}
      requestBody:
        content:
          application/json:
          multipart/form-data: {schema: , encoding: }
      responses:
        "200":
          description: ok
          headers: {X-A: {schema: }}
          content:
            application/json: {schema: }
            text/plain:
"""
WRITTEN = """openapi: 3.1.0
info: {title: T, version: 1.0.0}
paths:
  /a:
    post:
      operationId: postA
      parameters:
        - {name: q, in: query}
        - {name: r, in: query, content: {application/json: {}}}
        - {name: s, in: query, content: {application/json: {schema: {type: integer}}}}
      requestBody:
        content:
          application/json: {}
          multipart/form-data: {}
      responses:
        "200":
          description: ok
          headers: {X-A: {}}
          content:
            application/json: {}
            text/plain: {}
"""


def test_an_empty_schema_or_media_type_has_no_constraint(tmp_path: Path) -> None:
    """In parameters, bodies, responses and headers alike; lint reports every one."""
    path = tmp_path / "empty.yaml"
    path.write_text(EMPTY, encoding="utf-8")

    operation = load_contract(path).operation("postA")

    assert [dict(parameter.schema) for parameter in operation.parameters] == [{}, {}, {"type": "integer"}]
    assert operation.request_body is not None
    assert operation.request_body.content == {"application/json": {}, "multipart/form-data": {}}
    assert operation.responses["200"].content == {"application/json": {}, "text/plain": {}}
    assert dict(operation.responses["200"].headers["X-A"].schema) == {}
    assert {finding.rule for finding in lint_files([path])} == {"document-breaks-the-official-schema"}


def test_a_comparison_reads_empty_as_not_written(tmp_path: Path) -> None:
    """Writing `{}` where nothing was changes nothing, in either direction."""
    empty, written = tmp_path / "empty.yaml", tmp_path / "written.yaml"
    empty.write_text(EMPTY, encoding="utf-8")
    written.write_text(WRITTEN, encoding="utf-8")
    old, new = read_document(str(empty)), read_document(str(written))

    assert [*compare(old, new).findings, *compare(new, old).findings] == []
