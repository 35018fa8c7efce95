# SPDX-License-Identifier: MIT
"""Real clients: curl, Python's own, and wrk."""
import http.client
import re
import subprocess

import pytest


def curl(server, path, *flags, stdin=None):
    done = subprocess.run(
        ["curl", "-sS", "-m", "20", *flags,
         f"http://127.0.0.1:{server.port}{path}"],
        input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_curl_gets(plain):
    assert curl(plain, "/text") == b"hello"
    assert curl(plain, "/text", "--http1.0") == b"hello"
    assert b"200 OK" in curl(plain, "/text", "-I")


def test_curl_posts(plain):
    assert curl(plain, "/echo", "-d", "a=b") == b"a=b"
    assert curl(plain, "/echo", "-X", "PUT", "-T", "-",
                stdin=b"streamed" * 10000) == b"streamed" * 10000


def test_curl_waits_for_continue(plain):
    """curl asks for leave when a body is 1 MiB."""
    body = b"x" * (1 << 20)
    assert curl(plain, "/echo", "-H", "Expect: 100-continue",
                "--expect100-timeout", "15", "--data-binary", "@-",
                stdin=body) == body


def test_curl_sees_413(plain):
    out = curl(plain, "/echo", "-o", "/dev/null", "-w", "%{http_code}",
               "--data-binary", "@-", stdin=b"x" * (4 << 20))
    assert out == b"413"


def test_curl_keeps_the_connection(plain):
    url = f"http://127.0.0.1:{plain.port}/text"
    done = subprocess.run(["curl", "-sSv", url, url, url],
                          capture_output=True, text=True, check=True)
    assert done.stdout == "hello" * 3
    assert len(re.findall("Re-using existing connection", done.stderr)) == 2


def test_python_client(plain):
    client = http.client.HTTPConnection("127.0.0.1", plain.port, timeout=10)
    for path, want in [("/text", b"hello"), ("/many/100000", b"x" * 100000)]:
        client.request("GET", path)
        assert client.getresponse().read() == want
    client.request("POST", "/echo", body=iter([b"one", b"two"]),
                   encode_chunked=True,
                   headers={"Transfer-Encoding": "chunked"})
    assert client.getresponse().read() == b"onetwo"
    client.close()


@pytest.mark.parametrize("path", ["/text", "/many/10000", "/value"])
def test_wrk(plain, path):
    done = subprocess.run(
        ["wrk", "-t1", "-c50", "-d1s",
         f"http://127.0.0.1:{plain.port}{path}"],
        capture_output=True, text=True, check=True)
    assert "Socket errors" not in done.stdout, done.stdout
    assert "Non-2xx" not in done.stdout, done.stdout
    assert int(re.search(r"(\d+) requests in", done.stdout)[1]) > 100
