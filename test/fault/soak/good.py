# SPDX-License-Identifier: MIT
"""Clients that do nothing wrong, and look at every byte of what they get."""
import json
import time
import zlib

from wire import Wire
from tlswire import TlsWire

PATIENCE = 60  # seconds, on a machine that is full
ALPHABET = bytes(range(ord("a"), ord("z") + 1))
PIECE = 26 * 1024
FILE = b"".join(b"line %d of a file\n" % number for number in range(8000))


class Wrong(Exception):
    """An answer that is not what it must be."""


def same(got, wanted, what):
    if got != wanted:
        raise Wrong(f"{what}: {str(got)[:60]}, not {str(wanted)[:60]}")


def ok(answer, status=200):
    same(answer.status, status, "status")
    return answer


def chunked(body, chance):
    """The same bytes in chunks of any size, the last with a trailer."""
    out = []
    while body:
        size = chance.choice([1, 7, 100, 4096, 60000])
        out.append(b"%x\r\n%s\r\n" % (len(body[:size]), body[:size]))
        body = body[size:]
        if len(out) == 40 and body:
            out.append(b"%x\r\n%s\r\n" % (len(body), body))
            break
    return b"".join(out) + b"0\r\nX-Sum: 1\r\n\r\n"


# --- one request, one answer ------------------------------------------------

def ask_quick(wire, _):
    answer = ok(wire.ask("/quick"))
    same(answer.body, b"quick", "quick")
    return answer


def ask_user(wire, chance):
    name = str(chance.randrange(10 ** chance.randint(1, 40)))
    answer = ok(wire.ask("/users/" + name))
    same(answer.json(), {"id": name, "length": len(name), "tags": ["a", "b"]},
         "user")
    return answer


def ask_rows(wire, chance):
    rows = chance.randint(0, 3000)
    answer = ok(wire.ask(f"/rows/{rows}",
                         fields=[("Accept-Encoding", "gzip")]))
    text = answer.body
    if answer["Content-Encoding"] == "gzip":
        text = zlib.decompress(text, 31)
    same(json.loads(text), list(range(rows)), "rows")
    same(answer["Content-Encoding"], "gzip" if len(text) >= 256 else None,
         "coding")
    return answer


def ask_file(wire, _):
    answer = ok(wire.ask("/file"))
    same(answer.body, FILE, "file")
    return answer


def ask_head(wire, _):
    answer = ok(wire.ask("/file", "HEAD"))
    same(answer["Content-Length"], str(len(FILE)), "length")
    return answer


def ask_stream(wire, chance):
    pieces = chance.choice([0, 1, 3, 40, 80])
    answer = ok(wire.ask(f"/stream/{pieces}" + chance.choice(["", "?sized=1"])))
    same(answer.body, ALPHABET * (pieces * PIECE // 26), "stream")
    return answer


def ask_again(wire, chance):
    path = f"/users/{chance.randrange(1000)}"
    tag = ok(wire.ask(path))["ETag"]
    return ok(wire.ask(path, fields=[("If-None-Match", tag)]), 304)


def ask_offload(wire, _):
    answer = ok(wire.ask("/offload"))
    same(answer.text(), str(zlib.crc32(ALPHABET * 1024)), "sum")
    return answer


def ask_late(wire, chance):
    answer = ok(wire.ask(f"/late/{chance.randint(1, 30)}"))
    same(answer.body, b"late", "late")
    return answer


def ask_nothing(wire, _):
    return ok(wire.ask("/nowhere"), 404)


def ask_wrong_method(wire, _):
    answer = ok(wire.ask("/quick", "DELETE"), 405)
    same("GET" in answer["Allow"], True, "Allow")
    return answer


def send_echo(wire, chance):
    body = chance.randbytes(chance.choice([0, 1, 100, 5000, 200000]))
    if chance.random() < 0.5:
        wire.request("/echo", "POST", body=body,
                     fields=[("Content-Length", str(len(body)))])
    else:
        wire.request("/echo", "POST", body=chunked(body, chance),
                     fields=[("Transfer-Encoding", "chunked")])
    answer = ok(wire.answer())
    same(answer.body, body, "echo")
    return answer


def send_pour(wire, chance):
    body = ALPHABET * chance.randint(1, 20000)
    framing = ("Content-Length", str(len(body)))
    sent = body
    if chance.random() < 0.5:
        framing = ("Transfer-Encoding", "chunked")
        sent = chunked(body, chance)
    wire.request("/pour", "POST", body=sent, fields=[framing])
    answer = ok(wire.answer())
    same(answer.text(), f"{len(body)} {zlib.crc32(body)}", "poured")
    return answer


def send_json(wire, chance):
    numbers = [chance.randint(-9, 9) for _ in range(chance.randint(0, 300))]
    wire.request("/sum", "POST", body=json.dumps(numbers).encode(),
                 fields=[("Content-Type", "application/json")])
    answer = ok(wire.answer())
    same(answer.json(), {"sum": sum(numbers)}, "sum")
    return answer


def send_expecting(wire, _):
    wire.request("/echo", "POST", fields=[("Content-Length", "5"),
                                          ("Expect", "100-continue")])
    ok(wire.head(), 100)
    wire.send(b"hello")
    answer = ok(wire.answer())
    same(answer.body, b"hello", "echo")
    return answer


ASKS = [ask_quick, ask_user, ask_rows, ask_file, ask_head, ask_stream,
        ask_again, ask_offload, ask_late, ask_nothing, ask_wrong_method,
        send_echo, send_pour, send_json, send_expecting]


# --- connections ------------------------------------------------------------

def connect(place, chance, context):
    """By TLS, or in clear text."""
    if chance.random() < 0.5:
        return TlsWire(place.tls, context=context, timeout=PATIENCE)
    return Wire(place.plain, timeout=PATIENCE)


def keep_alive(wire, chance, count):
    for _ in range(chance.randint(2, 60)):
        ask = chance.choice(ASKS)
        answer = ask(wire, chance)
        count(ask.__name__)
        if answer["Connection"] == "close":
            return


def short(wire, chance, count):
    ask = chance.choice(ASKS)
    ask(wire, chance)
    count(ask.__name__)


def told_to_close(wire, _, count):
    answer = ok(wire.ask("/quick", fields=[("Connection", "close")]))
    same(answer["Connection"], "close", "Connection")
    same(wire.rest(), b"", "behind the last answer")
    count("told_to_close")


def pipelined(wire, chance, count):
    users = [str(chance.randrange(10000))
             for _ in range(chance.randint(2, 50))]
    wire.send("".join(f"GET /users/{user} HTTP/1.1\r\nHost: a\r\n\r\n"
                      for user in users))
    for user in users:
        same(ok(wire.answer()).json()["id"], user, "pipelined")
        count("pipelined")


def half_closed(wire, chance, count):
    """It has said all, and listens on. TLS has no such thing in Python."""
    if isinstance(wire, TlsWire):
        short(wire, chance, count)
        return
    wire.request(chance.choice(["/late/20", "/stream/30"]))
    wire.half_close()
    ok(wire.answer())
    same(wire.rest(), b"", "behind the last answer")
    count("half_closed")


HABITS = [keep_alive, keep_alive, short, short, told_to_close, pipelined,
          half_closed]


def play(place, chance, context, count):
    """One connection."""
    habit, began = chance.choice(HABITS), time.monotonic()
    try:
        with connect(place, chance, context) as wire:
            count("connections")
            habit(wire, chance, count)
    except Exception as error:  # Whatever it is, a good client has met it.
        raise Wrong(f"{habit.__name__}, {time.monotonic() - began:.1f} s after"
                    f" it connected: {error!r}") from error
