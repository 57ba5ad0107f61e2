"""Panels of a page that load beside each other: one that fails leaves the others alone, and says what a person should see.

>>> from assay_sdk.panels import PanelState, advance
>>> advance(PanelState(), "slow").result()
Failed(shows='Data is delayed.', retry=True, error=None)
"""

from assay_sdk.panels.board import Panel, PanelPolicy, Panels
from assay_sdk.panels.outcomes import outcome_of
from assay_sdk.panels.results import Failed, Fresh, Incompatible, PanelResult, Partial, Stale
from assay_sdk.panels.states import Outcome, PanelState, advance

__all__ = [
    "Failed",
    "Fresh",
    "Incompatible",
    "Outcome",
    "Panel",
    "PanelPolicy",
    "PanelResult",
    "PanelState",
    "Panels",
    "Partial",
    "Stale",
    "advance",
    "outcome_of",
]
