# SPDX-License-Identifier: MIT
"""Restarts that lose no request: sockets from a service manager, and from one
process of a program to the next."""
import os
import re
import signal
import subprocess
import threading
import time

import pytest
from activator import Activator, alive, await_gone, kill_marked, parent_of
from wire import SLOW, program


@pytest.fixture(autouse=True)
def no_orphans(monkeypatch, request, start):
    assert start  # whose servers end after this
    mark = f"{os.getpid()}-{request.node.name}"
    monkeypatch.setenv("SEED_TEST_MARK", mark)
    yield
    kill_marked("SEED_TEST_MARK=" + mark)


def pid_of(server):
    return int(server.get("/").text())


def await_other(server, pid, seconds=10):
    """The process number of whoever has taken the place of `pid`. Until that
    one has closed its doors both accept."""
    end = time.monotonic() + seconds * SLOW
    while (now := pid_of(server)) == pid or alive(pid):
        assert time.monotonic() < end, "nobody has taken over"
        time.sleep(0.01)
    return now


# --- a service manager --------------------------------------------------------

@pytest.mark.parametrize("workers", ["1", "2", "3"])
def test_activation(workers):
    with Activator() as manager:
        with manager.connect() as early:
            early.request("/")  # before there is a server
            service = manager.start("restart", "1", workers)
            assert int(early.answer().text()) == service.pid
        assert manager.told() == "READY=1"
        for _ in range(20):
            assert pid_of(manager) == service.pid
        assert f"http://127.0.0.1:{manager.port}" in service.output()
        service.signal()
        assert manager.told() == "STOPPING=1"
        assert service.wait() == 0
        assert manager.silent()


def test_activation_by_a_unix_socket(tmp_path):
    path = str(tmp_path / "socket")
    with Activator([("app.socket", path)]) as manager:
        service = manager.start("restart", "1", "2")
        assert pid_of(manager) == service.pid
        service.signal()
        assert service.wait() == 0
        assert os.path.exists(path), "it is the manager's"


def test_sockets_for_somebody_else():
    """LISTEN_PID is not ours: the server opens its own."""
    with Activator() as manager:
        service = manager.start("restart", "0", LISTEN_FDS="0")
        assert manager.told() == "READY=1"
        assert f":{manager.port}" not in service.output()


def test_seed_server_takes_two():
    """The second one by its name, for the admin listener."""
    with Activator([("seed.socket", None), ("admin", None)]) as manager:
        service = manager.start("seed-server", "--mode", "better", "--balanced",
                                "--admin", "1")
        assert manager.told() == "READY=1"
        assert manager.get("/seed/v1").status == 200
        assert manager.get("/readyz").json() == {"status": "ready"}
        manager.port = manager.sockets[1].getsockname()[1]
        assert manager.get("/readyz", host="127.0.0.1").status in (200, 403)
        with manager.connect() as wire:
            wire.request("/healthz", host="localhost")
            assert wire.answer().json()["pid"] == service.pid
        service.signal()
        assert manager.told() == "STOPPING=1"
        assert service.wait() == 0


def test_a_restart_by_the_manager_makes_clients_wait_only():
    """Stop, then start, as `systemctl restart` does with a socket unit: who
    comes meanwhile waits in the queue."""
    lost, answered = [], []
    over = threading.Event()

    def ask():
        while not over.is_set():
            try:
                answered.append(pid_of(manager))
            except Exception as error:  # whatever it is, it is lost
                lost.append(repr(error))

    with Activator() as manager:
        service = manager.start("restart", "1")
        manager.ready()
        clients = [threading.Thread(target=ask, daemon=True)
                   for _ in range(4)]
        for client in clients:
            client.start()
        pids = [service.pid]
        for _ in range(5):
            time.sleep(0.1)
            service.signal()
            assert service.wait() == 0
            service = manager.start("restart", "1")
            manager.ready()
            pids.append(service.pid)
        time.sleep(0.3)
        over.set()
        for client in clients:
            client.join()
        assert not lost
        assert set(answered) == set(pids)


def test_the_successor_is_the_new_main_process():
    with Activator() as manager:
        service = manager.start("restart", "1", "2")
        assert manager.told() == "READY=1"
        service.signal(signal.SIGHUP)
        told = {manager.told(), manager.told()}
        heir = next(int(one.split("=")[1]) for one in told
                    if one.startswith("MAINPID="))
        assert told == {"READY=1", f"MAINPID={heir}"}
        assert service.wait() == 0
        assert manager.silent(), "the old one has nothing to say any more"
        assert pid_of(manager) == heir
        os.kill(heir, signal.SIGTERM)
        assert manager.told() == "STOPPING=1"
        await_gone(heir)


# --- from process to process --------------------------------------------------

def restart(server, pid):
    os.kill(pid, signal.SIGHUP)
    return await_other(server, pid)


def end(pid):
    os.kill(pid, signal.SIGTERM)
    await_gone(pid)


def test_requests_in_flight_stay_with_the_old_process(start):
    server = start("restart", "0")
    pid = pid_of(server)
    with server.connect() as idle:
        assert int(idle.ask("/").text()) == pid
        os.kill(pid, signal.SIGHUP)
        heir = int(server.line(10).split()[0])
        assert parent_of(heir) != pid, "systemd would not wait for it"
        while pid_of(server) != heir or pid_of(server) != heir:
            pass  # until the old one has closed its doors
        answer = idle.ask("/")
        assert (int(answer.text()), answer["Connection"]) == (pid, "close")
    assert await_other(server, pid) == heir
    assert server.process.wait(10 * SLOW) == 0
    end(heir)
    with pytest.raises(OSError):
        server.connect()


def test_a_successor_that_fails_changes_nothing(start, tmp_path):
    """The program is exchanged for one that cannot run."""
    copy = tmp_path / "restart"
    server = start("restart", "0")
    link = program("restart")
    os.symlink(link, copy)
    process = subprocess.Popen([str(copy), "0"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, bufsize=0)
    first = server.port
    server.port = int(process.stdout.readline().split(b":")[-1])
    assert pid_of(server) == process.pid
    os.remove(copy)
    os.symlink("/bin/false", copy)
    for _ in range(2):
        process.send_signal(signal.SIGHUP)
        assert b"there is no successor" in process.stderr.readline()
        assert pid_of(server) == process.pid
    os.remove(copy)
    os.symlink(link, copy)
    heir = restart(server, process.pid)
    assert process.wait(10 * SLOW) == 0
    end(heir)
    process.stdout.close()
    process.stderr.close()
    server.port = first
    assert pid_of(server) == server.process.pid
    server.end()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_twenty_restarts_under_load(start, workers):
    """By wrk, which counts what is cut, refused, or answered otherwise."""
    server = start("restart", "0", workers)
    pid = pid_of(server)
    pids = [pid]
    load = subprocess.Popen(
        ["wrk", "-t1", "-c16", "-d60", f"http://127.0.0.1:{server.port}/"],
        stdout=subprocess.PIPE, text=True)
    try:
        for _ in range(20):
            pid = restart(server, pid)
            pids.append(pid)
        time.sleep(0.1)
    finally:
        load.send_signal(signal.SIGINT)
        report = load.communicate(timeout=20)[0]
    assert len(set(pids)) == 21
    assert int(re.search(r"(\d+) requests in", report)[1]) > 1000 / SLOW
    assert "Socket errors" not in report and "Non-2xx" not in report, report
    assert server.process.wait(10) == 0
    end(pid)


def test_a_socket_that_nobody_keeps_loses_requests(start):
    """That the test above would see it: stop, then start, with nothing in
    between that holds the socket."""
    server = start("restart", "0")
    load = subprocess.Popen(
        ["wrk", "-t1", "-c16", "-d60", f"http://127.0.0.1:{server.port}/"],
        stdout=subprocess.PIPE, text=True)
    time.sleep(0.3)
    server.end()
    second = start("restart", str(server.port))
    time.sleep(0.3)
    load.send_signal(signal.SIGINT)
    report = load.communicate(timeout=20)[0]
    assert "Socket errors: connect" in report, report
    second.end()
