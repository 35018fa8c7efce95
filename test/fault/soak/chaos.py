# SPDX-License-Identifier: MIT
"""Clients that do everything wrong, each in a way of its own. Most may be
answered or not; where an answer is certain, it is asked for."""
import socket
import ssl
import time

from good import Wrong, ok, same
from tlswire import Relay, TlsWire
from wire import Cut, Wire

HEAD = "GET /quick HTTP/1.1\r\nHost: a\r\n"
UPLOAD = "POST /echo HTTP/1.1\r\nHost: a\r\n"
PATIENCE = 60  # Deadlines are of 10 and 20 seconds, on an empty machine.


class Chaos:
    """Where to, with what luck, and how."""

    def __init__(self, place, chance, context):
        self.place, self.chance, self.context = place, chance, context

    def plain(self, **options):
        return Wire(self.place.plain, timeout=PATIENCE, **options)

    def tls(self):
        return TlsWire(self.place.tls, context=self.context, timeout=PATIENCE)

    def either(self):
        return self.tls() if self.chance.random() < 0.5 else self.plain()

    def raw_tls(self, data):
        """TCP to the port that speaks TLS."""
        wire = Wire(self.place.tls, timeout=PATIENCE)
        wire.send(data)
        return wire

    def hello(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.context.wrap_bio(incoming, outgoing,
                                    server_hostname="localhost")
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return outgoing.read()


def no_answer(wire):
    """It is not served: closed, reset, or an error."""
    try:
        heard = wire.rest()
    except OSError:
        return
    if b"HTTP/1.1 2" in heard:
        raise Wrong(f"was served: {heard[:60]!r}")


def drip(wire, data, pause=0.4):
    """A byte at a time, until the server has had enough."""
    end = time.monotonic() + PATIENCE
    try:
        for at in range(len(data)):
            if time.monotonic() > end:
                raise Wrong("a drip is not cut")
            wire.send(data[at:at + 1])
            time.sleep(pause)
    except OSError:
        pass


# --- gone too early ---------------------------------------------------------

def reset_in_head(chaos):
    wire = chaos.either()
    wire.send(HEAD[:chaos.chance.randrange(len(HEAD))])
    wire.reset()


def reset_in_body(chaos):
    wire = chaos.either()
    if chaos.chance.random() < 0.5:
        wire.send(UPLOAD + "Content-Length: 9000\r\n\r\n" + "x" * 4000)
    else:
        wire.send(UPLOAD + "Transfer-Encoding: chunked\r\n\r\n400\r\nhalf")
    wire.reset()


def reset_in_answer(chaos):
    wire = chaos.either()
    wire.request(chaos.chance.choice(["/stream/200", "/file"]))
    wire.take(chaos.chance.randint(1, 100000))
    wire.reset()


def reset_while_it_works(chaos):
    wire = chaos.either()
    wire.request(chaos.chance.choice(["/offload", "/late/30", "/late/200"]))
    time.sleep(chaos.chance.random() * 0.01)
    wire.reset()


def gone_behind_many(chaos):
    wire = chaos.either()
    wire.send((HEAD + "\r\n") * 300)
    wire.socket.close()


def half_closed_in_body(chaos):
    with chaos.plain() as wire:
        wire.send(UPLOAD + "Content-Length: 9000\r\n\r\n" + "x" * 4000)
        wire.half_close()
        no_answer(wire)


def never_sends_what_was_let_in(chaos):
    with chaos.either() as wire:
        wire.request("/echo", "POST", fields=[("Content-Length", "5"),
                                              ("Expect", "100-continue")])
        ok(wire.head(), 100)


# --- too slow ---------------------------------------------------------------

def drip_a_head(chaos):
    with chaos.either() as wire:
        drip(wire, (HEAD + "X: y\r\n" * 1000).encode())
        no_answer(wire)


def drip_a_body(chaos):
    with chaos.either() as wire:
        wire.send(UPLOAD + "Content-Length: 9000\r\n\r\n")
        drip(wire, b"x" * 9000)
        no_answer(wire)


def drip_a_hello(chaos):
    with chaos.raw_tls(b"") as wire:
        drip(wire, chaos.hello())
        no_answer(wire)


def say_nothing(chaos):
    with chaos.plain() if chaos.chance.random() < 0.5 \
            else chaos.raw_tls(b"") as wire:
        same(wire.rest(), b"", "to nobody")


def stop_reading(chaos):
    """50 MiB come to nobody, who goes away in the middle of it."""
    with chaos.plain(window=4096) as wire:
        wire.request("/stream/2000")
        wire.take(1000)
        time.sleep(chaos.chance.uniform(5, 15))


def read_too_late(chaos):
    """It reads when the server has let go: no part may pass for the whole."""
    with chaos.plain(window=4096) as wire:
        wire.request("/stream/2000")
        wire.take(1000)
        time.sleep(40)
        try:
            wire.answer()
        except (OSError, Cut, AssertionError):
            return
        raise Wrong("an answer that was not read came to its end")


# --- not HTTP, or bad HTTP --------------------------------------------------

def garbage(chaos):
    with chaos.either() as wire:
        wire.send(chaos.chance.randbytes(chaos.chance.randint(1, 3000))
                  + b"\r\n\r\n")
        no_answer(wire)


def clear_text_to_tls(chaos):
    with chaos.raw_tls((HEAD + "\r\n").encode()) as wire:
        ok(wire.answer(), 400)


def hello_in_clear_text(chaos):
    with chaos.plain() as wire:
        wire.send(chaos.hello())
        wire.half_close()
        no_answer(wire)


def broken_framing(chaos):
    with chaos.either() as wire:
        wire.send(UPLOAD + chaos.chance.choice([
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            "Content-Length: -1\r\n\r\n", "Content-Length: +3\r\n\r\nabc",
            "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
            "Content-Length: 99999999999999999999\r\n\r\n"]))
        ok(wire.answer(), 400)


def bad_heads(chaos):
    head, status = chaos.chance.choice([
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET /\x00 HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        ("FROB / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        ("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501),
        ("GET /" + "x" * 9000 + " HTTP/1.1\r\n", 414),
        (HEAD + "X: " + "y" * 9000 + "\r\n", 431),
        (HEAD + "X: y\r\n" * 200, 431),
        (HEAD + ("X: " + "y" * 4000 + "\r\n") * 12, 431)])
    with chaos.either() as wire:
        wire.send(head)
        ok(wire.answer(), status)


def too_much(chaos):
    """Two MiB where one may be; who still sends then may hear nothing."""
    with chaos.either() as wire:
        many = b"x" * (2 << 20)
        framing = chaos.chance.choice([
            ("Content-Length", str(len(many))),
            ("Transfer-Encoding", "chunked")])
        wire.request("/echo", "POST", fields=[framing])
        if framing[0] == "Transfer-Encoding":
            many = b"%x\r\n" % len(many) + many + b"\r\n0\r\n\r\n"
        try:
            wire.send(many)
            status = wire.answer().status
        except (OSError, Cut):
            return
        same(status, 413, "status")


def bad_json(chaos):
    with chaos.either() as wire:
        wire.request("/sum", "POST", body=chaos.chance.choice([
            b"[" * 5000, b'{"a":1,"a":2}', b"[1e999]", b'"\xff"', b"[1"]),
            fields=[("Content-Type", "application/json")])
        ok(wire.answer(), 400)


# --- TLS --------------------------------------------------------------------

def handshake_begun(chaos):
    """Some of a hello, or all of it and no word more."""
    hello = chaos.hello()
    wire = chaos.raw_tls(hello[:chaos.chance.randint(1, len(hello))])
    if chaos.chance.random() < 0.5:
        wire.reset()
    wire.socket.close()


def handshake_of_noise(chaos):
    with chaos.raw_tls(b"\x16\x03\x01" + chaos.chance.randbytes(400)) as wire:
        wire.half_close()
        no_answer(wire)


def record_changed(chaos):
    """A byte of a sealed request is another one on the way."""
    with Relay(chaos.place.tls.port) as relay:
        relay.server.settimeout(PATIENCE)
        relay.wrap(chaos.context)
        sealed = bytearray(relay.records((HEAD + "\r\n").encode()))
        sealed[chaos.chance.randrange(5, len(sealed))] ^= 1
        relay.server.sendall(sealed)
        heard = b""
        try:
            while data := relay.server.recv(65536):
                heard += data
        except ConnectionError:
            pass
    if len(heard) > 1000:
        raise Wrong(f"{len(heard)} bytes for a broken record")


def cut_without_notify(chaos):
    with chaos.tls() as wire:
        wire.request("/quick")
        if chaos.chance.random() < 0.5:
            ok(wire.answer())
        wire.socket.shutdown(socket.SHUT_RDWR)


# --- a handler at fault -----------------------------------------------------

def stream_that_fails(chaos):
    with chaos.either() as wire:
        wire.request("/broken")
        try:
            wire.answer()
        except (OSError, Cut):
            return
        raise Wrong("half an answer passed for a whole one")


QUICK = [reset_in_head, reset_in_body, reset_in_answer, reset_while_it_works,
         gone_behind_many, half_closed_in_body, never_sends_what_was_let_in,
         garbage, clear_text_to_tls, hello_in_clear_text, broken_framing,
         bad_heads, too_much, bad_json, handshake_begun, handshake_of_noise,
         record_changed, cut_without_notify, stream_that_fails]
SLOW = [drip_a_head, drip_a_body, drip_a_hello, say_nothing, stop_reading,
        read_too_late]
