"""What a client must present to be let in."""

from __future__ import annotations

from assay_compatibility.classes import Effect
from assay_compatibility.rules.model import reported_by_walk

# The walk reports these: it compares all requirements of an operation at once.
reported_by_walk("security-tightened", "security", Effect.NARROWS, "A credential that was sufficient no longer is.", policy="security")
reported_by_walk(
    "security-loosened", "security", Effect.ADDS, "A further credential is sufficient, or an operation requires less.", policy="security"
)
reported_by_walk(
    "security-scheme-changed", "security", Effect.REPLACES, "A security scheme that an operation uses changed.", policy="security-scheme"
)
reported_by_walk(
    "security-scheme-removed",
    "security",
    Effect.ANNOTATES,
    "A security scheme that no operation uses was removed.",
    policy="security-scheme",
)
reported_by_walk("security-scheme-added", "security", Effect.ADDS, "A security scheme was added.", policy="security-scheme")
