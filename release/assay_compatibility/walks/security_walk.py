"""What lets a client in, before and after."""

from __future__ import annotations

from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.classes import Direction
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change
from assay_compatibility.walks.schema_walk import Walk

Ways = frozenset[frozenset[tuple[str, str]]]
_NOTES = ("description", "bearerFormat")


class SecurityWalk:
    """Security requirements per operation, and the schemes they name."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.used: set[str] = set()

    def operation(self, old: Node, new: Node, reach: str) -> None:
        """A client that got in before must get in now."""
        before, after = self._ways(self.walk.old.root, old), self._ways(self.walk.new.root, new)
        self.used |= {name for way in before | after for name, _ in way}
        if before == after:
            return
        lost = [way for way in before if not any(other <= way for other in after)]
        at = new if new["security"] is not None or old["security"] is not None else self.walk.new.root
        rule = "security-tightened" if lost else "security-loosened"
        change = Change(_as_json(before), _as_json(after), f"{at.pointer}/security")
        self.walk.report(rule, change, Direction.REQUEST, at.pointer, reach)

    def _ways(self, root: Node, operation: Node) -> Ways:
        security = operation["security"] if operation["security"] is not None else root["security"]
        if not is_list(security) or not security:
            return frozenset({frozenset[tuple[str, str]]()})
        return frozenset(
            frozenset((str(name), str(scope)) for name, scopes in way.items() for scope in (*(scopes if is_list(scopes) else ()), ""))
            for way in security
            if is_mapping(way)
        )

    def schemes(self) -> None:
        """A scheme in use must let in whom it let in before."""
        old, new = (document.root.child("components", "securitySchemes") for document in (self.walk.old, self.walk.new))
        olds, news = dict(old.children()), dict(new.children())
        for name, place in olds.items():
            if name not in news:
                self.walk.report("security-scheme-removed", Change(name, None), Direction.BOTH, place.pointer, "document")
                continue
            first, second = self.walk.old.follow(place).value, self.walk.new.follow(news[name]).value
            if first != second and _kept(first) == _kept(second):
                self.walk.report("document-described-differently", Change(first, second), Direction.BOTH, news[name].pointer, "document")
            elif first != second:
                self.walk.report(
                    "security-scheme-changed", Change(_kept(first), _kept(second)), Direction.REQUEST, news[name].pointer, "document"
                )
        for name, place in news.items():
            if name not in olds:
                self.walk.report("security-scheme-added", Change(None, name), Direction.BOTH, place.pointer, "document")


def _as_json(ways: Ways) -> list[Any]:
    return sorted([sorted({f"{name}:{scope}".rstrip(":") for name, scope in way}) for way in ways])


def _kept(scheme: Any) -> Any:
    return {key: value for key, value in scheme.items() if key not in _NOTES} if is_mapping(scheme) else scheme
