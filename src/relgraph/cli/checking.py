"""documents coverage and documents sample: the tools for checking decisions against the texts."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from relgraph import coverage, decisions, sampling
from relgraph.cli.terminal import (
    DocumentsOption,
    JsonOption,
    LanguageOption,
    ProjectOption,
    ReleaseOption,
    console,
    needed_texts,
    opened,
    project,
    registered,
    texts,
)
from relgraph.coverage import Coverage, Covered
from relgraph.errors import Problem, UsageError, raise_if_any
from relgraph.sampling import Drawn
from relgraph.tables import Cell
from relgraph.vocabulary import ID

#: So much of a sentence is shown in a table, in characters.
_SHOWN = 60


class Only(StrEnum):
    """What may be listed alone: sentences that nothing accounts for, or that have words in no passage."""

    UNACCOUNTED = "unaccounted"
    THIN = "thin"


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command("coverage", epilog="Example: relgraph documents coverage 004 --only unaccounted --documents ../texts")(
        show_coverage
    )
    app.command("sample", epilog="Example: relgraph documents sample --size 20 --documents ../texts")(sample)


def show_coverage(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="DOCUMENT", help="Ids, file names or SHA-256 of documents; by default all registered ones."),
    ] = None,
    only: Annotated[
        Only | None,
        typer.Option("--only", help="List only what nothing accounts for, or what has words in no passage (thin)."),
    ] = None,
    folder: DocumentsOption = None,
    project_folder: ProjectOption = None,
    as_json: JsonOption = False,
) -> None:
    """Account for every sentence: claims with evidence in it, or a decision that it states nothing. Exit 1 when one is left.

    A gap is a run of words that lie in no passage: neither evidence nor context nor part of a no-statement.
    Page numbers and marks (no letter in them) need no decision.
    """
    chosen = project(project_folder)
    register = registered(chosen)
    wanted = {d.id: d for d in (map(register.find, names) if names else register.documents.values())}
    found = needed_texts(wanted, folder, chosen)
    problems: list[Problem] = []
    loaded = decisions.load(chosen.statements, problems)
    covered = [coverage.of_document(document, found[key], loaded, problems) for key, document in wanted.items()]
    raise_if_any(problems)
    if as_json:
        content = {
            each.document.id: {
                "summary": _summary(each),
                "sentences": [_record(one) for one in each.sentences if _is_listed(one, only)],
            }
            for each in covered
        }
        typer.echo(json.dumps({"documents": content}, ensure_ascii=False, indent=1))
    else:
        for each in covered:
            _print_coverage(each, found[each.document.id], only)
    if any(each.count("unaccounted") for each in covered):
        raise typer.Exit(1)


def sample(
    size: Annotated[int, typer.Option("--size", min=1, help="How many claims; all, where there are fewer.")] = 60,
    seed: Annotated[
        str | None, typer.Option("--seed", help="What the draw depends on; by default the id of the release.")
    ] = None,
    lang: LanguageOption = "en",
    release: ReleaseOption = None,
    folder: DocumentsOption = None,
    project_folder: ProjectOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw claims at random from the current release and print what is needed to check them against the texts.

    The same release and seed give the same claims. They come in the order of their places.
    """
    if lang not in ("en", "ru"):
        raise UsageError(f"there are no labels in {lang!r}; choose en or ru")
    chosen = project(project_folder)
    sampled = opened(release, chosen)
    chance = sampled.id if seed is None else seed
    drawn = sampling.draw(sampled.store(), size, chance, lang, texts(folder, chosen))
    if as_json:
        content = {
            "release": sampled.id,
            "seed": chance,
            "claimsInRelease": drawn.population,
            "claims": [_claim_record(claim) for claim in drawn.drawn],
        }
        typer.echo(json.dumps(content, ensure_ascii=False, indent=1))
        return
    for number, claim in enumerate(drawn.drawn, start=1):
        _print_claim(number, claim)
    source = "its id as seed" if seed is None else f"seed {seed!r}"
    console.print(f"{len(drawn.drawn)} of {drawn.population} claims of release {sampled.id}, {source}", markup=False)


def _is_listed(covered: Covered, only: Only | None) -> bool:
    if only is None:
        return True
    return covered.account == "unaccounted" if only is Only.UNACCOUNTED else covered.is_thin


def _summary(covered: Coverage) -> dict[str, object]:
    return {
        "sentences": len(covered.sentences),
        "statements": covered.count("statements"),
        "noStatement": covered.reasons("no-statement"),
        "rejected": covered.count("rejected"),
        "noise": covered.reasons("noise"),
        "unaccounted": covered.count("unaccounted"),
        "thin": sum(one.is_thin for one in covered.sentences),
        "claims": covered.claims,
    }


def _record(one: Covered) -> dict[str, object]:
    return {
        "start": one.sentence.start,
        "end": one.sentence.end,
        "line": one.line,
        "section": one.section.key if one.section else None,
        "claims": one.claims,
        "decisions": list(one.decisions),
        "account": one.account,
        "why": one.why,
        "words": one.words,
        "shareInNoPassage": round(one.share, 3),
        "gaps": [list(gap) for gap in one.gaps],
    }


def _print_coverage(covered: Coverage, text: str, only: Only | None) -> None:
    listed = [one for one in covered.sentences if _is_listed(one, only)]
    if listed:
        table = Table(title=Text(f"{covered.document.id} {covered.document.title}"), title_justify="left")
        for column in ("line", "section", "claims", "accounted for by", "in no passage", "sentence"):
            table.add_column(column, overflow="fold", justify="right" if column in ("line", "claims") else "left")
        for one in listed:
            table.add_row(
                str(one.line),
                Text(dict(one.section.labels).get("en", one.section.key) if one.section else ""),
                str(one.claims or ""),
                Text(one.account + (f": {one.why}" if one.why else ""), style="red" if one.account == "unaccounted" else ""),
                _gaps(one),
                Text(_cut(text[one.sentence.start : one.sentence.end])),
            )
        console.print(table)
    console.print(_summary_line(covered), markup=False, highlight=False, soft_wrap=True)


def _gaps(one: Covered) -> str:
    """How many words lie in no passage, and where; nothing more where that is the whole sentence."""
    if not one.gaps or one.account == "unaccounted":
        return ""
    return f"{one.missing} of {one.words} words: " + ", ".join(f"{start}–{end}" for start, end in one.gaps)


def _cut(quote: str) -> str:
    folded = " ".join(quote.split())
    return folded if len(folded) <= _SHOWN else folded[: _SHOWN - 1].rstrip() + "…"


def _summary_line(covered: Coverage) -> str:
    def counted(number: int, what: str, reasons: dict[str, int]) -> str:
        return f"{number} {what}" + (f" ({', '.join(f'{n} {why}' for why, n in reasons.items())})" if reasons else "")

    nothing, noise = covered.reasons("no-statement"), covered.reasons("noise")
    parts = (
        f"{len(covered.sentences)} sentences",
        f"{covered.count('statements')} with statements",
        counted(covered.count("no-statement"), "no-statement", nothing),
        *([f"{covered.count('rejected')} rejected"] if covered.count("rejected") else []),
        counted(covered.count("noise"), "noise", noise),
        f"{covered.count('unaccounted')} unaccounted for",
        f"{sum(one.is_thin for one in covered.sentences)} thin",
        f"{covered.claims} claims",
    )
    return f"{covered.document.id}: {', '.join(parts)}"


def _claim_record(claim: Drawn) -> dict[str, object]:
    return {
        "claim": claim.claim.value,
        "about": _cell_record(claim.about),
        "types": [_cell_record(cell) for cell in claim.types],
        "modality": _cell_record(claim.modality),
        "attributedTo": _cell_record(claim.attributed_to),
        "conveyedBy": _cell_record(claim.conveyed_by) if claim.conveyed_by else None,
        "says": [{"property": name} | _cell_record(cell) for name, cell in claim.says],
        "gloss": claim.gloss,
        "evidence": _place_record(claim.evidence),
        "context": [_place_record(cell) for cell in claim.context],
    }


def _cell_record(cell: Cell) -> dict[str, object]:
    return {"iri": cell.iri, "text": cell.text}


def _place_record(cell: Cell) -> dict[str, object]:
    return _cell_record(cell) | {"passage": cell.passage}


def _print_claim(number: int, claim: Drawn) -> None:
    table = Table(title=Text(f"{number}. {claim.claim.value.removeprefix(ID)}"), title_justify="left", show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    rows = [
        ("fact", claim.about),
        *(("class", cell) for cell in claim.types),
        ("modality", claim.modality),
        ("attributed to", claim.attributed_to),
        *([("conveyed by", claim.conveyed_by)] if claim.conveyed_by else []),
        *((f"says {name}", cell) for name, cell in claim.says),
        ("gloss", Cell(claim.gloss)),
        ("evidence", claim.evidence),
        *(("context", cell) for cell in claim.context),
    ]
    for name, cell in rows:
        table.add_row(name, _value(cell))
    console.print(table)


def _value(cell: Cell) -> Text:
    """The label, the key behind it, and below it the passage of a place."""
    text = Text(cell.text)
    if cell.passage:
        text.append(f"\n“{cell.passage}”", style="italic")
    elif cell.iri and cell.iri.startswith(ID) and "#char=" not in cell.iri:
        text.append(f"  {cell.iri.removeprefix(ID)}", style="dim")
    return text
