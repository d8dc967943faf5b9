"""The query operation of the SPARQL 1.1 Protocol (section 2.1): what a request asks, from its URL, headers and body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import HTTPException

from relgraph.evaluation import Dataset
from relgraph.naming import Name

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
UPDATE = "application/sparql-update"
#: Seconds that a query may be given at least: ending it costs a worker.
SHORTEST = 0.1
#: Parameters in one request; a query names a handful of graphs at most.
_PARAMETERS = 1000
_READ_ONLY = "this endpoint answers queries only: a release is never changed, a new one is built beside it"


@dataclass(frozen=True)
class Asked:
    """A query as a request puts it: its text, the graphs it sees, a format by name, and its seconds, where given.

    pieces: of a query whose arguments name things, its text with these names, which are still to be found; the text is then the
    one with the defaults.
    """

    query: str
    dataset: Dataset
    format: str | None = None
    timeout: float | None = None
    pieces: tuple[str | Name, ...] = ()


def parameters(encoded: bytes) -> list[tuple[str, str]]:
    """Names and values of a query string or form, in UTF-8 whether percent-encoded or raw. Raises HTTPException 400."""
    try:
        return parse_qsl(
            encoded.decode("utf-8"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=_PARAMETERS
        )
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"the parameters are not UTF-8 (byte {error.start})") from error
    except ValueError as error:
        raise HTTPException(400, f"there are more than {_PARAMETERS} parameters") from error


def posted(in_url: Sequence[tuple[str, str]], headers: Mapping[bytes, bytes], body: bytes) -> list[tuple[str, str]]:
    """The parameters of a POST request: of its form, or with its body as the query. Raises HTTPException 400, 403, 415."""
    content_type, _, rest = headers.get(b"content-type", b"").decode("latin-1").partition(";")
    content_type = content_type.strip().lower()
    charset = dict(parse_qsl(rest.replace(" ", "").lower(), separator=";")).get("charset", "utf-8").strip('"')
    if charset not in ("utf-8", "utf8"):
        raise HTTPException(415, f"the body must be UTF-8, not {charset}")
    if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        raise HTTPException(415, "the body must not be compressed")
    if content_type == UPDATE:
        raise HTTPException(403, _READ_ONLY)
    if content_type == DIRECT:
        return [*in_url, ("query", _decoded(body))]
    if content_type == FORM:
        return [*in_url, *parameters(body)]
    raise HTTPException(415, f"POST a query as {FORM} or {DIRECT}, not {content_type or 'without a type'}")


def asked(given: Sequence[tuple[str, str]]) -> Asked:
    """What the parameters ask. Raises HTTPException 400, or 403 for an update."""
    values: dict[str, list[str]] = {}
    for name, value in given:
        values.setdefault(name, []).append(value)
    if "update" in values:
        raise HTTPException(403, _READ_ONLY)
    queries = values.get("query", [])
    if len(queries) != 1:
        raise HTTPException(400, f"give exactly one query; there are {len(queries)}")
    dataset = Dataset(tuple(values.get("default-graph-uri", ())), tuple(values.get("named-graph-uri", ())))
    return Asked(queries[0], dataset, values.get("format", [None])[0], timeout(values.get("timeout", [])))


def timeout(values: Sequence[str]) -> float | None:
    """The seconds that the values of a parameter `timeout` ask for; None where there are none. Raises HTTPException 400."""
    if not values:
        return None
    try:
        seconds = float(values[0])
    except ValueError:
        seconds = 0.0
    if not SHORTEST <= seconds < float("inf"):
        raise HTTPException(400, f"timeout is a number of seconds from {SHORTEST}, not {values[0][:40]!r}")
    return seconds


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"the query is not UTF-8 (byte {error.start})") from error
