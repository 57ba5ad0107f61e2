"""The TypeScript feed of a server whose numbering begins anew, and says so."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_codegen.typescript import generate_typescript
from websockets.sync.server import ServerConnection

from tests.codegen.typescript_project import compiler, node, type_errors
from tests.sdk.feed_reader import NOTHING, answering, saying
from tests.sdk.pond_feed import beat, change, frogs, over_http, pond
from tests.sdk.scripted import Reply, feed_server, http_server

PROGRAM = """
import * as api from "./dist/client/index.js";
const [baseUrl, feedUrl, after, epoch] = process.argv.slice(2);
const policy = { attempts: 3, firstPause: 5, longestPause: 10, pollEvery: 10, probeFirst: 60000, probeEvery: 60000, replayAttempts: 1 };
const client = new api.PondClient({ baseUrl, feedUrl, retry: { firstPause: 1, backoffAttempts: 1 }, feed: policy });
const feed = api.follow(client, api.channels.frogs, {});
if (after !== undefined) feed.startAfter(Number(after), epoch);
const words = [];
const word = (event) => {
  if (event.event === "message") return event.message.kind === "beat" ? "beat" : `${event.message.kind} ${event.message.seq}`;
  if (event.event === "state") return `resync ${event.state.seq}`;
  if (event.event === "connection") return event.connection;
  if (event.event === "nothing-missed") return "nothing missed";
  if (event.event === "replayed") return `replayed ${event.changes.map(({ seq }) => seq).join(" ")}`;
  return `${event.cause} ${event.after}-${event.until}`;
};
try {
  for await (const event of feed) words.push(word(event));
} catch (error) {
  if (error.name !== "FeedRefusedError") throw error;
}
console.log(JSON.stringify({ words, epoch: feed.epoch, state: [...feed.state.keys()] }));
"""
BROKEN = saying(frogs(3, "x"), change(4, "x"), close=1012)
START = ["live", "all 3", "change 4", "reconnecting", "live"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compiled client."""
    compiler()
    found = tmp_path_factory.mktemp("epochs")
    for name, text in generate_typescript(pond({"type": "string"})).files.items():
        (found / "client" / name).parent.mkdir(parents=True, exist_ok=True)
        (found / "client" / name).write_text(text, encoding="utf-8")
    (found / "program.mjs").write_text(PROGRAM, encoding="utf-8")
    assert type_errors(found) == ""
    return found


def heard(folder: Path, *sessions: Callable[[ServerConnection], None], answers: tuple[Any, ...] = (), after: tuple[str, ...] = ()) -> Any:
    """What the program wrote."""
    script = answering(*(Reply(200, answer) for answer in answers)) if answers else NOTHING
    with http_server(script) as server, feed_server(*sessions) as feed:
        command = [node() or "node", str(folder / "program.mjs"), server.url, feed.url, *after]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("seq", [1, 4, 9])
def test_another_epoch_is_taken_up_at_once(folder: Path, seq: int) -> None:
    """Whatever its number is."""
    output = heard(folder, BROKEN, saying(frogs(seq, "y"), change(seq + 1, "y")))

    assert output["words"] == [*START, f"epoch-changed 4-{seq}", f"all {seq}", f"change {seq + 1}"]
    assert output["epoch"] == "y"
    assert sorted(output["state"]) == sorted([f"y{seq}", f"y{seq + 1}"])


def test_messages_of_another_epoch_in_a_session(folder: Path) -> None:
    """The state is asked for, and stands in for them."""
    step = heard(folder, saying(frogs(3, "x"), change(4, "y"), change(5, "y")), answers=(over_http(4, "y", range(4, 5)),))
    sign = heard(folder, saying(frogs(3, "x"), beat("y")), answers=(over_http(0, "y"),))

    assert step["words"] == ["live", "all 3", "epoch-changed 3-4", "resync 4", "change 5"]
    assert sign["words"] == ["live", "all 3", "epoch-changed 3-0", "resync 0", "beat"]


def test_an_epoch_that_was_left_is_old(folder: Path) -> None:
    """A copy that has not heard of the new one yet takes nothing back."""
    gap = saying(frogs(1, "y"), change(3, "y"), close=1012)
    output = heard(folder, BROKEN, gap, saying(frogs(3, "y")), answers=(over_http(9, "x"), over_http(3, "y", range(2, 4))))

    assert output["words"] == [*START, "epoch-changed 4-1", "all 1", "reconnecting", "live", "replayed 2 3", "resync 3"]


def test_a_feed_goes_on_in_the_epoch_that_another_page_left(folder: Path) -> None:
    """Without it a lower number would mean the same."""
    answers = (over_http(6, "x", range(5, 7)),)

    assert heard(folder, saying(frogs(6, "x")), answers=answers, after=("4", "x"))["words"] == ["live", "replayed 5 6", "resync 6"]
    assert heard(folder, saying(frogs(6, "x")), answers=answers, after=("4", "w"))["words"] == ["live", "epoch-changed 4-6", "all 6"]
