# SPDX-License-Identifier: MIT
"""Servers as processes, and a client that sends bytes as they are."""
import os
import re
import select
import signal
import socket
import struct
import subprocess
import tempfile
import time

TOP = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))
SLOW = 5 if os.environ.get("FLAVOUR") in ("asan", "tsan") else 1


def program(name):
    """The path of an example, or of a server of these tests or the clinic's."""
    for place in ("test/wire/servers", "test/fault/servers", "examples",
                  "test/clinic/programs"):
        path = os.path.join(BUILD, place, name)
        if os.path.isfile(path):
            return path
    raise FileNotFoundError(f"{name} is not built in {BUILD}")


class Server:
    """A server process that prints its URL when it listens."""

    def __init__(self, name, *flags, **how):
        self.errors = tempfile.TemporaryFile("w+")
        # Without a buffer, in which select() would not see a second line.
        self.process = subprocess.Popen(
            [program(name), *flags], stdout=subprocess.PIPE,
            stderr=self.errors, bufsize=0, **how)
        self.ended = False
        self.url = self.line(20)
        found = re.search(r"(?:unix:(?P<path>/\S+)|:(?P<port>\d+)/?\s*$)",
                          self.url)
        if not found:
            self.process.kill()
            raise AssertionError(f"{name}: {self.url!r} {self.stderr()}")
        self.path = found["path"]
        self.port = int(found["port"] or 0)

    def line(self, seconds):
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline() if ready else b""
        return line.decode().strip()

    def stderr(self):
        self.errors.seek(0)
        return self.errors.read()

    told_to_end = False

    def signal(self, number=signal.SIGTERM):
        self.told_to_end |= number == signal.SIGTERM
        self.process.send_signal(number)

    def end(self, seconds=40):
        """Ends an orderly server: exit 0 and the book of `after` balanced.
        Returns what it printed last."""
        self.ended = True
        # Once: who ends already may have given its handlers back.
        if self.process.poll() is None and not self.told_to_end:
            self.signal()
        try:
            rest, _ = self.process.communicate(timeout=seconds * SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise AssertionError("the server did not end: " + self.stderr())
        assert self.process.returncode == 0, \
            f"exit {self.process.returncode}: {self.stderr()}"
        rest = rest.decode()
        found = re.search(r"begun (\d+) after (\d+) open (\d+) closed (\d+)",
                          rest)
        if found:
            assert found[1] == found[2], "begun and after: " + rest
            assert found[3] == found[4], "open and closed: " + rest
        return rest

    def connect(self, **options):
        return Wire(self, **options)

    def get(self, path, **options):
        """One answer to one request on a connection of its own."""
        with self.connect(**options) as wire:
            return wire.ask(path)

    def counts(self):
        return self.get("/counts").json()

    def wait_for(self, what, holds, seconds=5):
        """Looks at the counts until they are as wanted."""
        end = time.monotonic() + seconds * SLOW
        while True:
            counts = self.counts()
            if holds(counts):
                return counts
            assert time.monotonic() < end, f"{what}: {counts}"
            time.sleep(0.01)


class Answer:
    def __init__(self, version, status, reason, fields, raw_head):
        self.version, self.status, self.reason = version, status, reason
        self.fields, self.raw_head, self.body = fields, raw_head, b""
        self.trailers = []

    def __getitem__(self, name):
        """The first field of that name, or None."""
        return next((value for field, value in self.fields
                     if field.lower() == name.lower()), None)

    def all(self, name):
        return [value for field, value in self.fields
                if field.lower() == name.lower()]

    def text(self):
        return self.body.decode()

    def json(self):
        import json
        return json.loads(self.body)


class Cut(Exception):
    """The connection ended before the message did."""


class Wire:
    """A client's side of one connection."""

    def __init__(self, server, timeout=5, host="127.0.0.1", window=None):
        family = socket.AF_UNIX if server.path else (
            socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if window:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                   window)
        self.socket.settimeout(timeout * SLOW)
        self.socket.connect(server.path or (host, server.port))
        if not server.path:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.held = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode("latin-1")
                            if isinstance(data, str) else data)

    def request(self, path="/", method="GET", body=b"", fields=(),
                version="1.1", host="a"):
        head = f"{method} {path} HTTP/{version}\r\n"
        head += f"Host: {host}\r\n" if host is not None else ""
        head += "".join(f"{name}: {value}\r\n" for name, value in fields)
        if body and not any(name.lower() in ("content-length",
                                             "transfer-encoding")
                            for name, _ in fields):
            head += f"Content-Length: {len(body)}\r\n"
        self.send(head.encode("latin-1") + b"\r\n" + body)

    def ask(self, path="/", method="GET", **options):
        self.request(path, method, **options)
        return self.answer(head_only=method == "HEAD")

    def fill(self):
        data = self.socket.recv(65536)
        if not data:
            raise Cut(self.held)
        self.held += data

    def until(self, mark):
        while mark not in self.held:
            self.fill()
        piece, self.held = self.held.split(mark, 1)
        return piece

    def take(self, length):
        held = bytearray(self.held)  # which grows without being copied
        self.held = b""
        while len(held) < length:
            try:
                self.fill()
            except Cut as cut:
                raise Cut(bytes(held)) from cut
            held += self.held
            self.held = b""
        self.held = bytes(held[length:])
        return bytes(held[:length])

    def head(self):
        raw = self.until(b"\r\n\r\n")
        first, *lines = raw.decode("latin-1").split("\r\n")
        found = re.fullmatch(r"HTTP/(1\.[01]) (\d{3}) (.*)", first)
        assert found, f"no status line: {first!r}"
        fields = []
        for line in lines:
            name, colon, value = line.partition(":")
            assert colon and re.fullmatch(r"[!-9;-~]+", name), repr(line)
            fields.append((name, value.strip(" \t")))
        return Answer(found[1], int(found[2]), found[3], fields, raw)

    def answer(self, head_only=False, interim=None):
        """The next answer; interim ones are appended to `interim`."""
        answer = self.head()
        while 100 <= answer.status < 200:
            if interim is not None:
                interim.append(answer)
            answer = self.head()
        if head_only or answer.status in (204, 304):
            return answer
        if answer["Transfer-Encoding"] == "chunked":
            assert answer["Content-Length"] is None
            self.chunks(answer)
        elif answer["Content-Length"] is not None:
            answer.body = self.take(int(answer["Content-Length"]))
        else:
            answer.body = self.rest()
        return answer

    def chunks(self, answer):
        while True:
            size = int(self.until(b"\r\n"), 16)
            if size == 0:
                break
            answer.body += self.take(size)
            assert self.take(2) == b"\r\n"
        while (line := self.until(b"\r\n")):
            answer.trailers.append(line)

    def rest(self):
        """Everything until the server closes."""
        while True:
            try:
                self.fill()
            except Cut:
                break
        rest, self.held = self.held, b""
        return rest

    def closed(self, seconds=2):
        """Whether the server closes, with nothing more to say."""
        self.socket.settimeout(seconds * SLOW)
        try:
            data = self.socket.recv(65536)
        except socket.timeout:
            return False
        except ConnectionResetError:
            return True
        assert data == b"", f"more bytes: {data[:200]!r}"
        return True

    def stays_open(self, seconds=0.1):
        return not self.closed(seconds)

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Goes away by RST, as a client that crashed."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, 0))
        self.socket.close()
