"""The worked examples of windowing, asked over HTTP of a server that took in their signed events."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import Serving, start, stop

FOLDER = Path(__file__).parents[2] / "golden"
MATERIAL: dict[str, Any] = json.loads((FOLDER / "windowing-events.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = yaml.load((FOLDER / "windowing.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
KEYS: dict[str, str] = MATERIAL["keys"]
NAMES = {key: name for name, key in KEYS.items()} | {event["id"]: name for name, event in MATERIAL["events"].items()}
T0, DAY = 1_793_491_200, 86_400
CARDS = ("posts", "replies", "reposts", "reactions", "zaps", "zapSats", "uniqueEngagers")


@pytest.fixture(scope="module")
def golden(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server with the events of the examples, which it takes in for 180 days."""
    if not T0 + 9 * DAY < time.time() < T0 + 179 * DAY:
        pytest.skip("the events of the examples are too old, or in the future")
    running = start(tmp_path_factory.mktemp("golden"), "--dsn", new_database(), "--contract", "windowing@2.0.0")
    headers = {"authorization": f"Bearer {running.token('primary')}", "idempotency-key": "batch-of-examples"}
    outcome = running.client.post("/api/v2/analytics/events", json={"events": list(MATERIAL["events"].values())}, headers=headers).json()
    assert (outcome["accepted"], outcome["rejections"]) == (len(MATERIAL["events"]), [])
    yield running
    assert stop(running) == 0


def cases(ask: str) -> list[Any]:
    """The examples of one question."""
    return [pytest.param(case["given"], case["expected"], id=case["id"]) for case in CASES if case["ask"] == ask]


def window(given: dict[str, Any]) -> dict[str, int]:
    """The window of an example."""
    return {"startTs": T0 + given["start"], "endTs": T0 + given["end"]}


def summary(golden: Serving, given: dict[str, Any]) -> Any:
    """The numbers of an example's window."""
    return golden.get(f"/api/v2/analytics/user/{KEYS[given['target']]}/summary", window(given)).json()["data"]


@pytest.mark.parametrize(("given", "expected"), cases("cards"))
def test_cards(golden: Serving, given: dict[str, Any], expected: Any) -> None:
    """In the order of the examples."""
    cards = summary(golden, given)["cards"]

    assert [cards[name] for name in CARDS] == expected


@pytest.mark.parametrize(("given", "expected"), cases("engagements"))
def test_engagements(golden: Serving, given: dict[str, Any], expected: Any) -> None:
    """And who they are of."""
    cards = summary(golden, given)["cards"]

    assert {name: cards[name] for name in expected} == expected


@pytest.mark.parametrize(("given", "expected"), cases("timeline_step"))
def test_a_step_of_a_timeline(golden: Serving, given: dict[str, Any], expected: Any) -> None:
    """By its place."""
    cards = summary(golden, given)["timeline"][given["step"]]["cards"]

    assert [cards[name] for name in CARDS] == expected


@pytest.mark.parametrize(("given", "expected"), cases("timeline_starts"))
def test_the_starts_of_a_timeline(golden: Serving, given: dict[str, Any], expected: Any) -> None:
    """Aligned to UTC."""
    assert [step["bucketStart"] - T0 for step in summary(golden, given)["timeline"]] == expected


@pytest.mark.parametrize(("given", "expected"), cases("drill_down"))
def test_entries(golden: Serving, given: dict[str, Any], expected: Any) -> None:
    """In their order."""
    place = f"/api/v2/analytics/user/{KEYS[given['target']]}/drilldown/{given['metric']}"
    items = golden.get(place, {**window(given), "sort": given.get("sort", "value:desc"), "pageSize": 200}).json()["items"]

    assert [[NAMES.get(item["key"], item["key"]), item["value"], item["count"]] for item in items] == expected
