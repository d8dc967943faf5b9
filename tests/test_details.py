"""What is wrong, told on Russian pages in Russian: the messages that people meet, as the code writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from linked import get, released, served
from relgraph import edtf
from relgraph.errors import BudgetError, DateError, suggestion
from relgraph.serving.clients import Clients
from relgraph.serving.pages import details

#: Addresses that cannot be answered, and what a Russian page says of them.
REFUSED = [
    ("/nowhere", "Нет адреса /nowhere"),
    ("/id/state/none", "нет ничего с адресом /id/state/none"),
    ("/documents/901?char=9,2", "два номера символов"),
    ("/documents/901?char=1,2", "ни одно утверждение не опирается на символы 1,2 источника 901"),
    ("/id/place/alba?lang=en&lang=ru", "укажите lang один раз"),
    ("/id/place/alba.html?property=rg:party", "graph – это одно из"),
    ("/id/place/alba.html?property=rg:party&graph=asserted&from=0", "from – это номер от 1"),
    ("/id/place/alba.ttl?format=jsonld", "адрес оканчивается на .ttl"),
    ("/?release=nope", "здесь есть только текущие данные"),
    ("/export/turtel", "нет выгрузки &#39;turtel&#39;. Может быть, turtle?"),
    ("/export/nothing", "нет выгрузки &#39;nothing&#39;. Есть claims, claims.csv"),
    ("/export/turtle?actr=org/nato", "здесь нет параметра &#39;actr&#39;. Может быть, actor?"),
    ("/export/turtle?undated=true", "факты без времени"),
    ("/export/turtle?undated=maybe&period=1994", "undated – это true или false"),
    ("/export/turtle?period=1994-2001", "период: &#39;1994-2001&#39; – не дата EDTF"),
    ("/export/turtle?period=1994-2001", "Может быть, 1994/2001?"),
    ("/export/turtle?actor=Nobody+at+all", "актор: в этом графе нет &#39;Nobody at all&#39;"),
    ("/export/turtle?document=999", "в этом графе нет источника &#39;999&#39;"),
    ("/export/turtle?modality=Possibel", "в этом графе нет модальности &#39;Possibel&#39;"),
    ("/export/turtle?graph=assertd", "нет графа &#39;assertd&#39;. Может быть, asserted?"),
    ("/files/current/none", "в выпуске нет файла &#39;none&#39;"),
    ("/releases?format=xml", "нет формата &#39;xml&#39;"),
    ("/query?query=SELECT+*+{+?s+?p+?o+}+LIMIT+x", "у &#39;x&#39;: здесь должно быть"),
    ("/query?query=SELECT+?s+?p+:o+{+}", "запрос не разобрать: ошибка в строке 1, символ"),
    ("/query?query=SELECT+*+{+?s+nope:p+?o+}", "приставка имени &#39;nope:p&#39; не объявлена"),
    ("/query?query=DROP+ALL", "это изменение (DROP), а не запрос"),
    ("/query?query=SELECT+*+{", "запрос обрывается"),
    ("/search?q=-a", "не сказано, какое слово искать"),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with served(released(tmp_path_factory.mktemp("details"))) as client:
        yield client


def alert(page: str) -> str:
    (found,) = re.findall(r'<p class="error" role="alert"[^>]*>.*?</p>', page, re.DOTALL)
    return str(found)


@pytest.mark.parametrize(("path", "words"), REFUSED)
def test_a_russian_page_says_in_russian_what_is_wrong(client: TestClient, path: str, words: str) -> None:
    answer = get(client, path + ("" if "lang=" in path else f"{'&' if '?' in path else '?'}lang=ru"), "text/html")
    assert answer.status_code >= 400
    told = alert(answer.text)
    assert words in told
    assert 'lang="en"' not in told


@pytest.mark.parametrize(("path", "words"), REFUSED)
def test_an_english_page_says_it_as_programs_are_told(client: TestClient, path: str, words: str) -> None:
    path = path.replace("lang=ru", "lang=en")
    page = get(client, path + ("" if "lang=" in path else f"{'&' if '?' in path else '?'}lang=en"), "text/html").text
    told = alert(page)
    assert words not in told
    assert 'lang="' not in told


def test_a_message_without_a_translation_is_marked_as_english(client: TestClient) -> None:
    assert details.told("something that nobody foresaw", "ru") == details.Told("something that nobody foresaw", "en")
    page = get(client, "/query?lang=ru&query=SELECT+*+{+SERVICE+search:index+{+?s+search:no+1+}+}", "text/html")
    assert page.status_code == 400
    assert 'lang="en"' in alert(page.text)


@pytest.mark.parametrize(
    "text",
    ["199X", "1993~", "0000", "2001-13", "2001-21-03", "2001-02-29", "9999-24", "../..", "2002/1991"],
)
def test_every_reason_against_a_date_is_told(text: str) -> None:
    with pytest.raises(DateError) as refused:
        edtf.parse(text)
    told = details.told(str(refused.value), "ru")
    assert told.language == "ru"
    assert text in told.text


def test_limits_of_a_client_are_told() -> None:
    clients = Clients(seconds=1, queries=1, clock=lambda: 0.0)
    with clients.admit("a") as charge, pytest.raises(BudgetError) as busy, clients.admit("a"):
        pass
    charge(5)
    with pytest.raises(BudgetError) as spent, clients.admit("a"):
        pass
    for error in (busy.value, spent.value):
        assert details.told(str(error), "ru").language == "ru"


@pytest.mark.parametrize(
    "message",
    [
        "the query ran longer than its 30 s. Ask for less at a time",
        "the query needs more memory than a query may have. Ask for less at a time",
        "8 queries are waiting already. Try again in a moment",
        "the answer has more than 10 rows, which is the limit here. Ask for less, with LIMIT or a filter",
        "there is no release 'nope' here; there are: 0.1.0, 0.2.0",
        f"there is no graph 'x'. {suggestion('x', ['a', 'b'])}",
        f"there is no graph 'abcd'. {suggestion('abcd', ['abcde', 'abcdf'])}",
    ],
)
def test_limits_and_remedies_are_told(message: str) -> None:
    assert details.told(message, "ru").language == "ru"


@given(st.text(max_size=60))
def test_whatever_was_given_stands_in_the_message(name: str) -> None:
    told = details.told(f"there is no export {name!r}. Known are a, b", "ru")
    assert told == details.Told(f"нет выгрузки {name!r}. Есть a, b", "ru")


def test_what_was_given_cannot_become_part_of_the_page(client: TestClient) -> None:
    page = get(client, "/export/turtle?lang=ru&actor=<script>alert(1)</script>{WHERE}{0}", "text/html").text
    assert "<script" not in page
    assert "<script>alert(1)</script>{WHERE}{0}" in unescape(alert(page))
