"""The terminal: progress while a run goes on, the verdict table when it is over."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from assay_conformance.report.causes import replay_command
from assay_conformance.verdicts import Outcome, Row, Verdict

COLOURS = {
    Verdict.PASS: "green",
    Verdict.FAIL: "red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.ERROR: "magenta",
}


class Progress:
    """One line for each step of a run, drawn on standard error; silent when `quiet`.

    With `steps`, the number of all steps, it also says how far the run is and about how long it still takes.
    """

    def __init__(self, *, quiet: bool = False, steps: int | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        console = Console(stderr=True)
        self._bars = Bars(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=quiet or not console.is_terminal,
        )
        self._plain = None if quiet or console.is_terminal else console
        self._tasks: dict[str, TaskID] = {}
        self._steps, self._done, self._clock, self._began = steps, 0, clock, clock()
        self._whole: TaskID | None = None

    def __enter__(self) -> Progress:
        self._bars.start()
        if self._steps is not None:
            self._whole = self._bars.add_task(self.line, total=self._steps)
        return self

    @property
    def line(self) -> str:
        """How far the run is: `3 of 16 · 12 s · about 8 s left`. The rest is taken to go as fast as what is done."""
        total, passed = self._steps or 0, self._clock() - self._began
        left = f" · about {passed / self._done * (total - self._done):.0f} s left" if 0 < self._done < total else ""
        return f"{self._done} of {total} · {passed:.0f} s{left}"

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def start(self, step: str, total: int | None = None) -> None:
        """A step begins; `total` is how much there is to do, None when nobody knows."""
        self._tasks[step] = self._bars.add_task(step, total=total)
        if self._plain is not None:
            self._plain.print(f"{step} …", highlight=False, soft_wrap=True)

    def advance(self, step: str, by: int = 1) -> None:
        """Something of a step is done."""
        if step in self._tasks:
            self._bars.advance(self._tasks[step], by)

    def finish(self, step: str) -> None:
        """A step is done."""
        if step in self._tasks:
            task = self._bars.tasks[self._tasks[step]]
            done = max(int(task.completed), 1) if task.total is None else int(task.total)
            self._bars.update(self._tasks[step], total=done, completed=done)
        self._done += 1
        if self._whole is not None:
            self._bars.update(self._whole, description=self.line, completed=self._done)
            if self._plain is not None:
                self._plain.print(self.line, highlight=False, soft_wrap=True)


def print_outcome(outcome: Outcome, title: str, console: Console | None = None, *, most: int = 20) -> None:
    """Print the verdict table, a line a family of clauses and a column a verdict, then what stands in the way of a certificate."""
    console = console or Console()
    console.print(_table(outcome, title))
    blocking = outcome.blocking
    for row in blocking[:most]:
        console.print(_explained(row), soft_wrap=True)
    if len(blocking) > most:
        console.print(f"… and {len(blocking) - most} more; the report has them all", highlight=False)
    for waiver in outcome.waived:
        console.print(f"[yellow]waived[/] {escape(waiver)}", highlight=False)
    required = [row for row in outcome.rows if row.level == "MUST" and row.scored]
    passed = sum(row.verdict is Verdict.PASS for row in required)
    if outcome.certified:
        left_out = f", {len(required) - passed} were left out" if passed < len(required) else ""
        head = "CERTIFIED WITHOUT FAULTS" if outcome.waived else "CERTIFIED"
        console.print(
            f"[bold green]{head}[/] {escape(title)}: {passed} of {len(required)} required clauses hold{left_out}",
            highlight=False,
            soft_wrap=True,
        )
    else:
        failed = f"{len(blocking)} of {len(required)} required clauses failed or were inconclusive"
        console.print(f"[bold red]NOT CERTIFIED[/] {escape(title)}: {failed}", highlight=False, soft_wrap=True)


def _table(outcome: Outcome, title: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold")
    table.add_column("clauses")
    table.add_column("subject")
    for verdict in Verdict:
        table.add_column(verdict.value.replace("_", " ").lower(), justify="right")
    counts: dict[tuple[str, str], Counter[Verdict]] = defaultdict(Counter)
    for row in outcome.rows:
        counts[row.clause.split("-")[0], row.subject][row.verdict] += 1
    for (family, subject), found in sorted(counts.items()):
        cells = [f"[{COLOURS[verdict]}]{found[verdict]}[/]" if found[verdict] else "[dim]·[/]" for verdict in Verdict]
        table.add_row(family, subject, *cells)
    return table


def _explained(row: Row) -> str:
    colour = COLOURS[row.verdict]
    head = f"[{colour}]{row.verdict.value}[/] [bold]{row.clause}[/] {escape(row.subject)}: {escape(row.sentence)}"
    about = f"\n    {escape(row.about)}" if row.about else ""
    came = f"\n    expected {escape(row.expected)}\n    got      {escape(row.actual)}" if row.expected else ""
    where = f"\n    evidence {', '.join(row.records)}" if row.records else ""
    again = f"\n    again    {escape(replay_command(row))}" if replay_command(row) else ""
    return head + about + came + where + again
