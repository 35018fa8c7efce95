# SPDX-License-Identifier: MIT
"""Rows of the fault matrix that are TLS's: certificates change under load,
handshakes that are none, streams that are cut."""
import os
import random
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest
from certs import Authority
from rule import unharmed
from tlswire import Relay, TlsServer, client_context, split_records
from wire import SLOW, Cut


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certs"))


@pytest.fixture
def files(root, tmp_path):
    """Paths of certificate and key, and a function that puts others there."""
    pairs = [root.issue(f"server{number}") for number in range(3)]
    cert, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")

    def put(number, broken=None):
        for source, path in zip(pairs[number], (cert, key)):
            with open(path + ".new", "wb") as file:
                file.write(open(source, "rb").read())
            os.replace(path + ".new", path)
        if broken == "gone":
            os.unlink(key)
        elif broken:
            with open(cert, "wb") as file:
                file.write(broken)

    put(0)
    return cert, key, put


@pytest.fixture
def run(root):
    servers = []

    def start(*flags):
        servers.append(TlsServer(*flags, ca=root.cert))
        return servers[-1]

    yield start
    for server in servers:
        if not server.ended:
            server.end()


def hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = client_context().wrap_bio(incoming, outgoing)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class Shakers:
    """Clients that make one handshake after the other."""

    def __init__(self, server, count=4):
        self.server, self.done, self.wrong = server, 0, []
        self.over, self.serials = threading.Event(), set()
        self.context = client_context(server.ca)
        self.threads = [threading.Thread(target=self.play, daemon=True)
                        for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def play(self):
        while not self.over.is_set():
            try:
                with self.server.connect(context=self.context) as wire:
                    self.serials.add(
                        wire.socket.getpeercert()["serialNumber"])
                    if wire.ask("/quick").text() != "small":
                        self.wrong.append("the answer")
                self.done += 1
            except Exception as error:  # Whatever it is, the test says it.
                self.wrong.append(repr(error))

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join(20 * SLOW)


def test_row_23_certificates_change_under_handshakes(run, files):
    """50 reloads, every fifth of broken files: no handshake fails, and each
    broken one is one line of the log."""
    cert, key, put = files
    server = run("--workers", "2", "--cert", cert, "--key", key)
    with unharmed(server):
        shakers = Shakers(server)
        results = []
        for round_number in range(50):
            broken = {4: b"nothing\n", 9: "gone"}.get(round_number % 10)
            put(round_number % 3, broken)
            server.signal(signal.SIGHUP)
            results.append(server.line(10))
            time.sleep(0.02)
        shakers.end()
        assert shakers.wrong == []
        assert shakers.done > 100 / SLOW and len(shakers.serials) == 3
        assert results.count("reload 0") == 40
        assert results.count("reload -4") == 10
        said = server.stderr().strip().splitlines()
        assert len(said) == 10 and all("is not reloaded" in line
                                       for line in said), said
        # What came of it is said; for the rule it is no flood.
        server.errors.truncate(0)


def read_to_end(client, seconds):
    """What comes until the server closes, and how long that took."""
    begin, heard = time.monotonic(), b""
    client.settimeout(seconds * SLOW)
    try:
        while (data := client.recv(65536)):
            heard += data
    except ConnectionError:
        pass
    return heard, time.monotonic() - begin


@pytest.fixture
def quick(run, files):
    """A server whose handshakes may take a second."""
    return run("--cert", files[0], "--key", files[1], "--shake", "1000")


def test_row_24_silent(quick):
    with unharmed(quick):
        clients = [quick.raw() for _ in range(50)]
        for client in clients:
            heard, took = read_to_end(client, 10)
            assert heard == b"" and took < 3 * SLOW
            client.close()


def test_row_24_drip(quick):
    """A byte now and then does not put the deadline off."""
    with unharmed(quick):
        data = hello()
        with quick.raw() as client:
            begin, at, ended = time.monotonic(), 0, False
            client.settimeout(0.2)
            while not ended and time.monotonic() - begin < 10 * SLOW:
                try:
                    client.sendall(data[at:at + 1])
                    at += 1
                    ended = client.recv(1) == b""
                except socket.timeout:
                    pass
                except OSError:
                    ended = True
            took = time.monotonic() - begin
        assert ended and 0.9 < took < 4 * SLOW and at < len(data)


def test_row_24_drip_behind_the_hello(quick):
    """Neither does a second flight that never ends."""
    with unharmed(quick):
        with quick.raw(hello()) as client:
            client.settimeout(5)
            assert client.recv(65536)
            begin = time.monotonic()
            ended = False
            while not ended and time.monotonic() - begin < 10 * SLOW:
                try:
                    client.sendall(b"\x14\x03\x03\x00\x01\x01"
                                   if time.monotonic() - begin < 0.1
                                   else b"\x17")
                    client.settimeout(0.2)
                    ended = client.recv(65536) == b""
                except socket.timeout:
                    pass
                except OSError:
                    ended = True
            assert ended


def test_row_24_plain_text(quick):
    with unharmed(quick):
        for _ in range(50):
            with quick.plain() as wire:
                answer = wire.ask("/quick")
                assert answer.status == 400 and wire.closed(5)


def test_row_24_random_bytes(quick):
    chance = random.Random(24)
    with unharmed(quick):
        for _ in range(200):
            with quick.raw() as client:
                try:
                    client.sendall(chance.randbytes(chance.randint(1, 2000)))
                    client.shutdown(socket.SHUT_WR)
                except OSError:
                    pass
                assert b"HTTP/1.1 200" not in read_to_end(client, 10)[0]


def test_row_24_huge_hello(quick):
    """A hello that says it has 16 MiB, and records that bring it."""
    with unharmed(quick):
        for _ in range(5):
            with quick.raw() as client:
                body = b"\x01\xff\xff\xff" + b"\x03\x03" + b"A" * 16000
                try:
                    for _ in range(200):
                        client.sendall(b"\x16\x03\x01" + len(body).to_bytes(
                            2, "big") + body)
                        body = b"A" * 16384
                except OSError:
                    pass
                heard, _ = read_to_end(client, 10)
                assert heard[:1] in (b"", b"\x15")  # an alert, or silence


def test_row_24_renegotiation(quick):
    with unharmed(quick):
        for _ in range(3):
            done = subprocess.run(
                ["openssl", "s_client", "-connect",
                 f"127.0.0.1:{quick.port}", "-tls1_2"], input=b"R\nR\nR\n",
                capture_output=True, timeout=30, check=False)
            assert b"no renegotiation" in done.stdout + done.stderr


def test_row_05_tls_reset_at_each_byte_of_the_request(run, files, root):
    """Of the client's second flight and of the request behind it; of the
    hello, every third byte is enough."""
    server = run("--cert", files[0], "--key", files[1])
    context = client_context(root.cert)
    first = hello()
    with unharmed(server):
        for length in range(0, len(first) + 1, 3):
            with server.raw(first[:length]) as client:
                reset(client)
        at, whole = 0, 1
        while at <= whole:
            with Relay(server.port) as relay:
                relay.finish = hold_back(relay, context)
                sealed = relay.finish + relay.records(
                    b"GET /quick HTTP/1.1\r\nHost: a\r\n\r\n")
                relay.server.sendall(sealed[:at])
                reset(relay.server)
            at, whole = at + 1, len(sealed)


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                      b"\1\0\0\0\0\0\0\0")


def hold_back(relay, context):
    """Goes on until the client is content; what it would send then."""
    relay.tls = context.wrap_bio(relay.server_bio, relay.client_bio,
                                 server_hostname="localhost")
    while True:
        try:
            relay.tls.do_handshake()
            return relay.client_bio.read()
        except ssl.SSLWantReadError:
            relay.flush()
            relay.server_bio.write(relay.receive())


KIB = 1 if os.environ.get("FAULTS") == "all" else 5


def test_row_06_tls_reset_at_each_kib_of_the_reply(run, files, root):
    server = run("--cert", files[0], "--key", files[1])
    context = client_context(root.cert)
    with unharmed(server):
        for kib in range(0, 300, KIB):
            wire = server.connect(context=context, window=4096)
            wire.request("/many/300000")
            try:
                wire.take(kib * 1024 + 1)
            except (Cut, OSError):
                pass
            wire.reset()


REQUEST = (b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n",
           b"x" * 100, b"y" * 100, b"z" * 100)


def test_row_02_a_record_that_is_long_in_coming(run, root, files):
    """All of it must be there before any of it can be read: it is no stall
    as long as bytes come."""
    server = run("--cert", files[0], "--key", files[1], "--body-stall", "500")
    with Relay(server.port) as relay:
        relay.wrap(client_context(root.cert))
        relay.server.sendall(relay.records(
            b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 16000\r\n"
            b"Connection: close\r\n\r\n"))
        record = relay.records(b"x" * 16000)
        for at in range(0, len(record), 800):
            relay.server.sendall(record[at:at + 800])
            time.sleep(0.08)
        heard, _ = read_to_end(relay.server, 10)
        assert len(heard) > 16000, "a 408 is short"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("how", ["FIN", "RST"])
def test_row_25_truncation(quick, root, version, how):
    """Cut behind each record and within it: a part of a request is never
    handled as if it were all of it."""
    context = client_context(root.cert, version=version)
    with unharmed(quick):
        for records in range(len(REQUEST)):
            for less in (0, 1, 20):
                with Relay(quick.port) as relay:
                    relay.wrap(context)
                    sealed = b"".join(relay.records(piece)
                                      for piece in REQUEST[:records + 1])
                    if less == 0 and records == len(REQUEST) - 1:
                        continue
                    relay.server.sendall(sealed[:len(sealed) - less])
                    if how == "RST":
                        relay.server.setsockopt(
                            socket.SOL_SOCKET, socket.SO_LINGER,
                            b"\1\0\0\0\0\0\0\0")
                        continue
                    relay.server.shutdown(socket.SHUT_WR)
                    heard, _ = read_to_end(relay.server, 10)
                    # The ticket of TLS 1.3; neither an answer nor a farewell.
                    tickets = version == ssl.TLSVersion.TLSv1_3
                    assert len(split_records(heard)) == tickets


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
def test_row_25_answers_end_with_notify(quick, root, version):
    context = client_context(root.cert, version=version)
    with unharmed(quick):
        for _ in range(20):
            with quick.connect(context=context) as wire:
                assert wire.ask("/close").text() == "last"
                assert wire.socket.recv(10) == b""  # SSLEOFError without


def test_row_25_a_thousand_ends_without_notify(quick, root):
    """None of them is worth a line."""
    context = client_context(root.cert)
    with unharmed(quick):
        for number in range(1000 if SLOW == 1 else 200):
            with quick.connect(context=context) as wire:
                if number % 3 == 0:
                    assert wire.ask("/quick").status == 200
                if number % 2:
                    wire.reset()
        assert quick.stderr() == ""
