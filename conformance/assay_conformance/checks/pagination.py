"""Pagination: what a walk over pages promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from assay_contracts import Contract
from assay_contracts.pointers import MISSING

from assay_conformance.body_values import at, items_at, shown
from assay_conformance.check import NeedsHook, NotConcerned, NotReached, Violation, brief, check, expect
from assay_conformance.evidence import Evidence, Exchange, Refusal, SamePage, Walk
from assay_conformance.exchange_views import annotation, answered_in_time, has_code, succeeded, success_of, summarize

NOT_MODIFIED = 304


def identities(walk: Walk, spec: Mapping[str, Any]) -> list[Any]:
    """The identities of all items of a walk, in order; a page without a list of items is a violation."""
    found: list[Any] = []
    for page in walk.pages:
        items = items_at(success_of(page), spec["items"])
        if items is None:
            raise Violation(f"a list of objects at {spec['items']}", summarize(page), page.purpose)
        found.extend(item.get(spec["identity"]) for item in items)
        if spec["style"] == "cursor" and at(page.answer.json, spec["cursor"]["next"]) is None:
            break
    return found


def is_shifted(walk: Walk, spec: Mapping[str, Any]) -> bool:
    """Whether items of a walk may come again: what is inserted before the number of items to skip moves the others on."""
    return bool(walk.added) and spec.get("style") == "offset"


class Named:
    """The identities of walks, each read once."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._spec = spec
        self._known: dict[str, list[Any]] = {}

    def of(self, walk: Walk) -> list[Any]:
        """The identities of all items of a walk, in order."""
        if walk.id not in self._known:
            self._known[walk.id] = identities(walk, self._spec)
        return self._known[walk.id]


def earlier(evidence: Evidence, later: Walk, spec: Mapping[str, Any]) -> Iterator[Walk]:
    """The complete walks over the same list that had ended when this one began."""
    began = later.pages[0].sent
    for walk in evidence.of(Walk):
        if (walk.subject, walk.tenant, walk.filter) == (later.subject, later.tenant, later.filter) and walk.complete and walk.pages:
            last = walk.pages[-1]
            if last.sent + last.elapsed < began:
                yield walk


@check("PAG-001", kills={"the-last-item-of-a-page-stands-on-the-next-too", "the-second-page-is-the-first-again"})
def a_walk_gives_no_item_twice(walk: Walk, contract: Contract, subject: str) -> None:
    """Each item stands on one page of the walk."""
    spec = annotation(contract, subject, "x-pagination")
    if len(walk.pages) < 2:
        raise NotReached("no list had a second page")
    if is_shifted(walk, spec):
        raise NotConcerned
    counted = Counter(identities(walk, spec))
    expect([name for name, number in counted.items() if number > 1][:5], equals=[], about=f"repeated items, {walk.purpose}")


@check("PAG-001", kills=())
def a_walk_while_items_are_added_is_seen(evidence: Evidence, contract: Contract, subject: str) -> None:
    """At least one walk of several pages had items added meanwhile."""
    if not any(walk.added > 0 and len(walk.pages) > 1 and walk.subject == subject for walk in evidence.of(Walk)):
        raise NeedsHook("no items were added during a walk")


@check(
    "PAG-002",
    kills={"the-first-item-of-every-later-page-is-left-out", "the-list-ends-early", "a-cursor-counts-in-pages-of-the-size-that-is-sent"},
)
def a_walk_gives_every_item(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Every item that an earlier walk in the same order gave is given, whatever the page size."""
    spec = annotation(contract, subject, "x-pagination")
    walks = [walk for walk in evidence.of(Walk) if walk.subject == subject and walk.pages]
    compared, named = 0, Named(spec)
    for walk in walks:
        before = [item for item in earlier(evidence, walk, spec) if item.sort == walk.sort]
        if not before:
            continue
        found = set(named.of(walk))
        for reference in before:
            known = named.of(reference)
            missing = [name for name in known if name not in found]
            if missing or not walk.complete:
                raise Violation(
                    f"all {len(known)} items of an earlier walk",
                    f"{brief(missing[:3])} and {max(0, len(missing) - 3)} more missing" if missing else "a walk without end",
                    f"{walk.purpose} (page size {walk.size}, {len(walk.pages)} pages)",
                )
            compared += len(walk.pages) > 1 and bool(known)
    if not compared:
        raise NotReached("no list with several pages was read twice")


@check("PAG-002", kills=())
def every_item_is_given_while_items_are_added(evidence: Evidence, contract: Contract, subject: str) -> None:
    """At least one walk of several pages, with items added meanwhile, could be compared with one before it."""
    spec = annotation(contract, subject, "x-pagination")
    for walk in evidence.of(Walk):
        if walk.subject == subject and walk.added and len(walk.pages) > 1 and any(earlier(evidence, walk, spec)):
            return
    raise NeedsHook("no items were added during a walk")


@check("PAG-003", kills={"pages-are-cut-short", "one-item-too-many-stands-on-a-page", "two-page-sizes-lift-the-bound"})
def a_page_is_full_unless_it_is_the_last(exchange: Exchange, contract: Contract, subject: str) -> None:
    """A page holds as many items as were asked for, fewer only on the last."""
    spec = annotation(contract, subject, "x-pagination")
    answer, size = succeeded(exchange), _size(exchange, spec)
    items = items_at(answer, spec["items"])
    several = _sizes(exchange, spec)
    if items is not None and len(several) > 1:
        # Whichever of several sizes a server takes, a page holds no more than it and the bound allow.
        expect(len(items), at_most=min(max(several), spec["size"]["maximum"]), about="items of a page")
        return
    if items is None or size is None:
        raise NotConcerned
    expect(len(items), at_most=size, about="items of a page")
    if not _is_last(answer.json, spec):
        expect(len(items), equals=size, about="items of a page that is not the last")


@check("PAG-004", kills={"more-is-said-on-the-last-page", "more-is-denied-before-the-last-page", "the-last-page-has-a-cursor"})
def the_last_page_says_that_it_is(exchange: Exchange, contract: Contract, subject: str) -> None:
    """The cursor is null exactly where the page says that no more follow."""
    spec = annotation(contract, subject, "x-pagination")
    body = succeeded(exchange).json
    cursor = at(body, spec["cursor"]["next"])
    if cursor is MISSING or not (cursor is None or isinstance(cursor, str)):
        raise Violation("a cursor or null", brief(shown(cursor)), exchange.purpose)
    if "more" in spec:
        expect(shown(at(body, spec["more"])), equals=cursor is not None, about=f"{spec['more']} beside the cursor {brief(cursor, 40)}")


@check("PAG-004", kills={"an-empty-page-follows-the-last"})
def no_empty_page_follows_the_last(walk: Walk, contract: Contract, subject: str) -> None:
    """A cursor leads to at least one item: the page before an empty one was the last."""
    spec = annotation(contract, subject, "x-pagination")
    if len(walk.pages) < 2:
        raise NotReached("no list had a second page")
    for page in walk.pages[1:]:
        items = items_at(success_of(page), spec["items"]) or []
        expect(len(items), at_least=1, about=f"items of a page that a cursor led to, {walk.purpose}")
    expect(walk.complete, equals=True, about="whether the cursors came to an end")


@check("PAG-005", kills={"the-default-page-size-is-another", "the-page-size-in-use-is-misstated"})
def the_page_size_in_use_is_stated(exchange: Exchange, contract: Contract, subject: str) -> None:
    """The answer states the size that was asked for, or the documented default."""
    spec = annotation(contract, subject, "x-pagination")
    answer, size = succeeded(exchange), _size(exchange, spec)
    if size is None:
        raise NotConcerned
    expect(shown(at(answer.json, spec["size"]["echo"])), equals=size, about="the page size in use")


@check("PAG-005", kills={"the-default-page-size-is-another"})
def the_default_page_size_is_used(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A page without a page size was asked for, and held as many items as the default says where another followed."""
    spec = annotation(contract, subject, "x-pagination")
    seen = 0
    for exchange in evidence.of(Exchange):
        if exchange.subject != subject or not exchange.answer.succeeded or exchange.expected == "broken":
            continue
        if exchange.request.parameter(spec["size"]["parameter"]) is None:
            items = items_at(exchange.answer, spec["items"])
            if items is not None and not _is_last(exchange.answer.json, spec):
                expect(len(items), equals=spec["size"]["default"], about="items of a page of the default size")
                seen += 1
    if not seen:
        raise NotReached("no list was longer than a page of the default size")


@check("PAG-006", kills={"a-page-size-too-large-is-clamped", "a-page-size-too-small-is-clamped"})
def a_page_size_out_of_bounds_is_refused(refusal: Refusal, contract: Contract, subject: str) -> None:
    """A size below or above the bounds, or one that is no number, is refused with its code."""
    expect_refusal(refusal, contract, "page-size/")


@check("PAG-007", kills={"a-bad-cursor-starts-from-the-beginning"})
def a_forged_cursor_is_refused(refusal: Refusal, contract: Contract, subject: str) -> None:
    """A cursor that nobody issued, or of which a part is missing or changed, is refused with its code."""
    expect_refusal(refusal, contract, "cursor/forged", "cursor/truncated", "cursor/altered")


@check(
    "PAG-008",
    kills={"a-moved-cursor-starts-from-the-beginning", "a-cursor-is-not-bound-to-its-order", "a-cursor-is-not-bound-to-its-filter"},
)
def a_moved_cursor_is_refused(refusal: Refusal, contract: Contract, subject: str) -> None:
    """A cursor issued for another tenant, order or filter is refused with its code."""
    expect_refusal(refusal, contract, "cursor/other-tenant", "cursor/other-sort", "cursor/other-filter")


@check("PAG-008", kills=())
def a_cursor_is_moved_between_everything_that_binds_it(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A cursor was moved between tenants, orders and filters, as far as the contract binds it to them."""
    spec = annotation(contract, subject, "x-pagination")
    operation = contract.operation(subject)
    rules = {
        operation.annotations.get("x-tenancy", {}).get("parameter"): "cursor/other-tenant",
        operation.annotations.get("x-order", {}).get("parameter"): "cursor/other-sort",
        operation.annotations.get("x-filter", {}).get("parameter"): "cursor/other-filter",
    }
    tried = {refusal.rule for refusal in evidence.of(Refusal) if refusal.subject == subject}
    missing = [name for name in spec["cursor"].get("binds", ()) if name in rules and rules[name] not in tried]
    if missing:
        raise NotReached(f"no cursor was moved between values of {', '.join(missing)}")


@check("PAG-009", kills={"an-expired-cursor-starts-from-the-beginning"})
def an_expired_cursor_is_refused(evidence: Evidence, contract: Contract, subject: str) -> None:
    """A cursor that has expired is refused with its code."""
    refusals = [item for item in evidence.of(Refusal) if item.subject == subject and item.rule == "cursor/expired"]
    if not refusals:
        raise NeedsHook("no cursor expired")
    for refusal in refusals:
        expect_refusal(refusal, contract, "cursor/expired")


@check("PAG-010", kills={"the-same-cursor-gives-the-items-in-another-order"})
def the_same_cursor_gives_the_same_page(pair: SamePage, contract: Contract, subject: str) -> None:
    """Both answers hold the same items in the same order."""
    spec = annotation(contract, subject, "x-pagination")
    first, again = (items_at(success_of(item), spec["items"]) for item in (pair.first, pair.again))
    if not first:
        raise NotReached("the page had no items")
    # JSON has no order of members, so values are compared and not the way they are written.
    if again != first:
        raise Violation(brief(first, 4000), brief(again, 4000), "the page requested again")


@check("PAG-010", kills=())
def a_later_page_is_asked_for_again(evidence: Evidence, contract: Contract, subject: str) -> None:
    """At least one of the pages asked for twice was reached by a cursor."""
    spec = annotation(contract, subject, "x-pagination")
    pairs = [pair for pair in evidence.of(SamePage) if pair.subject == subject]
    if not any(pair.first.request.parameter(spec["cursor"]["parameter"]) for pair in pairs):
        raise NotReached("no page behind a cursor was requested twice")


@check("PAG-011", kills={"the-largest-page-size-is-refused", "the-smallest-page-size-is-refused"})
def the_bounds_of_the_page_size_are_accepted(evidence: Evidence, contract: Contract, subject: str) -> None:
    """The smallest and the largest size are answered with a page."""
    spec = annotation(contract, subject, "x-pagination")
    for bound in (spec["size"]["minimum"], spec["size"]["maximum"]):
        requested = [
            item
            for item in evidence.of(Exchange)
            if item.subject == subject and item.expected == "accepted" and item.request.parameter(spec["size"]["parameter"]) == str(bound)
        ]
        if not requested:
            raise NotReached(f"the page size {bound} was never requested")
        for exchange in requested:
            # A request of the corpus may have a tag, and then the page may be the one that the client has.
            if exchange.answer.status != NOT_MODIFIED and not (exchange.answer.succeeded and _is_page(exchange, spec)):
                raise Violation("a page", summarize(exchange), f"page size {bound}")


@check("PAG-012", kills={"an-empty-list-says-more", "an-empty-list-is-not-found"})
def an_empty_collection_is_one_empty_page(exchange: Exchange, contract: Contract, subject: str) -> None:
    """The tenant without items is answered one last page without any."""
    spec = annotation(contract, subject, "x-pagination")
    if exchange.request.credential != "empty" or exchange.expected != "accepted":
        raise NotConcerned
    answer = success_of(exchange, "a list without items")
    expect(shown(at(answer.json, spec["items"])), equals=[], about="the items of an empty collection")
    expect(_is_last(answer.json, spec), equals=True, about="whether the empty page is the last")
    if "more" in spec:
        expect(shown(at(answer.json, spec["more"])), equals=False, about="whether more pages follow an empty one")


@check("PAG-013", kills={"a-moved-cursor-starts-from-the-beginning"})
def a_cursor_is_bound_to_each_parameter(evidence: Evidence, contract: Contract, subject: str) -> None:
    """With another value of a parameter that it is bound to, a cursor is refused; each parameter was tried."""
    spec = annotation(contract, subject, "x-pagination")["cursor"]
    tried: set[str] = set()
    for refusal in evidence.of(Refusal):
        moved = [name for name, rule in _moves(contract, subject).items() if refusal.rule == rule]
        if refusal.subject == subject and moved:
            expect_refusal(refusal, contract, "cursor/other-")
            tried.update(moved)
    missing = [name for name in spec["binds"] if name not in tried]
    if missing:
        raise NotReached(f"no cursor was moved between values of {', '.join(missing)}")


@check("PAG-014", kills={"a-later-page-states-another-time"})
def every_page_states_what_the_first_page_stated(walk: Walk, contract: Contract, subject: str) -> None:
    """What a cursor keeps is the same on all pages of a walk."""
    kept = annotation(contract, subject, "x-pagination")["cursor"].get("keeps", ())
    if len(walk.pages) < 2:
        raise NotReached("no list had a second page")
    first = success_of(walk.pages[0]).json
    for place, page in enumerate(walk.pages[1:], start=2):
        for pointer in kept:
            stated = at(success_of(page).json, pointer)
            if stated != at(first, pointer):
                raise Violation(f"{brief(shown(at(first, pointer)))} at {pointer}", brief(shown(stated)), f"page {place} of {walk.purpose}")


@check("PAG-015", kills={"the-total-counts-the-page"})
def the_total_is_the_number_of_items(walk: Walk, contract: Contract, subject: str) -> None:
    """A list that nobody changed meanwhile has as many items as each of its pages says."""
    spec = annotation(contract, subject, "x-pagination")
    if walk.added or not walk.complete:
        raise NotReached("no list was read to its end while nothing was added")
    stated = at(walk.pages[0].answer.json, spec["offset"]["total"])
    totals = {brief(shown(at(success_of(page).json, spec["offset"]["total"]))) for page in walk.pages}
    if len(totals) > 1 and len(walk.pages) > 1 and not _counts_page(walk, spec):
        raise NotReached("the list changed while it was read")
    found = len(set(identities(walk, spec)))
    if stated != found or isinstance(stated, bool):
        raise Violation(
            f"{found}, the number of its items", brief(shown(stated)), f"the total at {spec['offset']['total']} of {walk.purpose}"
        )


def _counts_page(walk: Walk, spec: Mapping[str, Any]) -> bool:
    """Whether every total is the number of the items beside it: such a total changes with the page, not with the list."""
    pages = [(at(page.answer.json, spec["offset"]["total"]), items_at(page.answer, spec["items"]) or ()) for page in walk.pages]
    return all(total == len(items) for total, items in pages)


def _moves(contract: Contract, subject: str) -> dict[str, str]:
    """The rule that a cursor breaks with another value of each parameter that it is bound to."""
    annotations = contract.operation(subject).annotations
    known = {
        annotations.get("x-tenancy", {}).get("parameter"): "cursor/other-tenant",
        annotations.get("x-order", {}).get("parameter"): "cursor/other-sort",
        annotations.get("x-filter", {}).get("parameter"): "cursor/other-filter",
    }
    return {name: known.get(name, f"cursor/other-{name}") for name in annotations["x-pagination"]["cursor"].get("binds", ())}


def expect_refusal(refusal: Refusal, contract: Contract, *rules: str) -> None:
    """A request that breaks one of these rules is refused with the right code."""
    if not refusal.rule.startswith(rules):
        raise NotConcerned
    answer = answered_in_time(refusal.exchange)
    if answer.status < 400 or not has_code(answer, contract, refusal.codes):
        raise Violation(" or ".join(refusal.codes), summarize(refusal.exchange), refusal.purpose)


def _sizes(exchange: Exchange, spec: Mapping[str, Any]) -> list[int]:
    """Every page size that a request states."""
    stated = (value for name, value in exchange.request.query if name == spec["size"]["parameter"])
    return [int(value) for value in stated if value.isdecimal()]


def _size(exchange: Exchange, spec: Mapping[str, Any]) -> int | None:
    """The page size that a request states, or the default; None where it states none that is a number, or several."""
    if len(_sizes(exchange, spec)) > 1:
        return None
    requested = exchange.request.parameter(spec["size"]["parameter"])
    if requested is None:
        return int(spec["size"]["default"])
    return int(requested) if requested.isdecimal() else None


def _is_page(exchange: Exchange, spec: Mapping[str, Any]) -> bool:
    return items_at(exchange.answer, spec["items"]) is not None


def _is_last(body: Any, spec: Mapping[str, Any]) -> bool:
    if spec["style"] == "cursor":
        return at(body, spec["cursor"]["next"]) is None
    return "more" not in spec or at(body, spec["more"]) is False
