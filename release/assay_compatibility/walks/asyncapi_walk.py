"""The walk over two AsyncAPI documents: the application owns the document, so what it receives is what clients send."""

from __future__ import annotations

from collections.abc import Mapping

from assay_contracts.json_types import is_mapping

from assay_compatibility.asyncapi_reading import AsyncApiReading, as_object
from assay_compatibility.classes import Direction
from assay_compatibility.places import Node
from assay_compatibility.rules.messages import BOUND
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.schemas.discrimination import Discrimination, Flow
from assay_compatibility.unknown_members import tell_unused
from assay_compatibility.walks.annotations import AnnotationWalk
from assay_compatibility.walks.asyncapi_channels import ChannelWalk
from assay_compatibility.walks.asyncapi_servers import ServerWalk
from assay_compatibility.walks.reclassify import read_annotations
from assay_compatibility.walks.schema_walk import Walk

REQUEST, RESPONSE, BOTH = Direction.REQUEST, Direction.RESPONSE, Direction.BOTH


class AsyncApiWalk:
    """What changed between two AsyncAPI documents."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.old, self.new = AsyncApiReading(walk.old), AsyncApiReading(walk.new)
        self.annotations = AnnotationWalk(walk)
        self.servers = ServerWalk(walk, self.old, self.new, self.annotations)
        self.channels = ChannelWalk(walk, self.old, self.new, self.annotations)
        self.flows: dict[tuple[str, Direction], Flow] = {}

    def run(self) -> None:
        """Compare everything that a client can see."""
        old, new = self.walk.old.root, self.walk.new.root
        self.servers.run()
        self.channels.run(self.servers.stayed)
        self._operations(self._operations_by_name(self.old), self._operations_by_name(self.new))
        for channel, (first, second) in self.channels.silent().items():
            for direction in (REQUEST, RESPONSE):
                messages = (self.old.messages(first, first), self.new.messages(second, second))
                self._messages(*messages, direction, channel)
        discrimination = Discrimination(self.walk, self.old, self.new)
        for flow in self.flows.values():
            discrimination.compare(flow)
        self.annotations.compare(old, new, "document")
        for key in ("info", "id"):
            if old[key] != new[key]:
                self.walk.report("document-described-differently", Change(old[key], new[key]), BOTH, f"/{key}", "document")
        tell_unused(self.walk)
        read_annotations(self.walk, self.annotations)

    def _operations_by_name(self, reading: AsyncApiReading) -> dict[str, Node]:
        return {name: reading.merged(operation) for name, operation in reading.document.root.child("operations").children()}

    def _operations(self, olds: Mapping[str, Node], news: Mapping[str, Node]) -> None:
        removed, added = [name for name in olds if name not in news], [name for name in news if name not in olds]
        for name in removed:
            twin = next((candidate for candidate in added if self._same(olds[name], news[candidate])), None)
            if twin is not None:
                added.remove(twin)
                self.walk.report("channel-operation-renamed", Change(name, twin), BOTH, news[twin].pointer, twin)
                self._operation(olds[name], news[twin], twin)
            elif self.old.document.follow(olds[name].child("channel")).pointer not in self.channels.removed:
                self.walk.report("channel-operation-removed", Change(name, None), BOTH, olds[name].pointer, name)
        for name in added:
            if self.new.document.follow(news[name].child("channel")).pointer not in self.channels.added:
                self.walk.report("channel-operation-added", Change(None, name), BOTH, news[name].pointer, name)
        for name, place in olds.items():
            if name in news:
                self._operation(place, news[name], name)

    def _same(self, old: Node, new: Node) -> bool:
        """Whether two operations of different names do the same thing with the same messages of one channel."""
        first, second = self.old.document.follow(old.child("channel")), self.new.document.follow(new.child("channel"))
        return (
            old["action"] == new["action"]
            and self.channels.paired(first, second)
            and self.old.messages(old, first).keys() == self.new.messages(new, second).keys()
        )

    def _operation(self, old: Node, new: Node, name: str) -> None:
        if old["action"] != new["action"]:
            self.walk.report("channel-operation-turned", Change(old["action"], new["action"]), BOTH, new.pointer, name)
            return
        direction = REQUEST if new["action"] == "receive" else RESPONSE
        pair = ObjectPair(old, new, {"bindings": (self.old.bindings(old), self.new.bindings(new))})
        self.walk.apply("operation", pair, BOTH, new.pointer, name)
        self.walk.apply("channel-operation", pair, BOTH, new.pointer, name)
        self._bound(old, new, direction, name)
        self.annotations.compare(old, new, name)
        self.servers.security(old, new, (name,))
        self._exchange(old, new, direction, name)
        self._reply(old.child("reply"), new.child("reply"), direction.turned, name)

    def _exchange(self, old: Node, new: Node, direction: Direction, reach: str) -> None:
        first, second = self.old.document.follow(old.child("channel")), self.new.document.follow(new.child("channel"))
        neither = first.value is None and second.value is None
        if not neither and not self.channels.paired(first, second):
            self.walk.report(
                "channel-of-operation-changed", Change(first["address"], second["address"]), BOTH, f"{new.pointer}/channel", reach
            )
        olds, news = self.old.messages(old, first), self.new.messages(new, second)
        self._messages(olds, news, direction, reach)
        flow = self.flows.setdefault((second.pointer, direction), Flow())
        flow.olds |= olds
        flow.news |= news
        flow.reaches.add(reach)

    def _reply(self, old: Node, new: Node, direction: Direction, reach: str) -> None:
        old, new = self.old.document.follow(old), self.new.document.follow(new)
        if old.value is None and new.value is None:
            return
        if old.value is None:
            self.walk.report("reply-added", Change(None, new.value), BOTH, new.pointer, reach)
        elif new.value is None:
            self.walk.report("reply-removed", Change(old.value, None), BOTH, old.pointer, reach)
        else:
            first, second = self.old.document.follow(old.child("address")), self.new.document.follow(new.child("address"))
            if first["location"] != second["location"]:
                self.walk.report(
                    "reply-address-changed", Change(first["location"], second["location"]), BOTH, f"{new.pointer}/address", reach
                )
            self.annotations.compare(old, new, reach)
            if first["description"] != second["description"]:
                change = Change(first["description"], second["description"])
                self.walk.report("reply-described-differently", change, BOTH, f"{new.pointer}/address", reach)
            self._exchange(old, new, direction, reach)

    def _messages(self, olds: Mapping[str, Node], news: Mapping[str, Node], direction: Direction, reach: str) -> None:
        way = "received" if direction is REQUEST else "sent"
        added = [name for name in news if name not in olds]
        for name, place in olds.items():
            if name in news:
                self._message(place, news[name], direction, reach)
                continue
            twin = next((name for name in added if self._alike(place, news[name])), None)
            if twin is None:
                self.walk.report(f"{way}-message-removed", Change(name, None), direction, place.pointer, f"{reach} {name}")
            else:
                added.remove(twin)
                self.walk.report("message-renamed", Change(name, twin), direction, news[twin].pointer, f"{reach} {twin}")
                self._message(place, news[twin], direction, reach)
        for name in added:
            self.walk.report(f"{way}-message-added", Change(None, name), direction, news[name].pointer, f"{reach} {name}")

    def _alike(self, old: Node, new: Node) -> bool:
        """Whether two messages of different names are written in the same way."""
        parts = [(self.old.part(old, key).value, self.new.part(new, key).value) for key in ("payload", "headers")]
        return parts[0][0] is not None and all(self.walk.changed.clean(first, second) for first, second in parts)

    def _message(self, old: Node, new: Node, direction: Direction, reach: str) -> None:
        reach = f"{reach} {new.pointer.rsplit('/', 1)[-1]}"
        first, second = self.old.message(old), self.new.message(new)
        self.walk.apply("message", ObjectPair(first, second), direction, new.pointer, reach)
        self.annotations.compare(first, second, reach)
        self._schemas(self.old.part(old, "payload"), self.new.part(new, "payload"), direction, reach)
        first, second = self.old.part(old, "headers"), self.new.part(new, "headers")
        if first.value is not None or second.value is not None:
            self._schemas(as_object(first), as_object(second), direction, reach)
        self._bound(self.old.merged(old), self.new.merged(new), direction, reach)

    def _bound(self, old: Node, new: Node, direction: Direction, reach: str) -> None:
        """The schemas that bindings hold: what a protocol carries beside the payload."""
        for protocol, key in BOUND:
            first, second = self.old.binding(old, protocol), self.new.binding(new, protocol)
            if is_mapping(first.value) and is_mapping(second.value) and (first[key] is not None or second[key] is not None):
                one, other = (place.child(key) for place in (first, second))
                if key != "key":
                    one, other = as_object(one), as_object(other)
                one, other = (place if place.value is not None else Node(place.pointer, {}) for place in (one, other))
                self.walk.schema(one, other, direction, reach)

    def _schemas(self, old: Node, new: Node, direction: Direction, reach: str) -> None:
        before, after = self.old.schema(old), self.new.schema(new)
        if before.value is None and after.value is None:
            return
        if before.value is None:
            self.walk.report("payload-added", Change(None, after.value), direction, after.pointer, reach)
        elif after.value is None:
            self.walk.report("payload-removed", Change(before.value, None), direction, before.pointer, reach)
        elif self.old.readable(old) != self.new.readable(new):
            self.walk.report("schema-format-changed", Change(self.old.format(old), self.new.format(new)), direction, new.pointer, reach)
        elif not self.new.readable(new):
            if not self.walk.changed.clean(before.value, after.value) or self.old.format(old) != self.new.format(new):
                self.walk.report("unread-schema-changed", Change(before.value, after.value), direction, after.pointer, reach)
        else:
            self.walk.schema(before, after, direction, reach)
