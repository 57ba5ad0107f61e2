"""What blocks a certificate, one cause once: rows that the same response or the same gap brought about stand together."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from assay_contracts import Contract

from assay_conformance.altered_tokens import ALTERED
from assay_conformance.authorization import RESHAPED, Scheme, operation_schemes
from assay_conformance.evidence import Exchange, FeedSession, Record
from assay_conformance.verdicts import Outcome, Row, Verdict

SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason why rows do not pass. `rows` are those that it reaches, the first being the one whose details are shown."""

    verdict: Verdict
    rows: tuple[Row, ...]
    next_step: str
    curl: str = ""

    @property
    def first(self) -> Row:
        """The row whose details are shown."""
        return self.rows[0]

    @property
    def replay(self) -> str:
        """The command that sends the requests of the first row again; empty where no record shows it."""
        return replay_command(self.first)


def replay_command(row: Row) -> str:
    """The command that sends the requests behind a failure again; empty where the failure is one of the whole run, or none."""
    is_linked = row.verdict is Verdict.FAIL and row.records
    return f"assay replay {row.clause}@{row.subject} --target target.toml" if is_linked else ""


def causes(outcome: Outcome, known: Mapping[str, Record], address: str, contract: Contract | None = None) -> tuple[Cause, ...]:
    """The causes of the blocking rows, failures first, those that reach most rows first among them.

    `contract` says where the credential of a request goes; without it every credential is a bearer token.
    """
    groups: dict[Any, list[Row]] = {}
    for row in outcome.blocking:
        groups.setdefault(_key(row, known), []).append(row)
    order = {Verdict.FAIL: 0, Verdict.ERROR: 1, Verdict.INCONCLUSIVE: 2}
    found: list[Cause] = []
    for rows in groups.values():
        exchange = first_exchange(rows[0], known)
        found.append(Cause(rows[0].verdict, tuple(rows), next_step(rows[0]), curl(exchange, address, schemes_of(exchange, contract))))
    return tuple(sorted(found, key=lambda cause: (order[cause.verdict], -len(cause.rows))))


def _key(row: Row, known: Mapping[str, Record]) -> tuple[Any, ...]:
    """What rows of one cause have in common: the same server error, else the same gap, else the same finding."""
    exchange = first_exchange(row, known)
    if row.verdict is Verdict.FAIL and exchange is not None and (exchange.response is None or exchange.answer.status >= SERVER_ERROR):
        return (row.verdict, "server error", exchange.answer.status, exchange.failure, exchange.answer.body[:200])
    if row.verdict is Verdict.INCONCLUSIVE:
        return (row.verdict, row.about)
    return (row.verdict, row.expected, row.actual, row.records[:1] or row.subject)


def next_step(row: Row) -> str:
    """What to do about a row that does not pass."""
    if row.verdict is Verdict.FAIL:
        return "Change the server so that it responds as expected, or the contract where it promises too much."
    if row.verdict is Verdict.ERROR:
        return "This is a defect of Assay and says nothing about the server. Report it with evidence.ndjson.gz."
    if any(word in row.about for word in ("fault", "switched on", "added", "expired", "change", "hook")):
        return "Offer this state through a control hook ([hook] in the target manifest), or leave it out with [waivers]."
    if "credential" in row.about or "scope" in row.about:
        return "Add the credential to [credentials] in the target manifest."
    if "no check" in row.about:
        return "Assay has no check for this clause yet. Make it a SHOULD, or leave the annotation out."
    return "Give the target data that shows it: more items, more values of each filter, a thing that the path names."


def first_exchange(row: Row, known: Mapping[str, Record]) -> Exchange | None:
    """The first exchange of the evidence of a row."""
    return next((item for name in row.records for item in leaves(known.get(name)) if isinstance(item, Exchange)), None)


def leaves(item: Any) -> list[Exchange | FeedSession]:
    """The exchanges and sessions that a record consists of."""
    if isinstance(item, Exchange | FeedSession):
        return [item]
    if isinstance(item, Record):
        return [leaf for name in type(item).__dataclass_fields__ for leaf in leaves(getattr(item, name))]
    if isinstance(item, tuple):
        return [leaf for part in item for leaf in leaves(part)]  # pyright: ignore[reportUnknownVariableType]
    return []


def schemes_of(exchange: Exchange | None, contract: Contract | None) -> tuple[Scheme, ...]:
    """The security schemes of the operation of an exchange; a bearer token where the contract does not have it."""
    if contract is None or exchange is None:
        return (Scheme(""),)
    operation = next((operation for operation in contract.operations if operation.id == exchange.subject), None)
    return (Scheme(""),) if operation is None else operation_schemes(contract, operation)


def curl(exchange: Exchange | None, address: str, schemes: tuple[Scheme, ...] = (Scheme(""),)) -> str:
    """The command that sends a request once more, its credential as a variable of the shell; empty where there is no request."""
    if exchange is None:
        return ""
    request = exchange.request
    variable = f"${request.credential.upper().replace('-', '_')}_TOKEN"
    sent = () if request.credential in ("none", "forged", *RESHAPED, *ALTERED) else schemes
    url = shlex.quote(address + request.path + ("?" + urlencode(request.query) if request.query else ""))
    for number, key in enumerate(scheme.key for scheme in sent if scheme.carries == "query"):
        url += shlex.quote(f"{'&' if request.query or number else '?'}{quote(key, safe='')}=") + f'"{variable}"'
    parts = ["curl", "-i", "-X", request.method, url]
    for name, value in request.headers:
        parts += ["-H", shlex.quote(f"{name}: {value}")]
    for scheme in sent:
        parts += _credential(scheme, variable)
    if request.body is not None:
        parts += ["--data-binary", shlex.quote(request.body)]
    return " ".join(parts)


def _credential(scheme: Scheme, variable: str) -> tuple[str, ...]:
    """The option of curl that sends a credential by a security scheme; none for a key in the query, which is part of the URL."""
    match scheme.carries:
        case "basic":
            return "-u", f'"{variable}"'
        case "header":
            return "-H", shlex.quote(f"{scheme.key}: ") + f'"{variable}"'
        case "cookie":
            return "-b", shlex.quote(f"{scheme.key}=") + f'"{variable}"'
        case "query":
            return ()
        case _:
            return "-H", f'"Authorization: Bearer {variable}"'
