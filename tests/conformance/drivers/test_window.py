"""The driver of windows: windows cut in parts, halved down to one fact, read as series, and windows that are none."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

from assay_conformance.drivers.window import drive, drive_changing
from assay_conformance.evidence import Evidence, Exchange, Hunt, LateFacts, Refusal, Series, Split, Twice

from .harbour import Call, Reply, contract_of, evidence_of, operation, query_parameter
from .ships import SERIES, START, VISITS, WINDOW, WINDOW_FIXTURE, WINDOW_PARAMETERS, count_visits

END = START + dt.timedelta(days=1)
SPLIT = "a window split"


def harbour(window: dict[str, Any] = WINDOW) -> Any:
    """The number of visits in a window."""
    parameters = (*WINDOW_PARAMETERS, query_parameter("step"))
    return contract_of({"/visits": {"get": operation("countVisits", parameters, x_window=window)}})


@functools.cache
def driven() -> Evidence:
    """What the driver records of the visits, with series by the hour."""
    return evidence_of(drive, harbour(WINDOW | {"series": SERIES}), count_visits, window=WINDOW_FIXTURE)


def span(exchange: Exchange) -> tuple[dt.datetime, dt.datetime]:
    """The window of a request."""
    start, end = (exchange.request.parameter(name) for name in ("since", "until"))
    assert start is not None
    assert end is not None
    return dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end)


def test_the_parts_of_a_split_are_its_window_without_a_gap() -> None:
    """Each part begins where the one before ends."""
    for split in driven().of(Split):
        spans = [span(part) for part in split.parts]

        assert (spans[0][0], spans[-1][1]) == span(split.whole)
        assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]


def test_windows_are_cut_at_odd_instants_at_whole_hours_and_within_a_second() -> None:
    """The contract allows fractions of a second."""
    settled = [item for item in driven().of(Split) if item.purpose == SPLIT and span(item.whole) == (START, END)]
    cuts = {end for item in settled for _, end in map(span, item.parts[:-1])}

    assert {cut for cut in cuts if cut.microsecond}
    assert {cut for cut in cuts if cut.second and not cut.microsecond}
    assert {START + dt.timedelta(hours=hour) for hour in range(1, 24)} <= cuts


def test_the_longest_window_is_cut_and_requested_whole() -> None:
    """A window one second longer is broken."""
    evidence = driven()
    longest = dt.timedelta(days=2)

    assert longest in {end - start for start, end in (span(item.whole) for item in evidence.of(Split))}
    too_long = [span(item.exchange) for item in evidence.of(Refusal) if item.rule == "window/too-long"]
    assert min(end - start for start, end in too_long) == longest + dt.timedelta(seconds=1)


def test_single_visits_are_hunted_down() -> None:
    """The shortest window around one holds it; the two beside it hold none."""
    hunts = driven().of(Hunt)

    assert len(hunts) == 3
    for hunt in hunts:
        before, here, after = hunt.around
        (visit,) = [visit for visit in VISITS if span(here)[0] <= visit < span(here)[1]]
        assert span(here) == (visit, visit + dt.timedelta(microseconds=1))
        assert [item.answer.json["visits"] for item in (before, here, after)] == [0, 1, 0]


def test_a_settled_window_is_requested_twice_with_the_same_request() -> None:
    """By each step of its series as well."""
    pairs = driven().of(Twice)

    assert all(item.first.request == item.again.request for item in pairs)
    assert {item.first.request.parameter("step") for item in pairs} == {None, "hour"}


def test_buckets_of_a_series_are_requested_as_windows() -> None:
    """Of the settled window every one, cut to the window of the whole: two that change places are seen nowhere else."""
    series = driven().of(Series)

    whole = next(item for item in series if span(item.answer) == (START, END))
    hours = [START + dt.timedelta(hours=hour) for hour in range(24)]
    assert [span(bucket) for bucket in whole.buckets] == [(hour, hour + dt.timedelta(hours=1)) for hour in hours]
    assert all(span(item.answer)[0] <= start < end <= span(item.answer)[1] for item in series for start, end in map(span, item.buckets))


def test_the_longest_window_has_a_series() -> None:
    """One that ends early is seen nowhere else; of its buckets three are requested."""
    longest = [item for item in driven().of(Series) if span(item.answer)[0] == END - dt.timedelta(days=2)]

    assert [(len(item.answer.answer.json["hours"]), len(item.buckets)) for item in longest] == [(48, 3)]


def test_windows_that_are_none_are_broken_with_the_code_of_the_window() -> None:
    """Empty, reversed, too long, and a text that is no time."""
    wrong = driven().of(Refusal)

    assert {item.rule for item in wrong} == {"window/empty", "window/reversed", "window/too-long", "window/no-time"}
    assert {item.codes for item in wrong} == {("BAD_SPAN",)}
    assert all(start == end for start, end in (span(item.exchange) for item in wrong if item.rule == "window/empty"))
    assert all(start > end for start, end in (span(item.exchange) for item in wrong if item.rule == "window/reversed"))


def test_an_edge_alone_and_beside_a_rolling_window_is_broken() -> None:
    """Where the contract has windows that end now."""
    rolling = {"parameter": "last", "spans": {"day": "P1D"}}

    evidence = evidence_of(drive, harbour(WINDOW | {"rolling": rolling}), count_visits, window=WINDOW_FIXTURE)

    names = {item.rule: {name for name, _ in item.exchange.request.query} for item in evidence.of(Refusal)}
    assert {rule: sent for rule, sent in names.items() if rule.endswith(("alone", "rolling"))} == {
        "window/start-alone": {"since"},
        "window/end-alone": {"until"},
        "window/start-and-rolling": {"since", "last"},
        "window/end-and-rolling": {"until", "last"},
    }


def test_without_additive_numbers_nothing_is_hunted() -> None:
    """Nothing says which number grows with a window."""
    evidence = evidence_of(
        drive, harbour({name: value for name, value in WINDOW.items() if name != "additive"}), count_visits, window=WINDOW_FIXTURE
    )

    assert evidence.of(Hunt) == ()


def test_late_facts_are_waited_for_and_the_window_is_split_again() -> None:
    """The answers before and after stand beside how many were added."""
    answered: list[None] = []

    def growing(call: Call) -> Reply:
        answered.append(None)
        visits = 5 if len(answered) == 1 else 14
        return Reply({"visits": visits})

    evidence = evidence_of(drive_changing, harbour(), growing, act=9, window=WINDOW_FIXTURE)

    (late,) = evidence.of(LateFacts)
    assert (late.added, late.before.answer.json, late.after.answer.json) == (9, {"visits": 5}, {"visits": 14})
    assert {item.purpose for item in evidence.of(Split)} == {SPLIT}


def test_a_target_that_adds_no_facts_is_asked_once() -> None:
    """Without a hook, without a settled window, or with a hook that adds none."""
    none = evidence_of(drive_changing, harbour(), count_visits, act=0, window=WINDOW_FIXTURE)

    assert (len(none.of(Exchange)), none.of(LateFacts)) == (1, ())
    assert evidence_of(drive_changing, harbour(), count_visits, window=WINDOW_FIXTURE).records == ()
    assert evidence_of(drive_changing, harbour(), count_visits, act=9).records == ()
