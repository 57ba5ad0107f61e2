"""What a rule sees: one bundled document with the contract read from it, and the way back to the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from assay_contracts import pointers
from assay_contracts.bundling import BundledDocument, Origins
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.model import Contract
from assay_contracts.openapi import METHODS
from assay_contracts.reading import SourceFile
from assay_contracts.references import Library, dereference
from assay_contracts.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class OperationPlace:
    """An operation as it is written: its pointer, and itself with the members of its path item."""

    pointer: str
    path: str
    method: str
    data: Mapping[str, Any]
    item: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The operation's id, or its method and path."""
        return str(self.data.get("operationId", f"{self.method.upper()} {self.path}"))


@dataclass(frozen=True, slots=True)
class Subject:
    """One bundled document under lint."""

    bundled: BundledDocument
    contract: Contract
    vocabulary: Vocabulary
    kind: str
    library: Library = field(default_factory=Library, repr=False, compare=False)
    derived: dict[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)

    @property
    def document(self) -> SourceFile:
        """The document as it is written."""
        return self.bundled.file

    @property
    def data(self) -> dict[str, Any]:
        """The bundle."""
        return self.bundled.data

    @property
    def origins(self) -> Origins:
        """Where each part of the bundle is written that is not written in the document."""
        return self.bundled.origins

    def resolve(self, value: Any) -> Any:
        """A value behind its references."""
        return dereference(value, self.data, str(self.document.path))

    def operations(self) -> Iterator[OperationPlace]:
        """Every operation of an OpenAPI document."""
        if self.kind != "openapi":
            return
        paths = self.data.get("paths")
        for path, raw in paths.items() if is_mapping(paths) else ():
            item = self.resolve(raw)
            for method in METHODS:
                if is_mapping(item) and is_mapping(item.get(method)):
                    yield OperationPlace(pointers.join("paths", path, method), path, method, item[method], item)

    def channels(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """The id, pointer and content of every channel of an AsyncAPI document."""
        channels = self.data.get("channels") if self.kind == "asyncapi" else None
        for id, raw in channels.items() if is_mapping(channels) else ():
            yield id, pointers.join("channels", id), self.resolve(raw)

    def parameters(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The pointer and content of every parameter, once where it is shared."""
        components = self.data.get("components", {})
        for name, raw in components.get("parameters", {}).items() if self.kind == "openapi" else ():
            if is_mapping(raw) and "$ref" not in raw:
                yield pointers.join("components", "parameters", name), raw
        seen: set[str] = set()
        for operation in self.operations():
            above = operation.pointer.rpartition("/")[0]
            for place, source in ((above, operation.item), (operation.pointer, operation.data)):
                raw_list = source.get("parameters")
                for index, raw in enumerate(raw_list if is_list(raw_list) else []):
                    pointer = f"{place}/parameters/{index}"
                    if is_mapping(raw) and "$ref" not in raw and pointer not in seen:
                        seen.add(pointer)
                        yield pointer, raw
