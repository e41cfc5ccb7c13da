"""python -m tests.figures"""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence

import requests

from tests.figures.figures import FIGURES, Figure
from tests.watchdog import Watchdog

_ERRORS = (
    AssertionError,
    LookupError,
    OSError,
    subprocess.SubprocessError,
    requests.RequestException,
)


def main(arguments: Sequence[str]) -> int:
    """Measure, and print a row for each place. Return 1 if a figure is missing."""
    options = _command_line().parse_args(arguments)
    figures = [each for each in FIGURES if options.only in each.name]
    print(f"Processes that wanted the CPU before: {os.getloadavg()[0]:.1f}\n")
    print("| what | where | written | measured |\n|---|---|---|---|")
    return max(map(_report, figures), default=0)


def _command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.figures",
        description="Measure the figures that the documentation states.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--only",
        metavar="TEXT",
        default="",
        help="measure only the figures whose name contains this text",
    )
    return parser


def _report(figure: Figure) -> int:
    """Measure a figure and print its rows. Return 1 if that fails."""
    try:
        measured, failed = figure.measure(), 0
    except _ERRORS as error:
        print(f"{figure.name}: {error}", file=sys.stderr)
        measured, failed = "failed", 1
    for place in figure.places:
        cells = (figure.name, place.file, place.written(), measured)
        print(f"| {' | '.join(cells)} |", flush=True)
    return failed


if __name__ == "__main__":
    # An exception stops what was started, and the watchdog what is left.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    watchdog = Watchdog(0)
    try:
        sys.exit(main(sys.argv[1:]))
    finally:
        watchdog.end()
