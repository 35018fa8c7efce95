# SPDX-License-Identifier: MIT
"""Rows of the fault matrix in which the handler is at fault."""
import time

import pytest
from rule import hits, metric, unharmed
from wire import SLOW, Cut


def seen(server, name):
    return server.get("/seen").json()[name]


def test_row_26_a_handler_that_never_answers(start):
    """503 at the deadline, and the handler is told."""
    server = start("faults", "--linger", "300")
    with unharmed(server):
        with server.connect() as wire:
            began = time.monotonic()
            wire.request("/timed/never")
            answer = wire.answer()
            assert time.monotonic() - began > 0.25
            assert answer.status == 503 and answer["Connection"] == "close"
            assert answer.json()["code"] == "ServiceUnavailable"
            assert wire.closed()
        assert hits(server, "handler") == 1
        assert seen(server, "cancelled") == 1


def test_row_26_the_servers_own_deadline(start):
    server = start("faults", "--handler_deadline", "400")
    with unharmed(server):
        assert server.get("/never").status == 503
        assert server.get("/slow/50").status == 200
        assert hits(server, "handler") == 1


def test_row_26_a_handler_that_answers_twice(start):
    """Each time; and yet it is not said each time."""
    server = start("faults")
    with unharmed(server), server.connect() as wire:
        for _ in range(200):
            assert wire.ask("/twice").text() == "first"
        assert wire.ask("/quick").text() == "quick"
    assert "has its answer already" in server.stderr()


def test_row_26_a_handler_that_answers_the_gone(start):
    server = start("faults")
    with unharmed(server):
        for _ in range(20):
            wire = server.connect()
            wire.request("/slow/200")
            wire.reset()
        time.sleep(0.4)
    assert server.stderr() == ""


@pytest.mark.parametrize("path", ["/timed/slow/900", "/timed/offload"])
def test_row_26_a_handler_that_frees_late(start, path):
    """It goes on for long behind its deadline, and knows nothing of it."""
    server = start("faults", "--linger", "300")
    with unharmed(server):
        for _ in range(3):
            assert server.get(path).status == 503
        time.sleep(1 * SLOW)
    server.end()


def test_row_26_a_stream_that_takes_too_long(start):
    """An answer that has begun is cut, so that nobody takes it for whole."""
    server = start("faults")
    with unharmed(server), server.connect(window=4096) as wire:
        wire.request("/timed/flood/1000")
        time.sleep(0.8)
        with pytest.raises((Cut, ConnectionResetError)):
            wire.answer()
        assert hits(server, "handler") == 1


def test_row_27_an_error_in_a_stream(start):
    server = start("faults")
    with unharmed(server):
        for _ in range(20):
            with server.connect() as wire:
                wire.request("/broken")
                with pytest.raises((Cut, ConnectionResetError)):
                    wire.answer()
                assert b"0\r\n\r\n" not in wire.held


def connect_to(server, worker):
    """A connection that this worker serves."""
    for _ in range(200):
        wire = server.connect(timeout=20)
        if wire.ask("/seen").json()["worker"] == worker:
            return wire
        wire.socket.close()
    raise AssertionError(f"worker {worker} has no connection")


def test_row_28_a_handler_that_blocks_its_loop(start):
    """Two seconds: the other worker serves, and the figures show it."""
    server = start("faults", "--workers", "2", "--max_requests", "-1")
    with unharmed(server, wire=connect_to(server, 1)) as probe:
        blocked, other = connect_to(server, 0), connect_to(server, 1)
        waits = len(probe.waits)
        blocked.request("/block/2000")
        time.sleep(0.5)
        age = metric(server, 'seed_loop_turn_age_seconds{worker="0"}', other)
        assert age > 0.2
        assert blocked.answer().text() == "unblocked"
        assert len(probe.waits) - waits >= 5
        for wire in (blocked, other):
            assert wire.ask("/quick").status == 200
            wire.socket.close()


def test_more_in_flight_than_may_be(start):
    """A limit of the table in reliability 1.3: 503, Retry-After, and kept."""
    server = start("faults", "--max_in_flight", "3")
    wires = [server.connect() for _ in range(3)]
    for wire in wires:
        wire.request("/slow/600")
    time.sleep(0.2)
    with server.connect() as wire:
        answer = wire.ask("/quick")
        assert answer.status == 503 and answer["Retry-After"] == "1"
        assert answer["Connection"] is None
        for late in wires:
            assert late.answer().text() == "late"
            late.socket.close()
        assert wire.ask("/quick").status == 200
        assert hits(server, "in_flight", wire) == 1


def test_the_last_request_of_a_connection(start):
    server = start("faults", "--max_requests", "3")
    with server.connect() as wire:
        closes = [wire.ask("/quick")["Connection"] for _ in range(3)]
        assert closes == [None, None, "close"] and wire.closed()
    assert hits(server, "requests") == 1


def test_the_last_request_of_a_pipeline(start):
    server = start("faults", "--max_requests", "3")
    with server.connect() as wire:
        for _ in range(5):
            wire.request("/quick")
        for _ in range(3):
            assert wire.answer().status == 200
        assert wire.rest() == b""


def test_the_age_of_a_connection(start):
    server = start("faults", "--max_age", "300")
    with server.connect() as wire:
        assert wire.ask("/quick")["Connection"] is None
        time.sleep(0.4)
        assert wire.ask("/quick")["Connection"] == "close" and wire.closed()
    assert hits(server, "age") == 1


def test_limits_can_be_switched_off(start):
    off = [f"--{name}" for name in (
        "first_byte_deadline", "head_deadline", "idle_deadline",
        "body_deadline", "body_stall", "min_body_rate", "write_stall",
        "max_requests", "max_age", "max_connections", "max_in_flight")]
    server = start("faults", *[word for flag in off for word in (flag, "-1")])
    with server.connect() as wire:
        for _ in range(1100):
            assert wire.ask("/quick")["Connection"] is None
        time.sleep(0.8)
        wire.send("GET /qu")
        time.sleep(0.8)
        wire.send("ick HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.answer().status == 200
