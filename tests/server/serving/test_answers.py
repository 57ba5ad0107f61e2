"""What a right request is told."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from assay_contracts import Contract


def items(answer: Any) -> list[str]:
    """The identities of a page."""
    return [item["eventId"] for item in answer.json()["items"]]


def test_answers_fit_the_contract(serving: Any, contract: Contract) -> None:
    """Each operation's success body fits its schema."""
    answers = {
        "getFunnelMetrics": serving.funnel(groupBy="hour"),
        "listFailures": serving.failures(),
        "getRealtimeSnapshot": serving.snapshot(after=0),
    }

    for id, answer in answers.items():
        schema = contract.operation(id).responses["200"].content["application/json"]
        assert answer.status_code == 200
        assert list(jsonschema_rs.iter_errors(dict(schema), answer.json(), validate_formats=True)) == []


@pytest.mark.parametrize("written", ['"x", {tag}', "{tag}", "*", '{tag}, "y"'])
def test_the_current_tag_is_answered_304(serving: Any, written: str) -> None:
    """A list, a strong spelling of a weak tag and `*` all match; the answer has no body and the same headers."""
    first = serving.funnel()
    again = serving.get(
        "/v1/analytics/funnel-metrics",
        {"tenantId": "tenant-a", **serving.target["fixtures"]["window"]},
        if_none_match=written.format(tag=first.headers["etag"].removeprefix("W/")),
    )

    assert (again.status_code, again.content) == (304, b"")
    assert [again.headers[name] for name in ("etag", "cache-control")] == [first.headers[name] for name in ("etag", "cache-control")]


def test_different_answers_have_different_tags(serving: Any) -> None:
    """By window, step and filter."""
    answers = [
        serving.funnel(),
        serving.funnel(groupBy="day"),
        serving.funnel(groupBy="hour"),
        serving.funnel(**{"filter[channel]": "web"}),
    ]

    assert len({answer.headers["etag"] for answer in answers}) == len(answers)


def test_a_late_fact_is_counted_at_once(serving: Any) -> None:
    """An answer that is cached does not hide it, and the tag changes with it."""
    before = serving.funnel()
    added = serving.act("facts", "tenant-a", 7)
    after = serving.funnel()

    counted = [sum(answer.json()["metrics"][name] for name in ("starts", "submissions")) for answer in (before, after)]
    assert counted[1] - counted[0] == added == 7
    assert before.headers["etag"] != after.headers["etag"]


def test_a_walk_gives_every_failure_once_while_failures_are_added(serving: Any) -> None:
    """What was there at the start comes exactly once."""
    there = walk(serving, pageSize=200)
    seen = items(page := serving.failures(pageSize=100))
    while cursor := page.json()["page"]["cursor"]:
        serving.act("items", "tenant-a", 3)
        seen += items(page := serving.failures(pageSize=100, cursor=cursor))

    assert len(seen) == len(set(seen))
    assert set(there) <= set(seen)


def walk(serving: Any, **query: Any) -> list[str]:
    """Every identity of a list."""
    seen = items(page := serving.failures(**query))
    while cursor := page.json()["page"]["cursor"]:
        seen += items(page := serving.failures(cursor=cursor, **query))
    return seen


def test_the_same_cursor_gives_the_same_page(serving: Any) -> None:
    """To the last byte, the next cursor included."""
    cursor = serving.failures(pageSize=3).json()["page"]["cursor"]

    assert serving.failures(pageSize=3, cursor=cursor).content == serving.failures(pageSize=3, cursor=cursor).content


def test_a_cursor_that_was_not_issued_for_this_is_refused(serving: Any) -> None:
    """Of another tenant, sort or filter; changed in any character; cut short."""
    cursor = serving.failures(pageSize=3).json()["page"]["cursor"]
    changed = [cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :] for place in range(len(cursor))]
    answers = [
        serving.failures(cursor=cursor, sort="eventTime:asc"),
        serving.failures(cursor=cursor, **{"filter[errorClass]": "timeout"}),
        serving.failures(cursor=cursor, tenant="tenant-b", credential="other"),
        *(serving.failures(cursor=text) for text in (*changed, cursor[:-1], f"{cursor}A")),
    ]

    assert {answer.json().get("error", {}).get("code") for answer in answers} == {"INVALID_CURSOR"}
    assert serving.failures(cursor=cursor, sort="eventTime:desc", pageSize=7).status_code == 200


def test_tenants_see_their_own(serving: Any) -> None:
    """Nothing of one tenant is in an answer to another; the empty one gets one empty last page."""
    own, others = walk(serving, pageSize=200), walk(serving, pageSize=200, tenant="tenant-b", credential="other")
    empty = serving.failures(tenant="tenant-empty", credential="empty").json()

    assert own
    assert others
    assert not set(own) & set(others)
    assert (empty["items"], empty["page"]) == ([], {"cursor": None, "hasMore": False, "pageSize": 50})


def test_changes_join_two_snapshots(serving: Any) -> None:
    """What changed after the earlier one is in the answer, and what lies beyond is said to be gone."""
    before = serving.snapshot().json()
    serving.act("changes", "tenant-a", 4)
    after = serving.snapshot(after=before["seq"]).json()

    state = {incident["incidentId"]: incident for incident in before["incidents"]}
    for change in after["changes"]:
        state[change["incidentId"]] = {name: value for name, value in change.items() if name != "seq"}
    assert after["seq"] == before["seq"] + 4
    assert state == {incident["incidentId"]: incident for incident in after["incidents"]}
    assert serving.snapshot(after=after["seq"]).json()["changes"] == []
    assert serving.snapshot(after=after["seq"] + 1).json()["changesTruncated"] is True


def test_a_window_at_the_end_of_time_is_a_window(serving: Any) -> None:
    """The longest span of the calendar's last days is answered, with nothing in it."""
    query = {"tenantId": "tenant-a", "from": "9999-12-31T22:30:00Z", "to": "9999-12-31T23:59:59.999999Z", "groupBy": "hour"}
    answer = serving.get("/v1/analytics/funnel-metrics", query)

    assert (answer.status_code, len(answer.json()["series"])) == (200, 2)
