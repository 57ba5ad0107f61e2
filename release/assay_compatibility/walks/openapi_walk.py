"""The walk over two OpenAPI documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assay_contracts import pointers
from assay_contracts.json_types import is_mapping

from assay_compatibility.classes import Direction
from assay_compatibility.errors import DocumentRefused
from assay_compatibility.places import ApiDocument, Node
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.rules.parameters import style
from assay_compatibility.server_addresses import moved_base_paths
from assay_compatibility.unknown_members import METHODS, tell_unread, tell_unused
from assay_compatibility.walks.annotations import AnnotationWalk
from assay_compatibility.walks.reclassify import read_annotations
from assay_compatibility.walks.schema_walk import Walk
from assay_compatibility.walks.security_walk import SecurityWalk

IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
REQUEST, RESPONSE, BOTH = Direction.REQUEST, Direction.RESPONSE, Direction.BOTH


@dataclass(frozen=True, slots=True)
class ParameterKey:
    """What tells the parameters of one operation apart: where it is sent and its name, that of a header in lower case."""

    location: str
    name: str


class OpenApiWalk:
    """What changed between two OpenAPI documents."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.security = SecurityWalk(walk)
        self.annotations = AnnotationWalk(walk)

    def run(self) -> None:
        """Compare everything that a client can see."""
        old, new = self.walk.old.root, self.walk.new.root
        self._paths(old.child("paths"), new.child("paths"))
        self._webhooks(old.child("webhooks"), new.child("webhooks"))
        self._servers(old, new, "document")
        self.security.schemes()
        self.annotations.compare(old, new, "document")
        for key in ("info", "tags", "externalDocs", "jsonSchemaDialect"):
            if old[key] != new[key]:
                self.walk.report("document-described-differently", Change(old[key], new[key]), BOTH, f"/{key}", "document")
        tell_unused(self.walk)
        read_annotations(self.walk, self.annotations)

    def _servers(self, old: Node, new: Node, reach: str) -> None:
        """Servers of the document or of a path: a host that keeps its name under another path is reported by itself."""
        if (old["servers"] or []) == (new["servers"] or []):
            return
        pointer = f"{new.pointer}/servers"
        self.walk.report("servers-changed", Change(old["servers"], new["servers"]), BOTH, pointer, reach)
        for before, after in moved_base_paths(old["servers"], new["servers"]):
            self.walk.report("server-base-path-changed", Change(before, after), BOTH, pointer, reach)

    def _report_area(self, area: str, old: Node, new: Node, direction: Direction, reach: str) -> None:
        self.walk.apply(area, ObjectPair(old, new), direction, new.pointer, reach)
        tell_unread(self.walk, area, old, new, direction, reach)

    def _paths(self, old: Node, new: Node) -> None:
        olds, news = _templates(old), _templates(new)
        for template, place in olds.items():
            other = news.get(template)
            if other is not None:
                self._path(place, other, REQUEST, f"{_path_of(other)}")
                continue
            if _methods(_item(self.walk.old, place)):
                self.walk.report("path-removed", Change(_path_of(place), None), BOTH, place.pointer, _path_of(place))
        for template, place in news.items():
            if template not in olds and _methods(_item(self.walk.new, place)):
                self.walk.report("path-added", Change(None, _path_of(place)), BOTH, place.pointer, _path_of(place))

    def _path(self, old: Node, new: Node, direction: Direction, name: str, area: str = "operation") -> None:
        rename = dict(zip(_names(_path_of(old)), _names(_path_of(new)), strict=False))
        for before, after in rename.items():
            if before != after:
                self.walk.report("path-parameter-renamed", Change(before, after), BOTH, new.pointer, name)
        old, new = _item(self.walk.old, old), _item(self.walk.new, new)
        olds, news = _methods(old), _methods(new)
        for method, place in olds.items():
            reach = f"{method.upper()} {name}"
            if method in news:
                self._operation(place, news[method], (old, new), rename, direction, reach)
            else:
                self.walk.report("operation-removed", Change(reach, None), BOTH, place.pointer, reach)
        for method, place in news.items():
            if method not in olds:
                reach = f"{method.upper()} {name}"
                self.walk.report("operation-added", Change(None, reach), BOTH, place.pointer, reach)
        self._servers(old, new, name)
        for key in ("summary", "description"):
            if old[key] != new[key]:
                self.walk.report("path-described-differently", Change(old[key], new[key]), BOTH, f"{new.pointer}/{key}", name)
        tell_unread(self.walk, "path", old, new, BOTH, name)

    def _operation(self, old: Node, new: Node, items: tuple[Node, Node], rename: dict[str, str], direction: Direction, reach: str) -> None:
        self.security.operation(old, new, reach)
        inherited = (items[0]["parameters"], items[1]["parameters"])
        if not rename and inherited[0] == inherited[1] and not inherited[0] and self.walk.changed.clean(old.value, new.value):
            return
        self._report_area("operation", old, new, BOTH, reach)
        self.annotations.compare(old, new, reach)
        before = _parameters_of(self.walk.old, items[0], old, rename)
        self._parameters(before, _parameters_of(self.walk.new, items[1], new, {}), direction, reach)
        self._body(old.child("requestBody"), new.child("requestBody"), direction, reach)
        self._responses(old.child("responses"), new.child("responses"), direction.turned, reach)
        self._callbacks(old.child("callbacks"), new.child("callbacks"), direction.turned, reach)

    def _parameters(self, old: dict[ParameterKey, Node], new: dict[ParameterKey, Node], direction: Direction, reach: str) -> None:
        report = self.walk.report
        for key, place in old.items():
            other = new.get(key)
            if other is not None:
                self._parameter("parameter", place, other, direction, reach)
            elif key.location == "header" and key.name in IGNORED_HEADERS:
                report("reserved-header-described", Change(key.name, None), direction, place.pointer, reach)
            else:
                report("parameter-removed", Change(key.name, None), direction, place.pointer, reach)
        for key, place in new.items():
            if key in old:
                continue
            if key.location == "header" and key.name in IGNORED_HEADERS:
                report("reserved-header-described", Change(None, key.name), direction, place.pointer, reach)
            else:
                needed = place["required"] is True or key.location == "path"
                rule = "required-parameter-added" if needed else "optional-parameter-added"
                report(rule, Change(None, key.name), direction, place.pointer, reach)

    def _parameter(self, area: str, old: Node, new: Node, direction: Direction, reach: str) -> None:
        self._report_area(area, old, new, direction, reach)
        written = "apart" if style(new) == "form" and new["explode"] is not False else "together"
        if old["schema"] is not None and new["schema"] is not None:
            self.walk.schema(old.child("schema"), new.child("schema"), direction, reach, textual=True, parameter=written)
        elif old["content"] is None and new["content"] is None and (old["schema"] is None) != (new["schema"] is None):
            self.walk.schema(_schema(old), _schema(new), direction, reach, textual=True, parameter=written)
        for media, place in old.child("content").children():
            other = new.child("content", media)
            if other.value is not None:
                self._media_type(media, place, other, direction, reach)

    def _body(self, old: Node, new: Node, direction: Direction, reach: str) -> None:
        old, new = self.walk.old.follow(old), self.walk.new.follow(new)
        if old.value is None and new.value is None:
            return
        if old.value is None:
            rule = "required-body-added" if new["required"] is True else "optional-body-added"
            self.walk.report(rule, Change(None, new.value), direction, new.pointer, reach)
        elif new.value is None:
            self.walk.report("body-removed", Change(old.value, None), direction, old.pointer, reach)
        else:
            self._report_area("body", old, new, direction, reach)
            self._content(old.child("content"), new.child("content"), direction, reach)

    def _content(self, old: Node, new: Node, direction: Direction, reach: str) -> None:
        olds, news = _media_types(old), _media_types(new)
        for name, place in olds.items():
            other = news.get(name) or _covering(name, news, direction)
            if other is None:
                rule = "response-content-removed" if not news and direction is RESPONSE else "media-type-removed"
                self.walk.report(rule, Change(name, None), direction, place.pointer, reach)
                continue
            self._media_type(name, place, other, direction, reach)
        for name, place in news.items():
            if name in olds or _covering(name, olds, direction):
                continue
            rule = "content-added-to-empty-response" if not olds and direction is RESPONSE else "media-type-added"
            self.walk.report(rule, Change(None, name), direction, place.pointer, reach)

    def _media_type(self, name: str, old: Node, new: Node, direction: Direction, reach: str) -> None:
        self._report_area("media-type", old, new, direction, reach)
        textual = "json" not in name
        if old["itemSchema"] is not None and new["itemSchema"] is not None:
            self.walk.schema(old.child("itemSchema"), new.child("itemSchema"), direction, reach, textual=textual)
        elif old["itemSchema"] is not None and new["schema"] is None:
            self.walk.report("schema-of-content-removed", Change(old["itemSchema"], None), direction, new.pointer, reach)
        elif new["itemSchema"] is not None and old["schema"] is None:
            self.walk.report("schema-of-content-added", Change(None, new["itemSchema"]), direction, new.pointer, reach)
        if old["schema"] is not None and new["schema"] is not None:
            self.walk.schema(old.child("schema"), new.child("schema"), direction, reach, textual=textual)
        elif old["schema"] is not None:
            self.walk.report("schema-of-content-removed", Change(old["schema"], None), direction, new.pointer, reach)
        elif new["schema"] is not None:
            self.walk.report("schema-of-content-added", Change(None, new["schema"]), direction, new.pointer, reach)
        for part, place in old.child("encoding").children():
            other = new.child("encoding", part)
            for header, header_place in place.child("headers").children():
                after = self.walk.new.follow(other.child("headers", header))
                if after.value is not None:
                    self._parameter("parameter", self.walk.old.follow(header_place), after, direction, reach)

    def _responses(self, old: Node, new: Node, direction: Direction, reach: str) -> None:
        olds, news = dict(old.children()), dict(new.children())
        for status, place in olds.items():
            other = news.get(status) or news.get(f"{status[:1]}XX") or (news.get("default") if not status.startswith("2") else None)
            if other is not None:
                self._response(place, other, direction, reach)
            elif not status.startswith("x-"):
                rule = "success-status-removed" if _success(status) else "other-status-removed"
                self.walk.report(rule, Change(status, None), direction, place.pointer, reach)
        for status, place in news.items():
            if status not in olds and not status.startswith("x-"):
                rule = "success-status-added" if _success(status) else "other-status-added"
                self.walk.report(rule, Change(None, status), direction, place.pointer, reach)

    def _response(self, old: Node, new: Node, direction: Direction, reach: str) -> None:
        old, new = self.walk.old.follow(old), self.walk.new.follow(new)
        self._report_area("response", old, new, direction, reach)
        self._links(old.child("links"), new.child("links"), direction, reach)
        self._content(old.child("content"), new.child("content"), direction, reach)
        olds = {name.lower(): self.walk.old.follow(header) for name, header in old.child("headers").children()}
        news = {name.lower(): self.walk.new.follow(header) for name, header in new.child("headers").children()}
        for name, place in olds.items():
            if name in news:
                self._parameter("parameter", place, news[name], direction, reach)
            else:
                rule = "required-response-header-removed" if place["required"] is True else "optional-response-header-removed"
                self.walk.report(rule, Change(name, None), direction, place.pointer, reach)
        for name, place in news.items():
            if name not in olds:
                self.walk.report("response-header-added", Change(None, name), direction, place.pointer, reach)

    def _links(self, old: Node, new: Node, direction: Direction, reach: str) -> None:
        """Links that only refer to what changed; a change of the links themselves is told with their response."""
        olds, news = dict(old.children()), dict(new.children())
        for name in olds.keys() & news.keys() if old.value == new.value else ():
            first, second = self.walk.old.follow(olds[name]), self.walk.new.follow(news[name])
            if first.value != second.value:
                self.walk.report("response-described-differently", Change(first.value, second.value), direction, second.pointer, reach)

    def _callbacks(self, old: Node, new: Node, direction: Direction, reach: str) -> None:
        olds, news = dict(old.children()), dict(new.children())
        for name, place in olds.items():
            if name not in news:
                self.walk.report("callback-removed", Change(name, None), BOTH, place.pointer, reach)
                continue
            first, second = dict(self.walk.old.follow(place).children()), dict(self.walk.new.follow(news[name]).children())
            for expression, item in first.items():
                if expression in second:
                    self._path(item, second[expression], direction, f"{reach} callback {name}")
                else:
                    self.walk.report("callback-removed", Change(expression, None), BOTH, item.pointer, reach)
            for expression, item in second.items():
                if expression not in first:
                    self.walk.report("callback-added", Change(None, expression), BOTH, item.pointer, reach)
        for name, place in news.items():
            if name not in olds:
                self.walk.report("callback-added", Change(None, name), BOTH, place.pointer, reach)

    def _webhooks(self, old: Node, new: Node) -> None:
        olds, news = dict(old.children()), dict(new.children())
        for name, place in olds.items():
            if name in news:
                self._path(place, news[name], RESPONSE, f"webhook {name}")
            else:
                self.walk.report("webhook-removed", Change(name, None), BOTH, place.pointer, f"webhook {name}")
        for name, place in news.items():
            if name not in olds:
                self.walk.report("webhook-added", Change(None, name), BOTH, place.pointer, f"webhook {name}")


def _schema(parameter: Node) -> Node:
    place = parameter.child("schema")
    return place if place.value is not None else Node(place.pointer, {})


def _path_of(place: Node) -> str:
    return pointers.last(place.pointer)


def _names(path: str) -> list[str]:
    return re.findall(r"\{([^}]*)\}", path)


def _templates(paths: Node) -> dict[str, Node]:
    """Paths with nameless parameters; two that differ in names only keep them, or one would be lost."""
    found: dict[str, Node] = {}
    for name, place in paths.children():
        if name.startswith("x-"):
            continue
        template = re.sub(r"\{[^}]*\}", "{}", name)
        found[name if template in found else template] = place
    return found


def _item(document: ApiDocument, place: Node) -> Node:
    """A path item with what it refers to; what stands beside the reference is added, as 3.1 has it."""
    target = document.follow(place)
    if target is place or not is_mapping(place.value) or not is_mapping(target.value) or not document.siblings_count:
        return target
    beside = {key: value for key, value in place.value.items() if key != "$ref"}
    return Node(target.pointer, {**target.value, **beside}) if beside else target


def _methods(item: Node) -> dict[str, Node]:
    found = {name: place for name, place in item.children() if name in METHODS}
    # OpenAPI 3.2: any other method by its name.
    found.update(item.child("additionalOperations").children())
    for place in found.values():
        if not is_mapping(place.value):
            raise DocumentRefused(f"the operation at {place.pointer}", expected="an object", actual=f"a {type(place.value).__name__}")
    return found


def _media_types(content: Node) -> dict[str, Node]:
    """The media types by name; one that is written without a value is empty."""
    written = ((name, Node(place.pointer, {}) if place.value is None else place) for name, place in content.children())
    return {re.sub(r"\s*;\s*", ";", name.lower()): place for name, place in written if is_mapping(place.value)}


def _covering(name: str, others: dict[str, Node], direction: Direction) -> Node | None:
    """The media type range that takes a name in: what is sent may widen, what is received may narrow."""
    for other, place in others.items():
        wide, narrow = (other, name) if direction is REQUEST else (name, other)
        bare = narrow.split(";")[0]
        if wide in ("*/*", f"{bare.split('/')[0]}/*", bare) or (wide == "application/json" and bare.endswith("+json")):
            return place
    return None


def _success(status: str) -> bool:
    return status.startswith("2")


def _parameters_of(document: ApiDocument, item: Node, operation: Node, rename: Mapping[str, str]) -> dict[ParameterKey, Node]:
    """The parameters of an operation, those of its path item included, with path parameters under their new name."""
    found: dict[ParameterKey, Node] = {}
    for holder in (item, operation):
        for _, listed in holder.child("parameters").children():
            place = document.follow(listed)
            name, where = str(place["name"]), str(place["in"])
            if where == "path":
                name = rename.get(name, name)
            found[ParameterKey(where, name.lower() if where == "header" else name)] = place
    return found
