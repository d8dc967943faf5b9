"""The repository itself: one direction of imports, true docs, no text of the sources, nothing from one machine."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from relgraph import documents
from relgraph.project import Project

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "relgraph"
#: The order of the modules; each may import only from those before it. serving and cli are folders.
ORDER = [
    "errors",
    "vocabulary",
    "collector",
    "outputs",
    "turtle",
    "rdf",
    "rdflibgraph",
    "headers",
    "grammar",
    "datatypes",
    "findings",
    "datafiles",
    "locating",
    "edtf",
    "spans",
    "project",
    "ontology",
    "entities",
    "documents",
    "sentences",
    "decisions",
    "coverage",
    "identities",
    "statements",
    "facts",
    "labels",
    "graph",
    "reasoning",
    "validation",
    "baseline",
    "reports",
    "lint",
    "alignments",
    "fulltext",
    "release",
    "releases",
    "soundness",
    "redirects",
    "catalogue",
    "naming",
    "questions",
    "querytext",
    "federation",
    "searchclause",
    "services",
    "evaluation",
    "scalars",
    "parquet",
    "columns",
    "writing",
    "tables",
    "sampling",
    "why",
    "describing",
    "sheets",
    "exports",
    "build",
    "difference",
    "usage",
    "competency",
    "api",
    "serving",
    "cli",
]
#: The order within serving/: the modules beside its folders, and the folders.
SERVING_ORDER = [
    "settings",
    "logs",
    "metrics",
    "clients",
    "workers",
    "snapshots",
    "http",
    "descriptions",
    "routes",
    "pages",
    "envelope",
    "connection",
    "app",
]
#: So many words in a row make a text; names and titles are shorter.
RUN = 14


def tracked() -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def imported(path: Path, package: str, stages: list[str]) -> set[str]:
    """The stages of a package that a module imports from."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == package:
            found |= {alias.name for alias in node.names if alias.name in stages}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{package}."):
            found.add(str(node.module).removeprefix(f"{package}.").split(".")[0])
    return found


@pytest.mark.parametrize(("package", "stages"), [("relgraph", ORDER), ("relgraph.serving", SERVING_ORDER)])
def test_a_module_imports_only_from_earlier_stages(package: str, stages: list[str]) -> None:
    folder = PACKAGE.parent.joinpath(*package.split("."))
    for path in sorted(folder.rglob("*.py")):
        own = path.relative_to(folder).with_suffix("").parts[0]
        if own in ("__init__", "__main__"):
            continue
        for other in imported(path, package, stages) - {own}:
            assert stages.index(other) < stages.index(own), f"{path.relative_to(folder)} imports {other}"


def test_the_architecture_page_names_every_module() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert [name for name in ORDER if f"`{name}`" not in page and f"`{name}/`" not in page] == []


def test_every_decision_record_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text("utf-8")))
    assert listed == {path.name for path in folder.glob("0*.md")}


def test_links_between_the_docs_lead_somewhere() -> None:
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8")):
            assert (path.parent / link).exists(), (path.name, link)


def test_the_commands_of_the_readme_are_targets() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_nothing_names_a_machine_or_a_registry() -> None:
    pattern = re.compile(
        r"(?<![\w.])/(?:home|root|Users|work)/|--index-url|--extra-index-url|--find-links|pypi\.org|pythonhosted"
    )
    named = [path.name for path in tracked() if path != Path(__file__) and pattern.search(_text(path))]
    assert named == []


def test_versions_are_pinned_with_hashes_and_cover_what_is_asked_for() -> None:
    for name in ("run", "dev"):
        lines = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").replace("\\\n", " ").splitlines()
        assert lines
        assert all(re.match(r"[\w.-]+==\S+\s+(; .*)?\s*--hash=sha256:", line) for line in lines)


def test_ci_runs_what_must_hold() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    for part in ("make lint types", "make test", "build --check", "relgraph validate", "relgraph lint", "cmp "):
        assert part in script


def test_no_text_of_the_source_documents_is_committed(project: Project, documents_folder: Path) -> None:
    texts = documents.read_folder(documents_folder, documents.load_register(project.documents, []), [])
    titles = " | ".join(" ".join(_words(title)) for title in _titles(project))
    runs = {run for text in texts.values() for run in _runs(text) if " ".join(run) not in titles}
    assert runs
    found = [str(path.relative_to(ROOT)) for path in tracked() if not runs.isdisjoint(_runs(_text(path)))]
    assert found == []


def _titles(project: Project) -> list[str]:
    """Labels of entities and documents: names and titles may be as long as they are."""
    files = [project.documents, *project.entities.glob("*.ttl")]
    return [label for path in files for label in re.findall(r'"([^"]*)"@\w\w', path.read_text("utf-8"))]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def test_query_headers_are_yaml_that_others_can_read() -> None:
    for path in (ROOT / "queries").glob("*.rq"):
        lines = [line[3:] for line in path.read_text("utf-8").splitlines() if line.startswith("#+ ")]
        assert set(yaml.safe_load("\n".join(lines))) >= {"title", "description", "expected"}


def test_every_promise_of_the_threat_model_names_tests_that_exist() -> None:
    text = (ROOT / "THREAT_MODEL.md").read_text("utf-8")
    promises = text[text.index("## Promised") : text.index("## Not promised")]
    rows = [row for row in promises.splitlines() if row.startswith("|")][2:]
    assert rows
    for row in rows:
        named = re.findall(r"`(test_\w+|bench/\w+)`", row.rsplit("|", 2)[1])
        assert named, row
        for name in named:
            assert (ROOT / name).is_dir() or (ROOT / "tests" / f"{name}.py").is_file(), name
