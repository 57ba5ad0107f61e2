"""The parts of a figure by dimension, rounded so that they still add up to it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from assay_server.executive.ledger import DIMENSIONS, Parts
from assay_server.executive.rounding import divided, ratio

MOST = 100
"""How many parts one dimension lists; the smallest of more are added up."""
REST = "Other"

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PartFigure:
    """One part of a figure; `share` is that of `value` in `total`."""

    dimension: str
    name: str
    value: float
    total: float
    share: float


def breakdown(parts: Parts, total: float) -> list[PartFigure]:
    """The parts of every dimension, the largest first; `total` is the figure as it is stated.

    Each part is rounded to the cent, some down and some up, so that the parts of a dimension add up to `total`.
    """
    figures: list[PartFigure] = []
    for dimension in DIMENSIONS:
        named: dict[str, Decimal] = {}
        for part, amount in parts.items():
            name = str(getattr(part, dimension))
            named[name] = named.get(name, Decimal(0)) + amount
        rounded = _to_cents(_largest(named), Decimal(str(total)))
        figures.extend(
            PartFigure(dimension, name, float(value), total, ratio(divided(value, Decimal(str(total)))))
            for name, value in sorted(rounded.items(), key=lambda item: (-item[1], item[0]))
        )
    return figures


def _largest(named: dict[str, Decimal]) -> dict[str, Decimal]:
    if len(named) <= MOST:
        return named
    by_size = sorted(named, key=lambda name: (-abs(named[name]), name))
    listed = {name: named[name] for name in by_size[: MOST - 1]}
    listed[REST] = listed.get(REST, Decimal(0)) + sum((named[name] for name in by_size[MOST - 1 :]), Decimal(0))
    return listed


def _to_cents(named: dict[str, Decimal], total: Decimal) -> dict[str, Decimal]:
    """Round every part down, then the parts that lost most up until they add up to the total."""
    down = {name: amount.quantize(_CENT, ROUND_FLOOR) for name, amount in named.items()}
    missing = int((total - sum(down.values(), Decimal(0))) / _CENT)
    lost_most = sorted(named, key=lambda name: (down[name] - named[name], name))
    for name in lost_most[:missing]:
        down[name] += _CENT
    return down
