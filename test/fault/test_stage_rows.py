# SPDX-License-Identifier: MIT
"""Rows 9, 10 and 36: messages as no client sends them, and handlers that fail
at each stage."""
import json
import os
import random
import re
import socket

import pytest
from rule import unharmed
from wire import SLOW, TOP

STAGES = ["pre", "use", "first", "second"]


@pytest.mark.parametrize("stage", STAGES)
def test_row_36_a_stage_fails(start, stage):
    """The chain stops there, error handlers run, `after` runs once, and what
    an error handler or a hook at the end does wrong changes nothing."""
    server = start("stages")
    count = 0
    with unharmed(server):
        # Each mistake of a hook is a line of the log: two of them.
        for more in ("", "", ",error", ",error", ",after", ",error,after"):
            with server.connect() as wire:
                answer = wire.ask("/", fields=[("X-Fail", stage + more)])
                ran = answer.all("X-Ran")
                count += 1
                assert answer.status == 500
                assert ran == STAGES[:STAGES.index(stage) + 1] + ["error"]
                last = "error" if "error" in more else stage
                assert answer.json()["message"] == f"{last} has failed"
                assert wire.ask("/over").text() == f"{count} 500 {count}"
                assert wire.ask("/").text() == "whole"


@pytest.mark.parametrize("stage, status", [("send", 500), ("after", 200)])
def test_row_36_the_answer_fails(start, stage, status):
    """Behind the handlers: as the answer leaves, and when it has left."""
    server = start("stages")
    with unharmed(server):
        for count in range(1, 2 if stage == "after" else 4):
            with server.connect() as wire:
                answer = wire.ask("/", fields=[("X-Fail", stage)])
                assert answer.status in (200, status)
                assert answer.text() == "whole" or answer.status == 500
                over, told, _ = wire.ask("/over").text().split()
                assert int(over) == count and int(told) == answer.status
                assert wire.ask("/").text() == "whole"


def vectors():
    path = os.path.join(TOP, "test/data/vectors/evhttp.jsonl")
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [row["raw"].encode("latin-1") for row in rows if "raw" in row]


def verdicts(server, data, split):
    """Statuses of what was answered; "closed" when the server ended it."""
    heard = b""
    with server.connect(timeout=0.3) as wire:
        try:
            if split:
                for at in range(len(data)):
                    wire.send(data[at:at + 1])
            else:
                wire.send(data)
            wire.half_close()
        except OSError:
            pass
        wire.socket.settimeout(5 * SLOW)
        try:
            while (got := wire.socket.recv(65536)):
                heard += got
        except socket.timeout:
            heard += b"HTTP/1.1 999 "
        except OSError:
            pass
    return re.findall(rb"HTTP/1\.[01] (\d{3}) ", heard)


def test_row_09_one_byte_a_segment(start):
    """Each vector's verdict is the same whole and a byte a write. (`make
    vectors` holds both to what the verdict should be, by TLS and lent too.)"""
    server = start("faults", "--max_requests", "-1", "--linger", "300")
    with unharmed(server):
        different = []
        for data in vectors():
            if len(data) > 2000:
                continue
            whole = verdicts(server, data, False)
            split = verdicts(server, data, True)
            # Who is refused may be reset before he has heard why.
            if whole != split and whole and split:
                different.append((data[:80], whole, split))
        assert different == []


def test_row_10_all_vectors_behind_a_good_request(start):
    """In one write, in random order: the first is answered, and whatever
    comes is an answer to one of them, whole, and to nobody else."""
    server = start("faults", "--max_requests", "-1", "--linger", "300")
    chance = random.Random(10)
    rows = vectors()
    with unharmed(server):
        for turn in range(30):
            chance.shuffle(rows)
            with server.connect(timeout=10) as wire:
                try:
                    wire.send(f"GET /many/{1000 + turn} HTTP/1.1\r\n"
                              "Host: a\r\n\r\n".encode() + b"".join(rows))
                except OSError:
                    pass
                first = wire.answer()
                assert first.status == 200
                assert len(first.body) == 1000 + turn
                assert server.get("/many/77").text() == (
                    "abcdefghijklmnopqrstuvwxyz" * 3)[:77]
