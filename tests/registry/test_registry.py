"""A registry holds what can be judged again: forged entries are rejected, whoever forged them."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_conformance.revocations import Revocation
from assay_contracts import digest
from assay_contracts.cli import main
from assay_registry.checking import Checked, check_entry
from assay_registry.entries import KEYS, Runner, filed, known_keys
from assay_registry.errors import EntryRefused, RegistryUnusable
from assay_registry.filing import file_certificate
from assay_registry.page import registry_page
from assay_signing import SigningKey, new_key

from tests.conformance.lamp_certificate import RUN, Issued, issue, lamp, recorded

NOW = RUN + dt.timedelta(days=1)
US, THEM = new_key(), new_key()


def certificate(tmp_path: Path, key: SigningKey = US, *, at: dt.datetime = RUN) -> Issued:
    """A right certificate."""
    folder = tmp_path / f"issued-{key.id[8:14]}-{at:%H}"
    folder.mkdir(exist_ok=True)
    return issue(folder, recorded(lamp(), at=at), key)


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A registry with one entry."""
    right = certificate(tmp_path)
    file_certificate(tmp_path / "registry", right.certificate, right.evidence, Runner("Us", US.id, build="abc123"), NOW)
    return tmp_path / "registry"


def checked(registry: Path, now: dt.datetime = NOW, revoked: tuple[Revocation, ...] = ()) -> list[Checked]:
    """Every entry, judged again."""
    return [check_entry(registry, item, known_keys(registry), now, revoked) for item in filed(registry)]


def test_a_filed_certificate_holds(registry: Path) -> None:
    """In a folder of its own, with what a reader wants to know."""
    (item,) = checked(registry)

    assert item.problems == ()
    assert not item.expired
    assert item.folder == registry / "a-lamp" / "1.0.0" / "lamp-2"
    assert item.entry["implementation"] == {"name": "lamp", "version": "2", "build": "abc123"}
    assert item.entry["next"] == "2027-01-24"


def test_an_expired_entry_is_listed_and_not_wrong(registry: Path) -> None:
    """It was right when it was made."""
    (item,) = checked(registry, NOW.replace(year=2028))

    assert item.problems == ()
    assert item.expired


def edited(change: Callable[[dict[str, Any]], object]) -> Callable[[Path, Path], None]:
    """A forgery of entry.json."""

    def forge(folder: Path, _: Path) -> None:
        entry = json.loads((folder / "entry.json").read_text())
        change(entry)
        (folder / "entry.json").write_text(json.dumps(entry))

    return forge


def another_certificate(folder: Path, other: Path) -> None:
    """A certificate of the same content by somebody else, with its digest in the entry."""
    forged = certificate(other, THEM)
    (folder / "certificate.json").write_bytes(forged.certificate)
    edited(lambda entry: entry.update(certificate=digest(forged.certificate)))(folder, other)


def another_evidence(folder: Path, other: Path) -> None:
    """The evidence of another run, with its digest in the entry."""
    run = certificate(other, at=RUN + dt.timedelta(hours=1))
    (folder / "evidence.ndjson.gz").write_bytes(run.evidence)
    edited(lambda entry: entry.update(evidence=digest(run.evidence)))(folder, other)


def another_key(folder: Path, other: Path) -> None:
    """An entry that names the forger's key under somebody's name."""
    forged = certificate(other, THEM)
    (folder / "certificate.json").write_bytes(forged.certificate)
    edited(lambda entry: entry.update(certificate=digest(forged.certificate), runner={"name": "Us", "key": THEM.id}))(folder, other)


def one_byte(folder: Path, _: Path) -> None:
    """Evidence with one byte changed."""
    data = bytearray((folder / "evidence.ndjson.gz").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "evidence.ndjson.gz").write_bytes(data)


def moved(folder: Path, _: Path) -> None:
    """An entry that lies under another version of the contract."""
    shutil.copytree(folder, folder.parent.parent / "9.0.0" / folder.name)
    shutil.rmtree(folder)


def no_object(folder: Path, _: Path) -> None:
    """An entry that is something else."""
    (folder / "entry.json").write_text("[]")


@pytest.mark.parametrize(
    ("forge", "problem"),
    [
        (another_certificate, "signature"),
        (another_evidence, "evidence"),
        (another_key, "keys.toml"),
        (one_byte, "evidence"),
        (moved, "belongs into"),
        (edited(lambda entry: entry["implementation"].update(version="3")), "/implementation/version"),
        (edited(lambda entry: entry["contract"].update(version="2.0.0")), "/contract"),
        (edited(lambda entry: entry.update(expires="2036-01-01T00:00:00Z")), "/expires"),
        (edited(lambda entry: entry.update(kit="sha256:" + "0" * 64)), "/kit"),
        (edited(lambda entry: entry.update(added="2026-01-01T00:00:00Z")), "/added"),
        (edited(lambda entry: entry.update(added="2036-01-01T00:00:00Z")), "/added"),
        (edited(lambda entry: entry.update(independence="total")), "/independence"),
        (edited(lambda entry: entry.update(level="gold")), "level"),
        (edited(lambda entry: entry["runner"].update(name="Nobody")), "keys.toml"),
        (no_object, "no JSON object"),
    ],
)
def test_a_forged_entry_is_rejected(forge: Callable[[Path, Path], object], problem: str, registry: Path, tmp_path: Path) -> None:
    """By what is wrong with it."""
    (right,) = filed(registry)
    forge(right.folder, tmp_path)
    (item,) = checked(registry)

    assert any(problem in found for found in item.problems), item.problems


def test_a_revoked_key_takes_its_entries_with_it(registry: Path) -> None:
    """With the reason."""
    (item,) = checked(registry, revoked=(Revocation(US.id, "2026-11-03T00:00:00Z", "it was stolen"),))

    assert any("it was stolen" in problem for problem in item.problems)


def test_only_what_is_accepted_is_filed(registry: Path, tmp_path: Path) -> None:
    """A wrong signature, another key for a known name, another certificate in the same place: nothing is written."""
    before = {path: path.read_bytes() for path in registry.rglob("*") if path.is_file()}
    right, other = certificate(tmp_path), certificate(tmp_path, THEM)
    refused: list[tuple[Issued, Runner]] = [
        (right, Runner("Them", THEM.id)),
        (other, Runner("Us", THEM.id)),
        (other, Runner("Them", THEM.id)),
        (right, Runner("Us", US.id, url="not an address")),
    ]
    for issued, runner in refused:
        with pytest.raises(EntryRefused):
            file_certificate(registry, issued.certificate, issued.evidence, runner, NOW)

    assert {path: path.read_bytes() for path in registry.rglob("*") if path.is_file()} == before


def test_the_page_shows_every_entry(registry: Path) -> None:
    """With its state, escaped, and loading nothing."""
    edited(lambda entry: entry["implementation"].update(build="<script>"))(filed(registry)[0].folder, registry)
    page = registry_page(checked(registry), NOW)

    assert "lamp 2" in page
    assert ">certified<" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_broken_registry_is_said_so(tmp_path: Path) -> None:
    """Not passed over."""
    with pytest.raises(RegistryUnusable):
        filed(tmp_path / "nowhere")
    (tmp_path / KEYS).write_text('Us = "ed25519:short"')
    with pytest.raises(RegistryUnusable):
        known_keys(tmp_path)


def test_the_commands_file_and_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From a signed certificate to a page."""

    def run(*arguments: str | Path) -> int:
        with pytest.raises(SystemExit) as exit:
            main([str(argument) for argument in arguments])
        return int(exit.value.code or 0)

    issued = issue(tmp_path, recorded(lamp(), at=dt.datetime.now(dt.UTC)), US)
    (tmp_path / "certificate.json").write_bytes(issued.certificate)
    where = ("--registry", tmp_path / "registry")
    files = (tmp_path / "certificate.json", tmp_path / "evidence.ndjson.gz")

    assert run("registry", "check", *where) == 2
    assert run("registry", "add", *files, "--runner", "Us", "--key", THEM.id, *where) == 1
    assert run("registry", "add", *files, "--runner", "Us", "--key", US.id, *where) == 0
    assert run("registry", "check", *where, "--page", tmp_path / "page.html") == 0
    assert (tmp_path / "page.html").is_file()
    one_byte(filed(tmp_path / "registry")[0].folder, tmp_path)
    capsys.readouterr()
    assert run("registry", "check", *where, "--format", "json") == 1
    assert not json.loads(capsys.readouterr().out)["entries"][0]["holds"]
