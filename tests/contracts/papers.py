"""Certificates for tests, made by openssl, and a hostile server that shows them."""

from __future__ import annotations

import ssl
import subprocess
import warnings
from pathlib import Path

from tests.contracts.hostile import HostileServer, answer

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def make_papers(folder: Path) -> Path:
    """Make a root, and certificates of it: good, of another name, expired; one that signed itself; and a client's.

    Raises:
        FileNotFoundError: There is no openssl.
    """
    self_signed = ("req", "-x509", *_NEW_KEY, "-days", "3")
    _openssl(folder, *self_signed, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=root")
    _openssl(
        folder, *self_signed, "-keyout", "self.key", "-out", "self.pem", "-subj", "/CN=self",
        "-addext", "subjectAltName=IP:127.0.0.1",
    )  # fmt: skip
    (folder / "index").touch()
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n"
        "unique_subject=no\ncopy_extensions=copy\n[p]\ncommonName=supplied\n"
    )
    spans = {"expired": ("20200101000000Z", "20200201000000Z")}
    for name in ("good", "other", "expired", "client"):
        place = "DNS:other.test" if name == "other" else "IP:127.0.0.1"
        begins, ends = spans.get(name, ("20250101000000Z", "20450101000000Z"))
        _openssl(
            folder, "req", *_NEW_KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}",
            "-addext", f"subjectAltName={place}",
        )  # fmt: skip
        _openssl(
            folder, "ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", f"{name}.csr",
            "-out", f"{name}.pem", "-startdate", begins, "-enddate", ends, "-notext",
        )  # fmt: skip
        (folder / f"{name}.key").chmod(0o600)
    return folder


def speak_tls(
    server: HostileServer, papers: Path, name: str, *, wants_client: bool = False, only_old: bool = False
) -> str:
    """Let a server speak TLS with a certificate of that name.

    Args:
        server: The server; it has answered nothing yet.
        papers: Folder of `make_papers`.
        name: Of the certificate.
        wants_client: It asks for a client's certificate.
        only_old: It knows nothing newer than TLS 1.1.

    Returns:
        Its address.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers / f"{name}.pem", papers / f"{name}.key")
    if wants_client:
        context.load_verify_locations(papers / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
    if only_old:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.behaviour = answer(b"[]")
    return f"https://127.0.0.1:{server.server_port}/"


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
