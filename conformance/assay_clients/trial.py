"""Runs a client once for each scenario, and judges what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Sequence

from assay_contracts import Contract, Operation
from assay_contracts.json_types import is_mapping

from assay_clients.errors import NothingToTry
from assay_clients.events import Played, Report, read_report
from assay_clients.hostile import Hostile, running
from assay_clients.judging import ClientRow, judge_client, not_applicable
from assay_clients.scenarios import Scenario
from assay_clients.subjects import Subject, Subjects

AT_ONCE = 4
"""So many clients run beside each other: most of them wait."""
GRACE = 2.0
"""Seconds that a client has beyond its limit before it is stopped."""


async def try_client(
    contract: Contract,
    command: Sequence[str],
    scenarios: Sequence[Scenario],
    *,
    seconds: float = 20.0,
    done: Callable[[ClientRow], None] = lambda _: None,
) -> tuple[ClientRow, ...]:
    """Play every scenario with a client; gives a row for each, in their order.

    `command` is run once for each scenario, and has `seconds` for it. `done` is called with each row as it is known. Raises `NothingToTry`
    for a contract with which no scenario can be played.
    """
    known = Subjects(contract)
    chosen = [(scenario, known.fitting(scenario.needs)) for scenario in scenarios]
    if all(subject is None for _, subject in chosen):
        raise NothingToTry(str(contract.id), expected="an operation that is answered with JSON", actual="none that a scenario can use")
    free = asyncio.Semaphore(AT_ONCE)

    async def play(scenario: Scenario, subject: Subject | None) -> ClientRow:
        if subject is None:
            row = not_applicable(scenario)
        else:
            async with free:
                played = await _play(contract, scenario, subject, command, seconds)
            row = judge_client(scenario, subject.operation.id, played, declared_places(contract, subject.operation))
        done(row)
        return row

    return tuple(await asyncio.gather(*(play(scenario, subject) for scenario, subject in chosen)))


def declared_places(contract: Contract, operation: Operation) -> tuple[str, ...]:
    """Where the contract puts a credential of an operation: `header:authorization`, or the place of an API key."""
    names = {name for alternative in operation.security or () for name in alternative}
    components = contract.openapi.get("components")
    schemes = components.get("securitySchemes") if is_mapping(components) else None
    places = [
        f"{scheme.get('in')}:{name.lower() if scheme.get('in') == 'header' else name}"
        if scheme.get("type") == "apiKey" and isinstance(name := scheme.get("name"), str)
        else "header:authorization"
        for scheme_name, scheme in (schemes.items() if is_mapping(schemes) else ())
        if scheme_name in names and is_mapping(scheme)
    ]
    return tuple(dict.fromkeys(places))


async def _play(contract: Contract, scenario: Scenario, subject: Subject, command: Sequence[str], seconds: float) -> Played:
    hostile = Hostile(contract, scenario, subject)
    async with running(hostile) as address:
        began = time.monotonic()
        report = await _run(command, _environment(hostile, address, seconds), seconds + GRACE)
        elapsed = time.monotonic() - began
    return Played(tuple(hostile.events), report, hostile.items, elapsed, hostile.code)


def _environment(hostile: Hostile, address: str, seconds: float) -> dict[str, str]:
    subject = hostile.subject
    task = "list" if "list" in hostile.scenario.needs else "call"
    variables = {
        "ASSAY_BASE_URL": address,
        "ASSAY_TOKEN": hostile.token,
        "ASSAY_TASK": task,
        "ASSAY_OPERATION": subject.operation.id,
        "ASSAY_PARAMETERS": json.dumps(dict(subject.parameters)),
        "ASSAY_SECONDS": f"{seconds:g}",
        "ASSAY_SCENARIO": hostile.scenario.name,
    }
    if subject.body is not None:
        variables["ASSAY_BODY"] = json.dumps(subject.body)
    if task == "list":
        variables["ASSAY_IDENTITY"] = str(subject.pagination["identity"])
    return {**os.environ, **variables}


async def _run(command: Sequence[str], environment: dict[str, str], seconds: float) -> Report:
    """Run the client in a group of its own; what is left of it after its time is stopped."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate()
    except TimeoutError:
        return read_report("", None)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    return read_report(output.decode(errors="replace"), process.returncode)
