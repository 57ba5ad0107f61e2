"""A contract as a stranger reads it: the operation of a path, the schema behind a reference, whether a value fits, a sample of a schema."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

Json = dict[str, Any]
WRITTEN = {"date": "2026-11-01", "date-time": "2026-11-01T00:00:00Z"}


class Document:
    """One OpenAPI or AsyncAPI document as it is written."""

    def __init__(self, content: Json) -> None:
        self.content = content
        self.paths: Json = content.get("paths", {})

    # operations

    def find(self, method: str, path: str) -> tuple[Json, str, dict[str, str]] | None:
        """The operation of a method and an encoded path, its path template, and the values in its path."""
        for template, item in self.paths.items():
            pattern = re.sub(r"\\\{([^{}]+?)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
            match = re.fullmatch(pattern, path)
            if match and method.lower() in item:
                shared = item.get("parameters", [])
                operation = item[method.lower()]
                joined = {**operation, "parameters": [*shared, *operation.get("parameters", [])]}
                return joined, template, {name: unquote(value) for name, value in match.groupdict().items()}
        return None

    def responses(self, template: str) -> set[str]:
        """Every status that a path declares."""
        return {status for item in self.paths[template].values() if isinstance(item, dict) for status in item["responses"]}

    def reading(self, template: str) -> Json:
        """The operation that reads one thing of a collection."""
        path = next((path for path in self.paths if path.startswith(template + "/{")), template)
        found: Json = self.paths[path].get("get", {})
        return found

    @staticmethod
    def success_schema(operation: Json) -> Json | None:
        """The schema of an operation's success body; None where it has none."""
        for status, response in operation.get("responses", {}).items():
            if status.startswith("2"):
                for content in response.get("content", {}).values():
                    found: Json | None = content.get("schema")
                    return found
        return None

    # schemas

    def resolved(self, schema: Json) -> Json:
        """A schema behind its reference."""
        while "$ref" in schema:
            found: Any = self.content
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def fits(self, schema: Json, value: Any) -> bool:
        """Whether a value fits a schema."""
        if self.content.get("openapi", "").startswith("3.0"):
            whole = json.loads(json.dumps({**schema, "components": self.content.get("components", {})}), object_hook=_as_2020)
        else:
            whole = {**schema, "components": self.content.get("components", {})}
        return jsonschema_rs.validator_for(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole}, validate_formats=True
        ).is_valid(value)

    def read(self, text: str, schema: Json) -> Any:
        """The value that a text stands for: a number or a boolean where that fits, else the text."""
        values: list[Any] = []
        with contextlib.suppress(ValueError):
            values.append(json.loads(text) if re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?|true|false", text) else text)
        return next((value for value in (*values, text) if self.fits(schema, value)), values[0] if values else text)

    def sample(self, schema: Json, word: str) -> Any:
        """Some value of a schema; a string is the word where nothing forbids it."""
        schema = self.resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self.sample(schema[key][0], word)
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        kind = kinds[0] if isinstance(kinds, list) else kinds
        if kind == "object":
            return {name: self.sample(part, word) for name, part in schema.get("properties", {}).items()}
        if kind == "array":
            return [self.sample(schema.get("items", {}), word)]
        plain: Json = {"integer": 7, "number": 1.5, "boolean": True, "null": None}
        return plain.get(str(kind), WRITTEN.get(str(schema.get("format")), word))


def filled(template: str, places: dict[str, str]) -> str:
    """A path with its values."""
    for name, value in places.items():
        template = template.replace("{" + name + "}", value)
    return template


def _as_2020(schema: Json) -> Json:
    """A 3.0 schema as JSON Schema 2020-12 has it."""
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        schema = {**schema, "type": [schema["type"], "null"]}
    if schema.get("exclusiveMinimum") is True:
        schema = {**schema, "exclusiveMinimum": schema.get("minimum", 0)}
    return schema
