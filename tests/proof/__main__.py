"""The proofs that the promises hold, as a table: proof, figure, passed. Ends with `N passed, N failed`.

scripts/proof                              all of them
scripts/proof --quick                      without those that take minutes
scripts/proof kills --rounds 200 --seed 7  those with this word in their name, at a size and a chance of your own
"""

import argparse
import sys

import pytest

from tests.proof.table import Table


def main() -> int:
    """0 if there were proofs and all of them passed."""
    asked = _arguments()
    table = Table()
    pytest.main(_pytest_arguments(asked), plugins=[table])
    print(table.text())
    return 0 if table.rows and not table.failed else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/proof", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "words", nargs="*", help="only proofs with one of these in the name of their file or test"
    )
    parser.add_argument("--quick", action="store_true", help="leave out those that take minutes")
    parser.add_argument("--rounds", type=int, help="how often a proof repeats what it tries")
    parser.add_argument("--seed", type=int, help="what a proof's chance starts from")
    return parser.parse_args()


def _pytest_arguments(asked: argparse.Namespace) -> list[str]:
    arguments = ["--quiet", "--no-header", "-m", "proof and not slow" if asked.quick else "proof"]
    if asked.words:
        arguments += ["-k", " or ".join(asked.words)]
    for name in ("rounds", "seed"):
        if (value := getattr(asked, name)) is not None:
            arguments += [f"--{name}", str(value)]
    return [*arguments, "tests"]


sys.exit(main())
