"""Generated files against what generation gives now: in bytes, and in meaning."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from assay_codegen.package import generate_python
from assay_contracts import load_contract
from assay_drift.meaning import differences

from .conftest import Said

Drift = Callable[..., Said]
RELIABILITY = "reliability@1.0.0"
# An installed package has the documents but not the pages, so both are taken from where the tests stand.
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package that was generated just now, for all tests to copy."""
    return generate_python(load_contract(RELIABILITY)).write(tmp_path_factory.mktemp("generated"))


@pytest.fixture
def package(generated: Path, tmp_path: Path) -> Path:
    """A copy of the package, for one test to change."""
    return Path(shutil.copytree(generated, tmp_path / generated.name))


def look(drift: Drift, package: Path, *more: str) -> Said:
    """Compare a package with its contract."""
    return drift("generated", "--contract", RELIABILITY, "--package", package, "--format", "json", *more)


def states(outcome: Said) -> dict[str, str]:
    """The files that are not current, by name."""
    return {Path(file["path"]).name: file["state"] for file in outcome.json["files"] if file["state"] != "current"}


def test_what_is_committed_is_current(drift: Drift) -> None:
    """The client, the bundles, the locks, the requirement sets and the pages of the vocabulary."""
    outcome = drift("generated", "--pages", ROOT / "docs" / "vocabulary", "--format", "json")

    assert (outcome.code, states(outcome)) == (0, {})
    assert {file["kind"] for file in outcome.json["files"]} == {"python", "bundle", "lock", "requirements", "vocabulary page"}


def test_a_fresh_package_is_current(drift: Drift, package: Path) -> None:
    """Generation gives the same twice."""
    assert (look(drift, package).code, states(look(drift, package))) == (0, {})


@pytest.mark.parametrize(
    ("file", "old", "new", "state", "meaning"),
    [
        ("models.py", "# Generated", "# Written\n# Generated", "bytes", ""),
        ("models.py", '"""Where this page stands."""', '"""Where the page is."""', "bytes", ""),
        ("models.py", "from typing import Annotated, Literal", "from typing import Literal, Annotated", "bytes", ""),
        (
            "models.py",
            "starts: Annotated[int, Field(ge=0)]",
            "starts: Annotated[float, Field(ge=0)]",
            "meaning",
            "FunnelNumbers.starts differs",
        ),
        ("models.py", "    has_more: ", "    more: ", "meaning", "Page.has_more is missing"),
        ("operations.py", 'path="/v1/analytics/failures"', 'path="/v2/analytics/failures"', "meaning", "LIST_FAILURES differs"),
        ("operations.py", "LIST_FAILURES: ", "LIST_FAILURE: ", "meaning", "LIST_FAILURES is missing"),
        ("models.py", "class Page(", "class Page((", "meaning", "cannot be read any more"),
    ],
)
def test_bytes_and_meaning_are_told_apart(drift: Drift, package: Path, file: str, old: str, new: str, state: str, meaning: str) -> None:
    """A comment, a docstring and the order of imports mean nothing; a model, a member and an operation do."""
    text = (package / file).read_text()
    assert old in text
    (package / file).write_text(text.replace(old, new, 1))
    outcome = look(drift, package)

    about = next(entry["differences"] for entry in outcome.json["files"] if entry["path"].endswith(file))
    assert (outcome.code, states(outcome)) == (1, {file: state})
    assert about == [] if not meaning else meaning in about
    assert look(drift, package, "--meaning").code == (0 if state == "bytes" else 1)


def test_missing_and_superfluous_files_are_told(drift: Drift, package: Path) -> None:
    """A package has the files that generation gives, and no others."""
    (package / "errors.py").unlink()
    (package / "more.py").write_text("")

    assert states(look(drift, package)) == {"errors.py": "missing", "more.py": "superfluous"}


@pytest.mark.parametrize(
    ("name", "old", "new", "meaning"),
    [
        ("a.json", '{"a": 1, "b": 2}', '{"b":2,"a":1}', ()),
        ("a.json", '{"description": "one"}', '{"description": "two"}', ()),
        ("a.json", '{"description": {"type": "string"}}', '{"description": {"type": "number"}}', ("/description/type differs",)),
        ("a.json", '{"a": true}', '{"a": 1}', ("/a differs",)),
        ("a.json", '{"a": 1}', "{}", ("/a is superfluous",)),
        ("a.yaml", "# note\na: 1\n", "a: 1\n", ()),
        ("a.md", "one  two\nthree", "one two three\n", ()),
        ("a.md", "one two", "one three", ("the words differ",)),
        (
            "a.ts",
            'import {a} from "a";\nimport {b} from "b";\n// x\nlet c = "//y";',
            'import {b} from "b";\nimport {a} from "a";\nlet c  = "//y";',
            (),
        ),
        ("a.ts", 'let c = "//y";', 'let c = "//z";', ("the code differs",)),
        ("a.py", "import b\nimport a\n", "import a, b\n", ()),
        ("a.py", "__all__ = ['a', 'b']\n", "__all__ = ['b', 'a']\n", ()),
        ("a.py", "import a\n", "import b\n", ("import a is superfluous", "import b is missing")),
        ("a.py", "def f(a):\n    return 1\n", "def f(a, b):\n    return 1\n", ("f differs",)),
        ("record.json", '{"source": "a"}', '{"source": "b"}', ()),
    ],
)
def test_meaning_is_read_by_kind_of_file(name: str, old: str, new: str, meaning: tuple[str, ...]) -> None:
    """Each kind has its own idea of what means nothing."""
    assert differences(name, old, new) == meaning


def test_documents_that_drift_are_told_by_kind(drift: Drift, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle in other bytes, a lock with another digest, a page with other words, a set with another clause."""
    import shutil

    for folder in ("openapi", "asyncapi", "requirements", "docs/vocabulary"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    bundle = tmp_path / "openapi/bundled/reliability-1.0.0.json"
    bundle.write_text(json.dumps(json.loads(bundle.read_bytes()), indent=1))
    lock = tmp_path / "asyncapi/contracts.lock"
    lock.write_text("0" * 64 + lock.read_text()[64:])
    page = tmp_path / "docs/vocabulary/x-cache.md"
    page.write_text(page.read_text().replace("cache", "cash"))
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))
    outcome = drift("generated", "--format", "json")

    assert outcome.code == 1
    assert states(outcome) == {"reliability-1.0.0.json": "bytes", "contracts.lock": "meaning", "x-cache.md": "meaning"}


def test_every_form_says_the_same(drift: Drift, package: Path) -> None:
    """Text for people, JUnit and annotations for pipelines."""
    (package / "errors.py").unlink()
    outcomes = {
        form: drift("generated", "--contract", RELIABILITY, "--package", package, "--format", form) for form in ("text", "junit", "github")
    }

    assert [result.code for result in outcomes.values()] == [1, 1, 1]
    assert "assay generate python --contract reliability@1.0.0" in outcomes["text"].out
    assert ET.fromstring(outcomes["junit"].out)[0].get("failures") == "1"
    assert outcomes["github"].out.startswith("::error file=")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--package", "no-such-folder", "--contract", RELIABILITY], "no-such-folder"),
        (["--package", "."], "--contract"),
        (["--contract", "api.yaml"], "--package"),
        (["--contract", "nothing@1.0.0"], "nothing@1.0.0"),
        (["--pages", "no-such-folder"], "no-such-folder"),
    ],
)
def test_bad_input_is_one_line(drift: Drift, arguments: list[str], message: str) -> None:
    """Exit code 2, and what was expected."""
    outcome = drift("generated", *arguments)

    assert (outcome.code, message in outcome.err, outcome.err.count("\n")) == (2, True, 1)
