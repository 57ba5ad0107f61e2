"""The TypeScript feed in Node, against scripted sessions: its events, how it authenticates, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_codegen.typescript import generate_typescript
from assay_codegen.typescript.subprotocols import names_of_pattern
from assay_contracts import load_contract
from websockets.sync.server import ServerConnection, serve

from tests.codegen.typescript_project import compiler, node, type_errors
from tests.sdk.feed_reader import NOTHING, answering, saying
from tests.sdk.scripted import Reply, Script, delta, error, feed_server, heartbeat, http_server, incident, snapshot, state

POLICY = {
    "attempts": 3,
    "firstPause": 5,
    "longestPause": 10,
    "pollEvery": 10,
    "probeFirst": 60_000,
    "probeEvery": 60_000,
    "replayAttempts": 1,
}
PROGRAM = """
import * as api from "./dist/client/index.js";
const [baseUrl, feedUrl, settings, enough, own] = process.argv.slice(2);
const words = [];
const word = (event) => {
  if (event.event === "message") {
    const { type, seq } = event.message;
    return type === "heartbeat" ? type : `${type === "snapshot" ? type : "delta"} ${seq}`;
  }
  if (event.event === "state") return `resync ${event.state.seq}`;
  if (event.event === "connection") return event.connection;
  if (event.event === "nothing-missed") return "nothing missed";
  if (event.event === "replayed") return `replayed ${event.changes.map(({ seq }) => seq).join(" ")}`;
  return `${event.cause} ${event.after}-${event.until}`;
};
const { feed: policy, watched, ...options } = JSON.parse(settings);
let end;
const ended = new Promise((resolve) => { end = resolve; });
if (watched) {
  options.webSocket = (url) => {
    const socket = new WebSocket(url);
    socket.addEventListener("close", end);
    return socket;
  };
}
const client = new api.ReliabilityClient({ baseUrl, feedUrl, retry: { firstPause: 1, backoffAttempts: 1 }, feed: policy, ...options });
const feed = api.follow(client, api.channels.incidentFeed, { tenantId: "tenant-a" });
const output = { words };
try {
  for await (const event of feed) {
    words.push(word(event));
    if (own) await eval(own);
    if (words.length >= Number(enough)) break;
  }
} catch (error) {
  output.error = [error.name, error.code, error.when, api.isClose(api.channels.incidentFeed, error)];
}
output.connection = feed.connection;
output.sequence = feed.sequence;
output.state = [...feed.state.values()].map(({ incidentId, status }) => `${incidentId} ${status}`);
output.dropped = Object.fromEntries(feed.dropped);
console.log(JSON.stringify(output));
"""
BROKEN = saying(snapshot(3, incident(3)), delta(4), close=1012)
START = ["live", "snapshot 3", "delta 4", "reconnecting", "live"]


def written(folder: Path, contract: str) -> None:
    """Write the client of a contract."""
    for name, text in generate_typescript(load_contract(contract)).files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def reliability(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compiled clients of a version whose feed takes the token as a subprotocol, and of one with a channel that is not followed."""
    compiler()
    folder = tmp_path_factory.mktemp("reliability")
    written(folder / "client", "reliability@1.1.0")
    written(folder / "client" / "windowing", "windowing@2.1.0")
    (folder / "program.mjs").write_text(PROGRAM, encoding="utf-8")
    uses = """
import { channels, follow, isClose, ReliabilityClient, type FeedEvent, type types } from "./client/index.js";
const client = new ReliabilityClient({ baseUrl: "http://reliability.test" });
export async function statuses(): Promise<string[]> {
  const found: string[] = [];
  const feed = follow(client, channels.incidentFeed, { tenantId: "tenant-a" });
  try {
    for await (const event of feed) {
      if (event.event === "replayed") found.push(...event.changes.map((change) => change.status));
      if (event.event === "message" && event.message.type === "incident_delta") {
        found.push(...event.message.changes.map((change) => change.status));
      }
    }
  } catch (error) {
    if (isClose(channels.incidentFeed, error) && error.code === 4408) {
      const when: "slow-consumer" = error.when;
      found.push(when);
    }
  }
  const one: types.Incident | undefined = feed.state.get("inc-0001");
  return one === undefined ? found : [...found, one.severity];
}
// @ts-expect-error the contract has no such argument
follow(client, channels.incidentFeed, { tenant: "tenant-a" });
export const event: FeedEvent<typeof channels.incidentFeed> = { event: "nothing-missed", sequence: 3 };
"""
    assert type_errors(folder, uses=uses) == ""
    return folder


def heard(
    folder: Path, script: Script, *sessions: Callable[[ServerConnection], None], enough: int = 1000, own: str = "", **options: Any
) -> tuple[dict[str, Any], list[Any], list[Any]]:
    """What the program wrote, the requests over HTTP, and the headers of each session."""
    settings = json.dumps({"feed": POLICY | options.pop("feed", {}), **options})
    with http_server(script) as server, feed_server(*sessions) as feed:
        command = [node() or "node", str(folder / "program.mjs"), server.url, feed.url, settings, str(enough), own]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), list(server.seen), list(feed.sessions)


def test_a_session_gives_messages_and_keeps_the_state(reliability: Path) -> None:
    """The snapshot, the deltas on top of it, and the end that the contract names."""
    session = saying(snapshot(1, incident(1)), delta(2, incident(1, "resolved"), incident(2)), heartbeat())

    output, _, _ = heard(reliability, NOTHING, session)

    assert output["words"] == ["live", "snapshot 1", "delta 2", "heartbeat"]
    assert output["state"] == ["inc-0001 resolved", "inc-0002 open"]
    assert output["error"] == ["FeedRefusedError", 4403, "tenant-not-allowed", True]
    assert (output["connection"], output["sequence"]) == ("closed", 2)


def test_what_is_no_message_of_the_feed_is_dropped_and_counted(reliability: Path) -> None:
    """Another tenant's, one of another major, one that breaks its schema, one that is not known, and one that came before."""
    frames = [delta(2, tenant="tenant-b"), delta(2).replace("1.0.0", "2.0.0"), delta(2).replace('"seq": 2', '"seq": "2"'), "not json"]
    frames += [json.dumps({"type": "notice"}), delta(2).replace('"incidentId"', '"id"'), delta(1), delta(2)]

    output, _, _ = heard(reliability, NOTHING, saying(snapshot(1), *frames))

    assert output["words"] == ["live", "snapshot 1", "delta 2"]
    expected = {"foreign-tenant": 1, "incompatible-version": 1, "broken-schema": 3, "unknown-type": 1, "repeated": 1}
    assert output["dropped"] == expected


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (state(7, incident(7), changes=range(5, 8)), ["replayed 5 6 7", "resync 7", "delta 8"]),
        (state(8, incident(8), changes=range(1, 9)), ["replayed 5 6 7 8", "resync 8"]),
        (state(7, truncated=True), ["no-longer-kept 4-7", "resync 7", "delta 8"]),
        (state(7), ["changes-not-given 4-7", "resync 7", "delta 8"]),
        (state(7, changes=range(6, 8)), ["changes-incomplete 4-7", "resync 7", "delta 8"]),
        ({"nonsense": True}, ["resync-failed 4-7", "snapshot 7", "delta 8"]),
        (state(3), ["server-behind 4-7", "snapshot 7", "delta 8"]),
        (state(7, changes=range(5, 8), tenant="tenant-b"), ["resync-failed 4-7", "snapshot 7", "delta 8"]),
    ],
)
def test_missed_changes_are_given_or_named_with_their_cause(reliability: Path, answer: Any, words: list[str]) -> None:
    """Before anything after them, none twice."""
    output, requests, _ = heard(reliability, answering(Reply(200, answer)), BROKEN, saying(snapshot(7, incident(7)), delta(8)))

    assert output["words"] == [*START, *words]
    assert requests[0].query == {"tenantId": "tenant-a", "after": "4"}


def test_a_server_that_lags_never_takes_the_state_back(reliability: Path) -> None:
    """Nothing was missed, and its steps repeat what is known."""
    script = answering(Reply(200, state(4, incident(4), changes=range(0))))

    output, _, _ = heard(reliability, script, BROKEN, saying(snapshot(2), delta(3), delta(4), delta(5)))

    assert output["words"] == [*START, "nothing missed", "delta 5"]
    assert output["dropped"] == {"stale": 1, "repeated": 2}


def test_a_numbering_that_began_anew_is_taken_up_when_everything_shows_it(reliability: Path) -> None:
    """Until then the state stays."""
    script = answering(Reply(200, state(1, truncated=True)))
    session = saying(snapshot(1, incident(1)), delta(2), stay=True)

    output, _, _ = heard(reliability, script, BROKEN, session, enough=12, feed={"restartAfter": 0, "attempts": 9})

    assert output["words"][4:] == [
        "live",
        "reconnecting",
        "live",
        "reconnecting",
        "live",
        "numbering-restarted 4-1",
        "snapshot 1",
        "delta 2",
    ]


def test_without_sessions_the_state_is_polled(reliability: Path) -> None:
    """After the attempts of the policy, until the server says that it may not be read."""
    script = answering(Reply(200, state(1)), Reply(200, state(2, changes=range(2, 3))), Reply(401, error("UNAUTHENTICATED", "authz", 401)))

    output, _, sessions = heard(reliability, script, saying(close=1012))

    assert output["words"] == [
        "live",
        "reconnecting",
        *["live", "reconnecting"] * 2,
        "live",
        "polling",
        "resync 1",
        "replayed 2",
        "resync 2",
    ]
    assert output["error"][0] == "Unauthenticated"
    assert len(sessions) == 4


def test_silence_counts_as_a_drop(reliability: Path) -> None:
    """So many heartbeats long."""
    output, _, _ = heard(reliability, NOTHING, saying(snapshot(1), stay=True), saying(snapshot(1)), feed={"patience": 0.01})

    assert output["words"] == ["live", "snapshot 1", "reconnecting", "live", "nothing missed", "snapshot 1"]


def test_a_reader_that_is_too_slow_misses_nothing(reliability: Path) -> None:
    """What does not fit into the buffer is asked for later."""
    first = saying(snapshot(1), *(delta(number) for number in range(2, 40)), stay=True)
    script = answering(Reply(200, state(39, changes=range(2, 40))), Reply(200, state(39, changes=range(7, 40))))
    own = "words.length === 2 ? ended : undefined"

    output, requests, _ = heard(reliability, script, first, saying(snapshot(39)), own=own, watched=True, feed={"buffer": 5})

    reached = int(requests[0].query["after"])
    assert reached < 39
    words = ["live", "snapshot 1", *(f"delta {number}" for number in range(2, reached + 1)), "reconnecting", "live"]
    assert output["words"] == [*words, f"replayed {' '.join(str(number) for number in range(reached + 1, 40))}", "resync 39"]


def test_a_feed_that_is_left_ends_its_session(reliability: Path) -> None:
    """And a process that reads none of it any more can end."""
    output, _, _ = heard(reliability, NOTHING, saying(snapshot(1), stay=True), enough=2)

    assert (output["words"], output["connection"]) == (["live", "snapshot 1"], "closed")


def test_closing_wakes_the_reader(reliability: Path) -> None:
    """Also one that waits for the next message."""
    output, _, _ = heard(reliability, NOTHING, saying(snapshot(1), stay=True), own="void setTimeout(() => feed.close(), 50)")

    assert output["words"] == ["live", "snapshot 1"]
    assert "error" not in output


def program(folder: Path, text: str, script: Script, *sessions: Callable[[ServerConnection], None]) -> tuple[Any, list[Any]]:
    """What a program of its own wrote, and the headers of each session."""
    (folder / "own.mjs").write_text("const [baseUrl, feedUrl] = process.argv.slice(2);\n" + text, encoding="utf-8")
    with http_server(script) as server, feed_server(*sessions) as feed:
        command = [node() or "node", str(folder / "own.mjs"), server.url, feed.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), list(feed.sessions)


def authenticated(folder: Path, token: str) -> tuple[list[str], list[str]]:
    """The subprotocols that a server was offered, and what a session with it gave."""
    offered: list[str] = []

    def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        offered.extend(connection.request.headers["Sec-WebSocket-Protocol"].split(", "))
        saying(snapshot(1))(connection)

    server = serve(handle, "127.0.0.1", 0, subprotocols=["incidentFeed.v1"], compression=None)  # type: ignore[list-item]
    with http_server(NOTHING) as http, server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        command = [node() or "node", str(folder / "program.mjs"), http.url, url, json.dumps({"feed": POLICY, "token": token}), "1000", ""]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        server.shutdown()
        thread.join()
    assert done.returncode == 0, done.stderr
    return offered, json.loads(done.stdout)["words"]


def test_the_token_goes_into_a_subprotocol(reliability: Path) -> None:
    """In base64url, since subprotocols have no `/`, `+` and `=`; the server selects the other one."""
    token = "??>>~~ab.c/d=="

    offered, words = authenticated(reliability, token)

    assert offered == ["incidentFeed.v1", "bearer." + urlsafe_b64encode(token.encode()).decode().rstrip("=")]
    assert words == ["live", "snapshot 1"]


def test_a_store_has_one_snapshot_until_something_changes(reliability: Path) -> None:
    """And is open while somebody is subscribed."""
    text = """
import * as api from "./dist/client/index.js";
const client = new api.ReliabilityClient({ baseUrl, feedUrl });
const store = api.feedStore(() => api.follow(client, api.channels.incidentFeed, { tenantId: "tenant-a" }));
const before = store.getSnapshot();
let changes = 0;
await new Promise((resolve) => {
  const end = store.subscribe(() => {
    changes += 1;
    if (store.getSnapshot().sequence === 2) { end(); end(); resolve(); }
  });
});
const after = store.getSnapshot();
const known = [before.connection, before.sequence ?? null, changes > 1, after === store.getSnapshot(), after.connection];
console.log(JSON.stringify([...known, [...after.entities.keys()]]));
"""
    session = saying(snapshot(1, incident(1)), delta(2, incident(2)), stay=True)

    output, _ = program(reliability, text, NOTHING, session)

    assert output == ["closed", None, True, True, "closed", ["inc-0001", "inc-0002"]]


def test_a_channel_that_is_not_followed_gives_its_messages(reliability: Path) -> None:
    """What fits none of them is given as it came, and a session that ends as the contract says ends the loop."""
    text = """
import * as api from "./dist/client/windowing/index.js";
const client = new api.WindowingClient({ baseUrl, feedUrl, webSocket: (url) => new WebSocket(url) });
const { subprotocols, ...channel } = api.channels.jobProgress;
const job = await api.connect(client, channel, { jobId: "job 7" });
const found = [];
for await (const message of job) found.push(message instanceof api.UnknownMessage ? [message.payload, message.problem] : message.type);
console.log(JSON.stringify([subprotocols, found]));
"""
    progress = {
        "type": "job_progress",
        "schemaVersion": "2.1.0",
        "jobId": "job-0007",
        "status": "running",
        "progressPercent": 4,
        "phase": "new",
    }
    frames = [json.dumps(progress), json.dumps({"type": "other"}), heartbeat()]

    output, _ = program(reliability, text, NOTHING, saying(*frames, close=1000))

    assert output == [
        ["jobProgress.v1", "bearer.{token}"],
        ["job_progress", [{"type": "other"}, "it does not fit at /"], "heartbeat"],
    ]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        (r"^incidentFeed\.v1, ?bearer\.[A-Za-z0-9_-]+$", ("incidentFeed.v1", "bearer.{token}")),
        (r"^access_token,\s*[A-Za-z0-9_.-]{1,900}$", ("access_token", "{token}")),
        ("^graphql-transport-ws$", ("graphql-transport-ws",)),
        ("^(mqtt|stomp)$", None),
        ("^chat[0-9]+,v[0-9]+$", None),
        (".*", None),
    ],
)
def test_subprotocols_are_read_from_a_pattern(pattern: str, names: tuple[str, ...] | None) -> None:
    """Where it says exactly which."""
    assert names_of_pattern(pattern) == names


def test_a_broken_message_of_a_known_kind_is_no_unknown_one(tmp_path: Path) -> None:
    """The schema of unknown kinds leaves the known ones out."""
    kinds = {kind: {"type": "object", "required": ["kind", "text"], "properties": {"kind": {"const": kind}}} for kind in ("note", "bell")}
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Rooms", "version": "1.0.0"},
        "channels": {
            "schemas": {
                "address": "/rooms",
                "messages": {"said": {"payload": {"oneOf": [{"$ref": f"#/components/schemas/{kind}"} for kind in kinds]}}},
            }
        },
        "operations": {"out": {"action": "send", "channel": {"$ref": "#/channels/schemas"}}},
        "components": {"schemas": kinds},
    }
    source = tmp_path / "rooms.json"
    source.write_text(json.dumps(document), encoding="utf-8")

    module = generate_typescript(load_contract(source)).files["channels.ts"]

    assert "export const schemas2: Channel<" in module
    assert '"not": {"properties": {"kind": {"enum": ["bell", "note"]}}}' in module


@pytest.mark.slow
def test_no_change_is_lost_given_twice_or_taken_back() -> None:
    """Under faults of every kind, and the state is the server's in the end."""
    harness = Path(__file__).parents[2] / "benchmarks" / "typescript_feed_faults.py"
    found = subprocess.run([sys.executable, str(harness), "--runs", "1", "--faults", "100"], capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout + found.stderr
    assert [json.loads(line)["faults"] for line in found.stdout.splitlines()] == [100]
