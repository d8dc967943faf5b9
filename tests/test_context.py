"""The published JSON-LD context: what is committed is what the ontology gives, and every name in it says what it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from pyld import jsonld as pyld

from mini import Mini
from relgraph import build, ontology
from relgraph.exports import context as contexts
from relgraph.exports import frames
from relgraph.exports.context import ADDRESS, PREFIXES, REVERSE, SINGLE, Context
from relgraph.ontology import Schema
from relgraph.project import Project
from relgraph.release import Release
from relgraph.vocabulary import ID, RG, SKOS

ROOT = Path(__file__).parents[1]
ONTOLOGY = ROOT / "ontology"
REMEDY = "run `python -m relgraph.exports.frames ontology`"


@pytest.fixture(scope="module")
def context() -> Context:
    found: Context = json.loads((ONTOLOGY / "context.jsonld").read_text("utf-8"))["@context"]
    return found


def triples(node: dict[str, Any], context: Context) -> set[str]:
    """What a node object says, as N-Triples without the full stop."""
    document = json.dumps({"@context": context, **node})
    return {str(quad.triple) for quad in ox.parse(document, format=ox.RdfFormat.JSON_LD)}


def test_the_committed_context_is_what_the_ontology_gives() -> None:
    wanted = contexts.rendered({"@context": contexts.of_folder(ONTOLOGY)})
    assert (ONTOLOGY / "context.jsonld").read_bytes() == wanted, REMEDY


def test_the_committed_frames_are_what_the_ontology_gives() -> None:
    wanted = {f"{name}.json": contexts.rendered(frame) for name, frame in frames.of_folder(ONTOLOGY).items()}
    assert {path.name: path.read_bytes() for path in (ONTOLOGY / "frames").iterdir()} == wanted, REMEDY


def test_a_release_gives_the_same_context_as_the_folder_it_was_built_from(release: Release, context: Context) -> None:
    assert contexts.of_release(release) == context
    assert frames.frames(contexts.schema_of_store(release.store())) == frames.of_folder(ONTOLOGY)


def test_every_class_and_property_is_a_term(schema: Schema, context: Context) -> None:
    annotations = ("inverseLabel", "computed", "keyPrefix", "labelTemplate", "valueScheme")
    names = {*schema.superclasses, *schema.properties, *annotations}
    assert {name: context[name]["@id"] for name in names} == {name: f"rg:{name}" for name in names}


def test_every_processor_of_the_field_takes_it(context: Context) -> None:
    expanded = pyld.expand({"@context": context, "@id": "id:state/RUS", "@type": "State"})
    assert expanded == [{"@id": ID + "state/RUS", "@type": [RG + "State"]}]


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ({"party": ["id:state/RUS"]}, f"<{RG}party> <{ID}state/RUS>"),
        ({"modality": "Planned"}, f"<{RG}modality> <https://w3id.org/relgraph/ns/modality#Planned>"),
        ({"status": "Planned"}, f"<{RG}status> <https://w3id.org/relgraph/ns/status#Planned>"),
        ({"charStart": 18}, f'<{RG}charStart> "18"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ({"contested": True}, f'<{RG}contested> "true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        (
            {"earliest": "1990-05-03T00:00:00"},
            f'<{RG}earliest> "1990-05-03T00:00:00"^^<http://www.w3.org/2001/XMLSchema#dateTime>',
        ),
        ({"edtf": "1990-05-03"}, f'<{RG}edtf> "1990-05-03"'),
        ({"prefLabel": {"ru": "Альба"}}, f'<{SKOS}prefLabel> "Альба"@ru'),
        ({"characterizesAs": {"en": ["odd"]}}, f'<{RG}characterizesAs> "odd"@en'),
    ],
)
def test_a_value_in_plain_json_says_what_is_meant(node: dict[str, Any], said: str, context: Context) -> None:
    assert triples({"@id": "id:x", **node}, context) == {f"<{ID}x> {said}"}


def test_a_fact_nests_its_claims(context: Context) -> None:
    fact = {"@id": "id:event/x", "claims": ["id:claim/1", {"@id": "id:claim/2", "modality": "Denied"}]}
    about = f"<{RG}about> <{ID}event/x>"
    denied = f"<{ID}claim/2> <{RG}modality> <https://w3id.org/relgraph/ns/modality#Denied>"
    assert triples(fact, context) == {f"<{ID}claim/1> {about}", f"<{ID}claim/2> {about}", denied}


def test_nothing_is_a_term_by_accident(context: Context) -> None:
    """No @vocab: a word that is not in the context is no property; no @base, which would hold only where it is inlined."""
    assert triples({"@id": "id:x", "charStrat": 18}, context) == set()
    assert not {"@vocab", "@base", "@language"} & context.keys()


def test_only_prefixes_are_used_as_prefixes(context: Context) -> None:
    """`place:x`, say, stays the IRI that it is."""
    assert triples({"@id": "place:x", "partOf": ["time:y"]}, context) == {f"<place:x> <{RG}partOf> <time:y>"}
    assert [name for name, entry in context.items() if isinstance(entry, str)] == [*PREFIXES]


def test_what_stands_without_an_array_has_one_value_by_a_shape(schema: Schema) -> None:
    shapes = "".join(path.read_text("utf-8") for path in sorted((ONTOLOGY / "shapes").glob("*.ttl")))
    texts = {"gloss", "inverseLabel", "labelTemplate"}  # one in a language
    for name in SINGLE - texts - {"status"}:  # which is computed, one for each event
        assert any(f"sh:path rg:{name} ;" in line and "sh:maxCount 1" in line for line in shapes.splitlines()), name
    assert schema.properties["status"].computed


def test_a_reverse_term_reads_a_property_of_the_ontology(schema: Schema) -> None:
    assert {str(entry["@reverse"]).removeprefix("rg:") for entry in REVERSE.values()} <= schema.properties.keys()


def test_a_project_that_extends_the_ontology_has_its_terms_in_its_releases(mini: Mini) -> None:
    project = mini.write()
    (project / "ontology").mkdir()
    for part in ("schemes.ttl", "shapes", "verify", "lint"):
        (project / "ontology" / part).symlink_to(ONTOLOGY / part)
    own = """
rg:ford a owl:ObjectProperty ; rdfs:domain rg:Event ;
    skos:prefLabel "ford"@en , "брод"@ru ; skos:definition "A ford."@en , "Брод."@ru .
rg:claims a owl:DatatypeProperty ; rdfs:domain rg:Event ; rdfs:range xsd:integer ;
    skos:prefLabel "number of claims"@en , "число заявок"@ru ; skos:definition "How many."@en , "Сколько."@ru .
rg:id a owl:DatatypeProperty ; rdfs:domain rg:Event ;
    skos:prefLabel "number"@en , "номер"@ru ; skos:definition "A number."@en , "Номер."@ru .
"""
    text = (ONTOLOGY / "relgraph.ttl").read_text("utf-8")
    (project / "ontology" / "relgraph.ttl").write_text(text + own, "utf-8")
    (project / "ontology" / "context.jsonld").write_bytes((ONTOLOGY / "context.jsonld").read_bytes())  # of before
    built = build.assemble(Project(project), None, lambda stage: None)
    release = build.write(built, project / "build")
    context = contexts.of_release(release)
    assert json.loads((release.path / "context.jsonld").read_text("utf-8")) == {"@context": context}
    assert context["ford"] == {"@id": "rg:ford", "@type": "@id", "@container": "@set"}
    # names that are taken stay what they are
    assert context["claims"] == REVERSE["claims"]
    assert context["id"] == ID


def test_a_notation_that_could_be_taken_for_something_else_is_left_out() -> None:
    turtle = f"""@prefix rg: <{RG}> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix skos: <{SKOS}> .
        rg:size a owl:ObjectProperty ; rg:valueScheme <urn:sizes> .
        <urn:sizes#1> skos:inScheme <urn:sizes> ; skos:notation "large" .
        <urn:sizes#2> skos:inScheme <urn:sizes> ; skos:notation "a:b" .
        <urn:sizes#3> skos:inScheme <urn:sizes> ; skos:notation "@id" .
        <urn:sizes#4> skos:inScheme <urn:sizes> ; skos:notation "id" .
        <urn:sizes#5> skos:inScheme <urn:sizes> ; skos:notation "" ."""
    every = [quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]
    found = contexts.context(ontology.schema_of(every, every), every)
    assert found["size"]["@context"] == {"large": "urn:sizes#1"}


def test_the_address_lies_where_the_server_serves_terms() -> None:
    assert RG.removesuffix("#") + "/context.jsonld" == ADDRESS
