"""The `assay` command: the root that finds its subcommands and turns every error into one line.

Each package adds its commands through the entry-point group `assay.commands`. `assay --help` reads their
first sentences from the source instead of importing them, so it is quick and works whatever is installed.
"""

from __future__ import annotations

import ast
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points, version
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

import click

from assay_contracts.errors import AssayError, ExtraMissing
from assay_contracts.termination import INTERRUPTED, Handler, Termination, termination

GROUP = "assay.commands"
BROKEN = 3
EXTRAS = {
    "assay_codegen": "codegen",
    "assay_packaging": "codegen",
    "assay_server": "server",
    "assay_conformance": "conformance",
    "assay_mutants": "conformance",
    "assay_drift": "conformance",
    "assay_compatibility": "release",
    "assay_gate": "release",
}
"""The extra that installs what a package needs."""
EXIT_CODES = "Exit codes: 0 success; 1 the result is negative; 2 bad usage or input; 3 Assay or its environment failed."
STOPPED = "Stopped: 130 by Ctrl-C, 143 by SIGTERM."


class Root(click.Group):
    """A group whose commands are entry points, imported only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command that an installed package adds."""
        return sorted({*super().list_commands(ctx), *_found()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        point = _found().get(cmd_name)
        if point is None:
            return super().get_command(ctx, cmd_name)
        try:
            loaded = point.load()
        except ModuleNotFoundError as error:
            raise _missing(point, error) from error
        return with_exit_codes(loaded) if isinstance(loaded, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with the first sentence of each."""
        found = _found()
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(found[name])) for name in sorted(found)])


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("assay"), prog_name="assay", message="%(prog)s %(version)s")
def root() -> None:
    """Lint contracts, generate clients, certify servers, and judge releases.

    \b
    Try:
      assay contracts list
      assay certify reference --contract reliability@1.0.0

    Exit codes: 0 success; 1 the result is negative; 2 bad usage or input; 3 Assay or its environment failed;
    130 stopped by Ctrl-C; 143 stopped by SIGTERM. `assay COMMAND --help` says what they mean for a command.
    """


def with_exit_codes(command: click.Command) -> click.Command:
    """The command, with its exit codes at the end of its help and of that of each of its subcommands."""
    if isinstance(command, click.Group):
        for subcommand in command.commands.values():
            with_exit_codes(subcommand)
    epilog = command.epilog or ""
    if STOPPED not in epilog:
        own = "exit code" in f"{command.help or ''}{epilog}".lower()
        lines = STOPPED if own else f"{EXIT_CODES}\n\n{STOPPED}"
        command.epilog = f"{epilog.rstrip()}\n\n{lines}".lstrip()
    return command


def main(arguments: list[str] | None = None, earlier: Mapping[signal.Signals, Handler] = MappingProxyType({})) -> None:
    """Run the command and leave with its exit code: what a signal stopped leaves with 130 or 143 and one line.

    `earlier` are the handlers that stood before those of whoever calls; they come back once ours can take over.
    """
    state = Termination()
    try:
        if signal.SIGINT in earlier:
            signal.signal(signal.SIGINT, earlier[signal.SIGINT])
        with termination(state, earlier.get(signal.SIGTERM)):
            code = run(arguments)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit:
        # A library may catch the interrupt of SIGTERM; what the command then says is not to be trusted.
        if not state.received:
            raise
        code = INTERRUPTED
    if state.received or code == INTERRUPTED:
        code = _say(state.word, state.exit_code)
    sys.exit(code)


def run(arguments: list[str] | None = None) -> int:
    """The exit code of a command line; a command may return its own as a number.

    An interrupted command gives 130, and the caller prints why it was stopped.
    """
    try:
        result = root.main(arguments, prog_name="assay", standalone_mode=False)
    except AssayError as error:
        return _say(str(error), error.exit_code, error.details)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except click.UsageError as error:
        help_line = f"; see `{error.ctx.command_path} --help`" if error.ctx else ""
        return _say(f"{error.format_message().rstrip('.')}{help_line}", error.exit_code)
    except click.ClickException as error:
        return _say(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone, which is its right; stdout must not complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ModuleNotFoundError as error:
        point = _found().get(next(iter(sys.argv[1:] if arguments is None else arguments), ""))
        if point is None:
            return _defect(error)
        missing = _missing(point, error)
        return _say(str(missing), missing.exit_code)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _say(f"{where}{error.strerror or error}", BROKEN)
    except Exception as error:
        return _defect(error)
    return result if isinstance(result, int) else 0


def _defect(error: Exception) -> int:
    if os.environ.get("ASSAY_TRACEBACK"):
        raise error
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    return _say(f"a defect of assay itself: {what}; set ASSAY_TRACEBACK=1 to see where", BROKEN)


def _say(message: str, code: int, details: Sequence[str] = ()) -> int:
    click.echo(f"assay: error: {' '.join(message.split())}", err=True)
    for detail in details:
        click.echo(f"  {' '.join(detail.split())}", err=True)
    return code


def _found() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _missing(point: EntryPoint, error: ModuleNotFoundError) -> ExtraMissing:
    """Which extra brings the module that a command lacks: the one of the package that imports it."""
    if error.name and error.name.startswith("assay_"):
        return ExtraMissing(f"assay {point.name}", expected=f"the module {error.name}", actual="none installed")
    extra = EXTRAS.get(_importing_package(error) or "") or EXTRAS.get(point.module.partition(".")[0], "all")
    return ExtraMissing(
        f"assay {point.name}",
        expected=f"the package {error.name}",
        actual="none installed",
        next_step=f'install it with: pip install "assay[{extra}]"',
    )


def _importing_package(error: ModuleNotFoundError) -> str | None:
    """The innermost package of ours that was running."""
    package, step = None, error.__traceback__
    while step is not None:
        name = str(step.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        package, step = name if name in EXTRAS else package, step.tb_next
    return package


def _summary(point: EntryPoint) -> str:
    """The first sentence of a command's docstring, read from its source without importing it."""
    package, *rest = point.module.split(".")
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        base = Path(folder).joinpath(*rest)
        for source in (base.with_suffix(".py"), base / "__init__.py"):
            if source.is_file():
                return _first_sentence(source, point.attr)
    return ""


def _first_sentence(source: Path, name: str) -> str:
    tree = ast.parse(source.read_bytes())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return _opening(ast.get_docstring(node))
    return _opening(ast.get_docstring(tree))


def _opening(docstring: str | None) -> str:
    return " ".join((docstring or "").partition("\n\n")[0].split())
