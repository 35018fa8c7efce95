# SPDX-License-Identifier: MIT
"""The seed server on the wire: what the article's servers answer, row by row
and byte by byte, and what mode better answers instead."""
import hashlib
import os
import re
import signal
import subprocess
import time

import pytest
from certs import Authority
from wire import SLOW, TOP, Server, program

ARTICLE = ["slow", "noop", "fixed", "fast"]
ALL = ARTICLE + ["better"]
CACHED = "public, max-age=120"
COMPACT = re.compile(rb'\{"data":"([0-9a-f]{10000})","url":"/seed/v1",'
                     rb'"ts":(\d{13})\}')
SPACED = re.compile(rb'\{"data": "([0-9a-f]{10000})", "url": "/seed/v1", '
                    rb'"ts": (\d{13})\}')
FREE = {"Date", "Connection"}


def flags_of(mode, *flags):
    return ("seed-server", "--mode", mode, "--port", "0", *flags)


@pytest.fixture
def seed(start):
    """Starts a seed server of a test's own."""
    return lambda *flags: start(*flags_of(*flags))


@pytest.fixture(scope="module")
def running():
    """One server a mode, for tests that leave nothing behind."""
    servers = {}

    def find(mode):
        if mode not in servers:
            servers[mode] = Server(*flags_of(mode))
        return servers[mode]

    yield find
    for server in servers.values():
        server.end()


def fields_of(answer):
    """The fields that count; each must be there once."""
    fields = [(name, value) for name, value in answer.fields
              if name not in FREE]
    assert len(fields) == len(dict(fields)), f"a field twice: {fields}"
    return dict(fields)


def ts_of(answer):
    return re.search(rb'"ts": ?(\d+)', answer.body)[1].decode()


def digest(answer):
    return hashlib.sha512(answer.body).hexdigest()


# --- the resource -----------------------------------------------------------

@pytest.mark.parametrize("mode", ["slow", "noop", "fixed"])
def test_first_answer(seed, mode):
    answer = seed(mode).get("/seed/v1")
    assert (answer.status, answer.reason) == (200, "OK")
    assert COMPACT.fullmatch(answer.body) and len(answer.body) == 10047
    assert fields_of(answer) == {
        "Server": "restify", "Cache-Control": CACHED,
        "Content-Type": "application/json", "Content-Length": "10047"}


def test_first_answer_of_fast(seed):
    answer = seed("fast").get("/seed/v1")
    assert (answer.status, answer.reason) == (200, "OK")
    assert SPACED.fullmatch(answer.body) and len(answer.body) == 10052
    assert fields_of(answer) == {
        "Server": "restify", "Cache-Control": CACHED,
        "Content-Length": "10052"}


@pytest.mark.parametrize("mode", ["slow", "fixed"])
def test_later_answers_have_the_digest_of_the_bytes(seed, mode):
    with seed(mode).connect() as wire:
        first = wire.ask("/seed/v1")
        for _ in range(3):
            answer = wire.ask("/seed/v1")
            assert fields_of(answer) == {
                "Server": "restify", "Cache-Control": CACHED,
                "Etag": digest(first), "Content-Type": "application/json",
                "Content-Length": "10047"}
            assert answer.body == first.body


def test_later_answers_of_fast_have_the_timestamp(seed):
    with seed("fast").connect() as wire:
        first = wire.ask("/seed/v1")
        for _ in range(3):
            answer = wire.ask("/seed/v1")
            assert fields_of(answer) == {
                "Server": "restify", "Cache-Control": CACHED,
                "Etag": ts_of(first), "Content-Length": "10052"}
            assert answer.body == first.body


def test_noop_never_has_an_etag(running):
    with running("noop").connect() as wire:
        assert all(wire.ask("/seed/v1")["Etag"] is None for _ in range(5))


@pytest.mark.parametrize("mode", ARTICLE)
@pytest.mark.parametrize("fields", [
    [("Accept", "text/plain")], [("Accept", "image/png")],
    [("If-None-Match", "*")], [("Cache-Control", "no-cache")]])
def test_no_field_changes_the_answer(running, mode, fields):
    with running(mode).connect() as wire:
        wire.ask("/seed/v1")
        plain = wire.ask("/seed/v1")
        answer = wire.ask("/seed/v1", fields=fields)
        assert answer.status == 200
        assert fields_of(answer) == fields_of(plain)
        assert answer.body == plain.body


def test_two_processes_have_different_content(seed):
    bodies = {seed("fast").get("/seed/v1").body[:1000] for _ in range(3)}
    assert len(bodies) == 3


# --- what the article does not show -----------------------------------------

JSON = {"Server": "restify", "Content-Type": "application/json"}


@pytest.mark.parametrize("mode", ARTICLE)
@pytest.mark.parametrize("target", [
    "/seed/v1?x=1", "http://a/seed/v1", "/seed/%761"])
def test_a_route_without_content(running, mode, target):
    with running(mode).connect() as wire:
        for _ in range(2):
            answer = wire.ask(target)
            assert answer.status == 404
            assert answer.body == b'{"statusCode":404}'
            assert fields_of(answer) == {
                **JSON, "Cache-Control": CACHED, "Content-Length": "18"}


@pytest.mark.parametrize("mode", ARTICLE)
@pytest.mark.parametrize("target", [
    "/nope", "/seed/v1/", "/SEED/v1", "/nope?x=1"])
def test_no_route(running, mode, target):
    answer = running(mode).get(target)
    body = ('{"code":"ResourceNotFound","message":"%s does not exist"}'
            % target.split("?")[0]).encode()
    assert (answer.status, answer.body) == (404, body)
    assert fields_of(answer) == {**JSON, "Content-Length": str(len(body))}


@pytest.mark.parametrize("mode", ARTICLE)
@pytest.mark.parametrize("method", ["POST", "OPTIONS", "PUT", "DELETE"])
def test_no_such_method(running, mode, method):
    with running(mode).connect() as wire:
        answer = wire.ask("/seed/v1", method)
    body = ('{"code":"MethodNotAllowed","message":"%s is not allowed"}'
            % method).encode()
    assert (answer.status, answer.body) == (405, body)
    assert fields_of(answer) == {
        **JSON, "Allow": "GET", "Content-Length": str(len(body))}


@pytest.mark.parametrize("mode", ARTICLE)
def test_head_is_not_implied(running, mode):
    """405 with Allow and nothing more; the connection goes on."""
    with running(mode).connect() as wire:
        answer = wire.ask("/seed/v1", "HEAD")
        assert answer.status == 405
        assert fields_of(answer) == {"Server": "restify", "Allow": "GET"}
        assert wire.ask("/seed/v1").status == 200


@pytest.mark.parametrize("mode", ALL)
def test_a_malformed_percent_is_refused(running, mode):
    """The original has a 404; libseed refuses what it cannot decode."""
    assert running(mode).get("/seed/%zz").status == 400


@pytest.mark.parametrize("mode", ALL)
def test_an_unknown_method_is_refused(running, mode):
    with running(mode).connect() as wire:
        assert wire.ask("/seed/v1", "FOO").status == 501


@pytest.mark.parametrize("mode", ALL)
def test_http_1_0(running, mode):
    with running(mode).connect() as wire:
        answer = wire.ask("/seed/v1", version="1.0")
        assert answer.status == 200 and len(answer.body) > 10000
        assert wire.closed()


# --- the timestamp ----------------------------------------------------------

@pytest.mark.parametrize("mode", ["slow", "fixed", "fast"])
def test_the_etag_is_that_of_the_answer_before(seed, mode):
    """So that the first answer with a new timestamp has a stale one."""
    tag_of = ts_of if mode == "fast" else digest
    stamps = set()
    with seed(mode, "--minute", "40").connect() as wire:
        before = wire.ask("/seed/v1")
        while len(stamps) < 4:
            time.sleep(0.001)  # A connection has 1,000 requests.
            answer = wire.ask("/seed/v1")
            stamps.add(ts_of(answer))
            assert answer["Etag"] == tag_of(before)
            before = answer
    stamps = sorted(map(int, stamps))
    assert all(b - a >= 40 for a, b in zip(stamps, stamps[1:]))


@pytest.mark.parametrize("mode", ALL)
def test_the_timestamp_stays(running, mode):
    with running(mode).connect() as wire:
        assert len({ts_of(wire.ask("/seed/v1")) for _ in range(20)}) == 1


# --- the leak ---------------------------------------------------------------

def ask_often(server, times):
    with server.connect() as wire:
        for _ in range(times):
            assert wire.ask("/seed/v1").status == 200


MUTED = (r"HookLeakWarning: store_etag was added to the after hooks "
         r"(\d+) times in \1 requests, at (\S+):(\d+), the last while "
         r"running etagger\.")
TOLD = (r"MaxListenersExceededWarning: .* (\d+) after hooks added to the "
        r"server, \1 of them store_etag at (\S+):(\d+), the last while "
        r"running etagger,")


@pytest.mark.parametrize("mode", ["slow", "noop"])
@pytest.mark.parametrize("flags, words", [([], MUTED), (["--no-mute"], TOLD)])
def test_the_leak_is_told(seed, mode, flags, words):
    server = seed(mode, *flags)
    ask_often(server, 10)
    assert server.stderr() == ""
    ask_often(server, 20)
    warnings = [line for line in server.stderr().splitlines()
                if "Warning: " in line]
    assert len(warnings) == 2, "at 11 and at 16, not for each"
    found = [re.search(words, line) for line in warnings]
    assert all(found), warnings
    assert [match[1] for match in found] == ["11", "16"]
    assert found[0][2] == f"examples/seed-server/{mode}.c"
    with open(os.path.join(TOP, found[0][2]), encoding="utf-8") as source:
        line = source.read().splitlines()[int(found[0][3]) - 1]
    assert "seed_after(server, store_etag" in line


@pytest.mark.parametrize("mode", ["fixed", "fast", "better"])
@pytest.mark.parametrize("flags", [[], ["--no-mute"]])
def test_nothing_is_told(seed, mode, flags):
    server = seed(mode, *flags)
    ask_often(server, 30)
    assert server.end() == "" and server.stderr() == ""


# --- better -----------------------------------------------------------------

def test_better(running):
    with running("better").connect() as wire:
        first = wire.ask("/seed/v1")
        assert first.status == 200 and COMPACT.fullmatch(first.body)
        assert fields_of(first) == {
            "Server": "libseed", "Cache-Control": CACHED,
            "ETag": first["ETag"], "Content-Type": "application/json",
            "Content-Length": "10047"}
        assert re.fullmatch(r'"[!#-~]+"', first["ETag"]), "strong, quoted"
        again = wire.ask("/seed/v1")
        assert (again["ETag"], again.body) == (first["ETag"], first.body)


@pytest.mark.parametrize("name, value, status", [
    ("If-None-Match", "%s", 304), ("If-None-Match", '"other", %s', 304),
    ("If-None-Match", "W/%s", 304), ("If-None-Match", "*", 304),
    ("If-None-Match", '"other"', 200), ("If-Match", "%s", 200),
    ("If-Match", '"other"', 412)])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_better_conditions(running, name, value, status, method):
    with running("better").connect() as wire:
        first = wire.ask("/seed/v1")
        value = value.replace("%s", first["ETag"])
        answer = wire.ask("/seed/v1", method, fields=[(name, value)])
        assert answer.status == status
        if status == 304:
            assert answer["ETag"] == first["ETag"] and answer.body == b""
            assert answer["Cache-Control"] == CACHED
        if status == 412:
            assert answer["Cache-Control"] == "no-store"
        assert wire.ask("/seed/v1").body == first.body


def test_better_head(running):
    with running("better").connect() as wire:
        get, head = wire.ask("/seed/v1"), wire.ask("/seed/v1", "HEAD")
        assert head.status == 200 and fields_of(head) == fields_of(get)
        assert wire.ask("/seed/v1").status == 200


@pytest.mark.parametrize("target, method, status", [
    ("/seed/v1?x=1", "GET", 404), ("/nope", "GET", 404),
    ("/seed/v1", "POST", 405)])
def test_better_errors_are_not_cached(running, target, method, status):
    with running("better").connect() as wire:
        answer = wire.ask(target, method)
    assert answer.status == status
    assert answer["Cache-Control"] == "no-store"
    assert set(answer.json()) == {"code", "message"}


def test_better_absolute_target(running):
    with running("better").connect() as wire:
        assert wire.ask("http://a/seed/v1").status == 200


def test_better_etag_is_the_answers_own(seed):
    """One tag, one body; the tag moves with the timestamp."""
    bodies = {}
    with seed("better", "--minute", "40").connect() as wire:
        while len(bodies) < 4:
            time.sleep(0.001)
            answer = wire.ask("/seed/v1")
            body = bodies.setdefault(answer["ETag"], answer.body)
            assert body == answer.body and ts_of(answer) in answer["ETag"]


def test_two_processes_of_better_have_different_tags(seed):
    tags = {seed("better").get("/seed/v1")["ETag"].split("-")[0]
            for _ in range(3)}
    assert len(tags) == 3


# --- flags ------------------------------------------------------------------

def run(*flags):
    done = subprocess.run([program("seed-server"), *flags], timeout=20,
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("flags, sentence", [
    ("", "say with --mode which server you want"),
    ("--mode slower", 'there is no mode "slower"'),
    ("--mode", "--mode needs a value"),
    ("--moed slow", "there is no flag --moed"),
    ("-x", "there is no flag -x"),
    ("--mode slow 3000", '"3000" is not a flag'),
    ("--mode slow --port 65536",
     '--port is a number from 0 to 65535, not "65536"'),
    ("--mode slow --port -1",
     '--port is a number from 0 to 65535, not "-1"'),
    ("--mode slow --port=", '--port is a number from 0 to 65535, not ""'),
    ("--mode=slow --port=30oo",
     '--port is a number from 0 to 65535, not "30oo"'),
    ("--mode slow --workers 0",
     '--workers is a number from 1 to 256, not "0"'),
    ("--mode slow --no-mute=1", "--no-mute takes no value")])
def test_a_wrong_flag(flags, sentence):
    assert run(*flags.split()) == (
        2, "", f"seed-server: {sentence}; see --help\n")


def test_help():
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    assert all(f"--mode {mode}" in out for mode in ALL)
    assert all(flag in out for flag in
               ("--port", "--host", "--workers", "--no-mute", "--help"))
    assert all(len(line) <= 80 for line in out.splitlines())


def test_a_port_in_use(running):
    port = str(running("fast").port)
    code, out, err = run("--mode", "fast", "--port", port)
    assert (code, out) == (1, "")
    assert port in err and err.count("\n") == 1


def test_an_address_that_is_none():
    code, out, err = run("--mode", "fast", "--host", "no such host")
    assert (code, out) == (1, "") and "no such host" in err


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_localhost_is_both_loopbacks(running, host):
    assert running("fast").url.endswith(
        f"http://localhost:{running('fast').port}")
    assert running("fast").get("/seed/v1", host=host).status == 200


@pytest.mark.parametrize("mode", ALL)
def test_workers(seed, mode):
    """Whichever worker answers, the body is the same."""
    server = seed(mode, "--workers", "3")
    bodies = set()
    for _ in range(12):
        with server.connect() as wire:
            bodies |= {wire.ask("/seed/v1").body for _ in range(2)}
    assert len(bodies) == 1
    server.end()


# --- under load, and clients that go away -----------------------------------

@pytest.mark.parametrize("mode", ["fixed", "fast", "better"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_load(seed, mode, workers):
    server = seed(mode, "--workers", workers)
    done = subprocess.run(
        ["wrk", "-t1", "-c100", "-d1s",
         f"http://127.0.0.1:{server.port}/seed/v1"],
        capture_output=True, text=True, check=True)
    assert "Socket errors" not in done.stdout, done.stdout
    assert "Non-2xx" not in done.stdout, done.stdout
    server.end()


@pytest.mark.parametrize("mode", ALL)
def test_clients_that_vanish(seed, mode):
    server = seed(mode)
    for _ in range(30):
        wire = server.connect()
        wire.request("/seed/v1")
        wire.reset()
    with server.connect() as wire:
        for _ in range(5):
            wire.request("/seed/v1")
        assert [wire.answer().status for _ in range(5)] == [200] * 5
    server.end()


def test_a_client_that_half_closes(running):
    with running("fixed").connect() as wire:
        wire.request("/seed/v1")
        wire.half_close()
        assert wire.answer().status == 200
        assert wire.closed()


def curl(server, path, *flags):
    done = subprocess.run(
        ["curl", "-sSi", "--max-time", "20", *flags,
         f"https://localhost:{server.port}{path}"], capture_output=True,
        timeout=30, check=True)
    return done.stdout


def test_tls_selfsigned(seed):
    server = seed("fast", "--tls-selfsigned")
    assert server.url.endswith(f"https://localhost:{server.port}")
    answer = curl(server, "/seed/v1", "-k")
    assert answer.startswith(b"HTTP/1.1 200 ")
    body = answer.split(b"\r\n\r\n")[1]
    assert SPACED.fullmatch(body) or COMPACT.fullmatch(body)


def test_tls_by_files_that_are_read_again(seed, tmp_path):
    root = Authority(tmp_path)
    cert, key = root.issue("server")
    server = seed("better", "--tls", cert, key)
    assert b" 200 " in curl(server, "/seed/v1", "--cacert", root.cert)
    root.issue("server")
    server.signal(signal.SIGHUP)
    assert b" 200 " in curl(server, "/seed/v1", "--cacert", root.cert)
    assert server.stderr() == ""
    os.unlink(key)
    server.signal(signal.SIGHUP)
    wait_for_line(server)
    assert b" 200 " in curl(server, "/seed/v1", "--cacert", root.cert)
    said = server.stderr().splitlines()
    assert len(said) == 1 and "TLS is not reloaded" in said[0], said


def wait_for_line(server):
    end = time.monotonic() + 10 * SLOW
    while not server.stderr():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("flags,sentence", [
    (["--tls"], "--tls needs a value"),
    (["--tls", "cert"], "--tls needs two values, certificate and key"),
    (["--tls", "a", "b", "--tls-selfsigned"],
     "--tls and --tls-selfsigned exclude each other")])
def test_tls_flags(flags, sentence):
    done = subprocess.run([program("seed-server"), "--mode", "fast", *flags],
                          capture_output=True, text=True, timeout=20,
                          check=False)
    assert done.returncode == 2 and sentence in done.stderr
