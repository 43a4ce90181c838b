"""Start the service (this is what happens without a command)."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from okydrom.app import listening, make_app
from okydrom.config.loading import load
from okydrom.server import process


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All that it needs is in the settings."""


def run(args: argparse.Namespace) -> int:
    """Serve until a signal. Raises ConfigError."""
    loaded = load(Path(args.config) if args.config else None, os.environ)
    return process.run(loaded.settings, loaded.origins, make_app, listening)
