"""The target manifest: what a conformance kit is pointed at, with the tokens that it needs."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assay_contracts import Contract

from assay_server.contract_room import Sample, SampleTenants
from assay_server.http.auth import Minter
from assay_server.operations.hook import PATH, SCOPE


def describe_target(
    address: str, version: str, minter: Minter, contract: Contract, tenants: SampleTenants | None, sample: Sample, *, hook: bool
) -> dict[str, dict[str, Any]]:
    """The sections of the manifest, with fresh tokens that have every scope of the contract."""
    scopes = tuple(sorted({scope for operation in contract.operations for scope in operation.scopes}))
    roles = {"primary": tenants.primary, "other": tenants.other, "empty": tenants.empty} if tenants is not None else {}

    def token(subject: str, covered: Sequence[str], allowed: tuple[str, ...] = scopes, seconds: float = 24 * 3600) -> str:
        return minter.mint(f"{subject}-reader", covered, allowed, seconds=seconds)

    subject = roles.get("primary", "primary")
    covered = [tenants.primary, *tenants.further] if tenants is not None else []
    credentials = {role: token(name, covered if role == "primary" else [name]) for role, name in roles.items()} or {
        role: token(role, []) for role in ("primary", "other")
    }
    credentials |= {
        "unscoped": token(subject, covered, ()),
        "expired": token(subject, covered, seconds=-3600),
        "another-audience": minter.mint(f"{subject}-reader", covered, scopes, audience="another-service"),
    }
    start, end = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in sample.window)
    sections: dict[str, dict[str, Any]] = {
        "target": {"name": "reference", "version": version, "http": address, "ws": "ws" + address.removeprefix("http")},
        "credentials": credentials,
        "tenants": roles,
        "fixtures": {"window": {"from": start, "to": end}, "parameters": dict(sample.parameters)},
    }
    if sample.signed:
        sections["signer"] = {"nostr": f"{secrets.randbits(248):064x}", "at": dict(sample.signed)}
    if hook:
        operator = minter.mint("operator", ["*"], (SCOPE,))
        sections["hook"] = {"url": f"{address}{PATH}", "token": operator}
    return {name: section for name, section in sections.items() if section}


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
