"""`python -m bench.exports.child FORM RELEASE OUT`: exports once, and prints figures as JSON.

FORM: a name of relgraph.exports.FORMS, or of bench.exports.selections.SELECTIONS.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench.child import Stopwatch, peak_memory
from bench.exports.selections import SELECTIONS
from relgraph import exports
from relgraph.exports import Selection
from relgraph.release import Release


def main() -> None:
    """Exports as the arguments say."""
    name, folder, out = sys.argv[1:]
    path = Path(out)
    watch = Stopwatch()
    with path.open("wb") as file:
        form, selection = ("nquads", SELECTIONS[name]) if name in SELECTIONS else (name, Selection())
        exports.write(Release(Path(folder)), form, selection, file)
    print(json.dumps({**watch.read(), "bytes": path.stat().st_size, "peak_memory": peak_memory()}))


if __name__ == "__main__":
    main()
