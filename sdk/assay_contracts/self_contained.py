"""Schemas that stand alone: everything reachable from one is embedded under its `$defs`.

A bundled document refers to `#/components/schemas/Page`; a validator that is given only one schema cannot
follow that. So each reference becomes `#/$defs/Page`, and the reachable targets come along. Targets are
rewritten once for a document and shared by every schema that reaches them. A base with a discriminator also
reaches its subtypes.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from assay_contracts import pointers
from assay_contracts.errors import ReferenceBroken
from assay_contracts.json_types import is_list, is_mapping, kind
from assay_contracts.references import follow, is_literal, is_name_map
from assay_contracts.subtypes import find_subtypes

if TYPE_CHECKING:
    import jsonschema_rs

_SCHEMAS = ("components", "schemas")


class SelfContained(dict[str, Any]):
    """A schema with everything that it reaches under its `$defs`. It is never changed, so what is made of it once is kept with it."""

    @cached_property
    def validator(self) -> jsonschema_rs.Draft202012Validator:
        """The validator of the schema, which asserts formats."""
        import jsonschema_rs

        return jsonschema_rs.Draft202012Validator(dict(self), validate_formats=True)

    @cached_property
    def body_complaints(self) -> dict[bytes, str | None]:
        """What was found wrong with bodies, by their digest; whoever validates bodies keeps it here."""
        return {}

    def __reduce__(self) -> tuple[type[SelfContained], tuple[dict[str, Any]]]:
        """A copy has no validator yet."""
        return SelfContained, (dict(self),)


class Embedding:
    """The self-contained schemas of one bundled document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._names: dict[tuple[str, ...], str] = {}
        self._targets: dict[str, tuple[Any, frozenset[str]]] = {}
        self._reached: dict[frozenset[str], dict[str, Any]] = {}
        schemas = pointers.follow(document, pointers.join(*_SCHEMAS))
        self._subtypes = find_subtypes(schemas) if is_mapping(schemas) else {}

    def at(self, pointer: str) -> SelfContained:
        """The schema at a pointer."""
        found = pointers.follow(self.document, pointer)
        if found is pointers.MISSING:
            raise ReferenceBroken(f"schema {pointer}", expected="a schema in the contract", actual="nothing")
        return self.embed(found, pointer)

    def embed(self, schema: Any, where: str = "schema") -> SelfContained:
        """A schema with everything it reaches."""
        if isinstance(schema, bool):
            return SelfContained({} if schema else {"not": {}})
        if not is_mapping(schema):
            raise ReferenceBroken(where, expected="a schema", actual=kind(schema))
        used: set[str] = set()
        rewritten: dict[str, Any] = self._rewrite(schema, used, names=False)
        definitions = self._definitions(frozenset(used))
        if not definitions:
            return SelfContained(rewritten)
        local = rewritten.get("$defs")
        return SelfContained({**rewritten, "$defs": {**local, **definitions} if local else definitions})

    def _definitions(self, used: frozenset[str]) -> dict[str, Any]:
        """What the named schemas reach, themselves among it, by name; one object for all schemas that use the same ones."""
        found = self._reached.get(used)
        if found is None:
            found = self._reached[used] = {name: self._targets[name][0] for name in sorted(self._closure(used))}
        return found

    def _closure(self, used: frozenset[str]) -> set[str]:
        reached: set[str] = set()
        waiting = list(used)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting.extend(self._targets[name][1] - reached)
        return reached

    def _rewrite(self, value: Any, used: set[str], *, names: bool) -> Any:
        if is_list(value):
            return [self._rewrite(item, used, names=False) for item in value]
        if not is_mapping(value):
            return value
        if names:
            return {key: self._rewrite(item, used, names=False) for key, item in value.items()}
        found: dict[str, Any] = {}
        for key, item in value.items():
            if key in ("$ref", "$dynamicRef") and isinstance(item, str):
                found[key] = self._reference(item, used)
            elif is_literal(key) or key == "examples" or key.startswith("x-"):
                found[key] = item
            else:
                found[key] = self._rewrite(item, used, names=is_name_map(key, item))
        return found

    def _reference(self, reference: str, used: set[str]) -> str:
        tokens = pointers.split(reference)
        if not reference.startswith("#/") or tokens[0] == "$defs":
            return reference
        rest: tuple[str, ...] = ()
        if tokens[:2] == _SCHEMAS:
            tokens, rest = tokens[:3], tokens[3:]
        name = self._name(tokens)
        used.add(name)
        if name not in self._targets:
            target = follow(self.document, "#" + pointers.join(*tokens))
            if target is pointers.MISSING:
                raise ReferenceBroken(reference, expected="a place in the contract", actual="nothing there")
            self._targets[name] = (None, frozenset())
            reached: set[str] = set()
            rewritten = self._rewrite(target, reached, names=False)
            for subtype in self._subtypes.get(name, ()) if tokens[:2] == _SCHEMAS else ():
                self._reference("#" + pointers.join(*_SCHEMAS, subtype), reached)
            self._targets[name] = (rewritten, frozenset(reached))
        return "#" + pointers.join("$defs", name, *rest)

    def _name(self, tokens: tuple[str, ...]) -> str:
        return tokens[2] if tokens[:2] == _SCHEMAS and len(tokens) == 3 else ".".join(tokens)
