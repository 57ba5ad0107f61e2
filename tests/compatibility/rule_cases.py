"""The cases of the rules: read from their folder, and made into documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from assay_contracts import find_documents, read_vocabulary

FOLDER = Path(__file__).parent / "cases"
TELLING = ("breaking", "told")
KINDS = (*TELLING, "valid", "irrelevant")
_INFO = {"title": "Things", "version": "1.0.0"}
_FINE = {"200": {"description": "fine"}}


@dataclass(frozen=True, slots=True)
class Case:
    """Two fragments, what they are fragments of, and what is said of them."""

    rule: str
    kind: str
    place: str
    direction: str
    old: Any
    new: Any
    level: str | None
    policies: tuple[str, ...] = ()

    @property
    def documents(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The old and the new document."""
        make = _AROUND[self.place]
        return make(self.old, self.direction), make(self.new, self.direction)


def read_cases(folder: Path = FOLDER) -> list[Case]:
    """Every case, by rule and kind; a case that leaves something out has it from the first case of its rule."""
    examples = {name: annotation.example for name, annotation in read_vocabulary(find_documents()).annotations.items()}
    cases: list[Case] = []
    for path in sorted(folder.glob("*.yaml")):
        for rule, declared in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader).items():
            first: Case | None = None
            for kind in KINDS:
                if kind in declared:
                    case = _read(rule, kind, declared, examples, first)
                    first = first or case
                    cases.append(case)
    return cases


def _read(rule: str, kind: str, declared: dict[str, Any], examples: dict[str, Any], first: Case | None) -> Case:
    raw = declared[kind]
    place = raw.get("in", declared.get("in", "schema"))
    over = declared.get("over") if "in" not in raw else None

    def fragment(written: Any) -> Any:
        if over is None:
            return written
        return {} if written is None else {over: laid_over(examples[over], written)}

    if raw.get("turned"):
        assert first is not None
        old, new = first.new, first.old
    else:
        old = fragment(raw["old"]) if "old" in raw or first is None else first.old
        patch = raw.get("change") if over is None else {over: raw.get("change")}
        new = laid_over(old, patch) if "change" in raw else fragment(raw["new"])
    policies = tuple(f"{name}={level}" for name, level in raw.get("policies", {}).items())
    direction = raw.get("direction", declared.get("direction", "request"))
    return Case(rule, kind, place, direction, old, new, raw.get("class"), policies)


def laid_over(value: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7396): properties replace properties, null removes one."""
    if not isinstance(patch, dict):
        return patch
    merged: dict[str, Any] = dict(value) if isinstance(value, dict) else {}
    for key, item in patch.items():
        if item is None:
            merged.pop(key, None)
        else:
            merged[key] = laid_over(merged.get(key), item)
    return merged


def _openapi(fragment: Any, _: str = "") -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": _INFO, "paths": {"/things": {"get": {"responses": _FINE}}}, **fragment}


def _paths(fragment: Any, _: str = "") -> dict[str, Any]:
    return _openapi({"paths": fragment})


def _operation(fragment: Any, _: str = "") -> dict[str, Any]:
    return _paths({"/things": {"post": {"responses": _FINE, **fragment}}})


def _schema(fragment: Any, direction: str) -> dict[str, Any]:
    content = {"application/json": {"schema": fragment}}
    if direction == "request":
        return _operation({"requestBody": {"content": content}})
    return _operation({"responses": {"200": {"description": "fine", "content": content}}})


def _parameter(fragment: Any, direction: str) -> dict[str, Any]:
    if direction == "request":
        return _operation({"parameters": [{"name": "q", "in": "query", "schema": fragment}]})
    return _operation({"responses": {"200": {"description": "fine", "headers": {"X-Q": {"schema": fragment}}}}})


def _asyncapi(fragment: Any, direction: str) -> dict[str, Any]:
    talk = {"action": "receive" if direction == "request" else "send", "channel": {"$ref": "#/channels/talk"}}
    channels = {"talk": {"address": "/talk", "messages": {"said": {"payload": {"type": "string"}}}}}
    return {"asyncapi": "3.0.0", "info": _INFO, "channels": channels, "operations": {"talk": talk}, **fragment}


def _channel(fragment: Any, direction: str) -> dict[str, Any]:
    talk = {"address": "/talk", "messages": {"said": {"payload": {"type": "string"}}}, **fragment}
    return _asyncapi({"channels": {"talk": talk}}, direction)


def _message(fragment: Any, direction: str) -> dict[str, Any]:
    return _channel({"messages": {"said": fragment}}, direction)


def _payload(fragment: Any, direction: str) -> dict[str, Any]:
    return _message({"payload": fragment}, direction)


_AROUND: dict[str, Callable[[Any, str], dict[str, Any]]] = {
    "schema": _schema, "parameter": _parameter, "operation": _operation, "paths": _paths, "openapi": _openapi,
    "payload": _payload, "message": _message, "channel": _channel, "asyncapi": _asyncapi,
}  # fmt: skip
