# SPDX-License-Identifier: MIT
"""examples/notes: bodies and conditional requests over a connection, as the
guides bodies.md and conditional.md tell them."""
import json

import pytest

JSON = ("Content-Type", "application/json")
BODY = b'{"text": "water the seeds"}'


@pytest.fixture
def wire(start):
    server = start("notes", "0")
    with server.connect() as wire:
        yield wire


def add(wire, text="water the seeds"):
    body = json.dumps({"text": text}).encode()
    answer = wire.ask("/notes", "POST", body=body, fields=[JSON])
    assert answer.status == 201
    return answer["Location"]


def test_a_note_lives_and_ends(wire):
    url = add(wire)
    assert url == "/notes/1"
    first = wire.ask(url)
    assert first.json() == {"id": 1, "text": "water the seeds"}
    seen = ("If-Match", first["ETag"])

    changed = wire.ask(url, "PUT", body=b'{"text": "twice"}',
                       fields=[JSON, seen])
    assert changed.status == 200 and changed["ETag"] is None
    again = wire.ask(url, "PUT", body=b'{"text": "thrice"}',
                     fields=[JSON, seen])
    assert again.status == 412 and again["ETag"] != first["ETag"]
    assert wire.ask(url).json()["text"] == "twice"

    assert wire.ask(url, "DELETE", fields=[seen]).status == 412
    now = ("If-Match", wire.ask(url)["ETag"])
    assert wire.ask(url, "DELETE", fields=[now]).status == 204
    assert wire.ask(url).status == 404


def test_what_is_known_is_not_sent_again(wire):
    url = add(wire)
    for path in (url, "/notes"):
        first = wire.ask(path)
        known = ("If-None-Match", f'"x", W/{first["ETag"]}')
        for method in ("GET", "HEAD"):
            answer = wire.ask(path, method, fields=[known])
            assert (answer.status, answer.body) == (304, b"")
            assert answer["ETag"] == first["ETag"]
            assert answer["Content-Type"] is None
    add(wire, "another")
    assert wire.ask("/notes", fields=[known]).status == 200


def test_a_change_wants_if_match(wire):
    url = add(wire)
    answer = wire.ask(url, "PUT", body=BODY, fields=[JSON])
    assert answer.status == 428


def test_a_body_comes_in_any_pieces(wire):
    head = (f"POST /notes HTTP/1.1\r\nHost: a\r\n{JSON[0]}: {JSON[1]}\r\n"
            f"Content-Length: {len(BODY)}\r\n\r\n").encode()
    for byte in head + BODY:
        wire.send(bytes([byte]))
    assert wire.answer().status == 201

    wire.send(head.replace(b"Content-Length: %d" % len(BODY),
                           b"Transfer-Encoding: chunked"))
    for byte in BODY:
        wire.send(b"1\r\n" + bytes([byte]) + b"\r\n")
    wire.send(b"0\r\n\r\n")
    assert wire.answer().json()["id"] == 2


def test_the_position_is_told(wire):
    answer = wire.ask("/notes", "POST", body=b'{"text":\n "a" "b"}',
                      fields=[JSON])
    assert answer.status == 400
    assert answer.json()["code"] == "InvalidContent"
    assert answer.json()["message"].startswith(
        "the body is not JSON at line 2, column 8: ")
    assert wire.ask("/notes").status == 200  # the connection goes on


def test_a_declared_length_is_judged_first(wire):
    interim = []
    wire.request("/notes", "POST",
                 fields=[JSON, ("Expect", "100-continue"),
                         ("Content-Length", "4097")])
    assert wire.answer(interim=interim).status == 413
    assert interim == []


def test_a_length_that_is_not_declared_is_counted(wire):
    wire.request("/notes", "POST",
                 fields=[JSON, ("Expect", "100-continue"),
                         ("Transfer-Encoding", "chunked")])
    assert wire.head().status == 100
    for _ in range(4):
        wire.send(b"400\r\n" + b" " * 0x400 + b"\r\n")
    wire.send(b"1\r\n \r\n")
    assert wire.answer().status == 413


def test_the_type_is_judged_before_the_body_is_asked_for(wire):
    interim = []
    wire.request("/notes", "POST",
                 fields=[("Content-Type", "image/png"),
                         ("Content-Length", "10"),
                         ("Expect", "100-continue")])
    assert wire.answer(interim=interim).status == 415
    assert interim == []
