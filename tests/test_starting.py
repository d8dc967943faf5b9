"""A start that fails says what is wrong and what to do, and has exit status 2."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server import write


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("data") / "data.nt", "word")


def failed_start(*arguments: str | Path, **settings: str) -> tuple[int, str]:
    """The exit status and the standard error of a server that cannot start."""
    environment = os.environ | {f"RELGRAPH_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "relgraph", "serve", "--port", "0", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_settings_that_are_wrong_are_all_named(data: Path) -> None:
    wrong = {
        "WORKERS": "0", "QUERY_TIMEOUT": "soon", "MAX_URL": "-1", "TRUSTED_HOPS": "17", "LOG": "loud", "LOG_QUERIES": "maybe",
        "PUBLIC_URL": "ftp://example.org", "CORS_ORIGINS": "https://a.example/path",
    }  # fmt: skip
    status, message = failed_start("--dataset", data, **wrong)
    assert status == 2
    for name in wrong:
        assert f"RELGRAPH_{name}:" in message


@pytest.mark.parametrize(("name", "value"), [("SERVICE_ALLOW", "nonsense"), ("SERVICE_NETWORKS", "10.0.0.0/33")])
def test_settings_that_are_wrong_for_another_reason_are_named(data: Path, name: str, value: str) -> None:
    status, message = failed_start("--dataset", data, **{name: value})
    assert status == 2
    assert value in message
    assert name.lower() in message.lower()


def test_an_infinite_time_is_a_wrong_setting(data: Path) -> None:
    status, message = failed_start("--dataset", data, KEEP_ALIVE="inf")
    assert (status, "RELGRAPH_KEEP_ALIVE" in message) == (2, True)


def test_a_setting_that_there_is_not_is_named(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("query_timout = 3\n", "utf-8")
    status, message = failed_start("--dataset", data, "--settings", file)
    assert status == 2
    assert f"no setting query_timout in {file}. Did you mean query_timeout" in message


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    status, message = failed_start("--dataset", tmp_path / "data.docx")
    assert status == 2
    assert "data.docx has no ending of an RDF file" in message
    assert ".ttl" in message


def test_a_dataset_and_a_release_exclude_each_other(data: Path) -> None:
    status, message = failed_start("--dataset", data, "--release", data.parent)
    assert (status, "--dataset and --release exclude each other" in message) == (2, True)


def test_without_a_release_there_is_nothing_to_serve(tmp_path: Path) -> None:
    status, message = failed_start("--release", tmp_path)
    assert (status, f"no release in {tmp_path}" in message) == (2, True)


@pytest.mark.parametrize("log", ["requests", "off"])
def test_a_dataset_that_cannot_be_read_is_named_with_the_line(tmp_path: Path, log: str) -> None:
    (tmp_path / "data.nt").write_text('<urn:a> <urn:b> "c" .\n<urn:a> broken\n', "utf-8")
    status, message = failed_start("--dataset", tmp_path / "data.nt", LOG=log)
    assert status == 2
    assert f"relgraph: {tmp_path / 'data.nt'}:2: it cannot be read" in message


def test_a_missing_dataset_is_named(tmp_path: Path) -> None:
    status, message = failed_start("--dataset", tmp_path / "none.ttl")
    assert status == 2
    assert "none.ttl cannot be loaded" in message
