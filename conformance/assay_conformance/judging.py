"""The judge: evidence in, rows out. It does no I/O and keeps no state, so that a verdict can be repeated anywhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from assay_contracts import Clause, Contract, Promise

from assay_conformance.check import CHECKS, Check, NeedsHook, NotConcerned, NotReached, Violation, brief
from assay_conformance.checks.own_clauses import checks_of_own_clauses
from assay_conformance.checks.registered import MODULES
from assay_conformance.evidence import Evidence, Record
from assay_conformance.verdicts import Outcome, Row, Verdict, worst


def all_checks() -> tuple[Check, ...]:
    """Every check of the registered modules, in the order of their clauses."""
    names = {module.__name__ for module in MODULES}
    return tuple(sorted((item for item in CHECKS if item.function.__module__ in names), key=lambda item: (item.clause, item.name)))


def checks_of(contract: Contract) -> tuple[Check, ...]:
    """Every check that can judge a contract: those of the kit, and those of its own clauses with an expression."""
    return (*all_checks(), *checks_of_own_clauses(contract))


def judge(contract: Contract, evidence: Evidence, *, only: Collection[str] | None = None) -> Outcome:
    """Judge evidence against everything that the contract promises.

    `only` restricts the clauses, by id. A clause without a check or without a record is INCONCLUSIVE, never a pass. A promise outside the
    frozen requirement set of the evidence is judged but not scored. The same evidence always gives the same outcome.
    """
    by_clause: dict[str, list[Check]] = defaultdict(list)
    for item in checks_of(contract):
        by_clause[item.clause].append(item)
    required = {(str(row["id"]), str(subject)) for row in evidence.provenance.requirements for subject in row["subjects"]}
    rows = [
        _row(
            promise,
            by_clause[promise.clause.id],
            contract,
            evidence,
            scored=not required or (promise.clause.id, promise.subject) in required,
        )
        for promise in contract.promises
        if only is None or promise.clause.id in only
    ]
    waived = tuple(f"{key}: {reason}" for key, reason in evidence.provenance.target.get("waivers", {}).items())
    return Outcome(tuple(rows), waived)


def _row(promise: Promise, candidates: Sequence[Check], contract: Contract, evidence: Evidence, *, scored: bool) -> Row:
    clause = promise.clause
    if not candidates:
        return _plain_row(clause, promise.subject, Verdict.INCONCLUSIVE, "no check certifies this clause yet", scored=scored)
    rows = [_judge_one(item, promise, contract, evidence, scored=scored) for item in candidates]
    # Each check of a clause speaks of another side of it: the clause holds when all do.
    strictest = (Verdict.ERROR, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS, Verdict.NOT_APPLICABLE)
    return replace(min(rows, key=lambda row: strictest.index(row.verdict)), evaluated=sum(row.evaluated for row in rows))


def _judge_one(item: Check, promise: Promise, contract: Contract, evidence: Evidence, *, scored: bool) -> Row:
    clause, subject = promise.clause, promise.subject
    records: Sequence[Record | Evidence]
    if item.reads is Evidence:
        records = [evidence]
    else:
        kind: type[Record] = item.reads  # type: ignore[assignment]
        records = [found for found in evidence.of(kind) if subject in (found.subject, "contract")]
    seen: list[Verdict] = []
    reached_not = ""
    leaves_out = "faults" in evidence.provenance.target.get("waivers", {})
    waived = item.hooked and leaves_out
    for found in records:
        ids = (found.id,) if isinstance(found, Record) else ()
        try:
            item.function(*(found, contract, subject)[: item.arity])
        except Violation as violation:
            return Row(
                clause.id, clause.level, clause.sentence, subject, Verdict.FAIL, item.name,
                violation.expected, violation.actual, violation.about, ids, len(records), scored, seen.count(Verdict.PASS) + 1,
            )  # fmt: skip
        except NeedsHook as reason:
            reached_not = str(reason)
            seen.append(Verdict.NOT_APPLICABLE if leaves_out else Verdict.INCONCLUSIVE)
            waived = waived or leaves_out
        except NotReached as reason:
            reached_not = str(reason)
            seen.append(Verdict.NOT_APPLICABLE if item.hooked and leaves_out else Verdict.INCONCLUSIVE)
        except NotConcerned:
            seen.append(Verdict.NOT_APPLICABLE)
        except Exception as error:
            return Row(
                clause.id, clause.level, clause.sentence, subject, Verdict.ERROR, item.name,
                "the check to come to a verdict", brief(error), type(error).__name__, ids, len(records), scored,
            )  # fmt: skip
        else:
            seen.append(Verdict.PASS)
    # A clause is promised: where every record was found beside the point, the state that it speaks of was never reached.
    verdict = worst(seen) if Verdict.PASS in seen or waived else Verdict.INCONCLUSIVE
    about = "" if verdict is Verdict.PASS else reached_not or "The run collected no evidence for this clause."
    return Row(
        clause.id,
        clause.level,
        clause.sentence,
        subject,
        verdict,
        item.name,
        about=about,
        seen=len(records),
        scored=scored,
        evaluated=seen.count(Verdict.PASS),
    )


def _plain_row(clause: Clause, subject: str, verdict: Verdict, about: str, *, scored: bool) -> Row:
    return Row(clause.id, clause.level, clause.sentence, subject, verdict, about=about, scored=scored)
