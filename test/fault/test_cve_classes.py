# SPDX-License-Identifier: MIT
"""Classes of holes that were found in other servers written in C and C++, and
for each a test that would have found it. docs/reliability.md has the table."""
import json
import re
import resource
import socket
import time
import urllib.parse

import pytest
from certs import Authority
from rule import PLAIN, cpu_seconds, resident, unharmed
from test_log import Logging
from tlswire import Relay, TlsServer, client_context
from wire import SLOW, Cut, Server

BYTES = [bytes([byte]) for byte in range(256)]
CHUNKED = ("Transfer-Encoding", "chunked")


@pytest.fixture(scope="module")
def shared():
    """One server for what leaves no trace, and what it reads things as."""
    server = Server("classes")
    yield server
    server.end()


def unhex(texts):
    return [bytes.fromhex(text) for text in texts]


def asked(server, data, timeout=5):
    """The first answer to these bytes; None when the connection was closed
    without one."""
    with server.connect(timeout=timeout) as wire:
        try:
            wire.send(data)
        except OSError:
            pass  # It may have answered before it was all said.
        try:
            return wire.answer()
        except (Cut, ConnectionError):
            return None


def refused(answer):
    return answer is None or 400 <= answer.status < 600


# --- how long a message is --------------------------------------------------

def test_class_01_trailers_are_no_fields(shared):
    """Trailer fields merged into the list of fields: CVE-2026-63379 (libevent),
    CVE-2025-12642 (lighttpd)."""
    head = ("POST /see HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n\r\n")
    with shared.connect() as wire:
        wire.send(head + "3\r\nq=1\r\n0\r\n\r\n")
        plain = wire.answer().json()
        wire.send(head + "3\r\nq=1\r\n0\r\nHost: evil\r\nCookie: a=b\r\n"
                  "Authorization: Basic YTpi\r\nContent-Length: 50\r\n"
                  "X-User: root\r\n\r\n")
        told = wire.answer().json()
        # Those that may be there can be asked for, by a call of their own.
        assert told.pop("trailers") == [None] * 4 + ["root"]
        assert plain.pop("trailers") == [None] * 5
        assert told == plain and told["host"] == "a"
        assert wire.ask("/see/x").json()["trailers"] == [None] * 5


LENIENT = [
    "Content-Length: +4", "Content-Length: 4 4", "Content-Length: 4, 4",
    "Content-Length: 4, 5", "Content-Length: 0x4", "Content-Length: 4;",
    "Content-Length: 4\r\nContent-Length: 5", "Content-Length: 4.0",
    "Content-Length:", "Content-Length: four", "Content-Length : 4",
    "Content-Length: 4\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 4",
    "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: chunked, chunked", "Transfer-Encoding : chunked",
    "Transfer-Encoding: \x0bchunked", "Transfer-Encoding:\r\n chunked",
    "Transfer-Encoding: \"chunked\"", "Transfer_Encoding: gzip\r\n"
    "Transfer-Encoding: gzip, chunked", "Content-Length: 4\r\n X: 1"]
LENIENT_CHUNKS = [
    "+2", "-2", "0x2", " 2", "2 x", "", "2;a\nb", "g", "2\x00", "\r\n2"]


@pytest.mark.parametrize("framing", LENIENT + LENIENT_CHUNKS)
def test_class_02_lengths_are_read_one_way(start, framing):
    """Length framing read leniently (strtol, first or last wins, a prefix):
    GHSA-q39v-w2g7-gr8j (libevent), CVE-2023-40225 (HAProxy)."""
    plain = start("plain")
    head = "POST /echo HTTP/1.1\r\nHost: a\r\n"
    hidden = "GET /text HTTP/1.1\r\nHost: a\r\n\r\n"
    if framing in LENIENT:
        message = head + framing + "\r\n\r\n2\r\nab\r\n0\r\n\r\n" + hidden
    else:
        message = (head + "Transfer-Encoding: chunked\r\n\r\n" + framing
                   + "\r\nab\r\n0\r\n\r\n" + hidden)
    with plain.connect() as wire:
        wire.send(message)
        wire.half_close()
        heard = wire.rest()
    assert heard.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")), heard
    assert heard.count(b"HTTP/1.1 ") == 1, "what hid in the body was answered"


def wrapped_lengths():
    yield from range(-300, 0)
    for power in (31, 32, 63, 64):
        yield from (2 ** power - 1, 2 ** power, 2 ** power + 1)


def test_class_03_no_length_wraps(start):
    """Negative and wrapped lengths: CVE-2023-34188 (mongoose, an endless
    loop), CVE-2013-2028 (nginx, a stack overrun)."""
    server = start("classes", "--workers", "1")
    for length in wrapped_lengths():
        digits = ("-" if length < 0 else "") + f"{abs(length):x}"
        for data in (f"Content-Length: {length}\r\n\r\n",
                     f"Transfer-Encoding: chunked\r\n\r\n{digits}\r\nx"):
            began = time.monotonic()
            answer = asked(server, "POST /whole HTTP/1.1\r\nHost: a\r\n"
                           + data)
            assert answer and answer.status in (400, 413), (length, data)
            assert length >= 0 or answer.status == 400
            assert time.monotonic() - began < SLOW
    before = cpu_seconds(server)
    time.sleep(1)
    assert cpu_seconds(server) - before < 0.1


# --- bytes and strings ------------------------------------------------------

def field_of(told, name):
    fields = unhex(told["fields"])
    return fields[fields.index(name) + 1]


def test_class_04_every_byte_is_itself_or_refused(shared):
    """NUL, CR and LF between strings of C and bytes of the wire:
    CVE-2026-63385 (libevent), CVE-2025-9648 (civetweb)."""
    for byte in BYTES:
        end = b" HTTP/1.1\r\nHost: a\r\n"
        answer = asked(shared, b"GE" + byte + b"T /see/x" + end + b"\r\n")
        assert refused(answer), byte
        answer = asked(shared, b"GET /see/b" + byte + b"c" + end + b"\r\n")
        if not refused(answer):
            # "?" and "#" end a path; they are no part of what it holds.
            assert unhex(answer.json()["params"])[0] == (
                b"b" if byte == b"?" else b"b" + byte + b"c")
        answer = asked(shared, b"GET /see/x" + end + b"X" + byte
                       + b"Y: 1\r\n\r\n")
        if not refused(answer):
            name = b"X" if byte == b":" else b"X" + byte + b"Y"
            assert field_of(answer.json(), name)[-1:] == b"1"
        answer = asked(shared, b"GET /see/x" + end + b"X: b" + byte
                       + b"c\r\n\r\n")
        if not refused(answer):
            assert field_of(answer.json(), b"X") == b"b" + byte + b"c"
        assert refused(answer) or byte not in (b"\0", b"\r", b"\n")


@pytest.mark.parametrize("byte", range(256))
def test_class_04_every_encoded_byte_is_itself_or_refused(shared, byte):
    """The same, percent-encoded: in a path, a query and a form."""
    word, wanted = f"b%{byte:02x}c", b"b" + bytes([byte]) + b"c"
    answer = shared.get("/see/" + word)
    if byte:
        assert unhex(answer.json()["params"]) == [wanted]
    else:
        assert answer.status == 400
    told = shared.get("/see/x?q=" + word).json()
    assert unhex(told["query"]) == [b"q", wanted]
    told = send_form(shared, b"q=" + word.encode()).json()
    assert unhex(told["form"]) == [b"q", wanted]


def test_class_04_every_byte_of_a_form(shared):
    """As it is; python's own parser knows which of them mean something."""
    for byte in BYTES:
        body = b"q=b" + byte + b"c"
        answer = send_form(shared, body)
        assert answer.status == (400 if byte == b"%" else 200)
        if answer.status == 200:
            pairs = urllib.parse.parse_qsl(body.decode("latin-1"),
                                           keep_blank_values=True)
            assert unhex(answer.json()["form"]) == [
                text.encode("latin-1") for pair in pairs for text in pair]


def send_form(server, body):
    with server.connect() as wire:
        wire.request("/see", "POST", body=body, fields=[
            ("Content-Type", "application/x-www-form-urlencoded")])
        return wire.answer()


@pytest.mark.parametrize("path", ["/redirect?to=/b{}c",
                                  "/set?name=X-A&value=b{}c",
                                  "/set?name=X{}&value=b"])
def test_class_05_no_answer_is_split(start, path):
    """Response splitting by what a handler passes on: CVE-2020-11709 and
    CVE-2023-26130 (cpp-httplib)."""
    plain = start("plain")
    with plain.connect() as wire:
        usual = {name for name, _ in wire.ask("/set?name=X&value=b").fields}
        for byte in range(256):
            answer = wire.ask(path.format(f"%{byte:02x}"))
            extra = [field for field in answer.fields
                     if field[0] not in usual]
            assert len(extra) <= 1, answer.raw_head
            assert all(name in ("Location", "X-A") or name[0] == "X"
                       for name, _ in extra)
            if byte in (10, 13):
                assert not extra and answer.text() != "set"


def test_class_06_nothing_is_decoded_behind_its_check(start):
    """Validate, then decode: CVE-2026-45372 (cpp-httplib). What is encoded
    twice stays encoded once."""
    plain = start("plain")
    with plain.connect() as wire:
        answer = wire.ask("/set?name=X-A&value=b%250d%250aX-B:c")
        assert answer["X-A"] == "b%0d%0aX-B:c" and answer["X-B"] is None
        answer = wire.ask("/redirect?to=/a%250d%250aX-B:c")
        assert answer["Location"] == "/a%0d%0aX-B:c"
        assert wire.ask("/param/%2500").json()["a"] == "%00"
        assert wire.ask("/param/%252e%252e%252f").json()["a"] == "%2e%2e%2f"
        assert wire.ask("/rest/%252e%252e/b").json()["rest"] == "%2e%2e/b"


# --- as much as a client likes ----------------------------------------------

POST = "POST /whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "request line": ("GET /", "x" * 1000, 414),
    "field": ("GET / HTTP/1.1\r\nHost: a\r\nX: ", "y" * 1000, 431),
    "fields": ("GET / HTTP/1.1\r\nHost: a\r\n", "X: y\r\n" * 100, 431),
    "folded field": ("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n", " y\r\n" * 100,
                     400),
    "empty lines": ("", "\r\n" * 500, 400),
    "chunk extension": (POST + "1;a=", "b" * 1000, 400),
    "chunk extensions": (POST, "1;a=bcdefgh\r\nx\r\n" * 100, 400),
    "chunk size": (POST, "0" * 1000, 400),
    "trailer": (POST + "0\r\nX: ", "y" * 1000, 400),
    "trailers": (POST + "0\r\n", "X: y\r\n" * 100, 400),
    "body": (POST, "1\r\nx\r\n" * 200, 413),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_class_07_nothing_grows_with_what_is_sent(start, what):
    """Unbounded allocation: CVE-2025-52887 and CVE-2025-53628 (cpp-httplib, by
    number of fields and length of a line), CVE-2024-22019 (node, chunk
    extensions). Each is sent until the server ends it."""
    server = start("classes")
    begin, piece, status = ENDLESS[what]
    piece = piece.encode() * (65536 // len(piece))
    server.counts()
    before, end = resident(server), time.monotonic() + 20 * SLOW
    most = 0
    with server.connect(timeout=20) as wire:
        # What follows the answer is read and thrown away for two seconds.
        with pytest.raises(ConnectionError):
            wire.send(begin)
            while time.monotonic() < end:
                wire.send(piece)
                most = max(most, resident(server))
        if PLAIN:
            assert most - before < 1 << 20
    # The same again, and no more than is read: the answer is heard.
    answer = asked(server, begin.encode() + piece)
    assert answer and answer.status == status


@pytest.mark.parametrize("path", ["/whole", "/stream", "/form", "/json"])
@pytest.mark.parametrize("how", ["length", "a chunk", "chunks", "endless"])
def test_class_08_a_limit_holds_for_every_framing(start, path, how):
    """A limit that Content-Length meets and chunks do not: CVE-2025-46728
    (cpp-httplib)."""
    server = start("classes")
    fields = [("Content-Type", "application/json" if path == "/json"
               else "application/x-www-form-urlencoded")]

    def sized(length):
        body = b'"' + b"x" * (length - 2) + b'"' if path == "/json" \
            else b"x" * length
        if how == "length":
            return ("Content-Length", str(length)), body
        sizes = {"a chunk": length, "chunks": 1, "endless": 1}[how]
        pieces = [body[at:at + sizes] for at in range(0, length, sizes)]
        return CHUNKED, b"".join(b"%x\r\n%s\r\n" % (len(piece), piece)
                                 for piece in pieces) + (
            b"" if how == "endless" else b"0\r\n\r\n")

    for length in (1000, 1001):
        if length == 1000 and how == "endless":
            continue
        with server.connect() as wire:
            framing, body = sized(length)
            wire.request(path, "POST", body=body, fields=[*fields, framing])
            answer = wire.answer()
            if length > 1000:
                assert answer.status == 413
            # 1,000 bytes in quotes are JSON, if not what is wanted here.
            else:
                assert answer.text() == path[1:], answer.text()
    assert server.counts()["received"] <= (2000 if path == "/stream" else 0)


# --- paths ------------------------------------------------------------------

def test_class_09_no_spelling_reaches_another_path(shared):
    """Path traversal: CVE-2022-25299 (mongoose), CVE-2020-27304 (civetweb).
    libseed serves no folder; what is left of the class is that a path is the
    route's that it spells, and that a name is decoded once, to all its
    bytes."""
    spellings = ["../private", "..%2fprivate", "%2e%2e/private",
                 "%2e%2e%2fprivate", "..%5cprivate", "..\\private",
                 "....//private", "%252e%252e%252fprivate", "./../private",
                 "%c0%ae%c0%ae/private", ".%2e/private", "..;/private"]
    for spelling in spellings:
        answer = asked(shared, f"GET /public/{spelling} HTTP/1.1\r\n"
                       "Host: a\r\n\r\n")
        assert answer.status == 400 or answer.text() == "public", spelling
    for path in ("//private", "/./private", "/PRIVATE", "/private/",
                 "/privat%65/", "/private%00", "/private%00.txt", "/private.",
                 "/x/../private", "private", "\\private", "/private%20"):
        answer = asked(shared, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")
        assert answer.status in (400, 404), path
    assert shared.get("/private").text() == "private"


FORMS = [b"q=%41%", b"q=%4", b"%", b"&&&=&=", b"q=%zz", b"=%00", b"a=b&" * 50,
         b"+%2B+=+"]
JSONS = [b'{"a":["\\u0041\\ud83d\\ude00",1e9,-0.5,true,null]}', b'"\\u00',
         b"[1,2", b'{"a":1,"a":2}', b'["\\ud800"]', b"\xef\xbb\xbf[]",
         b"[1e999]", b'"\xc3"', b"[" * 40 + b"]" * 40]


@pytest.mark.parametrize("body", FORMS + JSONS, ids=str)
def test_class_10_parsers_stay_within_their_bytes(shared, start, body):
    """Out of bounds in parsers of bodies: CVE-2021-3466, CVE-2023-27371
    (libmicrohttpd), CVE-2019-5096 and -5097 (GoAhead). Every split, and what
    is told of the body does not depend on it; test/fuzz has a fuzzer for each
    parser."""
    server, path = (shared, "/see") if body in FORMS \
        else (start("plain"), "/json")
    fields = [("Content-Type", "application/json" if path == "/json"
               else "application/x-www-form-urlencoded"), CHUNKED]
    heard = set()
    for at in range(len(body)):
        with server.connect() as wire:
            wire.request(path, "POST", fields=fields)
            for piece in filter(None, (body[:at], body[at:])):
                wire.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            wire.send(b"0\r\n\r\n")
            answer = wire.answer()
            text = re.sub(rb'"peer":"[^"]*"', b"", answer.body)
            heard.add((answer.status, text))
    assert len(heard) == 1 and heard.pop()[0] in (200, 400)


def edges():
    """Lengths of a request line."""
    for limit in (50, 255, 1024, 4096, 8192, 16384, 32768, 65536, 70000):
        yield from range(limit - 15, limit + 16)


def test_class_11_targets_of_every_length(start):
    """Arithmetic on buffers for URIs and hosts: CVE-2025-55763 (civetweb),
    CVE-2009-2629 (nginx), CVE-2016-10196 (libevent, a host in brackets)."""
    plain = start("plain")
    around = len("GET /redirect?to=/ HTTP/1.1")
    for line in edges():
        to = "/" + "x" * (line - around)
        answer = asked(plain, f"GET /redirect?to={to} HTTP/1.1\r\n"
                       "Host: a\r\n\r\n")
        assert answer.status == (302 if line <= 8192 else 414), line
        assert answer.status == 414 or answer["Location"] == to
        answer = asked(plain, f"GET http://{'h' * line}/text HTTP/1.1\r\n"
                       "Host: a\r\n\r\n")
        assert answer.status in (200, 400, 414)
    for host in ("[::1]", "[", "]", "[]", "[::1", "::1]", "[::1]:", "[::1]:x",
                 "[::1]:99999", "[" + ":" * 300 + "]", "[::1]]", "[[::1]]",
                 "[" + "f" * 5000, "[fe80::1%25eth0]", "[v1.a:b]", "[::1]a"):
        for target in ("/fields", f"http://{host}/fields"):
            answer = asked(plain, f"GET {target} HTTP/1.1\r\nHost: {host}\r\n"
                           "\r\n")
            assert answer.status == 400 or answer.json()["host"] == host


# --- who goes away ----------------------------------------------------------

@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """The server of the soak, by TLS."""
    folder = tmp_path_factory.mktemp("certs")
    root = Authority(folder)
    cert, key = root.issue("server")
    (folder / "file").write_bytes(b"line\n" * 40000)
    server = TlsServer("--cert", cert, "--key", key, "--file",
                       str(folder / "file"), name="soak", ca=root.cert)
    yield server
    server.end()


@pytest.mark.parametrize("path", ["quick", "late/3", "stream/30", "file",
                                  "offload", "echo"])
def test_class_12_cut_at_every_byte_by_tls(everything, path):
    """Use after free when a client goes: CVE-2023-30847 (h2o, within an
    exchange by TLS), GHSA-c2pj-cg4r-88c8 (libevent), CVE-2013-4560
    (lighttpd). test_cuts.py does the same without TLS."""
    asked_for = (f"GET /{path} HTTP/1.1\r\nHost: a\r\n\r\n" if path != "echo"
                 else "POST /echo HTTP/1.1\r\nHost: a\r\n"
                 "Content-Length: 4\r\n\r\nbody").encode()
    context = client_context(everything.ca)
    with unharmed(everything):
        with Relay(everything.port) as relay:
            relay.wrap(context)
            length = len(relay.records(asked_for))
        for cut in range(0, length + 1, 1 if PLAIN else 5):
            with Relay(everything.port) as relay:
                relay.wrap(context)
                relay.server.sendall(relay.records(asked_for)[:cut])
                end_somehow(relay.server, cut)
        last = asked_for.replace(b"Host", b"Connection: close\r\nHost")
        for cut in (*range(1, 400, 9), 4096, 20000, 70000, 150000):
            with everything.connect(context=context, window=4096) as wire:
                wire.send(last)
                try:
                    wire.take(cut)
                except Cut:
                    pass
                end_somehow(wire.socket, cut)


def end_somehow(client, number):
    if number % 2:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          b"\1\0\0\0\0\0\0\0")
    client.close()


# --- time, and depth --------------------------------------------------------

def small_stack():
    """128 KiB, for the thread that serves; sanitizers want more of it."""
    most = (128 << 10) * (1 if PLAIN else 16)
    resource.setrlimit(resource.RLIMIT_STACK, (most, most))


THICKETS = {
    "a/b": "/t/" + "a/b/" * 14000, "fixed until the end": "/t/a/b/a/b/a/b/a/d",
    "one long": "/t/" + "a" * 59000, "slashes": "/t" + "/" * 59000,
    "dashes": "/v/" + "-" * 59000, "nearly": "/v/" + "a-" * 29000 + "b.y",
    "rest": "/w/" + "%41" * 19000, "pairs": "/see/x?" + "a=&" * 19000,
    "percents": "/see/x?a=" + "%2" * 29000, "dots": "/w/" + "../" * 19000,
}


@pytest.mark.parametrize("what", THICKETS)
def test_class_13_no_path_takes_long(start, what):
    """Backtracking and recursion in routing and parsing: CVE-2026-29076
    (cpp-httplib)."""
    server = start("classes", preexec_fn=small_stack)
    request_text = f"GET {THICKETS[what]} HTTP/1.1\r\nHost: a\r\n\r\n"
    assert asked(server, request_text)
    before = cpu_seconds(server)
    for _ in range(100):
        assert asked(server, request_text).status in (200, 400, 404)
    # Two milliseconds each: a connection, 60 KB to read, a route to find.
    assert cpu_seconds(server) - before < 0.2 * SLOW


@pytest.mark.parametrize("piece", ["[", '{"a":', '[{"a":'])
def test_class_13_no_depth_takes_the_stack(start, piece):
    """The same in JSON: recursion as deep as a client likes."""
    server = start("classes", preexec_fn=small_stack)
    with server.connect() as wire:
        wire.request("/deep", "POST", body=piece.encode() * 100000,
                     fields=[("Content-Type", "application/json")])
        assert wire.answer().status == 400
    assert server.get("/quick").text() == "quick"


# --- words of others --------------------------------------------------------

@pytest.mark.parametrize("name", [
    "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded",
    "X-Real-IP", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override"])
def test_class_14_nobody_is_believed(start, name):
    """Trust in forwarded or Host fields: cpp-httplib's abort in an unparsable
    X-Forwarded-For, CVE-2019-16645 (GoAhead, Host in a redirect)."""
    server, plain = start("classes"), start("plain")
    for value in ("1.2.3.4", "for=evil;host=evil", "/private", "DELETE", "[",
                  "::::::", "x" * 5000):
        with server.connect() as wire:
            here = "%s:%d" % wire.socket.getsockname()
            told = wire.ask("/see/x", fields=[(name, value)]).json()
            assert (told["method"], told["host"], told["peer"]) == (
                "GET", "a", here)
            assert unhex(told["params"]) == [b"x"]
        with plain.connect() as wire:
            answer = wire.ask("/redirect?to=/x", host="evil.example",
                              fields=[(name, value)])
            assert answer["Location"] == "/x"


@pytest.fixture
def logging(tmp_path):
    server = Logging(tmp_path)
    yield server
    server.end()


def test_class_15_a_line_of_the_log_is_one_line(logging):
    """Injection into logs and terminals: CVE-2009-4496 (Boa) and its kin."""
    served = []
    for byte in BYTES:
        for data in (b"/users/b" + byte + b"c HTTP/1.1\r\nHost: a\r\n",
                     b"/users/%%%02x HTTP/1.1\r\nHost: a\r\n" % byte[0],
                     b"/users/x HTTP/1.1\r\nHost: a\r\nUser-Agent: b" + byte
                     + b"c\r\n"):
            answer = asked(logging, b"GET " + data + b"\r\n")
            if answer and answer.status in (200, 404):
                served.append(data.split(b" ")[0])
    logging.end()
    with open(logging.log, "rb") as file:
        lines = file.read().split(b"\n")
    assert lines.pop() == b""
    # DEL is no control for JSON, nor for pino, whose lines these are.
    assert not any(byte < 32 for line in lines for byte in line)
    done = [line for line in map(json.loads, lines)
            if line["msg"] == "request completed"]
    urls = [line["req"]["url"].encode() for line in done]
    assert len(served) > 500 and set(served) <= set(urls)
    # "%00" and "%c" are refused behind the head, so that they have a line.
    assert sorted(set(urls) - set(served)) == [b"/users/%00", b"/users/b%c"]


# --- sessions of TLS --------------------------------------------------------

def test_class_16_no_session_at_another_listener(tmp_path):
    """A session of TLS resumed where its client would not be let in:
    CVE-2023-41337 (h2o), CVE-2025-23419 (nginx). test_tls.py has the same for
    hosts of one listener."""
    root = Authority(tmp_path)
    identity = root.issue("server")
    cert, key = identity
    server = TlsServer("--cert", cert, "--key", key, "--cert", cert, "--key",
                       key, "--ca", root.cert, ca=root.cert)
    try:
        strict = server.at(next(port for port in server.ports()
                                if port != server.port))
        context = client_context(root.cert)
        # From now on it has keys of its own for tickets.
        known = client_context(root.cert, cert=root.issue("ann"))
        with strict.connect(context=known) as wire:
            assert wire.ask("/quick").status == 200
        with server.connect(context=context) as wire:
            assert wire.ask("/quick").status == 200
            session = wire.socket.session
        with server.connect(context=context, session=session) as wire:
            assert wire.ask("/quick").status == 200
            assert wire.socket.session_reused
        with pytest.raises(OSError):
            with strict.connect(context=context, session=session) as wire:
                wire.ask("/quick")
    finally:
        server.end()
