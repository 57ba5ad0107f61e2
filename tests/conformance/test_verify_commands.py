"""`assay keys`, `sign`, `verify` and `revoke`: from a certificate to one that a stranger believes."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from assay_contracts.cli import main

from .lamp_certificate import issue, lamp, recorded


def run(*arguments: str | Path) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as exit:
        main([str(argument) for argument in arguments])
    return int(exit.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a certificate, its evidence and two keys."""
    bare = issue(tmp_path, recorded(lamp(), at=dt.datetime.now(dt.UTC)), None)
    (tmp_path / "certificate.json").write_bytes(bare.certificate)
    for name in ("mine.pem", "yours.pem"):
        assert run("keys", "new", "--out", tmp_path / name) == 0
    return tmp_path


def test_a_certificate_is_signed_and_verified(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its owner, and by nobody else's key."""
    certificate, evidence = folder / "certificate.json", folder / "evidence.ndjson.gz"
    assert run("verify", certificate, evidence, "--unsigned") == 0
    assert run("verify", certificate, evidence, "--trust", folder / "mine.pem.pub") == 1

    assert run("sign", certificate, "--key", folder / "mine.pem") == 0
    assert run("verify", certificate, evidence, "--trust", folder / "mine.pem.pub") == 0
    assert run("verify", certificate, evidence, "--trust", folder / "yours.pem.pub") == 1
    capsys.readouterr()

    assert run("verify", certificate, evidence, "--trust", folder / "mine.pem.pub", "--format", "json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["accepted"]
    assert found["statement"]["predicate"]["contract"]["name"] == "a-lamp"
    assert run("sign", certificate, "--key", folder / "mine.pem") == 1
    assert "signed already" in capsys.readouterr().err


def test_whom_to_trust_is_never_guessed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key there is nothing to verify."""
    assert run("verify", folder / "certificate.json") == 2
    assert "expected --trust KEY, or --unsigned" in capsys.readouterr().err


def test_whoever_judged_it_again_countersigns(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only with the evidence, and only what is accepted."""
    certificate, evidence = folder / "certificate.json", folder / "evidence.ndjson.gz"
    run("sign", certificate, "--key", folder / "mine.pem")
    before = certificate.read_bytes()

    assert run("verify", certificate, "--trust", folder / "mine.pem.pub", "--countersign", folder / "yours.pem") == 2
    assert run("verify", certificate, evidence, "--trust", folder / "yours.pem.pub", "--countersign", folder / "yours.pem") == 1
    assert certificate.read_bytes() == before
    assert run("verify", certificate, evidence, "--trust", folder / "mine.pem.pub", "--countersign", folder / "yours.pem") == 0
    assert run("verify", certificate, evidence, "--trust", folder / "yours.pem.pub") == 0
    assert "and 1 that you did not name" in capsys.readouterr().out


def test_a_badge_and_a_document_to_serve_are_written_for_what_is_accepted(folder: Path) -> None:
    """Never for anything else."""
    certificate, evidence = folder / "certificate.json", folder / "evidence.ndjson.gz"
    badge, served = folder / "badge.svg", folder / "served" / "conformance.json"
    written = ("--badge", badge, "--well-known", served)

    assert run("verify", certificate, evidence, "--trust", folder / "mine.pem.pub", *written) == 1
    assert not badge.exists()
    assert not served.exists()

    run("sign", certificate, "--key", folder / "mine.pem")
    assert run("verify", certificate, evidence, "--trust", folder / "mine.pem.pub", *written) == 0
    assert re.search(r">a-lamp 1\.0\.0<.*>certified until \d{4}-\d\d-\d\d<", badge.read_text())
    entry = json.loads(served.read_text())["certificates"][0]
    assert entry["contract"]["version"] == "1.0.0"
    again = folder / "again.json"
    again.write_text(json.dumps(entry["certificate"], sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n")
    assert run("verify", again, evidence, "--trust", folder / "mine.pem.pub") == 0


def test_what_is_revoked_is_refused_from_then_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The list grows and nothing in it changes."""
    certificate, listed = folder / "certificate.json", folder / "revocations.json"
    run("sign", certificate, "--key", folder / "mine.pem")

    assert run("revoke", certificate, "--reason", "another build", "--list", listed) == 0
    first = json.loads(listed.read_text())["revoked"]
    assert run("revoke", certificate, "--reason", "once more", "--list", listed) == 0
    assert json.loads(listed.read_text())["revoked"] == first
    capsys.readouterr()
    assert run("verify", certificate, "--trust", folder / "mine.pem.pub", "--revocations", listed) == 1
    assert "another build" in capsys.readouterr().out
    (folder / "broken.json").write_text('{"revoked": "all"}')
    assert run("verify", certificate, "--trust", folder / "mine.pem.pub", "--revocations", folder / "broken.json") == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("sign", "evidence.ndjson.gz", "--key", "mine.pem"),
        ("sign", "certificate.json", "--key", "certificate.json"),
        ("sign", "certificate.json", "--key", "env:ASSAY_NO_SUCH"),
        ("verify", "certificate.json", "--trust", "ed25519:short"),
        ("verify", "certificate.json", "--unsigned", "--at", "tomorrow"),
        ("revoke", "mine.pem", "--reason", "none"),
        ("keys", "new", "--out", "mine.pem"),
        ("keys", "show", "certificate.json"),
    ],
)
def test_bad_input_is_one_line(
    arguments: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and no traceback."""
    monkeypatch.chdir(folder)
    capsys.readouterr()

    assert run(*arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
