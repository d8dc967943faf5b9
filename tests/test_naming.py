"""Names of resources as people write them: what counts more, what is suggested; in a store and in what answers queries alike."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

import relgraph
from relgraph import naming
from relgraph.errors import UsageError
from relgraph.release import Release
from relgraph.vocabulary import ALT_LABEL, ASSERTED, HIDDEN_LABEL, ONTOLOGY_GRAPH, PREF_LABEL, A, data, rg

LABELS = {
    ("org/visit", PREF_LABEL, "Visit"),
    ("person/brin", ALT_LABEL, "brin"),
    ("place/brin", PREF_LABEL, "Brin"),
    ("body/north-south", PREF_LABEL, "Совет Север – Юг"),
    ("person/fedorov", HIDDEN_LABEL, "Фёдоров"),
    ("event/alba", PREF_LABEL, "Alba"),
    ("place/alba", PREF_LABEL, "Alba"),
    ("claim/1", PREF_LABEL, "Alba"),
}


@pytest.fixture(scope="module")
def store() -> Store:
    store = Store()
    for key, name, label in LABELS:
        store.add(Quad(data(key), name, Literal(label, language="en"), ASSERTED))
    store.add(Quad(data("event/alba"), A, rg("Fact"), ASSERTED))
    for term, label in (("Visit", "visit"), ("place", "place"), ("Place", "place")):
        store.add(Quad(rg(term), PREF_LABEL, Literal(label, language="en"), ONTOLOGY_GRAPH))
    return store


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Visit", data("org/visit")),  # a label in the same letters before the name of a term
        ("visit", data("org/visit")),  # things before terms
        ("rg:Visit", rg("Visit")),
        ("Place", rg("Place")),  # both terms have the label: their names part them
        ("place", rg("place")),
        ("Brin", data("place/brin")),  # the same letters first
        ("brin", data("person/brin")),
        ("BRIN", data("place/brin")),  # preferred labels before others
        ("Совет Север — Юг", data("body/north-south")),  # any dash
        ("совет север - юг", data("body/north-south")),
        ("Федоров", data("person/fedorov")),
        ("Alba", data("place/alba")),  # facts and claims repeat names of things
        ("event/alba", data("event/alba")),
    ],
)
def test_what_a_text_means(store: Store, text: str, found: NamedNode) -> None:
    assert naming.resource(store, "the subject", text) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Brinn", "the subject: there is no 'Brinn' in this graph. Did you mean Brin (place/brin)?"),
        ("place/alva", "Did you mean place/alba"),
        ("Alba City", "Did you mean Alba (place/alba)"),  # one of its words is a name
        ("Zzz", f"there is no 'Zzz' in this graph. {naming.LOOK_UP}"),
        ("\udcff", "is not UTF-8 (character 0)"),
        ("x" * 300, f"there is no {'x' * 100!r} in this graph"),
    ],
)
def test_what_is_unknown_is_refused_with_what_is_like_it(store: Store, text: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        naming.resource(store, "the subject", text)
    assert message in str(refused.value)


@pytest.mark.parametrize(("kind", "key"), [("Place", "place/alba"), ("Event", "event/alba"), ("", "place/alba")])
def test_of_things_of_a_name_those_of_the_class_count(store: Store, kind: str, key: str) -> None:
    store.add(Quad(data("place/alba"), A, rg("Place"), ASSERTED))
    store.add(Quad(data("event/alba"), A, rg("Event"), ASSERTED))
    assert naming.resource(store, "the parameter where", "Alba", kind) == data(key)


@pytest.mark.parametrize("text", ["Brin", "place/brin", "rg:Visit"])
def test_a_thing_of_another_class_is_refused(store: Store, text: str) -> None:
    with pytest.raises(UsageError, match=r"the parameter who: \S+ is no Person\. Give a thing of that class"):
        naming.resource(store, "the parameter who", text, "Person")


GOVERNED = [
    ("state/x", "State", PREF_LABEL, "Xland"),
    ("state/x", "State", HIDDEN_LABEL, "Xburg"),
    ("state/x", "State", ALT_LABEL, "Republic of Xland"),
    ("place/xburg", "Place", PREF_LABEL, "Xburg"),
    ("place/xburg", "Place", PREF_LABEL, "Иксбург"),
    ("office/yoon", "OfficeHolding", PREF_LABEL, "Office of Yoon"),
    ("person/yoon", "Person", PREF_LABEL, "Dr Yoon"),
]


@pytest.fixture
def governed() -> Store:
    """A state that a text may call by its capital, the capital, and a person with an office."""
    store = Store()
    for key, kind, name, label in GOVERNED:
        language = "ru" if label == "Иксбург" else "en"
        store.add(Quad(data(key), name, Literal(label, language=language), ASSERTED))
        store.add(Quad(data(key), A, rg(kind), ASSERTED))
    return store


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Xburg", "the actor 'Xburg' is taken for Xland (state/x)"),
        ("Republic of Xland", "the actor 'Republic of Xland' is taken for Xland (state/x)"),
        (" xland ", "the actor 'xland' is taken for Xland (state/x)"),
        ("Xland", None),
        ("state/x", None),
        ("state:x", None),
        (data("state/x").value, None),
    ],
)
def test_what_a_name_is_taken_for_is_told_unless_it_is_plain(governed: Store, text: str, told: str | None) -> None:
    heard: list[naming.Taken] = []
    assert naming.resource(governed, "the actor", text, "State", tell=heard.append) == data("state/x")
    assert list(map(str, heard)) == ([told] if told else [])


def test_a_query_is_filled_with_what_names_are_taken_for(governed: Store) -> None:
    heard: list[naming.Taken] = []
    assert naming.filled(governed, ["ASK {", ("the parameter x", "XLAND", "State"), "?p ?o }"], heard.append) == (
        f"ASK {{ {data('state/x')} ?p ?o }}"
    )
    assert list(map(str, heard)) == ["the parameter x 'XLAND' is taken for Xland (state/x)"]


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("Иксбург", "State", "place/xburg is no State. Did you mean Xland (state/x)?"),  # which is called as it in English
        ("office/yoon", "Person", "office/yoon is no Person. Did you mean person/yoon?"),
        ("office/yoon", "Country", "office/yoon is no Country. Give a thing of that class"),
        ("Yoom", "Person", "there is no 'Yoom' in this graph. Did you mean person/yoon?"),
        ("Yoom", "OfficeHolding", "Did you mean office/yoon?"),
        ("yoon", "Person", "there is no 'yoon' in this graph. Did you mean person/yoon?"),
        ("Yoom", "Country", naming.LOOK_UP),
    ],
)
def test_only_things_of_the_class_are_suggested(governed: Store, text: str, kind: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        naming.resource(governed, "the subject", text, kind)
    assert message in str(refused.value)
    suggested = re.findall(r"\b[a-z]+/[a-z]+(?=[) ?])", str(refused.value).partition("Did you mean")[2])
    assert all(naming.resource(governed, "", key, kind) for key in suggested)


def test_a_name_of_several_things_is_refused_with_their_keys(store: Store) -> None:
    for key in ("place/x", "place/y"):
        store.add(Quad(data(key), PREF_LABEL, Literal("Twin", language="ru"), ASSERTED))
    with pytest.raises(UsageError, match=r"'Twin' is the name of several things: place/x, place/y\."):
        naming.resource(store, "the subject", "Twin")


def test_a_store_and_a_dataset_mean_the_same(release: Release) -> None:
    """The rules are written once; how names are looked up is not."""
    store, ds = release.store(), relgraph.open(release.path)
    labels = sorted({getattr(quad.object, "value", "") for quad in store.quads_for_pattern(None, PREF_LABEL, None, ASSERTED)})
    odd = ["Cooperation", "Совет Россия — НАТО", "нато", "Natto", "Robertsn", "peacekeeping", "миротворчество", "open letter"]
    for label in [*labels[::40], *odd]:
        ours, theirs = (_outcome(naming.resource, store, "", label), _outcome(lambda text: ds.entity(text).iri, label))
        assert ours.replace("this graph", "these data") == theirs, label


def _outcome(find: Callable[..., object], *arguments: object) -> str:
    try:
        found = find(*arguments)
    except UsageError as error:
        return str(error).partition(". ")[0]  # what is like it a dataset also searches for
    return str(getattr(found, "value", found))
