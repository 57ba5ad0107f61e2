"""What of a response its freshness speaks of, and what of it says nothing about the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import Operation


def envelope(operation: Operation) -> tuple[str, ...]:
    """Pointers to what may differ between two responses with the same numbers: the freshness, the window, and what is volatile."""
    spec: Mapping[str, Any] = operation.annotations["x-freshness"]
    stated = [spec[name] for name in ("snapshotAsOf", "deltaAsOf", "stalenessMs", "source") if name in spec]
    partial: Mapping[str, str] = spec.get("partial", {})
    window: Mapping[str, str] = operation.annotations.get("x-window", {}).get("echo", {})
    return (*stated, *partial.values(), *window.values(), *operation.volatile)
