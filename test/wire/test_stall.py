# SPDX-License-Identifier: MIT
"""Loops that are held up: by work, by a system call, by other processes; and
loops that are not."""
import os
import subprocess
import sys
import threading
import time

import pytest
from wire import SLOW


@pytest.fixture(scope="module")
def stall():
    from conftest import serving
    yield from serving("stall")


def stalls_of(server, url, seconds=5):
    """What was told of one request, when its turn is over."""
    end = time.monotonic() + seconds * SLOW
    while time.monotonic() < end:
        told = server.get("/stalls").json()["stalls"]
        found = [one for one in told if one["url"] == url]
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"no stall of {url}: {told}")


def functions(one):
    return one["stack"].split(", ")


def check_steps(told):
    """42, 84, 168 ms, and never twice; some are left out when the watching
    thread gets no processor either."""
    steps = [one["step"] for one in told]
    assert steps == sorted(set(steps)) and steps[0] == 0
    assert len({one["turn"] for one in told}) == 1
    for one in told:
        assert one["ms"] >= 42 << one["step"]
        assert abs(one["computing"] + one["waiting"] + one["starved"] - 1) \
            < 0.01


def favour(server):
    """Before others of this machine, where that is allowed."""
    for thread in os.listdir(f"/proc/{server.process.pid}/task"):
        try:
            os.sched_setscheduler(int(thread), os.SCHED_FIFO,
                                  os.sched_param(1))
        except PermissionError:
            return


def with_a_processor(told, share, worked=200):
    """Those of the looks before which so little of the handler's time was
    taken away, by the machine or by its host, that they saw it compute."""
    lost = worked / share - worked
    return [one for one in told if lost < 0.4 * one["ms"]]


def test_a_handler_that_computes_is_caught_by_a_signal(start):
    """What a machine takes away from the handler is no computing: the handler
    tells how much that was. After each try it is waited until so much may be
    reported again."""
    stall = start("stall")
    stall.get("/hello")
    favour(stall)
    for attempt in range(12):
        url = f"/burn/200?{attempt}"
        answer = stall.get(url)
        assert answer.text() == "burnt"
        told = stalls_of(stall, url)
        check_steps(told)
        assert all(one["waiting"] < 0.2 for one in told)
        judged = with_a_processor(told, float(answer["X-Share"]))
        if len(judged) > 1:
            break
        time.sleep(len(told))
    assert len(judged) > 1, "no processor on this machine"
    for one in judged:
        assert one["cause"] == "computes"
        assert one["computing"] > 0.5
        assert one["function"] == "burn"
        assert one["pattern"] == "/burn/:ms"
        assert one["method"] == "GET"
        assert not one["searched"]
    assert any("burn" in functions(one) for one in judged)
    assert any("event_base_loop" in functions(one) for one in judged)
    if SLOW == 1:  # a sanitizer's frames take the place of main
        assert any(functions(one)[-1] == "main" for one in judged)
    stall.end()


@pytest.mark.parametrize("kind, answer, call", [
    ("sleep", "slept", "clock_nanosleep"), ("read", "read", "read of pipe:")])
def test_a_handler_that_waits_is_caught_and_not_woken(stall, kind, answer,
                                                      call):
    url = f"/{kind}/200"
    assert stall.get(url).text() == answer
    told = stalls_of(stall, url)
    check_steps(told)
    assert len(told) >= 2
    for one in told:
        assert one["cause"] == "waits"
        assert one["waiting"] > 0.6
        assert one["call"].startswith(call)
        assert one["function"] == kind + ("_long")
        assert one["pattern"] == f"/{kind}/:ms"
        assert one["searched"]
        # A sanitizer's wrapper of the call has a frame so large that what old
        # calls left in it may fill all places of a searched stack.
        if SLOW == 1:
            assert kind + "_long" in functions(one)


def test_a_task_that_computes_is_caught_by_its_stack(stall):
    before = len(stall.get("/stalls").json()["stalls"])
    stall.get("/later")
    end = time.monotonic() + 5 * SLOW
    while time.monotonic() < end:
        told = stall.get("/stalls").json()["stalls"][before:]
        if any("burn_in_task" in functions(one) for one in told):
            return
        time.sleep(0.05)
    raise AssertionError(told)


def test_a_loop_without_a_processor_is_starved(start):
    """Two busy processes on the same processor, and the server is nice."""
    server = start("stall")
    server.get("/hello")
    cpu = min(os.sched_getaffinity(0))
    pid = server.process.pid
    for thread in os.listdir(f"/proc/{pid}/task"):
        # The watching thread looks on from where it likes.
        name = open(f"/proc/{pid}/task/{thread}/comm").read().strip()
        if name != "seed-monitor":
            os.sched_setaffinity(int(thread), {cpu})
            os.setpriority(os.PRIO_PROCESS, int(thread), 10)
    busy = [subprocess.Popen(
        [sys.executable, "-c", f"import os\nos.sched_setaffinity(0, {{{cpu}}})"
         "\nimport time\nend = time.time() + 20\n"
         "while time.time() < end: pass"]) for _ in range(2)]
    try:
        time.sleep(0.5)
        assert server.get("/burn/100", timeout=30).text() == "burnt"
        told = stalls_of(server, "/burn/100", 15)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    check_steps(told)
    assert told[0]["cause"] == "starved"
    assert told[-1]["cause"] == "starved"
    assert told[-1]["starved"] > 0.5
    assert told[-1]["waiting"] < 0.2
    assert told[0]["function"] == "burn"
    assert "gets no processor" in server.stderr()
    server.end()


def load(server, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with server.connect() as wire:
            for _ in range(50):  # a connection has an end
                assert wire.ask("/hello").text() == "hello"


def test_fast_workers_are_not_called_stalled(start):
    """Idle for a second, then under load for two. What the machine does to a
    server that shares it is not the server's doing."""
    server = start("stall", "--workers", "2")
    time.sleep(1)
    clients = [threading.Thread(target=load, args=(server, 2))
               for _ in range(4)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    told = server.get("/stalls").json()
    assert told["computes"] == 0, told
    assert told["waits"] == 0, told
    assert all(one["starved"] > 0.5 for one in told["stalls"])
    server.end()


def test_utilisation_of_an_idle_and_of_a_blocked_loop(start):
    server = start("stall")
    time.sleep(0.6)
    lag = server.get("/lag").json()
    assert lag["utilisation"] < 0.2
    assert lag["p50"] == 0
    assert not lag["timer"]
    # This loop is asked after its sleep of 0.9 s: all of the last interval.
    with server.connect() as wire:
        wire.request("/sleep/900")
        wire.request("/lag")
        assert wire.answer().text() == "slept"
        lag = wire.answer().json()
    assert lag["utilisation"] > 0.9
    assert lag["p50"] > 300
    assert lag["cpu"] < 0.2
    server.end()


def test_the_warning_reads_as_a_sentence(stall):
    text = stall.stderr()
    assert "Stall: worker 0 has been in one turn of its loop for " in text
    assert "GET /sleep/200 in sleep_long (route, stall.c:" in text
    assert "waits in clock_nanosleep (" in text
    assert " of GET /sleep/:ms" in text
    assert "Stall: by " in text


def test_the_example_measures_and_catches():
    from test_examples import Example
    server = Example("lag")
    try:
        assert server.get("/wait").text() == "waited\n"
        line = server.said.readline()
        assert "waits in clock_nanosleep" in line
        assert "GET /wait in wait_here" in line
        assert "wait_here, " in server.said.readline()
        for path in ("/compute", "/offload"):
            assert server.get(path).text().startswith("computed")
        end = time.monotonic() + 5 * SLOW
        while server.get("/lag").status != 200:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert "% full" in server.get("/lag").text()
    finally:
        server.signal()
        assert server.process.wait(20) == 0
