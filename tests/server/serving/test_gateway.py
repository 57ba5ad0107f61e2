"""Traffic through the gateway's own configuration: nginx with TLS before two servers of one database."""

from __future__ import annotations

import contextlib
import getpass
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import orjson
import pytest
from assay_contracts import Contract
from websockets.sync.client import connect

GATEWAY = Path(__file__).parents[3] / "reference_server/deploy/nginx/nginx.conf"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")]


@dataclass(frozen=True)
class Gateway:
    """The gateway and the servers behind it."""

    port: int
    servers: tuple[Any, Any]
    client: httpx.Client

    def funnel(self, credential: str = "primary", **more: Any) -> httpx.Response:
        """Ask for the settled window of the primary tenant."""
        first = self.servers[0]
        return self.client.get(
            "/v1/analytics/funnel-metrics",
            params={"tenantId": "tenant-a", **first.target["fixtures"]["window"], **more},
            headers={"authorization": f"Bearer {first.token(credential)}"},
        )


def free_port() -> int:
    """A port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture
def gateway(launch: Any, dsn: str, tmp_path: Path) -> Iterator[Gateway]:
    """Two servers that take each other's tokens, and nginx before them."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"a secret that both servers share")
    shared = ("--dsn", dsn, "--token-key", str(secret))
    first = launch(*shared, "--sample", "small")
    second = launch(*shared)
    key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "tls.key", "-out", "tls.crt"]
    subprocess.run(key, cwd=tmp_path, capture_output=True, check=True)
    port, plain = free_port(), free_port()
    text = GATEWAY.read_text("utf-8").replace("/etc/nginx/tls", str(tmp_path)).replace("/var/cache/nginx", str(tmp_path))
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl").replace("listen 80", f"listen 127.0.0.1:{plain}")
    for number, server in enumerate((first, second), start=1):
        text = text.replace(f"server-{number}:8000", f"127.0.0.1:{server.client.base_url.port}")
    folders = "".join(f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    text = re.sub(r"http \{", f"http {{ access_log off; {folders}", text, count=1)
    (tmp_path / "nginx.conf").write_text(text, "utf-8")
    command = [
        "nginx",
        "-p",
        str(tmp_path),
        "-c",
        "nginx.conf",
        "-e",
        "stderr",
        "-g",
        f"daemon off; user {getpass.getuser()}; pid {tmp_path}/pid;",
    ]
    with (tmp_path / "nginx.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    trusted = ssl.create_default_context(cafile=str(tmp_path / "tls.crt"))
    trusted.check_hostname = False
    client = httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=trusted, trust_env=False, timeout=20)
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(httpx.TransportError):
            client.get("/")
            break
        assert time.monotonic() < deadline, (tmp_path / "nginx.log").read_text()
        time.sleep(0.05)
    yield Gateway(port, (first, second), client)
    client.close()
    process.terminate()
    process.wait(30)


def problem(contract: Contract, response: httpx.Response) -> Any:
    """The code of an error in the words of the contract."""
    schema = contract.operation("getFunnelMetrics").responses[str(response.status_code)].content["application/json"]
    assert jsonschema_rs.is_valid(dict(schema), response.json()), response.text
    return response.json()["error"]["code"]


def test_requests_and_sessions_reach_the_servers(gateway: Gateway) -> None:
    """Answers are those of the servers; what is nobody's business outside is not there; a session gets its snapshot."""
    through = gateway.funnel()
    direct = gateway.servers[1].client.get(
        through.url.raw_path.decode(), headers={"authorization": through.request.headers["authorization"]}
    )
    hidden = [gateway.client.get(path).status_code for path in ("/metrics", "/health", "/_assay/hook")]
    trusted = ssl.create_default_context()
    trusted.check_hostname, trusted.verify_mode = False, ssl.CERT_NONE
    with connect(
        f"wss://127.0.0.1:{gateway.port}/v1/realtime/incident-feed?tenantId=tenant-a",
        ssl=trusted,
        proxy=None,
        additional_headers={"authorization": f"Bearer {gateway.servers[0].token('primary')}"},
    ) as session:
        snapshot = orjson.loads(session.recv(timeout=20))

    assert through.status_code == 200
    assert through.json()["metrics"] == direct.json()["metrics"]
    assert hidden == [404, 404, 404]
    assert snapshot["type"] == "snapshot"
    assert "strict-transport-security" in through.headers


def test_one_caller_never_gets_what_was_kept_for_another(gateway: Gateway) -> None:
    """A response is kept for a second, for its caller alone."""
    allowed = gateway.funnel()
    foreign = gateway.funnel("other")

    assert allowed.status_code == 200
    assert foreign.status_code == 403


def test_a_caller_beyond_the_limit_is_told_so_in_the_words_of_the_contract(gateway: Gateway, contract: Contract) -> None:
    """With the time to wait; another caller is not held up."""
    answers = [gateway.funnel(page=number) for number in range(400)]
    limited = [answer for answer in answers if answer.status_code == 429]

    assert limited
    assert problem(contract, limited[0]) == "RATE_LIMITED"
    assert limited[0].headers["retry-after"] == "1"
    assert gateway.funnel("other").status_code == 403


def test_readers_do_not_notice_a_server_that_dies(gateway: Gateway, contract: Contract) -> None:
    """Requests go to the other server; without any, the gateway says so in the words of the contract."""
    first, second = gateway.servers
    first.process.kill()
    first.process.wait(90)
    statuses = {gateway.funnel().status_code for _ in range(30)}
    second.process.kill()
    second.process.wait(90)
    time.sleep(1.5)
    down = gateway.funnel()

    assert statuses == {200}
    assert problem(contract, down) == "SERVICE_UNAVAILABLE"
    assert down.headers["retry-after"] == "2"
