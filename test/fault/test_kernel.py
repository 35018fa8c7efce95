# SPDX-License-Identifier: MIT
"""Rows of the fault matrix in which the system says no: no descriptors, and
calls that fail. test/fault/preload/fail.c makes them fail."""
import contextlib
import os
import re
import resource
import socket
import time

import pytest
from rule import (cpu_seconds, descriptors, hits, restored, unharmed,
                  wait_until)
from wire import BUILD, SLOW, Cut


@contextlib.contextmanager
def failing(server):
    """Its system calls fail as ordered, until the end of this."""
    with open(server.switch, "w", encoding="ascii"):
        yield
    os.unlink(server.switch)


@pytest.fixture(name="ordered")
def start_ordered(start, tmp_path):
    """Starts a server that has an order, of which nothing is done yet. The
    sanitizers do not mind that something was loaded before them."""
    def start_one(order, *flags):
        options = os.environ.get("ASAN_OPTIONS", "")
        switch = str(tmp_path / "switch")
        server = start("faults", "--max_requests", "-1", *flags, env=dict(
            os.environ, FAIL=order, FAIL_WHILE=switch,
            LD_PRELOAD=os.path.join(BUILD, "fail.so"),
            ASAN_OPTIONS=options + ":verify_asan_link_order=0"))
        server.switch = switch
        return server

    return start_one


def limit_descriptors(server, count):
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE,
                     (count, resource.prlimit(server.process.pid,
                                              resource.RLIMIT_NOFILE)[1]))


def answers(wire, seconds):
    """Whether a connection is served within so long."""
    wire.socket.settimeout(seconds * SLOW)
    try:
        return wire.ask("/quick").status == 200
    except (Cut, OSError):
        return False


def test_row_13_no_descriptors(start):
    """More clients than descriptors: the loop does not spin, the log does not
    fill, and all is well within a second of there being some again."""
    server = start("faults", "--max_connections", "-1", "--max_requests",
                   "-1", "--idle_deadline", "60000", "--first_byte_deadline",
                   "60000")
    with unharmed(server):
        most = 64
        limit_descriptors(server, most)
        wires = [server.connect() for _ in range(most + 20)]
        # Asks again and again, for the idle would be closed under pressure.
        wait_until("they run out", lambda: "Too many open" in server.stderr())
        lines = len(server.stderr().splitlines())
        before, began = cpu_seconds(server), time.monotonic()
        held = descriptors(server)
        time.sleep(3)
        spent = cpu_seconds(server) - before
        passed = time.monotonic() - began
        lines = len(server.stderr().splitlines()) - lines
        assert held <= most
        assert spent < 0.05 * passed * SLOW, f"{spent} s of {passed} s"
        assert lines < 2 * passed + 1
        for wire in wires:
            wire.socket.close()
        with server.connect() as wire:
            assert answers(wire, 1)


def test_row_13_as_many_as_descriptors_allow(start):
    """By default the limit of connections keeps descriptors for others."""
    server = start("faults", preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_NOFILE, (64, 64)))
    with unharmed(server):
        wires = [server.connect() for _ in range(60)]
        wait_until("the limit", lambda: "32 connections are open"
                   in server.stderr())
        assert descriptors(server) < 60
        assert wires[0].ask("/quick").status == 200
        for wire in wires:
            wire.socket.close()
        with server.connect() as wire:
            assert answers(wire, 5)
        assert "cannot be accepted" not in server.stderr()


@pytest.mark.parametrize("error", ["EMFILE", "ENFILE", "ECONNABORTED",
                                   "ENOBUFS", "EPERM"])
def test_row_14_accept_fails(ordered, error):
    """Every third accept: clients wait a moment, and are served. (libevent
    takes ECONNABORTED for nothing at all, and tries again at once.)"""
    server = ordered(f"accept4:{error}:3")
    with unharmed(server), failing(server):
        before = cpu_seconds(server)
        for _ in range(10):
            with server.connect(timeout=10) as wire:
                assert wire.ask("/quick").status == 200
        assert cpu_seconds(server) - before < 0.5 * SLOW
        if error != "ECONNABORTED":
            assert hits(server, "accept") >= 1


WRITES = [("EINTR", 2, True), ("SHORT", 1, True), ("SHORT", 3, True),
          ("EPIPE", 7, False), ("ECONNRESET", 7, False),
          ("EAGAIN", 7, False)]


def rule_for(whole):
    """A call that ends its connection would end the probe's as well."""
    return unharmed if whole else restored


def play(server, path, clients=20, rounds=10):
    """Who is answered is answered right. Returns how many were cut."""
    cut = 0
    for client in range(clients):
        try:
            with server.connect() as wire:
                for turn in range(rounds):
                    length = (client * 7919 + turn * 104729) % 200000
                    answer = wire.ask(path.format(length))
                    body = answer.body
                    assert answer.status == 200
                    assert body == (b"abcdefghijklmnopqrstuvwxyz"
                                    * (len(body) // 26 + 1))[:len(body)]
                    assert len(body) == length
        except (Cut, ConnectionResetError):
            cut += 1
    return cut


@pytest.mark.parametrize("error, every, whole", WRITES)
def test_row_15_writes_fail(ordered, error, every, whole):
    """Bytes are right or the connection is cut; never shifted. A socket that
    says EAGAIN and is writable gets no edge: the write deadline ends it."""
    server = ordered(f"send,sendmsg,sendfile:{error}:{every}",
                     "--write_stall", "300")
    with rule_for(whole)(server):
        with failing(server):
            cut = play(server, "/many/{}")
        assert cut == 0 if whole else cut > 0


@pytest.mark.parametrize("error, every, whole", [
    ("EINTR", 2, True), ("EIO", 7, False), ("ECONNRESET", 7, False)])
def test_row_16_reads_fail(ordered, error, every, whole):
    server = ordered(f"recv:{error}:{every}")
    with rule_for(whole)(server):
        with failing(server):
            cut = play(server, "/many/{}")
        assert cut == 0 if whole else cut > 0


def test_row_35_the_backlog_overflows(start):
    """A backlog of one and a loop that is held up: all are served in the end,
    for the clients' kernel tries again."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    server = start("faults", "--fd", str(listener.fileno()),
                   "--max_requests", "-1", pass_fds=[listener.fileno()])
    listener.close()
    with restored(server, crowd=1):
        with server.connect(timeout=30) as holder:
            holder.request("/block/700")
            time.sleep(0.1)
            sockets = []
            for _ in range(200):
                one = socket.socket()
                one.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    one.connect(("127.0.0.1", server.port))
                sockets.append(one)
            assert holder.answer().text() == "unblocked"
            wait_until("the server serves", lambda: holder.ask("/quick"))
            served = 0
            for one in sockets[:20]:
                one.settimeout(20 * SLOW)
                with contextlib.suppress(OSError):
                    one.sendall(b"GET /quick HTTP/1.1\r\nHost: a\r\n"
                                b"Connection: close\r\n\r\n")
                    served += bool(re.match(b"HTTP/1.1 200 ", one.recv(4096)))
            for one in sockets:
                one.close()
            assert served == 20
            with server.connect(timeout=20) as wire:
                assert wire.ask("/quick").status == 200
