# SPDX-License-Identifier: MIT
"""examples/deploy/haproxy as it stands there, with ports of its own: under
load one server is overloaded, one is killed and comes back, one is restarted,
and the client sees no failed request."""
import csv
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

import pytest
from wire import SLOW, TOP, Server, Wire

CONFIGURATION = os.path.join(TOP, "examples/deploy/haproxy/haproxy.cfg")
SECONDS = 8


def free_ports(count):
    own = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in own]
    for one in own:
        one.close()
    return ports


class Balancer:
    """HAProxy with that configuration; only ports and paths are others."""

    def __init__(self, folder, servers):
        self.path, self.socket = None, str(folder / "stats")
        self.port, = free_ports(1)
        with open(CONFIGURATION, encoding="utf-8") as file:
            text = file.read()
        changes = {"/tmp/haproxy-seed.sock": self.socket,
                   "127.0.0.1:8080": f"127.0.0.1:{self.port}"}
        for index, server in enumerate(servers):
            changes[f"127.0.0.1:{3001 + index}"] = f"127.0.0.1:{server.port}"
        for old, new in changes.items():
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        own = folder / "haproxy.cfg"
        own.write_text(text)
        self.process = subprocess.Popen(["haproxy", "-db", "-f", str(own)],
                                        stderr=subprocess.DEVNULL)

    def statistics(self):
        """Rows by server's name, of the backend's three."""
        with socket.socket(socket.AF_UNIX) as wire:
            wire.connect(self.socket)
            wire.sendall(b"show stat\n")
            text = b""
            while (data := wire.recv(65536)):
                text += data
        rows = csv.DictReader(text.decode().lstrip("# ").splitlines())
        return {row["svname"]: row for row in rows
                if row["pxname"] == "seeds"}

    def wait_for(self, what, holds, seconds=10):
        end = time.monotonic() + seconds * SLOW
        while True:
            try:
                rows = self.statistics()
            except OSError:
                rows = {}
            if rows and holds(rows):
                return rows
            assert time.monotonic() < end, f"{what}: {rows}"
            time.sleep(0.05)

    def get(self, path):
        with Wire(self) as wire:
            return wire.ask(path)

    def end(self):
        self.process.terminate()
        self.process.wait(20)


def seed_server(mode, port=0):
    return Server("seed-server", "--mode", mode, "--balanced", "--host",
                  "127.0.0.1", "--port", str(port))


@pytest.fixture
def folder():
    """Of a short name: HAProxy adds to that of its socket, and a path of a
    Unix socket has 107 bytes."""
    with tempfile.TemporaryDirectory() as name:
        yield pathlib.Path(name)


@pytest.fixture
def cluster(folder):
    """Three servers, of which the first one is the article's slow one."""
    servers = [seed_server(mode) for mode in ("slow", "better", "better")]
    balancer = Balancer(folder, servers)
    try:
        balancer.wait_for("all are up", lambda rows: all(
            rows[f"seed{n}"]["status"] == "UP" for n in (1, 2, 3)))
        yield balancer, servers
    finally:
        balancer.end()
        for server in servers:
            if server.process.poll() is None:
                server.process.kill()
            server.process.communicate()


def load(port, path="/seed/v1"):
    return subprocess.Popen(
        ["h2load", "--h1", "-t1", "-c8", f"-D{SECONDS}",
         f"http://127.0.0.1:{port}{path}"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def numbers(report):
    found = re.search(r"(\d+) done, (\d+) succeeded, (\d+) failed, "
                      r"(\d+) errored, (\d+) timeout", report)
    assert found, report
    return [int(number) for number in found.groups()]


def check(report):
    done, good, failed, errored, timeout = numbers(report)
    assert (failed, errored, timeout) == (0, 0, 0), report
    assert done == good and done > 200, report
    return done


def kill_and_start(balancer, servers, index):
    servers[index].signal(signal.SIGKILL)
    servers[index].process.communicate()
    name = f"seed{index + 1}"
    balancer.wait_for("it is down", lambda rows:
                      rows[name]["status"].startswith("DOWN"))
    servers[index] = seed_server("better", servers[index].port)
    balancer.wait_for("it is back", lambda rows: rows[name]["status"] == "UP")


def restart(balancer, servers, index):
    """As a deployment without passed sockets does: the port is closed for a
    moment."""
    assert servers[index].process.poll() is None
    servers[index].end()
    time.sleep(0.3)
    servers[index] = seed_server("better", servers[index].port)
    name = f"seed{index + 1}"
    balancer.wait_for("it is back", lambda rows: rows[name]["status"] == "UP")


def test_one_overloaded_one_killed_one_restarted(cluster):
    balancer, servers = cluster
    client = load(balancer.port)
    crowd = subprocess.Popen(
        ["wrk", "-t1", "-c60", f"-d{SECONDS}",
         f"http://127.0.0.1:{servers[0].port}/seed/v1"],
        stdout=subprocess.PIPE, text=True)
    time.sleep(0.5)
    kill_and_start(balancer, servers, 1)
    restart(balancer, servers, 2)
    report = client.communicate(timeout=60)[0]
    crowded = crowd.communicate(timeout=60)[0]

    rows = balancer.statistics()
    check(report + "".join(
        f"\n{name}: " + ", ".join(f"{key} {row[key]}" for key in (
            "econ", "eresp", "wretr", "wredis", "hrsp_5xx"))
        for name, row in rows.items()))
    for name in ("seed1", "seed2", "seed3"):
        assert int(rows[name]["hrsp_2xx"]) > 0, rows[name]
    assert "Non-2xx" in crowded, "it was not overloaded: " + crowded
    retries = sum(int(rows[name]["wretr"]) + int(rows[name]["wredis"])
                  for name in rows)
    assert retries > 0, "nothing was sent elsewhere"


def test_without_retries_the_client_would_see_it(cluster, folder):
    """That the test above could fail."""
    balancer, servers = cluster
    balancer.end()
    own = folder / "haproxy.cfg"
    text = own.read_text()
    own.write_text(re.sub(r".*(retry-on|retries|redispatch).*\n", "", text)
                   .replace("timeout queue 5s", "retries 0"))
    balancer.process = subprocess.Popen(["haproxy", "-db", "-f", str(own)],
                                        stderr=subprocess.DEVNULL)
    balancer.wait_for("all are up", lambda rows: all(
        rows[f"seed{n}"]["status"] == "UP" for n in (1, 2, 3)))
    client = load(balancer.port)
    for index in (1, 2):
        time.sleep(0.3)
        kill_and_start(balancer, servers, index)
    done, good, *_ = numbers(client.communicate(timeout=60)[0])
    assert good < done


def test_a_server_that_is_not_ready_gets_nothing(cluster):
    """Drained, and so refusing connections: the other two have all of it."""
    balancer, servers = cluster
    servers[1].end()
    balancer.wait_for("it is down", lambda rows:
                      rows["seed2"]["status"].startswith("DOWN"))
    before = int(balancer.statistics()["seed2"]["stot"])
    assert all(balancer.get("/seed/v1").status == 200 for _ in range(50))
    assert int(balancer.statistics()["seed2"]["stot"]) == before
