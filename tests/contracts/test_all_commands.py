"""Every command of every package: a summary, an example, the exit codes, and an end without a traceback."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path

import click
import pytest
from assay_contracts import cli
from assay_contracts.cli import root, run

CHEAP = (
    "assay contracts list",
    "assay contracts show reliability@1.0.0",
    "assay explain enum-value-added",
    "assay explain --policies",
    "assay corpus show --contract reliability@1.0.0 --limit 5",
    "assay mutants list --only PAG-001",
    "assay contracts requirements reliability@1.0.0",
)
"""Examples that need nothing but the installed package, and take no more than a second or two."""


def subcommands(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """A command and everything below it, by what is typed."""
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from subcommands(f"{path} {name}", inner)


@cache
def commands() -> dict[str, click.Command]:
    """Every command by what is typed."""
    context = click.Context(root)
    found: dict[str, click.Command] = {}
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        assert command is not None
        found.update(subcommands(name, command))
    return found


def text_of(command: click.Command) -> str:
    """Its help and what stands below it."""
    return f"{command.help or ''}\n{command.epilog or ''}"


@pytest.mark.parametrize("path", list(commands()))
def test_a_summary_is_a_sentence(path: str) -> None:
    """It opens with a capital and ends with a full stop, on one paragraph."""
    summary = " ".join((commands()[path].help or "").partition("\n\n")[0].split())

    assert (summary[:1].isupper(), summary[-1:], "`assay" in summary[:8]) == (True, ".", False)


@pytest.mark.parametrize("path", list(commands()))
def test_help_has_an_example_and_the_exit_codes(path: str) -> None:
    """What is shown can be copied, and a pipeline learns what every exit means."""
    text = text_of(commands()[path])

    assert f"assay {path}" in text.partition("Try:")[2]
    assert "exit code" in text.lower()
    assert "130 by Ctrl-C, 143 by SIGTERM" in text


@pytest.mark.parametrize("example", CHEAP)
def test_a_cheap_example_runs(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is printed by some help, and does what that promises."""
    printed = "\n".join(text_of(command) for command in commands().values())

    assert f"{example}\n" in printed
    assert run(shlex.split(example)[1:]) == 0
    assert capsys.readouterr().out


def test_the_root_lists_what_each_command_says_of_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """The list is read from the source, and reads as the help of the command does."""
    assert run(["--help"]) == 0
    listed = " ".join(capsys.readouterr().out.split())

    for path, command in commands().items():
        if " " not in path:
            assert f"{path} {' '.join((command.help or '').partition(chr(10) * 2)[0].split())}" in listed


def wait_for_handler(pid: int) -> None:
    """Return once a process handles SIGTERM: before that, a busy machine may not have let it run a line of ours."""
    status = Path(f"/proc/{pid}/status")
    for _ in range(3_000) if status.exists() else ():
        caught = next(line for line in status.read_text().splitlines() if line.startswith("SigCgt"))
        if int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.01)


@pytest.mark.parametrize("delay", [0.04, 0.1, 0.2, 0.5])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_command_prints_one_line(number: signal.Signals, code: int, delay: float) -> None:
    """Whether it is still importing or at work already: no traceback, and the exit code that shells give."""
    waiting = "import sys; sys.argv[1:] = ['contains', '--batch', '-']; from assay_command import main; print('ready', flush=True); main()"
    process = subprocess.Popen(
        [sys.executable, "-c", waiting], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    wait_for_handler(process.pid)
    time.sleep(delay)
    process.send_signal(number)

    error = process.communicate(timeout=90)[1]

    assert (process.returncode, error.strip()) == (code, f"assay: error: {'interrupted' if code == 130 else 'terminated'}")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_no_moment_lies_between_the_handlers(number: signal.Signals, code: int) -> None:
    """What ends a command as the command line takes over is told like any other end."""
    kill = f"os.kill(os.getpid(), {int(number)})"
    ended = (
        f"import os, assay_contracts.cli as cli; run = cli.main; cli.main = lambda *given, **named: ({kill}, run(*given, **named)); "
        "from assay_command import main; main()"
    )

    done = subprocess.run([sys.executable, "-c", ended, "--version"], capture_output=True, text=True, timeout=90)

    assert (done.returncode, done.stdout, done.stderr.strip()) == (
        code,
        "",
        f"assay: error: {'interrupted' if code == 130 else 'terminated'}",
    )


@pytest.mark.parametrize(("package", "extra"), sorted(cli.EXTRAS.items()))
def test_a_package_that_is_missing_anywhere_names_its_extra(
    package: str, extra: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether it is missed when the command is read or when it runs; the package that imports it says which extra."""

    @click.command()
    def late() -> None:
        exec("import there_is_no_such_package", {"__name__": f"{package}.inside"})

    class Point(EntryPoint):
        def load(self) -> object:
            return late

    point = Point("late", "assay_contracts.commands:late", cli.GROUP)
    monkeypatch.setattr(cli, "_found", lambda: {"late": point})

    assert run(["late"]) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f'expected the package there_is_no_such_package, got none installed; install it with: pip install "assay[{extra}]"' in error
