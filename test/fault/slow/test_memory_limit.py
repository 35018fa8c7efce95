# SPDX-License-Identifier: MIT
"""Row 18. Not under sanitizers, whose own memory has no limit."""
import resource
import time

from rule import heap, unharmed
from wire import Cut


def test_row_18_a_limit_of_memory(start):
    """Uploads of half a MiB each and an address space that ends: those that
    find no room are told, the others are served, and all are afterwards."""
    server = start("memory")
    with server.connect() as wire:
        assert wire.ask("/quick").status == 200
    size = 512 << 10
    with unharmed(server, "/quick") as probe:
        with open(f"/proc/{server.process.pid}/statm",
                  encoding="ascii") as statm:
            now = int(statm.read().split()[0]) * resource.getpagesize()
        hard = resource.prlimit(server.process.pid, resource.RLIMIT_AS)[1]
        resource.prlimit(server.process.pid, resource.RLIMIT_AS,
                         (now + (16 << 20), hard))
        wires = [server.connect(timeout=20) for _ in range(80)]
        for wire in wires:  # All but the last byte, so that all of it is held.
            wire.request("/echo", "POST", body=b"",
                         fields=[("Content-Length", str(size))])
        refused = 0
        for wire in wires:
            try:
                wire.send(b"x" * (size - 1))
            except OSError:
                refused += 1
        time.sleep(0.3)
        statuses = []
        for wire in wires:
            try:
                wire.send(b"x")
                answer = wire.answer()
                statuses.append(answer.status)
            except (Cut, OSError):
                statuses.append(None)
            wire.socket.close()
        resource.prlimit(server.process.pid, resource.RLIMIT_AS, (hard, hard))
        assert set(statuses) <= {200, 503, None}, statuses
        assert 200 in statuses, statuses
        assert statuses.count(503) + statuses.count(None) >= 20, statuses
        assert 503 in statuses, statuses
        with server.connect() as wire:
            assert wire.ask("/echo", "POST", body=b"x" * 60000).status == 200
    assert not probe.errors and heap(server) < 16 << 20
