# SPDX-License-Identifier: MIT
"""Streams out and in, and what slow clients do to them."""
import time

import pytest
from wire import SLOW, Cut


def test_chunked_stream(later):
    with later.connect() as wire:
        answer = wire.ask("/stream/100")
        assert answer["Transfer-Encoding"] == "chunked"
        assert answer.body == b"x" * 100000
        assert wire.ask("/stream/0").body == b""
        assert wire.ask("/quick").text() == "quick"


def test_http_10_gets_no_chunks(later):
    with later.connect() as wire:
        answer = wire.ask("/stream/10", version="1.0")
        assert answer["Transfer-Encoding"] is None
        assert answer.body == b"x" * 10000


def test_head_of_a_stream(later):
    with later.connect() as wire:
        assert wire.ask("/stream/10", "HEAD").status == 200
        assert wire.ask("/quick").text() == "quick"


def test_a_slow_reader_slows_the_handler(later):
    """16 MiB to a client that does not read: the handler is told to stop, and
    memory does not hold what nobody takes."""
    before = later.counts()["stalls"]
    with later.connect(window=65536) as wire:
        wire.request("/flood/256")
        later.wait_for("a stall", lambda now: now["stalls"] > before)
        time.sleep(0.1)
        assert memory(later) < 60000 * SLOW
        answer = wire.answer()
        assert answer.body == b"x" * (256 * 65536)
        assert wire.ask("/quick").text() == "quick"


def memory(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file
                    if line.startswith("VmRSS"))


def test_a_client_that_leaves_a_flood(later):
    for _ in range(10):
        wire = later.connect(window=65536)
        wire.request("/flood/256")
        wire.socket.recv(1000)
        wire.reset()
    later.wait_for("all are over", lambda now:
                   now["begun"] - now["after"] == 1)


@pytest.mark.parametrize("path", ["/short", "/broken"])
def test_a_cut_stream_looks_cut(later, path):
    with later.connect() as wire:
        with pytest.raises((Cut, ConnectionResetError)):
            wire.ask(path)
    later.wait_for("after", lambda now: now["begun"] - now["after"] == 1)


@pytest.mark.parametrize("path", ["/upload", "/slowly"])
def test_upload(later, path):
    body = b"x" * (3 << 20)
    with later.connect() as wire:
        answer = wire.ask(path, "POST", body=body)
        assert answer.text() == str(len(body))
        assert wire.ask("/quick").text() == "quick"


def test_upload_in_chunks(later):
    with later.connect() as wire:
        wire.request("/upload", "POST",
                     fields=[("Transfer-Encoding", "chunked")])
        for _ in range(100):
            wire.send(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
        wire.send(b"0\r\n\r\n")
        assert wire.answer().text() == "100000"


def test_upload_of_nothing(later):
    with later.connect() as wire:
        assert wire.ask("/upload", "POST").text() == "0"


def test_a_paused_upload_holds_the_client(later):
    """The handler rests 5 ms a piece; what is not read waits at the client."""
    before = later.counts()["received"]
    held = memory(later)
    with later.connect() as wire:
        wire.request("/slowly", "POST",
                     fields=[("Content-Length", str(256 << 20))])
        end, sent = time.monotonic() + 0.5, 0
        while time.monotonic() < end:
            sent += wire.socket.send(b"x" * 65536)
        assert memory(later) - held < 8000 * SLOW
        received = later.counts()["received"] - before
        # 0.5 s are 100 rests; a piece is what one read takes, 64 KiB or so.
        assert 0 < received < min(sent, 150 * 65536)
        wire.reset()
    later.wait_for("after", lambda now: now["begun"] - now["after"] == 1)


def test_a_client_that_leaves_an_upload(later):
    for path in ("/upload", "/slowly"):
        for _ in range(5):
            wire = later.connect()
            wire.request(path, "POST", fields=[("Content-Length", "99999")])
            wire.send(b"x" * 5000)
            wire.reset()
    later.wait_for("all are over", lambda now:
                   now["begun"] - now["after"] == 1)


def test_offload(later):
    wires = [later.connect() for _ in range(8)]
    for wire in wires:
        wire.request("/offload")
    for wire in wires:
        assert wire.answer().text() == "worked"
        wire.socket.close()


def test_a_client_that_leaves_offloaded_work(later):
    for _ in range(10):
        wire = later.connect()
        wire.request("/offload")
        wire.reset()
    later.wait_for("all are over", lambda now:
                   now["begun"] - now["after"] == 1)
