"""serve."""

from __future__ import annotations

import gc
import signal
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from relgraph import questions
from relgraph.cli.terminal import DocumentsOption, ProjectOption, ReleaseOption, opened, project, texts
from relgraph.errors import UsageError
from relgraph.release import open_release


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command(epilog="Example: relgraph serve --port 8000 --documents ../texts")(serve)


def serve(
    release: ReleaseOption = None,
    dataset: Annotated[
        Path | None, typer.Option("--dataset", help="Serve this file of RDF instead (.ttl, .nt, .nq, .trig, .rdf, .jsonld).")
    ] = None,
    documents: DocumentsOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on; 127.0.0.1 is this machine only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for any.", min=0, max=65535)] = 8000,
    settings_file: Annotated[
        Path | None,
        typer.Option(
            "--settings",
            envvar="RELGRAPH_SETTINGS",
            help="A TOML file of settings (docs/settings.md); the environment, such as RELGRAPH_QUERY_TIMEOUT=10, wins over it.",
        ),
    ] = None,
    project_folder: ProjectOption = None,
) -> None:
    """Serve the current release: a start page, and SPARQL at /sparql.

    Another release is served as soon as it is the current one; SIGHUP has the server look at once.
    """
    # here, so that the other commands need not wait for the frameworks of the server
    import uvicorn

    from relgraph.cli.stopping import Server
    from relgraph.serving import logs, settings
    from relgraph.serving.app import Application
    from relgraph.serving.connection import bounded
    from relgraph.serving.snapshots.sources import DatasetSource, ReleaseSource, Source

    chosen = settings.load(settings_file)
    at_hand: dict[str, str] = {}
    if dataset is not None:
        if release is not None:
            raise UsageError("--dataset and --release exclude each other; give one of them")
        source: Source = DatasetSource(dataset)
        what = f"{dataset.name}"
    else:
        found = project(project_folder)
        folder = found.releases if release is None else release if release.is_dir() else opened(release, found).path
        source = ReleaseSource(folder, questions.load(found.queries))
        what = f"release {open_release(folder).id[:12]}"
        at_hand = texts(documents, found)
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, TypeError, UnicodeError) as error:  # TypeError, UnicodeError: what cannot be the name of a host
        why = error.strerror if isinstance(error, OSError) else "it is no name or address of a host"
        raise UsageError(f"cannot listen on {host}:{port} ({why}). Choose another with --host or --port") from error
    taken = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    said = f"relgraph serves {what} at http://{shown}:{taken}/ (SPARQL at /sparql; stop with Ctrl-C)"
    application = Application(source, chosen, at_hand, lambda: typer.echo(said))
    logs.configure(chosen)
    config = uvicorn.Config(
        application,
        http=bounded(chosen),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=max(1, round(chosen.keep_alive)),
        timeout_graceful_shutdown=max(1, round(chosen.shutdown_timeout)),
    )
    # what is there when the server starts stays: the collector need not look at it again and again
    gc.freeze()
    gc.set_threshold(50_000)
    with listener:
        # uvicorn raises the signal again when it has ended; the process is to clean up after itself
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
        try:
            Server(config).run(sockets=[listener])
        except SystemExit as stopped:
            if application.failure:  # uvicorn's way of saying that the application did not start
                raise UsageError(application.failure) from stopped
            raise
