"""Releasing: what is refused, what is written, and that what was promised stays promised."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml
from assay_contracts import ContractFolder, ContractId, find_documents, load_contract, released_contracts
from assay_contracts.cli import run
from assay_contracts.draft_status import unmarked
from assay_contracts.errors import DocumentMalformed
from assay_contracts.locking import status_of

Document = dict[str, Any]
Write = Callable[[str, Document], Path]
SMALL = "small@1.0.0"


@pytest.fixture
def documents(openapi: Document, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ContractFolder:
    """A folder with one draft, written as people write it."""
    openapi["info"] = {"x-status": "draft", **openapi["info"]}
    path = write("openapi/small/1.0.0.yaml", openapi)
    path.write_text(yaml.safe_dump(openapi, sort_keys=False))
    for kind in ("openapi", "asyncapi"):
        copytree(find_documents().root / kind / "vocabulary", tmp_path / kind / "vocabulary")
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))
    return ContractFolder(tmp_path)


def certificate(root: Path, **changed: Any) -> Path:
    """A certificate of the reference server for the small contract, with some members changed."""
    return certificate_for(root, SMALL, **changed)


def certificate_for(root: Path, id: str, **changed: Any) -> Path:
    """A certificate of the reference server for a contract version."""
    contract = load_contract(id)
    predicate = {
        "verdict": "certified",
        "implementation": {"name": "reference", "version": "0.1.0"},
        "contract": {"name": contract.id.name, "version": contract.id.version, "digest": contract.digest},
        "waivers": [],
    }
    statement = {"predicateType": "https://assay.dev/conformance/v1", "predicate": predicate | changed}
    path = root / "certificate.json"
    path.write_text(json.dumps(statement))
    return path


def test_a_draft_is_in_no_bundle_and_no_lock(documents: ContractFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything that speaks of released versions passes it by, and everything that shows it says what it is."""
    for command in (["bundle"], ["lock"], ["lock", "--check"], ["requirements", "--check"]):
        assert run(["contracts", *command]) == 0
    assert not documents.bundled("openapi", ContractId.parse(SMALL)).exists()
    assert released_contracts() == ()
    assert run(["contracts", "bundle", SMALL]) == 1
    assert "got a draft; release it with" in capsys.readouterr().err

    assert run(["contracts", "list"]) == 0
    assert run(["contracts", "show", SMALL]) == 0
    assert run(["contracts", "show", SMALL, "--format", "json"]) == 0
    output = capsys.readouterr().out
    assert "small@1.0.0              draft       openapi" in output
    assert "small@1.0.0 (draft)" in output
    assert '"draft": true' in output


def test_a_certified_draft_is_released(documents: ContractFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """The mark goes, the digest stays what was certified, and bundle, lock, requirement set and changelog are there."""
    before = load_contract(SMALL).digest

    assert run(["contracts", "release", SMALL, "--certificate", str(certificate(documents.root))]) == 0

    after = load_contract(SMALL)
    assert after.digest == before
    assert after.openapi["info"].get("x-status") is None
    assert [str(contract) for contract in released_contracts()] == [SMALL]
    assert before in (documents.root / "openapi/small/CHANGELOG.md").read_text()
    for folder, lock in (("openapi", "contracts.lock"), ("requirements", "requirements.lock")):
        assert subprocess.run(["sha256sum", "-c", lock], cwd=documents.root / folder, check=False, capture_output=True).returncode == 0
    for command in (["bundle", "--check"], ["lock", "--check"], ["requirements", "--check"]):
        assert run(["contracts", *command]) == 0
    capsys.readouterr()
    assert run(["contracts", "release", SMALL]) == 0
    assert "is already released and unchanged" in capsys.readouterr().out


def later(documents: ContractFolder) -> str:
    """A second version of the small contract, a draft as well."""
    source = documents.root / "openapi/small/1.0.0.yaml"
    data = yaml.safe_load(source.read_text())
    data["info"] |= {"x-status": "draft", "version": "1.1.0"}
    source.with_name("1.1.0.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
    return "small@1.1.0"


def test_a_second_version_is_released_beside_the_first(documents: ContractFolder) -> None:
    """The locks, the requirement sets and the changelog hold both, and the first is what it was."""
    assert run(["contracts", "release", SMALL, "--certificate", str(certificate(documents.root))]) == 0
    first = documents.lock("openapi").read_text()
    id = later(documents)

    assert run(["contracts", "release", id, "--certificate", str(certificate_for(documents.root, id))]) == 0

    assert documents.lock("openapi").read_text().startswith(first)
    assert [str(contract) for contract in released_contracts()] == [SMALL, id]
    entries = [line for line in (documents.root / "openapi/small/CHANGELOG.md").read_text().splitlines() if line.startswith("## ")]
    assert [line.split()[1] for line in entries] == ["1.1.0", "1.0.0"]
    for command in (["bundle", "--check"], ["lock", "--check"], ["requirements", "--check"]):
        assert run(["contracts", *command]) == 0


def test_a_mark_that_cannot_be_taken_away_stops_everything_before_it_begins(
    documents: ContractFolder, asyncapi: Document, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of two documents the second writes its mark within a line: the first keeps its own."""
    asyncapi["info"]["x-status"] = "draft"
    feed = write("asyncapi/small/1.0.0.yaml", asyncapi)
    feed.write_text(feed.read_text().replace("\n", " "))
    path = certificate(documents.root)

    assert run(["contracts", "release", SMALL, "--certificate", str(path)]) == 2

    assert "expected a line of its own" in capsys.readouterr().err
    assert "x-status: draft" in (documents.root / "openapi/small/1.0.0.yaml").read_text()
    assert not documents.lock("openapi").exists()


def test_nothing_is_released_beside_a_released_version_that_was_changed(
    documents: ContractFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """The refusal names the other version, and the draft stays one."""
    assert run(["contracts", "release", SMALL, "--certificate", str(certificate(documents.root))]) == 0
    id = later(documents)
    path = certificate_for(documents.root, id)
    source = documents.root / "openapi/small/1.0.0.yaml"
    source.write_text(source.read_text().replace("The items", "The things"))

    assert run(["contracts", "release", id, "--certificate", str(path)]) == 1

    assert "bundled/small-1.0.0.json: expected the released digest" in capsys.readouterr().err
    assert status_of(documents, ContractId.parse(id)) == "draft"


def test_taking_the_mark_away_by_hand_does_not_make_up_for_a_certificate(documents: ContractFolder) -> None:
    """What was never released needs one, whatever it says of itself."""
    source = documents.root / "openapi/small/1.0.0.yaml"
    source.write_text(source.read_text().replace("  x-status: draft\n", ""))

    assert run(["contracts", "release", SMALL]) == 1
    assert run(["contracts", "release", SMALL, "--certificate", str(certificate(documents.root))]) == 0


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"verdict": "not-certified"}, "expected the verdict certified, got not-certified"),
        ({"implementation": {"name": "other"}}, "expected the implementation reference, got other"),
        ({"contract": {"name": "small", "version": "1.0.1"}}, "expected a certificate for small@1.0.0, got small@1.0.1"),
        ({"contract": {"name": "small", "version": "1.0.0", "digest": "sha256:00"}}, "expected the contract digest sha256:"),
        ({"waivers": ["faults"]}, "expected nothing waived"),
        ({"contract": 1, "implementation": []}, "expected the implementation reference, got None"),
    ],
)
def test_a_certificate_for_something_else_releases_nothing(
    changed: Document, expected: str, documents: ContractFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """The refusal says which fact of the certificate is wrong, and no file is touched."""
    path = certificate(documents.root, **changed)
    before = sorted(path for path in documents.root.rglob("*") if path.is_file())

    assert run(["contracts", "release", SMALL, "--certificate", str(path)]) == 1

    assert expected in capsys.readouterr().err
    assert sorted(path for path in documents.root.rglob("*") if path.is_file()) == before


def test_a_draft_without_a_certificate_stays_a_draft(documents: ContractFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """A version is released only once a server is certified against it."""
    assert run(["contracts", "release", SMALL]) == 1

    assert "expected a certificate of the reference server, got none; run `assay certify`" in capsys.readouterr().err


def test_a_certificate_of_an_earlier_wording_is_not_enough(documents: ContractFolder) -> None:
    """One word changed since the certificate was given is another contract."""
    path = certificate(documents.root)
    source = documents.root / "openapi/small/1.0.0.yaml"
    source.write_text(source.read_text().replace("The items", "The things"))

    assert run(["contracts", "release", SMALL, "--certificate", str(path)]) == 1


def test_a_version_that_was_released_otherwise_is_refused(documents: ContractFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """Another digest needs another version."""
    assert run(["contracts", "release", SMALL, "--certificate", str(certificate(documents.root))]) == 0
    source = documents.root / "openapi/small/1.0.0.yaml"
    source.write_text(source.read_text().replace("The items", "The things"))

    assert run(["contracts", "release", SMALL]) == 1
    assert "is released already: expected the released digest" in capsys.readouterr().err


def test_a_document_with_lint_errors_is_refused(documents: ContractFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """The first error is named with its place."""
    source = documents.root / "openapi/small/1.0.0.yaml"
    source.write_text(source.read_text().replace("next: /next", "next: /nowhere"))

    assert run(["contracts", "release", SMALL]) == 1
    assert "expected no lint errors, got" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("../shared/things.yaml#/components/schemas/Thing", "a shared file without a version"),
        ("../small/0.9.0.yaml#/components/schemas/Item/properties/id", "small@0.9.0, which is not released"),
        ("../notes/things.yaml#/components/schemas/Thing", "a file that may change"),
        ("../../things.yaml#/components/schemas/Thing", "a file outside the contracts"),
    ],
)
def test_a_reference_to_what_may_change_is_refused(
    reference: str, reason: str, documents: ContractFolder, openapi: Document, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a released version is made of is released too, or versioned and shared."""
    thing = {"components": {"schemas": {"Thing": {"type": "string", "examples": ["a"]}}}}
    for path in ("openapi/shared/things.yaml", "openapi/notes/things.yaml", "things.yaml"):
        write(path, thing)
    earlier = json.loads(json.dumps(openapi))
    earlier["info"]["version"] = "0.9.0"
    write("openapi/small/0.9.0.yaml", earlier)
    openapi["components"]["schemas"]["Item"]["properties"]["id"] = {"$ref": reference}
    (documents.root / "openapi/small/1.0.0.yaml").write_text(yaml.safe_dump(openapi, sort_keys=False))

    assert run(["contracts", "release", SMALL, "--certificate", str(certificate(documents.root))]) == 1
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("level: MUST", "level: SHOULD"), "the level of PAG-001 was 'MUST' and is 'SHOULD'"),
        (("gives no item twice", "gives few items twice"), "the sentence of PAG-001 was"),
        (("id: PAG-001", "id: PAG-999"), "PAG-001 was promised and is gone"),
    ],
)
def test_a_promise_that_weakens_fails_the_check(
    change: tuple[str, str], problem: str, documents: ContractFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """The vocabulary lies outside the digest, so the frozen set holds what was promised."""
    assert run(["contracts", "release", SMALL, "--certificate", str(certificate(documents.root))]) == 0
    path = documents.root / "openapi/vocabulary/x-pagination.yaml"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line.replace(*change) if "PAG-001" in line else line for line in lines))
    capsys.readouterr()

    assert run(["contracts", "lock", "--check"]) == 1
    assert problem in capsys.readouterr().out
    frozen = documents.requirements(ContractId.parse(SMALL)).read_bytes()
    assert run(["contracts", "requirements", "--write"]) == 1
    assert "a requirement set is written once" in capsys.readouterr().err
    assert documents.requirements(ContractId.parse(SMALL)).read_bytes() == frozen


def test_a_clause_that_comes_later_is_not_scored_and_no_difference(documents: ContractFolder) -> None:
    """The frozen set stays as it is, and so does the check."""
    assert run(["contracts", "release", SMALL, "--certificate", str(certificate(documents.root))]) == 0
    path = documents.root / "openapi/vocabulary/x-pagination.yaml"
    path.write_text(path.read_text().replace("clauses:\n", 'clauses:\n  - {id: PAG-098, level: MUST, sentence: "A page is quick."}\n'))

    frozen = documents.requirements(ContractId.parse(SMALL)).read_bytes()
    assert "PAG-098" in {clause.id for clause in load_contract(SMALL).clauses()}
    assert run(["contracts", "lock", "--check"]) == 0
    assert run(["contracts", "requirements", "--write"]) == 0
    assert documents.requirements(ContractId.parse(SMALL)).read_bytes() == frozen


def test_a_frozen_set_from_which_a_row_was_taken_fails_the_check(documents: ContractFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """A shorter set would make an easier certificate."""
    assert run(["contracts", "release", SMALL, "--certificate", str(certificate(documents.root))]) == 0
    path = documents.requirements(ContractId.parse(SMALL))
    data = yaml.safe_load(path.read_text())
    data["requirements"].pop()
    path.write_text(yaml.safe_dump(data))
    capsys.readouterr()

    assert run(["contracts", "lock", "--check"]) == 1
    assert "the set is not what was frozen" in capsys.readouterr().out
    assert run(["contracts", "requirements", "--write"]) == 0
    assert run(["contracts", "lock", "--check"]) == 0


def test_a_released_version_may_not_say_that_it_is_a_draft(documents: ContractFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """The mark is no part of the digest, so the check looks for it."""
    source = documents.root / "openapi/small/1.0.0.yaml"
    marked = source.read_text()
    assert run(["contracts", "release", SMALL, "--certificate", str(certificate(documents.root))]) == 0
    source.write_text(marked)
    capsys.readouterr()

    assert run(["contracts", "lock", "--check"]) == 1
    assert "is released and says that it is a draft" in capsys.readouterr().out


def test_taking_the_mark_away_leaves_every_other_byte() -> None:
    """Only the line in `info` goes: a description may speak of drafts."""
    text = "openapi: 3.1.0\ninfo:\n  title: a\n  x-status: draft\n  description: |\n    one\nx-note: |\n  x-status: draft\n"

    assert unmarked(text, Path("a.yaml")) == text.replace("  x-status: draft\n", "", 1)
    with pytest.raises(DocumentMalformed, match="a line of its own"):
        unmarked("info: {x-status: draft}\n", Path("a.yaml"))
