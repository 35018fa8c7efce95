# SPDX-License-Identifier: MIT
"""What is refused, with which status, and whether the connection stays: the
table of statuses, row by row. The handler never sees a refused message."""
import pytest

BODY = "POST /echo HTTP/1.1\r\nHost: a\r\n"
CHUNKED = BODY + "Transfer-Encoding: chunked\r\n\r\n"

REFUSED = [
    # Heads that are not well formed.
    ("no such line", "GARBAGE\r\n\r\n", 400),
    ("two blanks", "GET  /text HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("bare LF", "GET /text HTTP/1.1\nHost: a\n\n", 400),
    ("bare CR", "GET /text HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400),
    ("NUL in a value", "GET /text HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", 400),
    ("control in a value", "GET /text HTTP/1.1\r\nHost: a\r\nX: \1\r\n\r\n",
     400),
    ("bad name", "GET /text HTTP/1.1\r\nHost: a\r\nX(: b\r\n\r\n", 400),
    ("no name", "GET /text HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400),
    ("no colon", "GET /text HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400),
    ("folded", "GET /text HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", 400),
    ("blank before the colon", "GET /text HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    ("blank before the first field", "GET /text HTTP/1.1\r\n Host: a\r\n\r\n",
     400),
    ("three empty lines first", "\r\n\r\n\r\nGET /text HTTP/1.1\r\nHost: a\r\n\r\n",
     400),
    # Host.
    ("no Host", "GET /text HTTP/1.1\r\n\r\n", 400),
    ("two Hosts", "GET /text HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    ("two Hosts in 1.0", "GET /text HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
     400),
    ("no host in Host", "GET /text HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    ("a port that is none", "GET /text HTTP/1.1\r\nHost: a:b\r\n\r\n", 400),
    ("a port without host", "GET /text HTTP/1.1\r\nHost: :80\r\n\r\n", 400),
    # Framing.
    ("length with sign", BODY + "Content-Length: +5\r\n\r\nhello", 400),
    ("length in hex", BODY + "Content-Length: 0x5\r\n\r\nhello", 400),
    ("length over 2^63", BODY + "Content-Length: 9223372036854775808\r\n\r\n",
     400),
    ("length over 2^64", BODY + "Content-Length: 18446744073709551617\r\n\r\n",
     400),
    ("empty length", BODY + "Content-Length:\r\n\r\n", 400),
    ("two lengths", BODY + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"
     "hello", 400),
    ("the same length twice", BODY + "Content-Length: 5\r\nContent-Length: 5"
     "\r\n\r\nhello", 400),
    ("a list of lengths", BODY + "Content-Length: 5, 5\r\n\r\nhello", 400),
    ("length and chunked", BODY + "Content-Length: 5\r\nTransfer-Encoding: "
     "chunked\r\n\r\n0\r\n\r\n", 400),
    ("chunked in 1.0", "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: "
     "chunked\r\n\r\n0\r\n\r\n", 400),
    ("chunked twice", BODY + "Transfer-Encoding: chunked, chunked\r\n\r\n",
     400),
    ("chunked is not last", BODY + "Transfer-Encoding: chunked, gzip\r\n\r\n",
     400),
    ("unknown coding", BODY + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ("chunk size is no number", CHUNKED + "x\r\n", 400),
    ("chunk size with sign", CHUNKED + "+5\r\nhello\r\n0\r\n\r\n", 400),
    ("chunk size of 17 digits", CHUNKED + "0" * 16 + "5\r\n", 400),
    ("chunk longer than said", CHUNKED + "4\r\nhello\r\n0\r\n\r\n", 400),
    ("bare LF after a size", CHUNKED + "5\nhello\r\n0\r\n\r\n", 400),
    ("4 KiB of extensions", CHUNKED + ("1;" + "e" * 1000 + "\r\nx\r\n") * 6,
     400),
    ("17 trailers", CHUNKED + "0\r\n" + "T: a\r\n" * 17 + "\r\n", 400),
    ("5 KiB of trailers", CHUNKED + "0\r\n" + ("T: " + "a" * 1000 + "\r\n") * 5
     + "\r\n", 400),
    # Targets.
    ("asterisk on GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("authority on GET", "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("relative", "GET text HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("fragment", "GET /text#a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    # Versions, methods.
    ("HTTP/2.0", "GET /text HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    ("HTTP/0.9", "GET /text HTTP/0.9\r\nHost: a\r\n\r\n", 505),
    ("no version", "GET /text\r\n\r\n", 400),
    ("a strange version", "GET /text HTTP/01.1\r\nHost: a\r\n\r\n", 400),
    ("unknown method", "BREW /text HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    ("method of 25 bytes", "A" * 25 + " /text HTTP/1.1\r\nHost: a\r\n\r\n",
     501),
    ("TLS on a plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
     400),
    ("unknown expectation", "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n"
     "Content-Length: 1\r\n\r\n", 417),
    # Sizes.
    ("request line of 9 KiB", "GET /" + "a" * 9216 + " HTTP/1.1\r\nHost: a"
     "\r\n\r\n", 414),
    ("field of 9 KiB", "GET /text HTTP/1.1\r\nHost: a\r\nX: " + "a" * 9216 +
     "\r\n\r\n", 431),
    ("head of 33 KiB", "GET /text HTTP/1.1\r\nHost: a\r\n" +
     ("X: " + "a" * 4000 + "\r\n") * 9 + "\r\n", 431),
    ("101 fields", "GET /text HTTP/1.1\r\nHost: a\r\n" + "X: b\r\n" * 100 +
     "\r\n", 431),
    ("body of 2 MiB", BODY + "Content-Length: 2097152\r\n\r\n", 413),
]

ACCEPTED = [
    ("an empty line first", "\r\nGET /text HTTP/1.1\r\nHost: a\r\n\r\n", 200),
    ("100 fields", "GET /text HTTP/1.1\r\nHost: a\r\n" + "X: b\r\n" * 99 +
     "\r\n", 200),
    ("request line of 8000", "GET /text?" + "a" * 7980 + " HTTP/1.1\r\n"
     "Host: a\r\n\r\n", 200),
    ("HTTP/1.9 is 1.1", "GET /text HTTP/1.9\r\nHost: a\r\n\r\n", 200),
    ("absolute target", "GET http://b/text HTTP/1.1\r\nHost: b\r\n\r\n", 200),
    ("asterisk OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", None),
    ("malformed percent", "GET /te%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("a decoded NUL", "GET /param/a%00b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("no route", "GET /nope HTTP/1.1\r\nHost: a\r\n\r\n", 404),
    ("wrong method", "PATCH /text HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    ("TRACE", "TRACE /text HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    ("bad media type", "POST /json HTTP/1.1\r\nHost: a\r\nContent-Type: "
     "image/png\r\nContent-Length: 1\r\n\r\nx", 415),
    ("malformed JSON", "POST /json HTTP/1.1\r\nHost: a\r\nContent-Type: "
     "application/json\r\nContent-Length: 1\r\n\r\n{", 400),
    ("too many requests", "GET /fail/429 HTTP/1.1\r\nHost: a\r\n\r\n", 429),
    ("handler error", "GET /fail/500 HTTP/1.1\r\nHost: a\r\n\r\n", 500),
    ("no answer in the chain", "GET /forget HTTP/1.1\r\nHost: a\r\n\r\n", 500),
]


@pytest.mark.parametrize("raw, status", [row[1:] for row in REFUSED],
                         ids=[row[0] for row in REFUSED])
def test_refused_and_closed(plain, raw, status):
    before = plain.counts()
    with plain.connect() as wire:
        wire.send(raw)
        answer = wire.answer()
        assert answer.status == status
        assert answer["Connection"] == "close"
        wire.half_close()
        assert wire.closed()
    after = plain.counts()
    # Bodies are judged while they come: their request has begun, and ends.
    assert after["begun"] - after["after"] == 1
    if "transfer-encoding: chunked\r\n\r\n" not in raw.lower():
        assert after["begun"] - before["begun"] <= 2


@pytest.mark.parametrize("raw, status", [row[1:] for row in ACCEPTED],
                         ids=[row[0] for row in ACCEPTED])
def test_answered_and_kept(plain, raw, status):
    with plain.connect() as wire:
        wire.send(raw)
        answer = wire.answer()
        if status:
            assert answer.status == status
        assert answer["Connection"] in (None, "keep-alive")
        assert wire.ask("/text").body == b"hello"


def test_bad_requests_are_told_to_hooks(plain):
    before = plain.counts()["bad"]
    with plain.connect() as wire:
        wire.send("GARBAGE\r\n\r\n")
        assert wire.answer().status == 400
    assert plain.counts()["bad"] == before + 1


def test_not_found_says_so_as_restify_does(plain):
    answer = plain.get("/nope")
    assert answer["Content-Type"].startswith("application/json")
    assert answer.json() == {"code": "ResourceNotFound",
                             "message": "/nope does not exist"}


def test_method_not_allowed_lists_the_methods_sorted(plain):
    with plain.connect() as wire:
        answer = wire.ask("/methods", "PATCH")
        assert answer.status == 405
        allowed = [word.strip() for word in answer["Allow"].split(",")]
        assert allowed == sorted(allowed)
        assert {"GET", "PUT", "DELETE", "HEAD"} <= set(allowed)
        assert answer.json()["code"] == "MethodNotAllowed"


def test_options_is_answered_with_allow(plain):
    with plain.connect() as wire:
        answer = wire.ask("/methods", "OPTIONS")
        assert answer.status in (200, 204)
        assert {"GET", "PUT", "DELETE"} <= set(
            answer["Allow"].replace(" ", "").split(","))
        assert wire.ask("/nope", "OPTIONS").status == 404


def test_retry_after_leaves_with_the_error(plain):
    assert plain.get("/fail/429")["Retry-After"] == "1"


def test_json_error_says_where(plain):
    with plain.connect() as wire:
        answer = wire.ask("/json", "POST", body=b'{"a": nope}',
                          fields=[("Content-Type", "application/json")])
        assert answer.status == 400
        assert any(letter.isdigit() for letter in answer.json()["message"])


def test_chunked_body_over_the_limit(plain):
    """413 also where no Content-Length tells it beforehand."""
    with plain.connect() as wire:
        wire.send(CHUNKED)
        try:
            for _ in range(40):
                wire.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        except OSError:
            pass
        assert wire.answer().status == 413


def test_form_and_json_bodies(plain):
    with plain.connect() as wire:
        answer = wire.ask("/json", "POST", body=b'{"a": [1, "\\u00fc"]}',
                          fields=[("Content-Type", "application/json")])
        assert answer.json() == {"a": [1, "ü"]}
        answer = wire.ask("/form", "POST", body=b"x=1&name=J%C3%B6rg+K",
                          fields=[("Content-Type",
                                   "application/x-www-form-urlencoded")])
        assert answer.text() == "Jörg K"
