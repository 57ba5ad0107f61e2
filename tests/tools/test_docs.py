"""The pages: every link leads somewhere, and every command that is shown exists with its options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from assay_contracts.cli import root

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "certificates").glob("*.md")]
    if "vocabulary" not in path.parts and path.name != "LICENSE"
)


def shown_commands(page: Path) -> list[list[str]]:
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_shown_exists(page: Path) -> None:
    """Its name, and each option that it is given."""
    missing: list[str] = []
    for words in shown_commands(page):
        command: click.Command | None = root
        context = click.Context(root)
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            command = command.get_command(context, words.pop(0))
        if command is None:
            missing.append("a command")
            continue
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)} | {
            "--help",
            "-h",
            "--version",
        }
        missing.extend(word for word in words if word.startswith("--") and word.partition("=")[0] not in known)

    assert missing == []
