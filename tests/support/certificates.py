"""Certificates of a made-up authority, for recipients that speak TLS."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)


class Authority:
    """Issues certificates; `trust` is the context of a client that believes it."""

    def __init__(self) -> None:
        self._ca = trustme.CA()
        self.trust = ssl.create_default_context()
        self._ca.configure_trust(self.trust)

    def write(self, file: Path) -> None:
        """Its own certificate, for those who shall trust it."""
        self._ca.cert_pem.write_to_path(str(file))

    def identify(self, name: str, cert: Path, key: Path | None = None) -> None:
        """Write a client's certificate and its key; without a file of its own the key stands behind it."""
        issued = self._ca.issue_cert(name)
        cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        with (key or cert).open("ab") as file:
            file.write(issued.private_key_pem.bytes())

    def key(self, name: str, cert: Path, password: bytes) -> bytes:
        """Write a client's certificate with its key behind it, encrypted; that key."""
        issued = self._ca.issue_cert(name)
        plain = load_pem_private_key(issued.private_key_pem.bytes(), None)
        key = plain.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
        cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems) + key)
        return key

    def serve(self, *names: str, expired: bool = False, clients: "Authority | None" = None) -> ssl.SSLContext:
        """The context of a server with these names and addresses; with `clients` each of its clients has to show a
        certificate of that authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if clients is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            clients._ca.configure_trust(context)
        until = datetime(2020, 1, 2, tzinfo=UTC) if expired else None
        since = datetime(2020, 1, 1, tzinfo=UTC) if expired else None
        self._ca.issue_cert(*names, not_before=since, not_after=until).configure_cert(context)
        return context
