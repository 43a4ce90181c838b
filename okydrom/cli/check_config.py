"""Print the settings that hold and where each came from, or all faults at once."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from okydrom.config.loading import load
from okydrom.config.parameters import Origin, parameters
from okydrom.masking import masked_url


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All that it needs is in the settings."""


def run(args: argparse.Namespace) -> int:
    """Print a line per setting, method and destination. Raises ConfigError."""
    loaded = load(Path(args.config) if args.config else None, os.environ)
    for parameter in parameters(loaded.settings, loaded.origins):
        origin = parameter.env if parameter.origin is Origin.ENVIRONMENT else parameter.origin
        print(f"{parameter.name:28} {parameter.display:32} {origin}")
    for name, method in loaded.settings.methods.items():
        where = masked_url(method.url or ", ".join(method.hosts) or "the task's URL")
        print(
            f"{f'methods.{name}':28} {f'{method.http_method} {where}':32} {loaded.origins[f'methods.{name}']}"
        )
    for key in loaded.settings.destinations:
        name = f"recipients.{key}"
        print(f"{name:61} {loaded.origins[name]}")
    return 0
