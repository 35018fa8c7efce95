# SPDX-License-Identifier: MIT
"""Paths that evhttp callbacks serve, on the application's own evhttp."""
import time


def test_each_answers_its_own(foreign):
    with foreign.connect() as wire:
        for path, want in [("/ours", "ours"), ("/old", "old /old 0"),
                           ("/any?a=b", "general /any?a=b 0"),
                           ("/mounted/x/y", "mounted /mounted/x/y 0"),
                           ("/ours", "ours")]:
            answer = wire.ask(path)
            assert (answer.status, answer.text()) == (200, want)


def test_pipelined_back_and_forth(foreign):
    with foreign.connect() as wire:
        paths = ["/ours", "/mounted/a", "/chunks", "/old", "/ours"] * 20
        for path in paths:
            wire.request(path)
        for path in paths:
            assert path[1:4] in wire.answer().text() or path == "/chunks"


def test_bodies_are_lent_whole(foreign):
    with foreign.connect() as wire:
        body = b"GET /evil HTTP/1.1\r\nHost: a\r\n\r\n" * 100
        for _ in range(3):
            answer = wire.ask("/mounted/b", "POST", body=body)
            assert answer.text() == f"mounted /mounted/b {len(body)}"
        wire.request("/mounted/c", "POST",
                     fields=[("Transfer-Encoding", "chunked")])
        wire.send("5\r\nhello\r\n")
        time.sleep(0.02)
        wire.send("3\r\nabc\r\n0\r\nX-Trailer: t\r\n\r\n")
        assert wire.answer().text() == "mounted /mounted/c 8"
        assert wire.ask("/ours").text() == "ours"


def test_a_body_on_head_is_not_a_request(foreign):
    """evhttp by itself leaves it in the buffer and runs it."""
    with foreign.connect() as wire:
        wire.request("/mounted/d", "HEAD",
                     body=b"GET /evil HTTP/1.1\r\nHost: a\r\n\r\n")
        wire.request("/ours")
        assert wire.answer(head_only=True).status == 200
        assert wire.answer().text() == "ours"
        assert wire.stays_open()


def test_expect_is_answered_once(foreign):
    with foreign.connect() as wire:
        wire.request("/mounted/e", "POST", fields=[
            ("Expect", "100-continue"), ("Content-Length", "5")])
        assert wire.head().status == 100
        wire.send("hello")
        interim = []
        assert wire.answer(interim=interim).text() == "mounted /mounted/e 5"
        assert interim == []


def test_chunks_and_errors_of_evhttp(foreign):
    with foreign.connect() as wire:
        assert wire.ask("/chunks").text() == "piece 0\npiece 1\npiece 2\n"
        assert wire.ask("/refused").status == 403
    with foreign.connect() as wire:
        answer = wire.ask("/chunks", version="1.0")
        assert answer.text() == "piece 0\npiece 1\npiece 2\n"


def test_close_is_obeyed(foreign):
    with foreign.connect() as wire:
        answer = wire.ask("/mounted/f", fields=[("Connection", "close")])
        assert answer.text() == "mounted /mounted/f 0"
        assert wire.closed()


def test_refused_before_evhttp_sees_it(foreign):
    with foreign.connect() as wire:
        wire.send("GET /old HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n"
                  "hello")
        assert wire.answer().status == 400


def test_after_covers_lent_requests(foreign):
    before = foreign.counts()
    with foreign.connect() as wire:
        for path in ("/old", "/mounted/g", "/chunks", "/refused"):
            wire.ask(path)
    for _ in range(20):
        wire = foreign.connect()
        wire.request("/mounted/h", "POST", fields=[("Content-Length", "50")])
        wire.reset()
    counts = foreign.wait_for("after", lambda now:
                              now["begun"] - now["after"] == 1)
    assert counts["begun"] >= before["begun"] + 5
