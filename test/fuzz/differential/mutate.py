# SPDX-License-Identifier: MIT
"""Messages to begin with, and what becomes of them: the same for the same
seed, whatever the servers say."""
import glob
import json
import os
import random
import re

from pair import TOP

LARGEST = 4096
TAIL = b"GET /tail HTTP/1.1\r\nHost: tail\r\n\r\n"

# What matters to a parser of HTTP/1.
PIECES = [piece.encode("latin-1") for piece in (
    "\r\n", "\n", "\r", "\r\n\r\n", "\n\n", "\r\r\n", " ", "\t", "  ", "\0",
    ":", ";", ",", "=", "\"", "\\", "\x0b", "\x0c", "\x7f", "\x80", "\xa0",
    "\xff", "%00", "%0d%0a", "#", "?", "*", "0", "1", "5", "10", "-1", "+1",
    "0x5", "ffffffffffffffff", "18446744073709551616", "00000005",
    "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Content-Length:\r\n",
    "Content-Length: 5, 5\r\n", "Content-Length: +5\r\n",
    "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: identity\r\n", "Transfer-Encoding:\x0bchunked\r\n",
    "Transfer-Encoding : chunked\r\n", "Transfer-Encoding\r\n",
    " folded\r\n", "\tfolded\r\n", "Host: b\r\n", "Host:\r\n", "X: y\r\n",
    "Connection: close\r\n", "Connection: keep-alive\r\n",
    "Connection: Upgrade\r\nUpgrade: websocket\r\n", "Expect: 100-continue\r\n",
    "Trailer: X\r\n", "TE: trailers\r\n", "Cookie: a=b\r\n",
    "5\r\nhello\r\n", "0\r\n\r\n", "0\r\nX: y\r\n\r\n", "5;a=b\r\nhello\r\n",
    "5;a=\"b\"\r\nhello\r\n", "5 \r\nhello\r\n", "5\nhello\n", "hello",
    "GET ", "POST ", "HEAD ", "OPTIONS ", "CONNECT ", "TRACE ", "M-SEARCH ",
    "get ", "HTTP/1.0", "HTTP/1.1", "HTTP/1.2", "HTTP/2.0", "HTTP/0.9",
    "http/1.1", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http://a/", "a:80",
    "GET /next HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /next HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "POST /next HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\n0\r\n\r\n",
)]


LINES = [piece for piece in PIECES if piece.endswith(b"\r\n")]


def files(pattern):
    for path in sorted(glob.glob(os.path.join(TOP, "test/data", pattern))):
        with open(path, "rb") as file:
            yield file.read()


def vectors(expected):
    path = os.path.join(TOP, "test/data/vectors/evhttp.jsonl")
    with open(path, encoding="utf-8") as file:
        for case in map(json.loads, file):
            if (case["expect"] == "accept") == expected:
                yield case.get("raw", "").encode("latin-1")


def fit(found):
    return sorted({data for data in found if 0 < len(data) <= LARGEST})


def pools():
    """Messages that should be accepted, and others: heads of test/data, the
    vectors, and what fuzzing has found."""
    good = [*files("head/valid/*"), *vectors(True)]
    bad = [*files("head/invalid/*"), *vectors(False), *files("corpus/head/*")]
    for data in files("corpus/conn/*"):
        # conn_fuzz.c: how many cuts, where, the bytes.
        bad.append(data[1 + (data[0] % 8 if data else 0):])
    return fit(good), fit(bad)


def place(dice, data):
    """Somewhere, mostly where something ends or begins."""
    marks = [i for i, byte in enumerate(data) if byte in b"\r\n :;,"]
    if not marks or dice.random() < 0.4:
        return dice.randrange(len(data) + 1)
    return min(len(data), dice.choice(marks) + dice.randrange(2))


def insert(dice, data, _):
    at = place(dice, data)
    return data[:at] + dice.choice(PIECES) + data[at:]


def replace(dice, data, _):
    at = place(dice, data)
    piece = dice.choice(PIECES)
    return data[:at] + piece + data[at + len(piece):]


def any_byte(dice, data, _):
    at = place(dice, data)
    return data[:at] + bytes([dice.randrange(256)]) + data[at + 1:]


def letter(dice, data, _):
    at = dice.randrange(len(data) + 1)
    if not data[at:at + 1].isalnum():
        return data
    return data[:at] + bytes([dice.choice(b"019azAZfg-_.~")]) + data[at + 1:]


def line(dice, data, _):
    """A whole line more, or one of a chunk, where a line begins."""
    starts = [match.end() for match in re.finditer(b"\r\n", data)] or [0]
    at = dice.choice(starts)
    return data[:at] + dice.choice(LINES) + data[at:]


def remove(dice, data, _):
    at = place(dice, data)
    return data[:at] + data[at + dice.choice((1, 1, 1, 2, 4, 16)):]


def repeat(dice, data, _):
    lines = data.split(b"\r\n")
    at = dice.randrange(len(lines))
    return b"\r\n".join(lines[:at] + [lines[at]] + lines[at:])


def exchange(dice, data, _):
    lines = data.split(b"\r\n")
    one, two = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"\r\n".join(lines)


def cross(dice, data, others):
    other = dice.choice(others)
    return data[:place(dice, data)] + other[place(dice, other):]


def follow(dice, data, others):
    return data + dice.choice(others)


WAYS = (insert, replace, any_byte, letter, letter, line, line, line, remove,
        repeat, exchange, cross, follow, follow)


def messages(seed):
    """Byte strings without end: those of the pools as they are, then others
    made of them, most of a good one and not much changed; some with a good
    request behind."""
    good, bad = pools()
    others = good + bad
    yield from others
    dice = random.Random(seed)
    while True:
        data = dice.choice(good if dice.random() < 0.8 else bad)
        for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 4))):
            data = dice.choice(WAYS)(dice, data, others)
        yield data[:LARGEST] + (TAIL if dice.random() < 0.3 else b"")
