"""Evidence is the same after it was written and read, and a changed exchange changes whatever holds it."""

from __future__ import annotations

import dataclasses
import gzip
from pathlib import Path

import pytest
from assay_conformance.errors import EvidenceError
from assay_conformance.evidence import (
    Evidence,
    Exchange,
    FeedSession,
    Frame,
    Journal,
    Provenance,
    Record,
    Request,
    Response,
    read_evidence,
    record,
    write_evidence,
)


@record("test-pair")
@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Pair(Record):
    """Two exchanges, for these tests."""

    first: Exchange
    others: tuple[Exchange, ...] = ()
    session: FeedSession | None = None

    @property
    def statuses(self) -> tuple[int, ...]:
        """The status of each."""
        return tuple(item.answer.status for item in (self.first, *self.others))


PROVENANCE = Provenance("shop@1.0.0", "sha256:a", "sha256:b", "sha256:c", "0.1.0", {"name": "mine"}, "2026-11-01T00:00:00Z")


def gathered() -> Evidence:
    """Two exchanges, a session and a pair that holds them."""
    journal = Journal()
    request = Request("GET", "/items", (("q", "a b"), ("q", "c")), (("accept", "x"),))
    first = journal.add(
        Exchange(id=journal.name("x"), subject="list", purpose="one", request=request, response=Response(200, (("etag", "1"),), '{"a":1}'))
    )
    second = journal.add(Exchange(id=journal.name("x"), subject="list", purpose="two", request=request, response=None, failure="timeout"))
    session = journal.add(
        FeedSession(
            id=journal.name("s"),
            subject="feed",
            purpose="open",
            request=request,
            handshake=101,
            frames=(Frame(0.5, "{}"), Frame(1.0, "hi", sent=True)),
        )
    )
    journal.add(Pair(id=journal.name("pair"), subject="list", purpose="both", first=first, others=(second,), session=session))
    return journal.close(PROVENANCE)


def test_evidence_is_the_same_after_a_round_trip(tmp_path: Path) -> None:
    """Every field of every record comes back, references included."""
    evidence = gathered()

    write_evidence(tmp_path / "evidence.ndjson.gz", evidence)

    assert read_evidence(tmp_path / "evidence.ndjson.gz") == evidence


def test_the_same_evidence_gives_the_same_digest(tmp_path: Path) -> None:
    """The file itself is the same, byte for byte."""
    digests = {write_evidence(tmp_path / name, gathered()) for name in ("one.gz", "two.gz")}

    assert (len(digests), (tmp_path / "one.gz").read_bytes()) == (1, (tmp_path / "two.gz").read_bytes())


def test_a_changed_exchange_changes_what_holds_it() -> None:
    """A conversation computes what it says from its exchanges."""
    evidence = gathered()
    first = evidence.of(Exchange)[0]

    changed = evidence.replace({first.id: dataclasses.replace(first, response=Response(500))})

    assert (changed.of(Pair)[0].statuses, evidence.of(Pair)[0].statuses) == ((500, 0), (200, 0))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\x1f\x8b broken", "incomplete evidence"),
        (b"not json\n", ":1:"),
        (b'{"format": "other"}\n', "expected the format"),
        (b'{"format": "assay-evidence/1"}\n', ":1:"),
        (b'{"format": "assay-evidence/2"}\n', ":1:"),
        (b'{"format": "assay-evidence/3"}\n', "expected the format"),
        (b"[]\n", "expected the format"),
    ],
)
def test_a_file_that_is_no_evidence_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """The message names the file, the line and what was expected."""
    path = tmp_path / "evidence.ndjson.gz"
    path.write_bytes(content)

    with pytest.raises(EvidenceError) as caught:
        read_evidence(path)

    assert says in str(caught.value)


def test_a_record_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    """The message names the line."""
    path = tmp_path / "evidence.ndjson.gz"
    write_evidence(path, Evidence(PROVENANCE, ()))
    first = gzip.decompress(path.read_bytes()).splitlines(keepends=True)[0]

    path.write_bytes(first + b'{"kind": "unheard-of", "record": {}}\n')

    with pytest.raises(EvidenceError, match=":2:"):
        read_evidence(path)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("compressed", [True, False])
def test_a_cut_file_is_incomplete_evidence(tmp_path: Path, kept: float, compressed: bool) -> None:
    """A part of a run is never judged as the whole, wherever the file was cut."""
    path = tmp_path / "evidence.ndjson.gz"
    write_evidence(path, gathered())
    whole = path.read_bytes() if compressed else gzip.decompress(path.read_bytes())
    path.write_bytes(whole[: int(len(whole) * kept)])

    with pytest.raises(EvidenceError, match="incomplete evidence"):
        read_evidence(path)


@pytest.mark.parametrize("missing", [1, 3])
def test_a_lost_line_is_incomplete_evidence(tmp_path: Path, missing: int) -> None:
    """The end mark counts the records, and is itself missed."""
    path = tmp_path / "evidence.ndjson"
    write_evidence(path, Evidence(PROVENANCE, gathered().records[:3]))
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    del lines[-1 if missing == 1 else 3]
    path.write_bytes(b"".join(lines))

    with pytest.raises(EvidenceError, match="incomplete evidence"):
        read_evidence(path)


def as_first_format(path: Path, *, marked: bool) -> None:
    """Write the gathered evidence as the first format did, with or without an end mark."""
    write_evidence(path, Evidence(PROVENANCE, gathered().records[:3]))
    lines = gzip.decompress(path.read_bytes()).replace(b"assay-evidence/2", b"assay-evidence/1", 1).splitlines(keepends=True)
    path.write_bytes(b"".join(lines if marked else lines[:-1]))


@pytest.mark.parametrize("marked", [True, False])
def test_the_first_format_is_still_read(tmp_path: Path, marked: bool) -> None:
    """A verdict of an older kit can be repeated: its evidence may lack the end mark."""
    path = tmp_path / "evidence.ndjson"
    as_first_format(path, marked=marked)

    evidence = read_evidence(path)

    assert (evidence.records, evidence.marked) == (gathered().records[:3], marked)


def test_an_end_mark_counts_in_the_first_format_as_well(tmp_path: Path) -> None:
    """A lost line is never overlooked where the mark shows it."""
    path = tmp_path / "evidence.ndjson"
    as_first_format(path, marked=True)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], *lines[3:]]))

    with pytest.raises(EvidenceError, match="incomplete evidence"):
        read_evidence(path)
