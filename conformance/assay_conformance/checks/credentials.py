"""Credentials: what an operation answers to a request without one, with a bad one, and with one that lacks its scopes."""

from __future__ import annotations

from assay_contracts import Contract

from assay_conformance.authorization import BAD_CREDENTIALS
from assay_conformance.check import NotConcerned, NotReached, Violation, check
from assay_conformance.evidence import Evidence, FeedSession, Refusal
from assay_conformance.exchange_views import answered_in_time, summarize

UNAUTHENTICATED, FORBIDDEN, OPENED = 401, 403, 101
NEEDED = ("none", "forged")
"""The bad credentials without which nothing is shown; the others depend on the target."""
_RULES = tuple(f"authorization/{role}" for role in BAD_CREDENTIALS)


@check(
    "AUT-001",
    kills={
        *("no-credential-is-needed", "a-forged-credential-is-good-enough", "a-session-without-credential-stays-open"),
        *("a-token-without-a-signature-is-good-enough", "a-signature-stands-for-any-payload"),
        *("a-token-for-another-audience-is-good-enough", "a-credential-is-compared-by-its-beginning"),
    },
)
def a_bad_credential_is_refused(evidence: Evidence, contract: Contract, subject: str) -> None:
    """No request and no session without a credential, or with one that is bad in any way, gets anything but a refusal."""
    if any(item.id == subject for item in contract.channels):
        _judge_sessions(evidence, subject)
        return
    tried = [refusal for refusal in evidence.of(Refusal) if refusal.subject == subject and refusal.rule in _RULES]
    missing = [role for role in NEEDED if all(refusal.rule != f"authorization/{role}" for refusal in tried)]
    if missing:
        raise NotReached(f"no right request was at hand to send with the credential {' or '.join(missing)}")
    for refusal in tried:
        _expect_status(refusal, UNAUTHENTICATED)


def _judge_sessions(evidence: Evidence, subject: str) -> None:
    """Each session with a bad credential is refused or closed before any message."""
    tried = [item for item in evidence.of(FeedSession) if item.subject == subject and item.request.credential in BAD_CREDENTIALS]
    if not tried:
        raise NotReached("no session was opened without a credential")
    for session in tried:
        about = session.purpose
        if session.handshake == 0:
            raise NotReached(session.failure or "no handshake")
        if session.received:
            raise Violation("no message", f"{len(session.received)} messages", about)
        if session.handshake == OPENED and session.ended_by != "server":
            raise Violation("a refused handshake, or a close by the server", "an open session", about)
        if session.handshake not in (OPENED, UNAUTHENTICATED, FORBIDDEN):
            raise Violation(f"a handshake that is answered with {UNAUTHENTICATED}", f"status {session.handshake}", about)


@check("AUT-002", kills={"a-missing-scope-does-not-matter"})
def a_missing_scope_is_refused_with_403(refusal: Refusal, contract: Contract, subject: str) -> None:
    """A credential without a scope of the operation is refused as forbidden."""
    if refusal.rule != "authorization/unscoped":
        raise NotConcerned
    _expect_status(refusal, FORBIDDEN)


@check("AUT-003", kills={"a-wrong-request-is-looked-at-before-its-credential"})
def a_credential_is_looked_at_first(refusal: Refusal, contract: Contract, subject: str) -> None:
    """A request without a credential that is wrong besides is refused for its credential."""
    if refusal.rule != "authorization/first":
        raise NotConcerned
    _expect_status(refusal, UNAUTHENTICATED)


def _expect_status(refusal: Refusal, status: int) -> None:
    answer = answered_in_time(refusal.exchange)
    if answer.status != status:
        raise Violation(f"status {status}", summarize(refusal.exchange), refusal.purpose)
