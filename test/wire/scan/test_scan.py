# SPDX-License-Identifier: MIT
"""What testssl.sh and sslscan find: nothing above INFO. They take a minute:
make scan, as in .ci/run."""
import json
import re
import subprocess

import pytest
from certs import Authority
from tlswire import TlsServer

# Not of the server: what no test's certificate can have, and what testssl.sh
# says of itself.
NOT_OURS = {
    "cert_expirationStatus", "cert_notAfter",  # it lasts two days
    "cert_crlDistributionPoints", "cert_ocspURL", "cert_revocation",
    "OCSP_stapling", "DNS_CAArecord", "certificate_transparency",
    "scanProblem", "scanTime", "engine_problem",
}
# openssl s_client has hung up before the ticket of TLS 1.3 came, for its input
# is empty, and testssl.sh finds no session to come back with. What comes of
# tickets is in test_tls.py.
GONE_EARLY = {"sessionresumption_ticket", "sessionresumption_ID"}
CONNECT_PROBLEM = "check failed because of connect problem"
QUIET = {"OK", "INFO"}


def is_ours(finding):
    if finding["id"] in GONE_EARLY:
        return finding["finding"] != CONNECT_PROBLEM
    return finding["id"].split(" ")[0] not in NOT_OURS


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    root = Authority(tmp_path_factory.mktemp("certs"))
    cert, key = root.issue("localhost")
    one = TlsServer("--cert", cert, "--key", key, ca=root.cert)
    yield one
    one.end()


def test_testssl(server, tmp_path):
    out = tmp_path / "findings.json"
    subprocess.run(
        ["testssl", "--quiet", "--color", "0", "--warnings", "off", "-p",
         "-S", "-U", "--fs", "-s", "-E", "--add-ca", server.ca, "--jsonfile",
         str(out), f"https://localhost:{server.port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL, timeout=500, check=False)
    findings = json.loads(out.read_text())
    names = {finding["id"] for finding in findings}
    assert {"TLS1_2", "TLS1_3", "heartbleed", "BEAST", "LUCKY13"} <= names
    loud = [(finding["id"], finding["severity"], finding["finding"])
            for finding in findings if finding["severity"] not in QUIET
            and is_ours(finding)]
    assert loud == []


def test_sslscan(server):
    said = subprocess.run(
        ["sslscan", "--no-colour", f"127.0.0.1:{server.port}"],
        capture_output=True, text=True, timeout=120, check=True).stdout
    for version in ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"):
        assert re.search(rf"^{version} +disabled", said, re.M), said
    for version in ("TLSv1.2", "TLSv1.3"):
        assert re.search(rf"^{version} +enabled", said, re.M), said
    assert "Compression enabled" not in said
    assert "Session renegotiation not supported" in said
    assert "not vulnerable to heartbleed" in said
    accepted = re.findall(r"^(?:Accepted|Preferred) +(\S+) +\d+ bits +(\S+)",
                          said, re.M)
    assert len(accepted) == 6, accepted
    assert all(re.search("GCM|CHACHA20", cipher) for _, cipher in accepted)
