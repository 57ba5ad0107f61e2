"""A real Chromium, spoken to over its DevTools protocol; without one installed the tests here are skipped."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_PATIENCE = 30.0


@dataclass
class Browser:
    """One tab of a browser without a window."""

    connection: ClientConnection
    session: str = ""
    sent: int = 0
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask for something and wait for its answer; what happens meanwhile is kept."""
        self.sent += 1
        command: dict[str, Any] = {"id": self.sent, "method": method, "params": params}
        if self.session:
            command["sessionId"] = self.session
        self.connection.send(json.dumps(command))
        while True:
            event = json.loads(self.connection.recv(_PATIENCE))
            if event.get("id") == self.sent:
                assert "error" not in event, f"{method}: {event['error']}"
                result: dict[str, Any] = event["result"]
                return result
            self.events.append(event)

    def show(
        self, page: Path, *, width: int = 1280, height: int = 900, scheme: str = "light", place: str = "", scripts: bool = True
    ) -> list[dict[str, Any]]:
        """Open a page; everything the browser told until it was loaded."""
        self.events.clear()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=page.resolve().as_uri() + place)
        while not self._loaded(page.resolve().as_uri()):
            self.events.append(json.loads(self.connection.recv(_PATIENCE)))
        if scripts:
            self.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))")
        return self.events

    def run(self, script: str) -> Any:
        """The value of an expression on the page."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release one key."""
        for kind in ("keyDown", "keyUp"):
            text = {"text": key} if kind == "keyDown" and len(key) == 1 else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode={"Tab": 9, "Escape": 27}.get(key, 0), **text)

    def type(self, text: str) -> None:
        """Write into what has the focus."""
        self.call("Input.insertText", text=text)

    def _loaded(self, address: str) -> bool:
        """Whether the page of that address came, and was loaded after it came."""
        frames = [(event.get("method"), event.get("params", {}).get("frame", {}).get("url")) for event in self.events]
        came = ("Page.frameNavigated", address)
        return came in frames and ("Page.loadEventFired", None) in frames[frames.index(came) :]


@pytest.fixture(scope="session")
def open_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Browser]]:
    """Starts the browser once and hands out the same tab."""
    program = next((found for found in map(shutil.which, _NAMES) if found), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(_NAMES)} is installed")
    profile = tmp_path_factory.mktemp("profile")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-port=0"]
    process = subprocess.Popen(
        [program, *flags, f"--user-data-dir={profile}", "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        address = next((line.split(" on ")[1].strip() for line in process.stderr if "DevTools listening on" in line), "")
        if not address:
            pytest.skip(f"no browser: {program} did not start")
        with connect(address, max_size=None, proxy=None) as connection:
            browser = Browser(connection)
            target = browser.call("Target.createTarget", url="about:blank")["targetId"]
            browser.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Network", "Log"):
                browser.call(f"{domain}.enable")
            yield lambda: browser
    finally:
        process.terminate()
        process.wait(_PATIENCE)
        process.stderr.close()


@pytest.fixture
def browser(open_browser: Callable[[], Browser]) -> Browser:
    """The tab."""
    return open_browser()
