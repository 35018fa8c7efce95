# SPDX-License-Identifier: MIT
"""The same bytes to libseed and to node: no message that libseed accepts and
node refuses, and none in which they see something else, without a reason.
First that the comparison can fail.

    make differential [DIFFERENTIAL_SECONDS=10] [SEED=1]"""
import os
import re
import time
from collections import Counter

import pytest
from compare import differences
from mutate import messages
from pair import TOP, Message, Pair, View
from reasons import REASONS, reasons_for

SECONDS = float(os.environ.get("DIFFERENTIAL_SECONDS") or 10)
SEED = int(os.environ.get("SEED") or 1)
BATCH, SHOWN = 32, 5


@pytest.fixture(scope="module")
def pair():
    with Pair() as both:
        yield both


def view(*seen, refused=None):
    return View(list(seen), refused)


ONE = Message(b"POST", b"/", b"hello", ((b"Host", b"a"),))
TWO = Message(b"GET", b"/two", b"", ())


@pytest.mark.parametrize("what, at, ours, theirs", [
    ("method", 0, view(ONE), view(ONE._replace(method=b"PUT"))),
    ("target", 0, view(ONE), view(ONE._replace(target=b"/a"))),
    ("fields", 0, view(ONE), view(ONE._replace(fields=()))),
    ("body", 0, view(ONE), view(ONE._replace(body=b"hell"))),
    ("method", 1, view(ONE, TWO), view(ONE, TWO._replace(method=b"HEAD"))),
    ("accepted", 0, view(ONE), view(refused="HPE_INVALID_METHOD")),
    ("accepted", 0, view(ONE), view()),
    ("accepted", 1, view(ONE, TWO), view(ONE, refused="HPE_CR_EXPECTED")),
    ("fewer", 1, view(ONE), view(ONE, TWO)),
    ("fewer", 0, view(), view(ONE)),
])
def test_a_difference_is_seen(what, at, ours, theirs):
    assert list(differences(ours, theirs)) == [(what, at)]


@pytest.mark.parametrize("ours, theirs", [
    (view(ONE, TWO), view(ONE, TWO)),
    (view(ONE, refused="400"), view(ONE, TWO)),  # stricter
    (view(refused="400"), view(refused="HPE_INVALID_METHOD")),
])
def test_what_is_no_danger_is_no_difference(ours, theirs):
    assert not list(differences(ours, theirs))


POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("to_seed, to_node, what, at", [
    (GET, GET.replace(b"/ ", b"/a "), "target", 0),
    (GET, GET.replace(b"Host: a", b"Host : a"), "accepted", 0),
    (GET, GET.replace(b"\r\n\r\n", b"\r\nX: \0\r\n\r\n"), "accepted", 0),
    (GET + GET, GET, "accepted", 1),
    (GET, GET + GET, "fewer", 1),
    (GET, GET.replace(b"a", b"b"), "fields", 0),
    (POST, POST.replace(b"hello", b"jelly"), "body", 0),
    (CHUNKED + b"0\r\n\r\n", CHUNKED + b"0x\r\n\r\n", "accepted", 0),
    (GET.replace(b"GET", b"HEAD"), GET, "method", 0),
])
def test_what_real_servers_see_differs(pair, to_seed, to_node, what, at):
    views, = pair.play([to_seed], [to_node])
    assert list(differences(*views)) == [(what, at)]


UPGRADE = b"\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"

# Where a reason is met. One that is not is one no more.
MET = {
    "HTTP/1.2 to 1.9": GET.replace(b"1.1", b"1.2"),
    "trailers that rule":
        CHUNKED + b"5\r\nhello\r\n0\r\nX: y\r\nContent-Length: 9\r\n\r\n",
    "blanks in chunk extensions":
        CHUNKED + b"5 ; a = b\r\nhello\r\n0\r\n\r\n",
    "Upgrade": GET.replace(b"\r\n\r\n", UPGRADE) + GET,
    "tabs as blanks":
        CHUNKED.replace(b"chunked", b"chunked\t") + b"0\r\n\r\n",
    "close and keep-alive":
        b"GET / HTTP/1.0\r\nConnection: a, keep-alive\r\n"
        b"Connection: close\r\n\r\n" + GET,
}


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.name)
def test_a_reason_is_met_and_written_down(pair, reason):
    data = MET[reason.name]
    (ours, theirs), = pair.play([data])
    assert list(differences(ours, theirs))
    assert reasons_for(pair, data, ours) == [reason.name]

    with open(os.path.join(TOP, "docs/reliability.md"),
              encoding="utf-8") as page:
        rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", page.read(), re.M)
    assert (reason.name, reason.rfc) in rows


def test_reasons_explain_together(pair):
    data = MET["HTTP/1.2 to 1.9"] + MET["tabs as blanks"]
    ours = pair.play([data])[0][0]
    assert reasons_for(pair, data, ours) == ["HTTP/1.2 to 1.9",
                                             "tabs as blanks"]


@pytest.fixture(scope="module")
def ill():
    """A pair whose libseed keeps the last byte of each body."""
    with Pair("--plant", "body") as both:
        yield both


@pytest.mark.parametrize("data", [
    POST, POST + MET["HTTP/1.2 to 1.9"], POST.replace(b"\r\n\r\n", UPGRADE)])
def test_a_reason_explains_nothing_but_its_cause(ill, data):
    (ours, theirs), = ill.play([data])
    assert ("body", 0) in list(differences(ours, theirs))
    assert not reasons_for(ill, data, ours)


def run(pair, seconds):
    """What was counted, and the differences without a reason."""
    source, counts, unexplained = messages(SEED), Counter(), []
    end = time.monotonic() + seconds
    while time.monotonic() < end or counts["sent"] < 10 * BATCH:
        batch = [next(source) for _ in range(BATCH)]
        for data, (ours, theirs) in zip(batch, pair.play(batch)):
            counts["sent"] += 1
            counts["accepted"] += len(ours.messages)
            found = list(differences(ours, theirs))
            if not found:
                counts["agreed"] += 1
                continue
            reasons = reasons_for(pair, data, ours)
            counts.update(reasons)
            if not reasons:
                unexplained.append(f"{found} {data!r}\n  libseed: {ours}\n"
                                   f"  node: {theirs}")
    return counts, unexplained


def test_a_run_finds_what_is_planted(ill):
    assert run(ill, 0)[1]


def test_no_difference_is_without_a_reason(pair, request):
    counts, unexplained = run(pair, SECONDS)
    request.config.figures.append(
        f"{counts['sent']} byte strings of seed {SEED}: both see the same in "
        f"{counts['agreed']}; {counts['accepted']} messages accepted")
    request.config.figures.extend(
        f"{counts[reason.name]:8d} {reason.name} ({reason.rfc})"
        for reason in REASONS)
    assert counts["accepted"] > counts["sent"] / 10
    assert not unexplained, f"{len(unexplained)} without a reason; " + \
        "\n".join(unexplained[:SHOWN])
