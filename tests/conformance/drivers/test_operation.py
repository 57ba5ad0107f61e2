"""The driver of operations: it replays the requests of a corpus, those that read first, then those that write."""

from __future__ import annotations

import pytest
from assay_conformance.corpus import CorpusCase, CorpusRequest, Outcome, Slot
from assay_conformance.drivers.operation import MOST_WRITES, decided, drive, drive_changing
from assay_conformance.errors import CorpusError
from assay_conformance.evidence import Exchange

from .harbour import Call, Reply, contract_of, evidence_of, operation, query_parameter

SHIP = {"name": "ship", "in": "path", "required": True, "schema": {"type": "string"}}
HARBOUR = contract_of(
    {
        "/ships": {"get": operation("listShips", [query_parameter("flag")]), "post": operation("addShip", [query_parameter("flag")])},
        "/ships/{ship}": {
            "get": operation("readShip", [SHIP]),
            "put": operation("moveShip", [SHIP]),
            "delete": operation("scrapShip", [SHIP]),
        },
    }
)
ONE_SHIP = (("ship", Slot("parameter:ship")),)


def case(id: str, outcome: Outcome = "accepted", *, flag: str = "", name: str = "flag", codes: tuple[str, ...] = ()) -> CorpusCase:
    """A request of an operation, with this query parameter unless it is empty."""
    called = HARBOUR.operation(id)
    places = ONE_SHIP if "{ship}" in called.path else ()
    request = CorpusRequest(called.method, called.path, places, ((name, flag),) if flag else ())
    return CorpusCase(id, request, "positive", "examples", outcome, codes, f"flag {flag}")


def fine(_: Call) -> Reply:
    """A harbour that takes anything."""
    return Reply({})


def test_requests_that_read_are_sent_with_what_is_expected_of_them() -> None:
    """The purpose names the case; a request that writes waits."""
    wrong = case("listShips", "refused", flag="x", codes=("BAD_FLAG",))

    exchanges = evidence_of(drive, HARBOUR, fine, cases=(wrong, case("addShip"))).of(Exchange)

    assert [(item.subject, item.expected, item.codes, item.request.query) for item in exchanges] == [
        ("listShips", "refused", ("BAD_FLAG",), (("flag", "x"),))
    ]
    assert exchanges[0].purpose == f"corpus {wrong.id}: flag x"


def test_writes_follow_method_by_method() -> None:
    """What deletes comes last, so that what it deletes is there for the others."""
    cases = tuple(case(name) for name in ("scrapShip", "moveShip", "addShip", "listShips"))

    exchanges = evidence_of(drive_changing, HARBOUR, fine, cases=cases, parameters={"ship": "ship-01"}).of(Exchange)

    assert [item.request.method for item in exchanges] == ["POST", "PUT", "DELETE"]
    assert exchanges[-1].request.path == "/ships/ship-01"


def test_of_right_writes_some_are_enough_and_every_wrong_one_is_sent() -> None:
    """Each right one leaves something behind."""
    right = tuple(case("addShip", flag=f"right-{number}") for number in range(MOST_WRITES + 9))
    wrong = tuple(case("addShip", "refused", flag=f"wrong-{number}") for number in range(MOST_WRITES + 9))

    exchanges = evidence_of(drive_changing, HARBOUR, fine, cases=(*right, *wrong)).of(Exchange)

    assert len([item for item in exchanges if item.expected == "accepted"]) == MOST_WRITES
    assert len([item for item in exchanges if item.expected == "refused"]) == MOST_WRITES + 9


@pytest.mark.parametrize(("outcome", "sent"), [("accepted", False), ("refused", True)])
def test_a_right_request_with_an_undeclared_parameter_is_left_out(outcome: Outcome, sent: bool) -> None:
    """A correct server may accept or reject it."""
    item = case("listShips", outcome, flag="1", name="sail")

    assert decided(HARBOUR, (item,)) == ((item,) if sent else ())


def test_a_limited_rate_is_waited_for_once() -> None:
    """Only the last answer is kept."""
    answered: list[str] = []

    def limits_once(call: Call) -> Reply:
        answered.append(call.path)
        return Reply({}, 429, {"Retry-After": "0"}) if len(answered) == 1 else Reply({})

    exchanges = evidence_of(drive, HARBOUR, limits_once, cases=(case("listShips"),)).of(Exchange)

    assert ([item.answer.status for item in exchanges], answered) == ([200], ["/ships", "/ships"])


def test_a_value_that_the_target_lacks_ends_the_replay() -> None:
    """The name of a ship that nobody stated."""
    with pytest.raises(ExceptionGroup) as raised:
        evidence_of(drive, HARBOUR, fine, cases=(case("readShip"),))

    assert raised.group_contains(CorpusError)
