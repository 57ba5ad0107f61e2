"""The gate over any two or more documents: what passes, what does not, and how it is told."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from assay_compatibility.bumps import judge
from assay_compatibility.classes import Severity
from assay_compatibility.versions import Version
from assay_gate.output import FORMATS

from .conftest import Document, Edit, Write

Run = Callable[..., int]


def nothing(_: Document) -> None:
    """No change at all."""


def reworded(document: Document) -> None:
    """A patch: the words are others."""
    document["paths"]["/things"]["get"]["summary"] = "Every thing there is."


def extended(document: Document) -> None:
    """Minor: a parameter may be given."""
    document["paths"]["/things"]["get"]["parameters"].append({"name": "colour", "in": "query", "schema": {"type": "string"}})


def tightened(document: Document) -> None:
    """Major: a parameter must be given."""
    document["paths"]["/things"]["get"]["parameters"].append(
        {"name": "owner", "in": "query", "required": True, "schema": {"type": "string"}}
    )


def dropped(document: Document) -> None:
    """Major, and a removal: an operation is gone."""
    del document["paths"]["/things"]["delete"]


def colourless(document: Document) -> None:
    """A removal of a member."""
    del document["components"]["schemas"]["Thing"]["properties"]["colour"]


FEED: Document = {
    "asyncapi": "3.0.0",
    "info": {"title": "Things", "version": "1"},
    "channels": {"news": {"address": "/news", "messages": {"born": {"payload": {"type": "object"}}}}},
    "operations": {"send": {"action": "send", "channel": {"$ref": "#/channels/news"}}},
}


def announcing(document: Document) -> None:
    """Minor: a channel is new, of a document that no client is generated from by itself."""
    document["channels"]["more"] = {"address": "/more", "messages": {}}
    document["operations"]["more"] = {"action": "send", "channel": {"$ref": "#/channels/more"}}


def deprecating(document: Document) -> None:
    """The operation that will go says so, and so does the member."""
    document["paths"]["/things"]["delete"]["deprecated"] = True
    document["components"]["schemas"]["Thing"]["properties"]["colour"]["deprecated"] = True


EDITS: dict[str, Edit] = {"none": nothing, "patch": reworded, "minor": extended, "major": tightened}
OLDS = {
    "1.2.3": ("1.2.2", "1.2.3", "1.2.4", "1.3.0", "2.0.0", "2.0.0-rc.1", "1.2.4-rc.1", "1.3.0-rc.1"),
    "0.2.3": ("0.2.2", "0.2.3", "0.2.4", "0.3.0", "0.3.0-rc.1", "1.0.0", "1.0.0-rc.1", "2.0.0"),
    "2.0.0-rc.1": ("1.9.0", "2.0.0-beta.1", "2.0.0-rc.1", "2.0.0-rc.2", "2.0.0", "2.1.0", "3.0.0"),
}


@pytest.mark.parametrize(("old", "declared"), [(old, declared_version) for old, row in OLDS.items() for declared_version in row])
@pytest.mark.parametrize("derived", EDITS)
def test_the_exit_code_says_whether_the_declared_version_fits(write: Write, run: Run, old: str, declared: str, derived: str) -> None:
    """Every declared version × every derived class × before 1.0.0, after it, and among pre-releases."""
    fits = judge(Version.parse(old), Version.parse(declared), Severity(derived)).fit.value == "fits"

    assert run("gate", "--old", write(old), "--new", write(declared, EDITS[derived])) == (0 if fits else 1)


@pytest.mark.parametrize(("derived", "owed"), [("none", "1.2.3"), ("patch", "1.2.4"), ("minor", "1.3.0"), ("major", "2.0.0")])
def test_next_version_prints_the_version_alone(write: Write, run: Run, capsys: pytest.CaptureFixture[str], derived: str, owed: str) -> None:
    """A script can take standard output as it is; the reasons are on standard error."""
    assert run("next-version", write("1.2.3"), write("9.9.9", EDITS[derived])) == 0

    captured = capsys.readouterr()

    assert captured.out == f"{owed}\n"
    assert derived in captured.err


def test_next_version_says_how_many_reasons_it_leaves_out(write: Write, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A long list of changes is cut, and the rest is counted."""

    def crowded(document: Document) -> None:
        document["paths"] |= {f"/p{index}": {"get": {"responses": {"200": {"description": "fine"}}}} for index in range(25)}

    assert run("next-version", write("1.2.3", crowded), write("2.0.0")) == 0

    assert re.search(r"… and \d+ more; see --format json", capsys.readouterr().err)


def test_next_version_gives_json_and_pre_releases(write: Write, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The machine form has the version, its class and the changes."""
    assert run("next-version", write("1.2.3"), write("1.2.4", tightened), "--pre", "rc", "--format", "json") == 0

    report = json.loads(capsys.readouterr().out)

    assert (report["version"], report["class"]) == ("2.0.0-rc.1", "major")
    assert report["changes"][0]["rule"] == "required-parameter-added"


def test_every_kept_version_counts(write: Write, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """What breaks the version before last is too small though the last version is served."""
    olds = ("--old", write("1.0.0"), "--old", write("1.1.0", tightened))

    assert run("gate", *olds, "--new", write("1.1.1", tightened, reworded)) == 1
    assert "version-too-small: 1.1.1 after 1.0.0 (major)" in capsys.readouterr().out


def test_a_contested_family_follows_its_policy(write: Write, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """What a policy calls breaking owes a major version, and what it calls additive a minor one."""

    def listed(*values: str) -> Edit:
        return lambda document: document["components"]["schemas"]["Thing"]["properties"].update(size={"type": "string", "enum": [*values]})

    pair = (write("1.2.3", listed("small")), write("1.3.0", listed("small", "large")))

    assert run("next-version", *pair, "--axis", "wire", "--policy", "enum-value-in-response=major") == 0
    assert capsys.readouterr().out == "2.0.0\n"
    assert run("gate", "--old", pair[0], "--new", pair[1], "--axis", "wire", "--policy", "enum-value-in-response=minor") == 0
    assert run("gate", "--old", pair[0], "--new", pair[1], "--axis", "wire", "--policy", "enum-value-in-response=major") == 1


def test_an_older_line_may_go_on(write: Write, run: Run) -> None:
    """A patch of 1.0 is judged by 1.0, whatever 2.0 is."""
    olds = ("--old", write("1.0.0"), "--old", write("2.0.0", tightened))

    assert run("gate", *olds, "--new", write("1.0.1", reworded)) == 0
    assert run("gate", *olds, "--new", write("1.0.1", extended)) == 1


def test_a_version_that_is_out_does_not_change(write: Write, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The same version with other content is refused, in as little as a word."""
    assert run("gate", "--old", write("1.2.3"), "--new", write("1.2.3", reworded)) == 1
    assert "released-version-changed" in capsys.readouterr().out


def test_a_removal_is_deprecated_in_two_releases_before(write: Write, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Once is not enough, and twice is."""
    once = ("--old", write("1.0.0"), "--old", write("1.1.0", deprecating))
    twice = (*once, "--old", write("1.2.0", deprecating, reworded))

    assert run("gate", *once, "--new", write("2.0.0", dropped)) == 1
    assert "removed-without-deprecation: the operation /paths/~1things/delete is removed: not deprecated in" in capsys.readouterr().out
    assert run("gate", *twice, "--new", write("2.0.0", dropped)) == 0
    assert run("gate", *once, "--new", write("2.0.0", dropped), "--deprecated-for", "1") == 0
    capsys.readouterr()
    assert run("gate", "--old", write("1.1.0", deprecating), "--new", write("2.0.0", dropped)) == 1
    assert "is removed: one earlier release that deprecated it must be given as well" in capsys.readouterr().out
    assert run("gate", "--old", write("1.0.0"), "--new", write("2.0.0", dropped), "--deprecated-for", "0") == 0


def test_members_and_parameters_are_deprecated_too(write: Write, run: Run) -> None:
    """A member by its schema, a parameter wherever it stands in its list."""

    def marked(document: Document) -> None:
        document["paths"]["/things"]["get"]["parameters"].insert(0, {"name": "a", "in": "query", "schema": {}})
        document["paths"]["/things"]["get"]["parameters"][1]["deprecated"] = True

    def unmarked(document: Document) -> None:
        document["paths"]["/things"]["get"]["parameters"][0]["deprecated"] = True

    def gone(document: Document) -> None:
        document["paths"]["/things"]["get"]["parameters"] = [{"name": "a", "in": "query", "schema": {}}]

    olds = ("--old", write("1.0.0", deprecating, unmarked), "--old", write("1.1.0", deprecating, marked))

    assert run("gate", *olds, "--new", write("2.0.0", colourless, gone)) == 0
    assert run("gate", "--old", write("1.0.0"), *olds[2:], "--new", write("2.0.0", colourless, gone)) == 1


def test_before_one_anything_may_go(write: Write, run: Run) -> None:
    """A 0.x version promises no deprecation."""
    assert run("gate", "--old", write("0.1.0"), "--new", write("0.2.0", dropped)) == 0


def test_what_is_undecided_is_treated_by_policy(write: Write, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """It fails by default, counts as breaking, or is let be; never silently."""
    same = ("gate", "--axis", "both", "--old", write("1.2.3", of=FEED), "--new", write("1.3.0", announcing, of=FEED))

    assert run(*same) == 1
    assert "undecided-change: source-not-generated" in capsys.readouterr().out
    assert run(*same, "--undecided", "major") == 1
    assert "version-too-small" in capsys.readouterr().out
    assert run(*same, "--undecided", "ignore") == 0
    assert "source-not-generated" in capsys.readouterr().out


def test_next_version_does_not_guess(write: Write, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody can tell, nothing is printed and the answer is no; of a pre-release either answer is the same."""
    new = write("1.3.0", announcing, of=FEED)

    assert run("next-version", "--axis", "both", write("1.2.3", of=FEED), new) == 1
    assert capsys.readouterr().out == ""
    assert run("next-version", "--axis", "both", write("1.2.3", of=FEED), new, "--undecided", "major") == 0
    assert capsys.readouterr().out == "2.0.0\n"
    assert run("next-version", "--axis", "both", write("2.0.0-rc.1", of=FEED), new) == 0
    assert capsys.readouterr().out == "2.0.0\n"


def test_http_and_feed_are_one_release(write: Write, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Documents of one version and two kinds add up; what breaks either breaks the release."""

    def another(document: Document) -> None:
        document["channels"]["news"]["messages"]["born"]["payload"] = {"type": "array"}

    olds = ("--old", write("1.0.0"), "--old", write("1.0.0", of=FEED))

    assert run("gate", *olds, "--new", write("1.1.0", extended), "--new", write("1.1.0", of=FEED)) == 0
    assert run("gate", *olds, "--new", write("1.1.0", extended), "--new", write("1.1.0", another, of=FEED)) == 1
    assert "(feed)" in capsys.readouterr().out


def test_documents_of_two_kinds_are_not_compared(write: Write, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing in common is no reason to pass."""
    assert run("gate", "--old", write("1.0.0"), "--new", write("1.0.1", of=FEED)) == 2
    assert "expected documents of one kind" in capsys.readouterr().err


def entry(**changes: Any) -> str:
    """One ignore entry."""
    words = {"rule": "required-parameter-added", "pointer": "/paths/~1things/get", "reason": "nobody calls it", "owner": "things"}
    lines = [f"{key} = {value!r}" for key, value in {**words, **changes}.items() if key != "expires"]
    return "\n".join(["[[ignore]]", *lines, f"expires = {changes.get('expires', '2999-01-01')}", ""])


def test_an_entry_lets_a_change_be(write: Write, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By rule and pointer, with a reason that is printed."""
    ignores = tmp_path / "ignores.toml"
    ignores.write_text(entry(), encoding="utf-8")
    arguments = ("gate", "--axis", "wire", "--old", write("1.2.3"), "--new", write("1.2.4", tightened))

    assert run(*arguments) == 1
    capsys.readouterr()
    assert run(*arguments, "--ignores", str(ignores)) == 0
    assert "nobody calls it" in capsys.readouterr().out


def test_an_entry_lets_a_removal_be(write: Write, run: Run, tmp_path: Path) -> None:
    """What is gone without deprecation can be answered for as well."""
    ignores = tmp_path / "ignores.toml"
    ignores.write_text(entry(rule="removed-without-deprecation", pointer="/paths/~1things/delete"), encoding="utf-8")
    arguments = ("gate", "--old", write("1.2.3"), "--new", write("2.0.0", dropped))

    assert run(*arguments) == 1
    assert run(*arguments, "--ignores", str(ignores)) == 0


def test_what_is_not_installed_is_no_answer(write: Write, tmp_path: Path) -> None:
    """Without the package that reads clients the gate says so and leaves with 3."""
    hidden = tmp_path / "hidden" / "griffe"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ModuleNotFoundError('no griffe', name='griffe')", encoding="utf-8")
    command = [sys.executable, "-m", "assay_contracts", "gate", "--old", write("1.2.3"), "--new", write("1.3.0", extended)]

    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(hidden.parent)}, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (3, "")
    assert "expected the package griffe" in done.stderr


@pytest.mark.parametrize(
    ("ignored", "rule"),
    [
        ({"expires": "2020-01-01"}, "ignore-expired"),
        ({"pointer": "/paths/~1others"}, "ignore-stale"),
        ({"rule": "path-removed"}, "ignore-stale"),
        ({"contract": "Things", "pointer": "/elsewhere"}, "ignore-stale"),
    ],
)
def test_an_entry_that_ended_or_is_not_needed_fails(
    write: Write, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], ignored: dict[str, Any], rule: str
) -> None:
    """Entries do not pile up unseen."""
    ignores = tmp_path / "ignores.toml"
    ignores.write_text(entry(**ignored), encoding="utf-8")

    assert run("gate", "--old", write("1.2.3"), "--new", write("2.0.0", tightened), "--ignores", str(ignores)) == 1
    assert rule in capsys.readouterr().out


def test_an_entry_of_another_contract_is_no_concern(write: Write, run: Run, tmp_path: Path) -> None:
    """A file of entries may speak of several contracts."""
    ignores = tmp_path / "ignores.toml"
    ignores.write_text(entry(contract="Others"), encoding="utf-8")

    assert run("gate", "--old", write("1.2.3"), "--new", write("2.0.0", tightened), "--ignores", str(ignores)) == 0


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("edit", [extended, tightened])
def test_every_form_says_the_same(write: Write, run: Run, capsys: pytest.CaptureFixture[str], form: str, edit: Edit) -> None:
    """People and machines are told of the same problems, with the same exit code."""
    code = run("gate", "--old", write("1.2.3"), "--new", write("1.3.0", edit), "--format", form)
    output = capsys.readouterr().out

    assert code == (0 if edit is extended else 1)
    assert ("version-too-small" in output) == (edit is tightened)
    if form == "json":
        assert json.loads(output)["passes"] == (edit is extended)
        assert json.loads(output)["subjects"][0]["matrix"][0]["old"] == "1.2.3"
    if form == "junit":
        assert len(ElementTree.fromstring(output).findall(".//failure")) == code
    if form == "github":
        assert output.startswith("::error " if code else "::notice ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("gate", "--old", "{old}"),
        ("gate", "--new", "{old}"),
        ("gate", "nothing-of-that-name"),
        ("gate", "things", "--old", "{old}", "--new", "{old}"),
        ("gate", "--old", "{old}", "--new", "/nowhere.yaml"),
        ("gate", "--old", "{old}", "--new", "{old}", "--declared", "soon"),
        ("gate", "--old", "{old}", "--new", "{old}", "--ignores", "/nowhere.toml"),
        ("gate", "--old", "{old}", "--old", "{old}", "--new", "{old}"),
        ("gate", "--old", "{old}", "--new", "{dated}"),
        ("gate", "--today", "soon"),
        ("gate", "--undecided", "perhaps"),
        ("next-version", "nothing-of-that-name"),
        ("next-version", "{old}", "{dated}"),
        ("next-version", "{old}", "{old}", "--pre", "1."),
    ],
)
def test_bad_input_is_one_clear_line(write: Write, run: Run, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    """Exit code 2, and a line that says what was expected."""
    old, dated = write("1.2.3"), write("2023-08-16")

    assert run(*(argument.format(old=old, dated=dated) for argument in arguments)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1


@pytest.mark.parametrize(
    "text", ["ignore = 1", "[[ignores]]", "nonsense", '[[ignore]]\nrule = "a"', entry(rule=""), entry(more="x"), entry(expires='"soon"')]
)
def test_bad_entries_are_refused(write: Write, run: Run, tmp_path: Path, text: str) -> None:
    """An entry without an owner, a reason or a day is none."""
    ignores = tmp_path / "ignores.toml"
    ignores.write_text(text, encoding="utf-8")

    assert run("gate", "--old", write("1.2.3"), "--new", write("1.2.3"), "--ignores", str(ignores)) == 2


def test_a_version_can_be_named_beside_its_document(write: Write, run: Run) -> None:
    """VERSION=SOURCE gives a document that bears no semantic version one."""
    assert run("gate", "--old", f"1.2.3={write('2023-08-16')}", "--new", write("2024-01-01", tightened), "--declared", "2.0.0") == 0


def test_an_error_names_the_option_that_is_missing(write: Write, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """What is to come needs what was before it, the other way round, and a document is no name of a contract."""
    old, new = write("1.0.0"), write("1.1.0", reworded)

    assert run("gate", "--old", old) == 2
    assert "--old and --tags need --new" in capsys.readouterr().err
    assert run("gate", "--new", new) == 2
    assert "--new needs exactly one of --old or --tags" in capsys.readouterr().err
    assert run("gate", old, new) == 2
    assert f"compare documents with `assay gate --old OLD --new {new}`" in capsys.readouterr().err
