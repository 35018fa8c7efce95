# SPDX-License-Identifier: MIT
"""Certificates made by the openssl command when tests want them."""
import os
import secrets
import subprocess


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          timeout=30).stdout


class Authority:
    """A root that signs; everything is a PEM file in one folder."""

    def __init__(self, folder, name="root"):
        self.folder, self.name = str(folder), name
        self.cert, self.key = self.path(name, "pem"), self.path(name, "key")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                f"/CN={name}", "-keyout", self.key, "-out", self.cert)
        self.revoked = []

    def path(self, name, kind):
        return os.path.join(self.folder, f"{name}.{kind}")

    def issue(self, name, alternatives="DNS:localhost,IP:127.0.0.1", days=2,
              subject=None):
        """(certificate, key) of that name; days -1: expired."""
        cert, key = self.path(name, "pem"), self.path(name, "key")
        request = openssl("req", "-newkey", "ec", "-pkeyopt",
                          "ec_paramgen_curve:P-256", "-nodes", "-subj",
                          subject or f"/CN={name}", "-keyout", key)
        extensions = self.path(name, "ext")
        with open(extensions, "w", encoding="ascii") as file:
            file.write("basicConstraints=critical,CA:FALSE\n")
            if alternatives:
                file.write(f"subjectAltName={alternatives}\n")
        openssl("x509", "-req", "-CA", self.cert, "-CAkey", self.key,
                "-set_serial", str(2**126 + secrets.randbits(126)),
                "-days", str(days), "-extfile", extensions, "-out", cert,
                data=request)
        return cert, key

    def revoke(self, cert):
        """A revocation list that holds this certificate."""
        index, config = self.path(self.name, "txt"), self.path("ca", "cnf")
        out = self.path(self.name, "crl")
        open(index, "a", encoding="ascii").close()
        with open(config, "w", encoding="ascii") as file:
            file.write(f"[ca]\ndefault_ca=a\n[a]\ndatabase={index}\n"
                       f"default_md=sha256\ndefault_crl_days=2\n")
        both = ("-config", config, "-cert", self.cert, "-keyfile", self.key)
        if cert:
            openssl("ca", *both, "-revoke", cert)
        openssl("ca", *both, "-gencrl", "-out", out)
        return out
