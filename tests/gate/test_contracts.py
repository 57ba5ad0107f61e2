"""The gate over contracts: what is released stays, is certified, and the code made of it is current."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from assay_contracts import canonical_bytes, find_documents
from assay_signing import envelope_bytes, new_key, signed

Run = Callable[..., int]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of our contracts and of all that is kept beside them, but for the drafts that follow a release."""
    for name in ("openapi", "asyncapi", "requirements", "certificates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for kind in ("openapi", "asyncapi"):
        (tmp_path / kind / "reliability" / "1.1.0.yaml").unlink()
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    """Write one thing in a file anew."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(run: Run, capsys: pytest.CaptureFixture[str], *arguments: str) -> set[tuple[str, str]]:
    """What the gate over the contracts finds wrong, as subject and rule."""
    capsys.readouterr()
    code = run("gate", *arguments, "--format", "json")
    report = json.loads(capsys.readouterr().out)
    assert code == (1 if report["problems"] else 0)
    return {(problem["subject"], problem["rule"]) for problem in report["problems"]}


def test_our_own_contracts_pass(run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are committed; a draft is compared and needs no certificate, which is said. Every contract is gated by `tox -e gate`."""
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(ROOT))

    assert run("gate", "reliability") == 0
    output = capsys.readouterr().out
    assert "a draft: compared with the kept versions, needs no certificate" in output
    assert "The gate passes." in output


def test_a_changed_release_is_found_everywhere(folder: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A word in a released document breaks its lock, its certificate and the code made of it."""
    edit(folder / "openapi/reliability/1.0.0.yaml", "summary: What failed, one by one", "summary: What failed")

    assert problems(run, capsys, "reliability") == {
        ("", "released-version-changed"),
        ("", "generated-code-stale"),
        ("reliability@1.0.0", "certificate-of-another-digest"),
    }


def test_other_contracts_are_no_concern(folder: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A contract can be gated by itself."""
    edit(folder / "openapi/reliability/1.0.0.yaml", "summary: What failed, one by one", "summary: What failed")

    assert problems(run, capsys, "windowing", "executive") == set()


def test_a_changed_requirement_set_is_found(folder: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A promise that goes missing makes a certificate easier, so it fails."""
    edit(folder / "requirements/reliability-1.0.0.yaml", "level: MUST", "level: SHOULD")

    assert problems(run, capsys, "reliability") == {("reliability@1.0.0", "requirements-changed")}


def test_a_missing_certificate_is_found(folder: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A released version without one does not pass."""
    (folder / "certificates/reliability-1.0.0.json").unlink()

    assert problems(run, capsys, "reliability") == {("reliability@1.0.0", "certificate-missing")}


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("verdict", "not-certified", "certificate-not-certified"),
        ("expires", "2026-01-01T00:00:00Z", "certificate-expired"),
        ("expires", None, "certificate-expired"),
        ("waivers", ["faults"], "certificate-with-waivers"),
        ("contract", {"name": "reliability", "version": "1.0.0", "digest": "sha256:0"}, "certificate-of-another-digest"),
        ("contract", {"name": "reliability", "version": "1.0.1"}, "certificate-of-another-digest"),
    ],
)
def test_a_wrong_certificate_is_found(
    folder: Path, run: Run, capsys: pytest.CaptureFixture[str], key: str, value: object, rule: str
) -> None:
    """Expired, of another digest, with waivers, or none at all."""
    path = folder / "certificates/reliability-1.0.0.json"
    statement = json.loads(path.read_text(encoding="utf-8"))
    statement["predicate"][key] = value
    path.write_text(json.dumps(statement), encoding="utf-8")

    assert problems(run, capsys, "reliability") == {("reliability@1.0.0", rule)}


def test_a_signature_can_be_asked_for(folder: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """With --trust: by one of the keys named, over the whole statement."""
    path, key = folder / "certificates/reliability-1.0.0.json", new_key()
    arguments = ("reliability", "--trust", new_key().id, "--trust", key.id)
    wrong = {("reliability@1.0.0", "certificate-signature")}
    statement = canonical_bytes(json.loads(path.read_bytes()))

    assert problems(run, capsys, *arguments) == wrong
    path.write_bytes(envelope_bytes(signed(statement, new_key())))
    assert problems(run, capsys, *arguments) == wrong
    assert problems(run, capsys, "reliability") == set()
    path.write_bytes(envelope_bytes(signed(statement, key)))
    assert problems(run, capsys, *arguments) == set()


def test_a_certificate_can_be_asked_of_any_document(folder: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """With --certificate: for exactly the documents that are to come."""
    kept = str(folder / "certificates/reliability-1.0.0.json")
    arguments = ("gate", "--axis", "wire", "--old", "reliability@1.0.0", "--certificate", kept)

    assert run(*arguments, "--new", "reliability@1.0.0") == 0
    assert run(*arguments, "--new", str(folder / "openapi/reliability/1.0.0.yaml")) == 1
    assert "certificate-of-another-digest" in capsys.readouterr().out


def test_expiry_is_a_day_to_come(folder: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """On a later day the certificate and the entries have ended."""
    entry = 'rule = "path-removed"\npointer = "/paths"\nreason = "gone"\nowner = "contracts"\nexpires = 2027-05-31\n'
    (folder / "gate-ignores.toml").write_text(f"[[ignore]]\n{entry}", encoding="utf-8")

    assert problems(run, capsys, "reliability", "--today", "2032-01-01") >= {
        ("reliability@1.0.0", "certificate-expired"),
        ("", "ignore-expired"),
    }


def test_a_draft_is_compared(folder: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A draft that takes something away declares a major version, or fails; and removes nothing that was not deprecated."""
    path, feed = folder / "openapi/reliability/1.0.1.yaml", folder / "asyncapi/reliability/1.0.1.yaml"
    shutil.copy(folder / "openapi/reliability/1.0.0.yaml", path)
    shutil.copy(folder / "asyncapi/reliability/1.0.0.yaml", feed)
    edit(path, "  version: 1.0.0", "  version: 1.0.1\n  x-status: draft")
    edit(feed, "  version: 1.0.0", "  version: 1.0.1\n  x-status: draft")
    assert problems(run, capsys, "reliability") == set()
    edit(path, "  /v1/analytics/failures:", "  /v1/analytics/failed:")

    assert problems(run, capsys, "reliability") == {
        ("reliability@1.0.1", "version-too-small"),
        ("reliability@1.0.1", "removed-without-deprecation"),
    }


def test_a_lock_that_was_rewritten_is_found(folder: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """What another revision released stays released, whatever the lock says now."""
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "Release"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    assert problems(run, capsys, "windowing", "--since", "HEAD") == set()
    edit(folder / "openapi/contracts.lock", "7665721dc308", "000000000000")

    assert ("", "released-version-changed") in problems(run, capsys, "reliability", "--since", "HEAD")
    assert run("gate", "--since", "no-such-branch") == 2


def test_the_version_owed_by_a_contract(folder: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The newest version against the last released one; nothing is released of the others."""
    assert run("next-version", "reliability") == 0
    assert capsys.readouterr().out == "1.0.0\n"
    assert run("next-version", "windowing") == 2


def test_another_folder_is_named_when_its_contracts_are_judged(
    run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs the gate elsewhere learns that it is not their documents that pass."""
    note = "note: judged the contracts of"
    monkeypatch.delenv("ASSAY_DOCUMENTS", raising=False)
    monkeypatch.chdir(tmp_path)
    run("gate", "windowing")
    assert note in capsys.readouterr().err

    # An installation has documents of its own, a checkout those of the repository.
    monkeypatch.chdir(find_documents().root)
    run("gate", "windowing")
    assert note not in capsys.readouterr().err
