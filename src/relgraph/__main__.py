"""The command relgraph, and `python -m relgraph`: Ctrl-C ends it quietly, also while it is being loaded."""

import sys


def main() -> None:
    """Runs the command line."""
    try:
        from relgraph.cli import main as run  # takes most of a second

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
