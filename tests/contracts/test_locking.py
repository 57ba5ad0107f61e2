"""Locking: a version that is locked never changes unseen."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_contracts import ContractFolder, ContractId, LockBroken
from assay_contracts.cli import run
from assay_contracts.locking import bundle_all, check_lock, read_lock, write_bundles, write_locks

Document = dict[str, Any]
Write = Callable[[str, Document], Path]


@pytest.fixture
def documents(openapi: Document, asyncapi: Document, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ContractFolder:
    """A folder with two versions of one contract, locked and bundled."""
    write("openapi/small/1.0.0.yaml", openapi)
    write("asyncapi/small/1.0.0.yaml", asyncapi)
    openapi["info"]["version"] = "1.10.0"
    write("openapi/small/1.10.0.yaml", openapi)
    openapi["info"]["version"] = "1.9.0"
    write("openapi/small/1.9.0.yaml", openapi)
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))
    found = ContractFolder(tmp_path)
    bundles = bundle_all(found)
    write_locks(found, bundles)
    write_bundles(bundles)
    assert run(["contracts", "requirements", "--write"]) == 0
    return found


def edit(documents: ContractFolder) -> None:
    """Change one word of a locked version."""
    path = documents.root / "openapi/small/1.0.0.yaml"
    path.write_text(path.read_text().replace("The items", "The things"))


def test_a_lock_is_what_sha256sum_checks(documents: ContractFolder) -> None:
    """Anyone can check the lock with nothing of this package, and versions stand in their order."""
    for kind in ("openapi", "asyncapi"):
        done = subprocess.run(["sha256sum", "-c", "contracts.lock"], cwd=documents.root / kind, check=False, capture_output=True)
        assert done.returncode == 0

    names = list(read_lock(documents.lock("openapi")))
    assert names == ["bundled/small-1.0.0.json", "bundled/small-1.9.0.json", "bundled/small-1.10.0.json"]


def test_nothing_to_say_while_nothing_has_changed(documents: ContractFolder) -> None:
    """Checking finds no difference, and locking again writes nothing."""
    bundles = bundle_all(documents)

    assert check_lock(documents, bundles) == ()
    assert write_locks(documents, bundles) == ()
    assert write_bundles(bundles) == ()
    assert run(["contracts", "lock", "--check"]) == 0
    assert run(["contracts", "bundle", "--check"]) == 0


def test_a_changed_version_breaks_its_lock(documents: ContractFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """One word is enough: the check says which version, and locking refuses to look away."""
    edit(documents)

    assert run(["contracts", "lock", "--check"]) == 1
    assert "small@1.0.0 is locked as" in capsys.readouterr().out
    assert run(["contracts", "bundle", "--check"]) == 1
    assert run(["contracts", "lock"]) == 1
    assert "make it a new version" in capsys.readouterr().err


def test_a_version_that_was_never_released_can_be_locked_anew(documents: ContractFolder) -> None:
    """Only the version that is named changes."""
    edit(documents)
    bundles = bundle_all(documents)

    written = write_locks(documents, bundles, frozenset({ContractId("small", "1.0.0")}))

    assert written == (documents.lock("openapi"),)
    assert check_lock(documents, bundles) == ()


def test_a_document_that_has_gone_breaks_its_lock(documents: ContractFolder) -> None:
    """A released version stays."""
    (documents.root / "openapi/small/1.9.0.yaml").unlink()
    bundles = bundle_all(documents)

    (problem,) = check_lock(documents, bundles)

    assert "bundled/small-1.9.0.json is locked and its document is gone" in problem
    with pytest.raises(LockBroken, match="the document of a locked version"):
        write_locks(documents, bundles)


def test_a_new_version_asks_to_be_locked(documents: ContractFolder, openapi: Document, write: Write) -> None:
    """The check names it until it is locked; the versions locked before stay as they are."""
    before = read_lock(documents.lock("openapi"))
    openapi["info"]["version"] = "2.0.0"
    write("openapi/small/2.0.0.yaml", openapi)

    (problem,) = check_lock(documents, bundle_all(documents))
    assert problem.endswith("small@2.0.0 is not locked")

    write_locks(documents, bundle_all(documents))
    assert before.items() < read_lock(documents.lock("openapi")).items()


def test_a_bundle_edited_by_hand_is_found(documents: ContractFolder) -> None:
    """The committed bundle is exactly what its document gives."""
    path = documents.bundled("openapi", ContractId("small", "1.0.0"))
    path.write_text(path.read_text().replace("The items", "The things"))

    assert run(["contracts", "bundle", "--check"]) == 1
    assert run(["contracts", "bundle"]) == 0
    assert run(["contracts", "bundle", "--check"]) == 0


@pytest.mark.parametrize("line", ["nonsense", "abc  bundled/small-1.0.0.json", "0" * 64 + "  ../etc/passwd"])
def test_a_lock_that_is_no_lock_is_refused(line: str, documents: ContractFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged line is named by its number."""
    documents.lock("openapi").write_text(line + "\n")

    assert run(["contracts", "lock", "--check"]) == 2
    assert "contracts.lock:1: expected <sha256>" in capsys.readouterr().err
