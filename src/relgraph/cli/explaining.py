"""why."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from relgraph.cli.terminal import DocumentsOption, LanguageOption, ProjectOption, ReleaseOption, opened, project, texts
from relgraph.why import FORMS, Explainer, resolve


class Output(StrEnum):
    """The forms of an explanation."""

    TEXT = "text"
    JSON = "json"
    TURTLE = "turtle"


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command(epilog='Example: relgraph why state/RUS partnerOf "Partnership for Peace" --documents ../texts')(why)


def why(
    subject: Annotated[str, typer.Argument(help="Key (state/RUS), label in either language, prefixed name or IRI.")],
    predicate: Annotated[str, typer.Argument(help="Name (memberOf), label, prefixed name or IRI; a for rdf:type.")],
    value: Annotated[str, typer.Argument(metavar="OBJECT", help='As the subject, or a literal: "text"@en, 3, true.')],
    output: Annotated[Output, typer.Option("--format", "-f", help="text, json, or turtle (PROV).")] = Output.TEXT,
    lang: LanguageOption = "en",
    release: ReleaseOption = None,
    documents: DocumentsOption = None,
    project_folder: ProjectOption = None,
) -> None:
    """Say where a triple of the current release comes from, down to the characters of the documents.

    For a stated triple: the claims, who answers for them, and their passages. For an inferred one: rule, axiom and premises.
    Exit 1 when it is not in the graph; the nearest triples that are in it are named.
    """
    chosen = project(project_folder)
    store = opened(release, chosen).store()
    triple = resolve(store, subject, predicate, value)
    explanation = Explainer(store).explain(triple, texts(documents, chosen), lang)
    sys.stdout.buffer.write(FORMS[output](explanation, lang))
    if not explanation.found:
        raise typer.Exit(1)
