"""Evidence as a whole: collected by the drivers in a journal, written as gzipped NDJSON, read back the same."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import threading
import time
import types
import typing
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeGuard, TypeVar, cast

import orjson
from assay_contracts.json_types import is_mapping

from assay_conformance.errors import EvidenceError
from assay_conformance.evidence.records import RECORD_CLASSES, Record, kind_of

R = TypeVar("R", bound=Record)

FORMAT = "assay-evidence/2"
UNMARKED = "assay-evidence/1"
"""The format before the end mark; whether such a file is whole cannot be known."""
END = "end"
"""The kind of the last line, which counts the records before it: a file without it was cut."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where evidence comes from: what was tested, against what, by which kit, when.

    `openapi` and `asyncapi` are the bundled documents themselves, so that a verdict can be repeated where neither the
    contract nor the server is.
    Digests are `sha256:<hex>`; times are RFC 3339 in UTC.
    """

    contract: str
    contract_digest: str
    requirements_digest: str
    corpus_digest: str
    kit_version: str
    target: dict[str, Any]
    started: str
    finished: str = ""
    openapi: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    asyncapi: dict[str, Any] | None = field(default=None, repr=False)
    requirements: tuple[dict[str, Any], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All records of one run, in the order in which they were made.

    `marked` is whether the file had an end mark with the number of records, so that none is missing.
    """

    provenance: Provenance
    records: tuple[Record, ...]
    marked: bool = field(default=True, compare=False)
    _known: dict[type[Record], tuple[Record, ...]] = field(
        default_factory=dict[type[Record], tuple[Record, ...]], compare=False, repr=False
    )

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """The records of one class, in order; looked for once."""
        if kind not in self._known:
            self._known[kind] = tuple(item for item in self.records if isinstance(item, kind))
        return cast("tuple[R, ...]", self._known[kind])

    def replace(self, changed: dict[str, Record]) -> Evidence:
        """The same evidence with some records exchanged by id, wherever another record holds them."""
        done: dict[str, Record] = {}

        def renew(value: Any) -> Any:
            if isinstance(value, Record):
                return done.get(value.id, changed.get(value.id, value))
            if _is_tuple(value):
                return tuple(renew(item) for item in value)
            return value

        result: list[Record] = []
        for item in self.records:
            if item.id in changed:
                new = changed[item.id]
            else:
                fields = {f.name: getattr(item, f.name) for f in dataclasses.fields(item)}
                renewed = {name: renew(value) for name, value in fields.items() if _holds_records(value)}
                new = dataclasses.replace(item, **renewed) if renewed else item
            done[item.id] = new
            result.append(new)
        return Evidence(self.provenance, tuple(result), self.marked)


class Journal:
    """Collects records while drivers run; safe to share between tasks and threads.

    A record that another one holds must be added before it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: list[Record] = []
        self._counts: dict[str, int] = {}
        self._origin = time.monotonic()

    def now(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._origin

    def name(self, prefix: str) -> str:
        """A fresh id, such as `x12`."""
        with self._lock:
            self._counts[prefix] = self._counts.get(prefix, 0) + 1
            return f"{prefix}{self._counts[prefix]}"

    def add(self, item: R) -> R:
        """Keep one record and hand it back."""
        with self._lock:
            self._records.append(item)
        return item

    def close(self, provenance: Provenance) -> Evidence:
        """All that was collected."""
        with self._lock:
            return Evidence(provenance, tuple(self._records))


def write_evidence(path: Path, evidence: Evidence) -> str:
    """Write evidence as gzipped NDJSON, the provenance first and an end mark last.

    Returns the digest of the uncompressed lines, as `sha256:` and 64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as out:
        for line in _lines(evidence):
            digest.update(line)
            out.write(line)
    return f"sha256:{digest.hexdigest()}"


def evidence_digest(evidence: Evidence) -> str:
    """The digest that `write_evidence` gives, without writing."""
    digest = hashlib.sha256()
    for line in _lines(evidence):
        digest.update(line)
    return f"sha256:{digest.hexdigest()}"


def read_evidence(path: Path) -> Evidence:
    """Read evidence that `write_evidence` wrote, gzipped or plain.

    A file of the older format `assay-evidence/1` may have no end mark. Raises `EvidenceError`, with the line, for any other file and for
    one that is cut.
    """
    try:
        raw = path.read_bytes()
        text = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise EvidenceError(
            f"{path}: incomplete evidence: the compressed file is cut or corrupt ({error}); expected an evidence file that "
            "`assay certify` wrote; copy it again or repeat the run"
        ) from None
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read: {error}; expected an evidence file that `assay certify` wrote") from None
    return parse_evidence(text, str(path))


def parse_evidence(text: bytes, path: str) -> Evidence:
    """Read the uncompressed lines of evidence; `path` names them in errors. Raises `EvidenceError`."""
    provenance: Provenance | None = None
    unmarked = False
    known: dict[str, Record] = {}
    ended: int | None = None
    for number, line in enumerate(io.BytesIO(text), start=1):
        if ended is not None:
            raise EvidenceError(f"{path}:{number}: a line follows the end mark; expected the end mark to be the last line")
        if not line.endswith(b"\n"):
            raise EvidenceError(f"{path}:{number}: incomplete evidence: the line is cut; copy the file again or repeat the run")
        try:
            data: Any = orjson.loads(line)
            if number == 1:
                named = data.get("format") if is_mapping(data) else None
                if named not in (FORMAT, UNMARKED):
                    raise EvidenceError(f"{path}:1: expected the format {FORMAT!r} or {UNMARKED!r}; is this an evidence file?")
                unmarked = named == UNMARKED
                provenance = cast(Provenance, _revive(Provenance, data["provenance"], known))
            elif data["kind"] == END:
                ended = int(data["records"])
            else:
                item = cast(Record, _revive(RECORD_CLASSES[data["kind"]], data["record"], known))
                known[item.id] = item
        except EvidenceError:
            raise
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise EvidenceError(
                f"{path}:{number}: not a record of {UNMARKED if unmarked else FORMAT}: {type(error).__name__}: {error}"
            ) from None
    if provenance is None:
        raise EvidenceError(f"{path}: is empty; expected an evidence file that `assay certify` wrote")
    if ended is None and not unmarked:
        raise EvidenceError(
            f"{path}: incomplete evidence: the end mark is missing after {len(known)} records; copy the file again or repeat the run"
        )
    if ended is not None and ended != len(known):
        raise EvidenceError(f"{path}: incomplete evidence: it has {len(known)} records; expected {ended}, as its end mark counts")
    return Evidence(provenance, tuple(known.values()), marked=ended is not None)


def _lines(evidence: Evidence) -> Iterator[bytes]:
    yield orjson.dumps({"format": FORMAT, "provenance": _plain(evidence.provenance, top=True)}) + b"\n"
    for item in evidence.records:
        yield orjson.dumps({"kind": kind_of(item), "record": _plain(item, top=True)}) + b"\n"
    yield orjson.dumps({"kind": END, "records": len(evidence.records)}) + b"\n"


def _plain(value: Any, *, top: bool = False) -> Any:
    if isinstance(value, Record) and not top:
        return {"$record": value.id}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value) if not f.name.startswith("_")}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in cast("Iterable[Any]", value)]
    if is_mapping(value):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


def _holds_records(value: Any) -> bool:
    if _is_tuple(value):
        return any(_holds_records(item) for item in value)
    return isinstance(value, Record)


def _is_tuple(value: Any) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(value, tuple)


@cache
def _hints(record_class: type) -> dict[str, Any]:
    """The annotated types of a record's fields; evaluating them takes longer than building a record."""
    return typing.get_type_hints(record_class)


def _revive(hint: Any, plain: object, known: dict[str, Record]) -> Any:
    """Build a value of the annotated type from its plain form."""
    data: Any = plain
    if is_mapping(data) and set(data) == {"$record"}:
        return known[data["$record"]]
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        if data is None:
            return None
        return _revive(next(arm for arm in typing.get_args(hint) if arm is not type(None)), data, known)
    if origin is tuple:
        arms = typing.get_args(hint)
        if len(arms) == 2 and arms[1] is Ellipsis:
            return tuple(_revive(arms[0], item, known) for item in data)
        return tuple(_revive(arm, item, known) for arm, item in zip(arms, data, strict=True))
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        hints = _hints(hint)
        return hint(**{name: _revive(hints[name], value, known) for name, value in data.items() if name in hints})
    return data
