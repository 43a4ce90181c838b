"""The command line: `okydrom [--config FILE] [command]`, where serving is the command that needs no name."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from okydrom import __version__
from okydrom.cli import check_config, serve, sink, token
from okydrom.errors import ConfigError

COMMANDS = {"serve": serve, "check-config": check_config, "sink": sink, "token": token}
USAGE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; its exit code. What argparse refuses ends the program with 2."""
    args = _parser().parse_args(argv)
    try:
        code: int = COMMANDS[args.command or "serve"].run(args)
        sys.stdout.flush()
        return code
    except ConfigError as error:
        _say_faults(error)
        return USAGE
    except BrokenPipeError:
        # Whoever reads the output has seen enough; nothing is left that could be flushed into the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _say_faults(error: ConfigError) -> None:
    count = len(error.faults)
    print(f"okydrom: the configuration has {count} fault{'s' if count > 1 else ''}:", file=sys.stderr)
    for fault in error.faults:
        name = f"{fault.pointer} " if fault.pointer else ""
        print(f"  {fault.params['place']}: {name}{fault.message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    # Before a command it has the default; after one it only speaks up when it is given, and then it wins.
    parser = argparse.ArgumentParser(
        prog="okydrom", description="Guaranteed delivery of notifications over HTTP."
    )
    parser.add_argument("--version", action="version", version=f"okydrom {__version__}")
    parser.add_argument("--config", metavar="FILE", help="settings; without it all have their defaults")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, command in COMMANDS.items():
        summary = (command.__doc__ or "").partition("\n")[0]
        inner = commands.add_parser(name, help=summary, description=summary)
        inner.add_argument("--config", metavar="FILE", default=argparse.SUPPRESS, help="settings")
        command.add_arguments(inner)
    return parser
