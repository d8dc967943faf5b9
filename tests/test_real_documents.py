"""The committed statements against the real source documents, where these are at hand (in CI they must be)."""

from __future__ import annotations

from pathlib import Path

from relgraph import build, decisions, documents
from relgraph.build import Built
from relgraph.decisions import Identity
from relgraph.errors import Problem
from relgraph.project import Project
from relgraph.spans import quote_hash


def test_every_committed_span_is_reread_and_its_hash_confirmed(project: Project, documents_folder: Path) -> None:
    problems: list[Problem] = []
    register = documents.load_register(project.documents, problems)
    texts = documents.read_folder(documents_folder, register, problems)
    assert problems == []
    checked = 0
    for decision in decisions.load(project.statements, problems):
        if isinstance(decision.row, Identity):
            continue
        for start, end, digest in decision.row.spans.values():
            assert quote_hash(texts[decision.document][start:end]) == digest, (decision.where, start, end)
            assert texts[decision.document][start:end].strip() == texts[decision.document][start:end]
            checked += 1
    assert checked > 0


def test_a_build_with_the_documents_confirms_every_span(project: Project, documents_folder: Path) -> None:
    confirmed = build.assemble(project, documents_folder, lambda stage: None)
    assert confirmed.confirmed_spans == confirmed.counts["spans"] > 0


def test_registered_lengths_and_lines_are_those_of_the_texts(project: Project, documents_folder: Path) -> None:
    register = documents.load_register(project.documents, [])
    texts = documents.read_folder(documents_folder, register, [])
    assert set(texts) == set(register.documents)
    for document in register.documents.values():
        text = texts[document.id]
        assert document.length == len(text)
        assert [text[start - 1] for start in document.line_starts[1:]] == ["\n"] * text.count("\n")
        edges = [0, *(edge for section in document.sections for edge in (section.start, section.end)), document.length]
        assert edges[::2] == edges[1::2], "sections lie side by side and cover the document"


def test_a_passage_is_at_most_a_sentence(project: Project, documents_folder: Path, built: Built) -> None:
    register = documents.load_register(project.documents, [])
    texts = documents.read_folder(documents_folder, register, [])
    for decision in decisions.load(project.statements, []):
        for claim in getattr(decision.row, "claims", ()):
            start, end, _ = decision.row.spans[claim.evidence]  # type: ignore[union-attr]  # only these have claims
            passage = " ".join(texts[decision.document][start:end].split())
            assert ". " not in passage, (decision.row.id, passage)
