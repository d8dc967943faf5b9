"""A program of its own: puts datasets in canonical form (RDFC-1.0) within limits that end it, and nothing else.

It reads from standard input a JSON object: "seconds" (of processor time), "bytes" (of address space) and "datasets"
(N-Quads texts); it writes a JSON list of their canonical N-Quads. Blank nodes that look alike can make the algorithm
take exponential time (RDF Dataset Canonicalization, section 7.1), and pyoxigraph cannot be stopped within a process.
"""

import json
import resource
import sys

from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse, serialize


def canonical(quads: Dataset) -> str:
    """Canonical N-Quads of a dataset, which is changed: canonical labels, one quad a line, lines sorted."""
    quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    lines = (serialize(quads, format=RdfFormat.N_QUADS) or b"").splitlines(keepends=True)
    return b"".join(sorted(lines)).decode()


def main() -> None:
    """Reads, sets the limits, writes."""
    task = json.load(sys.stdin)
    for limit, value in ((resource.RLIMIT_CPU, task["seconds"]), (resource.RLIMIT_AS, task["bytes"]), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (value, value))
    datasets = (Dataset(parse(input=text, format=RdfFormat.N_QUADS)) for text in task["datasets"])
    json.dump([canonical(dataset) for dataset in datasets], sys.stdout)


if __name__ == "__main__":
    main()
