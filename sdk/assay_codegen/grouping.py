"""Operations by their tags: `client.repos.list_issues`, beside the flat `client.repos_list_issues` that every client has.

A group helps where it holds several operations beside another group; a contract whose tags say no more than its operations stays flat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_codegen.naming import RUNTIME_METHODS, Allocator, pascal, snake
from assay_codegen.views import GroupView, OperationView


def group_operations(document: Mapping[str, Any], operations: Sequence[OperationView], taken: Iterable[str]) -> tuple[GroupView, ...]:
    """The groups of a client, which share no name with what `taken` holds or the runtime has; none where tags group nothing."""
    by_tag: dict[str, list[OperationView]] = {}
    for operation in operations:
        for tag in dict.fromkeys(operation.tags):
            by_tag.setdefault(tag, []).append(operation)
    if len(by_tag) < 2 or all(len(found) < 2 for found in by_tag.values()):
        return ()
    attributes = Allocator([*taken, *RUNTIME_METHODS])
    classes = Allocator()
    summaries = _summaries(document)
    groups: list[GroupView] = []
    for tag, found in sorted(by_tag.items()):
        plain = snake(tag) if pascal(tag) else "group"
        name = attributes.take(f"{plain}_operations" if plain in attributes else plain, "_")
        title = classes.take(f"{pascal(tag)}Operations")
        groups.append(GroupView(name, title, tag, summaries.get(tag, ""), _methods(plain, found)))
    return tuple(groups)


def _methods(group: str, operations: Sequence[OperationView]) -> tuple[tuple[str, str], ...]:
    """Each method's name in the group, without the group's own in front, and its name in the client."""
    names = Allocator()
    methods: list[tuple[str, str]] = []
    for operation in operations:
        name = names.take(snake(operation.name.removeprefix(f"{group}_") or operation.name), "_")
        methods.append((name, operation.name))
        if operation.job is not None:
            methods.append((names.take(f"{name}_poller", "_"), f"{operation.name}_poller"))
    return tuple(methods)


def _summaries(document: Mapping[str, Any]) -> dict[str, str]:
    """What a document says of its tags."""
    declared = document.get("tags")
    return {
        str(tag.get("name")): text.strip().splitlines()[0]
        for tag in (declared if is_list(declared) else [])
        if is_mapping(tag) and isinstance(text := tag.get("summary", tag.get("description")), str) and text.strip()
    }
