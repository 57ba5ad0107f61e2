"""Deprecation: what every answer of an operation says that will go."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime

from assay_contracts import Contract

from assay_conformance.check import Violation, brief, check
from assay_conformance.evidence import Exchange
from assay_conformance.exchange_views import annotation, answered_itself

STRUCTURED_DATE = re.compile(r"@(-?[0-9]{1,15})")
SUCCESSOR = re.compile(r'<[^<>]+>[^<]*;\s*rel\s*=\s*("[^"]*\bsuccessor-version\b[^"]*"|successor-version\b)', re.IGNORECASE)


@check("DEP-001", kills={"the-deprecation-is-left-out", "the-deprecation-is-a-year-off"})
def an_answer_says_since_when_it_is_deprecated(exchange: Exchange, contract: Contract, subject: str) -> None:
    """`Deprecation` is the documented day, as a date of structured fields."""
    since = _day(annotation(contract, subject, "x-deprecation")["since"])
    stated = answered_itself(exchange, contract).header("deprecation")
    found = STRUCTURED_DATE.fullmatch(stated or "")
    if found is None or _date(int(found[1])) != since:
        raise Violation(f"@{_seconds(since)}, the {since}", brief(stated), exchange.purpose)


@check("DEP-002", kills={"the-sunset-is-left-out", "the-sunset-is-a-year-off"})
def an_answer_says_when_it_goes(exchange: Exchange, contract: Contract, subject: str) -> None:
    """`Sunset` is the documented day, as an HTTP date."""
    sunset = _day(annotation(contract, subject, "x-deprecation")["sunset"])
    stated = answered_itself(exchange, contract).header("sunset")
    if stated is None or _http_day(stated) != sunset:
        raise Violation(f"an HTTP date of the {sunset}", brief(stated), exchange.purpose)


@check("DEP-003", kills={"nothing-links-to-the-successor"})
def an_answer_links_to_its_successor(exchange: Exchange, contract: Contract, subject: str) -> None:
    """`Link` has a target with the relation `successor-version`."""
    annotation(contract, subject, "x-deprecation")
    stated = answered_itself(exchange, contract).header("link")
    if not SUCCESSOR.search(stated or ""):
        raise Violation('a link with rel="successor-version"', brief(stated), exchange.purpose)


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _seconds(day: dt.date) -> int:
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())


def _date(seconds: int) -> dt.date | None:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC).date()
    except (OverflowError, ValueError, OSError):
        return None


def _http_day(text: str) -> dt.date | None:
    try:
        return parsedate_to_datetime(text).astimezone(dt.UTC).date()
    except (ValueError, OverflowError):
        return None
