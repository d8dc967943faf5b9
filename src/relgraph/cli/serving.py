"""serve."""

from __future__ import annotations

import socket
from typing import Annotated

import typer
import uvicorn

from relgraph import questions
from relgraph.cli.terminal import DocumentsOption, ProjectOption, ReleaseOption, project, texts
from relgraph.errors import UsageError
from relgraph.release import open_release
from relgraph.serving.app import create_app


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command(epilog="Example: relgraph serve --port 8000 --documents ../texts")(serve)


def serve(
    release: ReleaseOption = None,
    documents: DocumentsOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on; 127.0.0.1 is this machine only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for any.", min=0, max=65535)] = 8000,
    project_folder: ProjectOption = None,
) -> None:
    """Serve the current release: a start page, and SPARQL at /sparql."""
    chosen = project(project_folder)
    opened = open_release(release or chosen.releases)
    application = create_app(opened, questions.load(chosen.queries), texts(documents, chosen))
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port} ({error.strerror}). Choose another with --host or --port") from error
    with listener:
        taken = listener.getsockname()[1]
        typer.echo(f"relgraph serves release {opened.id[:12]} at http://{host}:{taken}/ (SPARQL at /sparql; stop with Ctrl-C)")
        uvicorn.Server(uvicorn.Config(application, log_level="warning")).run(sockets=[listener])
