"""What workers share: counters, token buckets and one document."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal

import pytest
from assay_server.faults import Switchboard
from assay_server.http.errors import Refusal
from assay_server.http.limits import Limiter
from assay_server.log_writer import LogWriter
from assay_server.settings import RateTerms, Settings
from assay_server.shared_memory import DOCUMENT_BYTES, SharedMemory


def test_who_has_the_descriptor_sees_the_same() -> None:
    """Counters, buckets and the document, in both directions."""
    first = SharedMemory.shareable()
    second: SharedMemory = pickle.loads(pickle.dumps(first))
    first.increase("tenant-a")
    second.increase("tenant-a")
    second.fill_bucket("ann", 2.0, 7.0)
    with first:
        first.write_document(b"one")
    with second:
        second.write_document(b"two")

    assert (first.count("tenant-a"), second.count("tenant-a"), first.count("tenant-b")) == (2, 2, 0)
    assert first.bucket("ann") == (2.0, 7.0)
    assert first.bucket("bob") is None
    assert first.read_document() == second.read_document() == (2, b"two")


def test_memory_of_one_process_cannot_be_sent() -> None:
    """The workers would each have their own."""
    with pytest.raises(ValueError, match="shareable"):
        pickle.dumps(Settings())


def test_a_document_has_a_bound() -> None:
    """And the one before stays when a larger one is written."""
    memory = SharedMemory()
    memory.write_document(b"small")
    with pytest.raises(ValueError, match="expected at most"):
        memory.write_document(bytes(DOCUMENT_BYTES + 1))

    assert memory.read_document() == (1, b"small")


def test_the_buckets_used_longest_ago_make_room() -> None:
    """Of very many, those that were used last are still known."""
    memory = SharedMemory()
    for number in range(100_000):
        memory.fill_bucket(f"subject {number}", 1.0, float(number))

    assert all(memory.bucket(f"subject {number}") == (1.0, float(number)) for number in range(99_000, 100_000))
    assert memory.bucket("subject 0") is None


def _take(descriptor: int, requests: int) -> int:
    limiter, taken = Limiter(RateTerms(1_000, 10**9), SharedMemory(descriptor)), 0
    for _ in range(requests):
        try:
            limiter.take("ann", "tenant-a", "list")
        except Refusal:
            continue
        taken += 1
    return taken


def test_a_quota_is_shared_to_the_last_token() -> None:
    """By processes that take at the same time."""
    memory = SharedMemory.shareable()
    assert memory.descriptor is not None
    with multiprocessing.get_context("fork").Pool(2) as pool:
        taken = pool.starmap(_take, [(memory.descriptor, 800)] * 2)

    assert sum(taken) == 1_000


def test_a_process_that_is_killed_holds_no_lock() -> None:
    """Nor does what it was writing become the document."""
    memory = SharedMemory.shareable()
    with memory:
        memory.write_document(b"whole")
    child = os.fork()
    if not child:
        with memory:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    with memory:
        memory.increase("tenant-a")

    assert memory.read_document() == (1, b"whole")


def test_the_oldest_of_too_many_faults_goes() -> None:
    """Rather than the newest not being switched on."""
    switchboard = Switchboard(SharedMemory())
    tenants = [f"{number:05d}-{'x' * 55}" for number in range(2_000)]
    for tenant in tenants:
        switchboard.switch_on("store-busy", None, tenant, 60)

    assert switchboard.active("list", tenants[-1]) == {"store-busy"}
    assert switchboard.active("list", tenants[0]) == frozenset()


def test_lines_for_a_shared_pipe_are_whole() -> None:
    """Each write is a few whole lines that fit into a pipe at once."""
    reader, writer = os.pipe()
    output = LogWriter(writer, shared=True)
    lines = [f"{number:04d} {'x' * (number % 300)}\n" for number in range(200)]
    for line in lines:
        output.write(line)
    output.drain(5)
    os.close(writer)
    with os.fdopen(reader) as file:
        assert file.read() == "".join(lines)
