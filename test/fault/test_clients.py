# SPDX-License-Identifier: MIT
"""Rows of the fault matrix (docs/reliability.md) in which the client is at
fault: too slow, gone too early, or no client at all."""
import contextlib
import os
import socket
import time

import pytest
from rule import (PLAIN, descriptors, hits, resident, unharmed, wait_until)
from wire import SLOW, Cut

HEAD = " HTTP/1.1\r\nHost: a\r\n"
ASK = b"GET /quick HTTP/1.1\r\nHost: a\r\n\r\n"
UPLOAD = ("POST /upload" + HEAD + "Content-Length: 4\r\n\r\nbody").encode()
CHUNKS = ("POST /upload" + HEAD + "Transfer-Encoding: chunked\r\n\r\n"
          "3;a=b\r\nbod\r\n1\r\ny\r\n0\r\nT: 1\r\n\r\n").encode()


def end_of(wire):
    """What came, until the server has closed."""
    try:
        wire.socket.settimeout(10 * SLOW)
        return wire.rest()
    except ConnectionResetError:
        rest, wire.held = wire.held, b""
        return rest + b"RST"


def over(server):
    """Streams that came to their end or were told that nobody listens."""
    seen = server.get("/seen").json()
    return seen["finished"] + seen["cancelled"]


def drip(wires, data, seconds):
    """One byte each at a time, for so long; who is closed falls away."""
    end = time.monotonic() + seconds
    left = dict.fromkeys(wires, 0)
    while left and time.monotonic() < end:
        for wire, at in list(left.items()):
            try:
                wire.send(data[at % len(data):at % len(data) + 1])
                left[wire] += 1
            except OSError:
                del left[wire]
        time.sleep(0.02)


@contextlib.contextmanager
def many(server, count, **options):
    wires = [server.connect(**options) for _ in range(count)]
    try:
        yield wires
    finally:
        for wire in wires:
            wire.socket.close()


def test_row_01_slow_headers(start):
    """Each byte is progress, and none extends the deadline."""
    server = start("faults", "--head_deadline", "1000", "--linger", "300",
                   "--max_requests", "-1")
    with unharmed(server), many(server, 500) as wires:
        began = time.monotonic()
        drip(wires, b"GET /quick HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 5000,
             2)
        answers = [end_of(wire) for wire in wires]
        assert time.monotonic() - began < 4 * SLOW
        told = sum(answer.startswith(b"HTTP/1.1 408 ") for answer in answers)
        assert all(answer in (b"", b"RST") or b" 408 " in answer
                   for answer in answers)
        assert told >= 450
        assert hits(server, "head") == 500


def test_row_02_slow_body(start):
    """A body that stalls, and one that never does and still crawls."""
    server = start("faults", "--body_stall", "800", "--min_body_rate", "5000",
                   "--linger", "300", "--max_requests", "-1")
    with unharmed(server), many(server, 100) as wires:
        for wire in wires:
            wire.request("/upload", "POST", fields=[("Content-Length",
                                                     "50000")])
        drip(wires[50:], b"crawl", 2)
        for wire in wires:
            assert wire.answer().status == 408
            assert end_of(wire) in (b"", b"RST")
        assert hits(server, "body") == 100


def test_row_02_fast_enough_a_body(start):
    """The same server, and 10,000 bytes a second for longer than it waits."""
    server = start("faults", "--body_stall", "500", "--min_body_rate", "2000")
    with server.connect() as wire:
        wire.request("/upload", "POST", fields=[("Content-Length", "15000")])
        for _ in range(15):
            wire.send(b"x" * 1000)
            time.sleep(0.1)
        assert wire.answer().text() == "15000"


def test_row_03_slow_reader(start):
    """64 MiB to each of 100 clients that read nothing. The kernel takes
    megabytes of each, and others have their turns between."""
    server = start("faults", "--write_stall", "1500", "--max_requests", "-1")
    with unharmed(server), many(server, 100, window=4096) as wires:
        before = resident(server)
        for wire in wires:
            wire.request("/flood/1024")
        server.wait_for("all stream", lambda book: book["begun"]
                        - book["after"] >= 100)
        time.sleep(0.3)
        if PLAIN:
            assert resident(server) - before < 100 * 262144 + (10 << 20)
        wait_until("all are cut", lambda: hits(server, "write") == 100)
        assert all(end_of(wire).endswith(b"RST") for wire in wires[:10])
        assert server.get("/seen").json()["cancelled"] == 100


def test_row_04_idle_flood_to_the_cap(start):
    """The kernel holds who is too much; the idle make place."""
    server = start("faults", "--max_connections", "100", "--max_requests",
                   "-1", "--idle_deadline", "1500")
    with unharmed(server), many(server, 150) as wires:
        with server.connect(timeout=20) as patient:
            for wire in wires[:90]:
                with contextlib.suppress(OSError):
                    wire.send(ASK)
            time.sleep(0.3)
            assert descriptors(server) < 125
            # Behind 150 others, of whom each has its second.
            assert patient.ask("/quick").text() == "quick"
        assert hits(server, "connections") >= 1
        assert hits(server, "idle") + hits(server, "first_byte") >= 50
    assert "as many as may be" in server.stderr()


def test_row_04_the_cap_holds(start):
    server = start("faults", "--max_connections", "20")
    with many(server, 40) as wires:
        for wire in wires:
            wire.send(ASK)
        for wire in wires[:20]:
            assert wire.answer().status == 200
        wires[30].socket.settimeout(0.2)
        with pytest.raises(socket.timeout):
            wires[30].answer()
        wires[0].socket.close()
        wires[30].socket.settimeout(5 * SLOW)
        for wire in wires[1:20]:
            wire.socket.close()
        assert wires[30].answer().status == 200


def test_row_04_one_address(start):
    server = start("faults", "--max_per_address", "10")
    with many(server, 15) as wires:
        for wire in wires[:10]:
            assert wire.ask("/quick").status == 200
        for wire in wires[10:]:
            assert end_of(wire) == b""
        assert hits(server, "address", wires[0]) == 5


def test_row_04_one_address_in_a_hurry(start):
    """Two connections at once, and then two a second, however short."""
    server = start("faults", "--max_rate_per_address", "2")
    ends = []
    wires = [server.connect() for _ in range(15)]
    for wire in wires:
        try:
            ends.append(wire.ask("/quick").status)
        except (Cut, ConnectionError):
            ends.append(None)
        wire.socket.close()
    assert ends[:2] == [200] * 2 and None in ends[2:]
    time.sleep(1.1)
    with server.connect() as wire:
        assert hits(server, "address", wire) == ends.count(None)


@pytest.mark.parametrize("asked", [ASK, UPLOAD, CHUNKS],
                         ids=["get", "length", "chunked"])
def test_row_05_reset_at_each_byte_of_the_request(start, asked):
    server = start("faults", "--max_requests", "-1")
    with unharmed(server):
        for length in range(len(asked) + 1):
            wire = server.connect()
            wire.send(asked[:length])
            wire.reset()


def test_row_06_reset_at_each_kib_of_the_reply(start):
    """300 KiB, cut everywhere: the handler is told once, or it has finished."""
    server = start("faults", "--max_requests", "-1")
    with unharmed(server):
        for kib in range(300):
            wire = server.connect(window=4096)
            wire.request("/flood/5")
            with contextlib.suppress(Cut):
                wire.take(kib * 1024 + 1)
            wire.reset()
        wait_until("all are over", lambda: over(server) == 300)


def test_row_07_fin_in_head_and_body(start):
    """Nobody is served who has not asked."""
    server = start("faults", "--max_requests", "-1")
    with unharmed(server):
        for asked in (ASK, UPLOAD, CHUNKS):
            for length in range(len(asked)):
                with server.connect() as wire:
                    wire.send(asked[:length])
                    wire.half_close()
                    answer = end_of(wire)
                    assert answer in (b"", b"RST") or b" 400 " in answer
        assert server.get("/seen").json()["uploaded"] == 0


def test_row_08_half_close_and_a_late_handler(start):
    server = start("faults", "--max_requests", "-1")
    with unharmed(server), many(server, 50) as wires:
        for number, wire in enumerate(wires):
            wire.request("/slow/200" if number % 2 else "/flood/40")
            wire.half_close()
        for number, wire in enumerate(wires):
            answer = wire.answer()
            assert answer.text() == "late" if number % 2 \
                else len(answer.body) == 40 * 65536
            assert end_of(wire) == b""


def test_row_11_a_thousand_pipelined_then_close(start):
    """One at a time is begun, however many there are."""
    server = start("faults", "--max_requests", "-1")
    slow = ASK.replace(b"/quick", b"/slow/100")
    with unharmed(server):
        before = server.counts()["begun"]
        wire = server.connect()
        wire.send(slow + ASK * 1000)
        time.sleep(0.05)
        # The probe's own requests count as well: one each 50 ms.
        assert server.counts()["begun"] - before < 10
        wire.socket.close()
        wire = server.connect()
        wire.send(ASK * 1000)
        wire.socket.close()
        with server.connect() as wire:
            wire.send(ASK * 1000)
            for _ in range(1000):
                assert wire.answer().text() == "quick"


def test_row_38_expect_continue(start):
    """The order of interim and final answers, whatever the client does."""
    server = start("faults", "--body_stall", "500", "--linger", "300",
                   "--max_requests", "-1")
    expects = [("Expect", "100-continue"), ("Content-Length", "5")]
    with unharmed(server):
        with server.connect() as wire:  # It never sends.
            wire.request("/upload", "POST", fields=expects)
            assert wire.head().status == 100
            assert wire.answer().status == 408
            assert end_of(wire) in (b"", b"RST")
        with server.connect() as wire:  # It does not wait.
            wire.request("/upload", "POST", body=b"hello", fields=expects)
            interim = []
            assert wire.answer(interim=interim).text() == "5"
            assert interim == [] and wire.ask("/quick").status == 200
        with server.connect() as wire:  # It waits.
            wire.request("/upload", "POST", fields=expects)
            assert wire.head().status == 100
            wire.send("hello")
            assert wire.answer().text() == "5"
        with server.connect() as wire:  # Nobody wants its body.
            wire.request("/nowhere", "POST", fields=expects)
            interim = []
            assert wire.answer(interim=interim).status == 404
            assert interim == []
        with server.connect() as wire:  # It wants something else.
            wire.request("/upload", "POST", body=b"hello",
                         fields=[("Expect", "200-ok")])
            assert wire.answer().status == 417


MIB = b"x" * (1 << 20)
RUNS = 100 if os.environ.get("FAULTS") == "all" else 10


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_row_39_413_while_100_mb_are_sent(start, chunked):
    server = start("faults", "--max_requests", "-1")
    told = 0
    with unharmed(server):
        for _ in range(RUNS):
            with server.connect(timeout=20) as wire:
                framing = ("Transfer-Encoding", "chunked") if chunked \
                    else ("Content-Length", str(100 << 20))
                wire.request("/upload", "POST", fields=[framing])
                try:
                    for _ in range(100):
                        wire.send(b"100000\r\n" + MIB + b"\r\n" if chunked
                                  else MIB)
                    told += wire.answer().status == 413
                except (Cut, OSError):
                    pass
    assert told >= RUNS * 99 // 100


def test_row_40_port_scan(start):
    """What scanners send, and what comes of it: an answer or nothing."""
    server = start("faults", "--first_byte_deadline", "800",
                   "--head_deadline", "800", "--linger", "300",
                   "--max_requests", "-1")
    scans = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00" * 9,
        b"\x00\x00\x00\x85\xffSMB" + b"\x00" * 129,
        b"", b"\r\n", b"\n", b"\x00", b"GET /\n", b"HELP\r\n",
        b"SSH-2.0-scan\r\n", b"\x03\x00\x00\x13\x0e\xe0" + b"\x00" * 13,
        b"OPTIONS sip:a SIP/2.0\r\n\r\n", b"GET http://a/ HTTP/1.1\r\n\r\n",
        b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", b"\xff" * 5000,
    ]
    with unharmed(server):
        for scan in scans * 5:
            with server.connect() as wire:
                wire.send(scan)
                if scan not in (b"", b"\r\n"):
                    wire.half_close()
                answer = end_of(wire)
                assert answer in (b"", b"RST") \
                    or answer.startswith(b"HTTP/1.1 4") \
                    or answer.startswith(b"HTTP/1.1 5")
        wait_until("the silent are gone",
                   lambda: hits(server, "first_byte") >= 5)
