# SPDX-License-Identifier: MIT
"""One connection's life: keep-alive, pipelines, closes of every kind."""
import socket
import threading
import time

import pytest
from wire import SLOW, Cut


def test_keep_alive(plain):
    with plain.connect() as wire:
        for _ in range(100):
            assert wire.ask("/text").body == b"hello"
        assert wire.stays_open()


def test_close_is_obeyed(plain):
    with plain.connect() as wire:
        answer = wire.ask("/text", fields=[("Connection", "close")])
        assert answer["Connection"] == "close"
        assert wire.closed()


def test_a_handler_can_close(plain):
    with plain.connect() as wire:
        assert wire.ask("/close")["Connection"] == "close"
        assert wire.closed()


def test_http_10_closes(plain):
    with plain.connect() as wire:
        answer = wire.ask("/text", version="1.0", host=None)
        assert answer.status == 200 and answer.body == b"hello"
        assert wire.closed()


def test_pipelined_answers_come_in_order(plain):
    with plain.connect() as wire:
        wire.send("".join(f"GET /param/{n} HTTP/1.1\r\nHost: a\r\n\r\n"
                          for n in range(200)))
        for n in range(200):
            assert wire.answer().json()["a"] == str(n)


def test_a_slow_answer_holds_those_behind_it(later):
    with later.connect() as wire:
        wire.send("GET /slow/150 HTTP/1.1\r\nHost: a\r\n\r\n"
                  "GET /quick HTTP/1.1\r\nHost: a\r\n\r\n"
                  "GET /slow/1 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert [wire.answer().text() for _ in range(3)] == \
            ["late", "quick", "late"]


def test_bodies_in_a_pipeline_are_not_requests(plain):
    smuggled = b"GET /fail/500 HTTP/1.1\r\nHost: a\r\n\r\n"
    with plain.connect() as wire:
        wire.request("/echo", "POST", body=smuggled)
        wire.request("/text", "GET", body=smuggled)
        wire.request("/text")
        assert wire.answer().body == smuggled
        assert wire.answer().body == b"hello"
        assert wire.answer().body == b"hello"
        assert wire.stays_open()


def test_head_has_the_length_and_no_body(plain):
    with plain.connect() as wire:
        whole = wire.ask("/text")
        answer = wire.ask("/text", "HEAD")
        assert answer.status == 200
        assert answer["Content-Length"] == whole["Content-Length"] == "5"
        assert answer["Content-Type"] == whole["Content-Type"]
        assert wire.ask("/nope", "HEAD").status == 404
        assert wire.ask("/text").body == b"hello"


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body(plain, status):
    with plain.connect() as wire:
        answer = wire.ask(f"/status/{status}")
        assert answer.status == status and answer.body == b""
        assert answer["Transfer-Encoding"] is None
        if status == 204:
            assert answer["Content-Length"] is None
        assert wire.ask("/text").body == b"hello"


def test_every_answer_has_a_date(plain):
    assert time.strptime(plain.get("/text")["Date"],
                         "%a, %d %b %Y %H:%M:%S GMT")


# --- 100-continue ---------------------------------------------------------

EXPECT = ("Expect", "100-continue")


def test_continue_comes_before_the_body(plain):
    with plain.connect() as wire:
        wire.request("/echo", "POST", fields=[EXPECT,
                                              ("Content-Length", "5")])
        assert wire.head().status == 100
        wire.send("hello")
        answer = wire.answer()
        assert answer.status == 200 and answer.body == b"hello"
        assert wire.ask("/text").body == b"hello"


def test_no_continue_when_nobody_asks_for_the_body(plain):
    with plain.connect() as wire:
        wire.request("/early", "POST", fields=[EXPECT,
                                               ("Content-Length", "5")])
        interim = []
        answer = wire.answer(interim=interim)
        assert answer.status == 200 and interim == []


def test_no_continue_for_a_body_over_the_limit(plain):
    with plain.connect() as wire:
        wire.request("/echo", "POST", fields=[EXPECT,
                                              ("Content-Length", "99999999")])
        interim = []
        assert wire.answer(interim=interim).status == 413
        assert interim == []


def test_no_continue_when_the_body_is_there(plain):
    with plain.connect() as wire:
        wire.request("/echo", "POST", body=b"hello", fields=[EXPECT])
        assert wire.answer().body == b"hello"


# --- bodies ---------------------------------------------------------------

def test_chunked_body(plain):
    with plain.connect() as wire:
        wire.request("/echo", "POST",
                     fields=[("Transfer-Encoding", "chunked")])
        for piece in ("5;name=value\r\nhello\r\n", "1\r\n \r\n",
                      "00005\r\nworld\r\n", "0\r\n\r\n"):
            wire.send(piece)
            time.sleep(0.01)
        assert wire.answer().body == b"hello world"
        assert wire.ask("/text").body == b"hello"


def test_trailers_stay_apart(plain):
    with plain.connect() as wire:
        wire.send("POST /fields HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                  "chunked\r\n\r\n1\r\nx\r\n0\r\nX-Trailer: t\r\nHost: evil"
                  "\r\nContent-Length: 9\r\nAuthorization: me\r\n\r\n")
        seen = wire.answer().json()
        assert seen["trailer"] == "t"
        assert seen["host"] == "a"
        names = [name.lower() for name in seen["fields"][::2]]
        assert "x-trailer" not in names and "authorization" not in names
        assert names.count("host") == 1


def test_a_body_byte_by_byte(plain):
    raw = (b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked"
           b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    with plain.connect() as wire:
        for at in range(len(raw)):
            wire.send(raw[at:at + 1])
        assert wire.answer().body == b"abc"


def test_a_small_unread_body_is_drained(plain):
    with plain.connect() as wire:
        wire.request("/early", "POST", body=b"x" * 60000)
        assert wire.answer().status == 200
        assert wire.ask("/text").body == b"hello"


def test_a_large_unread_body_closes(plain):
    with plain.connect() as wire:
        wire.request("/early", "POST", body=b"x" * 500000)
        answer = wire.answer()
        assert answer.status == 200 and answer["Connection"] == "close"


def test_the_largest_body(plain):
    body = bytes(range(256)) * 4096
    with plain.connect() as wire:
        wire.request("/echo", "POST", body=body)
        assert wire.answer().body == body


# --- closes ---------------------------------------------------------------

def test_half_close_is_still_answered(later):
    before = later.counts()["half"]
    with later.connect() as wire:
        wire.request("/slow/150")
        wire.half_close()
        assert wire.answer().text() == "late"
        assert wire.closed()
    assert later.counts()["half"] == before + 1


def test_half_close_behind_a_pipeline(plain):
    with plain.connect() as wire:
        for _ in range(20):
            wire.request("/text")
        wire.half_close()
        for _ in range(20):
            assert wire.answer().body == b"hello"
        assert wire.closed()


def test_half_close_in_a_head_ends_the_connection(plain):
    with plain.connect() as wire:
        wire.send("GET /text HTTP/1.1\r\nHo")
        wire.half_close()
        try:
            assert wire.answer().status == 400
        except Cut:
            pass
        assert plain.get("/text").status == 200


def test_reset_while_pending_is_told(later):
    before = later.counts()["gone"]
    wire = later.connect()
    wire.request("/never")
    later.wait_for("the request runs", lambda now:
                   now["begun"] - now["after"] == 2)
    started = time.monotonic()
    wire.reset()
    later.wait_for("gone", lambda now: now["gone"] == before + 1, 1)
    later.wait_for("after", lambda now: now["begun"] - now["after"] == 1, 1)
    assert time.monotonic() - started < SLOW


def test_reset_before_a_late_answer(later):
    for _ in range(20):
        wire = later.connect()
        wire.request("/slow/50")
        wire.reset()
    later.wait_for("all are over", lambda now:
                   now["begun"] - now["after"] == 1)


def test_an_error_reaches_a_client_that_still_sends(plain):
    """Lingering close: 413, while 2 MiB are on their way."""
    told = 0
    for _ in range(100):
        with plain.connect() as wire:
            wire.request("/echo", "POST",
                         fields=[("Content-Length", "2097152")])
            try:
                for _ in range(32):
                    wire.send(b"x" * 65536)
            except OSError:
                pass
            try:
                told += wire.answer().status == 413
            except (Cut, OSError):
                pass
    assert told >= 99


def test_an_error_reaches_a_client_that_sends_in_trickles(plain):
    with plain.connect() as wire:
        wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5"
                  "\r\n\r\n")
        for _ in range(20):
            wire.send("more")
            time.sleep(0.005)
        assert wire.answer().status == 400


def test_many_connections(plain):
    wires = [plain.connect() for _ in range(300)]
    for wire in wires:
        wire.request("/text")
    for wire in wires:
        assert wire.answer().body == b"hello"
        wire.socket.close()
    plain.wait_for("all are closed", lambda now:
                   now["open"] - now["closed"] == 1)


def test_answers_do_not_mix(plain):
    """Two clients a thread, at once, each with its own bodies."""
    wrong = []

    def talk(number):
        with plain.connect() as wire:
            for turn in range(50):
                body = f"{number}-{turn}".encode() * (turn + 1)
                wire.request("/echo", "POST", body=body)
                if wire.answer().body != body:
                    wrong.append((number, turn))

    threads = [threading.Thread(target=talk, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_no_nagling(plain):
    """Head and body leave in one segment."""
    with plain.connect() as wire:
        wire.request("/text")
        time.sleep(0.05)
        data = wire.socket.recv(65536)
        assert data.endswith(b"\r\n\r\nhello")
        assert wire.socket.getsockopt(socket.IPPROTO_TCP,
                                      socket.TCP_NODELAY) == 1
