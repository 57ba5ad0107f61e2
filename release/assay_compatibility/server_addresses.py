"""Addresses of the servers of an OpenAPI document: which keep their host and move to another path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from assay_contracts.json_types import is_list, is_mapping


def moved_base_paths(old: Any, new: Any) -> Iterator[tuple[str, str]]:
    """The base paths before and after of each host that no longer serves the old one.

    >>> list(moved_base_paths([{"url": "https://api.example.com/v1"}], [{"url": "https://api.example.com/v2"}]))
    [('/v1', '/v2')]
    """
    before, after = _paths_by_host(old), _paths_by_host(new)
    for host, paths in before.items():
        removed = [path for path in paths if path not in after.get(host, paths)]
        added = [path for path in after.get(host, []) if path not in paths]
        yield from ((path, ", ".join(added or after[host])) for path in removed)


def _paths_by_host(servers: Any) -> dict[str, list[str]]:
    """The base paths by host; a relative address has the host \"\"."""
    found: dict[str, list[str]] = {}
    for server in servers if is_list(servers) else [{"url": "/"}]:
        url = server.get("url") if is_mapping(server) else None
        if isinstance(url, str):
            # A template may stand where a port does, which no parser of addresses takes.
            host, _, path = url.partition("://")[2].partition("/") if "://" in url else ("", "", urlsplit(url).path.lstrip("/"))
            found.setdefault(host, []).append(f"/{path.rstrip('/')}")
    return found
