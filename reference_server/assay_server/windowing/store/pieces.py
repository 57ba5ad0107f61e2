"""Which buckets and which facts make up a window: the coarsest buckets that fit, facts at the edges; always the same for one window."""

from __future__ import annotations

from dataclasses import dataclass

from assay_server.windowing.spans import DAY, HOUR

Span = tuple[int, int]
"""A half-open stretch in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The disjoint stretches of a window. `rolled` is what buckets make up, `edges` what facts do."""

    days: tuple[Span, ...]
    hours: tuple[Span, ...]
    edges: tuple[Span, ...]

    @property
    def rolled(self) -> Span:
        """From the first bucket to the last; an empty stretch where there is none."""
        spans = (*self.days, *self.hours)
        return (min(start for start, _ in spans), max(end for _, end in spans)) if spans else (0, 0)


def decompose(start: int, end: int, coarsest: int = DAY, hours_from: int = 0) -> Pieces:
    """Cut `[start, end)`; `coarsest` is the longest bucket that the question can do with.

    Before `hours_from`, the start of a day, there are days alone, and the edges are those of days.

    >>> decompose(90_000, 270_000)
    Pieces(days=((172800, 259200),), hours=((90000, 172800), (259200, 270000)), edges=())
    >>> decompose(90_001, 90_100)
    Pieces(days=(), hours=(), edges=((90001, 90100),))
    >>> decompose(86_400, 270_000, hours_from=172_800)
    Pieces(days=((86400, 172800), (172800, 259200)), hours=((259200, 270000),), edges=())
    """
    if start < hours_from:
        later = decompose(hours_from, end, coarsest) if end > hours_from else Pieces((), (), ())
        return Pieces(((start, min(end, hours_from)), *later.days), later.hours, later.edges)
    first, last = _inside(start, end, HOUR)
    if first >= last:
        return Pieces((), (), _spans((start, end)))
    edges = _spans((start, first), (last, end))
    begin, stop = _inside(first, last, DAY)
    if coarsest < DAY or begin >= stop:
        return Pieces((), ((first, last),), edges)
    return Pieces(((begin, stop),), _spans((first, begin), (stop, last)), edges)


def _inside(start: int, end: int, length: int) -> Span:
    """The whole buckets of a length within a stretch."""
    return -(-start // length) * length, end // length * length


def _spans(*spans: Span) -> tuple[Span, ...]:
    return tuple(span for span in spans if span[0] < span[1])
