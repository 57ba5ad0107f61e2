"""Error codes: each that an operation declares is answered, and no other."""

from __future__ import annotations

from assay_contracts import Contract

from assay_conformance.body_values import shown
from assay_conformance.check import NeedsHook, NotConcerned, NotReached, Violation, brief, check
from assay_conformance.evidence import Evidence, Exchange
from assay_conformance.exchange_views import answered_in_time, code_in, exchanges_of, failed, has_code, operation_of, summarize, taxonomy_of


@check("COD-001", kills={"one-code-stands-for-every-validation-error", "every-fault-is-unhandled"})
def a_provoked_code_is_answered(exchange: Exchange, contract: Contract) -> None:
    """Where the right code of a request is known, it is the one that is answered."""
    operation_of(contract, exchange.subject)
    if not exchange.codes or exchange.expected == "broken":
        raise NotConcerned
    found = code_in(answered_in_time(exchange), contract)
    if not has_code(exchange.answer, contract, exchange.codes):
        wanted = " or ".join(exchange.codes)
        raise Violation(wanted, brief(found) if isinstance(found, str) else summarize(exchange), exchange.purpose)


@check("COD-001", kills={"one-code-stands-for-every-validation-error"})
def every_declared_code_is_seen(evidence: Evidence, contract: Contract, subject: str) -> None:
    """Each code that the operation declares was provoked and answered."""
    operation = operation_of(contract, subject)
    seen = _codes_seen(evidence, contract, subject)
    tried = {code for item in evidence.of(Exchange) if item.subject == subject for code in item.codes}
    # A server may also let the second of two requests at once wait for the first result.
    optional = operation.annotations.get("x-idempotency", {}).get("inProgress")
    missing = [code for code in operation.error_codes if code not in seen and code != optional]
    unanswered = [code for code in missing if code in tried]
    if unanswered:
        raise Violation(f"the code {unanswered[0]} when it is provoked", "other responses only", ", ".join(unanswered))
    if missing:
        # A code that a fault brings about is out of reach where no fault can be switched on; any other should have been tried.
        known = taxonomy_of(contract).codes
        outcome = NeedsHook if all("fault" in known[code].provoke for code in missing if code in known) else NotReached
        unscoped = any(known[code].provoke.get("request") == "missing-scope" for code in missing if code in known)
        hint = " (the target manifest may lack credentials.unscoped)" if unscoped else ""
        raise outcome(f"never provoked: {', '.join(missing)}{hint}")


def _codes_seen(evidence: Evidence, contract: Contract, subject: str) -> set[str]:
    """The codes that were answered; where the status alone tells the code, every code of a status that was."""
    taxonomy = taxonomy_of(contract)
    if "code" in taxonomy.envelope:
        return {code for item in exchanges_of(evidence, subject) if isinstance(code := code_in(item.answer, contract), str)}
    statuses = {item.answer.status for item in exchanges_of(evidence, subject)}
    return {code for code, known in taxonomy.codes.items() if known.status in statuses}


@check("COD-002", kills={"an-undeclared-code-is-answered"})
def no_other_code_is_answered(exchange: Exchange, contract: Contract) -> None:
    """The code of an error is one that the operation declares."""
    operation = operation_of(contract, exchange.subject)
    found = code_in(failed(exchange), contract)
    if not has_code(exchange.answer, contract, operation.error_codes):
        raise Violation("one of the declared codes", brief(shown(found)), f"status {exchange.answer.status}, {exchange.purpose}")
