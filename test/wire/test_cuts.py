# SPDX-License-Identifier: MIT
"""Connections that end at every byte: of the request and of the answer, by FIN
and by RST, while the handler has answered, waits, streams, or lends. What must
be left is nothing: no connection, no request without `after`, no descriptor."""
import os

import pytest
from wire import Cut

HEAD = " HTTP/1.1\r\nHost: a\r\n"
POST = HEAD + "Content-Length: 4\r\n\r\nbody"
CHUNKS = (HEAD + "Transfer-Encoding: chunked\r\n\r\n"
          "3;a=b\r\nbod\r\n1\r\ny\r\n0\r\nT: 1\r\n\r\n")

REQUESTS = [
    ("plain", "GET /text" + HEAD + "\r\n"),
    ("plain", "POST /echo" + POST),
    ("plain", "POST /echo" + CHUNKS),
    ("plain", "POST /early" + CHUNKS),
    ("later", "GET /slow/1" + HEAD + "\r\n"),
    ("later", "GET /offload" + HEAD + "\r\n"),
    ("later", "GET /stream/3" + HEAD + "\r\n"),
    ("later", "POST /upload" + CHUNKS),
    ("later", "POST /slowly" + POST),
    ("foreign", "GET /ours" + HEAD + "\r\n"),
    ("foreign", "POST /mounted/a" + CHUNKS),
    ("foreign", "GET /chunks" + HEAD + "\r\n"),
    ("foreign", "GET /theirs" + HEAD + "\r\n"),
]

LARGE = [
    ("plain", "GET /many/300000" + HEAD + "\r\n"),
    ("plain", f"GET /file?path={os.path.abspath(__file__)}" + HEAD + "\r\n"),
    ("later", "GET /flood/100000" + HEAD + "\r\n"),
    ("foreign", "GET /chunks" + HEAD + "\r\n"),
]


def by_rst(wire):
    wire.reset()


def by_fin(wire):
    wire.socket.close()


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def nothing_is_left(server, before):
    # The connection that asks is the one that is open.
    counts = server.wait_for("all have ended", lambda book:
                             book["begun"] - book["after"] == 1
                             and book["open"] - book["closed"] == 1)
    assert counts["begun"] > 1
    server.wait_for("descriptors", lambda _: descriptors(server) <= before + 1)


@pytest.mark.parametrize("end", [by_rst, by_fin])
@pytest.mark.parametrize("name, request_text", REQUESTS,
                         ids=[text.split(" HTTP")[0] for _, text in REQUESTS])
def test_a_request_that_is_cut(start, name, request_text, end):
    server = start(name)
    server.counts()
    before = descriptors(server)
    for length in range(len(request_text) + 1):
        wire = server.connect()
        wire.send(request_text[:length])
        end(wire)
    nothing_is_left(server, before)
    with server.connect() as wire:
        wire.send(request_text)
        assert wire.answer().status in (200, 201)


def take(server, text, length):
    """Reads so many bytes of an answer and no more."""
    wire = server.connect(window=4096)
    wire.send(text)
    while length > 0:
        try:
            data = wire.socket.recv(min(length, 65536))
        except TimeoutError as error:
            raise Cut("no answer") from error
        if not data:
            break
        length -= len(data)
    return wire


@pytest.mark.parametrize("end", [by_rst, by_fin])
@pytest.mark.parametrize("name, request_text", REQUESTS + LARGE,
                         ids=[text.split(" HTTP")[0].split("?")[0]
                              for _, text in REQUESTS + LARGE])
def test_an_answer_that_is_cut(start, name, request_text, end):
    server = start(name)
    server.counts()
    before = descriptors(server)
    close = request_text.replace("\r\nHost", "\r\nConnection: close\r\nHost")
    for length in [*range(100), 4096, 70000]:
        end(take(server, close, length))
    nothing_is_left(server, before)
