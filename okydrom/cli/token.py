"""Make an access token: print it once, and the line of [auth] that lets it in."""

from __future__ import annotations

import argparse
import hashlib
import secrets
import sys

from okydrom.config.settings import ROLES
from okydrom.config.tokens import read_tokens

SIZE = 32  # bytes of chance


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose, and what for."""
    parser.add_argument("--name", required=True, help="whose it is; the source of what it creates")
    parser.add_argument("--role", choices=ROLES, default="source", help="what it may do (source)")


def run(args: argparse.Namespace) -> int:
    """The token goes to the output, its line to the error output, so that one of them can be piped on."""
    token = f"oky_{secrets.token_urlsafe(SIZE)}"
    digest = hashlib.sha256(token.encode()).hexdigest()
    try:
        read_tokens([{"name": args.name, "role": args.role, "sha256": digest}])
    except ValueError as fault:
        print(f"okydrom: {fault}", file=sys.stderr)
        return 2
    print(token)
    print("# Keep the token: only its SHA-256 is needed here. In config.toml, below [auth]:", file=sys.stderr)
    print(
        f'# tokens = [{{name = "{args.name}", role = "{args.role}", sha256 = "{digest}"}}]', file=sys.stderr
    )
    return 0
