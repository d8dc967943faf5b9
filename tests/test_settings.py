"""Settings: where they come from, which wins, what is said of wrong ones, and that the page about them is true."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relgraph.errors import UsageError
from relgraph.serving.settings import PREFIX, Settings, as_markdown, load

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
NAMES = list(Settings.model_fields)
#: A value that is none, by the type of the setting.
WRONG: dict[object, str] = {int: "many", float: "long", bool: "perhaps", str: "example.org", tuple[str, ...]: "example.org"}
#: Lists that only those who use them can check.
CHECKED_LATER = ("service_allow", "service_networks")


def variable(name: str) -> str:
    return PREFIX + name.upper()


def wrong(name: str) -> str:
    return WRONG.get(Settings.model_fields[name].annotation, "everything")


def toml(folder: Path, text: str) -> Path:
    """A file of settings."""
    path = folder / "settings.toml"
    path.write_text(text, "utf-8")
    return path


def complaint(file: Path | None = None, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(UsageError) as raised:
        load(file, environment or {})
    return str(raised.value)


def test_without_file_and_environment_the_defaults_hold() -> None:
    found = load(None, {})
    assert found == Settings()
    assert found.query_timeout == 30
    assert found.workers >= 4


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(tmp_path: Path) -> None:
    file = toml(tmp_path, "query_timeout = 10\nmax_rows = 5\n")
    found = load(file, {"RELGRAPH_QUERY_TIMEOUT": "2.5"})
    assert (found.query_timeout, found.max_rows, found.max_age) == (2.5, 5, 60)


def test_the_environment_is_that_of_the_process_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELGRAPH_MAX_ROWS", "7")
    assert load().max_rows == 7
    assert load(None, {}).max_rows == 0


def test_a_right_value_in_the_environment_heals_a_wrong_one_in_the_file(tmp_path: Path) -> None:
    assert load(toml(tmp_path, "max_rows = -1"), {"RELGRAPH_MAX_ROWS": "7"}).max_rows == 7


def test_variables_of_others_mean_nothing() -> None:
    assert load(None, {"RELGRAPH_DOCUMENTS": "texts", "MAX_ROWS": "7", "relgraph_max_rows": "7"}) == load(None, {})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("workers", "3", 3),
        ("query_timeout", "0.5", 0.5),
        ("log", "off", "off"),
        ("log_queries", "true", True),
        ("log_queries", "0", False),
        ("public_url", "https://example.org/graph/", "https://example.org/graph/"),
        ("cors_origins", "*", ("*",)),
        ("cors_origins", "https://example.org, http://localhost:8080,", ("https://example.org", "http://localhost:8080")),
        ("service_networks", " 10.1.0.0/16 ,fd00::/8", ("10.1.0.0/16", "fd00::/8")),
        ("service_allow", "", ()),
    ],
)
def test_the_environment_gives_values_as_text_and_lists_with_commas(name: str, text: str, value: object) -> None:
    assert getattr(load(None, {variable(name): text}), name) == value


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('cors_origins = ["https://example.org", "*"]', ("https://example.org", "*")),
        ("cors_origins = []", ()),
        ('cors_origins = "https://example.org, *"', ("https://example.org", "*")),
    ],
)
def test_a_file_gives_lists_as_lists(tmp_path: Path, line: str, value: tuple[str, ...]) -> None:
    assert load(toml(tmp_path, line), {}).cors_origins == value


@given(st.lists(st.from_regex(r"https?://[a-z0-9.-]{1,20}(:[0-9]{1,5})?", fullmatch=True)))
def test_a_list_in_the_environment_is_what_was_joined_with_commas(origins: list[str]) -> None:
    assert load(None, {"RELGRAPH_CORS_ORIGINS": ", ".join(origins)}).cors_origins == tuple(origins)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        ("https://example.org", "https://example.org/"),
        ("https://example.org/", "https://example.org/"),
        ("http://localhost:8000/graph", "http://localhost:8000/graph/"),
    ],
)
def test_the_public_address_ends_with_a_slash(given: str, kept: str) -> None:
    assert load(None, {"RELGRAPH_PUBLIC_URL": given}).public_url == kept


@pytest.mark.parametrize(
    "address",
    [
        "example.org",
        "ftp://example.org/",
        "https://",
        "https://me@example.org/",
        "https://a/?b",
        "https://a/#b",
        "https://a b/",
        "http://[12]/",
        "https://a%/",
        "https://example.org/<b>/",
    ],
)
def test_another_public_address_is_refused(address: str) -> None:
    message = complaint(environment={"RELGRAPH_PUBLIC_URL": address})
    assert f"RELGRAPH_PUBLIC_URL: {address!r} is no address; write it as https://example.org/" in message


@pytest.mark.parametrize(
    "origin", ["example.org", "https://example.org/", "https://example.org/page", "null", "https://*@a", "**"]
)
def test_an_origin_is_scheme_host_and_port(origin: str) -> None:
    message = complaint(environment={"RELGRAPH_CORS_ORIGINS": f"https://example.com,{origin}"})
    assert f"RELGRAPH_CORS_ORIGINS: {origin!r} is no origin; write it as https://example.org" in message


@pytest.mark.parametrize("name", [name for name in NAMES if name not in CHECKED_LATER])
def test_a_wrong_value_is_named_with_its_place_and_what_the_setting_means(tmp_path: Path, name: str) -> None:
    file = toml(tmp_path, f'{name} = "{wrong(name)}"')
    description = str(Settings.model_fields[name].description)
    for message, where in (
        (complaint(environment={variable(name): wrong(name)}), variable(name)),
        (complaint(file), f"{name} in {file}"),
        (complaint(file, {variable(name): wrong(name)}), variable(name)),
    ):
        assert message.startswith(f"the setting {where}: ")
        assert message.endswith(f". {description}")


@pytest.mark.parametrize("name", NAMES)
def test_a_value_of_another_type_is_refused(tmp_path: Path, name: str) -> None:
    assert f"the setting {name} in " in complaint(toml(tmp_path, f"{name} = {{ a = 1 }}"))


@pytest.mark.parametrize(
    ("name", "text", "bound"),
    [
        ("workers", "0", "greater than or equal to 1"),
        ("workers", "257", "less than or equal to 256"),
        ("workers", "", "valid integer"),
        ("max_rows", "1.5", "valid integer"),
        ("max_rows", "-1", "greater than or equal to 0"),
        ("query_timeout", "0", "greater than 0"),
        ("query_timeout", "1e9", "less than or equal to 86400"),
        ("query_timeout", "nan", "a finite number"),
        ("queue_timeout", "inf", "a finite number"),
        ("max_rows", "9" * 20, "at most"),
        ("query_memory", "1048576", f"greater than or equal to {64 * 1024 * 1024}"),
        ("trusted_hops", "17", "less than or equal to 16"),
        ("log", "all", "'requests', 'errors' or 'off'"),
        ("log_queries", "maybe", "valid boolean"),
    ],
)
def test_the_message_says_what_a_setting_may_be(name: str, text: str, bound: str) -> None:
    assert bound in complaint(environment={variable(name): text})


@pytest.mark.parametrize("name", [name for name in NAMES if Settings.model_fields[name].annotation in (int, float)])
def test_no_number_may_be_negative(name: str) -> None:
    assert "greater than" in complaint(environment={variable(name): "-1"})


def test_all_wrong_values_are_named_at_once(tmp_path: Path) -> None:
    file = toml(tmp_path, "max_rows = -1\nqueries = 3\n")
    message = complaint(file, {"RELGRAPH_WORKERS": "many"})
    assert f"the setting max_rows in {file}" in message
    assert f"there is no setting queries in {file}" in message
    assert "the setting RELGRAPH_WORKERS" in message


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("query_timout = 3", "Did you mean query_timeout"),
        ("max-rows = 3", "Did you mean max_rows"),
        ("RELGRAPH_LOG = 3", "Known are cache_bytes, "),
        ("[client]\nseconds = 3", "Did you mean client"),
        ("zzz = 3", "Known are cache_bytes, "),
    ],
)
def test_an_unknown_name_in_the_file_is_an_error_with_a_suggestion(tmp_path: Path, line: str, remedy: str) -> None:
    file = toml(tmp_path, line)
    name = re.split(r"[ \]]", line.strip("["))[0]
    message = complaint(file)
    assert message.startswith(f"there is no setting {name} in {file}. ")
    assert remedy in message


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes('log = "off"  # für alle'.encode("latin-1"))
    for file in (tmp_path / "missing.toml", tmp_path, latin):
        assert complaint(file).startswith(f"the settings in {file} cannot be read: ")


@pytest.mark.parametrize("text", ["query_timeout: 30", "query_timeout = ", "log = off", "max_rows = 1\nmax_rows = 2", "[", "\0"])
def test_a_file_that_is_not_toml_is_named_with_an_example(tmp_path: Path, text: str) -> None:
    file = toml(tmp_path, text)
    message = complaint(file)
    assert message.startswith(f"the settings in {file} are not TOML: ")
    assert message.endswith("Write lines such as query_timeout = 30")


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(None, {}).max_rows = 3


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_described_in_a_sentence_that_fits_into_the_table(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description
    assert description.endswith(".")
    assert not set(description) & {"|", "\n"}


def test_the_table_has_a_line_for_every_setting() -> None:
    lines = as_markdown().splitlines()[2:]
    assert [re.findall("`(.*?)`", line)[:2] for line in lines] == [[name, variable(name)] for name in NAMES]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("workers", "by the cores"),
        ("query_timeout", "30"),
        ("max_rows", "0"),
        ("cors_origins", "none"),
        ("public_url", "none"),
        ("log", "requests"),
        ("log_queries", "false"),
    ],
)
def test_the_table_shows_defaults_as_they_are_written(name: str, shown: str) -> None:
    assert f"| `{name}` | `{variable(name)}` | {shown} | " in as_markdown()


def test_the_page_holds_the_table_as_it_is() -> None:
    found = re.search(r"<!-- settings -->\n(.*)<!-- /settings -->", PAGE.read_text("utf-8"), re.DOTALL)
    assert found
    assert found[1] == as_markdown(), "put what relgraph.serving.settings.as_markdown() gives between the markers"


def test_the_example_of_the_page_is_right(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    found = load(toml(tmp_path, example), {}).model_dump(mode="json", exclude_defaults=True)
    assert found.items() >= tomllib.loads(example).items()


def test_true_is_no_number(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("workers = true", "utf-8")
    assert "not true or false" in complaint(tmp_path / "settings.toml")


def test_an_unknown_name_of_the_file_is_not_blamed_on_the_environment(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("documents = 3", "utf-8")
    message = complaint(tmp_path / "settings.toml", environment={"RELGRAPH_DOCUMENTS": "texts"})
    assert "documents in " in message


def test_a_misspelt_variable_is_not_passed_over() -> None:
    assert "Did you mean RELGRAPH_QUERY_TIMEOUT?" in complaint(environment={"RELGRAPH_QUERY_TIMOUT": "1"})
    others = ("DOCUMENTS", "SETTINGS", "COMPETENCY", "W3C", "FUZZ_EXAMPLES")
    assert load(environment={f"RELGRAPH_{name}": "x" for name in others}) == load(environment={})
