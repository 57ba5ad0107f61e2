"""Clients of many models, which are in several modules."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

from assay_codegen import generate_python
from assay_codegen.model_modules import ONE_MODULE
from assay_contracts import load_contract

STRING = {"type": "string"}


def document() -> dict[str, Any]:
    """More models than one module takes; errors that only readers name, and a title that is the name of a model."""
    schemas: dict[str, Any] = {f"Thing{number}": {"type": "object", "properties": {"id": STRING}} for number in range(ONE_MODULE)}
    schemas["Error"] = {"type": "object", "properties": {"code": STRING, "kind": {"enum": ["a"], "title": "Thing1"}}}
    paths: dict[str, Any] = {}
    for number in range(ONE_MODULE):
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/Thing{number}"}}}
        error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
        responses = {"200": {"description": "It.", "content": content}, "404": {"description": "None.", "content": error}}
        paths[f"/things{number}"] = {"get": {"operationId": f"getThing{number}", "responses": responses}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Large", "version": "1.0.0"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def test_no_module_imports_what_it_does_not_use(tmp_path: Path) -> None:
    """Strict type checkers report it."""
    source = tmp_path / "large.json"
    source.write_text(json.dumps(document()), encoding="utf-8")
    files = generate_python(load_contract(source)).files
    modules = {name: ast.parse(text) for name, text in files.items() if name == "operations.py" or name.startswith("models_")}

    assert len(modules) > 2
    for name, module in modules.items():
        imported = {
            alias.asname or alias.name
            for node in ast.walk(module)
            if isinstance(node, ast.ImportFrom) and node.module != "__future__"
            for alias in node.names
        }
        assert imported <= {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}, name
