"""What the annotations of work promise: jobs, requests that may be repeated, operations on their way out."""

from __future__ import annotations

from collections.abc import Iterator

from assay_contracts.json_types import is_list, is_mapping

from assay_compatibility.classes import Effect
from assay_compatibility.places import Node
from assay_compatibility.rules.model import Change
from assay_compatibility.rules.pairs import ObjectPair
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


def _states(pair: ObjectPair) -> Iterator[tuple[str, Node, Node]]:
    """The states on both sides, each with those that may follow it."""
    olds, news = dict(pair.old.child("states").children()), dict(pair.new.child("states").children())
    for name, place in olds.items():
        if name in news:
            yield name, place, news[name]


def _followers(place: Node) -> list[str]:
    return [str(each) for each in place.value] if is_list(place.value) else []


def _names(place: Node) -> set[str]:
    told = place.child("states").value
    return set(told) if is_mapping(told) else set()


def _steps(pair: ObjectPair, *, added: bool) -> Iterator[Change]:
    known = _names(pair.old) & _names(pair.new)
    for name, old, new in _states(pair):
        before, after = _followers(old), _followers(new)
        more, fewer = (after, before) if added else (before, after)
        # A state that came to be final, or no longer is, and steps to states that came or went have rules of their own.
        if not before or not after:
            continue
        for each in more:
            if each not in fewer and each in known:
                step = f"{name} to {each}"
                yield Change(None if added else step, step if added else None, new.pointer)


def job_step_added(pair: ObjectPair) -> Iterator[Change]:
    """A job goes from a state to one that never followed it."""
    yield from _steps(pair, added=True)


def job_step_removed(pair: ObjectPair) -> Iterator[Change]:
    """A job no longer goes from a state to another."""
    yield from _steps(pair, added=False)


def job_state_no_longer_final(pair: ObjectPair) -> Iterator[Change]:
    """A job goes on from a state that was the last."""
    for name, old, new in _states(pair):
        if not _followers(old) and _followers(new):
            yield Change(name, name, new.pointer)


def job_state_became_final(pair: ObjectPair) -> Iterator[Change]:
    """A job ends in a state from which it went on."""
    for name, old, new in _states(pair):
        if _followers(old) and not _followers(new):
            yield Change(name, name, new.pointer)


def _outcomes(place: Node) -> dict[str, str]:
    return {str(each): kind for kind in ("succeeded", "failed") for each in _followers(place.child(kind))}


def job_outcome_changed(pair: ObjectPair) -> Iterator[Change]:
    """A final state stands for success where it stood for failure, or the other way round, or for neither."""
    before, after = _outcomes(pair.old), _outcomes(pair.new)
    for name in sorted(before):
        if before[name] != after.get(name) and name in _names(pair.old) & _names(pair.new):
            yield Change(before[name], after.get(name), f"{pair.new.pointer}/{before[name]}")


def job_outcome_told(pair: ObjectPair) -> Iterator[Change]:
    """It is told what a final state stands for."""
    before, after = _outcomes(pair.old), _outcomes(pair.new)
    for name in sorted(after):
        if pair.old.value is not None and name not in before and name in _names(pair.old):
            yield Change(None, name, f"{pair.new.pointer}/{after[name]}")


def phases_reordered(pair: ObjectPair) -> Iterator[Change]:
    """The phases follow each other in another order."""
    old, new = pair.old.child("phase", "order"), pair.new.child("phase", "order")
    before, after = _followers(old), _followers(new)
    if [each for each in before if each in after] != [each for each in after if each in before]:
        yield Change(before, after, new.pointer)


declare(
    "x-job",
    whole("job", "How a job goes on after the answer that started it"),
    required("job-role", "What an operation does with a job", "role", direction=SENT),
    optional("job-identity", "The place that names a job", "identity"),
    optional("job-parameter", "The parameter that names a job", "parameter", direction=SENT),
    optional("job-state-place", "The place of a job's state", "state"),
    required("initial-job-state", "The state of a job that was just started", "initial"),
    Row("job-state-added", RECEIVED, Effect.WIDENS, "A job may be in a state that it never was in.", gained("states"), KNOWN_VALUES),
    Row("job-state-removed", RECEIVED, Effect.NARROWS, "A job is never in a state any more.", lost("states")),
    Row("job-step-added", RECEIVED, Effect.WIDENS, job_step_added.__doc__ or "", job_step_added),
    Row("job-step-removed", RECEIVED, Effect.NARROWS, job_step_removed.__doc__ or "", job_step_removed),
    Row("job-state-no-longer-final", RECEIVED, Effect.REPLACES, job_state_no_longer_final.__doc__ or "", job_state_no_longer_final),
    Row("job-state-became-final", RECEIVED, Effect.REPLACES, job_state_became_final.__doc__ or "", job_state_became_final),
    Row("job-outcome-changed", RECEIVED, Effect.REPLACES, job_outcome_changed.__doc__ or "", job_outcome_changed),
    Row("job-outcome-told", RECEIVED, Effect.ADDS, job_outcome_told.__doc__ or "", job_outcome_told),
    optional("job-progress", "The place of a job's progress", "progress"),
    part("job-phase-statement", "The statement of a running job's phase", "phase"),
    required("job-phase-place", "The place of a job's phase", "phase", "at"),
    Row(
        "job-phase-added", RECEIVED, Effect.WIDENS, "A job may be in a phase that it never was in.", gained("phase", "order"), KNOWN_VALUES
    ),
    Row("job-phase-removed", RECEIVED, Effect.NARROWS, "A job is never in a phase any more.", lost("phase", "order")),
    Row("job-phases-reordered", RECEIVED, Effect.REPLACES, "The phases of a job follow each other in another order.", phases_reordered),
    optional("job-error", "The place that says why a job failed", "error"),
    optional("job-result", "The place that says where a job's result is", "result"),
    optional("job-location", "The header with the address of a job", "location"),
    optional("job-preference", "The preference that asks for a job", "prefer", direction=SENT),
    Row("job-result-kept-shorter", RECEIVED, Effect.BREAKS, "The result of a job is kept for a shorter time.", less("kept")),
    Row("job-result-kept-longer", RECEIVED, Effect.ADDS, "The result of a job is kept for a longer time.", greater("kept")),
    Row("job-result-no-longer-kept", RECEIVED, Effect.BREAKS, "Nothing says any more how long the result of a job is kept.", gone("kept")),
    Row("job-result-kept", RECEIVED, Effect.ADDS, "It is said how long the result of a job is kept.", come("kept")),
    Row("job-operation-removed", SENT, Effect.BREAKS, "A job can no longer be started, read, cancelled or fetched.", lost("operations")),
    Row("job-operation-added", SENT, Effect.ADDS, "A job can be started, read, cancelled or fetched.", gained("operations")),
    Row(
        "job-operation-changed",
        SENT,
        Effect.ANNOTATES,
        "Another name stands for an operation of a job's life.",
        within("operations", find=another()),
    ),
)

declare(
    "x-idempotency",
    whole("idempotency", "That a request may be repeated without being done twice"),
    required("idempotency-key", "The header with the key of a request", "header", direction=SENT),
    required("idempotency-refusal", "The code that refuses a key used for another request", "conflict"),
    Row(
        "idempotency-key-kept-shorter",
        SENT,
        Effect.NARROWS,
        "A key is remembered for a shorter time, so a late repetition is done twice.",
        less("kept"),
    ),
    Row("idempotency-key-kept-longer", SENT, Effect.WIDENS, "A key is remembered for a longer time.", greater("kept")),
    Row("idempotency-key-forgotten", SENT, Effect.NARROWS, "Nothing says any more how long a key is remembered.", gone("kept")),
    Row("idempotency-key-kept", SENT, Effect.WIDENS, "It is said how long a key is remembered.", come("kept")),
    part("idempotent-items", "The identity of the items of a batch", "items"),
    required("batch-items", "The place of the items of a batch", "items", "at", direction=SENT),
    required("batch-item-identity", "The member that tells one item of a batch from another", "items", "identity", direction=SENT),
    required("accepted-items", "The place that counts the items that are new", "items", "accepted"),
    required("duplicate-items", "The place that counts the items that were known", "items", "duplicate"),
    optional("rejected-items", "The place that counts the items that were not taken", "items", "rejected"),
)


def _sunset(pair: ObjectPair, *, earlier: bool) -> Iterator[Change]:
    old, new = pair.old["sunset"], pair.new["sunset"]
    if isinstance(old, str) and isinstance(new, str) and old != new and (new < old) is earlier:
        yield Change(old, new, f"{pair.new.pointer}/sunset")


def sunset_brought_forward(pair: ObjectPair) -> Iterator[Change]:
    """An operation may be gone sooner than was said."""
    yield from _sunset(pair, earlier=True)


def sunset_put_off(pair: ObjectPair) -> Iterator[Change]:
    """An operation stays for longer than was said."""
    yield from _sunset(pair, earlier=False)


declare(
    "x-deprecation",
    Row("deprecation-announced", BOTH, Effect.ADDS, "An operation is on its way out.", whole("", "")[1].find, "deprecation"),
    Row("deprecation-withdrawn", BOTH, Effect.ADDS, "An operation is no longer on its way out.", whole("", "")[0].find, "deprecation"),
    Row("sunset-brought-forward", BOTH, Effect.BREAKS, sunset_brought_forward.__doc__ or "", sunset_brought_forward),
    Row("sunset-put-off", BOTH, Effect.ADDS, sunset_put_off.__doc__ or "", sunset_put_off),
    Row("sunset-announced", BOTH, Effect.ADDS, "It is said when an operation may be gone.", come("sunset"), "deprecation"),
    Row("sunset-withdrawn", BOTH, Effect.ADDS, "It is no longer said when an operation may be gone.", gone("sunset"), "deprecation"),
    Row("deprecated-since-another-day", BOTH, Effect.ANNOTATES, "An operation is deprecated from another day on.", another("since")),
    Row("successor-changed", BOTH, Effect.ADDS, "Something else takes the place of an operation.", another("successor")),
)
