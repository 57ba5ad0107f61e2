"""What a response of a deprecated operation says: since when, until when, and what comes after it (RFC 9745, 8594, 5829)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from assay_contracts import Operation


@dataclass(frozen=True, slots=True)
class DeprecationTerms:
    """The headers of a deprecated operation; `successor` is the path of the operation that comes after it, empty without one."""

    stated: Mapping[str, str]
    successor: str = ""

    @classmethod
    def of(cls, operation: Operation, successor: str = "") -> DeprecationTerms | None:
        """The terms of an operation; None for one that is not deprecated."""
        terms: Mapping[str, Any] = operation.annotations.get("x-deprecation", {})
        if "since" not in terms:
            return None
        stated = {"Deprecation": f"@{int(_day(terms['since']).timestamp())}"}
        if "sunset" in terms:
            stated["Sunset"] = format_datetime(_day(terms["sunset"]), usegmt=True)
        return cls(stated, successor)

    def headers(self, places: Mapping[str, str]) -> dict[str, str]:
        """The headers of a response; `places` are the parameters of its path as they were sent."""
        if not self.successor:
            return dict(self.stated)
        path = self.successor
        for name, value in places.items():
            path = path.replace("{" + name + "}", quote(value, safe="%"))
        return {**self.stated, "Link": f'<{path}>; rel="successor-version"'}


def _day(text: object) -> datetime:
    return datetime.fromisoformat(str(text)).replace(tzinfo=UTC)
