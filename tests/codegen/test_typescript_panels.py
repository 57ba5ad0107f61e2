"""Panels in TypeScript: every fault in every state of a panel against the table of cascades, and what a page is given."""

from __future__ import annotations

import json
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.codegen.test_typescript_feed import written
from tests.codegen.typescript_project import compiler, node, type_errors
from tests.sdk.scripted import Reply, Script, Seen, error, funnel, http_server

CASCADES: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "sdk" / "panel_cascades.yaml").read_text(encoding="utf-8")
)
LOADS = ("loaded", "stale", "partial")
# All paths of this length: the states of a panel are without data, with data, and up to three corrupt payloads in a row.
STEPS = 4
USES = """
import { operations, panel, Panels, ReliabilityClient, type PanelResult, type types } from "./client/index.js";
const client = new ReliabilityClient({ baseUrl: "http://reliability.test" });
const funnel = panel(operations.getFunnelMetrics, { tenantId: "tenant-a", from: "2026-01-01T00:00:00Z", to: "2026-01-08T00:00:00Z" }, {
  window: ["from", "to"],
  stale: (found) => found.meta.stale,
});
const failures = panel(operations.listFailures, { tenantId: "tenant-a" });
export async function show(): Promise<types.FunnelMetrics | undefined> {
  const found = await new Panels(client).gather({ funnel, failures });
  const result: PanelResult<types.FunnelMetrics> = found.funnel;
  return result.state === "fresh" ? result.value : undefined;
}
// @ts-expect-error the operation has no such argument
panel(operations.getFunnelMetrics, { tenantId: "tenant-a", from: "x", to: "y" }, { window: ["since", "to"] });
"""
START = """
import * as api from "./dist/client/index.js";
const [baseUrl] = process.argv.slice(2);
const client = new api.ReliabilityClient({ baseUrl, retry: api.NO_RETRY });
const window = { tenantId: "tenant-a", from: "2026-01-01T00:00:00Z", to: "2026-01-09T00:00:00Z" };
const one = api.panel(api.operations.getFunnelMetrics, window, { window: ["from", "to"] });
const offers = (result) => ["retry", "narrower", "off"].filter((name) => result[name] === true);
const seen = (result) => [result.state, result.shows ?? "", ...offers(result)];
"""


@pytest.fixture(scope="module")
def reliability(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compiled client."""
    compiler()
    folder = tmp_path_factory.mktemp("panels")
    written(folder / "client", "reliability@1.1.0")
    assert type_errors(folder, uses=USES) == ""
    return folder


def output(folder: Path, text: str, script: Script = lambda seen: Reply(200, funnel())) -> tuple[Any, list[Seen]]:
    """What a program wrote, and the requests that it sent."""
    (folder / "own.mjs").write_text(START + text, encoding="utf-8")
    with http_server(script) as server:
        command = [node() or "node", str(folder / "own.mjs"), server.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), list(server.seen)


def expected(path: tuple[str, ...]) -> list[Any]:
    """What a panel shows after a path, by the table: its kind, the number of the attempt that its data are of, and its controls."""
    value, corrupt, kind, offers = None, 0, "failed", ["retry"]
    for count, outcome in enumerate(path):
        if corrupt == 3:
            break
        row = CASCADES[outcome]
        kind = row["without" if value is None else "with"]
        value = count if outcome in LOADS else value if kind == "stale" else None
        corrupt = corrupt + 1 if outcome == "corrupt" else 0
        offers = [] if corrupt == 3 else row.get("offers", [])
    return [kind, value, offers]


def test_every_fault_in_every_state_shows_what_the_table_says(reliability: Path) -> None:
    """All paths of a few attempts."""
    text = f"""
const [outcomes, loads] = {json.dumps([sorted(CASCADES), LOADS])};
const found = [];
const walk = (state, depth) => {{
  for (const outcome of outcomes) {{
    const next = api.advance(state, outcome, {{ data: loads.includes(outcome) ? [depth] : [], now: new Date() }});
    const result = api.resultOf(next);
    const controls = offers(result).filter((name) => name !== "off");
    const words = result.state === "fresh" || result.shows !== "";
    if (depth + 1 === {STEPS}) found.push([result.state, result.value ?? null, controls, words]);
    else walk(next, depth + 1);
  }}
}};
walk(api.UNLOADED, 0);
console.log(JSON.stringify(found));
"""

    found, _ = output(reliability, text)

    assert found == [[*expected(path), True] for path in product(sorted(CASCADES), repeat=STEPS)]


def test_one_panel_that_fails_leaves_the_others_alone(reliability: Path) -> None:
    """And panels that want the same share one request."""
    text = """
const failures = api.panel(api.operations.listFailures, { tenantId: "tenant-a" });
const panels = new api.Panels(client, { shows: { authz: "Ask your admin." } });
const found = await panels.gather({ one, same: { ...one }, failures });
console.log(JSON.stringify(Object.values(found).map(seen)));
"""

    def respond(seen: Seen) -> Reply:
        return Reply(200, funnel()) if "funnel" in seen.path else Reply(403, error("FORBIDDEN_SCOPE", "authz", 403))

    found, requests = output(reliability, text, respond)

    assert found == [["fresh", ""], ["fresh", ""], ["failed", "Ask your admin."]]
    assert len(requests) == 2


def test_old_data_are_shown_while_new_ones_come(reliability: Path) -> None:
    """And these to the next reader, without another request; a response that may be older than a message of a feed is not kept."""
    text = """
let resolve;
let calls = 0;
const body = async () => (await (await fetch(`${baseUrl}/v1/analytics/funnel-metrics`)).text());
const text = await body();
const response = () => new Response(text, { headers: { "content-type": "application/json", "cache-control": "max-age=60" } });
const late = { ...client.options, fetch: async () => {
  calls += 1;
  if (calls === 2) await new Promise((done) => { resolve = done; });
  return response();
} };
const panels = new api.Panels(new api.ReliabilityClient(late), { policy: { patience: 20 } });
const words = [];
words.push(seen(await panels.load(one))[0], seen(await panels.load(one))[0], calls);
panels.invalidate(one);
words.push(seen(await panels.load(one)), calls);
panels.invalidate(one);
const third = panels.load(one);
resolve();
words.push(seen(await third)[0], calls, seen(await panels.load(one))[0], calls, seen(await panels.load(one))[0], calls);
panels.patch(one, (value) => ({ ...value, patched: true }));
words.push(panels.current(one).value.patched);
console.log(JSON.stringify(words));
"""

    found, _ = output(reliability, text)

    slow = ["stale", "Data is delayed.", "retry", "narrower"]
    assert found == ["fresh", "fresh", 1, slow, 2, "fresh", 2, "fresh", 3, "fresh", 3, True]


def test_attempts_are_bounded_until_a_person_asks(reliability: Path) -> None:
    """And a panel whose payloads cannot be read stays off until it is switched on."""
    text = """
const failures = api.panel(api.operations.listFailures, { tenantId: "tenant-a" });
const panels = new api.Panels(client);
for (let count = 0; count < 5; count += 1) await panels.gather({ one, failures });
const words = [seen(await panels.retry(one)), seen(await panels.retry(failures))];
panels.switchOn(failures);
words.push(seen(await panels.load(failures)));
console.log(JSON.stringify(words));
"""

    def respond(seen: Seen) -> Reply:
        return Reply(429, error("RATE_LIMITED", "transient", 429)) if "funnel" in seen.path else Reply(200, b"no JSON")

    found, requests = output(reliability, text, respond)

    assert found[0] == ["failed", "This part is busy. Try again.", "retry"]
    assert found[1:] == [["failed", "No data to show.", "off"], ["failed", "No data to show.", "retry"]]
    assert ["funnel" in seen.path for seen in requests].count(True) == 4
    assert len(requests) == 8


def test_polling_ends_with_its_signal(reliability: Path) -> None:
    """And a narrower window keeps the filters."""
    text = """
const stop = new AbortController();
const times = [];
await new api.Panels(client).poll({ one }, { every: 5, jitter: 2, signal: stop.signal }, ({ one: found }) => {
  times.push(found.state);
  if (times.length === 3) stop.abort();
});
const { args } = api.narrower(one);
console.log(JSON.stringify([times, args, api.narrower({ ...one, window: undefined }).args.from]));
"""

    found, requests = output(reliability, text)

    narrow = {"tenantId": "tenant-a", "from": "2026-01-05T00:00:00.000Z", "to": "2026-01-09T00:00:00Z"}
    assert found == [["fresh"] * 3, narrow, "2026-01-01T00:00:00Z"]
    assert len(requests) == 3
