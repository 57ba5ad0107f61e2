"""The help of every command: a summary that fits on its line, an example that the command accepts, and exit codes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.metadata import entry_points

import click
import pytest
from assay_contracts.cli import GROUP, root

WIDTH = 80


def commands(command: click.Command = root, path: tuple[str, ...] = ("assay",)) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below the root, by the words that call it."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield (*path, name), found
            yield from commands(found, (*path, name))


COMMANDS = dict(commands())
NAMES = sorted(COMMANDS)
GROUPS = [words for words in NAMES if isinstance(COMMANDS[words], click.Group)]


def help_of(words: tuple[str, ...]) -> str:
    """What `--help` prints."""
    command = COMMANDS[words]
    return command.get_help(click.Context(command, info_name=words[-1], terminal_width=WIDTH))


def examples(words: tuple[str, ...]) -> list[list[str]]:
    """The command lines of the help."""
    lines = re.findall(r"^ *((?:[A-Z_]+=\S+ )*assay [^\n]*)$", help_of(words), re.MULTILINE)
    return [shlex.split(line.partition(" #")[0].partition(" > ")[0]) for line in lines]


@pytest.mark.parametrize("words", NAMES, ids=" ".join)
def test_the_help_has_a_summary_an_example_and_exit_codes(words: tuple[str, ...]) -> None:
    """What the command does in one sentence, how it is called, and what its exit codes mean."""
    text = help_of(words)
    summary = (COMMANDS[words].help or "").partition("\n\n")[0]

    assert summary.endswith(".")
    assert len(" ".join(summary.split())) <= WIDTH
    assert any(example[0] == "assay" or "=" in example[0] for example in examples(words))
    assert "Exit codes:" in text
    assert "130 by Ctrl-C" in text


@pytest.mark.parametrize("words", GROUPS, ids=" ".join)
def test_no_summary_is_cut_in_the_list_of_a_group(words: tuple[str, ...]) -> None:
    """A reader of the list sees whole sentences."""
    assert "..." not in help_of(words).partition("Commands:")[2]


@pytest.mark.parametrize("words", NAMES, ids=" ".join)
def test_every_example_names_the_command_and_options_that_it_has(words: tuple[str, ...]) -> None:
    """A copied example is accepted by the parser of its command."""
    for example in examples(words):
        called = example[next(index for index, word in enumerate(example) if word == "assay") :]
        name = next(length for length in range(len(called), 0, -1) if tuple(called[:length]) in COMMANDS)
        command = COMMANDS[tuple(called[:name])]
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}

        assert [word for word in called[name:] if word.startswith("--") and word.partition("=")[0] not in known] == []


def test_the_root_lists_the_summary_of_every_command() -> None:
    """It is read from the source, so it must be the one that the command itself has."""
    listed = " ".join(root.get_help(click.Context(root, info_name="assay", terminal_width=WIDTH)).split())

    for point in entry_points(group=GROUP):
        command = COMMANDS["assay", point.name]
        assert f"{point.name} {' '.join((command.help or '').partition(chr(10) * 2)[0].split())}" in listed
