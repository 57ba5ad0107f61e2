"""The target manifest: what a conformance kit is pointed at, with the tokens that it needs."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay_server.contract_room import SampleTenants, Window
from assay_server.http.auth import Minter
from assay_server.operations.hook import PATH, SCOPE


def describe_target(
    address: str, version: str, minter: Minter, scopes: tuple[str, ...], tenants: SampleTenants, window: Window, *, hook: bool
) -> dict[str, dict[str, Any]]:
    """The sections of the manifest, with fresh tokens."""

    def token(tenant: str, allowed: tuple[str, ...] = scopes, seconds: float = 24 * 3600) -> str:
        return minter.mint(f"{tenant}-reader", [tenant], allowed, seconds=seconds)

    start, end = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in window)
    sections: dict[str, dict[str, Any]] = {
        "target": {"name": "reference", "version": version, "http": address, "ws": "ws" + address.removeprefix("http")},
        "credentials": {
            "primary": token(tenants.primary),
            "other": token(tenants.other),
            "empty": token(tenants.empty),
            "unscoped": token(tenants.primary, ()),
            "expired": token(tenants.primary, seconds=-3600),
        },
        "tenants": {"primary": tenants.primary, "other": tenants.other, "empty": tenants.empty},
        "fixtures": {"window": {"from": start, "to": end}, "parameters": {}},
    }
    if hook:
        operator = minter.mint("operator", ["*"], (SCOPE,))
        sections["hook"] = {"url": f"{address}{PATH}", "token": operator}
    return sections


def write_target(path: Path, sections: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the manifest for its owner alone, whole or not at all."""
    lines: list[str] = []
    for name, members in sections.items():
        lines.append(f"[{name}]")
        lines.extend(f"{key} = {_toml(value)}" for key, value in members.items())
        lines.append("")
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - the descriptor carries the mode
            file.write("\n".join(lines))
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }" if value else "{}"  # pyright: ignore[reportUnknownVariableType]
    return json.dumps(value)
