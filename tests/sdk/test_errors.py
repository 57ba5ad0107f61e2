"""Errors by code, category and status, and how often each is tried again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TypeVar

import assay_sdk.generated.reliability_1_0_0 as generated
import pytest
from assay_contracts import load_contract
from assay_sdk import (
    ApiError,
    AuthorizationError,
    AvailabilityError,
    ContractMismatchError,
    LoggedTelemetry,
    ReliabilityClient,
    RetryPolicy,
    SdkError,
    TransientError,
    TransportError,
    UnknownError,
    ValidationError,
)
from assay_sdk.generated.reliability_1_0_0.errors import CODES
from assay_sdk.retry import jittered, read_retry_after
from assay_sdk.telemetry import AnswerReceived, RequestSent, RetryPlanned

from tests.sdk.plain import PlainClient, Problem, operation
from tests.sdk.scripted import Reply, Seen, error, http_server, state

_TAXONOMY = load_contract("reliability@1.0.0").taxonomy
DECLARED = _TAXONOMY.codes if _TAXONOMY is not None else {}
CATEGORIES = {
    "validation": ValidationError,
    "authz": AuthorizationError,
    "transient": TransientError,
    "availability": AvailabilityError,
    "contract": ContractMismatchError,
    "unknown": UnknownError,
}
T = TypeVar("T")
QUICK = RetryPolicy(first_pause=0.001, longest_pause=0.002)


def failing(reply: Reply, *, times: int = 1_000_000) -> tuple[Callable[[Seen], Reply], list[Seen]]:
    """A server that answers so a number of times, and well after that."""
    seen: list[Seen] = []

    def script(got: Seen) -> Reply:
        seen.append(got)
        return reply if len(seen) <= times else Reply(200, state(7))

    return script, seen


def call(url: str, retry: RetryPolicy = QUICK, telemetry: LoggedTelemetry | None = None) -> None:
    with ReliabilityClient(url, retry=retry, telemetry=telemetry or LoggedTelemetry()) as client:
        client.get_realtime_snapshot(tenant_id="tenant-a")


@pytest.mark.parametrize("code", DECLARED)
def test_every_code_of_the_taxonomy_is_an_error_of_its_own_below_its_category(code: str) -> None:
    """The error carries everything that the envelope states, and its text says what to do next."""
    declared = DECLARED[code]
    body = error(code, declared.category, declared.status, field="to", component="store")
    script, _ = failing(Reply(declared.status, body))
    with http_server(script) as server, pytest.raises(ApiError) as caught:
        call(server.url)

    found = caught.value
    assert type(found) is CODES[code]
    assert isinstance(found, CATEGORIES[declared.category])
    assert (found.code, found.status, found.category) == (code, declared.status, declared.category)
    assert (found.field, found.component, found.correlation_id) == ("to", "store", "from-the-body")
    assert found.next_step in str(found)


def test_the_classes_of_the_codes_are_exported_by_their_own_name() -> None:
    """INVALID_WINDOW is InvalidWindow."""
    assert (generated.InvalidWindow, generated.RateLimited) == (CODES["INVALID_WINDOW"], CODES["RATE_LIMITED"])


def test_a_code_that_the_client_does_not_know_falls_back_to_its_category() -> None:
    """A later minor version may add a code."""
    script, _ = failing(Reply(409, error("TENANT_FROZEN", "authz", 409)))
    with http_server(script) as server, pytest.raises(AuthorizationError) as caught:
        call(server.url)

    assert (type(caught.value), caught.value.code, caught.value.status) == (AuthorizationError, "TENANT_FROZEN", 409)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, ValidationError),
        (401, AuthorizationError),
        (403, AuthorizationError),
        (406, ContractMismatchError),
        (418, ValidationError),
        (429, TransientError),
        (500, UnknownError),
        (502, TransientError),
        (503, AvailabilityError),
        (302, UnknownError),
    ],
)
@pytest.mark.parametrize("body", [b"<html>proxy</html>", b"", [], {"error": "text"}, error("", "nonsense", 0)])
def test_an_answer_that_is_no_error_body_falls_back_to_its_status(status: int, expected: type[ApiError], body: object) -> None:
    """What stands between client and server answers in its own words."""
    script, _ = failing(Reply(status, body))
    with http_server(script) as server, pytest.raises(ApiError) as caught:
        call(server.url)

    assert (type(caught.value), caught.value.code) == (expected, f"HTTP_{status}")


@pytest.mark.parametrize(
    ("code", "category", "status", "attempts"),
    [
        ("INVALID_WINDOW", "validation", 400, 1),
        ("FORBIDDEN_TENANT", "authz", 403, 1),
        ("SCHEMA_MISMATCH", "contract", 406, 1),
        ("STORE_BUSY", "transient", 503, 3),
        ("SERVICE_UNAVAILABLE", "availability", 503, 5),
        ("UNHANDLED", "unknown", 500, 1),
    ],
)
def test_a_call_is_tried_as_often_as_its_category_says(code: str, category: str, status: int, attempts: int) -> None:
    """Every attempt carries the same correlation id, and the error counts them."""
    retryable = category in ("transient", "availability", "unknown")
    script, seen = failing(Reply(status, error(code, category, status, retryable=retryable)))
    with http_server(script) as server, pytest.raises(ApiError) as caught:
        call(server.url)

    assert (len(seen), caught.value.attempts) == (attempts, attempts)
    assert len({request.headers["X-Correlation-Id"] for request in seen}) == 1


def test_an_application_may_try_unknown_errors_again() -> None:
    """The contract leaves it to the client, and the policy decides."""
    script, seen = failing(Reply(500, error("UNHANDLED", "unknown", 500, retryable=True)), times=1)
    with http_server(script) as server:
        call(server.url, RetryPolicy(optional_attempts=2, first_pause=0.001))

    assert len(seen) == 2


def test_an_error_that_says_it_is_not_retryable_is_not_tried_again() -> None:
    """Whatever its category."""
    script, seen = failing(Reply(503, error("STORE_BUSY", "transient", 503, retryable=False)))
    with http_server(script) as server, pytest.raises(TransientError):
        call(server.url)

    assert len(seen) == 1


def test_a_call_that_succeeds_in_the_end_is_a_success() -> None:
    """Nothing is raised for the attempts before."""
    script, seen = failing(Reply(503, error("SERVICE_UNAVAILABLE", "availability", 503, retryable=True)), times=4)
    with http_server(script) as server:
        call(server.url)

    assert len(seen) == 5


def test_a_connection_that_breaks_is_tried_again() -> None:
    """A GET may be repeated when its fate is unknown."""
    script, seen = failing(Reply(broken=True), times=2)
    with http_server(script) as server:
        call(server.url)

    assert len(seen) == 3


def test_a_server_that_is_gone_is_given_up_after_the_attempts_of_the_policy() -> None:
    """The error counts them."""
    script, _ = failing(Reply(broken=True))
    with http_server(script) as server, pytest.raises(TransportError) as caught:
        call(server.url)

    assert caught.value.attempts == 5


def test_a_retry_waits_as_long_as_the_server_asks() -> None:
    """The pause of the policy comes on top, so that clients do not come back at once."""
    telemetry = Recorder()
    reply = Reply(429, error("RATE_LIMITED", "transient", 429, retryable=True), {"Retry-After": "1"})
    script, _ = failing(reply, times=1)
    with http_server(script) as server:
        call(server.url, QUICK, telemetry)

    (retry,) = telemetry.of(RetryPlanned)
    assert (retry.reason, retry.attempt) == ("RATE_LIMITED", 1)
    assert 1.0 < retry.pause < 1.01


def test_a_wait_that_is_longer_than_the_policy_allows_is_left_to_the_caller() -> None:
    """The error says how long it would be."""
    reply = Reply(429, error("RATE_LIMITED", "transient", 429, retryable=True), {"Retry-After": "3600"})
    script, seen = failing(reply)
    with http_server(script) as server, pytest.raises(generated.RateLimited) as caught:
        call(server.url)

    assert (len(seen), caught.value.retry_after) == (1, 3600.0)


def test_retry_after_is_a_number_or_a_date() -> None:
    """Anything else is as if it were not there."""
    now = datetime(2026, 11, 1, tzinfo=UTC)
    later = format_datetime(now + timedelta(seconds=90), usegmt=True)

    values = ["2", " 30 ", later, format_datetime(now - timedelta(days=1), usegmt=True), "soon", "-1", None]
    assert [read_retry_after(value, now.timestamp()) for value in values] == [2.0, 30.0, 90.0, 0.0, None, None, None]


def test_pauses_double_up_to_the_longest_and_are_spread() -> None:
    """From nothing to the whole of each."""
    assert [jittered(attempt, 1.0, 10.0, lambda: 1.0) for attempt in range(1, 7)] == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    assert [jittered(attempt, 1.0, 10.0, lambda: 0.25) for attempt in range(1, 4)] == [0.25, 0.5, 1.0]


def test_telemetry_sees_every_attempt() -> None:
    """What goes out, what comes back, and each pause between."""
    telemetry = Recorder()
    script, _ = failing(Reply(503, error("STORE_BUSY", "transient", 503, retryable=True)), times=1)
    with http_server(script) as server:
        call(server.url, QUICK, telemetry)

    assert [type(event) for event in telemetry.events] == [RequestSent, AnswerReceived, RetryPlanned, RequestSent, AnswerReceived]
    assert [(answer.status, answer.code) for answer in telemetry.of(AnswerReceived)] == [(503, "STORE_BUSY"), (200, None)]


def test_every_error_is_an_sdk_error() -> None:
    """One clause catches them all."""
    assert all(issubclass(error, SdkError) for error in (*CODES.values(), TransportError))


class Recorder(LoggedTelemetry):
    """Keeps what it is told about calls."""

    def __init__(self) -> None:
        self.events: list[object] = []

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self.events if isinstance(event, kind)]

    def on_request(self, event: RequestSent) -> None:
        self.events.append(event)

    def on_answer(self, event: AnswerReceived) -> None:
        self.events.append(event)

    def on_retry(self, event: RetryPlanned) -> None:
        self.events.append(event)


@pytest.mark.parametrize(
    ("body", "media", "expected"),
    [
        (b"<html>bad gateway</html>", "text/html; charset=utf-8", "<html>bad gateway</html>"),
        (b'{"why": "no"}', "application/problem+json", {"why": "no"}),
        (b"[1, 2", "application/json", "[1, 2"),
        (b"null", "application/json", None),
        (b"", "", None),
        (b"\xff\xfe", "application/octet-stream", "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_the_body_of_an_error_is_never_thrown_away(body: bytes, media: str, expected: object) -> None:
    """JSON as it is, anything else as text, with the media type and the headers beside it, but no cookie."""
    headers = {"Content-Type": media, "X-Proxy": "edge-1", "Set-Cookie": "session=secret"}
    with (
        http_server(lambda _: Reply(403, body, headers)) as server,
        PlainClient(server.url) as client,
        pytest.raises(AuthorizationError) as caught,
    ):
        client.call(operation())

    error = caught.value
    assert (error.body, error.media_type, error.headers["x-proxy"]) == (expected, media.partition(";")[0], "edge-1")
    assert error.response.content == body
    assert "secret" not in repr(error.response) + str(error.headers)


def test_an_error_body_is_of_the_type_that_the_document_declares_for_its_status() -> None:
    """By status, by class of statuses, by default; a body that does not fit it is kept as JSON."""
    readers = {"404": Problem.model_validate_json, "5XX": lambda _: "of its class", "default": lambda _: "by default"}
    thing = operation(failures=readers)
    bodies: list[object] = []
    replies = iter([Reply(404, {"why": "gone"}), Reply(500, {}), Reply(418, {}), Reply(404, {"other": 1})])
    with http_server(lambda _: next(replies)) as server, PlainClient(server.url) as client:
        for _ in range(4):
            with pytest.raises(ApiError) as caught:
                client.call(thing)
            bodies.append(caught.value.body)

    assert bodies == [Problem(why="gone"), "of its class", "by default", {"other": 1}]


def test_a_problem_document_says_what_is_wrong() -> None:
    """RFC 9457 names the members, whatever the contract says."""
    problem = {"type": "about:blank", "title": "Not there", "detail": "No such thing."}
    with (
        http_server(lambda _: Reply(404, problem)) as server,
        PlainClient(server.url) as client,
        pytest.raises(ValidationError, match="No such thing"),
    ):
        client.call(operation())
