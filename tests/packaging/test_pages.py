"""What the pages say of `assay generate` is what the command takes."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from assay_packaging import read_configuration
from assay_packaging.commands import generate

DOCS = Path(__file__).parents[2] / "docs"


def options() -> set[str]:
    """The long options of the command."""
    return {name for option in generate.params if isinstance(option, click.Option) for name in option.opts if name.startswith("--")}


def test_the_reference_lists_every_option() -> None:
    """In its table, except the one that its opening explains."""
    page = (DOCS / "reference" / "generate.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^\| `(--[\w-]+)` \|", page, re.MULTILINE)) == options() - {"--config"}


@pytest.mark.parametrize("page", ["guide/call-an-api.md", "reference/generate.md"])
def test_every_option_on_a_page_exists(page: str) -> None:
    """Of the lines that call the command."""
    text = (DOCS / page).read_text(encoding="utf-8")

    for line in re.findall(r"assay generate[^\n`#]*", text):
        assert set(re.findall(r"(--[\w-]+)", line)) <= options()


def test_the_configuration_of_the_guide_is_read(tmp_path: Path) -> None:
    """As it stands there."""
    text = (DOCS / "guide" / "call-an-api.md").read_text(encoding="utf-8")
    path = tmp_path / "assay.toml"
    path.write_text(text.partition("```toml\n")[2].partition("```")[0], encoding="utf-8")

    (client,) = read_configuration(path)
    assert (client.name, client.standalone, dict(client.names)) == ("acme.todo", True, {"listTodosV2": "listTodos"})
