"""Scenarios as data: what a server answers, and what a client must make of it. A word that is not known is an error, never ignored."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from assay_contracts.json_types import is_list, is_mapping

from assay_clients.errors import ScenarioMalformed

NEEDS = frozenset({"safe", "unsafe", "object", "enum", "required", "final-code", "secured", "list", "cursor-code"})
ANSWERS = frozenset({"success", "status", "code", "drop", "silence", "redirect", "pages"})
CHANGES = frozenset({"", "extra-property", "unknown-enum", "missing-property", "truncated", "no-json", "dripping"})
BODIES = frozenset({"declared", "html", "empty"})
OUTCOMES = frozenset({"value", "error", "either"})
_IMPLIED = {
    "code": "final-code", "pages": "list", "extra-property": "object", "unknown-enum": "enum", "missing-property": "required",
    "cursor-rejected": "cursor-code",
}  # fmt: skip
"""What an operation must have to be answered so, by the word of a step."""
_STEP_WORDS = {"answer", "status", "headers", "body", "change", "pages", "then"}
_EXPECT_WORDS = {"outcome", "requests", "gap", "status", "code", "once", "credential", "items"}


@dataclass(frozen=True, slots=True)
class Step:
    """How one request is answered: a word of `ANSWERS` and what belongs to it."""

    answer: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: str = "declared"
    change: str = ""
    pages: int = 1
    then: str = ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is judged.

    `outcome` is what the client must report; `requests` is the most that it may send, `gap` the least seconds between the first two.
    `status` and `code` must be reported with an error. `once` allows repetition only under one idempotency key. `credential` is
    `declared` or `first-origin`; `items` is `all` where every item of a list must be reported once and in order.
    """

    outcome: str = "either"
    requests: int = 0
    gap: float = 0.0
    status: int = 0
    code: bool = False
    once: bool = False
    credential: str = ""
    items: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way in which a server behaves, with the sentence that a client is held to. `level` is MUST or SHOULD."""

    name: str
    sentence: str
    needs: frozenset[str]
    script: tuple[Step, ...]
    expect: Expectation
    level: str = "MUST"


def shipped_scenarios() -> tuple[Scenario, ...]:
    """The scenarios that a client is certified with."""
    return parse_scenarios(files("assay_clients").joinpath("scenarios.toml").read_text(encoding="utf-8"), "scenarios.toml")


def read_scenarios(path: Path) -> tuple[Scenario, ...]:
    """Scenarios of somebody's own. Raises `ScenarioMalformed`."""
    try:
        return parse_scenarios(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioMalformed(str(path), expected="a TOML file of scenarios", actual=str(error)) from None


def parse_scenarios(text: str, name: str) -> tuple[Scenario, ...]:
    """Read scenarios from TOML; `name` says in errors where it comes from. Raises `ScenarioMalformed`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioMalformed(name, expected="TOML", actual=str(error)) from None
    rows = data.get("scenario")
    if set(data) != {"scenario"} or not is_list(rows):
        raise ScenarioMalformed(name, expected="tables [[scenario]] and nothing else", actual=", ".join(data) or "nothing")
    found = tuple(_scenario(row, f"{name}: scenario {number}") for number, row in enumerate(rows, start=1))
    names = [scenario.name for scenario in found]
    twice = sorted({item for item in names if names.count(item) > 1})
    if twice:
        raise ScenarioMalformed(name, expected="each name once", actual=", ".join(twice))
    return found


def _scenario(row: Any, where: str) -> Scenario:
    table = _table(row, {"name", "sentence", "needs", "script", "expect", "level"}, where)
    for word in ("name", "sentence", "script", "expect"):
        if word not in table:
            raise ScenarioMalformed(where, expected=f"`{word}`")
    where = f"{where} ({table['name']})"
    needs = table.get("needs", [])
    if not is_list(needs):
        raise ScenarioMalformed(f"{where}: needs", expected="a list of words")
    script = table["script"]
    if not is_list(script) or not script:
        raise ScenarioMalformed(f"{where}: script", expected="at least one step")
    steps = tuple(_step(step, f"{where}: step {number}") for number, step in enumerate(script, start=1))
    words = (word for step in steps for word in (step.answer, step.change, step.then))
    return Scenario(
        str(table["name"]),
        str(table["sentence"]),
        frozenset(_word(str(need), NEEDS, f"{where}: needs") for need in needs) | {_IMPLIED[word] for word in words if word in _IMPLIED},
        steps,
        _expectation(table["expect"], f"{where}: expect"),
        _word(str(table.get("level", "MUST")), {"MUST", "SHOULD"}, f"{where}: level"),
    )


def _step(value: Any, where: str) -> Step:
    table = _table(value, _STEP_WORDS, where)
    _word(str(table.get("answer", "")), ANSWERS, f"{where}: answer")
    _word(str(table.get("change", "")), CHANGES, f"{where}: change")
    _word(str(table.get("body", "declared")), BODIES, f"{where}: body")
    _word(str(table.get("then", "")), {"", "circle", "cursor-rejected"}, f"{where}: then")
    return Step(**_typed(table, Step(answer=""), where))


def _expectation(value: Any, where: str) -> Expectation:
    table = _table(value, _EXPECT_WORDS, where)
    _word(str(table.get("outcome", "either")), OUTCOMES, f"{where}: outcome")
    _word(str(table.get("credential", "")), {"", "declared", "first-origin"}, f"{where}: credential")
    _word(str(table.get("items", "")), {"", "all"}, f"{where}: items")
    return Expectation(**_typed(table, Expectation(), where))


def _typed(table: Mapping[str, Any], example: Step | Expectation, where: str) -> dict[str, Any]:
    """The values of a table, each of the type that the same field of an example has."""
    for word, value in table.items():
        wanted = getattr(example, word)
        right = isinstance(value, int | float) and not isinstance(value, bool) if isinstance(wanted, float) else type(value) is type(wanted)
        if not right:
            raise ScenarioMalformed(f"{where}: {word}", expected=f"a value such as {wanted!r}", actual=repr(value))
    return dict(table)


def _table(value: Any, words: set[str], where: str) -> Mapping[str, Any]:
    if not is_mapping(value):
        raise ScenarioMalformed(where, expected="a table")
    unknown = sorted(set(value) - words)
    if unknown:
        raise ScenarioMalformed(f"{where}: {unknown[0]}", expected=f"one of {', '.join(sorted(words))}")
    return value


def _word(word: str, known: frozenset[str] | set[str], where: str) -> str:
    if word not in known:
        raise ScenarioMalformed(where, expected=f"one of {', '.join(sorted(known - {''}))}", actual=repr(word))
    return word
