"""Paths with places in braces, as patterns for the paths of real requests."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=1024)
def address_pattern(path: str) -> re.Pattern[str]:
    """What matches every request to a path of a contract."""
    parts = re.split(r"(\{[^}]*\})", path.rstrip("/"))
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts) + "/?")
