"""The version of a document as a string, also where it is written as a number: `version: 1.10` is the version "1.10"."""

from __future__ import annotations

from typing import Any

from assay_contracts.json_types import is_mapping
from assay_contracts.reading import SourceFile

UNVERSIONED = "0.0.0"
"""The version of a contract whose document has none."""

_POINTER = "/info/version"


def is_number(value: Any) -> bool:
    """Whether the value is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def with_version_text(data: dict[str, Any], file: SourceFile) -> dict[str, Any]:
    """The document with a number at `info.version` replaced by the string that its file has there; any other as it is."""
    info = data.get("info")
    if not is_mapping(info) or not is_number(info.get("version")):
        return data
    return {**data, "info": {**info, "version": file.written_number(_POINTER) or str(info["version"])}}
