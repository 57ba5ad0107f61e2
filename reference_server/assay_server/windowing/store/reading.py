"""How a window is answered: buckets where they fit, facts at its edges, and what arrived between the rollups and the moment asked for.

Everything of one answer is read in one snapshot of the database. Rollups can be ahead of the moment (a later page, or drill-downs into
an earlier summary) as well as behind it: the facts in between are subtracted or added, so that one window as of one moment always has
the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from assay_server.postgres.connections import Connection, Connections
from assay_server.windowing.cards import Cards
from assay_server.windowing.drilldowns import Entry, Metric
from assay_server.windowing.freshness import Freshness
from assay_server.windowing.spans import DAY, HOUR, Window, resolve_window, step_of, whole_days, whole_hours

from .ingest import ARRIVALS_LOCK
from .pieces import Pieces, Span, decompose
from .values import Answered, EntryPage, Page, Question, Summary

FIRST_ENTRIES = 10
"""How many entries of a drill-down a summary has."""

_NOW = """
select pg_try_advisory_xact_lock_shared(%s), greatest(clock_timestamp(), accepted_at + interval '1 microsecond'),
       accepted_at + interval '1 microsecond', clock_timestamp()
from nostr_state
"""
_BEGIN = b"begin isolation level repeatable read read only"
_COUNTS = ("posts", "replies", "reposts", "reactions", "zaps", "satoshi")
_ENGAGEMENTS = "replies + reposts + reactions + zaps"
_OF_FACT = ", ".join(
    [*(f"case when kind = {number} then sign else 0 end as {name}" for number, name in enumerate(_COUNTS[:5])), "sign * satoshi as satoshi"]
)
_KEYS = ("sender as key", "answers as key", "hashtag as key")
_CONDITIONS = ("", " and kind <> 0 and answers is not null", " and kind = 0")
_FROM = ("", "", ", unnest(hashtags) as hashtag")


@dataclass(frozen=True, slots=True)
class _Scope:
    """One window of one target, resolved: what is asked of the database."""

    target: bytes
    answered: Answered
    start: int
    end: int
    step: int
    folded_to: datetime
    as_of: datetime
    facts_from: int = 0
    hours_from: int = 0

    def parameters(self, **more: Any) -> dict[str, Any]:
        """The values that every statement binds."""
        early, late = sorted((self.folded_to, self.as_of))
        sign = 1 if self.as_of >= self.folded_to else -1
        values = {"target": self.target, "as_of": self.as_of, "early": early, "late": late, "sign": sign, "step": self.step}
        return values | more


class Reading:
    """Answers summaries and drill-downs."""

    __slots__ = ("_connections", "_latest")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._latest = datetime.min.replace(tzinfo=UTC)

    async def moment(self) -> tuple[datetime, datetime]:
        """The latest moment of which every earlier arrival can be seen, and the present; both in UTC.

        It never goes back: what can be seen of a moment once, can be seen while a batch is on its way, too, for that arrives later.
        """
        async with self._connections.read() as connection:
            row = await (await connection.execute(_NOW.encode(), (ARRIVALS_LOCK,), binary=True)).fetchone()
        assert row is not None
        quiet, present, seen, now = row
        # A clock of the database that was set back gives arrivals times before one that was given.
        known = present if quiet else self._latest if seen < self._latest <= present else seen
        self._latest = max(self._latest, known.astimezone(UTC))
        return known.astimezone(UTC), now.astimezone(UTC)

    async def summary(self, question: Question, metrics: Sequence[Metric] = (), *, raw: bool = False) -> Summary:
        """The cards, the timeline and the first entries of drill-downs, `raw` from facts alone; raises `InvalidWindow`."""
        as_of, now = await self.moment()
        as_of = question.as_of or as_of
        async with self._connections.read() as connection:
            await connection.execute(_BEGIN)
            try:
                scope = await _scope(connection, question, as_of, now)
                cards, timeline = await _cards(connection, scope, raw=raw)
                drilldowns = {metric: await _first_entries(connection, scope, metric, timeline) for metric in metrics}
            finally:
                await connection.execute(b"rollback")
        return Summary(_answered(scope, metrics), cards, timeline, drilldowns)

    async def entries(self, question: Question, page: Page) -> EntryPage:
        """One page of a drill-down; raises `InvalidWindow`."""
        as_of, now = await self.moment()
        as_of = question.as_of or as_of
        async with self._connections.read() as connection:
            await connection.execute(_BEGIN)
            try:
                scope = await _scope(connection, question, as_of, now)
                if page.metric is Metric.TIMELINE:
                    _, timeline = await _cards(connection, scope)
                    found = _steps(timeline, page)
                else:
                    found = await _entries(connection, scope, page)
            finally:
                await connection.execute(b"rollback")
        return EntryPage(_answered(scope, (page.metric,)), tuple(found[: page.limit]), len(found) > page.limit)

    async def cost(self, target: str, window: Window, at_most: int) -> int:
        """How many rows of senders a window has in the rollups, counted up to a bound."""
        statement = (
            b"select count(*) from (select from nostr_rollups where target = %s and dimension = 0 and length = 86400 "
            b"and bucket >= %s and bucket < %s limit %s) as rows"
        )
        async with self._connections.read() as connection:
            values = (bytes.fromhex(target), window.start, window.end, at_most)
            row = await (await connection.execute(statement, values)).fetchone()
        return int(row[0]) if row else 0


async def _scope(connection: Connection, question: Question, as_of: datetime, now: datetime) -> _Scope:
    row = await (await connection.execute(b"select folded_to, facts_from, hours_from from nostr_state", binary=True)).fetchone()
    assert row is not None
    folded_to: datetime = row[0].astimezone(UTC)
    facts_from, hours_from = row[1:]
    target = bytes.fromhex(question.target)
    first = await _first_hour(connection, target, folded_to, as_of) if question.interval == "all" else None
    window = resolve_window(question.interval, question.start, question.end, computed_at=now.timestamp(), first_fact=first)
    hours = whole_hours(window.start, window.end, int(now.timestamp()))
    start, end = whole_days(*hours, hours_from)
    step = step_of(window.start, window.end)
    days_alone = (start, end) != hours or (step == HOUR and start < hours_from)
    coarser: Literal["edge-resolution", "retention"] | None = None
    if days_alone or hours != (window.start, window.end):
        coarser = "retention" if days_alone else "edge-resolution"
    answered = Answered(window, Freshness(min(folded_to, as_of), as_of), coarser)
    return _Scope(target, answered, start, end, step, folded_to, as_of, facts_from, hours_from)


def _answered(scope: _Scope, metrics: Sequence[Metric]) -> Answered:
    """How an answer with these drill-downs came about: days alone say nothing of the best hours."""
    without_hours = Metric.BEST_HOURS in metrics and scope.start < scope.hours_from
    return replace(scope.answered, coarser="retention") if without_hours else scope.answered


async def _first_hour(connection: Connection, target: bytes, folded_to: datetime, as_of: datetime) -> int | None:
    """The hour of the target's first event; None without one."""
    early, late = sorted((folded_to, as_of))
    statement = f"""
    select min(bucket) from (
      select bucket from (
        select bucket, {"+".join(_COUNTS[:5])} as n from nostr_rollups
        where target = %(target)s and dimension = 0 and length = {HOUR}
        union all
        select at / {HOUR} * {HOUR}, %(sign)s from nostr_recent
        where target = %(target)s and accepted_at >= %(early)s and accepted_at < %(late)s
      ) as parts group by bucket having sum(n) > 0
    ) as hours
    """  # noqa: S608 - built from constants
    values = {"target": target, "early": early, "late": late, "sign": 1 if as_of >= folded_to else -1}
    row = await (await connection.execute(statement.encode(), values)).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def _parts(pieces: Pieces, dimension: int) -> str:
    """What a window is made of, by key: one row for each bucket and each fact, some of them negative."""
    counts = ", ".join(_COUNTS)
    branches: list[str] = []
    for length, spans in ((DAY, pieces.days), (HOUR, pieces.hours)):
        branches += [
            f"select bucket as at, key, {counts} from nostr_rollups where target = %(target)s and dimension = {dimension} "  # noqa: S608
            f"and length = {length} and bucket >= {start} and bucket < {end}"
            for start, end in spans
        ]
    branches += [_facts("nostr_facts", dimension, span, "accepted_at < %(as_of)s", sign="1") for span in pieces.edges]
    if pieces.days or pieces.hours:
        between = "accepted_at >= %(early)s and accepted_at < %(late)s"
        branches.append(_facts("nostr_recent", dimension, pieces.rolled, between, sign="%(sign)s::int8"))
    return " union all ".join(branches)


def _facts(table: str, dimension: int, span: Span, arrived: str, sign: str) -> str:
    return (
        f"select at, {_KEYS[dimension]}, {_OF_FACT} from {table}, (select {sign} as sign) as signs{_FROM[dimension]} "  # noqa: S608
        f"where target = %(target)s and at >= {span[0]} and at < {span[1]} and {arrived}{_CONDITIONS[dimension]}"
    )


async def _cards(connection: Connection, scope: _Scope, *, raw: bool = False) -> tuple[Cards, tuple[tuple[int, Cards], ...]]:
    pieces = _raw_pieces(scope) if raw else decompose(scope.start, scope.end, scope.step, scope.hours_from)
    sums = ", ".join(f"sum({name})::{'numeric' if name == 'satoshi' else 'int8'} as {name}" for name in _COUNTS)
    statement = f"""
    with parts as ({_parts(pieces, 0)}
    ), keyed as materialized (
      select at / %(step)s * %(step)s as step, key, {sums} from parts group by 1, 2
    ), whole as (
      select key, {sums} from keyed group by key
    )
    select step, {sums}, count(*) filter (where key <> %(target)s and {_ENGAGEMENTS} > 0) from keyed group by step
    union all
    select null, {sums}, count(*) filter (where key <> %(target)s and {_ENGAGEMENTS} > 0) from whole
    """  # noqa: S608 - built from constants
    cursor = await connection.execute(statement.encode(), scope.parameters(), binary=True)
    found: dict[int | None, Cards] = {}
    for step, *numbers in await cursor.fetchall():
        found[step] = Cards(*(int(number or 0) for number in numbers))
    window = scope.answered.window
    steps = range(window.start // scope.step * scope.step, window.end, scope.step)
    return found[None], tuple((begin, found.get(begin, Cards())) for begin in steps)


def _raw_pieces(scope: _Scope) -> Pieces:
    """Facts alone, as far back as there are facts."""
    first = max(scope.start, min(scope.facts_from, scope.end))
    older = decompose(scope.start, first, scope.step, scope.hours_from) if scope.start < first else Pieces((), (), ())
    return Pieces(older.days, older.hours, (*older.edges, (first, scope.end)) if first < scope.end else older.edges)


_ENTRIES = {
    Metric.TOP_POSTS: (1, "key", f"sum({_ENGAGEMENTS})", "value"),
    Metric.TOP_HASHTAGS: (2, "key", "sum(posts)", "value"),
    Metric.ZAPPERS: (0, "key", "sum(satoshi)", "sum(zaps)"),
    Metric.BEST_HOURS: (0, f"at / {HOUR} %% 24", f"sum({_ENGAGEMENTS})", "value"),
    Metric.BEST_DAYS: (0, f"(at / {DAY} + 3) %% 7 + 1", f"sum({_ENGAGEMENTS})", "value"),
}
"""The dimension of a metric, its key, its value and its count."""

_ORDERS = {"value:desc": "value desc, key", "value:asc": "value, key", "key:asc": "key"}
_AFTER = {
    "value:desc": "(value < %(value)s or (value = %(value)s and key > %(key)s))",
    "value:asc": "(value > %(value)s or (value = %(value)s and key > %(key)s))",
    "key:asc": "key > %(key)s",
}


async def _entries(connection: Connection, scope: _Scope, page: Page) -> list[Entry]:
    """The entries of a page and one more, where there is one."""
    dimension, key, value, count = _ENTRIES[page.metric]
    coarsest = HOUR if page.metric is Metric.BEST_HOURS else DAY
    counted = "sum(zaps)" if count != "value" else value
    own = (
        "join nostr_posts p on p.author = %(target)s and p.event_id = parts.key and p.accepted_at < %(as_of)s"
        if page.metric is Metric.TOP_POSTS
        else ""
    )
    after = f"where {_AFTER[page.sort]}" if page.after is not None else ""
    statement = f"""
    with parts as ({_parts(decompose(scope.start, scope.end, coarsest, scope.hours_from), dimension)}
    ), entries as (
      select {key} as key, ({value})::numeric as value, ({counted})::int8 as count from parts {own} group by 1 having {counted} > 0
    )
    select key, value, count from entries {after} order by {_ORDERS[page.sort]} limit %(limit)s
    """  # noqa: S608 - built from constants
    place = {} if page.after is None else {"value": page.after.value, "key": _stored(page.metric, page.after.key)}
    cursor = await connection.execute(statement.encode(), scope.parameters(limit=page.limit + 1, **place), binary=True)
    return [Entry(_written(page.metric, row[0]), int(row[1]), int(row[2])) for row in await cursor.fetchall()]


async def _first_entries(connection: Connection, scope: _Scope, metric: Metric, timeline: Sequence[tuple[int, Cards]]) -> tuple[Entry, ...]:
    page = Page(metric, "key:asc" if metric is Metric.TIMELINE else "value:desc", FIRST_ENTRIES)
    found = _steps(timeline, page) if metric is Metric.TIMELINE else await _entries(connection, scope, page)
    return tuple(found[:FIRST_ENTRIES])


def _steps(timeline: Sequence[tuple[int, Cards]], page: Page) -> list[Entry]:
    """The steps of a timeline after a place, and one more than a page has."""
    entries = [Entry(f"{begin:010d}", cards.engagements, cards.engagements) for begin, cards in timeline]
    signs = {"value:desc": -1, "value:asc": 1, "key:asc": 0}
    sign = signs[page.sort]
    entries.sort(key=lambda entry: (sign * entry.value, entry.key))
    if page.after is not None:
        place = (sign * page.after.value, page.after.key)
        entries = [entry for entry in entries if (sign * entry.value, entry.key) > place]
    return entries[: page.limit + 1]


def _written(metric: Metric, key: Any) -> str:
    match metric:
        case Metric.TOP_HASHTAGS:
            return bytes(key).decode()
        case Metric.BEST_HOURS:
            return f"{key:02d}"
        case Metric.BEST_DAYS:
            return str(key)
        case _:
            return bytes(key).hex()


def _stored(metric: Metric, key: str) -> bytes | int:
    match metric:
        case Metric.TOP_HASHTAGS:
            return key.encode()
        case Metric.BEST_HOURS | Metric.BEST_DAYS:
            return int(key)
        case _:
            return bytes.fromhex(key)
