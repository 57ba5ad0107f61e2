"""The log never stops who writes into it."""

from __future__ import annotations

import os
import time

from assay_server.log_writer import LogWriter


def test_every_line_arrives_in_order() -> None:
    """As long as the pipe is read."""
    reader, writer = os.pipe()
    output = LogWriter(writer)
    for number in range(500):
        output.write(f"{number}\n")
    output.drain(5)
    os.close(writer)
    with os.fdopen(reader) as lines:
        assert [int(line) for line in lines] == list(range(500))


def test_an_unread_pipe_costs_lines_and_no_time() -> None:
    """What is beyond the bound is dropped; the number of dropped lines is written once the pipe is read."""
    reader, writer = os.pipe()
    output, line = LogWriter(writer, 300_000), "x" * 999 + "\n"
    began = time.monotonic()
    for _ in range(5_000):
        output.write(line)
    output.drain(0.1)
    spent = time.monotonic() - began
    text = b""
    while b"dropped_lines" not in text:
        text += os.read(reader, 65536)
    output.write("end\n")
    output.drain(5)
    os.close(writer)
    while part := os.read(reader, 65536):
        text += part
    os.close(reader)

    # It would wait for ever: nobody reads the pipe meanwhile.
    assert spent < 30
    assert text.count(line.encode()) < 1_000
    assert text.endswith(b"end\n")


def test_a_reader_that_has_gone_is_no_error() -> None:
    """The server goes on without a log."""
    reader, writer = os.pipe()
    output = LogWriter(writer)
    os.close(reader)
    output.write("one\n")
    output.drain(5)
    output.write("two\n")
    output.drain(5)
    os.close(writer)
