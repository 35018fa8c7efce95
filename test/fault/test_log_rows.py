# SPDX-License-Identifier: MIT
"""Row 33: the log cannot be written; requests flow on, and it is counted."""
import os
import time

import pytest
from rule import metric, unharmed, wait_until
from wire import SLOW

LINES = 3000


def ask_much(server, count=LINES):
    with server.connect() as wire:
        for _ in range(0, count, 100):
            wire.send(b"GET /quick HTTP/1.1\r\nHost: a\r\n\r\n" * 100)
            for _ in range(100):
                assert wire.answer().status == 200


def logging_to(start, path, **how):
    return start("faults", "--max_requests", "-1",
                 env=dict(os.environ, SEED_LOG=path), **how)


def test_row_33_disk_full(start):
    server = logging_to(start, "/dev/full")
    with unharmed(server):
        ask_much(server)
        wait_until("failures are counted",
                   lambda: metric(server, "seed_log_failures_total") > 0)


def test_row_33_log_pipe_blocked(start, tmp_path):
    """Nobody reads the pipe: what does not fit is dropped, and is counted."""
    path = str(tmp_path / "pipe")
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    server = logging_to(start, path)
    try:
        block(server, reader)  # The log's room is made once, and kept.
        with unharmed(server):
            dropped = block(server, reader)
        assert dropped > 0
    finally:
        os.close(reader)


def block(server, reader):
    """Asks until lines are dropped, then reads what is there. Returns how many
    were."""
    before = metric(server, "seed_log_dropped_total")
    while (now := metric(server, "seed_log_dropped_total")) == before:
        ask_much(server)
    drain(reader)
    return now - before


def drain(reader):
    """Until the probe's lines alone come; the log writes ten times a second."""
    last = time.monotonic()
    while time.monotonic() - last < 0.5 * SLOW:
        try:
            if len(os.read(reader, 65536)) > 4096:
                last = time.monotonic()
        except BlockingIOError:
            time.sleep(0.01)


def test_row_33_reader_of_the_log_goes(start, tmp_path):
    path = str(tmp_path / "pipe")
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    server = logging_to(start, path)
    ask_much(server, 100)
    os.close(reader)
    with unharmed(server):
        ask_much(server)
        wait_until("failures are counted",
                   lambda: metric(server, "seed_log_failures_total") > 0)


@pytest.mark.parametrize("path", ["/nonexistent/log", "/"])
def test_row_33_no_such_log(start, path):
    """A log that cannot be opened is no log: the server says so and ends."""
    server = logging_to(start, path)
    assert server.process.wait(20) == 1
    server.process.communicate()
    server.ended = True
    assert f"The log {path} cannot be opened" in server.stderr()
