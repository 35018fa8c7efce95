# SPDX-License-Identifier: MIT
"""TLS: what is agreed on, whom it is agreed on with, and how it ends."""
import hashlib
import json
import os
import random
import re
import socket
import ssl
import struct
import subprocess
import threading
import time

import pytest
from certs import Authority, openssl
from tlswire import Relay, TlsServer, client_context, split_records
from wire import SLOW, program

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certs"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("strange"), "stranger")


@pytest.fixture(scope="module")
def identity(root):
    return root.issue("server")


@pytest.fixture
def run(root):
    servers = []

    def start(*flags, **options):
        servers.append(TlsServer(*flags, ca=root.cert, **options))
        return servers[-1]

    yield start
    for server in servers:
        if not server.ended:
            server.end()


@pytest.fixture(scope="module")
def server(root, identity):
    one = TlsServer("--cert", identity[0], "--key", identity[1], ca=root.cert)
    yield one
    one.end()


def flags_of(identity):
    return ["--cert", identity[0], "--key", identity[1]]


def refused(server, why, **options):
    """The handshake, or the first read behind it, fails by that alert."""
    with pytest.raises(ssl.SSLError) as caught:
        with server.connect(**options) as wire:
            wire.ask("/tell")
    said = str(caught.value).upper().replace(" ", "_")
    assert why in said, caught.value


# --- what is agreed on -------------------------------------------------------

@pytest.mark.parametrize("version,name", [(V12, "TLSv1.2"), (V13, "TLSv1.3")])
def test_speaks(server, root, version, name):
    with server.connect(context=client_context(root.cert,
                                               version=version)) as wire:
        told = wire.ask("/tell").json()
        assert told["version"] == name
        assert told["cipher"] == wire.socket.cipher()[0]
        assert told["name"] == "localhost" and told["resumed"] is False
        assert told["subject"] is None and told["names"] == []


@pytest.mark.parametrize("flag", ["-tls1", "-tls1_1"])
def test_old_versions_are_refused(server, flag):
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", flag,
         "-cipher", "ALL:@SECLEVEL=0"], input=b"", capture_output=True,
        timeout=20, check=False)
    assert b"alert protocol version" in done.stderr, done.stderr


@pytest.mark.parametrize("cipher", [
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305"])
def test_good_ciphers(server, root, cipher):
    context = client_context(root.cert, version=V12)
    context.set_ciphers(cipher)
    assert server.tell(context=context)["cipher"] == cipher


@pytest.mark.parametrize("cipher", [
    "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384",
    "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256"])
def test_other_ciphers_are_refused(server, root, cipher):
    context = client_context(root.cert, version=V12)
    context.set_ciphers(cipher + ":@SECLEVEL=0")
    refused(server, "HANDSHAKE_FAILURE", context=context)


def test_a_cipher_list_of_ones_own(run, identity, root):
    server = run(*flags_of(identity), "--ciphers",
                 "ECDHE-ECDSA-AES256-GCM-SHA384")
    context = client_context(root.cert, version=V12)
    assert server.tell(context=context)["cipher"] == \
        "ECDHE-ECDSA-AES256-GCM-SHA384"
    context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    refused(server, "HANDSHAKE_FAILURE", context=context)


@pytest.mark.parametrize("offered", [["http/1.1"], ["h2", "http/1.1"]])
def test_alpn(server, root, offered):
    context = client_context(root.cert)
    context.set_alpn_protocols(offered)
    with server.connect(context=context) as wire:
        assert wire.socket.selected_alpn_protocol() == "http/1.1"
        assert wire.ask("/").status == 200


def test_alpn_without_overlap_is_an_alert(server, root):
    context = client_context(root.cert)
    context.set_alpn_protocols(["h2", "spdy/3"])
    refused(server, "NO_APPLICATION_PROTOCOL", context=context)


def test_no_renegotiation(server):
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}",
         "-tls1_2"], input=b"R\n", capture_output=True, timeout=20,
        check=False)
    said = done.stdout + done.stderr
    assert b"no renegotiation" in said, said[-500:]
    assert b"Compression: NONE" in said


@pytest.mark.parametrize("asks", ["k", "K"])
def test_keys_change_in_the_middle(server, asks):
    """KeyUpdate (RFC 8446 4.6.3) before each request, in the middle of one,
    and of a stream; with K the server must change its own as well."""
    client = subprocess.Popen(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}",
         "-tls1_3", "-msg"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, bufsize=0)

    heard = b""

    def hear(what, count):
        nonlocal heard
        while heard.count(what) < count:
            more = client.stdout.read(4096)
            assert more, heard[-1000:]
            heard += more

    def say(text):
        """And waits for its record: a command wants a read of its own."""
        records = heard.count(b">>> TLS 1.2, RecordHeader")
        client.stdin.write(text)
        hear(b">>> TLS 1.2, RecordHeader", records + 1)

    hear(b"Verify return code", 1)  # the handshake is over
    for answers, path in enumerate((b"/", b"/stream/300", b"/"), 1):
        say(asks.encode() + b"\n")
        say(b"GET " + path + b" HTTP/1.1\r\n")
        say(asks.encode() + b"\n")
        say(b"Host: a\r\n\r\n")
        hear(b"HTTP/1.1 200 OK", answers)
    say(b"Q\n")
    heard += client.communicate(timeout=10 * SLOW)[0]
    assert heard.count(b"HTTP/1.1 200 OK") == 3, heard[-2000:]
    updates = re.findall(rb"(>>>|<<<).*KeyUpdate", heard)
    assert updates.count(b">>>") == 6
    assert updates.count(b"<<<") == (6 if asks == "K" else 0)


def test_curl_trusts_it(server, root):
    done = subprocess.run(
        ["curl", "-sS", "--cacert", root.cert, "--max-time", "20",
         f"https://localhost:{server.port}/tell"], capture_output=True,
        timeout=30, check=True)
    assert json.loads(done.stdout)["version"] == "TLSv1.3"


def test_url_says_https(server):
    assert server.url == f"https://127.0.0.1:{server.port}"


# --- names --------------------------------------------------------------------

@pytest.fixture(scope="module")
def named(root, identity):
    hosts = []
    for name, alternatives, names in (
            ("exact", "DNS:a.example", None),
            ("wild", "DNS:*.example", None),
            ("given", "DNS:unlike", "B.example given.test")):
        cert, key = root.issue(name, alternatives)
        hosts += ["--host-cert", cert, "--host-key", key]
        hosts += ["--host-names", names] if names else []
    one = TlsServer(*flags_of(identity), *hosts, ca=root.cert)
    yield one
    one.end()


@pytest.mark.parametrize("name,subject", [
    ("a.example", "exact"), ("A.EXAMPLE", "exact"), ("z.example", "wild"),
    ("b.example", "given"), ("given.test", "given"), ("x.z.example", "server"),
    ("example", "server"), ("unknown.test", "server"), (None, "server")])
def test_the_name_chooses_the_certificate(named, root, name, subject):
    context = client_context(root.cert)
    context.check_hostname = False
    with named.connect(context=context, name=name) as wire:
        cert = wire.socket.getpeercert()
        assert cert["subject"] == ((("commonName", subject),),)
        asked = wire.ask("/tell", host=name or "localhost").json()
        assert asked["name"] == name


def test_unknown_names_can_be_refused(run, identity, root):
    server = run(*flags_of(identity), "--strict", "1")
    assert server.tell()["name"] == "localhost"
    context = client_context()
    assert server.tell(context=context, name=None)["name"] is None
    refused(server, "UNRECOGNIZED_NAME", context=context, name="other.test")


# --- sessions -----------------------------------------------------------------

def session_of(server, context, name="localhost"):
    with server.connect(context=context, name=name) as wire:
        wire.ask("/", host=name)
        return wire.socket.session


def resumes(server, context, session, name="localhost"):
    with server.connect(context=context, name=name, session=session) as wire:
        told = wire.ask("/tell", host=name).json()
        assert told["resumed"] == wire.socket.session_reused
        return told["resumed"], told["worker"]


@pytest.mark.parametrize("version", [V12, V13])
def test_resumes_on_every_worker(run, identity, root, version):
    server = run("--workers", "2", *flags_of(identity))
    context = client_context(root.cert, version=version)
    session = session_of(server, context)
    seen = set()
    for _ in range(200):
        resumed, worker = resumes(server, context, session)
        assert resumed
        seen.add(worker)
        if len(seen) == 2:
            break
    assert seen == {0, 1}


@pytest.mark.parametrize("version", [V12, V13])
def test_no_tickets(run, identity, root, version):
    server = run(*flags_of(identity), "--tickets", "no")
    context = client_context(root.cert, version=version)
    session = session_of(server, context)
    assert not session or not resumes(server, context, session)[0]


def test_one_ticket(server, root):
    """Two would be one more record and one more write."""
    with Relay(server.port) as relay:
        relay.wrap(client_context(root.cert, version=V13))
        records = split_records(relay.receive())
        assert len(records) == 1, records


@pytest.mark.parametrize("version", [V12, V13])
def test_no_session_of_another_certificate(named, root, version):
    context = client_context(root.cert, version=version)
    context.check_hostname = False
    session = session_of(named, context, "a.example")
    assert resumes(named, context, session, "a.example")[0]
    assert not resumes(named, context, session, "z.example")[0]
    assert not resumes(named, context, session, "localhost")[0]


def test_no_session_of_another_listener(run, identity, root):
    server = run(*flags_of(identity), *flags_of(identity))
    context = client_context(root.cert)
    session = session_of(server, context)
    second = server.at((server.ports() - {server.port}).pop())
    assert resumes(server, context, session)[0]
    assert not resumes(second, context, session)[0]


# --- clients' certificates ----------------------------------------------------

@pytest.fixture(scope="module")
def guarded(root, identity):
    one = TlsServer(*flags_of(identity), "--ca", root.cert, ca=root.cert)
    yield one
    one.end()


@pytest.fixture(scope="module")
def ann(root):
    return root.issue("ann", "DNS:ann.test,email:ann@example.org,"
                      "URI:spiffe://a/ann,IP:192.0.2.1,IP:2001:db8::1",
                      subject="/O=Example/CN=ann")


@pytest.mark.parametrize("version", [V12, V13])
def test_a_client_that_may(guarded, root, ann, version):
    told = guarded.tell(context=client_context(root.cert, ann, version))
    der = openssl("x509", "-in", ann[0], "-outform", "DER")
    serial = openssl("x509", "-in", ann[0], "-noout", "-serial").decode()
    assert told["subject"] == "CN=ann,O=Example"
    assert told["issuer"] == "CN=root"
    assert told["fingerprint"] == hashlib.sha256(der).hexdigest()
    assert told["serial"] == serial.strip().split("=")[1]
    assert told["names"] == ["DNS:ann.test", "EMAIL:ann@example.org",
                             "URI:spiffe://a/ann", "IP:192.0.2.1",
                             "IP:2001:db8::1"]


@pytest.mark.parametrize("version", [V12, V13])
def test_a_resumed_client_is_still_known(guarded, root, ann, version):
    context = client_context(root.cert, ann, version)
    session = session_of(guarded, context)
    with guarded.connect(context=context, session=session) as wire:
        told = wire.ask("/tell").json()
        assert told["resumed"] and told["subject"] == "CN=ann,O=Example"


@pytest.mark.parametrize("version", [V12, V13])
@pytest.mark.parametrize("kind,why", [
    ("none", ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE")),
    ("self-signed", ("UNKNOWN_CA",)), ("expired", ("CERTIFICATE_EXPIRED",)),
    ("stranger's", ("UNKNOWN_CA", "DECRYPT_ERROR"))])
def test_clients_that_may_not(guarded, root, stranger, kind, why, version):
    cert = None
    if kind == "self-signed":
        cert = (stranger.cert, stranger.key)
    if kind == "expired":
        cert = root.issue("expired", days=-1)
    if kind == "stranger's":
        cert = stranger.issue("guest")
    with pytest.raises(ssl.SSLError) as caught:
        guarded.tell(context=client_context(root.cert, cert, version))
    assert any(word in str(caught.value) for word in why), caught.value


def test_optional_clients(run, identity, root, ann, stranger):
    server = run(*flags_of(identity), "--ca", root.cert, "--optional", "1")
    assert server.tell()["subject"] is None
    assert server.tell(context=client_context(root.cert, ann))["subject"]
    refused(server, "UNKNOWN_CA", context=client_context(
        root.cert, stranger.issue("guest")))


def test_revoked_clients(run, identity, tmp_path_factory, root):
    authority = Authority(tmp_path_factory.mktemp("revoking"), "revoker")
    good, bad = authority.issue("good"), authority.issue("bad")
    server = run(*flags_of(identity), "--ca", authority.cert, "--crl",
                 authority.revoke(bad[0]))
    assert server.tell(context=client_context(root.cert, good))["subject"]
    refused(server, "CERTIFICATE_REVOKED",
            context=client_context(root.cert, bad))


@pytest.fixture(scope="module")
def stricter(root, identity):
    cert, key = root.issue("inner", "DNS:inner.test")
    one = TlsServer(*flags_of(identity), "--host-cert", cert, "--host-key",
                    key, "--host-ca", root.cert, ca=root.cert)
    yield one
    one.end()


@pytest.mark.parametrize("version", [V12, V13])
def test_no_session_into_a_stricter_host(stricter, root, version):
    context = client_context(root.cert, version=version)
    context.check_hostname = False
    session = session_of(stricter, context)
    assert resumes(stricter, context, session)[0]
    with pytest.raises(ssl.SSLError):
        resumes(stricter, context, session, "inner.test")


@pytest.mark.parametrize("host,status", [
    ("localhost", 200), ("anything", 200), ("inner.test", 421),
    ("INNER.test:8443", 421), ("inner.test.", 421)])
def test_a_stricter_host_is_misdirected(stricter, root, host, status):
    with stricter.connect() as wire:
        answer = wire.ask("/", host=host)
        assert answer.status == status
        assert answer["Connection"] == ("close" if status == 421 else None)
    with stricter.connect() as wire:
        wire.send(f"GET https://{host}/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert wire.answer().status == status


def test_a_client_of_the_stricter_host(stricter, root, ann):
    context = client_context(root.cert, ann)
    context.check_hostname = False
    with stricter.connect(context=context, name="inner.test") as wire:
        assert wire.ask("/tell", host="inner.test").json()["subject"]
        assert wire.ask("/tell", host="localhost").status == 421


# --- what is not TLS ----------------------------------------------------------

def test_plain_http_gets_an_answer(server):
    with server.plain() as wire:
        answer = wire.ask("/")
        assert answer.status == 400 and b"https://" in answer.body
        assert wire.closed()


def test_plain_http_that_dawdles(server):
    with server.plain() as wire:
        for letter in "GET / HTTP/1.1\r\n":
            wire.send(letter)
            time.sleep(0.001)
        assert wire.answer().status == 400


def test_tls_to_a_plain_port(run, identity):
    server = run(*flags_of(identity), "--plain", "1")
    second = server.at((server.ports() - {server.port}).pop())
    with second.plain() as wire:
        wire.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        answer = wire.answer()
        assert answer.status == 400 and b"TLS" in answer.body
        assert wire.closed()
    with second.plain() as wire:
        assert wire.ask("/tell").json() == {"worker": 0}
    assert server.tell()["version"] == "TLSv1.3"


@pytest.mark.parametrize("data", [
    b"\x00", b"\xff" * 100, b"\x80\x2e\x01\x00\x02", b"\r\n\r\n",
    b"\x16\x03\x01\x00\x00" * 40, b"\x16\x03\x01\xff\xff" + b"A" * 70000,
    b"\x16\x03\x01\x00\x05\x01\xff\xff\xff\xff", b"\x15\x03\x01\x00\x02\x02\x28"])
def test_noise_ends(server, data):
    with server.raw() as client:
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
        except ConnectionError:
            pass
    assert server.get("/").status == 200


def test_random_hellos(server):
    chance = random.Random(7)
    hello = first_flight()
    for _ in range(300):
        data = bytearray(hello)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        data = data[:chance.randint(1, len(data))]
        with server.raw() as client:
            try:
                client.sendall(data)
                if chance.random() < 0.5:
                    client.shutdown(socket.SHUT_WR)
                    client.recv(65536)
            except OSError:
                pass
    assert server.get("/").status == 200


def first_flight():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = client_context().wrap_bio(incoming, outgoing,
                                    server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


# --- deadlines and numbers ----------------------------------------------------

def time_to_end(client, limit):
    begin = time.monotonic()
    client.settimeout(limit)
    try:
        while client.recv(65536):
            pass
    except ConnectionError:
        pass
    return time.monotonic() - begin


@pytest.mark.parametrize("drip", [False, True])
def test_a_handshake_has_a_deadline(run, identity, drip):
    server = run(*flags_of(identity), "--shake", "1000")
    hello = first_flight()
    with server.raw() as client:
        begin = time.monotonic()
        client.settimeout(0.1)
        ended = False
        for byte in hello:
            try:
                if drip:
                    client.sendall(bytes([byte]))
                ended = client.recv(1) == b""
            except socket.timeout:
                pass
            except OSError:
                ended = True
            if ended or time.monotonic() - begin > 10 * SLOW:
                break
        assert ended
        assert time.monotonic() - begin > 0.9
    assert server.get("/").status == 200


def test_handshakes_have_a_number(run, identity):
    """The silent ones are in the way for a second, and not for ten."""
    server = run(*flags_of(identity), "--shakes", "5")
    silent = [server.raw() for _ in range(12)]
    begin = time.monotonic()
    assert server.get("/", timeout=20).status == 200
    assert time.monotonic() - begin < 9 * SLOW
    for client in silent:
        client.close()
    for _ in range(20):
        assert server.get("/").status == 200


# --- ends ---------------------------------------------------------------------

VERSIONS = pytest.mark.parametrize("version", [V12, V13])


def reads_notify(wire):
    """An end without close_notify would be an SSLEOFError."""
    return wire.socket.recv(100) == b""


@VERSIONS
def test_notify_behind_the_last_answer(server, root, version):
    with server.connect(context=client_context(root.cert,
                                               version=version)) as wire:
        assert wire.ask("/close").text() == "last"
        assert reads_notify(wire)


@VERSIONS
def test_notify_behind_a_refusal(server, root, version):
    with server.connect(context=client_context(root.cert,
                                               version=version)) as wire:
        wire.send("BAD\r\n\r\n")
        assert wire.answer().status == 400
        assert reads_notify(wire)


@VERSIONS
def test_notify_to_an_idle_connection(server, root, version):
    with server.connect(context=client_context(root.cert, version=version),
                        timeout=15) as wire:
        assert wire.ask("/").status == 200
        assert reads_notify(wire)


@VERSIONS
def test_notify_at_the_servers_end(run, identity, root, version):
    server = run(*flags_of(identity))
    with server.connect(context=client_context(root.cert,
                                               version=version)) as wire:
        assert wire.ask("/").status == 200
        server.signal()
        assert reads_notify(wire)
    server.process.wait(20 * SLOW)


@VERSIONS
def test_notify_answers_a_notify(server, root, version):
    with server.connect(context=client_context(root.cert,
                                               version=version)) as wire:
        assert wire.ask("/").status == 200
        wire.socket.unwrap().close()  # raises unless the server says it too


def test_a_refused_client_hears_why(guarded, root):
    """The alert is not lost to a reset by what comes behind it."""
    for _ in range(20):
        with pytest.raises(ssl.SSLError) as caught:
            with guarded.connect(context=client_context(
                    root.cert, version=V13)) as wire:
                wire.request("/echo", "POST", body=b"x" * 5000)
                wire.answer()
        assert "CERTIFICATE_REQUIRED" in str(caught.value)


@VERSIONS
def test_one_record_for_a_small_answer(server, root, version):
    with Relay(server.port) as relay:
        relay.wrap(client_context(root.cert, version=version))
        ticket = relay.receive() if version == V13 else b""
        relay.server_bio.write(ticket)
        relay.server.sendall(relay.records(
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        data = relay.receive()
        assert [kind for kind, _ in split_records(data)] == [23]
        relay.server_bio.write(data)
        assert relay.tls.read(4096).endswith(b"\r\n\r\nsmall")


@VERSIONS
def test_truncation_at_every_byte_of_the_records(server, root, version):
    """What is cut inside a record is no request; nothing is handled twice."""
    context = client_context(root.cert, version=version)
    before, asked = server.counts()["begun"], server.asked
    cuts = 0
    with Relay(server.port) as relay:
        relay.wrap(context)
        size = len(relay.records(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
    for cut in range(0, size, 3):
        with Relay(server.port) as relay:
            relay.wrap(context)
            relay.server.sendall(relay.records(
                b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")[:cut])
            relay.server.shutdown(socket.SHUT_WR)
            cuts += 1
    server.wait_for("the cut ones end", lambda counts:
                    counts["open"] - counts["closed"] <= 1)
    # The only requests were those that asked for the counts.
    assert server.counts()["begun"] - before == server.asked - asked
    assert cuts > 10


@pytest.mark.parametrize("version", [V12, V13])
def test_whole_requests_before_a_bare_end_are_answered(server, root, version):
    """The last of them, and those before it, though OpenSSL would not write
    any more once it had seen that the peer left without a word."""
    context = client_context(root.cert, version=version)
    body = b"x" * 100
    for count in [1, 3] * 10:
        with server.connect(context=context) as wire:
            wire.send((b"POST /echo HTTP/1.1\r\nHost: a\r\n"
                       b"Content-Length: 100\r\n\r\n" + body) * count)
            with socket.socket(fileno=os.dup(wire.socket.fileno())) as bare:
                bare.shutdown(socket.SHUT_WR)
            for _ in range(count):
                assert wire.answer().body == body


def test_a_cut_body_is_never_whole(server, root):
    context = client_context(root.cert)
    for parts in range(1, 5):
        with Relay(server.port) as relay:
            relay.wrap(context)
            relay.server.sendall(relay.records(
                b"POST /echo HTTP/1.1\r\nHost: a\r\n"
                b"Content-Length: 500\r\n\r\n"))
            for _ in range(parts):
                relay.server.sendall(relay.records(b"x" * 100))
            relay.server.shutdown(socket.SHUT_WR)
            heard = b""
            try:
                while True:
                    data = relay.receive()
                    if not data:
                        break
                    heard += data
            except ConnectionError:
                pass
            assert b"x" * 100 not in heard
    server.wait_for("requests end", lambda counts:
                    counts["begun"] == counts["after"] + 1)


def test_resets_anywhere(server, root):
    """RST at offsets of handshake, request and answer."""
    context = client_context(root.cert)
    hello = first_flight()
    linger = struct.pack("ii", 1, 0)
    for cut in range(0, len(hello), 25):
        client = server.raw(hello[:cut])
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        client.close()
    for cut in range(0, 400, 20):
        with Relay(server.port) as relay:
            relay.wrap(context)
            sealed = relay.records(b"GET /many/100000 HTTP/1.1\r\n"
                                   b"Host: a\r\n\r\n" * 5)
            relay.server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                    linger)
            relay.server.sendall(sealed[:cut])
            if cut > 200:
                relay.receive()
    server.wait_for("all have ended", lambda counts:
                    counts["open"] - counts["closed"] <= 1
                    and counts["begun"] == counts["after"] + 1)


def test_an_error_is_not_the_next_ones(server, root):
    """OpenSSL keeps errors by thread: a broken neighbour must not show."""
    with server.connect() as wire:
        for _ in range(20):
            with server.raw(first_flight()[:60] + b"\x00" * 600) as broken:
                broken.settimeout(5)
                try:
                    broken.recv(100)
                except OSError:
                    pass
            assert wire.ask("/").status == 200


# --- much ---------------------------------------------------------------------

PATTERN = b"".join(bytes([97 + i % 26]) for i in range(26))


def pattern(length):
    return (PATTERN * (length // 26 + 1))[:length]


@VERSIONS
@pytest.mark.parametrize("length", [0, 1, 16000, 16384, 16385, 70000, 3000000])
def test_answers_of_all_sizes(server, root, length, version):
    with server.connect(context=client_context(root.cert,
                                               version=version)) as wire:
        assert wire.ask(f"/many/{length}").body == pattern(length)
        assert wire.ask("/").text() == "small"


@VERSIONS
def test_bodies_both_ways(server, root, version):
    body = os.urandom(800000)
    with server.connect(context=client_context(root.cert,
                                               version=version)) as wire:
        for length in (1, 20000, 800000):
            assert wire.ask("/echo", "POST",
                            body=body[:length]).body == body[:length]


def test_pipelining(server):
    with server.connect() as wire:
        wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 200)
        for _ in range(200):
            assert wire.answer().text() == "small"


def test_one_byte_a_record(server):
    with server.connect() as wire:
        for letter in "GET / HTTP/1.1\r\nHost: a\r\n\r\n":
            wire.send(letter)
        assert wire.answer().text() == "small"


def test_a_file(server, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(os.urandom(300000))
    with server.connect() as wire:
        assert wire.ask(f"/file?path={path}").body == path.read_bytes()


def test_a_slow_reader(server, root):
    """A stream waits for it; others do not."""
    with server.connect(window=4096) as wire:
        wire.request("/stream/3000000")
        answer = wire.head()
        time.sleep(0.3)
        assert server.get("/").status == 200
        wire.chunks(answer)
        assert len(answer.body) == 3000000
        assert wire.ask("/").text() == "small"


def test_a_reader_who_leaves(server):
    for _ in range(5):
        with server.connect(window=4096) as wire:
            wire.request("/stream/3000000")
            wire.head()
            wire.reset()
    server.wait_for("the streams end", lambda counts:
                    counts["begun"] == counts["after"] + 1)


def test_many_clients_at_once(run, identity, root):
    server = run("--workers", "2", *flags_of(identity))
    context = client_context(root.cert)
    wrong = []

    def play():
        for _ in range(15):
            with server.connect(context=context) as wire:
                for length in (5, 30000):
                    if wire.ask(f"/many/{length}").body != pattern(length):
                        wrong.append(length)

    threads = [threading.Thread(target=play) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# --- mistakes at setup --------------------------------------------------------

def sentence_of(*flags):
    done = subprocess.run([program("tlsplay"), *flags], capture_output=True,
                          timeout=20, check=False)
    assert done.returncode == 1
    return done.stderr.decode().strip()


def test_sentences(root, identity, tmp_path):
    cert, key = identity
    other = root.issue("other")
    nothing, locked = tmp_path / "nothing", tmp_path / "locked"
    nothing.write_text("nothing\n")
    openssl("pkey", "-in", key, "-aes256", "-passout", "pass:word", "-out",
            str(locked))
    missing = str(tmp_path / "missing")
    for flags, sentence in (
            (["--cert", missing], f"The TLS certificate {missing} cannot be "
             "read: No such file or directory."),
            (["--cert", str(tmp_path)], f"The TLS certificate {tmp_path} "
             "cannot be read: Is a directory."),
            (["--cert", str(nothing)], f"The TLS certificate {nothing} holds "
             "no certificate in PEM"),
            (["--cert", cert, "--key", other[1]], f"The TLS key {other[1]} is "
             f"not that of the certificate {cert}."),
            (["--cert", cert], f"The TLS key {cert} holds no private key"),
            (["--cert", cert, "--key", str(locked)],
             f"The TLS key {locked} has a passphrase"),
            ([*flags_of(identity), "--ciphers", "NONE-SUCH"],
             'No TLS cipher is known in the list "NONE-SUCH"'),
            ([*flags_of(identity), "--ca", str(nothing)],
             f"The TLS client authorities {nothing} hold no certificate"),
            ([*flags_of(identity), "--crl", cert], "TLS is told more of "
             "clients' certificates, but not whose they are: set client_ca"),
            ([*flags_of(identity), "--host-cert", other[0], "--host-key", key],
             f"The TLS key {key} is not that of the certificate {other[0]}"),
    ):
        assert sentence_of(*flags).startswith(sentence), flags


# --- reload -------------------------------------------------------------------

def serial_of(server):
    with server.connect(context=client_context(server.ca)) as wire:
        return wire.socket.getpeercert()["serialNumber"]


def test_reload(run, root, tmp_path):
    cert, key = tmp_path / "cert", tmp_path / "key"

    def put(pair):
        cert.write_bytes(open(pair[0], "rb").read())
        key.write_bytes(open(pair[1], "rb").read())

    first, second = root.issue("first"), root.issue("second")
    put(first)
    server = run("--cert", str(cert), "--key", str(key))
    before = serial_of(server)
    with server.connect() as old:
        assert old.ask("/").status == 200
        put(second)
        server.signal(1)
        assert server.line(10) == "reload 0"
        assert serial_of(server) != before
        now = serial_of(server)
        assert old.ask("/").status == 200

        key.write_bytes(b"broken")
        server.signal(1)
        assert server.line(10) == "reload -4"
        assert serial_of(server) == now
        said = server.stderr().strip().splitlines()
        assert len(said) == 1 and str(key) in said[0], said
        assert "goes on with the certificates that it has" in said[0]
