# SPDX-License-Identifier: MIT
"""The small examples do what their first comments say."""
import json
import os
import re
import signal
import subprocess
import tempfile
import time

import pytest
from certs import Authority
from wire import Server, program

JSON = ("Content-Type", "application/json")


class Example(Server):
    """A program that says on stderr where it listens."""

    def __init__(self, name):
        self.process = subprocess.Popen(
            [program(name), "0"], stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        self.said = self.process.stderr
        line = self.said.readline()
        found = re.fullmatch(r"listening on http://localhost:(\d+)\n", line)
        assert found, line
        self.path, self.port = None, int(found[1])


@pytest.fixture
def example():
    servers = []

    def run(name):
        servers.append(Example(name))
        return servers[-1]

    yield run
    for server in servers:
        if server.process.returncode is None:
            server.signal()
            assert server.process.wait(20) == 0


@pytest.mark.parametrize("name", [
    "hello", "json_route", "custom_middleware", "embed_in_loop"])
def test_a_port_in_use(example, name):
    port = str(example("hello").port)
    done = subprocess.run([program(name), port], capture_output=True,
                          text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert port in done.stderr.splitlines()[-1]


def test_hello(example):
    server = example("hello")
    assert server.get("/hello/world").text() == "world"
    assert server.get("/hello/J%C3%B6rg").text() == "J\u00f6rg"
    assert server.get("/hello").status == 404


def test_json_route(example):
    with example("json_route").connect() as wire:
        assert wire.ask("/fruit").json() == [
            {"name": "apple", "grams": 180}, {"name": "pear", "grams": 170}]
        assert wire.ask("/fruit/1").json() == {"name": "apple", "grams": 180}
        for number in ("0", "3", "x", "-1", "99999999999999999999999"):
            answer = wire.ask(f"/fruit/{number}")
            assert answer.status == 404
            assert answer.json()["message"] == f"no fruit has the number \
{number}"

        plum = {"name": 'a "plum"\n\u00e9', "grams": -60}
        answer = wire.ask("/fruit", "POST", fields=[JSON],
                          body=json.dumps(plum).encode())
        assert (answer.status, answer["Location"]) == (201, "/fruit/3")
        assert wire.ask("/fruit/3").json() == plum


@pytest.mark.parametrize("body, status", [
    (b'{"name": "plum"', 400), (b'{"name": "plum"}', 400), (b"[]", 400),
    (b'{"name": 1, "grams": 2}', 400), (b"", 400)])
def test_json_route_refuses(example, body, status):
    with example("json_route").connect() as wire:
        answer = wire.ask("/fruit", "POST", fields=[JSON], body=body)
        assert answer.status == status
        assert len(wire.ask("/fruit").json()) == 2


def test_json_route_is_full(example):
    plum = b'{"name": "plum", "grams": 1}'
    with example("json_route").connect() as wire:
        for number in range(3, 101):
            answer = wire.ask("/fruit", "POST", fields=[JSON], body=plum)
            assert answer["Location"] == f"/fruit/{number}"
        answer = wire.ask("/fruit", "POST", fields=[JSON], body=plum)
        assert answer.status == 507


def test_custom_middleware(example):
    server = example("custom_middleware")
    for fields, status, text in [
            ([], 401, "401: send your key in X-Api-Key\n"),
            ([("X-Api-Key", "salami")], 403, "403: this key opens nothing\n"),
            ([("X-Api-Key", "sesame")], 200, "You are a friend.\n")]:
        with server.connect() as wire:
            answer = wire.ask("/secret", fields=fields)
            assert (answer.status, answer.text()) == (status, text)
        assert re.fullmatch(rf"GET /secret {status} \d+ us\n",
                            server.said.readline())
    assert server.get("/nope").text() == "404: /nope does not exist\n"
    assert server.said.readline().startswith("GET /nope 404 ")


def test_embed_in_loop(example):
    server = example("embed_in_loop")
    with server.connect() as wire:
        first = int(wire.ask("/ticks").text())
        while int(wire.ask("/ticks").text()) < first + 2:
            time.sleep(0.01)  # A connection has 1,000 requests.
        assert wire.ask("/quit", "POST").text() == "bye\n"
        assert wire.closed()
    assert server.process.wait(20) == 0


@pytest.mark.parametrize("flags", [[], ["--lent"]])
def test_echo(start, flags):
    server = start("echo-server", "--port", "0", *flags)
    with server.connect() as wire:
        for path in ("/", "/any/path?x=1"):
            for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
                answer = wire.ask(path, method, body=b"hello\0")
                assert (answer.status, answer.body) == (200, b"hello\0")
        assert wire.ask("/", "HEAD").status == 200
        wire.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked"
                  "\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        assert wire.answer().body == b"abcde"
    with server.connect() as wire:
        assert wire.ask("/", "FOO").status == 501


def test_load(start):
    """The demo's own tool counts what wrk would."""
    server = start("seed-server", "--mode", "fast", "--port", "0")
    with tempfile.NamedTemporaryFile("r") as figures:
        done = subprocess.run(
            [program("load"), "-c", "5", "-d", "1", "-f", figures.name,
             f"http://localhost:{server.port}/seed/v1"],
            capture_output=True, text=True, timeout=20, check=True)
        rows = {line.split()[0]: line.split()[1:] for line in figures}
    counted = int(re.search(r"req/s +(\d+)", done.stdout)[1])
    assert counted > 100
    assert [float(x) for x in rows["requests/s"]] == [counted, 0, counted]
    latency, deviation, most = map(float, rows["latency_ms"])
    assert 0 < latency <= most and deviation >= 0
    # Five connections are never idle: what they wait for is the time.
    assert latency * counted / 1000 == pytest.approx(5, rel=0.3)
    assert int(rows["total"][0]) == counted
    assert int(rows["total"][5]) == pytest.approx(counted * 10200, rel=0.05)
    assert "0 errors, 0 non-2xx" in " ".join(rows["total"])


def test_load_counts_what_fails(start):
    server = start("seed-server", "--mode", "fast", "--port", "0")
    done = subprocess.run(
        [program("load"), "-c", "2", "-d", "1",
         f"http://localhost:{server.port}/nope"],
        capture_output=True, text=True, timeout=20, check=True)
    found = re.search(r"total (\d+) requests .* (\d+) non-2xx", done.stdout)
    assert found[1] == found[2] != "0"


def test_load_without_sockets(start):
    """It says so, where it once went on with no connection at all."""
    server = start("seed-server", "--mode", "fast", "--port", "0")
    done = subprocess.run(
        ["prlimit", "--nofile=12", program("load"), "-c", "50", "-d", "1",
         f"http://localhost:{server.port}/seed/v1"], capture_output=True,
        text=True, timeout=20,  # who looks for leaks wants descriptors, too
        env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
    assert done.returncode == 2 and "cannot connect" in done.stderr, done


def test_tls(tmp_path):
    """Two names, one of which asks for a certificate; a reload on SIGHUP."""
    root = Authority(tmp_path)
    server = root.issue("server")
    inner = root.issue("inner", "DNS:inner.localhost")
    ann = root.issue("ann", None)
    with subprocess.Popen(
            [program("tls"), "0", *server, *inner, root.cert],
            stderr=subprocess.PIPE, text=True) as process:
        found = re.fullmatch(r"listening on https://localhost:(\d+)\n",
                             process.stderr.readline())
        assert found

        def curl(host, *more):
            return subprocess.run(
                ["curl", "-sS", "--cacert", root.cert, "--max-time", "20",
                 "--resolve", f"{host}:{found[1]}:127.0.0.1", *more,
                 f"https://{host}:{found[1]}/"], capture_output=True,
                text=True, timeout=30, check=False)

        assert re.fullmatch(r"TLSv1\.3 \S+ for localhost, client unknown\n",
                            curl("localhost").stdout)
        assert curl("inner.localhost").returncode
        assert "for inner.localhost, client CN=ann\n" in curl(
            "inner.localhost", "--cert", ann[0], "--key", ann[1]).stdout
        process.send_signal(signal.SIGHUP)
        assert curl("localhost").returncode == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def test_tls_without_files():
    with subprocess.Popen([program("tls"), "0"], stderr=subprocess.PIPE,
                          text=True) as process:
        port = process.stderr.readline().rsplit(":", 1)[1].strip()
        done = subprocess.run(
            ["curl", "-ksS", "--max-time", "20", f"https://127.0.0.1:{port}/"],
            capture_output=True, text=True, timeout=30, check=True)
        assert done.stdout.startswith("TLSv1.3 ")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_limits(example):
    server = example("limits")
    with server.connect(timeout=10) as wire:
        answer = wire.ask("/report")
        assert answer.status == 503 and answer["Connection"] == "close"
    assert server.said.readline() == "too late\n"
