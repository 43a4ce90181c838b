"""Certificates of a made-up authority, for recipients that speak TLS."""

import ssl
from datetime import UTC, datetime

import trustme


class Authority:
    """Issues certificates; `trust` is the context of a client that believes it."""

    def __init__(self) -> None:
        self._ca = trustme.CA()
        self.trust = ssl.create_default_context()
        self._ca.configure_trust(self.trust)

    def serve(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """The context of a server with these names and addresses."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        until = datetime(2020, 1, 2, tzinfo=UTC) if expired else None
        since = datetime(2020, 1, 1, tzinfo=UTC) if expired else None
        self._ca.issue_cert(*names, not_before=since, not_after=until).configure_cert(context)
        return context
