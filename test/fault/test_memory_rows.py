# SPDX-License-Identifier: MIT
"""Rows of the fault matrix in which memory runs out. test/fault/sweep has each
allocation fail; here many do, of a server that is asked all the while."""
from rule import descriptors, memory, unharmed, wait_until
from wire import Cut

BODY = b"x" * 60000
ASKED = [("/quick", "GET", b""), ("/json", "GET", b""),
         ("/stream", "GET", b""), ("/nowhere", "GET", b""),
         ("/echo", "POST", BODY), ("/parse", "POST", b'{"a":[1,2,{"b":3}]}')]
JSON = [("Content-Type", "application/json")]


def ask(server, which):
    """The status, or None when the connection was cut."""
    path, method, body = ASKED[which % len(ASKED)]
    try:
        with server.connect() as wire:
            return wire.ask(path, method, body=body, fields=JSON).status
    except (Cut, OSError):
        return None


def test_row_17_one_allocation_in_a_hundred_fails(start):
    """A failed request has its error or a cut connection, never a wrong
    answer; and when memory is back, so is the server, with nothing left.
    (jansson takes a token that it has no memory for as one that is none: a
    body may be refused as if it were the client's fault.)"""
    server = start("memory")
    for which in range(60):
        ask(server, which)  # what is kept for the next requests is there
    fds, before = descriptors(server), memory(server)
    assert server.get("/fail/100").status == 200
    seen = [ask(server, which) for which in range(600)]
    wait_until("it says that memory is back", lambda: ask_quietly(server))
    failed = int(server.get("/failed").text())
    assert failed > 30
    for which, status in enumerate(seen):
        good = {200, 404, 500, 503, None}
        assert status in good | ({400} if which % len(ASKED) == 5 else good), (
            which, status)
    assert {200, 404} < set(seen) and len(set(seen)) > 2
    # libevent has said each time that it could not make a connection.
    server.errors.truncate(0)
    with unharmed(server):
        assert [ask(server, which) for which in range(6)] == [
            200, 200, 200, 404, 200, 200]
        assert int(server.get("/failed").text()) == failed
    assert abs(descriptors(server) - fds) <= 2
    wait_until("memory", lambda: any(
        now <= then + (4 << 20) for now, then in zip(memory(server), before)))


def ask_quietly(server):
    """Whether memory fails no more: asking that may fail as well."""
    try:
        return server.get("/fail/0").status == 200
    except (Cut, OSError):
        return False
