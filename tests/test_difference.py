"""Differences of graphs: canonical form, sections, renamings, the step of the version; each as its invariants say."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse

from relgraph.difference import comparing, presenting, sources
from relgraph.difference.canonical import canonical, relabelled
from relgraph.difference.comparing import Difference, Item, compare
from relgraph.difference.markdown import markdown
from relgraph.difference.sources import Side
from relgraph.difference.versioning import hint
from relgraph.errors import InputError
from relgraph.project import Project
from relgraph.release import Release
from relgraph.vocabulary import ASSERTED, ONTOLOGY_GRAPH, PREFIXES, PROVENANCE, REPORTED, SH

HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in {**PREFIXES, "sh": SH, "ex": "http://example.org/"}.items())
Graph = NamedNode | DefaultGraph


def quads(turtle: str, graph: Graph | None = None) -> list[Quad]:
    found = parse(input=HEAD + turtle, format=RdfFormat.TURTLE)
    return [Quad(q.subject, q.predicate, q.object, graph or DefaultGraph()) for q in found]


def side(given: list[Quad] | str, shapes: str | None = None, checks: dict[str, str] | None = None) -> Side:
    data = canonical(quads(given) if isinstance(given, str) else given, "a file")
    return Side("x", "file", "", data, canonical(quads(shapes), "shapes") if shapes is not None else None, checks)


def told(difference: Difference, section: str) -> dict[str, str]:
    """The status of each thing of a section by its name."""
    return {item.name: item.status for item in difference.items if item.section == section}


def item(difference: Difference, name: str) -> Item:
    return next(item for item in difference.items if item.name == name)


def changes(difference: Difference, name: str) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {change.property: (change.removed, change.added) for change in item(difference, name).changes}


# ── invariants ───────────────────────────────────────────────────────────────────────────────────────────────────────

IRIS = [NamedNode(f"http://example.org/{name}") for name in "abc"] + [NamedNode(PREFIXES["rg"] + name) for name in ("X", "Y")]
BLANKS = [BlankNode(name) for name in "uvw"]
PREDICATES = [
    NamedNode(iri)
    for iri in (
        "http://example.org/p", PREFIXES["rdf"] + "type", PREFIXES["rdfs"] + "subClassOf", PREFIXES["dcterms"] + "replaces",
        PREFIXES["rdf"] + "first", PREFIXES["rdf"] + "rest", PREFIXES["owl"] + "unionOf", PREFIXES["rg"] + "says",
        SH + "property", PREFIXES["skos"] + "prefLabel",
    )
]  # fmt: skip
OBJECTS = [
    *IRIS, *BLANKS, Literal("x"), Literal("x", language="en"), NamedNode(PREFIXES["owl"] + "Class"),
    NamedNode(PREFIXES["rg"] + "Claim"), NamedNode(PREFIXES["rg"] + "Content"), NamedNode(PREFIXES["rdf"] + "nil"),
]  # fmt: skip
GRAPHS = [DefaultGraph(), ASSERTED, PROVENANCE, REPORTED, ONTOLOGY_GRAPH, NamedNode("http://example.org/g"), BlankNode("u")]
datasets = st.lists(
    st.builds(
        Quad, st.sampled_from(IRIS + BLANKS), st.sampled_from(PREDICATES), st.sampled_from(OBJECTS), st.sampled_from(GRAPHS)
    ),
    max_size=14,
)


@settings(max_examples=150)
@given(datasets, datasets)
def test_the_differences_applied_to_a_give_b(a: list[Quad], b: list[Quad]) -> None:
    difference = compare(side(a), side(b))
    applied = (difference.a.data.quads - difference.removed) | difference.added
    assert applied == difference.b.data.quads
    assert canonical(applied, "applied").hash == difference.b.data.hash
    assert difference.equal == (difference.a.data.hash == difference.b.data.hash)


@settings(max_examples=150)
@given(datasets, datasets)
def test_the_difference_of_b_and_a_mirrors_that_of_a_and_b(a: list[Quad], b: list[Quad]) -> None:
    there, back = compare(side(a), side(b)), compare(side(b), side(a))
    assert (there.removed, there.added) == (back.added, back.removed)
    if comparing._renamed(there.a.data.quads, there.b.data.quads):
        return  # what was renamed is told by its name on the second side, in axioms and values too
    opposite = {"added": "removed", "removed": "added", "changed": "changed", "renamed": "renamed"}
    for section in {item.section for item in (*there.items, *back.items)}:
        one = sorted((i.was or i.name, i.name, i.status) for i in there.items if i.section == section)
        other = sorted((i.name, i.was or i.name, opposite[i.status]) for i in back.items if i.section == section)
        assert one == other
    if not any(i.status == "renamed" for i in there.items):
        assert {(i.section, i.name, c.property, c.removed, c.added) for i in there.items for c in i.changes} == {
            (i.section, i.name, c.property, c.added, c.removed) for i in back.items for c in i.changes
        }


@settings(max_examples=150)
@given(datasets, st.permutations(["x1", "x2", "x3"]), st.randoms())
def test_a_copy_with_other_labels_and_another_order_is_equal(given: list[Quad], labels: list[str], random: Random) -> None:
    names = dict(zip("uvw", labels, strict=True))
    copy = list(relabelled(given, names.__getitem__))
    random.shuffle(copy)
    difference = compare(side(given), side(copy))
    assert difference.equal
    assert difference.items == ()
    assert "Equal." in presenting.text(difference, presenting.View())


@settings(max_examples=60)
@given(datasets, datasets)
def test_every_form_is_written_and_is_the_same_each_time(a: list[Quad], b: list[Quad]) -> None:
    for write in (presenting.text, presenting.as_json, markdown):
        first, second = (write(compare(side(x), side(y)), presenting.View()) for x, y in ((a, b), (a[::-1], b[::-1])))
        assert first == second


# ── canonical form ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_hash_of_a_release_is_its_id(release: Release) -> None:
    path = release.path
    found = canonical(parse(path=str(path / "dataset.nq"), format=RdfFormat.N_QUADS), "release")
    assert found.hash == release.id
    alone = canonical(parse(path=str(path / "graph" / "asserted.ttl"), format=RdfFormat.TURTLE), "a file")
    assert found.graphs[ASSERTED.value] == alone.graphs[""] == alone.hash


def test_the_hash_of_a_project_is_the_id_of_the_release_that_is_built_from_it(project: Project, release: Release) -> None:
    assert sources.find(str(project.root), project).data.hash == release.id


def test_equal_blank_nodes_are_counted() -> None:
    one, two = side("ex:a ex:p [ ex:q 1 ] ."), side("ex:a ex:p [ ex:q 1 ] , [ ex:q 1 ] .")
    difference = compare(one, two)
    assert len(difference.added) == 2
    assert changes(difference, "<http://example.org/a>") == {
        "<http://example.org/p>": ((), ("[ <http://example.org/q> 1 ] (2)",)),
    }


def test_a_change_leaves_the_labels_of_other_blank_nodes() -> None:
    before, after = (f"ex:a ex:p [ ex:q 1 ] . ex:b ex:p [ ex:q {number} ] ." for number in (2, 3))
    difference = compare(side(before), side(after))
    assert len(difference.added) == len(difference.removed) == 2
    assert told(difference, "subjects") == {"<http://example.org/b>": "changed"}


def clique(size: int, copies: int) -> list[Quad]:
    nodes = [[BlankNode(f"c{copy}n{number}") for number in range(size)] for copy in range(copies)]
    return [Quad(x, PREDICATES[0], y) for group in nodes for x in group for y in group if x != y]


def test_small_symmetries_are_told_apart() -> None:
    circles = "_:a ex:p _:b . _:b ex:p _:c . _:c ex:p _:a ."
    assert compare(side(circles), side("_:x ex:p _:z . _:z ex:p _:y . _:y ex:p _:x .")).equal
    assert not compare(side(circles), side("_:a ex:p _:b . _:b ex:p _:a .")).equal
    assert compare(side(clique(6, 2)), side(clique(6, 2)[::-1])).equal


def test_a_poisoned_graph_is_refused_in_time() -> None:
    with pytest.raises(InputError, match="cannot be told apart within 1 s"):
        canonical(clique(12, 3), "poison.ttl", seconds=1)


def test_a_list_of_equal_members_too_long_for_the_algorithm_is_refused_and_does_no_harm() -> None:
    with pytest.raises(InputError, match="cannot be told apart"):
        canonical(quads(f"ex:a ex:p ( {'ex:x ' * 5000}) ."), "list.ttl", seconds=1)


# ── sections ─────────────────────────────────────────────────────────────────────────────────────────────────────────

ONTOLOGY = """
rg:Event a owl:Class ; rdfs:subClassOf rg:Fact . rg:Fact a owl:Class .
rg:Visit a owl:Class ; rdfs:subClassOf rg:Event ; skos:prefLabel "visit"@en , "визит"@ru .
rg:visitor a owl:ObjectProperty ; rdfs:domain rg:Visit .
"""


def ontologies(before: str, after: str) -> Difference:
    return compare(side(quads(ONTOLOGY + before, ONTOLOGY_GRAPH)), side(quads(ONTOLOGY + after, ONTOLOGY_GRAPH)))


@pytest.mark.parametrize(
    ("added", "axiom"),
    [
        ("rg:Call a owl:Class ; rdfs:subClassOf rg:Event .", "rg:Call SubClassOf: rg:Event"),
        ("rg:visitor rdfs:range rg:Event .", "rg:visitor Range: rg:Event"),
        ("rg:visitor a owl:TransitiveProperty .", "rg:visitor Characteristics: Transitive"),
        ("rg:visitor owl:inverseOf rg:visits .", "rg:visitor InverseOf: rg:visits"),
        ("rg:visitor owl:propertyChainAxiom ( rg:b rg:a ) .", "rg:visitor SubPropertyChain: rg:b o rg:a"),
        ("[] a owl:AllDisjointClasses ; owl:members ( rg:Visit rg:Call ) .", "DisjointClasses: rg:Call, rg:Visit"),
        (
            "rg:Visit rdfs:subClassOf [ a owl:Restriction ; owl:onProperty rg:visitor ; "
            "owl:someValuesFrom [ owl:unionOf ( rg:B rg:A ) ] ] .",
            "rg:Visit SubClassOf: rg:visitor some (rg:A or rg:B)",
        ),
        (
            "rg:Visit rdfs:subClassOf [ owl:onProperty rg:visitor ; owl:minQualifiedCardinality 2 ; owl:onClass rg:A ] .",
            "rg:Visit SubClassOf: rg:visitor min 2 rg:A",
        ),
        ("rg:Visit rdfs:subClassOf [ owl:complementOf rg:A ] .", "rg:Visit SubClassOf: not rg:A"),
    ],
)  # fmt: skip
def test_axioms_are_told_in_words(added: str, axiom: str) -> None:
    assert told(ontologies("", added), "axioms") == {axiom: "added"}
    assert told(ontologies(added, ""), "axioms") == {axiom: "removed"}


def test_the_order_in_a_union_is_no_change_of_an_axiom_but_the_triples_differ() -> None:
    difference = ontologies("rg:Visit owl:unionOf ( rg:A rg:B ) .", "rg:Visit owl:unionOf ( rg:B rg:A ) .")
    assert difference.items == ()
    assert not difference.equal
    assert "Only the form differs" in presenting.text(difference, presenting.View())
    assert "Only the form differs" in markdown(difference, presenting.View())


@pytest.mark.parametrize(
    ("before", "after", "level"),
    [
        ("", "rg:Call a owl:Class ; rdfs:subClassOf rg:Event .", "minor"),
        ("rg:Call a owl:Class .", "", "major"),
        ("", "rg:visitor rdfs:range rg:Fact .", "major"),
        ("rg:visitor rdfs:range rg:Fact .", "", "major"),
        ("", "rg:Visit owl:deprecated true .", "minor"),
        ('rg:Visit skos:definition "A viist."@en .', 'rg:Visit skos:definition "A visit."@en .', "patch"),
        ('rg:Visit skos:altLabel "visite"@en .', 'rg:Visit skos:altLabel "visite"@fr .', "major"),
        ("", 'rg:Visit skos:scopeNote "Not a call."@en .', "patch"),
        ("rg:Old a owl:Class .", "rg:New a owl:Class ; dcterms:replaces rg:Old .", "major"),
        (
            "[] a owl:AllDisjointClasses ; owl:members ( rg:A rg:B ) .",
            "rg:C a owl:Class . [] a owl:AllDisjointClasses ; owl:members ( rg:A rg:B rg:C ) .",
            "minor",
        ),
        (
            "[] a owl:AllDisjointClasses ; owl:members ( rg:A rg:B ) .",
            "[] a owl:AllDisjointClasses ; owl:members ( rg:A rg:B rg:Visit ) .",
            "major",
        ),
    ],
)  # fmt: skip
def test_the_step_of_the_version_follows_what_changed(before: str, after: str, level: str) -> None:
    found = hint(ontologies(before, after))
    assert found is not None
    assert found.level == level


def test_where_no_term_changed_no_step_is_called_for() -> None:
    assert hint(compare(side(quads(ONTOLOGY, ONTOLOGY_GRAPH)), side(quads(ONTOLOGY + "ex:a ex:p 1 .", ONTOLOGY_GRAPH)))) is None


def test_constraints_inside_a_shape_are_told_by_their_path() -> None:
    shape = (
        "ex:S a sh:NodeShape ; sh:targetClass rg:Visit ; sh:property [ sh:path rg:visitor ; sh:minCount %d ; sh:in ( 1 2 ) ] ."
    )
    difference = compare(side("", shapes=shape % 1), side("", shapes=shape % 2))
    assert told(difference, "shapes") == {"<http://example.org/S>": "changed"}
    assert changes(difference, "<http://example.org/S>") == {"rg:visitor / sh:minCount": (("1",), ("2",))}


def test_checks_are_told_by_header_and_query() -> None:
    text = "#+ severity: Violation\nSELECT ?focus {{\n  ?focus {} ?x\n}}\n"
    before, after = (
        {"a.rq": text.format("ex:p"), "b.rq": "SELECT * {}"},
        {"a.rq": text.format("ex:q"), "b.rq": "SELECT  * {}\n\n"},
    )
    difference = compare(side("", "", before), side("", "", after))
    assert changes(difference, "a.rq") == {"query": (("?focus ex:p ?x",), ("?focus ex:q ?x",))}
    assert not difference.equal


FACTS = """
id:org\\/u a rg:Organization ; skos:prefLabel "Union"@en , "Союз"@ru .
event:v a rg:Visit ; rg:visitor person:p ; rg:time time:1990 ; rg:status status:Planned ; skos:prefLabel "Visit: planned"@en .
time:1990 a rg:TimeSpan ; rg:edtf "1990" .
"""
CLAIM = """
claim:9.1 a rg:Claim ; rg:about event:v ; rg:modality modality:Planned ; rg:evidence document:9\\#char\\=1\\,5 .
document:9\\#char\\=1\\,5 a rg:TextSpan ; rg:line 3 .
"""


def graphs(facts: str = FACTS, claim: str = CLAIM, says: str = "place:alba") -> Side:
    said = f"claim:9.1 rg:says claim:9.1\\/says . claim:9.1\\/says a rg:Content ; rg:place {says} ."
    claim_quads = quads(claim, PROVENANCE) + quads(said.split(" . ")[0] + " .", PROVENANCE)
    return side([*quads(ONTOLOGY, ONTOLOGY_GRAPH), *quads(facts, ASSERTED), *claim_quads, *quads(said.split(" . ")[1], REPORTED)])


def test_a_fact_tells_its_values_and_not_the_label_that_follows_from_them() -> None:
    after = FACTS.replace("status:Planned", "status:Occurred").replace("Visit: planned", "Visit: done")
    difference = compare(graphs(), graphs(after))
    assert told(difference, "facts") == {"event:v": "changed"}
    assert changes(difference, "event:v") == {"rg:status": (("status:Planned",), ("status:Occurred",))}
    assert item(difference, "event:v").label == {"en": "Visit: done"}


def test_facts_of_which_only_the_label_differs_are_counted_and_not_listed() -> None:
    difference = compare(graphs(), graphs(FACTS.replace("Visit: planned", "Visit (planned)")))
    assert item(difference, "event:v").wording
    text = presenting.text(difference, presenting.View())
    assert "1 more, of which only the wording that the build makes differs" in text
    assert "~ event:v" not in text


def test_a_claim_is_told_with_its_place_and_what_it_says() -> None:
    moved = CLAIM.replace("1\\,5", "7\\,9").replace("line 3", "line 4").replace("modality:Planned", "modality:Denied")
    difference = compare(graphs(), graphs(claim=moved, says="place:brin"))
    assert told(difference, "claims") == {"claim:9.1": "changed"}
    assert changes(difference, "claim:9.1") == {
        "rg:evidence": (("9:1-5 (line 3)",), ("9:7-9 (line 4)",)),
        "rg:modality": (("modality:Planned",), ("modality:Denied",)),
        "says rg:place": (("place:alba",), ("place:brin",)),
    }
    assert set(told(difference, "spans").values()) == {"added", "removed"}


def test_a_claim_whose_passage_moved_to_another_line_is_told() -> None:
    difference = compare(graphs(), graphs(claim=CLAIM.replace("line 3", "line 8")))
    assert changes(difference, "claim:9.1") == {"rg:evidence": (("9:1-5 (line 3)",), ("9:1-5 (line 8)",))}


def test_what_a_place_says_differs_though_the_claim_does_not() -> None:
    assert changes(compare(graphs(), graphs(says="place:brin")), "claim:9.1") == {
        "says rg:place": (("place:alba",), ("place:brin",))
    }


def test_a_renaming_is_told_once_and_followed_wherever_the_name_stands() -> None:
    after = FACTS.replace("event:v", "event:w") + "event:w dcterms:replaces event:v ."
    difference = compare(graphs(), graphs(after, CLAIM.replace("event:v", "event:w")))
    assert [(i.status, i.was, i.name, i.changes) for i in difference.items] == [("renamed", "event:v", "event:w", ())]
    back = compare(difference.b, difference.a)
    assert [(i.status, i.was, i.name, i.changes) for i in back.items] == [("renamed", "event:w", "event:v", ())]


def test_what_replaces_two_things_is_a_new_thing() -> None:
    difference = compare(side("ex:a ex:p 1 . ex:b ex:p 2 ."), side("ex:c ex:p 3 ; dcterms:replaces ex:a , ex:b ."))
    assert sorted(told(difference, "subjects").values()) == ["added", "removed", "removed"]


def test_blank_nodes_of_any_file_are_told_where_they_are_used() -> None:
    difference = compare(side("ex:a ex:p [ ex:q [ ex:r 1 ] ] ."), side("ex:a ex:p [ ex:q [ ex:r 2 ] ] ."))
    ((removed, added),) = changes(difference, "<http://example.org/a>").values()
    assert removed == ("[ <http://example.org/q> [ <http://example.org/r> 1 ] ]",)
    assert added == ("[ <http://example.org/q> [ <http://example.org/r> 2 ] ]",)


@pytest.mark.parametrize(
    "turtle",
    [
        "_:a ex:p _:a .",
        "_:a rdf:rest _:b ; rdf:first 1 . _:b rdf:rest _:a ; rdf:first 2 .",
        "ex:a ex:p _:l . _:l rdf:first 1 , 2 ; rdf:rest () .",
        "ex:a ex:p " + "".join(f"[ ex:n {number} ; ex:p " for number in range(300)) + "1" + " ]" * 300 + " .",
        "ex:a ex:p ( " + " ".join(map(str, range(3000))) + " ) .",
    ],
    ids=["itself", "circle", "broken list", "deep", "long list"],
)
def test_odd_structures_are_told_to_the_end(turtle: str) -> None:
    difference = compare(side(""), side(turtle))
    assert difference.items
    assert presenting.text(difference, presenting.View())
