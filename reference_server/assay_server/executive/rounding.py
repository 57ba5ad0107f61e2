"""How figures are rounded: half to even, once, after all sums."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

_MONEY, _RATIO = Decimal("0.01"), Decimal("0.000001")


def money(value: Decimal) -> float:
    """An amount of money, to two decimals."""
    return _rounded(value, _MONEY)


def ratio(value: Decimal) -> float:
    """A ratio or a number of months, to six decimals."""
    return _rounded(value, _RATIO)


def divided(numerator: Decimal, denominator: Decimal) -> Decimal:
    """The quotient; 0 when the denominator is 0."""
    return numerator / denominator if denominator else Decimal(0)


def _rounded(value: Decimal, places: Decimal) -> float:
    # Adding 0 makes a negative zero the usual one.
    return float(value.quantize(places, ROUND_HALF_EVEN) + 0)
