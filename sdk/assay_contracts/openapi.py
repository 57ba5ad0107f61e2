"""Operations out of a bundled OpenAPI document, 3.0 being lifted to 3.1 before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from assay_contracts.errors import DocumentMalformed
from assay_contracts.json_types import kind, mapping, optional_mapping, optional_text, sequence, strings, text
from assay_contracts.model import Header, Operation, Parameter, RequestBody, Response
from assay_contracts.references import dereference
from assay_contracts.self_contained import Embedding

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
# OpenAPI 3.1 says these three header parameters are described elsewhere and ignored here.
_NOT_PARAMETERS = {"accept", "content-type", "authorization"}


def parse_operations(document: dict[str, Any]) -> tuple[Operation, ...]:
    """Every operation of a bundled document, by path and method."""
    return tuple(_Parser(document).operations())


def check_version(document: dict[str, Any], where: str) -> None:
    """Reject what is not OpenAPI 3."""
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith(("3.0.", "3.1.", "3.2.")):
        next_step = ""
        if "swagger" in document:
            actual, next_step = f"Swagger {document['swagger']}", "convert it to OpenAPI 3 first"
        else:
            actual = kind(version) if "openapi" in document else "no property `openapi`"
        raise DocumentMalformed(where, expected="openapi: 3.0.x, 3.1.x or 3.2.x", actual=actual, next_step=next_step)


class _Parser:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.embedding = Embedding(document)
        self.security = document.get("security")

    def operations(self) -> Iterator[Operation]:
        # Since 3.1 a document may have webhooks or components alone.
        without = "paths" not in self.document and not {"webhooks", "components"}.isdisjoint(self.document)
        for path, raw in sorted(mapping({} if without else self.document.get("paths"), "paths").items()):
            where = f"paths {path}"
            if not path.startswith("/"):
                raise DocumentMalformed(where, expected="a path that starts with /")
            item = mapping(self.deref(raw, where), where)
            for method in METHODS:
                if method in item:
                    yield self.operation(path, method, item)

    def deref(self, value: Any, where: str) -> Any:
        return dereference(value, self.document, where)

    def operation(self, path: str, method: str, item: dict[str, Any]) -> Operation:
        where = f"{method.upper()} {path}"
        declared = mapping(item[method], where)
        annotations = {key: value for source in (item, declared) for key, value in source.items() if key.startswith("x-")}
        return Operation(
            id=text(declared.get("operationId", _derived_id(method, path)), f"{where}: operationId"),
            method=method.upper(),
            path=path,
            summary=optional_text(declared.get("summary"), f"{where}: summary"),
            parameters=self.parameters(item, declared, where),
            request_body=self.request_body(declared.get("requestBody"), f"{where}: requestBody"),
            responses={
                status: self.response(status, value, f"{where}: responses/{status}")
                for status, value in optional_mapping(declared.get("responses"), f"{where}: responses").items()
                if not status.startswith("x-")
            },
            annotations=annotations,
            error_codes=strings(annotations.get("x-error-codes"), f"{where}: x-error-codes"),
            scopes=self.scopes(declared.get("security", self.security), where),
            security=self.requirements(declared.get("security", self.security), where),
            tags=strings(declared.get("tags"), f"{where}: tags"),
            deprecated=declared.get("deprecated") is True,
            servers=tuple(mapping(server, f"{where}: servers") for server in self.servers(item, declared, where)),
        )

    def servers(self, item: dict[str, Any], declared: dict[str, Any], where: str) -> list[Any]:
        return sequence(declared.get("servers"), f"{where}: servers") or sequence(item.get("servers"), f"{where}: servers")

    def parameters(self, item: dict[str, Any], declared: dict[str, Any], where: str) -> tuple[Parameter, ...]:
        found: dict[tuple[str, str], Parameter] = {}
        for source in (item, declared):
            for index, raw in enumerate(sequence(source.get("parameters"), f"{where}: parameters")):
                parameter = self.parameter(raw, f"{where}: parameters/{index}")
                if parameter.location != "header" or parameter.name.lower() not in _NOT_PARAMETERS:
                    found[parameter.name, parameter.location] = parameter
        return tuple(found.values())

    def parameter(self, raw: Any, where: str) -> Parameter:
        declared = mapping(self.deref(raw, where), where)
        location = text(declared.get("in"), f"{where}/in")
        if location not in _STYLES:
            raise DocumentMalformed(f"{where}/in", expected="query, path, header or cookie", actual=kind(location))
        style = optional_text(declared.get("style"), f"{where}/style") or _STYLES[location]
        content = optional_mapping(declared.get("content"), f"{where}/content")
        for media, value in content.items():
            media_schema = _schema_of(optional_mapping(value, f"{where}/content/{media}"))
            declared = {**declared, "schema": media_schema if declared.get("schema") is None else declared["schema"]}
        schema = _schema_of(declared)
        return Parameter(
            name=text(declared.get("name"), f"{where}/name"),
            location=location,
            required=bool(declared.get("required", location == "path")),
            schema=self.embedding.embed(schema, f"{where}/schema"),
            style=style,
            explode=bool(declared.get("explode", style == "form")),
            description=optional_text(declared.get("description"), f"{where}/description"),
            media=next(iter(content), ""),
            allow_reserved=declared.get("allowReserved") is True,
        )

    def request_body(self, raw: Any, where: str) -> RequestBody | None:
        if raw is None:
            return None
        declared = mapping(self.deref(raw, where), where)
        return RequestBody(
            required=bool(declared.get("required", False)),
            content=self.content(declared.get("content"), f"{where}/content"),
            description=optional_text(declared.get("description"), f"{where}/description"),
            encodings={
                media: optional_mapping(value["encoding"], f"{where}/content/{media}/encoding")
                for media, value in optional_mapping(declared.get("content"), f"{where}/content").items()
                if "encoding" in optional_mapping(value, f"{where}/content/{media}")
            },
        )

    def response(self, status: str, raw: Any, where: str) -> Response:
        declared = mapping(self.deref(raw, where), where)
        return Response(
            status=status,
            description=optional_text(declared.get("description"), f"{where}/description"),
            headers=self.response_headers(declared, where),
            content=self.content(declared.get("content"), f"{where}/content"),
        )

    def response_headers(self, declared: dict[str, Any], where: str) -> dict[str, Header]:
        found: dict[str, Header] = {}
        for name, raw in optional_mapping(declared.get("headers"), f"{where}/headers").items():
            header = mapping(self.deref(raw, f"{where}/headers/{name}"), f"{where}/headers/{name}")
            schema = self.embedding.embed(_schema_of(header), f"{where}/headers/{name}/schema")
            found[name] = Header(name, bool(header.get("required", False)), schema)
        return found

    def content(self, raw: Any, where: str) -> dict[str, dict[str, Any]]:
        return {
            media: self.embedding.embed(_schema_of(optional_mapping(value, f"{where}/{media}")), f"{where}/{media}")
            for media, value in optional_mapping(raw, where).items()
        }

    def requirements(self, security: Any, where: str) -> tuple[tuple[str, ...], ...] | None:
        if security is None:
            return None
        return tuple(tuple(mapping(requirement, f"{where}: security")) for requirement in sequence(security, f"{where}: security"))

    def scopes(self, security: Any, where: str) -> tuple[str, ...]:
        found: set[str] = set()
        for alternative in sequence(security, f"{where}: security"):
            for scheme, scopes in mapping(alternative, f"{where}: security").items():
                found.update(strings(scopes, f"{where}: security/{scheme}"))
        return tuple(sorted(found))


def _schema_of(holder: dict[str, Any]) -> Any:
    """The schema of a media type, a parameter or a header; `schema: null` is read as none, which any value is valid against."""
    schema = holder.get("schema")
    return {} if schema is None else schema


def _derived_id(method: str, path: str) -> str:
    """`getPetsById` for `GET /pets/{id}`: what an operation that has no id is called."""
    words = re.findall(r"[A-Za-z0-9]+", re.sub(r"\{([^}]*)\}", r" by \1 ", path))
    return method.lower() + "".join(word[0].upper() + word[1:] for word in words)
