# SPDX-License-Identifier: MIT
"""Each limit of a message with its default, at n and at n + 1."""
import pytest
from rule import wait_until
from wire import Cut

N_LINE, N_FIELD, N_HEAD, N_FIELDS, N_METHOD = 8192, 8192, 32768, 100, 24
N_BODY, N_DRAIN = 1 << 20, 65536
HOST = "Host: a\r\n"


def line(n):
    fixed = len("GET /quick? HTTP/1.1")
    return f"GET /quick?{'x' * (n - fixed)} HTTP/1.1\r\n{HOST}\r\n"


def field(n):
    return f"GET /quick HTTP/1.1\r\n{HOST}X: {'x' * (n - 3)}\r\n\r\n"


def head(n):
    start = f"GET /quick HTTP/1.1\r\n{HOST}"
    for number in range(4):
        start += f"X{number}: {'x' * 7000}\r\n"
    return start + f"Y: {'y' * (n - len(start) - 7)}\r\n\r\n"


def fields(n):
    return f"GET /quick HTTP/1.1\r\n{HOST}" + "X: y\r\n" * (n - 1) + "\r\n"


def method(n):
    return f"{'M' * n} /quick HTTP/1.1\r\n{HOST}\r\n"


def empty_lines(n):
    return "\r\n" * n + f"GET /quick HTTP/1.1\r\n{HOST}\r\n"


CHUNKED = f"POST /upload HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n"


def length(n):
    return f"POST /upload HTTP/1.1\r\n{HOST}Content-Length: {n}\r\n\r\n" \
        + "x" * n


def one_chunk(n):
    return CHUNKED + f"{n:x}\r\n{'x' * n}\r\n0\r\n\r\n"


def many_chunks(n):
    return CHUNKED + "1\r\nx\r\n" * n + "0\r\n\r\n"


def digits(n):
    return CHUNKED + "5".rjust(n, "0") + "\r\nhello\r\n0\r\n\r\n"



def extensions_of_all(n):
    half = n // 2
    return (CHUNKED + f"1;{'x' * (half - 1)}\r\nx\r\n"
            f"1;{'x' * (n - half - 1)}\r\nx\r\n0\r\n\r\n")


def trailers(n):
    return CHUNKED + "0\r\n" + "T: 1\r\n" * n + "\r\n"


def trailer_bytes(n):
    return CHUNKED + "0\r\nT: " + "x" * (n - 4) + "\r\n\r\n"


LIMITS = [
    (line, N_LINE, 200, 414), (field, N_FIELD, 200, 431),
    (head, N_HEAD, 200, 431), (fields, N_FIELDS, 200, 431),
    (method, N_METHOD, 501, 501), (empty_lines, 2, 200, 400),
    (length, N_BODY, 200, 413), (one_chunk, N_BODY, 200, 413),
    (digits, 16, 200, 400), (extensions_of_all, 4096, 200, 400),
    (trailers, 16, 200, 400), (trailer_bytes, 4096, 200, 400),
]


@pytest.fixture(scope="module", name="server")
def one_server():
    from wire_conftest import serving
    yield from serving("faults")


def status(server, text):
    with server.connect(timeout=20) as wire:
        try:
            wire.send(text)
        except OSError:
            pass  # It was refused before all was sent.
        answer = wire.answer()
        closes = answer["Connection"] == "close"
        if answer.status >= 400:
            assert closes and wire.closed(5)
        else:
            assert not closes and wire.ask("/quick").status == 200
        return answer.status


@pytest.mark.parametrize("make, most, within, over", LIMITS,
                         ids=[row[0].__name__ for row in LIMITS])
def test_a_limit(server, make, most, within, over):
    assert status(server, make(most)) == within
    assert status(server, make(most + 1)) == over


def test_a_body_in_chunks_of_one_byte(start):
    """The limit is of what they are together."""
    server = start("faults", "--max_body", "1000")
    assert status(server, many_chunks(1000)) == 200
    assert status(server, many_chunks(1001)) == 413


def test_a_body_without_an_end(start):
    server = start("faults", "--max_body", "100000")
    with server.connect(timeout=20) as wire:
        wire.send(CHUNKED)
        sent = 0
        with pytest.raises((OSError, Cut)):
            while True:
                wire.send("10000\r\n" + "x" * 65536 + "\r\n")
                sent += 65536
                if sent > 4 << 20:
                    assert wire.answer().status == 413
                    raise Cut("as it should")


def test_an_unread_body_is_passed_over(server):
    """65,536 bytes keep the connection, one more does not."""
    for size, kept in ((N_DRAIN, True), (N_DRAIN + 1, False)):
        with server.connect() as wire:
            wire.request("/nowhere", "POST", body=b"x" * size)
            answer = wire.answer()
            assert answer.status == 404
            assert (answer["Connection"] is None) == kept


def test_output_waits_at_its_high_water_mark(start):
    """A stream stops at max_output and goes on below half of it."""
    server = start("faults", "--max_output", "100000")
    with server.connect(window=4096) as wire:
        wire.request("/flood/200")
        wait_until("it streams", lambda: server.counts()["begun"] >= 2)
        assert server.get("/seen").json()["finished"] == 0
        assert len(wire.answer().body) == 200 * 65536
    assert server.get("/seen").json()["finished"] == 1
