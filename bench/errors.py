"""The one error that a benchmark shows to a person without a traceback, and how a benchmark ends with it."""

from __future__ import annotations

import sys
from collections.abc import Callable

from bench.report import console


class BenchError(Exception):
    """Something is missing or did not start; the message says what to do."""


def main(app: Callable[[], object]) -> None:
    """Runs a command line; ends with status 1 when something does not hold, and 2 when it could not be measured."""
    try:
        app()
    except BenchError as error:
        console.print(f"Error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
