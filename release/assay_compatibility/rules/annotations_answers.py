"""What the annotations of answers promise: windows, freshness, snapshots, tenants."""

from __future__ import annotations

from assay_compatibility.classes import Effect
from assay_compatibility.rules.promises import (
    RECEIVED,
    SENT,
    Row,
    another,
    come,
    declare,
    gained,
    gone,
    greater,
    less,
    lost,
    optional,
    part,
    required,
    whole,
    within,
)

declare(
    "x-window",
    whole("window", "A window of time"),
    required("window-start", "The parameter with the start of a window", "from", direction=SENT),
    required("window-end", "The parameter with the end of a window", "to", direction=SENT),
    required("window-writing", "The way in which the ends of a window are written", "type", direction=SENT),
    Row("window-shortened", SENT, Effect.NARROWS, "A window is refused that was not too long.", less("longest")),
    Row("window-lengthened", SENT, Effect.WIDENS, "Longer windows may be asked for.", greater("longest")),
    Row("window-limited", SENT, Effect.NARROWS, "Windows were of any length and have a longest one.", come("longest")),
    Row("window-unlimited", SENT, Effect.WIDENS, "Windows have no longest one any more.", gone("longest")),
    optional("window-refusal", "The code that refuses a window", "invalid"),
    part("window-echo", "The statement of the window in an answer", "echo"),
    required("window-echo-start", "The place where an answer states the start of its window", "echo", "from"),
    required("window-echo-end", "The place where an answer states the end of its window", "echo", "to"),
    Row("additive-number-lost", RECEIVED, Effect.BREAKS, "A number no longer adds up over adjacent windows.", lost("additive")),
    Row("additive-number-promised", RECEIVED, Effect.ADDS, "A number adds up over adjacent windows.", gained("additive")),
    part("rolling-windows", "The offer of windows that end now", "rolling"),
    required("rolling-parameter", "The parameter that names a rolling window", "rolling", "parameter", direction=SENT),
    Row(
        "rolling-default-changed",
        SENT,
        Effect.REPLACES,
        "A client that names no rolling window gets another.",
        another("rolling", "default"),
        "parameter-default",
    ),
    Row("rolling-span-removed", SENT, Effect.NARROWS, "A rolling window may no longer be named.", lost("rolling", "spans")),
    Row("rolling-span-added", SENT, Effect.WIDENS, "One more rolling window may be named.", gained("rolling", "spans")),
    Row(
        "rolling-span-changed",
        RECEIVED,
        Effect.REPLACES,
        "A rolling window of the same name has another length.",
        within("rolling", "spans", find=another()),
    ),
    part("series", "The offer of a window in steps", "series"),
    required("series-parameter", "The parameter that asks for a series", "series", "parameter", direction=SENT),
    required("series-place", "The place of a series", "series", "at"),
    required("bucket-start", "The member of a bucket with its start", "series", "start"),
    Row("series-step-removed", SENT, Effect.NARROWS, "A step of a series may no longer be asked for.", lost("series", "steps")),
    Row("series-step-added", SENT, Effect.WIDENS, "One more step of a series may be asked for.", gained("series", "steps")),
    Row(
        "series-step-changed",
        RECEIVED,
        Effect.REPLACES,
        "A step of the same name has another length.",
        within("series", "steps", find=another()),
    ),
    Row(
        "series-sum-lost",
        RECEIVED,
        Effect.BREAKS,
        "The buckets of a series no longer add up to a number of the whole.",
        lost("series", "additive"),
    ),
    Row(
        "series-sum-promised",
        RECEIVED,
        Effect.ADDS,
        "The buckets of a series add up to a number of the whole.",
        gained("series", "additive"),
    ),
    Row(
        "series-sum-moved",
        RECEIVED,
        Effect.REPLACES,
        "Another member of a bucket adds up to a number of the whole.",
        within("series", "additive", find=another()),
    ),
)

declare(
    "x-freshness",
    whole("freshness", "The statement how old an answer's numbers are"),
    required("snapshot-time", "The place that says up to when the rollups reach", "snapshotAsOf"),
    required("delta-time", "The place that says up to when the live delta reaches", "deltaAsOf"),
    required("staleness", "The place of the staleness", "stalenessMs"),
    required("source-of-numbers", "The place that says which path answered", "source"),
    part("partial-mark", "The mark of a partial answer", "partial"),
    required("partial-mark-place", "The place that says whether an answer is partial", "partial", "at"),
    required("partial-reason-place", "The place that says why an answer is partial", "partial", "reason"),
    Row("lag-lengthened", RECEIVED, Effect.WIDENS, "Numbers may be older than they ever were.", greater("longestLag")),
    Row("lag-shortened", RECEIVED, Effect.NARROWS, "Numbers are never as old as they might have been.", less("longestLag")),
    Row("lag-unlimited", RECEIVED, Effect.WIDENS, "Nothing says any more how old numbers may be.", gone("longestLag")),
    Row("lag-limited", RECEIVED, Effect.NARROWS, "Numbers are at most as old as is said.", come("longestLag")),
)


declare(
    "x-snapshot",
    whole("snapshot", "A state as of a sequence number"),
    optional("snapshot-channel", "The channel that streams the same state", "channel"),
    required("snapshot-sequence", "The place of a state's sequence number", "sequence"),
    required("snapshot-state", "The place of the entities of a state", "state"),
    required("snapshot-identity", "The member that tells one entity of a state from another", "identity"),
    required("snapshot-after", "The parameter with the last sequence number that a client has", "after", direction=SENT),
    required("snapshot-changes", "The place of the changes since a sequence number", "changes"),
    required("snapshot-truncated", "The place that says whether changes are no longer kept", "truncated"),
)

declare(
    "x-tenancy",
    whole("tenancy", "That an answer is one tenant's alone"),
    required("tenant-parameter", "The parameter that names the tenant", "parameter", direction=SENT),
    Row("tenant-echo-lost", RECEIVED, Effect.BREAKS, "A place no longer states the tenant.", lost("echo")),
    Row("tenant-echo-promised", RECEIVED, Effect.ADDS, "One more place states the tenant.", gained("echo")),
    required("tenant-refusal", "The code that refuses a tenant", "forbidden"),
)
