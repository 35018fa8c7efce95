# SPDX-License-Identifier: MIT
"""The article's servers: what each mode is on the wire, exactly."""
import re
import subprocess

import pytest
from wire import program

LIKE_RESTIFY = ["slow", "noop", "fixed", "fast"]
COMPACT = rb'\{"data":"[0-9a-f]{10000}","url":"/seed/v1","ts":\d{13}\}'
SPACED = rb'\{"data": "[0-9a-f]{10000}", "url": "/seed/v1", "ts": \d{13}\}'


@pytest.fixture(params=LIKE_RESTIFY)
def server(request, start):
    server = start("seed-server", "--mode", request.param, "--port", "0",
                   "--host", "127.0.0.1")
    server.mode = request.param
    return server


def names(answer):
    return {name for name, _ in answer.fields} - {"Date", "Connection"}


def test_url_line(start):
    server = start("seed-server", "--mode", "fixed", "--port", "0")
    assert re.search(r"http://localhost:\d+", server.url)
    for host in ("127.0.0.1", "::1"):
        assert server.get("/seed/v1", host=host).status == 200


def test_the_answers(server):
    fast = server.mode == "fast"
    want = {"Server", "Cache-Control", "Content-Length"}
    want |= set() if fast else {"Content-Type"}
    with server.connect() as wire:
        first = wire.ask("/seed/v1")
        second = wire.ask("/seed/v1")
    for answer in (first, second):
        assert answer.status == 200
        assert answer["Server"] == "restify"
        assert answer["Cache-Control"] == "public, max-age=120"
        assert answer["Content-Length"] == ("10052" if fast else "10047")
        assert re.fullmatch(SPACED if fast else COMPACT, answer.body)
        assert answer["Content-Type"] == (None if fast else
                                          "application/json")
    # The etagger knows a URL from its first answer on.
    assert names(first) == want
    assert names(second) == want | {"Etag"}
    assert re.fullmatch(r"\d{13}" if fast else r"[0-9a-f]{128}",
                        second["Etag"])
    if fast:
        assert second["Etag"].encode() in second.body


def test_errors_are_those_of_restify(server):
    with server.connect() as wire:
        answer = wire.ask("/seed/v1?x=1")
        assert answer.status == 404
        assert answer.body == b'{"statusCode":404}'
        assert answer["Cache-Control"] == "public, max-age=120"
        assert answer["Content-Type"] == "application/json"
        for path in ("/nope", "/seed/v1/", "/SEED/v1"):
            answer = wire.ask(path)
            assert answer.status == 404
            assert answer["Cache-Control"] is None
            assert answer.json() == {"code": "ResourceNotFound",
                                     "message": f"{path} does not exist"}
        for method in ("POST", "OPTIONS"):
            answer = wire.ask("/seed/v1", method)
            assert (answer.status, answer["Allow"]) == (405, "GET")
            assert answer.json() == {
                "code": "MethodNotAllowed",
                "message": f"{method} is not allowed"}
        answer = wire.ask("/seed/v1", "HEAD")
        assert (answer.status, answer["Allow"]) == (405, "GET")


def test_absolute_target(server):
    with server.connect() as wire:
        answer = wire.ask("http://a/seed/v1")
        assert (answer.status, answer.body) == (404, b'{"statusCode":404}')


def test_malformed_percent_is_400(server):
    assert server.get("/seed/%zz").status == 400


def test_better(start):
    server = start("seed-server", "--mode", "better", "--port", "0",
                   "--host", "127.0.0.1")
    with server.connect() as wire:
        first = wire.ask("/seed/v1")
        assert re.fullmatch(r'"[^"]+"', first["ETag"])
        again = wire.ask("/seed/v1",
                         fields=[("If-None-Match", first["ETag"])])
        assert again.status == 304 and again.body == b""
        head = wire.ask("/seed/v1", "HEAD")
        assert head.status == 200
        assert head["Content-Length"] == str(len(first.body))
        for path in ("/nope", "/seed/v1?x=1"):
            error = wire.ask(path)
            assert error.status == 404
            assert "public" not in (error["Cache-Control"] or "")


def test_the_leak_is_named(start):
    server = start("seed-server", "--mode", "slow", "--no-mute", "--port",
                   "0", "--host", "127.0.0.1")
    with server.connect() as wire:
        for _ in range(30):
            assert wire.ask("/seed/v1").status == 200
    server.end()
    words = server.stderr()
    assert words.count("Warning") == 1, words
    assert "leak" in words and "11" in words


def test_the_leak_is_muted(start):
    server = start("seed-server", "--mode", "slow", "--port", "0",
                   "--host", "127.0.0.1")
    with server.connect() as wire:
        for _ in range(30):
            wire.ask("/seed/v1")
    server.end()
    assert "leak" not in server.stderr()


@pytest.mark.parametrize("flags", [
    ["--mode", "quick"], ["--prot", "1"], ["--port", "x"],
    ["--port", "70000"], ["stray"]])
def test_a_wrong_flag_gets_a_sentence(flags):
    done = subprocess.run([program("seed-server"), *flags],
                          capture_output=True, text=True, timeout=10,
                          check=False)
    assert done.returncode == 2
    assert len(done.stderr.split()) > 3


def test_help():
    done = subprocess.run([program("seed-server"), "--help"],
                          capture_output=True, text=True, timeout=10,
                          check=False)
    assert done.returncode == 0
    for word in ("--mode", "--port", "--host", "--workers", "--no-mute"):
        assert word in done.stdout


@pytest.mark.parametrize("mode", ["fixed", "fast", "better"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_wrk(start, mode, workers):
    server = start("seed-server", "--mode", mode, "--port", "0", "--host",
                   "127.0.0.1", "--workers", workers)
    done = subprocess.run(
        ["wrk", "-t1", "-c100", "-d1s",
         f"http://127.0.0.1:{server.port}/seed/v1"],
        capture_output=True, text=True, check=True)
    assert "Socket errors" not in done.stdout, done.stdout
    assert "Non-2xx" not in done.stdout, done.stdout
