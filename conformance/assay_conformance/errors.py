"""What goes wrong in the kit itself, never in what it judges.

KitError                     exit 3   the kit or its surroundings failed
  TargetError                exit 2   the target manifest is wrong or incomplete
  EvidenceError              exit 2   an evidence file cannot be read
  CorpusError                exit 2   there is no corpus for the contract version, or it does not fit
"""

from __future__ import annotations

from assay_contracts import AssayError


class KitError(AssayError):
    """The kit or its surroundings failed."""

    exit_code = 3


class TargetError(KitError):
    """The target manifest is wrong or incomplete."""

    exit_code = 2


class EvidenceError(KitError):
    """An evidence file cannot be read."""

    exit_code = 2


class CorpusError(KitError):
    """There is no corpus for the contract version, or it does not fit."""

    exit_code = 2
