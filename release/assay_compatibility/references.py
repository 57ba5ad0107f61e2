"""References: which members are `$ref`s, and which are only data that look like one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.references import is_literal, name_maps


def references(value: Any) -> set[str]:
    """Every reference in a value."""
    found: set[str] = set()

    def note(text: str) -> str:
        found.add(text)
        return text

    rebase(value, note)
    return found


def rebase(value: Any, to: Callable[[str], str]) -> None:
    """Write every reference anew, in place.

    Examples and listed values are data and stay, and so do extensions, where `$ref` means what their authors like.
    """
    waiting: list[tuple[Any, bool]] = [(value, False)]
    while waiting:
        each, names = waiting.pop()
        if is_list(each):
            waiting.extend((item, False) for item in each if is_mapping(item) or is_list(item))
        elif is_mapping(each):
            for key, item in each.items():
                if isinstance(item, str):
                    if key == "$ref" and not names:
                        told = to(item)
                        if told is not item:
                            each[key] = told
                elif names:
                    waiting.append((item, False))
                elif key.startswith("x-"):
                    continue
                elif is_mapping(item):
                    if not is_literal(key) and key != "examples":
                        waiting.append((item, key in name_maps(item)))
                elif is_list(item) and not is_literal(key) and key != "examples":
                    waiting.append((item, False))
