# SPDX-License-Identifier: MIT
"""Rows of the fault matrix about signals, ends and restarts."""
import os
import re
import signal
import subprocess
import threading
import time

import pytest
from activator import Activator, alive, kill_marked
from wire import SLOW


def load(server, path="/", connections=16):
    return subprocess.Popen(
        ["wrk", "-t1", f"-c{connections}", "-d60",
         f"http://127.0.0.1:{server.port}{path}"],
        stdout=subprocess.PIPE, text=True)


def report_of(load_process):
    """What wrk has counted: requests, and errors by kind."""
    load_process.send_signal(signal.SIGINT)
    text = load_process.communicate(timeout=20)[0]
    errors = re.search(r"connect (\d+), read (\d+), write (\d+), "
                       r"timeout (\d+)", text)
    kinds = [int(number) for number in errors.groups()] if errors else [0] * 4
    count = int(re.search(r"(\d+) requests in", text)[1])
    assert "Non-2xx" not in text, text
    return count, dict(zip(("connect", "read", "write", "timeout"), kinds))


def restart_one(server, pid):
    """One process of examples/restart makes way for the next one, whose number
    is returned, when the old one is gone."""
    os.kill(pid, signal.SIGHUP)
    end = time.monotonic() + 20 * SLOW
    while (now := int(server.get("/").text())) == pid or alive(pid):
        assert time.monotonic() < end, "nobody has taken over"
        time.sleep(0.01)
    return now


@pytest.mark.parametrize("workers", ["1", "2"])
def test_row_19_signal_storms(start, workers):
    """Those that a program has a handler for, and SIGPIPE, which libseed sees
    to: no call that is interrupted loses anything."""
    server = start("signals", "--workers", workers)
    for _ in range(20):  # all of them have begun to serve
        server.get("/")
    crowd = load(server)
    sent = {signal.SIGHUP: 0, signal.SIGUSR1: 0, signal.SIGPIPE: 0}
    end = time.monotonic() + 2
    while time.monotonic() < end:
        for number in sent:
            server.signal(number)
            sent[number] += 1
        time.sleep(0.0005)
    with server.connect() as wire:
        assert wire.ask("/").text() == "hello"
        seen = wire.ask("/seen").json()
    count, errors = report_of(crowd)
    assert count > 100 and not any(errors.values()), (count, errors)
    # Signals of one kind that are not yet taken are one.
    assert seen["hangup"] > 50 and seen["user"] > 50, (seen, sent)
    server.end()


class Clients:
    """Clients that ask again and again, and say what became of each request.
    Who is refused a connection goes; so does who is reset at his first request
    on one: the kernel let him in between the last look at the queue and the
    closing (docs/guide/restarts.md has how long that is, and what else can be
    behind it). Only a socket that another process keeps has no such moment."""

    def __init__(self, server, count, path):
        self.server, self.path = server, path
        self.good, self.lost, self.refused = 0, [], 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, daemon=True)
                        for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def run(self):
        wire, first = None, True
        while True:
            try:
                first = first or wire is None
                wire = wire or self.server.connect()
            except OSError:
                with self.lock:
                    self.refused += 1
                return
            try:
                answer = wire.ask(self.path)
                closes = answer["Connection"] == "close"
                assert answer.status == 200
                first = False
            except ConnectionResetError as error:
                with self.lock:
                    self.refused += first
                    self.lost += [] if first else [repr(error)]
                return
            except Exception as error:  # Whatever it is, a request is lost.
                with self.lock:
                    self.lost.append(repr(error))
                return
            with self.lock:
                self.good += 1
            if closes:
                wire.socket.close()
                wire = None

    def join(self):
        for thread in self.threads:
            thread.join(20 * SLOW)
            assert not thread.is_alive()


def await_end(server, seconds):
    """Of a server that has had its signal: a second one would hurry it."""
    server.process.communicate(timeout=seconds * SLOW)
    server.ended = True
    return server.process.returncode


@pytest.mark.parametrize("path", ["/quick", "/slow/20", "/stream/20"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_row_20_term_under_load(start, workers, path):
    server = start("later", "--workers", workers)
    clients = Clients(server, 12, path)
    time.sleep(0.4)
    started = time.monotonic()
    server.signal()
    clients.join()
    status = await_end(server, 30)
    assert not clients.lost, (clients.lost, clients.good, status)
    assert status == 0 and time.monotonic() - started < 30
    assert clients.refused == 12 and clients.good > 12


def test_row_20_term_under_wrk(start):
    """At full speed: nothing that was asked is cut."""
    server = start("later", "--workers", "2")
    crowd = load(server, "/quick", 64)
    time.sleep(0.7)
    server.end(30)
    with pytest.raises(OSError):
        server.connect()
    count, errors = report_of(crowd)
    assert count > 1000 / SLOW
    assert errors["read"] == errors["timeout"] == 0, errors


def test_row_20_term_at_the_limit(start):
    """Who waits in the kernel's queue for a place has asked already."""
    server = start("faults", "--max_connections", "20")
    inside = [server.connect() for _ in range(20)]
    for wire in inside:
        wire.request(f"/slow/{1500 * SLOW}")
    time.sleep(0.3)
    waiting = [server.connect() for _ in range(10)]
    for wire in waiting:
        wire.request("/quick")
    time.sleep(0.2)
    server.signal()
    for wire in inside + waiting:
        answer = wire.answer()
        assert (answer.status, answer["Connection"]) == (200, "close")
        wire.socket.close()
    server.end()


def in_flight(server, wire):
    wire.request("/never")
    server.wait_for("it runs", lambda now: now["begun"] - now["after"] == 2)


def test_row_21_second_term(start):
    server = start("later")
    with server.connect() as wire:
        in_flight(server, wire)
        server.signal()
        time.sleep(0.3)
        assert server.process.poll() is None
        started = time.monotonic()
        server.signal()
        assert server.process.wait(5 * SLOW) == 1
        assert time.monotonic() - started < SLOW
    rest = server.process.communicate()[0].decode()
    server.ended = True
    assert "Requests cut off: 1. A second signal" in server.stderr()
    found = re.search(r"begun (\d+) after (\d+) open (\d+) closed (\d+)", rest)
    assert found[1] == found[2] and found[3] == found[4], rest


def test_row_21_deadline(start):
    server = start("later", "--grace", "400")
    with server.connect() as wire:
        in_flight(server, wire)
        started = time.monotonic()
        server.signal()
        assert server.process.wait(5 * SLOW) == 1
        assert 0.35 < time.monotonic() - started < 2 * SLOW
    server.process.communicate()
    server.ended = True
    assert "Requests cut off: 1. They had no answer" in server.stderr()


def test_row_21_what_is_cut_looks_cut(start):
    """An answer that ends with its connection would look whole by a FIN."""
    server = start("faults")
    with server.connect(window=4096) as wire:
        wire.send("GET /flood/1000 HTTP/1.0\r\nHost: a\r\n\r\n")
        assert wire.socket.recv(100).startswith(b"HTTP/1.1 200")
        time.sleep(0.2)
        server.signal()
        time.sleep(0.2)  # two at once are one
        server.signal()
        assert server.process.wait(5 * SLOW) == 1
        with pytest.raises(ConnectionResetError):
            while wire.socket.recv(1 << 16):
                pass
    server.process.communicate()
    server.ended = True


@pytest.mark.parametrize("workers", ["1", "2"])
def test_row_22_rolling_restarts(start, monkeypatch, workers):
    """Five of them; slow/test_h2load.py has the twenty."""
    mark = f"{os.getpid()}-row-22-{workers}"
    monkeypatch.setenv("SEED_TEST_MARK", mark)
    server = start("restart", "0", workers)
    crowd = load(server)
    try:
        pid = int(server.get("/").text())
        for _ in range(5):
            time.sleep(0.1)
            pid = restart_one(server, pid)
        count, errors = report_of(crowd)
    finally:
        crowd.kill()
        kill_marked("SEED_TEST_MARK=" + mark)
    server.process.communicate()
    server.ended = True
    assert server.process.returncode == 0, server.stderr()
    assert count > 100 and not any(errors.values()), (count, errors)


def test_row_37_one_process_of_two_is_killed():
    """Both have the socket. Who was on his way to the one that died is lost,
    once; who waits in the queue, and who comes, has the other one."""
    connections = 8
    with Activator() as manager:
        killed = manager.start("restart", "1")
        other = manager.start("restart", "1")
        seen = set()
        while len(seen) < 2:
            seen.add(int(manager.get("/").text()))
        crowd = load(manager, "/", connections)
        time.sleep(0.5)
        killed.kill()
        time.sleep(0.5)
        count, errors = report_of(crowd)
        assert count > 100
        assert errors["connect"] == errors["timeout"] == 0, errors
        assert errors["read"] + errors["write"] <= connections, errors
        for _ in range(20):
            assert int(manager.get("/").text()) == other.pid
        other.signal()
        assert other.wait() == 0
