"""What can be wrong with the input of a trial of a client.

ScenarioMalformed   exit 2   a file of scenarios has a word that is not known, or lacks one
NothingToTry        exit 2   the contract has no operation that a scenario can use
"""

from __future__ import annotations

from assay_contracts import AssayError


class ScenarioMalformed(AssayError):
    """A file of scenarios cannot be used; the message names the scenario and the word."""


class NothingToTry(AssayError):
    """No scenario fits the contract."""
