"""Which declared media type an actual one is: parameters and case aside, ranges such as `image/*` included (RFC 9110, 8.3)."""

from __future__ import annotations

from collections.abc import Mapping

from assay_contracts import Schema
from assay_contracts.media_types import essence


def declared_schema(content: Mapping[str, Schema], media_type: str | None) -> Schema | None:
    """The schema declared for a media type, the nearest declaration first; None when none is."""
    if media_type is None:
        return None
    wanted = essence(media_type)
    known = {essence(name): schema for name, schema in content.items()}
    for name in (wanted, wanted.split("/")[0] + "/*", "*/*"):
        if name in known:
            return known[name]
    return None


def has_declared_type(content: Mapping[str, Schema], media_type: str | None) -> bool:
    """Whether a response of a status has a media type that is declared for it; any where none is declared."""
    return not content or declared_schema(content, media_type) is not None
