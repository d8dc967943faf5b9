"""`python -m bench.serve throughput|latency|hostile`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bench import judgement
from bench.errors import BenchError, main
from bench.report import write_json
from bench.serve import hostile, latency, throughput, verdict
from bench.serve.servers import NAMES, PEERS

app = typer.Typer(
    help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich"
)

JsonOption = Annotated[Path | None, typer.Option("--json", help="File for a summary in JSON.")]
ServerOption = Annotated[
    list[str] | None, typer.Option("--server", help=f"Only this one of {', '.join(NAMES)}; may be repeated.")
]


@app.command("throughput", epilog="Example: python -m bench.serve throughput --only point --only join --json throughput.json")
def throughput_command(
    seconds: Annotated[float, typer.Option(help="Seconds of each measurement.", min=1)] = 5,
    rounds: Annotated[int, typer.Option(help="Rounds; the medians count.", min=1)] = 3,
    size: Annotated[int, typer.Option(help="Triples of the dataset.", min=1000)] = 200_000,
    only: Annotated[
        list[str] | None, typer.Option(help=f"Only this one of {', '.join(throughput.KINDS)}; may be repeated.")
    ] = None,
    server: ServerOption = None,
    json: JsonOption = None,
) -> None:
    """Requests a second and latencies of kinds of query, at relgraph, oxigraph and rdflib-endpoint."""
    kinds = _among(only, throughput.KINDS, "kind of query")
    result = throughput.measure(size, seconds, rounds, kinds, _among(server, NAMES, "server"))
    throughput.show(result)
    judgements = throughput.judge(result)
    holds = judgement.show(judgements)
    write_json(json, {**asdict(result), "judgements": judgement.as_json(judgements), "holds": holds if judgements else None})
    raise typer.Exit(0 if holds else 1)


@app.command("latency", epilog="Example: python -m bench.serve latency --server relgraph --seconds 10 --json latency.json")
def latency_command(
    seconds: Annotated[float, typer.Option(help="Seconds of each measurement.", min=1)] = 10,
    rounds: Annotated[int, typer.Option(help="Rounds; the medians count.", min=1)] = 3,
    size: Annotated[int, typer.Option(help="Triples of the dataset.", min=1000)] = 200_000,
    timeout: Annotated[int, typer.Option(help="Seconds after which the server has to end a query.", min=1)] = 3,
    server: ServerOption = None,
    json: JsonOption = None,
) -> None:
    """How much longer polite queries take while a hostile one runs, at relgraph, oxigraph and rdflib-endpoint."""
    found = latency.measure(size, seconds, rounds, timeout, _among(server, NAMES, "server"))
    latency.show(found)
    judgements = latency.judge(found)
    holds = judgement.show(judgements)
    servers = {name: {**asdict(at), "times": at.times} for name, at in found.items()}
    write_json(json, {"servers": servers, "judgements": judgement.as_json(judgements), "holds": holds if judgements else None})
    raise typer.Exit(0 if holds else 1)


@app.command("hostile", epilog="Example: python -m bench.serve hostile --server relgraph --seconds 120 --json hostile.json")
def hostile_command(
    seconds: Annotated[float, typer.Option(help="Seconds of attack on each server.", min=1)] = 120,
    size: Annotated[int, typer.Option(help="Triples of the dataset.", min=1000)] = 20_000,
    timeout: Annotated[int, typer.Option(help="Seconds after which the server has to end a query.", min=1)] = 5,
    limit: Annotated[float, typer.Option(help="Seconds within which it has to be done with any request.", min=1)] = 30,
    memory: Annotated[float, typer.Option(help="Most memory that server and workers may take, in GB.", min=0.1)] = 4,
    client_budgets: Annotated[bool, typer.Option("--client-budgets", help="Leave on what limits a single client.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Only this kind of attack; may be repeated.")] = None,
    skip: Annotated[list[str] | None, typer.Option(help="Not this kind of attack; may be repeated.")] = None,
    url: Annotated[str | None, typer.Option(help="Attack the endpoint that runs here on 127.0.0.1, and start none.")] = None,
    details: Annotated[bool, typer.Option("--details", help="Show all kinds of attack, not just those that went wrong.")] = False,
    server: ServerOption = None,
    json: JsonOption = None,
) -> None:
    """The hostile set against relgraph, oxigraph and rdflib-endpoint, or against a URL, beside a polite client."""
    plan = hostile.Plan(size, seconds, timeout, limit, client_budgets, tuple(only or ()), tuple(skip or ()))
    results = hostile.at_url(plan, url) if url else hostile.at_servers(plan, _among(server, NAMES, "server"))
    verdict.show(results, details)
    judgements = [found for at in results if at.server not in PEERS for found in verdict.judge(at, memory * 1e9)]
    holds = judgement.show(judgements)
    write_json(
        json,
        {
            "servers": [asdict(at) for at in results],
            "judgements": judgement.as_json(judgements),
            "holds": holds if judgements else None,
        },
    )
    raise typer.Exit(0 if holds else 1)


def _among(given: list[str] | None, known: tuple[str, ...], what: str) -> tuple[str, ...]:
    """What was given, when all of it is known; all that is known when nothing was given."""
    for name in given or ():
        if name not in known:
            raise BenchError(f"there is no {what} {name}; there are {', '.join(known)}")
    return tuple(given) if given else known


if __name__ == "__main__":
    main(app)
