"""What the tests of drift share: the command as a person calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from assay_contracts.cli import main

from .scripted import TOKEN


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.out)

    def found(self, side: str) -> set[tuple[str, str, str, str]]:
        """The findings of one side: kind, subject, place and name."""
        return {
            (finding["kind"], finding["subject"], finding["place"], finding["name"])
            for finding in self.json["findings"]
            if finding["side"] == side
        }


@pytest.fixture
def drift(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Call `assay drift`; the variable SHOP_TOKEN holds the token of the shop."""
    monkeypatch.setenv("SHOP_TOKEN", TOKEN)

    def call(*arguments: object) -> Said:
        with pytest.raises(SystemExit) as exit:
            main(["drift", *map(str, arguments)])
        captured = capsys.readouterr()
        return Said(int(exit.value.code or 0), captured.out, captured.err)

    return call
