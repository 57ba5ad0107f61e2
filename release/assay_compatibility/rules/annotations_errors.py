"""What the annotations of errors promise: the codes of an operation, the taxonomy, rate limits; and clauses in words."""

from __future__ import annotations

from collections.abc import Iterator

from assay_contracts.json_types import is_list

from assay_compatibility.classes import Effect
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
from assay_compatibility.rules.promises import (
    BOTH,
    KNOWN_VALUES,
    RECEIVED,
    SENT,
    Find,
    Row,
    another,
    declare,
    entries,
    gained,
    lost,
    part,
    required,
    whole,
    within,
)
from assay_compatibility.schemas.patterns import pattern_order

declare(
    "x-error-codes",
    whole("list-of-error-codes", "That no other error code than those listed is answered", added=Effect.NARROWS, removed=Effect.WIDENS),
    Row(
        "error-code-added",
        RECEIVED,
        Effect.WIDENS,
        "An operation answers with an error code that it never answered with.",
        gained(),
        KNOWN_VALUES,
    ),
    Row("error-code-removed", RECEIVED, Effect.NARROWS, "An operation no longer answers with an error code.", lost()),
)


def _retryable(before: bool, after: bool) -> Find:
    """Changes of the flag between yes, no and null, which lets either come."""

    def find(pair: ObjectPair) -> Iterator[Change]:
        old, new = pair.old["retryable"], pair.new["retryable"]
        if old != new and (old is None) == before and (new is None) == after:
            yield Change(old, new, f"{pair.new.pointer}/retryable")

    return find


def correlation_pattern_changed(pair: ObjectPair) -> Iterator[Change]:
    """A correlation identifier looks otherwise, so one that came back unchanged may be replaced, or the other way round."""
    for change in another("correlation", "pattern")(pair):
        if not (isinstance(change.before, str) and isinstance(change.after, str) and pattern_order(change.before, change.after) == "equal"):
            yield change


declare(
    "x-error-taxonomy",
    whole("error-taxonomy", "What each error code means"),
    Row("taxonomy-code-removed", RECEIVED, Effect.NARROWS, "An error code is known no longer.", lost("codes")),
    Row("taxonomy-code-added", RECEIVED, Effect.ADDS, "An error code is known that operations may list.", gained("codes")),
    Row(
        "error-status-changed",
        RECEIVED,
        Effect.REPLACES,
        "An error code comes with another status.",
        within("codes", find=another("status")),
    ),
    Row(
        "error-category-changed",
        RECEIVED,
        Effect.REPLACES,
        "An error code is of another category.",
        within("codes", find=another("category")),
    ),
    Row(
        "error-retry-flipped",
        RECEIVED,
        Effect.REPLACES,
        "An error that was worth a retry is not, or the other way round.",
        within("codes", find=_retryable(False, False)),
    ),
    Row(
        "error-retry-settled",
        RECEIVED,
        Effect.NARROWS,
        "Whether an error is worth a retry was left open and is told.",
        within("codes", find=_retryable(True, False)),
    ),
    Row(
        "error-retry-left-open",
        RECEIVED,
        Effect.WIDENS,
        "Whether an error is worth a retry was told and is left open.",
        within("codes", find=_retryable(False, True)),
    ),
    Row("error-header-dropped", RECEIVED, Effect.BREAKS, "An error no longer carries a header.", within("codes", find=lost("headers"))),
    Row("error-header-promised", RECEIVED, Effect.ADDS, "An error carries a header.", within("codes", find=gained("headers"))),
    Row(
        "error-provoked-otherwise",
        BOTH,
        Effect.ANNOTATES,
        "A test brings an error about in another way.",
        within("codes", find=another("provoke")),
    ),
    Row("error-category-removed", RECEIVED, Effect.NARROWS, "A category of errors is gone.", lost("categories")),
    Row("error-category-added", RECEIVED, Effect.ADDS, "A category of errors is new.", gained("categories")),
    Row(
        "retry-policy-changed",
        RECEIVED,
        Effect.REPLACES,
        "A client tries again in another way after errors of a category.",
        within("categories", find=another("retry")),
    ),
    Row(
        "error-shown-otherwise",
        BOTH,
        Effect.ANNOTATES,
        "What a client shows for errors of a category reads differently.",
        within("categories", find=another("shows")),
    ),
    Row("error-member-moved", RECEIVED, Effect.REPLACES, "A part of an error body is found elsewhere.", within("envelope", find=another())),
    Row("error-member-dropped", RECEIVED, Effect.BREAKS, "A part of an error body is no longer there.", lost("envelope")),
    Row("error-member-promised", RECEIVED, Effect.ADDS, "A part of an error body can be relied on.", gained("envelope")),
    part("correlation", "The correlation of requests and answers", "correlation"),
    required("correlation-header", "The header with the correlation identifier", "correlation", "header", direction=SENT),
    Row("correlation-pattern-changed", SENT, Effect.REPLACES, correlation_pattern_changed.__doc__ or "", correlation_pattern_changed),
    part("served-versions", "The statement of the payload's schema version", "schemaVersion"),
    required("version-header", "The header by which a version is asked for", "schemaVersion", "header", direction=SENT),
    required("stated-version-place", "The place where a payload states its version", "schemaVersion", "at"),
    required("version-refusal", "The code that refuses a version", "schemaVersion", "code"),
    Row("fault-withdrawn", RECEIVED, Effect.BREAKS, "Nothing is promised any more about the answers under a fault.", lost("faults")),
    Row("fault-promised", RECEIVED, Effect.ADDS, "It is promised what answers under a fault.", gained("faults")),
    Row(
        "fault-answered-otherwise",
        RECEIVED,
        Effect.REPLACES,
        "Under the same fault something else is answered.",
        within("faults", find=another()),
    ),
)


def traceparent_dropped(pair: ObjectPair) -> Iterator[Change]:
    """The traceparent of a request is no longer honoured."""
    old, new = pair.old.child("correlation"), pair.new.child("correlation")
    if old["traceparent"] is True and new.value is not None and new["traceparent"] is not True:
        yield Change(True, new["traceparent"], f"{new.pointer}/traceparent")


def traceparent_honoured(pair: ObjectPair) -> Iterator[Change]:
    """The traceparent of a request is honoured."""
    old, new = pair.old.child("correlation"), pair.new.child("correlation")
    if new["traceparent"] is True and old.value is not None and old["traceparent"] is not True:
        yield Change(old["traceparent"], True, f"{new.pointer}/traceparent")


declare(
    "x-error-taxonomy",
    Row("traceparent-dropped", SENT, Effect.BREAKS, traceparent_dropped.__doc__ or "", traceparent_dropped),
    Row("traceparent-honoured", SENT, Effect.ADDS, traceparent_honoured.__doc__ or "", traceparent_honoured),
)

declare(
    "x-rate-limit",
    whole("rate-limit", "How a limit on requests is told"),
    required("rate-limit-code", "The code that refuses too many requests", "code"),
    required("rate-limit-policy-header", "The header with the quota policies", "policy"),
    required("rate-limit-remaining-header", "The header with what is left of a quota", "remaining"),
    required("retry-after-header", "The header that says when to come back", "retryAfter"),
)


def _clauses(place: Node, level: str = "") -> dict[str, Node]:
    found = {str(each["id"]): each for _, each in entries(place)}
    return {name: each for name, each in found.items() if level in ("", each["level"])}


def _kept(pair: ObjectPair) -> Iterator[tuple[str, Node, Node]]:
    olds, news = _clauses(pair.old), _clauses(pair.new)
    for name, place in olds.items():
        if name in news:
            yield name, place, news[name]


def clause_removed(pair: ObjectPair) -> Iterator[Change]:
    """A promise of the contract is kept no longer."""
    kept = _clauses(pair.new)
    yield from (Change(name, None, place.pointer) for name, place in _clauses(pair.old, "MUST").items() if name not in kept)


def recommendation_removed(pair: ObjectPair) -> Iterator[Change]:
    """What the contract should do is told no longer."""
    kept = _clauses(pair.new)
    yield from (Change(name, None, place.pointer) for name, place in _clauses(pair.old, "SHOULD").items() if name not in kept)


def clause_added(pair: ObjectPair) -> Iterator[Change]:
    """The contract promises one more thing."""
    known = _clauses(pair.old)
    yield from (Change(None, name, place.pointer) for name, place in _clauses(pair.new).items() if name not in known)


def clause_loosened(pair: ObjectPair) -> Iterator[Change]:
    """What the contract promised is only what it should do."""
    for _, old, new in _kept(pair):
        if old["level"] == "MUST" and new["level"] == "SHOULD":
            yield Change("MUST", "SHOULD", f"{new.pointer}/level")


def clause_tightened(pair: ObjectPair) -> Iterator[Change]:
    """What the contract should do is what it promises."""
    for _, old, new in _kept(pair):
        if old["level"] == "SHOULD" and new["level"] == "MUST":
            yield Change("SHOULD", "MUST", f"{new.pointer}/level")


def clause_reworded(pair: ObjectPair) -> Iterator[Change]:
    """A promise of the contract has other words, and nobody but a person can tell whether it means the same."""
    for _, old, new in _kept(pair):
        if old["sentence"] != new["sentence"]:
            yield Change(old["sentence"], new["sentence"], f"{new.pointer}/sentence")


def _subjects(place: Node) -> set[str]:
    told = place["subjects"]
    return {str(each) for each in told} if is_list(told) else {"contract"}


def clause_subject_removed(pair: ObjectPair) -> Iterator[Change]:
    """A promise of the contract no longer speaks of an operation or a channel."""
    for _, old, new in _kept(pair):
        yield from (Change(each, None, f"{new.pointer}/subjects") for each in sorted(_subjects(old) - _subjects(new)))


def clause_subject_added(pair: ObjectPair) -> Iterator[Change]:
    """A promise of the contract speaks of one more operation or channel."""
    for _, old, new in _kept(pair):
        yield from (Change(None, each, f"{new.pointer}/subjects") for each in sorted(_subjects(new) - _subjects(old)))


declare(
    "x-clauses",
    Row("clause-removed", RECEIVED, Effect.BREAKS, clause_removed.__doc__ or "", clause_removed),
    Row("recommendation-removed", RECEIVED, Effect.ADDS, recommendation_removed.__doc__ or "", recommendation_removed),
    Row("clause-added", RECEIVED, Effect.ADDS, clause_added.__doc__ or "", clause_added),
    Row("clause-loosened", RECEIVED, Effect.BREAKS, clause_loosened.__doc__ or "", clause_loosened),
    Row("clause-tightened", RECEIVED, Effect.ADDS, clause_tightened.__doc__ or "", clause_tightened),
    Row("clause-reworded", RECEIVED, Effect.UNKNOWN, clause_reworded.__doc__ or "", clause_reworded),
    Row("clause-subject-removed", RECEIVED, Effect.BREAKS, clause_subject_removed.__doc__ or "", clause_subject_removed),
    Row("clause-subject-added", RECEIVED, Effect.ADDS, clause_subject_added.__doc__ or "", clause_subject_added),
)
