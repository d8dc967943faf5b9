"""Programs of others that tests use: parsers of RDF and SPARQL clients, found, or missed by name.

Where one is missing, the test is skipped with what it is and how to get it; in CI that is a failure, as .ci/run installs
them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest
from pyoxigraph import RdfFormat, parse

from nasty import canonical as canonical_form

#: The project of Node's packages; `make foreign` installs them.
FOLDER = Path(__file__).with_name("foreign")
#: The parsers of each syntax, by the names that exports have.
PARSERS = (
    ("rapper", "turtle"),
    ("rapper", "ntriples"),
    ("rapper", "rdfxml"),
    ("rapper", "trig"),
    ("rapper", "nquads"),
    ("n3", "turtle"),
    ("n3", "ntriples"),
    ("n3", "trig"),
    ("n3", "nquads"),
    ("rdfxml-streaming-parser", "rdfxml"),
    ("jsonld", "jsonld"),
)
#: Seconds that a program has.
_DEADLINE = 60
#: Where programs come from, by name.
_SOURCES = {
    "node": "install Node 18 or newer (on Debian: apt install nodejs npm)",
    "rapper": "apt install raptor2-utils",
    "roqet": "apt install rasqal-utils",
    "chromium": "apt install chromium",
    "curl": "apt install curl",
}


class ForeignError(Exception):
    """A program refused what it was given; the message is its own."""


def program(name: str) -> str:
    """The path of a program; where there is none, the test is skipped, but not in CI."""
    return shutil.which(name) or _missing(name, _SOURCES[name])


def script(name: str) -> list[str]:
    """The command that runs a script of tests/foreign; without Node or its packages, the test is skipped, but not in CI."""
    node = program("node")
    if not (FOLDER / "node_modules" / ".package-lock.json").is_file():
        _missing("tests/foreign/node_modules", "run `make foreign`")
    return [node, str(FOLDER / name)]


def run(command: list[str], data: bytes = b"", **arguments: object) -> bytes:
    """What a command writes for what it reads. Raises ForeignError with what it says on standard error."""
    done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=_DEADLINE, **arguments)  # type: ignore[call-overload]  # of run()
    complaint = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode:
        raise ForeignError(complaint or f"{command[0]} ended with status {done.returncode}")
    return bytes(done.stdout)


def canonical(data: bytes, syntax: str, tool: str, contexts: Mapping[str, Path] | None = None) -> bytes:
    """Canonical N-Quads (RDFC-1.0) of what a parser of others reads in RDF data.

    syntax, tool: as in PARSERS. What Node's parsers read is put in canonical form by rdf-canonize, also of others, and
    what rapper reads by pyoxigraph. contexts: JSON-LD contexts by IRI. Raises ForeignError when the parser refuses.
    """
    if tool == "rapper":
        read = run([program("rapper"), "-q", "-i", syntax, "-o", "nquads", "-", "urn:base"], data)
        return canonical_form(parse(read, format=RdfFormat.N_QUADS))
    named = [f"{iri}={file}" for iri, file in (contexts or {}).items()]
    return run([*script("parse.mjs"), tool, syntax, *named], data)


def _missing(what: str, remedy: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing; in CI it must be at hand ({remedy})", pytrace=False)
    pytest.skip(f"{what} is missing: {remedy}")
