# SPDX-License-Identifier: MIT
"""Overload protection of a server whose loop really is held up: who is
refused, with what, and that nobody is forgotten."""
import collections
import contextlib
import re
import subprocess
import time

import pytest
from wire import Wire, program

Address = collections.namedtuple("Address", "port path", defaults=(None,))

EVENT_LOOP = "Server experiencing heavy load: (event loop)"


@pytest.fixture
def overload(start):
    def start_one(*flags):
        return start("busy", *flags)
    return start_one


@contextlib.contextmanager
def busy(server, milliseconds=400):
    """The loop works while the block runs, and for its requests' waits."""
    with server.connect() as worker:
        worker.request(f"/work?ms={milliseconds}")
        time.sleep(0.1)
        yield
        assert worker.answer().status == 200


def state(server):
    return server.get("/state").json()


def test_what_waited_is_refused(overload):
    server = overload()
    with server.connect() as one, server.connect() as other:
        assert one.ask("/").status == other.ask("/").status == 200
        with busy(server):
            one.request("/")
            other.request("/")
        for wire in (one, other):
            answer = wire.answer()
            assert answer.status == 503
            assert answer.text() == EVENT_LOOP
            assert answer["Retry-After"] in ("1", "2", "3")
            assert answer["Connection"] is None
            # The connection is kept, and serves when there is time again.
            assert wire.ask("/").status == 200
    facts = state(server)
    assert (facts["admitted"], facts["shed"]) == (4, 2)
    assert facts["overload"] is True
    assert "begun" in server.end()


def test_priorities(overload):
    server = overload()
    with contextlib.ExitStack() as stack:
        wires = {path: stack.enter_context(server.connect())
                 for path in ("/", "/sheddable", "/health")}
        for path, wire in wires.items():
            assert wire.ask(path).status == 200
        with busy(server):
            for path, wire in wires.items():
                wire.request(path)
        assert {path: wire.answer().status
                for path, wire in wires.items()} == \
            {"/": 503, "/sheddable": 503, "/health": 200}


def test_a_crowd_gets_what_there_is_time_for(overload):
    """Thirty at once, of 20 ms each: the last would wait 600 ms."""
    server = overload()
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(server.connect()) for _ in range(30)]
        for wire in wires:
            wire.request("/loaded?ms=20")
        statuses = [wire.answer().status for wire in wires]
    served, refused = statuses.count(200), statuses.count(503)
    assert served + refused == 30
    assert 1 <= served < 30
    facts = state(server)
    assert (facts["admitted"], facts["shed"]) == (served, refused)


def test_workers_count_together(overload):
    server = overload("--workers", "2")
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(server.connect()) for _ in range(40)]
        for wire in wires:
            wire.request("/loaded?ms=20")
        statuses = [wire.answer().status for wire in wires]
    assert set(statuses) <= {200, 503}
    facts = state(server)
    assert facts["admitted"] == statuses.count(200)
    assert facts["shed"] == statuses.count(503)


def test_nobody_asks_for_the_body_of_what_is_refused(overload):
    server = overload()
    interim = []
    with server.connect() as wire:
        wire.ask("/")
        with busy(server):
            wire.request("/", "POST", fields=[("Content-Length", "5"),
                                              ("Expect", "100-continue")])
        assert wire.answer(interim=interim).status == 503
    assert interim == []


def test_a_body_that_came_along_is_drained(overload):
    server = overload()
    with server.connect() as wire:
        wire.ask("/")
        with busy(server):
            wire.request("/", "POST", body=b"x" * 5000)
        assert wire.answer().status == 503
        assert wire.ask("/").status == 200


def test_production(overload):
    server = overload("--production", "on")
    with server.connect() as wire:
        wire.ask("/")
        with busy(server):
            wire.request("/")
        assert wire.answer().text() == "Service Unavailable"


def test_errors_are_propagated(overload):
    server = overload("--errors", "on")
    with server.connect() as wire:
        wire.ask("/")
        with busy(server):
            wire.request("/")
        answer = wire.answer()
        assert answer.status == 503
        assert answer.json() == {"code": "ServiceUnavailable",
                                 "message": EVENT_LOOP}
        assert answer["Retry-After"] in ("1", "2", "3")


def test_the_delay_flag_comes_late(overload):
    """What was asked during a long turn is admitted behind it; only then the
    timer runs, and tells of that turn to whoever comes next."""
    server = overload("--mode", "delay")
    with server.connect() as first, server.connect() as second, \
            server.connect() as wire, server.connect() as last:
        for each in (first, second, wire, last):
            assert each.ask("/").status == 200
        first.request("/work?ms=500")
        time.sleep(0.1)
        second.request("/work?ms=500")
        wire.request("/")
        assert first.answer().status == 200
        time.sleep(0.1)
        last.request("/")
        assert second.answer().status == 200
        assert wire.answer().status == 200
        answer = last.answer()
        assert answer.status == 503
        assert answer.text() == EVENT_LOOP


def test_the_limit_counts_those_of_one_turn(overload):
    """It begins with 20. All of them are one read, and so one turn."""
    server = overload("--mode", "limit")
    with server.connect() as wire:
        wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 40)
        answers = [wire.answer() for _ in range(40)]
        statuses = [answer.status for answer in answers]
        assert statuses == [200] * 20 + [503] * 20
        assert answers[-1].text() == \
            "Server experiencing heavy load: (concurrency)"
        assert wire.ask("/").status == 200


def test_memory(overload):
    server = overload("--max-rss", "1")
    with server.connect() as wire:
        answer = wire.ask("/")
        assert answer.status == 503
        assert answer.text() == "Server experiencing heavy load: (rss)"
        assert wire.ask("/health").status == 200
        assert wire.ask("/nope").status == 404
    assert state(server)["rss"] > 100000


def test_the_log_has_one_line_a_second(overload):
    server = overload("--max-rss", "1")
    with server.connect() as wire:
        for _ in range(20):
            wire.ask("/")
    server.end()
    lines = re.findall(r"overload protection: shed \d+ \(", server.stderr())
    assert 1 <= len(lines) <= 3


def test_metrics(overload):
    server = overload("--max-rss", "1")
    with server.connect() as wire:
        for _ in range(3):
            wire.ask("/")
        wire.ask("/sheddable")
        text = wire.ask("/metrics").text()
    for line in ('seed_shed_requests_total{reason="rss",priority="normal"} 3',
                 'seed_shed_requests_total{reason="rss",'
                 'priority="sheddable"} 1',
                 "seed_shed_admitted_total 0", "seed_shed_overload 1"):
        assert line in text.splitlines()


def test_the_example():
    process = subprocess.Popen([program("overload"), "0"], text=True,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    try:
        found = re.fullmatch(r"listening on http://localhost:(\d+)\n",
                             process.stderr.readline())
        server = Address(int(found[1]))
        with Wire(server) as slow, Wire(server) as wire, \
                Wire(server) as order:
            assert wire.ask("/work").text() == "done\n"
            assert order.ask("/orders", "POST").status == 200
            assert wire.ask("/work?ms=1001").status == 400
            slow.request("/work?ms=60")
            time.sleep(0.001)
            wire.request("/work")
            # Only the first is sure: it found nobody before it.
            assert slow.answer().status == 200
            assert wire.answer().status in (200, 503)
            assert wire.ask("/health").text() == "well\n"
            facts = wire.ask("/state").json()
            assert facts["admitted"] + facts["shed"] == 5
            assert facts["rssOverload"] is False
    finally:
        process.terminate()
        assert process.wait(20) == 0
        process.stderr.close()
