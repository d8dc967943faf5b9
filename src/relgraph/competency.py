"""Competency questions: what the graph must be able to answer, the query that answers it, and the rows expected.

`competency/DOCUMENT.jsonl` holds a question a line: `id`, `question`, `answer` (in words, for a reader), `query` (a name
in `queries/` or `queries/competency/`) and, where it takes any, `parameters`. `competency/expected/ID.tsv` holds the rows
as SPARQL TSV.

`python -m relgraph.competency PROJECT RELEASE` prints the page docs/competency.md. With `--update` it first writes the
expected rows anew from the release, where they differ; read their diff.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, Store, parse_query_results

from relgraph import evaluation, querytext, questions, rdf, tables, usage, writing
from relgraph.errors import Problem, QueryError, RelgraphError, UsageError, raise_if_any, suggestion
from relgraph.project import Project
from relgraph.questions import Question
from relgraph.release import open_release
from relgraph.usage import Usage
from relgraph.vocabulary import ALT_LABEL, ID, PREF_LABEL, SCHEMES, XSD

#: So many rows of a result are on the page; the rest is in the file.
SHOWN = 12
_GRAPHS = ID + "graph/"
#: Concepts that every query may name, though its rows hold them: they say how a fact stands, not what it is.
_STANDING = (SCHEMES + "status#", SCHEMES + "modality#")
_MOMENT = NamedNode(XSD + "dateTime")
_FORM = "Write id, question, query, answer and, if there are any, parameters, as CONTRIBUTING.md shows"


class Row(BaseModel):
    """A line of a file of questions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Annotated[str, Field(pattern=r"^[0-9A-Za-z]+-[Qq]\d\d$")]
    question: str = Field(min_length=1)
    query: str
    parameters: dict[str, str] = {}
    answer: list[str] = Field(min_length=1)


@dataclass(frozen=True)
class Case:
    """A competency question: where it stands (file:line), its row, its query, the SPARQL text with the parameters in
    place, and the file of the rows expected."""

    where: str
    row: Row
    query: Question
    text: str
    expected: Path

    @property
    def command(self) -> str:
        """How to ask it on the command line."""
        parameters = (f"-p {shlex.quote(f'{name}={value}')}" for name, value in self.row.parameters.items())
        return " ".join(["relgraph query", self.query.name, *parameters])


def load(project: Project, problems: list[Problem]) -> tuple[Case, ...]:
    """The questions of a project in the order of their files.

    A line out of form, an id that is taken or is not of its file, an unknown query and an unknown or wrong parameter add
    problems. Raises InputError when a query file cannot be read.
    """
    known = questions.load_all(project.queries)
    cases: dict[str, Case] = {}
    for path in sorted(project.competency.glob("*.jsonl")):
        for number, line in enumerate((rdf.read_text(path, problems) or "").splitlines(), start=1):
            case = _case(project, f"{path}:{number}", line, known, problems)
            if case is None:
                continue
            if not case.row.id.startswith(f"{path.stem}-"):
                remedy = f"Begin it with {path.stem}-, or move the line to the file of its document"
                problems.append(Problem(case.where, f"the id {case.row.id} is not of this file", remedy))
            if case.row.id in cases:
                what = f"the id {case.row.id} is taken by {cases[case.row.id].where}"
                problems.append(Problem(case.where, what, "Remove one of the two lines"))
            cases.setdefault(case.row.id, case)
    return tuple(cases.values())


def check_expected(project: Project, cases: Iterable[Case], problems: list[Problem]) -> None:
    """Sees to it that each question has its expected rows, and each file of rows its question."""
    remedy = "Run `python -m relgraph.competency PROJECT RELEASE --update`, and read what it writes"
    files = {case.expected: case for case in cases}
    for path, case in files.items():
        if not path.is_file():
            problems.append(Problem(case.where, f"{case.row.id} has no file {path.name} of expected rows", remedy))
            continue
        try:
            if not evaluation.rows(expected(case)):
                problems.append(Problem(f"{path}:1", "holds no row", "Mend the query or the data: the question has an answer"))
        except QueryError as error:
            problems.append(Problem(f"{path}:1", str(error), remedy))
    for path in sorted(set((project.competency / "expected").glob("*")) - set(files)):
        problems.append(Problem(f"{path}:1", "belongs to no question", "Remove the file, or add the question"))


def expected(case: Case) -> QuerySolutions:
    """The rows expected. Raises QueryError when the file is no SPARQL TSV with rows."""
    try:
        found = parse_query_results(path=str(case.expected), format=QueryResultsFormat.TSV)
    except (SyntaxError, ValueError) as error:
        raise QueryError(f"is no SPARQL TSV: {error}") from error
    if not isinstance(found, QuerySolutions):
        raise QueryError("is no SPARQL TSV with columns")
    return found


def run(store: Store, case: Case) -> QuerySolutions:
    """The rows that a release gives. Raises UsageError for a parameter that names nothing in it, QueryError when the
    query cannot be evaluated or is no SELECT."""
    evaluation.check_known(store, case.query.resources(case.row.parameters))
    found = evaluation.evaluate(store, case.text)
    if not isinstance(found, QuerySolutions):
        raise QueryError(f"{case.query.path}: is no SELECT. Ask for the values, and for yes or no with EXISTS in the SELECT")
    return found


def foretold(store: Store, case: Case) -> list[Problem]:
    """Where a query, with its parameters, says its answer by itself.

    Constants are the IRIs and literals of the query text (querytext says which literals are no such constants), without
    classes, properties, graphs, and concepts of status and modality. None may be a value of the expected rows, nor be
    called as one of the answers in words; a date may not be the day, an IRI not end on the text, and a string not be a
    part of a value, unless the question itself says it.
    """
    named = querytext.constants(case.text)
    values = {term for row in evaluation.rows(expected(case)) for term in row if isinstance(term, NamedNode | Literal)}
    texts = {term.value.casefold() for term in values if isinstance(term, Literal)}
    answers = {answer.casefold() for answer in case.row.answer}
    problems = []
    stated: list[NamedNode | Literal] = [*filter(_is_thing, named.iris), *named.literals]
    for term in sorted(stated, key=str):
        words = {word.casefold() for word in _words(store, term)}
        inside = isinstance(term, Literal) and _is_part(term, texts, case.row.question)
        if term in values or words & (texts | answers) or inside:
            what = f"{case.row.id}: {case.query.path.name} with its parameters holds {term}, which the answer holds too"
            problems.append(Problem(case.where, what, "Ask for it with a variable; what is only echoed, do not project"))
    return problems


def _is_thing(node: NamedNode) -> bool:
    return node.value.startswith((ID, SCHEMES)) and not node.value.startswith((_GRAPHS, *_STANDING))


def _words(store: Store, term: NamedNode | Literal) -> set[str]:
    """What stands for a constant in words: labels and end of an IRI, text and day of a literal."""
    if isinstance(term, Literal):
        return {term.value, term.value.partition("T")[0]} if term.datatype == _MOMENT else {term.value}
    labels = {
        quad.object.value
        for predicate in (PREF_LABEL, ALT_LABEL)
        for quad in store.quads_for_pattern(term, predicate, None)
        if isinstance(quad.object, Literal)
    }
    return labels | {term.value.removeprefix(ID).partition("/")[2].replace("_", "/")}


def _is_part(term: Literal, texts: Iterable[str], question: str) -> bool:
    text = term.value.casefold()
    return sum(map(str.isalnum, text)) > 2 and text not in question.casefold() and any(text in value for value in texts)


def update(store: Store, cases: Iterable[Case]) -> list[Path]:
    """Writes the expected rows of each question anew, where a release gives others than the file holds; gives the files.

    The same rows in another order leave a file as it is.
    """
    tsv = next(form for form in evaluation.TABLE_FORMATS if form.name == "tsv")
    written = []
    for case in cases:
        if case.expected.is_file() and _table(expected(case)) == _table(run(store, case)):
            continue
        case.expected.parent.mkdir(parents=True, exist_ok=True)
        with case.expected.open("wb") as file:
            writing.write(run(store, case), tsv, file)
        written.append(case.expected)
    return written


def render(project: Project, store: Store) -> str:
    """The page: questions with answers, queries and rows, and the terms of the ontology that nothing asks for.

    Raises InputError for every problem of the questions, of their expected rows and of the reasons for unused terms.
    """
    problems: list[Problem] = []
    cases = load(project, problems)
    check_expected(project, cases, problems)
    used = usage.read(project, problems)
    raise_if_any(problems)
    return "\n".join([*_heading(), *_questions(project, store, cases, used), *_terms(used)])


def _heading() -> list[str]:
    return [
        "# Competency questions",
        "",
        "Generated by `python -m relgraph.competency`. The questions that the graph must answer: each with its answer in",
        "words, the query, and the rows that a release gives. Below each, the classes and properties that the query uses.",
        "",
    ]


def _questions(project: Project, store: Store, cases: Iterable[Case], used: Usage) -> Iterator[str]:
    by_document: dict[str, list[Case]] = {}
    for case in cases:
        by_document.setdefault(case.row.id.partition("-")[0], []).append(case)
    for document, asked in by_document.items():
        yield from (f"## Document {document}", "", "| id | question | answer | query |", "|---|---|---|---|")
        for case in asked:
            query = _link(project, case.query.name, case.query.path)
            link = f"[{case.row.id}](#{case.row.id.lower()})"
            yield f"| {link} | {_cell(case.row.question)} | {_cell('; '.join(case.row.answer))} | {query} |"
        yield ""
        for case in asked:
            yield from _details(project, store, case, used)


def _details(project: Project, store: Store, case: Case, used: Usage) -> Iterator[str]:
    table = tables.table(expected(case), store, "en", {})
    count = f"{len(table.rows)} row{'s' if len(table.rows) != 1 else ''}"
    yield from (f"### {case.row.id}", "", _cell(case.row.question), "")
    yield from (f"`{case.command}` – {_link(project, count, case.expected)}:", "")
    yield f"| {' | '.join(table.columns)} |"
    yield "|---" * len(table.columns) + "|"
    for row in table.rows[:SHOWN]:
        yield f"| {' | '.join(map(_value, row))} |"
    if len(table.rows) > SHOWN:
        yield from ("", f"… and {len(table.rows) - SHOWN} more.")
    yield from ("", f"Uses {', '.join(f'`{name}`' for name in usage.terms_in(case.text, used))}.", "")


def _terms(used: Usage) -> Iterator[str]:
    count = len(used.kinds) - len(used.unused) - len(used.annotations) - len(used.superclasses)
    yield from ("## Terms that nothing asks for", "")
    yield f"Of {len(used.kinds)} classes and properties, {count} are named by a query, a shape, a rule or a property chain."
    yield from ("The others are", "")
    yield f"- annotation properties, which describe the terms themselves: {_names(used.annotations)};"
    yield f"- classes that stand above others, of which they gather the domains and checks: {_names(used.superclasses)};"
    yield from ("", "and these, each with the reason why it is in the ontology ([table](../competency/unused-terms.tsv)):", "")
    yield from ("| term | kind | reason |", "|---|---|---|")
    for name, reason in used.unused.items():
        yield f"| `{name}` | {used.kinds[name]} | {_cell(reason)} |"
    yield ""


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _link(project: Project, text: str, path: Path) -> str:
    return f"[{text}]({Path(os.path.relpath(path, project.root / 'docs')).as_posix()})"


def _value(cell: tables.Cell) -> str:
    """The text of a cell; of a passage document and offsets, which is shorter."""
    document, mark, offsets = (cell.iri or "").partition("#char=")
    return f"{document.rsplit('/', 1)[-1]}:{offsets.replace(',', '–')}" if mark else _cell(cell.text)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _table(results: QuerySolutions) -> tuple[list[str], list[str]]:
    """Columns and sorted rows, to be compared."""
    return [variable.value for variable in results.variables], sorted(str(row) for row in evaluation.rows(results))


def _case(project: Project, where: str, line: str, known: Mapping[str, Question], problems: list[Problem]) -> Case | None:
    try:
        row = Row.model_validate_json(line)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the line'}: {e['msg']}" for e in error.errors())
        problems.append(Problem(where, f"is no competency question: {faults}", _FORM))
        return None
    query = known.get(row.query)
    if query is None:
        problems.append(Problem(where, f"there is no query {row.query!r}", suggestion(row.query, known)))
        return None
    try:
        text = query.bind(row.parameters)
    except UsageError as error:
        problems.append(Problem(where, str(error), "Mend the parameters"))
        return None
    return Case(where, row, query, text, project.competency / "expected" / f"{row.id}.tsv")


def main(arguments: list[str]) -> None:
    """Prints the page, after writing the expected rows where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m relgraph.competency", description="Print docs/competency.md.")
    parser.add_argument("project", type=Path, help="the folder of the project")
    parser.add_argument("release", type=Path, help="a release, or a folder of releases such as build")
    parser.add_argument("--update", action="store_true", help="first write the expected rows where they differ")
    chosen = parser.parse_args(arguments)
    project, store = Project(chosen.project.resolve()), open_release(chosen.release).store()
    if chosen.update:
        problems: list[Problem] = []
        cases = load(project, problems)
        raise_if_any(problems)
        for path in update(store, cases):
            print(f"wrote {path}", file=sys.stderr)
    sys.stdout.write(render(project, store))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except RelgraphError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
