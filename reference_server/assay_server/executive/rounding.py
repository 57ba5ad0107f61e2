"""How figures are rounded: half to even, once, after all sums."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

_MONEY, _RATIO = Decimal("0.01"), Decimal("0.000001")


def exact(value: float | int | Decimal) -> Decimal:
    """The decimal that a number is written as; a float stands for its shortest decimal."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def money(value: Decimal) -> float:
    """An amount of money, to two decimals."""
    return float(value.quantize(_MONEY, ROUND_HALF_EVEN))


def ratio(value: Decimal) -> float:
    """A ratio or a number of months, to six decimals."""
    return float(value.quantize(_RATIO, ROUND_HALF_EVEN))


def divided(numerator: Decimal, denominator: Decimal) -> Decimal:
    """The quotient; 0 when the denominator is 0."""
    return numerator / denominator if denominator else Decimal(0)
