"""`python -m bench.exports.child FORM RELEASE OUT [DOCUMENT]`: exports once, and prints figures as JSON.

FORM: a name of relgraph.exports.FORMS; DOCUMENT: the key of the one document that is selected.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from bench.child import Stopwatch, peak_memory
from relgraph import exports
from relgraph.exports import Selection
from relgraph.release import Release
from relgraph.vocabulary import data


def main() -> None:
    """Exports as the arguments say; the folder of the file takes what a selection puts aside."""
    form, folder, out, *documents = sys.argv[1:]
    path = Path(out)
    watch = Stopwatch()
    with tempfile.TemporaryDirectory(dir=path.parent) as aside, path.open("wb") as file:
        selection = Selection(documents=tuple(data(key) for key in documents))
        exports.write(Release(Path(folder)), form, selection, file, Path(aside))
    print(json.dumps({**watch.read(), "bytes": path.stat().st_size, "peak_memory": peak_memory()}))


if __name__ == "__main__":
    main()
