"""Feeds: messages, their members and the codes that sessions are closed with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .conftest import Said
from .scripted import CHAT, Shop, chatting, running

Drift = Callable[..., Said]
HELLO: dict[str, Any] = {"kind": "hello", "n": 0, "people": [{"nick": "ada", "mood": "calm", "since": "2026-11-01T09:30:00Z"}]}


def listen(drift: Drift, *messages: Any, close: int | None = None) -> Said:
    """Listen to a room that says these."""
    with chatting(*messages, close=close) as address:
        return drift(
            "server", address, "--contract", CHAT, "--parameter", "room=blue", "--parameter", "as=ada", "--listen", "0.3", "--quiet",
            "--format", "json",
        )  # fmt: skip


def test_a_room_that_keeps_its_contract_has_nothing_undocumented(drift: Drift) -> None:
    """What it did not say is a note."""
    outcome = listen(drift, HELLO)

    assert (outcome.code, outcome.found("undocumented"), outcome.json["seen"]["messages"]) == (0, set(), 1)
    assert {("message", "room", "", "moves"), ("message", "room", "", "beat"), ("close", "room", "", "4400")} <= outcome.found("never seen")
    assert ("message", "room", "", "say") not in outcome.found("never seen")


def test_what_no_contract_has_is_told_apart(drift: Drift) -> None:
    """A member of a message, a message, and a close code."""
    wrong = {**HELLO, "n": "none", "people": [{**HELLO["people"][0], "age": 36}]}
    outcome = listen(drift, wrong, {"kind": "party"}, "no json", close=4999)

    assert outcome.code == 1
    assert outcome.found("undocumented") == {
        ("member", "room", "hello", "/people/*/age"),
        ("message", "room", "", "party"),
        ("message", "room", "", "(no JSON)"),
        ("close", "room", "", "4999"),
    }
    assert outcome.found("contradicting") == {("value", "room", "hello", "/n")}


def test_a_server_without_the_feed_is_not_judged(drift: Drift) -> None:
    """Where no session opens and nothing else can be asked, there is nothing to say."""
    with running(Shop()) as address:
        outcome = drift("server", address, "--contract", CHAT, "--quiet")

    assert (outcome.code, "a session of a feed" in outcome.err) == (3, True)
