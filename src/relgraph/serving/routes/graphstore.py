"""/graphs: the reading side of the SPARQL 1.1 Graph Store HTTP Protocol, graphs identified indirectly and directly."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import HTTPException

from relgraph.errors import suggestion
from relgraph.evaluation import GRAPH_FORMATS
from relgraph.serving.http.addresses import address
from relgraph.serving.http.negotiation import Wanted, coding, names
from relgraph.serving.http.requests import PlainRoute, Request
from relgraph.serving.http.responding import Responder
from relgraph.serving.settings import Settings
from relgraph.vocabulary import ID

PATH = "/graphs"


class GraphStore(PlainRoute):
    """Gives the graphs of the snapshot as they stand."""

    methods = ("GET", "HEAD")

    def __init__(self, settings: Settings, responder: Responder) -> None:
        self._settings = settings
        self._responder = responder

    async def answer(self, request: Request) -> None:
        """Answers with the triples of a graph."""
        form = request.form(GRAPH_FORMATS)
        if form is None:
            raise HTTPException(406, f"nothing that you accept fits a graph; there are {names(GRAPH_FORMATS)}")
        wanted = Wanted(None, form, False, coding(request.header(b"accept-encoding")))
        await self._responder.graph(request, self._name(request), wanted)

    def _name(self, request: Request) -> str | None:
        """The graph that is meant (None for the default graph). Raises HTTPException 400 or 404."""
        given, known = request.given, request.snapshot.graphs
        graphs = [value for name, value in given if name == "graph"]
        default = any(name == "default" for name, _ in given)
        path = request.scope["path"].removeprefix(PATH).removeprefix("/")
        if path:
            if graphs or default:
                raise HTTPException(400, "the address names a graph already; leave out graph and default")
            own = f"{address(self._settings, request)}{PATH.removeprefix('/')}/{quote(path, safe='/:@!$&()*+,;=~')}"
            graphs = [next((name for name in (own, f"{ID}graph/{path}") if name in known), own)]
        elif len(graphs) + default != 1:
            raise HTTPException(400, "name one graph: with graph=IRI, or the default graph with default")
        if not graphs:
            return None
        if graphs[0] not in known:
            raise HTTPException(
                404, f"there is no graph {graphs[0]}. {suggestion(graphs[0], known) if known else 'There are none'}"
            )
        return graphs[0]
