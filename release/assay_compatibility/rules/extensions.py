"""Extensions, and what annotations say about changes of schemas."""

from __future__ import annotations

from assay_compatibility.classes import Direction, Effect
from assay_compatibility.rules.model import reported_by_walk

BOTH, RECEIVED = (Direction.BOTH,), (Direction.RESPONSE,)

# The walk reports these: it knows which extensions the vocabulary describes, what other rules reported of them, and where an
# annotation says that a version or a code stands.
reported_by_walk("extension-changed", "annotations", Effect.ANNOTATES, "An extension that no rule reads changed.", directions=BOTH)
reported_by_walk(
    "annotation-no-longer-read",
    "annotations",
    Effect.UNKNOWN,
    "The old or the new annotation does not match its vocabulary, so the impact cannot be decided.",
    directions=BOTH,
)
reported_by_walk(
    "annotation-described-differently", "annotations", Effect.ANNOTATES, "An annotation changed in words only.", directions=BOTH
)
reported_by_walk(
    "stated-version-raised",
    "annotations",
    Effect.REPLACES,
    "The version that payloads state follows the new version of the contract.",
    policy="stated-version",
    directions=RECEIVED,
)
reported_by_walk(
    "code-of-others-listed",
    "annotations",
    Effect.WIDENS,
    "The shared error schema lists a new code that only newly added operations return.",
    policy="shared-error-body",
    directions=RECEIVED,
)
