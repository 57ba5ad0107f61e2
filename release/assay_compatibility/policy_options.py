"""Policies that somebody chose: `NAME=LEVEL` on the command line, or a file of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from assay_contracts import UsageError
from assay_contracts.json_types import is_mapping

from assay_compatibility.classes import Direction, Severity
from assay_compatibility.policies import POLICIES, PROFILES, Policy

LEVELS = ("none", "patch", "minor", "major", "law")
_DIRECTIONS = {"request": Direction.REQUEST, "response": Direction.RESPONSE}


def near(name: str, known: Iterable[str]) -> str:
    """The next step after a name that nobody knows."""
    close = get_close_matches(name, sorted(known), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(close)}?" if close else ""


def chosen_policies(options: Iterable[str] = (), file: Path | None = None, profile: str = "default") -> Mapping[str, Policy]:
    """Every policy by name: those of the profile, then of the file and then of the command line in place of the defaults.

    `options` are `NAME=LEVEL`; `file` is TOML with a table `[policies]`. Raises `UsageError` for a name or level that does not exist.
    """
    policies = dict(POLICIES)
    for name, levels in PROFILES[profile].items():
        policies[name] = replace(policies[name], levels={**policies[name].levels, **levels}, messages=levels, chosen=True)
    for name, entry in _of_file(file).items() if file is not None else ():
        policies[name] = _chosen(_known(policies, name, str(file)), entry, f"{file}: {name}")
    for option in options:
        name, mark, level = option.partition("=")
        if not mark:
            raise UsageError(f"--policy {option}", expected="NAME=LEVEL", next_step="see `assay explain --policies`")
        policies[name] = _chosen(_known(policies, name, "--policy"), level, f"--policy {option}")
    return policies


def _known(policies: Mapping[str, Policy], name: str, where: str) -> Policy:
    if name not in policies:
        hints = (near(name, policies), "see `assay explain --policies`")
        raise UsageError(f"{where}: {name}", expected="the name of a policy", next_step="; ".join(hint for hint in hints if hint))
    return policies[name]


def _of_file(file: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(str(file), expected="a TOML file", actual=error.strerror or "nothing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(str(file), expected="TOML", actual=str(error)) from None
    table = content.get("policies")
    if not is_mapping(table) or len(content) > 1:
        raise UsageError(str(file), expected="one table [policies] of NAME = LEVEL", actual=", ".join(sorted(content)) or "an empty file")
    return table


def _chosen(policy: Policy, entry: Any, where: str) -> Policy:
    """The policy as it was chosen: one level, or one for each direction, with a reason if there is one."""
    if not is_mapping(entry):
        entry = {"level": entry}
    unknown = sorted(entry.keys() - {"level", "reason", *_DIRECTIONS})
    if unknown or not entry.keys() & {"level", *_DIRECTIONS}:
        raise UsageError(where, expected="level, or request and response, and reason", actual=", ".join(unknown) or "none of them")
    both: Mapping[Direction, Severity] | None = _levels(Direction, entry["level"], where) if "level" in entry else None
    levels, messages = (policy.levels, policy.messages) if both is None else (both, both)
    for name, direction in _DIRECTIONS.items():
        if name in entry:
            level = _levels((direction,), entry[name], where)
            kept = (direction, Direction.BOTH) if not level else (direction,)
            levels = {key: bump for key, bump in levels.items() if key not in kept} | dict(level)
            messages = {key: bump for key, bump in messages.items() if key not in kept} | dict(level)
    return replace(policy, reason=str(entry.get("reason", policy.reason)), levels=levels, messages=messages, chosen=True)


def _levels(directions: Iterable[Direction], level: Any, where: str) -> Mapping[Direction, Severity]:
    if level not in LEVELS:
        raise UsageError(where, expected=" or ".join(LEVELS), actual=str(level) or "nothing", next_step=near(str(level), LEVELS))
    return {} if level == "law" else {direction: Severity(level) for direction in directions}
