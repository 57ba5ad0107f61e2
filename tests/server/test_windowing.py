"""The pure core of windowing: facts, cards, timelines, drill-downs and windows, for whatever events and windows come."""

from __future__ import annotations

import dataclasses
import itertools
import json
from typing import Any

import jsonschema_rs
import pytest
from assay_contracts.parsing import bundle_contract
from assay_server.windowing import (
    SPANS,
    Cards,
    EventRejected,
    Fact,
    FactKind,
    InvalidWindow,
    InvoiceUnreadable,
    Metric,
    NostrEvent,
    count,
    drill_down,
    event_hash,
    fact_of,
    in_order,
    parse_event,
    reject,
    resolve_window,
    satoshi_of,
    timeline,
    whole_hours,
)
from hypothesis import given, settings
from hypothesis import strategies as st

HOUR, DAY = 3_600, 86_400
BASE = 1_793_491_200
TARGET, *OTHERS = (digit * 64 for digit in "abcdef")
POST = "0" * 64
FITS = jsonschema_rs.validator_for({**bundle_contract("windowing@2.1.0")[0], "$ref": "#/components/schemas/NostrEvent"}).is_valid


def note(*tags: tuple[str, ...], kind: int = 1, pubkey: str = OTHERS[0], at: int = BASE) -> NostrEvent:
    """An event with these tags."""
    return NostrEvent(id="9" * 64, pubkey=pubkey, created_at=at, kind=kind, tags=tags, content="", sig="0" * 128)


def zap(invoice: str, sender: str = OTHERS[1]) -> NostrEvent:
    """A zap receipt of a wallet."""
    tags = (("p", TARGET), ("p", OTHERS[2]), ("bolt11", invoice), ("description", json.dumps({"pubkey": sender})))
    return note(*tags, kind=9735, pubkey=OTHERS[3])


def facts(kind: FactKind) -> st.SearchStrategy[Fact]:
    """Facts of a kind within nine days."""
    moments = st.integers(BASE - DAY, BASE + 8 * DAY)
    if kind is FactKind.POST:
        hashtags = st.frozensets(st.sampled_from(["nostr", "bitcoin"]))
        return st.builds(Fact, st.uuids().map(str), st.just(kind), st.just(TARGET), st.just(TARGET), moments, hashtags=hashtags)
    satoshi = st.integers(0, 10**9) if kind is FactKind.ZAP else st.just(0)
    target, answers = st.sampled_from([TARGET, OTHERS[0], None]), st.sampled_from([POST, "1" * 64, None])
    return st.builds(Fact, st.uuids().map(str), st.just(kind), st.sampled_from([TARGET, *OTHERS]), target, moments, answers, satoshi)


MANY = st.lists(st.one_of([facts(kind) for kind in FactKind]), max_size=40)
EDGES = st.lists(st.integers(BASE - DAY, BASE + 8 * DAY), min_size=2, max_size=5, unique=True).map(sorted)


def added(parts: list[Cards]) -> dict[str, int]:
    """The sums of all cards that add up."""
    names = [field.name for field in dataclasses.fields(Cards) if field.name != "unique_engagers"]
    return {name: sum(getattr(part, name) for part in parts) for name in names}


@settings(deadline=None)
@given(MANY, EDGES)
def test_adjacent_windows_add_up_and_engagers_do_not_exceed_engagements(found: list[Fact], edges: list[int]) -> None:
    """Whatever the cut; a sender counts once in each part, so the whole has at most the sum of the parts."""
    whole = count(found, TARGET, edges[0], edges[-1])
    parts = [count(found, TARGET, *pair) for pair in itertools.pairwise(edges)]

    assert added([whole]) == added(parts)
    assert whole.unique_engagers <= min(whole.engagements, sum(part.unique_engagers for part in parts))
    assert all(part.unique_engagers <= whole.unique_engagers for part in parts)


@settings(deadline=None)
@given(MANY, EDGES)
def test_a_timeline_has_every_step_once_and_adds_up(found: list[Fact], edges: list[int]) -> None:
    """Hours up to two days, days for longer windows; each step begins where the calendar has it."""
    start, end = edges[0], edges[-1]
    steps = timeline(found, TARGET, start, end)
    length = HOUR if end - start <= 2 * DAY else DAY

    assert [begin for begin, _ in steps] == list(range(start // length * length, end, length))
    assert added([cards for _, cards in steps]) == added([count(found, TARGET, start, end)])


@settings(deadline=None)
@given(MANY, EDGES)
def test_drill_downs_add_up_to_the_cards(found: list[Fact], edges: list[int]) -> None:
    """Every zap stands behind one sender, every engagement in one hour of the day, one weekday and one step."""
    start, end = edges[0], edges[-1]
    cards = count(found, TARGET, start, end)
    zappers = drill_down(Metric.ZAPPERS, found, TARGET, start, end)
    by_time = [
        sum(entry.value for entry in drill_down(metric, found, TARGET, start, end))
        for metric in (Metric.BEST_HOURS, Metric.BEST_DAYS, Metric.TIMELINE)
    ]

    assert (cards.zap_sats, cards.zaps) == (sum(entry.value for entry in zappers), sum(entry.count for entry in zappers))
    assert by_time == [cards.engagements] * 3


@settings(deadline=None)
@given(MANY, EDGES, st.sampled_from(["value:desc", "value:asc", "key:asc"]))
def test_entries_with_one_value_are_in_the_order_of_their_keys(found: list[Fact], edges: list[int], sort: str) -> None:
    """Every order lists the same entries, and ties go up by key."""
    entries = drill_down(Metric.BEST_HOURS, found, TARGET, edges[0], edges[-1])
    ordered = in_order(entries, sort)

    assert sorted(ordered, key=lambda entry: entry.key) == entries
    for one, two in itertools.pairwise(ordered):
        assert one.value != two.value or one.key < two.key or sort == "key:asc"
        assert {"value:desc": one.value >= two.value, "value:asc": one.value <= two.value, "key:asc": one.key < two.key}[sort]


@settings(deadline=None)
@given(st.integers(0, 10**12), st.sampled_from(["", "m", "u", "n", "p"]), st.text("qpzry9x8gf2tvdw0s3jn54khce6mua7l", min_size=1))
def test_an_invoice_is_worth_its_amount_rounded_down(digits: int, multiplier: str, data: str) -> None:
    """Whatever the data part holds; written in capitals it is the same invoice."""
    pico = {"": 12, "m": 9, "u": 6, "n": 3, "p": 0}[multiplier]
    invoice = f"lnbc{digits}{multiplier}1{data}"

    assert satoshi_of(invoice) == digits * 10**pico // 10**4
    assert satoshi_of(invoice.upper()) == satoshi_of(invoice)


@pytest.mark.parametrize(
    "invoice",
    [
        "",
        "lnbc",
        "lntb10u1pvj",
        "lnbcrt10u1pvj",
        "lnbcu1pvj",
        "lnbc10x1pvj",
        "lnbc-1u1pvj",
        "LNbc10u1pvj",
        "xlnbc1pvj",
        "lnbc" + "9" * 5000 + "1pvj",
    ],
)
def test_an_invoice_of_another_network_or_amount_is_unreadable(invoice: str) -> None:
    """The prefix is lnbc, then digits and a multiplier, or neither."""
    with pytest.raises(InvoiceUnreadable):
        satoshi_of(invoice)


@pytest.mark.parametrize(
    ("tags", "kind", "target", "answers"),
    [
        ([], FactKind.POST, OTHERS[0], None),
        ([("e", POST, "", "mention")], FactKind.POST, OTHERS[0], None),
        ([("q", POST), ("p", TARGET)], FactKind.POST, OTHERS[0], None),
        ([("e", POST), ("p", TARGET)], FactKind.REPLY, TARGET, POST),
        ([("e", POST, "wss://relay.example"), ("p", TARGET)], FactKind.REPLY, TARGET, POST),
        ([("e", POST, "", "root", TARGET), ("p", OTHERS[1])], FactKind.REPLY, TARGET, POST),
        ([("e", "1" * 64, "", "root", TARGET), ("e", POST, "", "reply", OTHERS[1]), ("p", TARGET)], FactKind.REPLY, OTHERS[1], POST),
        ([("e", POST, "", "reply"), ("e", "1" * 64, "", "root"), ("p", TARGET)], FactKind.REPLY, TARGET, POST),
        ([("e", "1" * 64, "", "reply"), ("e", POST, "", "reply"), ("p", TARGET), ("p", OTHERS[1])], FactKind.REPLY, TARGET, POST),
        ([("e", "1" * 64), ("e", POST), ("p", TARGET)], FactKind.REPLY, TARGET, POST),
        ([("e", POST), ("e", "1" * 64, "", "mention"), ("p", TARGET)], FactKind.REPLY, TARGET, POST),
        ([("e", POST, "", "root", "not a key"), ("p", TARGET)], FactKind.REPLY, TARGET, POST),
        ([("e", POST)], FactKind.REPLY, None, POST),
        ([("e", POST), ("p", "not a key"), ("p", TARGET)], FactKind.REPLY, None, POST),
        ([("e",), ("p",)], FactKind.POST, OTHERS[0], None),
    ],
)
def test_a_note_answers_the_event_that_its_tags_mark(tags: list[tuple[str, ...]], kind: FactKind, target: str | None, answers: str) -> None:
    """The last reply, else the last root, else the last without a marker; its key is in the fifth place, else the first `p`."""
    found = fact_of(note(*tags))

    assert (found.kind, found.target, found.answers) == (kind, target, answers)


@pytest.mark.parametrize(("kind", "fact"), [(6, FactKind.REPOST), (16, FactKind.REPOST), (7, FactKind.REACTION)])
def test_a_repost_or_reaction_is_to_the_last_key_and_event(kind: int, fact: FactKind) -> None:
    """Earlier tags name the others of the thread."""
    found = fact_of(note(("e", "1" * 64), ("p", OTHERS[1]), ("e", POST), ("p", TARGET), kind=kind))

    assert (found.kind, found.target, found.answers) == (fact, TARGET, POST)
    assert fact_of(note(kind=kind)).target is None
    assert fact_of(note(("p", TARGET), ("p", "not a key"), kind=kind)).target is None


def test_a_zap_is_of_who_asked_for_it_to_the_first_key() -> None:
    """The receipt itself is signed by a wallet."""
    found = fact_of(zap("lnbc25u1pvj"))

    assert (found.kind, found.sender, found.target, found.satoshi) == (FactKind.ZAP, OTHERS[1], TARGET, 2500)


@pytest.mark.parametrize(
    "tags",
    [
        (("p", TARGET), ("description", "{}"), ("bolt11", "lnbc1pvj")),
        (("p", TARGET), ("description", "no JSON"), ("bolt11", "lnbc1pvj")),
        (("p", TARGET), ("description", json.dumps({"pubkey": TARGET}))),
        (("p", TARGET), ("description", json.dumps({"pubkey": TARGET})), ("bolt11", "lntb1pvj")),
    ],
)
def test_a_zap_without_sender_or_readable_invoice_is_rejected(tags: tuple[tuple[str, ...], ...]) -> None:
    """It is no event of the contract."""
    with pytest.raises(EventRejected, match="INVALID_EVENT"):
        fact_of(note(*tags, kind=9735))


def test_hashtags_count_once_a_post_in_lower_case() -> None:
    """However often and in whatever case a post has them; one without a character or of more than 128 is none."""
    tags = (("t", "Nostr"), ("t", "nostr"), ("t", ""), ("t", "x" * 129))
    found = [fact_of(note(*tags, pubkey=TARGET, at=BASE + number)) for number in range(2)]
    entries = drill_down(Metric.TOP_HASHTAGS, found, TARGET, BASE, BASE + DAY)

    assert [(entry.key, entry.value, entry.count) for entry in entries] == [("nostr", 2, 2)]


def test_a_post_from_before_the_window_has_the_engagements_within() -> None:
    """What the target posted earlier can be answered later."""
    post = Fact(POST, FactKind.POST, TARGET, TARGET, BASE - 9 * DAY)
    reply = Fact("2" * 64, FactKind.REPLY, OTHERS[0], TARGET, BASE, answers=POST)

    assert [entry.key for entry in drill_down(Metric.TOP_POSTS, [post, reply], TARGET, BASE, BASE + 1)] == [POST]


@settings(deadline=None)
@given(st.sampled_from(list(SPANS)), st.floats(BASE, BASE + 10**8), st.none() | st.integers(0, BASE + 10**8))
def test_a_rolling_window_ends_in_the_second_of_its_numbers(name: str, computed_at: float, first_fact: int | None) -> None:
    """It has its length; `all` begins at a whole hour, or two years back."""
    window = resolve_window(name, None, None, computed_at=computed_at, first_fact=first_fact)
    length = SPANS[name]

    assert window.end <= computed_at < window.end + 1
    if length is not None:
        assert window.end - window.start == length
    elif first_fact is not None and first_fact < window.end:
        assert window.start == max(first_fact - first_fact % HOUR, window.end - 731 * DAY)
    else:
        assert window.end - window.start == DAY


@settings(deadline=None)
@given(st.integers(0, BASE), st.integers(0, BASE))
def test_a_window_by_its_edges_is_itself_or_invalid(start: int, end: int) -> None:
    """It is invalid exactly when it is empty, reversed or longer than 731 days."""
    if 0 < end - start <= 731 * DAY:
        window = resolve_window(None, start, end, computed_at=BASE)
        assert (window.start, window.end) == (start, end)
    else:
        with pytest.raises(InvalidWindow):
            resolve_window(None, start, end, computed_at=BASE)


def test_a_window_without_parameters_is_the_last_seven_days() -> None:
    """An unknown name is invalid."""
    assert resolve_window(None, None, None, computed_at=BASE + 0.9).start == BASE - 7 * DAY
    with pytest.raises(InvalidWindow, match="interval"):
        resolve_window("14d", None, None, computed_at=BASE)


def test_an_edge_older_than_the_facts_goes_to_the_whole_hour_outside() -> None:
    """Younger edges stay as they are."""
    old = BASE - 200 * DAY + 61

    assert whole_hours(old, old + 7200, BASE) == (old - 61, old - 61 + 10800)
    assert whole_hours(old, BASE - 1, BASE) == (old - 61, BASE - 1)


def signed(**changed: Any) -> dict[str, Any]:
    """A well-formed event whose id is its hash."""
    body = {"pubkey": TARGET, "created_at": BASE, "kind": 1, "tags": [["t", "ü\n\u2028"]], "content": 'a "quote" \\ é', "sig": "0" * 128}
    event = parse_event({"id": "0" * 64, **body, **changed}, FITS)
    return {"id": event_hash(event), **body, **changed}


@pytest.mark.parametrize(
    ("changed", "right", "code"),
    [
        ({}, True, None),
        ({}, False, "INVALID_SIGNATURE"),
        ({"kind": 9735}, False, "INVALID_EVENT"),
        ({"kind": 9735, "created_at": 0}, True, "INVALID_EVENT"),
        ({"kind": 3}, True, "UNKNOWN_KIND"),
        ({"kind": 3}, False, "INVALID_SIGNATURE"),
        ({"created_at": BASE - 180 * DAY}, True, None),
        ({"created_at": BASE - 180 * DAY - 1}, True, "TOO_OLD"),
        ({"created_at": BASE + 900}, True, None),
        ({"created_at": BASE + 901}, True, "IN_THE_FUTURE"),
    ],
)
def test_an_event_is_rejected_for_the_first_rule_that_it_breaks(changed: dict[str, Any], right: bool, code: str | None) -> None:
    """Hash, zap receipt, signature, kind, time, in that order."""
    event = parse_event(signed(**changed), FITS)
    if code is None:
        reject(event, BASE, lambda _: right)
    else:
        with pytest.raises(EventRejected, match=code):
            reject(event, BASE, lambda _: right)


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "A" * 64},
        {"pubkey": 7},
        {"kind": True},
        {"created_at": -1},
        {"created_at": 1.5},
        {"tags": [["e", 1]]},
        {"tags": {}},
        {"sig": ""},
        {"kind": 65536},
        {"tags": [[]]},
        {"content": "x" * 65537},
        {"relay": ""},
    ],
)
def test_a_malformed_item_is_no_event(changed: dict[str, Any]) -> None:
    """Whatever property is wrong; so is an item that is no object."""
    with pytest.raises(EventRejected, match="INVALID_EVENT"):
        parse_event({**signed(), **changed}, FITS)
    with pytest.raises(EventRejected, match="INVALID_EVENT"):
        parse_event([], FITS)


def test_a_whole_number_with_a_decimal_point_is_the_integer() -> None:
    """JSON has one kind of number, and the hash is over the integer."""
    body = signed()

    assert parse_event({**body, "created_at": float(BASE), "kind": 1.0}, FITS) == parse_event(body, FITS)
    reject(parse_event({**body, "created_at": float(BASE)}, FITS), BASE, lambda _: True)


def test_an_id_that_is_not_the_hash_is_rejected_first() -> None:
    """Nothing else is looked at."""
    with pytest.raises(EventRejected, match="INVALID_EVENT"):
        reject(parse_event({**signed(), "id": "1" * 64}, FITS), BASE, lambda _: True)
