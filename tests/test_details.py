"""What is wrong, told on Russian pages in Russian: the messages that people meet, as the code writes them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from linked import get, released, served
from relgraph import edtf, questions
from relgraph.errors import BudgetError, DateError, RoomError, suggestion
from relgraph.project import Project
from relgraph.serving.app import Application
from relgraph.serving.clients import Clients
from relgraph.serving.http.problems import problem
from relgraph.serving.pages import details
from relgraph.serving.pages.layout import WORDING
from relgraph.serving.settings import Settings
from relgraph.serving.snapshots.sources import ReleaseSource

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
    ("/export/turtle?document=999", "в этом графе нет источника &#39;999&#39;. Есть 901 ("),
    ("/export/turtle?document=999", "). Укажите одно из них"),
    ("/export/turtle?modality=Possibel", "в этом графе нет модальности &#39;Possibel&#39;"),
    ("/export/turtle?graph=assertd", "нет графа &#39;assertd&#39;. Может быть, asserted?"),
    ("/files/current/none", "в выпуске нет файла &#39;none&#39;"),
    ("/releases?format=xml", "нет формата &#39;xml&#39;"),
    ("/query?query=SELECT+*+{+?s+?p+?o+}+LIMIT+x", "у &#39;x&#39;: здесь должно быть"),
    ("/query?query=SELECT+?s+?p+:o+{+}", "запрос не разобрать: ошибка в строке 1, символ"),
    ("/query?query=SELECT+*+{+?s+nope:p+?o+}", "префикс имени &#39;nope:p&#39; не объявлен"),
    ("/query?query=DROP+ALL", "это изменение (DROP), а не запрос"),
    ("/query?query=SELECT+*+{", "запрос обрывается"),
    ("/search?q=-a", "не сказано, какое слово искать"),
    ("/id/event/nothing", "event/nothing больше нет: the passage was misread"),
    ("/export/claims?graph=asserted", "claims нельзя сделать из одного графа asserted: нужны provenance и reported"),
    ("/export/claims?graph=asserted&graph=inferred", "из одних графов asserted и inferred: нужны provenance и reported"),
    ("/export/turtle?period=1801", "под этот выбор в выпуске ничего не подходит"),
    ("/query?query=SELECT+*+{+SERVICE+<http://x/>+{?s+?p+?o}}", "отсюда не спрашивают другие серверы, и http://x тоже"),
    ("/query?query=PREFIX+a:+<b+c>+ASK{}", "у &#39;ASK{}&#39;: IRI записан неверно"),
    ("/query?query=SELECT", "запрос обрывается: здесь должно быть одно из"),
    ("/queries/accessions?fom=1994", "нет параметра &#39;fom&#39;; есть from, to. Может быть, from?"),
    ("/queries/commitments?year=1994", "нет параметра &#39;year&#39; и никаких других. Уберите его"),
    ("/queries/accessions?from=1994&from=1995", "укажите параметр from вопроса accessions один раз; указано раз: 2"),
    ("/queries/accessions?from=1994-02-31", "в &#39;1994-02-31&#39;: дня 31 не бывает, последний день этого месяца – 28"),
    ("/queries/accessions?from=1994-13-01T00:00:00", "а не &#39;1994-13-01T00:00:00&#39;: таких даты и времени нет: месяц"),
    ("/queries/accessions?from=0000-05-03T00:00:00", "таких даты и времени нет: года 0 не бывает"),
    ("/queries/accessions?from=../1994", "а не &#39;../1994&#39;: с этой стороны промежуток открыт"),
    ("/queries/accessions?from=1995&to=1990", "раньше, чем начинается: с 1995-01-01T00:00:00 по 1990-12-31T23:59:59"),
    ("/queries/accessions?from=99990", "&#39;99990&#39; – не дата EDTF"),
    ("/queries/conflicting-claims?language=xx", "параметр language – это одно из en, ru, а не &#39;xx&#39;"),
    ("/queries/places-within?region=<no+iri>", "параметр region: в этом графе нет &#39;&lt;no iri&gt;&#39;"),
    ("/queries/places-within?region=Nowhere+at+all", "параметр region: в этом графе нет &#39;Nowhere at all&#39;"),
    ("/queries/places-within?region=org/nato", "параметр region: "),
]
#: What messages end with.
REMEDIES = ["Did you mean", "Known are", "There are", "Give ", "Leave ", "Look ", "Choose ", "Correct ", "Write ", "Ask ", "Try "]
_NUMBERS = {"number", "line", "column", "most", "day", "last", "month", "seconds", "least"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, project: Project) -> Iterator[TestClient]:
    source = ReleaseSource(released(tmp_path_factory.mktemp("details")), questions.load(project.queries))
    settings = Settings(workers=1, client_seconds=0, log="off")
    with TestClient(Application(source, settings, {}), follow_redirects=False) as client:
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
    assert [remedy for remedy in REMEDIES if remedy in told] == []


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


def written(language: str) -> dict[str, str]:
    """The patterns for whole messages in a language, in their order."""
    pairs = tomllib.loads((Path(details.__file__).parent / "details.toml").read_text("utf-8"))[language]
    return {text: told for text, told in pairs.items() if text != "parts"}


@pytest.mark.parametrize("text", written("ru"))
def test_no_pattern_takes_the_messages_of_a_later_one(text: str) -> None:
    reason = ("'x' has no day 31: that month ends on 28", "в 'x': дня 31 не бывает, последний день этого месяца – 28")
    inner = {"WHERE": ("the actor", "актор"), "REMEDY": ("Leave it out", "Уберите его"), "REASON": reason, "reason": reason}
    inner |= {"date": ("'y'", "'y'"), **dict.fromkeys(_NUMBERS, ("7", "7"))}
    names = re.findall(r"\{(\w+)\}", text)
    given = {name: inner.get(name, (f"<{name}>", f"<{name}>")) for name in names}
    message = text.format_map({name: pair[0] for name, pair in given.items()})
    told = details.told(message, "ru")
    assert told == details.Told(written("ru")[text].format_map({name: pair[1] for name, pair in given.items()}), "ru")


@pytest.mark.parametrize(
    "part", ["the parameter a of b", "the actor", "something else is expected", "it is not what a build writes"]
)
def test_a_part_of_a_message_is_no_message(part: str) -> None:
    assert details.told(part, "ru") == details.Told(part, "en")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("the file a.ttl of this release is damaged here: it is not what a build writes. Nothing of it is sent", "он не таков"),
        (
            "the file a.ttl of this release is damaged here: its SHA-256 is not the one that the manifest or the id of the "
            "release gives. Nothing of it is sent",
            "его SHA-256 не тот",
        ),
        ("the file a of this release is damaged here: it cannot be read (Input error). Nothing of it is sent", "(Input error)"),
        ("the file a.ttl is not here any more", "файла a.ttl здесь больше нет"),
        ("the release 0.1.0 is damaged here; others can be asked for", "выпуск 0.1.0 здесь повреждён"),
        ("this release has no JSON-LD context", "нет контекста JSON-LD"),
        ("nothing that you accept fits a search; there are json (a/b) and html", "есть json (a/b) и html"),
        ("a dataset that is no release has no files here", "файлов у него нет"),
        ("no release '0.0.9' is served here", "выпуска '0.0.9' здесь нет"),
        ("there is no graph 'http://x/' in this file", "в этом файле нет графа 'http://x/'"),
        ("the search finds 500 things and more. Add words, or search:limit for the best ones", "500"),
        (
            "SERVICE <http://x/> is not answered here; a server with the setting service_allow may answer it",
            "SERVICE <http://x/> здесь не спрашивают",
        ),
        (
            "the parameter a of b takes a text without \\u and \\U, which engines read in different ways",
            "параметр a – это текст без \\u и \\U",
        ),
        (
            "the parameter a of b takes a date in EDTF such as 1994, 1994-05 or 1994-05-03, or a date and time such as "
            "1994-05-03T12:00:00, not 'x': a reason that nobody foresaw",
            "'x': a reason that nobody foresaw",
        ),
    ],
)
def test_the_reason_is_told(message: str, words: str) -> None:
    told = details.told(message, "ru")
    assert told.language == "ru"
    assert words in told.text


def test_a_lack_of_room_is_told() -> None:
    detail = problem(RoomError("an export needs room for temporary files in /var/tmp: full")).detail
    assert details.told(detail, "ru").text == "серверу негде хранить временные файлы; подробности в его журнале"


@pytest.mark.parametrize(("language", "less"), [("en", "less"), ("ru", "узкий")])
def test_who_meets_a_damaged_file_is_not_told_to_ask_for_less(tmp_path: Path, language: str, less: str) -> None:
    folder = released(tmp_path)
    with served(folder) as client:
        (folder / "context.jsonld").write_text("{}", "utf-8")
        page = get(client, f"/files/current/context.jsonld?lang={language}", "text/html")
    assert page.status_code == 503
    assert "SHA-256" in alert(page.text)
    assert "lang=" not in alert(page.text)
    assert less not in page.text.partition("<main")[2]
    assert WORDING[language]["resource"]["remedies"]["503"] in page.text


def test_only_the_word_between_items_is_told() -> None:
    told = details.told("Did you mean 'war or peace' or 'it\\'s or b' or c?", "ru")
    assert told.text == "Может быть, 'war or peace' или 'it\\'s or b' или c?"
    assert details.told("Did you mean war's or peace's and b?", "ru").text == "Может быть, war's или peace's and b?"


def test_a_message_that_is_too_long_stays_as_it_is() -> None:
    start, end = "there is no export '", "'. There are none"
    longest = start + "x" * (2_000 - len(start) - len(end)) + end
    assert details.told(longest, "ru").language == "ru"
    assert details.told(f"{start}x{longest.removeprefix(start)}", "ru").language == "en"


def test_a_number_is_a_number() -> None:
    assert details.told("you have many queries under way, the most one client may have", "ru").language == "en"
    assert details.told("the query ran longer than its 0.5 s. Ask for less at a time", "ru").language == "ru"


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_stands_in_quotation_marks_is_one_text(name: str, value: str) -> None:
    told = details.told(f"the address ends in {name!r}, and format is {value!r}. Give one of the two", "ru")
    assert told.text == f"адрес оканчивается на {name!r}, а format – это {value!r}. Укажите что-то одно"


@given(st.text(max_size=60))
def test_whatever_was_given_stands_in_the_message(name: str) -> None:
    told = details.told(f"there is no export {name!r}. Known are a, b", "ru")
    assert told == details.Told(f"нет выгрузки {name!r}. Есть a, b", "ru")


def test_what_was_given_cannot_become_part_of_the_page(client: TestClient) -> None:
    page = get(client, "/export/turtle?lang=ru&actor=<script>alert(1)</script>{WHERE}{0}", "text/html").text
    assert "<script" not in page
    assert "<script>alert(1)</script>{WHERE}{0}" in unescape(alert(page))
