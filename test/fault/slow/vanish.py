# SPDX-License-Identifier: MIT
"""Run by test_system.py in a network of its own, whose other end is that of a
server. Clients talk to it over one link, a probe over another; then the first
link goes down, and with it every client, without a word to the server.

    vanish.py SERVER [FLAG ...]"""
import json
import socket
import subprocess
import sys
import time

CLIENTS = 10
HEAD = b" HTTP/1.1\r\nHost: a\r\n"
DOING = {
    "idle": b"GET /quick" + HEAD + b"\r\n",
    "head": b"GET /quick" + HEAD,
    "body": b"POST /upload" + HEAD + b"Content-Length: 100\r\n\r\nhalf",
    "reading": b"GET /flood/1000" + HEAD + b"\r\n",
    "silent": b"",
}


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def get(path, host="10.9.2.2"):
    with socket.create_connection((host, port), timeout=5) as client:
        client.sendall(f"GET {path}".encode() + HEAD
                       + b"Connection: close\r\n\r\n")
        data = b""
        while (got := client.recv(65536)):
            data += got
    return data.split(b"\r\n\r\n", 1)[1]


def counts():
    return json.loads(get("/counts"))


server = subprocess.Popen(
    ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh",
     *sys.argv[1:], "--host", "0.0.0.0"], stdout=subprocess.PIPE, text=True)
try:
    port = int(server.stdout.readline().rsplit(":", 1)[1])
    for link in "12":
        ip("link", "add", f"c{link}", "type", "veth", "peer", "name",
           f"s{link}", "netns", str(server.pid))
        ip("addr", "add", f"10.9.{link}.1/24", "dev", f"c{link}")
        ip("link", "set", f"c{link}", "up")
        inside = ["nsenter", "-t", str(server.pid), "-n", "ip"]
        subprocess.run([*inside, "addr", "add", f"10.9.{link}.2/24", "dev",
                        f"s{link}"], check=True)
        subprocess.run([*inside, "link", "set", f"s{link}", "up"], check=True)
    clients = []
    for data in DOING.values():
        for _ in range(CLIENTS):
            one = socket.create_connection(("10.9.1.2", port), timeout=5)
            one.sendall(data)
            clients.append(one)
    time.sleep(0.5)
    before = counts()
    assert before["open"] - before["closed"] == len(clients) + 1, before
    ip("link", "set", "c1", "down")
    gone, slowest = time.monotonic(), 0
    while (now := counts())["open"] - now["closed"] > 1:
        asked = time.monotonic()
        assert get("/quick") == b"quick"
        slowest = max(slowest, time.monotonic() - asked)
        assert time.monotonic() - gone < 15, now
        time.sleep(0.05)
    assert now["begun"] - now["after"] == 1, now
    limits = get("/metrics").decode()
    print(json.dumps({"seconds": time.monotonic() - gone, "slowest": slowest,
                      "limits": [line for line in limits.splitlines()
                                 if line.startswith("seed_limits_total")]}))
finally:
    server.terminate()
    assert server.wait(20) == 0
