"""A SPARQL endpoint by its address (SPARQL 1.1 Protocol): asked by form POST, within a time, with errors for people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import httpx2
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results

from relgraph import __version__
from relgraph.api import reading
from relgraph.api.backends import Answer, Solutions
from relgraph.api.deadlines import Deadlines
from relgraph.api.parameters import Term, bind
from relgraph.api.tokens import tokens
from relgraph.errors import BudgetError, EndpointError, ForbiddenError, QueryError, UsageError
from relgraph.vocabulary import ID, PREFIXES

if TYPE_CHECKING:
    from relgraph.findings import Report
    from relgraph.project import Project
    from relgraph.release import Release

_TABLE: Final = "application/sparql-results+json"
_GRAPHS: Final = {"application/n-triples": RdfFormat.N_TRIPLES, "text/turtle": RdfFormat.TURTLE}
_ACCEPT_GRAPH: Final = "application/n-triples, text/turtle;q=0.9"
#: So much of an answer that is no SPARQL result is repeated, and so much of a server's own message, in characters.
_ECHOED: Final = 200
_SAID: Final = 1_000
#: Bytes that an answer may have, unpacked: a server that never ends must not fill the memory.
_MOST: Final = 512 * 1024 * 1024
#: Codings of an answer; one at a time, as a packed packet may be a million times as long.
_CODINGS: Final = ("", "identity", "gzip", "x-gzip", "deflate")
#: Seconds that an answer may be given, at most.
_LONGEST: Final = 1_000_000
#: Seconds after which to try again, as a header has them (RFC 9110, section 10.2.3).
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


class Endpoint:
    """A SPARQL endpoint; one connection is kept for all queries."""

    def __init__(self, address: str, timeout: float) -> None:
        """address: http or https, with a name and password for basic authentication if need be; without a path, /sparql is
        meant, as relgraph's server has it. timeout: seconds for a whole answer. Raises UsageError for what is no address, and for
        seconds that are none."""
        try:
            url = httpx2.URL(address)
        except httpx2.InvalidURL as error:
            raise UsageError(f"{address[:100]!r} is no address of an endpoint: {error}") from error
        if not url.host:
            raise UsageError(f"{address[:100]!r} is no address of an endpoint: it has no host")
        auth = httpx2.BasicAuth(url.username, url.password) if url.username else None
        self._url = url.copy_with(userinfo=b"", path="/sparql" if url.path in ("", "/") else url.path, fragment=None)
        self.name = str(self._url)
        if not isinstance(timeout, int | float) or not 0 < timeout < _LONGEST:
            raise UsageError(f"the timeout is {timeout!r}; give a number of seconds")
        self._timeout = timeout
        self._release: str | None = None
        headers = {"User-Agent": f"relgraph/{__version__}", "Accept-Encoding": "gzip, deflate"}
        self._client = httpx2.Client(auth=auth, timeout=timeout, headers=headers)
        self._deadlines = Deadlines(self._client)

    @property
    def release(self) -> str | None:
        """The release that a server of relgraph has named in its latest answer."""
        return self._release

    def answer(self, query: str, terms: Mapping[str, Term]) -> Answer:
        """As Backend.answer; prefixes of relgraph, and keys as relative IRIs, are declared for the endpoint."""
        text = with_prologue(bind(query, terms))
        is_graph = reading.form(query) in ("CONSTRUCT", "DESCRIBE")
        media_type, body = self._asked("POST", self._url, _ACCEPT_GRAPH if is_graph else _TABLE, {"query": text})
        try:
            if is_graph and media_type in _GRAPHS:
                return [quad.triple for quad in parse(body, format=_GRAPHS[media_type])]
            if not is_graph and media_type in (_TABLE, "application/json"):
                return _table(body)
        except (SyntaxError, ValueError) as error:
            raise EndpointError(f"{self.name} answered something that cannot be read: {error}") from error
        raise EndpointError(
            f"{self.name} answered {media_type or 'something without a media type'} and no SPARQL result: {_start(body)}. "
            "Check that it is the address of an endpoint"
        )

    def explanation(self, terms: tuple[str, str, str], language: str) -> tuple[dict[str, Any], str]:
        """As Backend.explanation, from /why beside the endpoint, which a server of relgraph has."""
        given = dict(zip(("subject", "predicate", "object"), terms, strict=True))
        url = self._url.copy_with(path=self._url.path.rstrip("/").rpartition("/")[0] + "/why", query=None)
        asked = url.copy_merge_params({**given, "lang": language})
        found = self._asked("GET", asked.copy_set_param("format", "json"), "application/json", None)[1]
        text = self._asked("GET", asked.copy_set_param("format", "text"), "text/plain", None)[1]
        record = _object(found)
        if record is None or not isinstance(record.get("found"), bool):
            raise EndpointError(f"{url} gave no explanation that can be read. Check that it is a server of relgraph")
        return record, text.decode("utf-8", "replace")

    def report(self, project: Project) -> Report:
        """Raises UsageError: the data are elsewhere."""
        raise UsageError(f"{self.name} is an endpoint: validate where the data are, a release or a file")

    def exportable(self) -> tuple[Release, Mapping[str, str]]:
        """Raises UsageError: the data are elsewhere."""
        beside = self._url.copy_with(path=self._url.path.rstrip("/").rpartition("/")[0] + "/export", query=None)
        raise UsageError(
            f"{self.name} is an endpoint, and exports are made where the release is, with its documents. A server of relgraph "
            f"has them at {beside}; of other endpoints, write the graph of a CONSTRUCT"
        )

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def _asked(self, method: str, url: httpx2.URL, accept: str, form: Mapping[str, str] | None) -> tuple[str, bytes]:
        """Media type and body of an answer. Raises RelgraphError for what is none."""
        late = f"{self.name} has not answered within {self._timeout:g} s. Ask for less, or open it with a longer timeout"
        try:
            with (
                self._deadlines.within(self._timeout),
                self._client.stream(method, url, data=form, headers={"Accept": accept}) as response,
            ):
                body = bytearray()
                coding = response.headers.get("content-encoding", "").strip().lower()
                if coding not in _CODINGS:
                    raise EndpointError(f"{self.name} answered with the coding {coding[:_ECHOED]!r}, which was not asked for")
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > _MOST:
                        raise EndpointError(
                            f"{self.name} answered with more than {_MOST} bytes. Ask for less, with LIMIT or a filter"
                        )
        except httpx2.TimeoutException as error:
            raise EndpointError(late, timeout=True) from error
        except (httpx2.HTTPError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise EndpointError(f"{self.name} cannot be reached, or broke off its answer: {reason}. Check the address") from error
        except RuntimeError as error:
            raise UsageError(f"{self.name} is closed. Open it again with relgraph.open") from error
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not response.is_success:
            raise self._refusal(response, media_type, bytes(body))
        self._release = response.headers.get("relgraph-release", self._release)
        return media_type, bytes(body)

    def _refusal(self, response: httpx2.Response, media_type: str, body: bytes) -> Exception:
        """What an answer with another status than success means."""
        if response.is_redirect:
            return EndpointError(f"{self.name} has moved. Open {response.headers.get('location', 'its other address')} instead")
        detail, budget = _start(body), None
        if media_type == "application/problem+json" and (problem := _object(body)):
            detail, budget = _readable(str(problem.get("detail", detail))), problem.get("budget")
        said = f"{self.name} ({response.status_code}): {detail}"
        if budget:
            wait = response.headers.get("retry-after", "")
            return BudgetError(str(budget), said, float(wait) if _SECONDS.fullmatch(wait) else None)
        kinds: dict[int, type[Exception]] = {400: QueryError, 401: ForbiddenError, 403: ForbiddenError}
        return kinds.get(response.status_code, EndpointError)(said)


def with_prologue(query: str) -> str:
    """The query with a BASE and PREFIX for the keys and prefixes of relgraph that it uses and does not declare itself."""
    used, own, has_base, relative = [], set(), False, False
    before = ""
    for token in tokens(query):
        if token.kind == "name":
            prefix = token.text.partition(":")[0]
            own.add(prefix) if before == "PREFIX" else used.append(prefix)
        elif token.kind == "iri":
            relative = relative or (before != "PREFIX" and ":" not in token.text)
        has_base = has_base or token.keyword == "BASE"
        before = token.keyword or before if token.kind != "iri" else ""
    lines = [f"BASE <{ID}>"] if relative and not has_base else []
    lines += [f"PREFIX {p}: <{PREFIXES[p]}>" for p in dict.fromkeys(used) if p in PREFIXES and p not in own]
    return " ".join([*lines, query])


def _table(body: bytes) -> Answer:
    """What results in JSON say. Raises SyntaxError or ValueError, which do not hold them: they must end in their thread."""
    found = parse_query_results(body, QueryResultsFormat.JSON)
    try:
        if isinstance(found, QuerySolutions):
            return Solutions(tuple(variable.value for variable in found.variables), tuple(map(tuple, found)))
        return bool(found)
    finally:
        del found


def _object(body: bytes) -> dict[str, Any] | None:
    """An object of JSON; None where it is none, or is nested too deeply to be read."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _readable(words: str) -> str:
    """What a server says, as a terminal can show it: no control characters, and an end."""
    shown = "".join(c if c.isprintable() or c == "\n" else " " for c in words[: _SAID + 1])
    return shown if len(shown) <= _SAID else shown[:_SAID] + "…"


def _start(body: bytes) -> str:
    text = " ".join(body[: 4 * _ECHOED].decode("utf-8", "replace").split())
    return repr(text[:_ECHOED]) if text else "nothing"
