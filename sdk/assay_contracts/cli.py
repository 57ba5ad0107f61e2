"""The `assay` command: the root that finds its subcommands and turns every error into one line.

Each package adds its commands through the entry-point group `assay.commands`. `assay --help` reads their
first sentences from the source instead of importing them, so it is quick and works whatever is installed.
"""

from __future__ import annotations

import ast
import os
import sys
from importlib.metadata import EntryPoint, entry_points, version
from importlib.util import find_spec
from pathlib import Path

import click

from assay_contracts.errors import AssayError, ExtraMissing

GROUP = "assay.commands"
INTERRUPTED = 130
BROKEN = 3


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
        return loaded if isinstance(loaded, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with the first sentence of each."""
        found = _found()
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(found[name])) for name in sorted(found)])


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("assay"), prog_name="assay", message="%(prog)s %(version)s")
def root() -> None:
    """Contracts, clients generated from them, a server that keeps them, and proof that any server does.

    \b
    Try:
      assay contracts list
      assay certify reference --contract reliability@1.0.0

    Exit codes: 0 fine, 1 the answer is no, 2 bad usage or bad input, 3 the kit or its environment failed.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command and leave with its exit code."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """The exit code of a command line; a command may return its own as a number."""
    try:
        result = root.main(arguments, prog_name="assay", standalone_mode=False)
    except AssayError as error:
        return _say(str(error), error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except click.UsageError as error:
        help_line = f"; see `{error.ctx.command_path} --help`" if error.ctx else ""
        return _say(f"{error.format_message().rstrip('.')}{help_line}", error.exit_code)
    except click.ClickException as error:
        return _say(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone, which is its right; stdout must not complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _say(f"{where}{error.strerror or error}", BROKEN)
    except Exception as error:
        if os.environ.get("ASSAY_TRACEBACK"):
            raise
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        return _say(f"a defect of assay itself: {what}; set ASSAY_TRACEBACK=1 to see where", BROKEN)
    return result if isinstance(result, int) else 0


def _say(message: str, code: int) -> int:
    click.echo(f"assay: error: {' '.join(message.split())}", err=True)
    return code


def _found() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _missing(point: EntryPoint, error: ModuleNotFoundError) -> ExtraMissing:
    package = point.module.partition(".")[0]
    if error.name and error.name.partition(".")[0] == package:
        return ExtraMissing(f"assay {point.name}", expected=f"the module {error.name}", actual="none installed")
    extra = package.removeprefix("assay_")
    return ExtraMissing(
        f"assay {point.name}",
        expected=f"the package {error.name}",
        actual="none installed",
        next_step=f'install it with: pip install "assay[{extra}]"',
    )


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
