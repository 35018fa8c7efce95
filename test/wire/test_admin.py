# SPDX-License-Identifier: MIT
"""The admin listener: a server of its own, that answers while the loop that
it tells of is blocked."""
import json
import os
import shutil
import signal
import subprocess
import time
from types import SimpleNamespace

import pytest

from wire import SLOW, Wire, program

PAGE = [("Accept", "text/html,*/*;q=0.8")]


class Admin:
    """The admin listener of a server, by the second line it printed."""

    def __init__(self, server):
        self.url = server.line(20)
        self.place = SimpleNamespace(
            path=self.url[5:] if self.url.startswith("unix:") else None,
            port=int(self.url.rsplit(":", 1)[1])
            if self.url.startswith("http") else 0)

    def ask(self, path, method="GET", fields=(), host="localhost"):
        with Wire(self.place) as wire:
            return wire.ask(path, method, fields=fields, host=host)


@pytest.fixture
def watched(start):
    def start_one(*flags):
        server = start("watched", *flags)
        return server, Admin(server)
    return start_one


def wait_until_blocked(admin):
    end = time.monotonic() + 5 * SLOW
    while True:
        loops = admin.ask("/healthz").json()["loops"]
        if any(loop["busyMs"] >= 50 for loop in loops):
            return
        assert time.monotonic() < end, loops
        time.sleep(0.01)


def test_it_answers_while_the_loop_is_blocked(watched):
    server, admin = watched()
    with server.connect(timeout=30) as wire:
        wire.request("/block/hard")
        wait_until_blocked(admin)
        with server.connect(timeout=0.2) as other:
            other.request("/counts")
            with pytest.raises(TimeoutError):
                other.answer()
        assert admin.ask("/healthz").json()["status"] == "ok"
        assert admin.ask("/healthz?busy=60000").status == 200
        assert admin.ask("/healthz?busy=soon").status == 200
        stuck = admin.ask("/healthz?busy=40")
        assert (stuck.status, stuck.json()["status"]) == (503, "stuck")
        assert admin.ask("/readyz").status == 200
        metrics = admin.ask("/metrics")
        assert metrics.status == 200
        age = [line for line in metrics.text().splitlines()
               if line.startswith("seed_loop_turn_age_seconds")]
        assert float(age[0].split()[1]) >= 0.05, age
        assert admin.ask("/routes").status == 200
        assert admin.ask("/ledger").status == 200
        assert admin.ask("/release", "POST").status == 200
        assert wire.answer().text() == "released"
    # A request is counted when it is over, which is after its client knows.
    counted = ('seed_requests_total{route="/block/:how",method="GET",'
               'status="2xx"} 1\n')
    end = time.monotonic() + 5 * SLOW
    while counted not in admin.ask("/metrics").text():
        assert time.monotonic() < end


def test_it_is_not_ready_while_draining(watched):
    server, admin = watched()
    assert admin.ask("/readyz").json() == {"status": "ready"}
    with server.connect(timeout=30) as wire:
        wire.request("/wait")
        server.wait_for("the request", lambda counts: counts["begun"] >= 2)
        server.signal(signal.SIGTERM)
        end = time.monotonic() + 5 * SLOW
        while (answer := admin.ask("/readyz")).status == 200:
            assert time.monotonic() < end
            time.sleep(0.01)
        assert answer.status == 503
        assert answer.json() == {"status": "draining"}
        assert admin.ask("/healthz").status == 200
        admin.ask("/release", "POST")
        assert wire.answer().text() == "released"
    server.process.wait(10 * SLOW)
    server.end()
    assert not server.stderr()


def test_a_blocked_loop_does_not_hear_the_signal(watched):
    server, admin = watched()
    with server.connect(timeout=30) as wire:
        wire.request("/block/hard")
        wait_until_blocked(admin)
        server.signal(signal.SIGTERM)
        assert admin.ask("/healthz").status == 200
        admin.ask("/release", "POST")
        assert wire.answer().text() == "released"
    server.process.wait(10 * SLOW)
    server.end()


def test_it_never_delays_the_stop(watched):
    server, admin = watched()
    with Wire(admin.place) as idle, Wire(admin.place) as half:
        assert idle.ask("/healthz", host="localhost").status == 200
        half.send("GET /healthz HTTP/1.1\r\nHost: local")
        begun = time.monotonic()
        server.end()
        assert time.monotonic() - begun < 2 * SLOW


# --- who may ask ------------------------------------------------------------

TOKEN = "open-sesame"


@pytest.mark.parametrize("address", ["localhost:0", "*:0"])
def test_the_token(watched, address):
    _, admin = watched("--admin", address, "--token", TOKEN)
    for path in ("/", "/healthz", "/metrics", "/nowhere"):
        answer = admin.ask(path)
        assert answer.status == 401, path
        assert answer["WWW-Authenticate"] == 'Bearer realm="admin"'
    assert admin.ask("/healthz", fields=[
        ("Authorization", f"Bearer {TOKEN}x")]).status == 401
    assert admin.ask("/healthz", host="any.example", fields=[
        ("Authorization", f"Bearer {TOKEN}")]).status == 200


def run(name, *flags):
    done = subprocess.run([program(name), *flags], timeout=20,
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("address, sentence", [
    ("*:0", "could be reached by anybody: give it a token"),
    ("0.0.0.0:0", "could be reached by anybody: give it a token"),
    ("[::]:0", "could be reached by anybody: give it a token"),
    ("here", 'cannot be at "here"'),
    ("unix:/nowhere/at/all", "/nowhere/at/all")])
def test_a_refused_address(address, sentence):
    code, err = run("watched", "--admin", address)
    assert code == 1 and sentence in err


def test_an_address_that_is_taken(watched):
    server, _ = watched()
    code, err = run("watched", "--admin", f"127.0.0.1:{server.port}")
    assert code == 1 and "The admin listener: " in err
    assert "in use" in err


def test_a_name_that_points_here(watched):
    """DNS rebinding: the browser of a visitor says the name it was given."""
    _, admin = watched()
    assert admin.ask("/metrics", host="evil.example").status == 403
    assert admin.ask("/metrics", host="127.0.0.1").status == 200


def test_a_unix_socket(watched, tmp_path):
    path = str(tmp_path / "admin")
    server, admin = watched("--admin", f"unix:{path}")
    assert admin.url == f"unix:{path}"
    assert admin.ask("/healthz", host="whatever").status == 200
    server.end()
    assert not os.path.exists(path)


# --- what it tells ----------------------------------------------------------

def test_routes(watched):
    _, admin = watched()
    told = admin.ask("/routes").json()
    block = next(route for route in told["routes"]
                 if route["pattern"] == "/block/:how")
    assert (block["method"], block["name"]) == ("GET", "block")
    handler, = block["handlers"]
    assert handler["function"] == "block"
    with open(handler["file"], encoding="utf-8") as source:
        assert "block, NULL)" in source.read().splitlines()[
            handler["line"] - 1]
    assert {"after", "listen", "stop"} <= {
        other["kind"] for other in told["others"]}

    page = admin.ask("/routes", fields=PAGE)
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert "<code>/block/:how</code>" in page.text()


def test_the_ledger(watched):
    server, admin = watched()
    for _ in range(3):
        server.get("/counts")
    rows = admin.ask("/ledger").json()["rows"]
    row, = [row for row in rows if row["function"] == "tell_counts"]
    assert row["calls"] == 3
    assert "tell_counts" in admin.ask("/ledger", fields=PAGE).text()


def test_the_index(watched):
    server, admin = watched()
    told = admin.ask("/").json()
    assert told["server"] == server.url
    assert told["pid"] == server.process.pid
    page = admin.ask("/", fields=PAGE).text()
    for path in ("/healthz", "/readyz", "/metrics", "/routes", "/ledger"):
        assert path in told["paths"] and f'href="{path}"' in page
        assert admin.ask(path).status == 200


if shutil.which("promtool"):
    def test_promtool(watched):
        server, admin = watched()
        server.get("/counts")
        server.get("/nowhere")
        done = subprocess.run(["promtool", "check", "metrics"], timeout=30,
                              input=admin.ask("/metrics").text(),
                              capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


# --- the seed server --------------------------------------------------------

def test_the_seed_server_is_watched(start, tmp_path):
    log = tmp_path / "log"
    server = start("seed-server", "--mode", "fast", "--port", "0",
                   "--admin", "localhost:0", "--log", str(log))
    line = server.line(5)
    assert line.startswith("admin on http://localhost:")
    admin = Admin(SimpleNamespace(line=lambda _: line[9:]))
    for _ in range(5):
        assert server.get("/seed/v1").status == 200
    rows = admin.ask("/ledger").json()["rows"]
    assert [row["calls"] for row in rows if row["kind"] == "route"] == [5]
    server.end()
    lines = [json.loads(text) for text in log.read_text().splitlines()]
    assert [line["msg"] for line in lines] == ["request completed"] * 5


def test_the_leak_is_logged(start, tmp_path):
    log = tmp_path / "log"
    server = start("seed-server", "--mode", "slow", "--port", "0",
                   "--log", str(log))
    with server.connect() as wire:
        for _ in range(30):
            assert wire.ask("/seed/v1").status == 200
    server.end()
    lines = [json.loads(text) for text in log.read_text().splitlines()]
    warned = [line["msg"] for line in lines if line["level"] == 40
              and "HookLeakWarning: store_etag" in line["msg"]]
    assert len(warned) == 2 and "slow.c:" in warned[0]
    assert warned[0] in server.stderr()


def test_the_environment(start, tmp_path, monkeypatch):
    log = tmp_path / "log"
    monkeypatch.setenv("SEED_LOG", str(log))
    monkeypatch.setenv("SEED_ADMIN", f"unix:{tmp_path}/admin")
    server = start("seed-server", "--mode", "fast", "--port", "0")
    assert server.get("/seed/v1").status == 200
    with Wire(SimpleNamespace(path=f"{tmp_path}/admin", port=0)) as wire:
        assert wire.ask("/readyz").status == 200
    server.end()
    assert '"msg":"request completed"' in log.read_text()
