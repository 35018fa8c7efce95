# SPDX-License-Identifier: MIT
"""A server that logs: examples/logging, as it runs."""
import json
import os
import re
import signal
import subprocess
import time

import pytest
from wire import SLOW, Server, program


class Logging(Server):
    """The example with its log in a file."""

    def __init__(self, folder):
        self.log = str(folder / "log")
        self.process = subprocess.Popen([program("logging"), "0", self.log])
        url = self.lines(1)[0]["url"]
        self.path, self.port = None, int(re.search(r":(\d+)$", url)[1])

    def lines(self, count, path=None):
        """All lines, when there are that many."""
        end = time.monotonic() + 10 * SLOW
        while True:
            try:
                with open(path or self.log, encoding="utf-8") as file:
                    text = file.read()
            except FileNotFoundError:
                text = ""
            if text.count("\n") >= count:
                return [json.loads(line) for line in text.splitlines()]
            assert time.monotonic() < end, text
            time.sleep(0.01)

    def end(self, seconds=20):
        self.signal()
        assert self.process.wait(seconds * SLOW) == 0


@pytest.fixture
def logging(tmp_path):
    server = Logging(tmp_path)
    yield server
    if server.process.returncode is None:
        server.end()


def test_lines(logging):
    with logging.connect() as wire:
        wire.ask("/users/7?a=1&a=2", fields=[
            ("X-Request-Id", "r.1"), ("Authorization", "Basic secret"),
            ("Accept", "a"), ("Accept", "b")])
        port = wire.socket.getsockname()[1]
    _, select, found, done = logging.lines(4)
    assert list(select)[:6] == ["level", "time", "pid", "hostname", "name",
                                "part"]
    assert found["reqId"] == "r.1"
    assert found["user"] == {"id": "7", "name": "Ada", "token": "[Redacted]"}
    assert list(done) == ["level", "time", "pid", "hostname", "name", "reqId",
                          "req", "res", "responseTime", "msg"]
    assert done["req"] == {
        "id": "r.1", "method": "GET", "url": "/users/7?a=1&a=2",
        "query": {"a": ["1", "2"]}, "params": {"id": "7"},
        "headers": {"host": "a", "x-request-id": "r.1",
                    "authorization": "[Redacted]", "accept": "a, b"},
        "remoteAddress": "127.0.0.1", "remotePort": port}
    assert abs(done["time"] / 1000 - time.time()) < 30
    assert 0 < done["responseTime"] < 10000


def test_a_hangup_opens_the_file_anew(logging):
    logging.get("/health")
    logging.get("/users/8")
    assert len(logging.lines(3)) == 3
    os.rename(logging.log, logging.log + ".1")
    logging.signal(signal.SIGHUP)
    while not os.path.exists(logging.log):
        time.sleep(0.01)
    logging.get("/users/7")
    assert [line["msg"] for line in logging.lines(3)] == [
        "select", "found", "request completed"]
    assert len(logging.lines(3, logging.log + ".1")) == 3


def test_a_client_that_went_away(logging):
    with logging.connect() as wire:
        wire.send("GET /users/7 HTTP/1.1\r\nHost: a\r\n\r\n")
        wire.reset()
    *_, last = logging.lines(4)
    assert last["msg"] in ("request completed", "request aborted")


def test_the_end_writes_everything(logging):
    for number in range(500):
        logging.get(f"/users/{number}")
    logging.end()
    lines = logging.lines(1)
    assert [line["req"]["url"] for line in lines
            if line["msg"] == "request completed"] == [
        f"/users/{number}" for number in range(500)]


def test_a_crash_writes_everything(logging):
    for number in range(100):
        logging.get(f"/users/{number}")
    logging.get("/health")  # by then the line before it was made
    logging.signal(signal.SIGSEGV)
    assert logging.process.wait(20 * SLOW) != 0
    *lines, last = logging.lines(1)
    assert sum(line["msg"] == "request completed" for line in lines) == 100
    assert (last["level"], last["signal"], last["msg"]) == (
        60, "SIGSEGV", "crashed")
