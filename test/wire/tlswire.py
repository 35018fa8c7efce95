# SPDX-License-Identifier: MIT
"""Servers that speak TLS, and clients that hear every word of it."""
import os
import re
import socket
import ssl

from wire import SLOW, Server, Wire


def client_context(ca=None, cert=None, version=None):
    """What a careful client is; without `ca` it trusts anybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if ca:
        context.load_verify_locations(ca)
        context.check_hostname = True
        context.verify_mode = ssl.CERT_REQUIRED
    if cert:
        context.load_cert_chain(*cert)
    if version:
        context.minimum_version = context.maximum_version = version
    return context


class TlsWire(Wire):
    """A connection whose end without close_notify is an error."""

    def __init__(self, server, context=None, name="localhost", session=None,
                 **options):
        super().__init__(server, **options)
        context = context or client_context(server.ca)
        try:
            self.socket = context.wrap_socket(
                self.socket, server_hostname=name, session=session,
                suppress_ragged_eofs=False)
        except BaseException:
            self.socket.close()
            raise


class TlsServer(Server):
    """test/wire/servers/tlsplay.c, by default with a certificate of its own,
    or another server that speaks TLS."""

    def __init__(self, *flags, ca=None, name="tlsplay"):
        self.ca, self.asked = ca, 0
        super().__init__(name, *flags)

    def connect(self, **options):
        return TlsWire(self, **options)

    def plain(self, **options):
        """A socket of TCP."""
        return Wire(self, **options)

    def raw(self, data=b"", seconds=5):
        client = socket.create_connection(("127.0.0.1", self.port),
                                          timeout=seconds * SLOW)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(data)
        return client

    def counts(self):
        self.asked += 1
        return super().counts()

    def tell(self, **options):
        return self.get("/tell", **options).json()

    def ports(self):
        """Of all listeners, in no order."""
        pid = self.process.pid
        mine = set()
        for number in os.listdir(f"/proc/{pid}/fd"):
            try:
                found = re.match(r"socket:\[(\d+)\]",
                                 os.readlink(f"/proc/{pid}/fd/{number}"))
            except FileNotFoundError:
                continue
            if found:
                mine.add(found[1])
        with open(f"/proc/{pid}/net/tcp", encoding="ascii") as table:
            rows = [line.split() for line in table.readlines()[1:]]
        return {int(row[1].split(":")[1], 16) for row in rows
                if row[3] == "0A" and row[9] in mine}

    def at(self, port):
        """The same server, by another of its listeners."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, port=port)
        return other


class Relay:
    """Between a client and a server, record by record: cut it, count it."""

    def __init__(self, port):
        self.server = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.client_bio, self.server_bio = ssl.MemoryBIO(), ssl.MemoryBIO()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.close()

    def wrap(self, context, name="localhost"):
        """A client whose records go where the test lets them."""
        self.tls = context.wrap_bio(self.server_bio, self.client_bio,
                                    server_hostname=name)
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.flush()
                self.server_bio.write(self.receive())
        self.flush()

    def flush(self):
        self.server.sendall(self.client_bio.read())

    def receive(self):
        data = self.server.recv(65536)
        if not data:
            self.server_bio.write_eof()
        return data

    def records(self, data):
        """Bytes that were written, sealed and not sent."""
        self.tls.write(data)
        return self.client_bio.read()


def split_records(data):
    """TLS records (type, length) in bytes from the wire."""
    rows, at = [], 0
    while at + 5 <= len(data):
        length = int.from_bytes(data[at + 3:at + 5], "big")
        rows.append((data[at], length))
        at += 5 + length
    return rows
