"""The pages: every link leads somewhere, and every command that is shown exists with its options."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import click
import pytest
from assay_contracts.cli import root, run

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "certificates").glob("*.md")]
    if "vocabulary" not in path.parts and path.name != "LICENSE"
)


def commands_of(page: Path) -> list[list[str]]:
    """The words of each `assay` command in the shell blocks of a page."""
    blocks = re.findall(r"```(?:sh|console|bash)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.partition(" #")[0] for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    words = [shlex.split(part) for line in lines for part in line.split("&&") if "assay " in part]
    return [found[index + 1 :] for found in words for index in [_at(found)] if index is not None]


def _at(words: list[str]) -> int | None:
    return next((index for index, word in enumerate(words) if word == "assay" or word.endswith("/assay")), None)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """Relative links name files and folders that are there."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]

    assert [link for link in links if link and "://" not in link and not (page.parent / link).exists()] == []


def resolved(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that words call, and its arguments."""
    command: click.Command | None = root
    context, rest = click.Context(root), list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        command = command.get_command(context, rest.pop(0))
    assert command is not None, f"assay {' '.join(words)} is no command"
    return command, rest


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_shown_is_accepted(page: Path) -> None:
    """Its name, each option with a value where it takes one, and each value of a fixed choice."""
    for words in commands_of(page):
        command, arguments = resolved(words)
        if "--help" in arguments or "--version" in arguments:
            continue
        context = click.Context(command, info_name=" ".join(words))
        values, rest, _ = command.make_parser(context).parse_args(arguments)
        chosen = {parameter.name: parameter for parameter in command.params if isinstance(parameter.type, click.Choice)}
        for name in (name for name in values.keys() & chosen.keys() if isinstance(values[name], str)):
            chosen[name].type_cast_value(context, values[name])

        assert [word for word in rest if word.startswith("--")] == []


# What only reads, and needs neither a server nor minutes. The others are run by tests of their own: generation in tests/codegen and
# tests/packaging, certification in tests/conformance, the guide for own contracts in tests/contracts/test_serving_guide.py.
READING = (
    ("contracts", "list"), ("contracts", "lint"), ("contracts", "show"), ("contains",), ("diff",), ("explain",), ("next-version",),
    ("gate", "--old"), ("mutants", "list"), ("corpus", "show"), ("generate", "--help"),
)  # fmt: skip
RUN = sorted(
    {
        " ".join(words[: words.index(">")] if ">" in words else words)
        for page in PAGES
        for words in map(tuple, commands_of(page))
        if any(words[: len(opening)] == opening for opening in READING) and not {"--used-by", "--evidence", "lending@1.0.0"} & {*words}
    }
)


def document(version: str, *paths: str) -> str:
    """A small OpenAPI document."""
    get = {"responses": {"200": {"description": "Fine."}}}
    info = {"title": "Things", "version": version}
    return json.dumps({"openapi": "3.1.0", "info": info, "paths": {path: {"get": {"operationId": path[1:], **get}} for path in paths}})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the files that pages name, beside the contracts of this repository."""
    for name in ("openapi", "asyncapi", "requirements"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("old.yaml", "v1.yaml", "openapi.yaml", "api.yaml"):
        (tmp_path / name).write_text(document("1.0.0", "/things"), encoding="utf-8")
    (tmp_path / "v2.yaml").write_text(document("1.1.0", "/things", "/parts"), encoding="utf-8")
    for name in ("new.yaml", "next.yaml"):
        (tmp_path / name).write_text(document("2.0.0", "/parts"), encoding="utf-8")
    (tmp_path / "feed.yaml").write_text(json.dumps({"asyncapi": "3.0.0", "info": {"title": "T", "version": "1.0.0"}}), encoding="utf-8")
    for name, schema in (("A.json", {"type": "integer"}), ("B.json", {"type": "number"})):
        (tmp_path / name).write_text(json.dumps(schema), encoding="utf-8")
    (tmp_path / "pairs.ndjson").write_text(json.dumps({"id": 1, "a": {"type": "integer"}, "b": {}}) + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("line", RUN)
def test_a_command_that_only_reads_runs_as_it_is_written(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It gives a result, good or bad, and no error."""
    try:
        code: object = run(line.split())
    except SystemExit as stopped:
        code = stopped.code

    assert (code in (0, 1), capsys.readouterr().err.count("error:")) == (True, 0)
