# SPDX-License-Identifier: MIT
"""What handlers send, and what becomes of it on the wire."""
import urllib.parse

import pytest


def test_text(plain):
    answer = plain.get("/text")
    assert answer.body == b"hello"
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Length"] == "5"
    assert answer["Server"] == "libseed"


def test_json(plain):
    answer = plain.get("/value")
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == {"a": "b", "n": 7}


def test_no_content_type_is_invented(plain):
    assert plain.get("/many/10")["Content-Type"] is None


@pytest.mark.parametrize("length", [0, 1, 4095, 65536, 1000003, 20000000])
def test_bytes(plain, length):
    answer = plain.get(f"/many/{length}")
    assert answer["Content-Length"] == str(length)
    assert answer.body == b"x" * length


def test_a_second_answer_changes_nothing(plain):
    with plain.connect() as wire:
        assert wire.ask("/twice").body == b"first"
        assert wire.ask("/text").body == b"hello"
    assert plain.stderr() != ""


def test_file(plain, tmp_path):
    path = tmp_path / "page.txt"
    path.write_bytes(b"0123456789" * 100000)
    with plain.connect() as wire:
        answer = wire.ask(f"/file?path={path}")
        assert answer.status == 200
        assert answer.body == path.read_bytes()
        answer = wire.ask(f"/file?path={path}", "HEAD")
        assert answer["Content-Length"] == "1000000"
        path.write_bytes(b"")
        assert wire.ask(f"/file?path={path}").body == b""
        assert wire.ask("/file?path=/no/such/file").status == 404
        assert wire.ask(f"/file?path={tmp_path}").status == 404
        assert wire.ask("/text").body == b"hello"


def test_redirect(plain):
    answer = plain.get("/redirect?to=/text%3Fa%3Db%20c")
    assert answer.status == 302
    assert answer["Location"] == "/text?a=b%20c"
    assert plain.get("/redirect?to=/a%0d%0aX:y").status == 500


@pytest.mark.parametrize("byte", range(256))
def test_a_field_cannot_split_the_answer(plain, byte):
    """Every byte as part of a name and of a value that a handler sets."""
    letter = urllib.parse.quote_from_bytes(bytes([byte]))
    with plain.connect() as wire:
        for query in (f"name=X-A&value=b{letter}c", f"name=X{letter}&value=b"):
            answer = wire.ask(f"/set?{query}")
            assert answer.status == 200
            names = [name.lower() for name, _ in answer.fields]
            allowed = {"server", "date", "content-type", "content-length",
                       "connection"}
            extra = [name for name in names if name not in allowed]
            assert len(extra) == (answer.text() == "set"), answer.raw_head
        # A NUL ends the C string that the handler gives.
        if 0 < byte < 32 and byte != 9 or byte == 127:
            assert wire.ask(f"/set?name=X-A&value=b{letter}c").text() != "set"


@pytest.mark.parametrize("name", ["Content-Length", "Transfer-Encoding",
                                  "Connection", "Date"])
def test_framing_fields_are_libseeds(plain, name):
    answer = plain.get(f"/set?name={name}&value=1")
    assert answer.text() != "set"
    assert answer["Content-Length"] == str(len(answer.body))


def test_params_are_decoded_once(plain):
    with plain.connect() as wire:
        assert wire.ask("/param/a%2Fb").json()["a"] == "a/b"
        assert wire.ask("/param/%2541").json()["a"] == "%41"
        assert wire.ask("/param/J%C3%B6rg").json()["a"] == "Jörg"
        assert wire.ask("/rest/a/b%2Fc").json()["rest"] in ("a/b/c",)
        assert wire.ask("/rest/").json()["rest"] == ""
        assert wire.ask("/fields?q=a+b%26").json()["q"] == "a b&"


def test_pre_can_rewrite_the_url(plain):
    assert plain.get("/old").body == b"hello"


def test_conditional(plain):
    with plain.connect() as wire:
        first = wire.ask("/tagged")
        assert first.status == 200 and first["ETag"].startswith('"')
        again = wire.ask("/tagged",
                         fields=[("If-None-Match", first["ETag"])])
        assert again.status == 304 and again["ETag"] == first["ETag"]
        other = wire.ask("/tagged", fields=[("If-None-Match", '"other"')])
        assert other.status == 200
        assert wire.ask("/tagged",
                        fields=[("If-Match", '"other"')]).status == 412


def test_the_peer_is_told(plain):
    with plain.connect() as wire:
        host, port = wire.socket.getsockname()
        assert wire.ask("/fields").json()["peer"] == f"{host}:{port}"
