"""What a record says of itself: headers, bodies, frames, and the changes that a session had time to see."""

from __future__ import annotations

import dataclasses

import pytest
from assay_conformance.evidence import Act, Exchange, FeedSession, Frame, Record, Request, Response, Watch, record
from assay_conformance.evidence.exchanges import NO_JSON
from assay_conformance.evidence.records import RECORD_CLASSES, kind_of

REQUEST = Request("GET", "/items", (("q", "1"), ("q", "2")), (("accept", "x"),))


def test_several_lines_of_one_header_are_one_list() -> None:
    """Whatever the case of the name."""
    response = Response(200, (("vary", "a"), ("etag", "1"), ("vary", "b")))

    assert (response.header("Vary"), response.header("ETag"), response.header("Age")) == ("a, b", "1", None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("application/json", "application/json"), (" Application/Problem+JSON ; charset=utf-8", "application/problem+json"), (None, None)],
)
def test_a_media_type_has_no_parameters(value: str | None, expected: str | None) -> None:
    """In lower case."""
    assert Response(200, () if value is None else (("content-type", value),)).media_type == expected


@pytest.mark.parametrize(("body", "expected"), [('{"a": 1}', {"a": 1}), ("null", None), ("", NO_JSON), ("{", NO_JSON), ("NaN", NO_JSON)])
def test_a_body_that_is_no_json_equals_no_json_value(body: str, expected: object) -> None:
    """`null` is a value; the same holds for frames."""
    assert Response(200, (), body).json == expected
    assert Frame(0.0, body).json == expected


@pytest.mark.parametrize(("status", "expected"), [(199, False), (200, True), (299, True), (304, False), (0, False)])
def test_a_success_is_one_of_the_2xx(status: int, expected: bool) -> None:
    """A cached answer is none."""
    assert Response(status).succeeded is expected


def test_where_no_answer_came_its_status_is_0() -> None:
    """A check reads it as the failure that it is."""
    exchange = Exchange(id="x1", subject="list", purpose="one", request=REQUEST, response=None, failure="timeout")

    assert (exchange.answer.status, exchange.answer.succeeded) == (0, False)


def test_of_a_name_that_occurs_twice_the_first_counts() -> None:
    """A parameter, and a header in any case."""
    assert (REQUEST.parameter("q"), REQUEST.parameter("p"), REQUEST.header("Accept")) == ("1", None, "x")


def session(opened: float) -> FeedSession:
    """A session that opened at that time."""
    frames = (Frame(1.0, "{}"), Frame(2.0, "{}", sent=True))
    return FeedSession(id="s", subject="feed", purpose="open", request=REQUEST, handshake=101, frames=frames, opened=opened)


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        ((Act(2.0, 3.0, 4),), 4),
        ((Act(2.0, 3.0, 4), Act(4.0, 5.0, 1)), 5),
        ((Act(0.5, 3.0, 4),), 0),
        ((Act(2.0, 9.5, 4),), 0),
        ((), 0),
    ],
)
def test_only_changes_that_the_long_session_had_time_to_see_count(acts: tuple[Act, ...], expected: int) -> None:
    """Neither one that began before it opened nor one that ended after the last wait."""
    watch = Watch(id="w", subject="feed", purpose="watch", sessions=(session(1.0), session(2.0)), acts=acts, settled=9.0)

    assert (watch.change_count, watch.long.opened, [later.opened for later in watch.later]) == (expected, 1.0, [2.0])
    assert len(watch.long.received) == 1


def test_a_kind_is_never_given_twice() -> None:
    """A file of another shape would be read as this one."""
    with pytest.raises(ValueError, match="'exchange'"):
        record("exchange")(Watch)


def test_every_class_of_records_has_a_kind_of_its_own() -> None:
    """And a class that was never named has none."""

    @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    class Nameless(Record):
        """Without a kind."""

    assert {RECORD_CLASSES[kind_of(item)] for item in (session(0.0),)} == {FeedSession}
    assert len(set(RECORD_CLASSES.values())) == len(RECORD_CLASSES)
    with pytest.raises(ValueError, match="Nameless"):
        kind_of(Nameless(id="n", subject="s", purpose="p"))
