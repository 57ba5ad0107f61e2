"""What the annotations of channels promise: a stream of changes to a state, and one that follows a job."""

from __future__ import annotations

from collections.abc import Iterable

from assay_compatibility.classes import Effect
from assay_compatibility.rules.annotations_jobs import phases_reordered
from assay_compatibility.rules.promises import (
    BOTH,
    KNOWN_VALUES,
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


def _closes(stem: str, noun: str) -> Iterable[Row]:
    """The rules of close codes: what each stands for tells a client whether and how to come back."""
    return (
        Row(
            f"{stem}-added",
            RECEIVED,
            Effect.WIDENS,
            f"{noun} is closed with a code that it was never closed with.",
            gained("close"),
            KNOWN_VALUES,
        ),
        Row(f"{stem}-removed", RECEIVED, Effect.BREAKS, f"{noun} is no longer closed with a code that told why.", lost("close")),
        Row(
            f"{stem}-means-another",
            RECEIVED,
            Effect.REPLACES,
            f"{noun} that is closed with the same code is closed for another reason.",
            within("close", find=another("when")),
        ),
        Row(
            f"{stem}-reworded",
            BOTH,
            Effect.ANNOTATES,
            f"The reason with which {noun[0].lower()}{noun[1:]} is closed reads differently.",
            within("close", find=another("reason")),
        ),
    )


def _beats(stem: str, noun: str) -> Iterable[Row]:
    """The rules of heartbeats: a client takes longer silence for a broken session."""
    return (
        *part(stem, f"The heartbeat of {noun}", "heartbeat"),
        *required(f"{stem}-message", f"The message that is the heartbeat of {noun}", "heartbeat", "message"),
        Row(f"{stem}-slowed", RECEIVED, Effect.WIDENS, f"The heartbeats of {noun} may be further apart.", greater("heartbeat", "every")),
        Row(
            f"{stem}-quickened", RECEIVED, Effect.NARROWS, f"The heartbeats of {noun} are closer to each other.", less("heartbeat", "every")
        ),
    )


declare(
    "x-stream",
    whole("stream", "A stream of changes to a state"),
    required("stream-message-name", "The member that names the message of a stream", "type"),
    required("stream-snapshot", "The message with the whole state", "snapshot", "message"),
    required("stream-state", "The place of the entities in a message with the whole state", "snapshot", "state"),
    required("stream-identity", "The member that tells one entity of a stream from another", "snapshot", "identity"),
    required("stream-delta", "The message with a change of the state", "delta", "message"),
    required("stream-changes", "The place of the entities that changed", "delta", "changes"),
    optional("stream-time-of-change", "The member with the time of an entity's last change", "delta", "updated"),
    required("stream-sequence", "The place of the sequence number", "sequence", "at"),
    required("stream-step", "The step between two sequence numbers", "sequence", "step"),
    _beats("stream-heartbeat", "a stream"),
    optional("stream-server-time", "The place of the server's time in a heartbeat", "heartbeat", "at"),
    part("stream-tenancy", "That a session is one tenant's alone", "tenancy"),
    required("stream-tenant-parameter", "The parameter of the handshake that names the tenant", "tenancy", "parameter", direction=SENT),
    Row("stream-tenant-echo-lost", RECEIVED, Effect.BREAKS, "Messages no longer state the tenant in a place.", lost("tenancy", "echo")),
    Row("stream-tenant-echo-promised", RECEIVED, Effect.ADDS, "Messages state the tenant in one more place.", gained("tenancy", "echo")),
    part("stream-version-negotiation", "The choice of a version of the messages", "schemaVersion"),
    required("stream-version-header", "The header of the handshake that asks for a version", "schemaVersion", "header", direction=SENT),
    required("stream-version-place", "The place where messages state their version", "schemaVersion", "at"),
    part("stream-resync", "The way to catch up over HTTP", "resync"),
    required("stream-resync-operation", "The operation that answers the state of a stream", "resync", "operation", direction=SENT),
    required("stream-resync-parameter", "The parameter with the last sequence number of a stream", "resync", "after", direction=SENT),
    part("stream-resume", "The way to take up a session that was dropped", "resume"),
    required("stream-resume-message", "The message that takes up a session", "resume", "message", direction=SENT),
    required(
        "stream-resume-place",
        "The place of the last sequence number in a message that takes up a session",
        "resume",
        "after",
        direction=SENT,
    ),
    Row(
        "stream-resume-shortened", SENT, Effect.NARROWS, "A session must be taken up sooner after the handshake.", less("resume", "within")
    ),
    Row(
        "stream-resume-lengthened", SENT, Effect.WIDENS, "A session may be taken up later after the handshake.", greater("resume", "within")
    ),
    Row(
        "stream-resume-limited",
        SENT,
        Effect.NARROWS,
        "A session could be taken up at any time and must be within a limit.",
        come("resume", "within"),
    ),
    Row("stream-resume-unlimited", SENT, Effect.WIDENS, "A session may be taken up at any time.", gone("resume", "within")),
    part("stream-close-codes", "The list of codes that close a stream", "close"),
    _closes("stream-close-code", "A stream"),
)

declare(
    "x-progress",
    whole("progress-stream", "A stream that follows a job"),
    required("progress-message-name", "The member that names the message of a job's stream", "type"),
    required("progress-message", "The message that says where a job stands", "message"),
    required("progress-state", "The place of a job's state in a message", "state"),
    Row(
        "progress-final-state-added",
        RECEIVED,
        Effect.WIDENS,
        "A job's stream may end with a state that never was its last.",
        gained("final"),
        KNOWN_VALUES,
    ),
    Row("progress-final-state-removed", RECEIVED, Effect.NARROWS, "A job's stream no longer ends with a state.", lost("final")),
    required("progress-place", "The place of a job's progress in a message", "progress"),
    part("progress-phase-statement", "The statement of a job's phase in its stream", "phase"),
    required("progress-phase-place", "The place of a job's phase in a message", "phase", "at"),
    Row(
        "progress-phase-added",
        RECEIVED,
        Effect.WIDENS,
        "A stream tells a phase of a job that it never told.",
        gained("phase", "order"),
        KNOWN_VALUES,
    ),
    Row("progress-phase-removed", RECEIVED, Effect.NARROWS, "A stream no longer tells a phase of a job.", lost("phase", "order")),
    Row("progress-phases-reordered", RECEIVED, Effect.REPLACES, "A stream tells the phases of a job in another order.", phases_reordered),
    _beats("progress-heartbeat", "a job's stream"),
    optional("progress-operation", "The operation that answers the same state of a job", "operation"),
    part("progress-close-codes", "The list of codes that close a job's stream", "close"),
    _closes("progress-close-code", "A job's stream"),
)
