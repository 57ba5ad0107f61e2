"""Scenarios are data: what is shipped can be read, and a word that is not known is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from assay_clients.errors import ScenarioMalformed
from assay_clients.scenarios import parse_scenarios, read_scenarios, shipped_scenarios

GOOD = """
[[scenario]]
name = "away"
sentence = "It waits."
needs = ["safe"]
script = [{ answer = "status", status = 503 }, { answer = "success" }]
expect = { outcome = "value", gap = 1 }
"""


def test_what_is_shipped_is_read() -> None:
    """Each has a sentence, and something that can fail."""
    for scenario in shipped_scenarios():
        assert scenario.sentence.endswith(".")
        assert scenario.expect != type(scenario.expect)()


def test_a_file_of_somebody_is_read(tmp_path: Path) -> None:
    """With the steps in their order."""
    path = tmp_path / "own.toml"
    path.write_text(GOOD)
    (scenario,) = read_scenarios(path)

    assert [step.answer for step in scenario.script] == ["status", "success"]
    assert scenario.expect.gap == 1


def test_what_a_script_needs_need_not_be_written() -> None:
    """A scenario of somebody's own is never played with an operation that cannot answer so."""
    (scenario,) = parse_scenarios(GOOD.replace('answer = "success"', 'answer = "pages", then = "cursor-rejected"'), "own.toml")

    assert scenario.needs == {"safe", "list", "cursor-code"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('answer = "success"', 'answer = "sucess"', "step 2: answer"),
        ('answer = "success"', 'answer = "success", times = 2', "step 2: times"),
        ("status = 503", 'status = "503"', "step 1: status"),
        ('needs = ["safe"]', 'needs = ["save"]', "needs"),
        ('needs = ["safe"]', 'needs = "safe"', "needs"),
        ('outcome = "value"', 'outcome = "fine"', "outcome"),
        ("gap = 1", "gaps = 1", "gaps"),
        ('name = "away"\n', "", "`name`"),
        ("[[scenario]]", "[[scene]]", "scenario"),
        ("[[scenario]]", "[[scenario", "TOML"),
        ('script = [{ answer = "status", status = 503 }, { answer = "success" }]', "script = []", "at least one step"),
    ],
)
def test_a_word_that_is_not_known_is_refused(old: str, new: str, message: str) -> None:
    """With its place: a scenario that is not played as it was meant shows nothing."""
    with pytest.raises(ScenarioMalformed, match=message):
        parse_scenarios(GOOD.replace(old, new), "own.toml")


def test_a_name_stands_once() -> None:
    """Rows are told apart by it."""
    with pytest.raises(ScenarioMalformed, match="away"):
        parse_scenarios(GOOD + GOOD, "own.toml")


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """Not a traceback."""
    with pytest.raises(ScenarioMalformed, match=r"nowhere\.toml"):
        read_scenarios(tmp_path / "nowhere.toml")
