"""A latency sketch: integer log-linear bins that merge by adding, identical in every language.

Values below 64 have a bin each. Above, every octave is cut into 32 equal bins, so a bin that starts at
`low` is at most `low / 32` wide and its middle is within 1/64 (1.6 %) of every value in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

EXACT_BELOW = 64
PER_OCTAVE = 32
RELATIVE_ERROR = 1 / 64
"""The largest distance of an answer from the true value, as a fraction of the true value."""

_FIRST_OCTAVE = EXACT_BELOW.bit_length() - 1
_SHIFT = PER_OCTAVE.bit_length() - 1


def bin_of(value: int) -> int:
    """Return the bin that holds `value`, a whole number of at least 0."""
    if value < EXACT_BELOW:
        if value < 0:
            raise ValueError(f"expected a latency of at least 0, got {value}; check the clock that measured it")
        return value
    octave = value.bit_length() - 1
    return EXACT_BELOW + (octave - _FIRST_OCTAVE) * PER_OCTAVE + (value >> (octave - _SHIFT)) - PER_OCTAVE


def value_of(position: int) -> float:
    """Return the value that stands for a bin: the middle of the whole numbers in it."""
    if position < EXACT_BELOW:
        return float(position)
    octave, step = divmod(position - EXACT_BELOW, PER_OCTAVE)
    width = 1 << (octave + _FIRST_OCTAVE - _SHIFT)
    return (PER_OCTAVE + step) * width + (width - 1) / 2


@dataclass(frozen=True, slots=True)
class Sketch:
    """Counts by bin, sparse and in bin order."""

    bins: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()

    @classmethod
    def of(cls, values: Iterable[int]) -> Sketch:
        """Return the sketch of `values`."""
        tally: dict[int, int] = {}
        for value in values:
            position = bin_of(value)
            tally[position] = tally.get(position, 0) + 1
        return cls._from_tally(tally)

    @classmethod
    def merged(cls, sketches: Iterable[Sketch]) -> Sketch:
        """Return the one sketch of everything that `sketches` hold together."""
        tally: dict[int, int] = {}
        for sketch in sketches:
            for position, count in zip(sketch.bins, sketch.counts, strict=True):
                tally[position] = tally.get(position, 0) + count
        return cls._from_tally(tally)

    @classmethod
    def _from_tally(cls, tally: dict[int, int]) -> Sketch:
        bins = sorted(tally)
        return cls(tuple(bins), tuple(tally[position] for position in bins))

    def quantile(self, fraction: float) -> float:
        """Return the value at the nearest rank of `fraction`, or 0 when there is none."""
        return quantile(self.bins, self.counts, fraction)


def quantile(bins: Sequence[int], counts: Sequence[int], fraction: float) -> float:
    """Return the value at the nearest rank of `fraction` among binned counts, or 0 when there is none."""
    total = sum(counts)
    if total == 0:
        return 0.0
    # As it is written: 0.07 times 100 is 7.000000000000001 in floats, whose ceiling is one rank too high.
    rank = max(1, math.ceil(Fraction(str(fraction)) * total))
    seen = 0
    for position, count in zip(bins, counts, strict=True):
        seen += count
        if seen >= rank:
            return value_of(position)
    raise AssertionError("a rank is never past the total")
