"""The commands of the kit: their exit codes, and one clear line for bad input."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from assay_contracts.cli import main
from assay_contracts.statements import unwrapped
from assay_signing import new_key, write_key

from .honest import Honest, running

MANIFEST = """
[target]
name = "honest"
version = "1.0"
http = "{address}"
[credentials]
primary = "token-primary-0123456789"
other = "token-other-0123456789"
empty = "token-empty-0123456789"
unscoped = "token-unscoped-0123456789"
expired = "token-of-yesterday"
[tenants]
primary = "tenant-a"
other = "tenant-b"
empty = "tenant-c"
[fixtures]
window = {{ from = "2026-11-01T00:00:00Z", to = "2026-11-03T00:00:00Z" }}
[hook]
url = "{address}/_assay/hook"
token = "hook-token"
"""


def run(*arguments: str) -> int:
    """The exit code of the command."""
    with pytest.raises(SystemExit) as exit:
        main(list(arguments))
    return int(exit.value.code or 0)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """An honest server in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = running(Honest())
    yield asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The OpenAPI half of the contract alone, as a file."""
    from assay_contracts import load_contract

    path = tmp_path_factory.mktemp("contract") / "reliability.json"
    path.write_text(json.dumps(load_contract("reliability@1.0.0").openapi))
    return path


@pytest.fixture(scope="module")
def manifest(address: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A target manifest for the honest server."""
    path = tmp_path_factory.mktemp("target") / "target.toml"
    path.write_text(MANIFEST.format(address=address))
    return path


def test_certify_writes_everything_and_judge_repeats_it(address: str, documents: Path, manifest: Path, tmp_path: Path) -> None:
    """What `certify` wrote is judged the same by `judge`, and the statement says so."""
    out = tmp_path / "out"

    key = tmp_path / "signing.pem"
    write_key(new_key(), key)

    code = run("certify", address, "--contract", str(documents), "--target", str(manifest), "--out", str(out), "--quiet", "--key", str(key))
    name = "certificate.json" if code == 0 else "verdict.json"
    statement = unwrapped(json.loads((out / name).read_bytes()))

    assert sorted(path.name for path in out.iterdir()) == sorted([name, "evidence.ndjson.gz", "junit.xml", "report.html"])
    assert (code, statement["predicate"]["verdict"]) in ((0, "certified"), (1, "not-certified"))
    assert run("judge", str(out / "evidence.ndjson.gz"), "--format", "json") == code
    assert run("verify", str(out / name), str(out / "evidence.ndjson.gz"), "--trust", f"{key}.pub") == code


def test_a_dead_address_is_not_certified(documents: Path, manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, the reason on the screen and in the statement."""
    code = run("certify", "http://127.0.0.1:9", "--contract", str(documents), "--target", str(manifest), "--out", str(tmp_path), "--quiet")
    statement = json.loads((tmp_path / "verdict.json").read_bytes())

    assert (code, (tmp_path / "certificate.json").exists()) == (1, False)
    assert "no server responds at http://127.0.0.1:9" in capsys.readouterr().out
    assert statement["predicate"]["verdict"] == "not-certified"
    assert "no server responds" in statement["predicate"]["reason"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["certify", "http://127.0.0.1:9", "--contract", "reliability@1.0.0"], "--target"),
        (["certify", "http://127.0.0.1:9", "--contract", "reliability@9.9.9", "--target", "x.toml"], "reliability@9.9.9"),
        (["certify", "http://127.0.0.1:9", "--contract", "reliability@1.0.0", "--target", "no-such.toml"], "no-such.toml"),
        (["certify", "reference", "--contract", "reliability@1.0.0", "--target", "x.toml"], "reference"),
        (["certify", "http://127.0.0.1:9"], "--contract"),
        (["judge", "no-such-file.ndjson.gz"], "no-such-file"),
        (["judge"], "EVIDENCE_FILE"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback, whatever is missing."""
    code = run(*arguments)
    error = capsys.readouterr().err

    assert code == 2
    assert message in error
    assert "Traceback" not in error


@pytest.mark.parametrize("content", [b"", b"{}", b"\x1f\x8bnot gzip", b'{"format":"assay-evidence/1"}\n', b"not json\n"])
def test_what_is_no_evidence_is_refused(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that `certify` did not write is bad input."""
    path = tmp_path / "evidence.ndjson.gz"
    path.write_bytes(content)

    assert run("judge", str(path)) == 2
    assert "Traceback" not in capsys.readouterr().err
