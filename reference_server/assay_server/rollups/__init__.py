"""The pure half of the analytics: windows, sketches, figures and the incident rule."""

from .incidents import STEP, Density, Incident, detect, replay
from .metrics import Metrics, Tally
from .sketch import RELATIVE_ERROR, Sketch, bin_of, quantile, value_of
from .windows import EPOCH, Span, Tier, bucket_starts, ceil, decompose, floor, rolled

__all__ = [
    "EPOCH",
    "RELATIVE_ERROR",
    "STEP",
    "Density",
    "Incident",
    "Metrics",
    "Sketch",
    "Span",
    "Tally",
    "Tier",
    "bin_of",
    "bucket_starts",
    "ceil",
    "decompose",
    "detect",
    "floor",
    "quantile",
    "replay",
    "rolled",
    "value_of",
]
