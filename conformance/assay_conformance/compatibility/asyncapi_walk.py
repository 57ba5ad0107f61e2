"""The walk over two AsyncAPI documents: the application owns the document, so what it receives is what clients send."""

from __future__ import annotations

from assay_conformance.compatibility.classes import Direction
from assay_conformance.compatibility.places import Document, Place
from assay_conformance.compatibility.rules.model import Change
from assay_conformance.compatibility.rules.pairs import ObjectPair
from assay_conformance.compatibility.values import is_array, is_object
from assay_conformance.compatibility.walk import Walk

REQUEST, RESPONSE, BOTH = Direction.REQUEST, Direction.RESPONSE, Direction.BOTH


class AsyncApiWalk:
    """What changed between two AsyncAPI documents."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    def run(self) -> None:
        """Compare everything that a client can see."""
        old, new = self.walk.old.root, self.walk.new.root
        self._operations(old.child("operations"), new.child("operations"))
        if (old["servers"] or {}) != (new["servers"] or {}):
            self.walk.report("servers-changed", Change(old["servers"], new["servers"]), BOTH, "/servers", "document")
        for key in ("info", "defaultContentType"):
            if old[key] != new[key]:
                rule = "document-described-differently" if key == "info" else "message-content-type-changed"
                self.walk.report(rule, Change(old[key], new[key]), BOTH, f"/{key}", "document")

    def _operations(self, old: Place, new: Place) -> None:
        olds, news = dict(old.children()), dict(new.children())
        for name, place in olds.items():
            if name not in news:
                self.walk.report("channel-operation-removed", Change(name, None), BOTH, place.pointer, name)
                continue
            first, second = self.walk.old.follow(place), self.walk.new.follow(news[name])
            if first["action"] != second["action"]:
                self.walk.report("channel-operation-turned", Change(first["action"], second["action"]), BOTH, second.pointer, name)
                continue
            direction = REQUEST if second["action"] == "receive" else RESPONSE
            self.walk.apply("operation", ObjectPair(first, second), BOTH, second.pointer, name)
            self._exchange(first, second, direction, name)
            self._reply(first.child("reply"), second.child("reply"), direction.turned, name)
        for name, place in news.items():
            if name not in olds:
                self.walk.report("channel-operation-added", Change(None, name), BOTH, place.pointer, name)

    def _exchange(self, old: Place, new: Place, direction: Direction, reach: str) -> None:
        first, second = self.walk.old.follow(old.child("channel")), self.walk.new.follow(new.child("channel"))
        if first.value is not None and second.value is not None:
            self._channel(first, second, reach)
        self._messages(_messages(self.walk.old, old, first), _messages(self.walk.new, new, second), direction, reach)

    def _channel(self, old: Place, new: Place, reach: str) -> None:
        self.walk.apply("channel", ObjectPair(old, new), BOTH, new.pointer, reach)
        for key in ("query", "headers"):
            first, second = old.child("bindings", "ws", key), new.child("bindings", "ws", key)
            if first.value is not None or second.value is not None:
                empty: dict[str, object] = {}
                one = first if first.value is not None else Place(first.pointer, empty)
                self.walk.schema(one, second if second.value is not None else Place(second.pointer, empty), REQUEST, reach)
        olds, news = dict(old.child("parameters").children()), dict(new.child("parameters").children())
        for name in sorted(olds.keys() & news.keys()):
            first, second = self.walk.old.follow(olds[name]), self.walk.new.follow(news[name])
            if first.value != second.value:
                self.walk.schema(Place(first.pointer, _as_schema(first)), Place(second.pointer, _as_schema(second)), REQUEST, reach)

    def _reply(self, old: Place, new: Place, direction: Direction, reach: str) -> None:
        old, new = self.walk.old.follow(old), self.walk.new.follow(new)
        if old.value is None and new.value is None:
            return
        if old.value is None:
            self.walk.report("reply-added", Change(None, new.value), BOTH, new.pointer, reach)
        elif new.value is None:
            self.walk.report("reply-removed", Change(old.value, None), BOTH, old.pointer, reach)
        else:
            first, second = (
                document.follow(place.child("address"))["location"] for document, place in ((self.walk.old, old), (self.walk.new, new))
            )
            if first != second:
                self.walk.report("reply-address-changed", Change(first, second), BOTH, f"{new.pointer}/address", reach)
            self._exchange(old, new, direction, reach)

    def _messages(self, olds: dict[str, Place], news: dict[str, Place], direction: Direction, reach: str) -> None:
        way = "received" if direction is REQUEST else "sent"
        for name, place in olds.items():
            if name in news:
                self._message(place, news[name], direction, reach)
            else:
                self.walk.report(f"{way}-message-removed", Change(name, None), direction, place.pointer, f"{reach} {name}")
        for name, place in news.items():
            if name not in olds:
                self.walk.report(f"{way}-message-added", Change(None, name), direction, place.pointer, f"{reach} {name}")

    def _message(self, old: Place, new: Place, direction: Direction, reach: str) -> None:
        reach = f"{reach} {new.pointer.rsplit('/', 1)[-1]}"
        self.walk.apply("message", ObjectPair(old, new), direction, new.pointer, reach)
        for key in ("payload", "headers"):
            first, second = _schema(self.walk.old, old.child(key)), _schema(self.walk.new, new.child(key))
            if first.value is not None and second.value is not None:
                self.walk.schema(first, second, direction, reach)
            elif second.value is not None:
                self.walk.report("payload-added", Change(None, second.value), direction, second.pointer, reach)
            elif first.value is not None:
                self.walk.report("payload-removed", Change(first.value, None), direction, first.pointer, reach)


def _schema(document: Document, place: Place) -> Place:
    """The schema itself, out of a multi-format wrapper if it stands in one."""
    if is_object(place.value) and "schemaFormat" in place.value and "schema" in place.value:
        return place.child("schema")
    return place


def _messages(document: Document, holder: Place, channel: Place) -> dict[str, Place]:
    """The messages of an operation by their name on the channel; all of the channel's when none are told."""
    told = holder.child("messages")
    if not is_array(told.value):
        return {name: document.follow(each) for name, each in channel.child("messages").children()}
    found: dict[str, Place] = {}
    for index, each in told.children():
        reference = each["$ref"]
        name = str(reference).rsplit("/", 1)[-1] if reference else index
        found[name] = document.follow(each)
    return found


def _as_schema(parameter: Place) -> dict[str, object]:
    kept = ("enum", "default", "description", "examples")
    return {"type": "string", **{key: parameter[key] for key in kept if parameter[key] is not None}}
