"""Notes on standard error: what a command took for what, and what it did by default."""

from __future__ import annotations

from relgraph.cli.terminal import PLAIN, errors


def note(text: object) -> None:
    """Says something that is no error, beside what goes to standard output."""
    errors.print(f"Note: {text}", style="dim", **PLAIN)
