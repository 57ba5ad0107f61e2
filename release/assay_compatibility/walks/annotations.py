"""The walk over our annotations: wherever a document carries one, its rules are asked instead of the one for any extension."""

from __future__ import annotations

from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.classes import Direction
from assay_compatibility.places import ApiDocument, Node
from assay_compatibility.rules import rules_of
from assay_compatibility.rules.annotation_rules import has_rules, is_valid
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.walks.schema_walk import Walk

_BRANCHES = frozenset({"allOf", "anyOf", "oneOf", "if", "$ref", "$dynamicRef"})
"""Keywords beside which `properties` alone does not say what an object can have."""


class AnnotationWalk:
    """What changed in the annotations of one object of the documents."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        # The error codes that each operation lists now, by what it is called in findings.
        self.codes: dict[str, frozenset[str]] = {}

    def compare(self, old: Node, new: Node, reach: str) -> None:
        """Ask the rules of every annotation; an extension that is none of ours is a note."""
        codes = new["x-error-codes"]
        if is_list(codes):
            self.codes[reach] = frozenset(str(code) for code in codes)
        names = {name for side in (old, new) for name, _ in side.children() if name.startswith("x-")}
        known = self._declared(self.walk.old, old)
        extra = {
            "parameters": self._parameters(old),
            "added-parameters": self._declared(self.walk.new, new) - known,
            "undeclared-pointers": frozenset(pointer for pointer in self._volatile(new) if not self._may_lead(old, pointer)),
        }
        for name in sorted(names):
            first, second = old.child(name), new.child(name)
            if first.value == second.value:
                continue
            if not _known(name, first.value, second.value):
                change = Change(first.value, second.value)
                self.walk.report("extension-changed", change, Direction.BOTH, second.pointer, reach, compared=(first, second))
                continue
            self._annotation(name, ObjectPair(first, second, extra), reach)

    def _annotation(self, name: str, pair: ObjectPair, reach: str) -> None:
        reported = False
        for rule in rules_of(name):
            for change in rule.changes(pair):
                self.walk.report(rule, change, rule.directions[0], pair.new.pointer, reach, compared=(pair.old, pair.new))
                reported = True
        if not reported:
            read = [is_valid(name, side.value) for side in (pair.old, pair.new)]
            other = "annotation-described-differently" if read[0] == read[1] else "annotation-no-longer-read"
            change = Change(pair.old.value, pair.new.value)
            self.walk.report(other, change, Direction.BOTH, pair.new.pointer, reach, compared=(pair.old, pair.new))

    @staticmethod
    def _declared(document: ApiDocument, operation: Node) -> frozenset[str]:
        """The names, in lower case, of the parameters of an operation and its path, and of the headers that hold API keys."""
        path = document.root.child(*pointers.split(operation.pointer)[:-1])
        listed = (document.follow(parameter) for holder in (operation, path) for _, parameter in holder.child("parameters").children())
        schemes = (document.follow(scheme) for _, scheme in document.root.child("components", "securitySchemes").children())
        keys = (scheme for scheme in schemes if scheme["type"] in ("apiKey", "httpApiKey") and scheme["in"] == "header")
        return frozenset(str(holder["name"]).lower() for holder in (*listed, *keys) if isinstance(holder["name"], str))

    @staticmethod
    def _volatile(operation: Node) -> list[str]:
        """The pointers to what can differ between responses with one entity tag."""
        return [value for _, place in operation.child("x-cache", "volatile").children() if isinstance(value := place.value, str)]

    def _may_lead(self, operation: Node, pointer: str) -> bool:
        """Whether some success response of the old operation can have a property at a pointer; true where its schema does not tell."""
        responses = [(status, self.walk.old.follow(response)) for status, response in operation.child("responses").children()]
        contents = [
            content for status, response in responses if status.startswith("2") for _, content in response.child("content").children()
        ]
        return not contents or any(self._has(content.child("schema"), pointers.split(pointer)) for content in contents)

    def _has(self, schema: Node, keys: tuple[str, ...]) -> bool:
        schema = self.walk.old.follow(schema)
        if not keys:
            return True
        if not is_mapping(schema.value) or _BRANCHES & set(schema.value):
            return schema.value is not False
        below = schema.child("items") if keys[0] == "*" else schema.child("properties", keys[0])
        if keys[0] != "*" and not is_mapping(schema["properties"]):
            return True
        return below.value is not None and self._has(below, keys[1:])

    def _parameters(self, operation: Node) -> frozenset[str]:
        """The names of an operation's own parameters."""
        parameters = operation.child("parameters")
        return (
            frozenset(str(self.walk.old.follow(parameter)["name"]) for _, parameter in parameters.children())
            if is_list(parameters.value)
            else frozenset()
        )


def _known(name: str, old: Any, new: Any) -> bool:
    """Whether one of two values is what the vocabulary describes: another project may use the same name for something else."""
    return has_rules(name) and any(value is not None and is_valid(name, value) for value in (old, new))
