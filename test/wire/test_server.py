# SPDX-License-Identifier: MIT
"""A server's life: addresses, workers, signals, and mistakes of setup."""
import os
import random
import re
import signal
import socket
import subprocess
import time

import pytest
from wire import SLOW, Cut, program


def test_unix_socket(start, tmp_path):
    path = str(tmp_path / "socket")
    server = start("plain", "--unix", path)
    assert server.get("/text").body == b"hello"
    assert server.get("/fields").json()["peer"].startswith("unix:")
    server.end()
    assert not os.path.exists(path)


def test_a_dead_unix_socket_is_replaced(start, tmp_path):
    path = str(tmp_path / "socket")
    left = socket.socket(socket.AF_UNIX)
    left.bind(path)
    left.close()
    server = start("plain", "--unix", path)
    assert server.get("/text").body == b"hello"


def test_a_living_unix_socket_is_not(start, tmp_path):
    path = str(tmp_path / "socket")
    start("plain", "--unix", path)
    assert path in mistake("path", path)


def test_ipv6(start):
    server = start("plain", "--host", "::1")
    assert "[::1]" in server.url
    assert server.get("/text", host="::1").body == b"hello"
    assert server.get("/fields", host="::1").json()["peer"].startswith("[::1]")


def test_localhost_is_both_loopbacks(start):
    server = start("plain", "--host", "localhost")
    for host in ("127.0.0.1", "::1"):
        assert server.get("/text", host=host).body == b"hello"


def test_every_address(start):
    server = start("plain", "--host", "*")
    for host in ("127.0.0.1", "::1"):
        assert server.get("/text", host=host).body == b"hello"


def test_workers_share_the_connections(start):
    server = start("plain", "--workers", "2")
    workers = [server.get("/fields").json()["worker"] for _ in range(64)]
    assert set(workers) == {0, 1}
    server.end()


def test_workers_on_a_unix_socket(start, tmp_path):
    server = start("plain", "--workers", "2", "--unix", str(tmp_path / "s"))
    for _ in range(32):
        assert server.get("/text").body == b"hello"
    server.end()


# --- the end ----------------------------------------------------------------

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_drains(start, number, workers):
    """Idle connections close, the answer under way arrives, nobody new."""
    server = start("later", "--workers", workers)
    idle, busy = server.connect(), server.connect()
    assert idle.ask("/quick").text() == "quick"
    busy.request("/slow/1400")
    server.wait_for("it runs", lambda now: now["begun"] - now["after"] == 2)

    started = time.monotonic()
    server.signal(number)
    time.sleep(0.05)
    with pytest.raises(OSError):
        server.connect()
    assert idle.closed(3)
    assert time.monotonic() - started > 0.9
    answer = busy.answer()
    assert answer.text() == "late"
    assert answer["Connection"] == "close"
    assert busy.closed()
    assert "begun" in server.end(5)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_idle_connection_is_told(start, workers):
    """A request on its way when the signal comes is answered, and the answer
    says that it was the last one. One that has not asked yet counts too."""
    server = start("later", "--workers", workers)
    with server.connect() as idle, server.connect() as new:
        assert idle.ask("/quick")["Connection"] is None
        server.signal()
        time.sleep(0.3)
        for wire in (idle, new):
            answer = wire.ask("/quick")
            assert answer.text() == "quick"
            assert answer["Connection"] == "close"
            assert wire.closed()
    started = time.monotonic()
    server.end(5)
    assert time.monotonic() - started < 0.5 * SLOW, "it waited for nobody"


def test_the_grace_ends(start):
    """A request that is never answered holds a server up for its grace, and
    the program's end says that it was cut off."""
    server = start("later", "--grace", "300")
    wire = server.connect()
    wire.request("/never")
    server.wait_for("it runs", lambda now: now["begun"] - now["after"] == 2)
    started = time.monotonic()
    server.signal()
    assert server.process.wait(5 * SLOW) == 1
    assert 0.25 < time.monotonic() - started < 3 * SLOW
    assert server.stderr() == ("Requests cut off: 1. They had no answer 300 ms"
                               " after the server was told to stop.\n")
    server.ended = True
    with pytest.raises((Cut, ConnectionResetError)):
        wire.answer()


def test_a_second_signal_ends_at_once(start):
    server = start("later")
    with server.connect() as wire:
        wire.request("/never")
        server.wait_for("it runs", lambda now:
                        now["begun"] - now["after"] == 2)
        server.signal()
        time.sleep(0.2)
        assert server.process.poll() is None
        started = time.monotonic()
        server.signal()
        assert server.process.wait(5 * SLOW) == 1
        assert "second signal" in server.stderr()
        assert time.monotonic() - started < 2 * SLOW
        server.ended = True


@pytest.mark.parametrize("workers", ["1", "2"])
def test_after_counts_what_began(start, workers):
    """Clients killed at random moments of random requests."""
    server = start("later", "--workers", workers)
    dice = random.Random(7)
    asks = [b"GET /quick HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /quick HTTP/1.1\r\nHost: a\r\n\r\n" * 5,
            b"GET /slow/30 HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /never HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /stream/50 HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /flood/50 HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /offload HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /broken HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /nope HTTP/1.1\r\nHost: a\r\n\r\n",
            b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n"
            + b"x" * 5000,
            b"POST /slowly HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked"
            b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n"]
    for _ in range(600):
        wire = server.connect()
        raw = dice.choice(asks)
        if dice.random() < 0.5:
            raw = raw[:dice.randrange(len(raw))]
        try:
            wire.send(raw)
            time.sleep(max(0, dice.random() - 0.7) / 30)
            if dice.random() < 0.2:
                wire.half_close()
        except OSError:
            pass  # A cut stream resets the connection.
        # Who waits for ever may wait half-closed: only a reset ends /never.
        if dice.random() < 0.7 or b"/never" in raw:
            wire.reset()
        else:
            wire.socket.close()
    counts = server.wait_for("after", lambda now:
                             now["begun"] - now["after"] == 1, 10)
    assert counts["begun"] > 150
    server.wait_for("closed", lambda now: now["open"] - now["closed"] == 1)
    # Late handlers whose clients are gone still hold their requests: a timer
    # that ends with its worker would never resume them.
    time.sleep(0.1 * SLOW)
    server.end()


# --- mistakes ---------------------------------------------------------------

def mistake(*arguments):
    done = subprocess.run([program("mistakes"), *arguments], timeout=20,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    code, sentence = done.stdout.split(" ", 1)
    assert int(code) < 0
    lines = sentence.strip().split("\n")
    assert len(lines) == 1, sentence
    assert len(sentence) > 20
    return sentence


def test_a_port_in_use(plain):
    sentence = mistake("port", str(plain.port))
    assert str(plain.port) in sentence
    assert re.search("in use", sentence, re.I)


def test_a_duplicate_route():
    sentence = mistake("duplicate")
    assert "GET" in sentence and "/users/:name" in sentence
    assert "mistakes.c" in sentence


@pytest.mark.parametrize("pattern", ["users", "", "/:", "/a/*/b", "/:a:a"])
def test_a_bad_pattern(pattern):
    sentence = mistake("pattern", pattern)
    assert f'{pattern}' in sentence
    assert "mistakes.c" in sentence


@pytest.mark.parametrize("what, argument", [
    ("host", "no.such.host.invalid"), ("host", "300.1.1.1"),
    ("path", "/no/such/folder/socket"), ("method", "BAD METHOD"),
    ("method", "CONNECT"), ("name", "same")])
def test_other_mistakes_name_their_argument(what, argument):
    assert argument in mistake(what, argument)


def test_a_path_that_is_too_long_for_a_socket():
    assert "107" in mistake("path", "/" + "x" * 200)


def test_a_route_that_comes_late():
    sentence = mistake("late")
    assert "mistakes.c" in sentence and "seed_listen" in sentence


def test_a_server_that_listens_nowhere():
    assert "listen" in mistake("nowhere")
