"""Which operations of a contract its client has: by tag, by path, by operation id."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from assay_contracts import Channel, Contract, Operation
from assay_contracts.json_types import is_mapping

from assay_packaging.errors import ConfigurationInvalid


@dataclass(frozen=True, slots=True)
class Choice:
    """Tags and operation ids as they are, and paths in which `*` stands for one segment and `**` for any number of them."""

    tags: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tags or self.paths or self.operations)

    def covers(self, operation: Operation) -> bool:
        """Whether an operation has one of the tags, paths or ids."""
        return (
            operation.id in self.operations
            or any(tag in self.tags for tag in operation.tags)
            or any(_path_pattern(path).fullmatch(operation.path) for path in self.paths)
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """The operations that `include` covers (all where it is empty), without those that `exclude` covers."""

    include: Choice = field(default_factory=Choice)
    exclude: Choice = field(default_factory=Choice)

    def apply(self, contract: Contract) -> Contract:
        """The contract with the chosen operations; channels stay, unless the operation that they resync by goes.

        Raises `ConfigurationInvalid` for a tag, path or id that no operation has: a misspelt one must not change the client in silence.
        """
        if not self.include and not self.exclude:
            return contract
        for choice, word in ((self.include, "include"), (self.exclude, "exclude")):
            _check_known(choice, word, contract)
        kept = tuple(operation for operation in contract.operations if self._selects(operation))
        ids = {operation.id for operation in kept}
        channels = tuple(channel for channel in contract.channels if _resyncs_by(channel) in {"", *ids})
        # Webhooks are no operations: whoever names what a client has wants none of them.
        chosen = {key: value for key, value in contract.openapi.items() if key != "webhooks"} if self.include else contract.openapi
        return replace(contract, openapi=chosen, operations=kept, channels=channels)

    def _selects(self, operation: Operation) -> bool:
        return (not self.include or self.include.covers(operation)) and not self.exclude.covers(operation)


def _resyncs_by(channel: Channel) -> str:
    stream: Any = channel.annotations.get("x-stream")
    resync: Any = stream.get("resync") if is_mapping(stream) else None
    return str(resync.get("operation", "")) if is_mapping(resync) else ""


def _check_known(choice: Choice, word: str, contract: Contract) -> None:
    ids = [operation.id for operation in contract.operations]
    tags = sorted({tag for operation in contract.operations for tag in operation.tags})
    _check_names(f"{word}.operations", choice.operations, ids)
    _check_names(f"{word}.tags", choice.tags, tags)
    for path in choice.paths:
        if not any(_path_pattern(path).fullmatch(operation.path) for operation in contract.operations):
            raise ConfigurationInvalid(
                f"{word}.paths", expected=f"a pattern of paths of {contract.id}", actual=f"{path!r}, which none matches"
            )


def _check_names(subject: str, names: Iterable[str], known: list[str]) -> None:
    for name in names:
        if name not in known:
            raise ConfigurationInvalid(subject, expected=f"names out of {', '.join(known) or 'none at all'}", actual=repr(name))


@cache
def _path_pattern(path: str) -> re.Pattern[str]:
    parts = {"**": ".*", "*": "[^/]*"}
    return re.compile("".join(parts.get(part) or re.escape(part) for part in re.split(r"(\*\*|\*)", path)))
