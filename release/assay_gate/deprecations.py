"""What is removed was deprecated before: in each of the last releases that still had it, as many as required."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assay_compatibility.places import ApiDocument, Node
from assay_compatibility.unknown_members import METHODS
from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping

from assay_gate.changes import Change
from assay_gate.releases import Release

_REMOVALS = {
    "path-removed": "path",
    "operation-removed": "operation",
    "parameter-removed": "parameter",
    "required-response-header-removed": "response header",
    "optional-response-header-removed": "response header",
    "member-removed": "property",
    "request-member-removed": "property",
    "request-member-forbidden": "property",
    "webhook-removed": "webhook",
    "callback-removed": "callback",
    "received-message-removed": "message",
    "sent-message-removed": "message",
    "channel-operation-removed": "channel operation",
    "channel-removed": "channel",
}
_MARKS = ("deprecated", "x-deprecated", "x-deprecation")


@dataclass(frozen=True, slots=True)
class Removal:
    """A removed thing, and the releases that did not deprecate it before."""

    what: str
    part: str
    pointer: str
    silent: tuple[str, ...]
    missing: int

    @property
    def sentence(self) -> str:
        """What is wrong, for people."""
        reasons = [f"not deprecated in {', '.join(self.silent)}"] if self.silent else []
        if self.missing:
            earlier = "one earlier release" if self.missing == 1 else f"{self.missing} earlier releases"
            reasons.append(f"{earlier} that deprecated it must be given as well")
        return f"the {self.what} {self.pointer} is removed: {'; '.join(reasons)}"


def undeprecated_removals(changes: Sequence[Change], before: Sequence[Release], releases: int) -> Iterator[Removal]:
    """The removals since `before[0]` that were not deprecated in the last `releases` releases, which stand newest first."""
    for change in changes:
        what = _REMOVALS.get(change.finding.rule)
        if what is None:
            continue
        pointer, kept = change.finding.pointer, before[:releases]
        steps = _steps(before[0].documents[change.part], pointer)
        silent = [release for release in kept if not _deprecates(release.documents.get(change.part), steps)]
        missing = releases - len(kept)
        if silent or missing:
            yield Removal(what, change.part, pointer, tuple(release.label for release in reversed(silent)), missing)


def _steps(document: ApiDocument, pointer: str) -> list[str | tuple[str, str]]:
    """The way to a thing in any version: a parameter goes by its place and name, since its index may differ."""
    place, steps = document.root, list[str | tuple[str, str]]()
    for key in pointers.split(pointer.rpartition("#")[2]):
        in_list = is_list(place.value)
        place = document.follow(_child(document, place, key))
        steps.append((str(place["in"]), str(place["name"])) if in_list and place["in"] and place["name"] else key)
    return steps


def _child(document: ApiDocument, place: Node, step: str | tuple[str, str]) -> Node:
    if isinstance(step, tuple):
        found = (document.follow(parameter) for _, parameter in place.children())
        return next((parameter for parameter in found if (parameter["in"], parameter["name"]) == step), Node(place.pointer, None))
    return place.child(int(step) if is_list(place.value) and step.isdigit() else step)


def _deprecates(document: ApiDocument | None, steps: Sequence[str | tuple[str, str]]) -> bool:
    """Whether a document says of a thing, or of the whole that it is part of, that it is deprecated."""
    if document is None:
        return False
    place = document.root
    for step in steps:
        place = document.follow(_child(document, place, step))
        if _marked(document, place):
            return True
    methods = [operation for name, operation in place.children() if name in METHODS]
    if methods and all(_marked(document, method) for method in methods):
        return True
    return _marked(document, place.child("payload"))


def _marked(document: ApiDocument, place: Node) -> bool:
    for holder in (place, document.follow(place)):
        if is_mapping(holder.value) and any(holder.value.get(mark) not in (None, False) for mark in _MARKS):
            return True
    return False
