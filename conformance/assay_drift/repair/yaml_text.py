"""One operation of a JSON Patch in the text of a YAML document: what it does not touch stays as somebody wrote it, comments too.

A text that cannot be edited so gives None, and whoever edits compares what was written with what should have been: an alias or a style that
nobody thought of here then costs the comments, never the meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml
from assay_contracts import pointers
from assay_contracts.yaml_values import compose

from assay_drift.repair.edits import PatchOperation

_BLOCK_SCALARS = ("|", ">")


def edited_text(text: str, operations: Sequence[PatchOperation]) -> str | None:
    """The text with operations applied in order; None where one of them cannot be.

    >>> edited_text("a: 1  # one\\nb: {c: [2]}\\n", [PatchOperation("add", "/b/c/-", 3), PatchOperation("add", "/d", {"e": 4})])
    'a: 1  # one\\nb: {c: [2, 3]}\\nd:\\n  e: 4\\n'
    """
    for operation in operations:
        keys = pointers.split(operation.path)
        holder = _node(compose(text, "the contract"), keys[:-1])
        changed = None if holder is None or not keys else _edited(text, holder, keys[-1], operation)
        if changed is None:
            return None
        text = changed
    return text


def _node(root: Any, keys: Sequence[str]) -> Any:
    node = root
    for key in keys:
        found = _item(node, key)
        if found is None:
            return None
        node = found[1]
    return node


def _item(node: Any, key: str) -> tuple[Any, Any] | None:
    """The node of a key and its value; of an item of a sequence the value twice."""
    if isinstance(node, yaml.MappingNode):
        return next(((name, value) for name, value in node.value if name.value == key), None)
    if isinstance(node, yaml.SequenceNode) and key.isdecimal() and int(key) < len(node.value):
        return node.value[int(key)], node.value[int(key)]
    return None


def _edited(text: str, holder: Any, key: str, operation: PatchOperation) -> str | None:
    found = _item(holder, key)
    if operation.op == "remove":
        return None if found is None else _removed(text, holder, *found)
    if isinstance(holder, yaml.MappingNode):
        if found is not None:
            return f"{text[: found[0].end_mark.index]}: {_flow(operation.value)}{text[_end(found[1]) :]}"
        return _added(text, holder, {key: operation.value})
    if isinstance(holder, yaml.SequenceNode) and operation.op == "add" and key == "-":
        return _added(text, holder, [operation.value])
    return None


def _added(text: str, holder: Any, entry: dict[str, Any] | list[Any]) -> str | None:
    """The text with one more entry at the end of a mapping or a sequence."""
    last = _last(holder)
    if holder.flow_style:
        inner = yaml.safe_dump(entry, default_flow_style=True, sort_keys=False, allow_unicode=True, width=float("inf")).strip()[1:-1]
        if last is None:
            return text[: holder.start_mark.index + 1] + inner + text[holder.start_mark.index + 1 :]
        return f"{text[: _end(last)]}, {inner}{text[_end(last) :]}"
    if last is None:
        return None
    written = yaml.safe_dump(entry, default_flow_style=False, sort_keys=False, allow_unicode=True, width=float("inf"))
    indent = " " * holder.start_mark.column
    position = _line_after(text, _end(last))
    before = text[:position] if text[:position].endswith("\n") else text[:position] + "\n"
    return before + "".join(f"{indent}{line}" for line in written.splitlines(keepends=True)) + text[position:]


def _removed(text: str, holder: Any, key: Any, value: Any) -> str | None:
    start, end = key.start_mark.index, _end(value)
    if holder.flow_style:
        after = text[end:].lstrip()
        if after.startswith(","):
            return text[:start] + after[1:].lstrip()
        return text[:start].rstrip().removesuffix(",") + text[end:]
    if len(holder.value) == 1:
        return None
    line = text.rfind("\n", 0, start) + 1
    lead = text[line:start]
    if lead.strip() not in ("", "-") or (lead.strip() == "-" and isinstance(holder, yaml.MappingNode)):
        return None
    return text[:line] + text[_line_after(text, end) :]


def _last(holder: Any) -> Any:
    if not holder.value:
        return None
    return holder.value[-1][1] if isinstance(holder, yaml.MappingNode) else holder.value[-1]


def _end(node: Any) -> int:
    """Where a value ends: of a block that is where its last value ends, not where the next begins."""
    while isinstance(node, yaml.MappingNode | yaml.SequenceNode) and not node.flow_style and node.value:
        node = _last(node)
    return int(node.end_mark.index)


def _line_after(text: str, position: int) -> int:
    """The start of the line after a position; a block scalar ends at one already, after the blank lines and comments that follow it."""
    if position and text[position - 1] != "\n":
        found = text.find("\n", position)
        return len(text) if found < 0 else found + 1
    kept = text[:position]
    while True:
        line = kept[kept.rfind("\n", 0, len(kept) - 1) + 1 :]
        if not kept or (line.strip() and not line.lstrip().startswith("#")):
            return len(kept)
        kept = kept[: len(kept) - len(line)]


def _flow(value: Any) -> str:
    return yaml.safe_dump([value], default_flow_style=True, sort_keys=False, allow_unicode=True, width=float("inf")).strip()[1:-1]
