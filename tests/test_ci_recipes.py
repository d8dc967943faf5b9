"""The recipes for continuous integration run: their own commands, on good and bad data.

What needs the service is left out: actions (`uses:`) are only named, and the step that installs relgraph is replaced by
the environment that the tests run in, whose `relgraph` comes first in PATH. Conditions (`if:`) are taken as true where
the file that they ask for is there. Steps run as GitHub runs them without `shell:`, by `bash -e`.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from mini import Mini

ROOT = Path(__file__).parents[1]
WORKFLOW = ROOT / "docs" / "ci" / "relgraph-validate.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"

SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:s#PersonName> a sh:PropertyShape ; sh:targetClass <urn:Person> ; sh:path <urn:name> ; sh:minCount 1 ;
  sh:message "A person has a name."@en , "У человека есть имя."@ru .
"""
GOOD = '<urn:ada> a <urn:Person> ;\n  <urn:name> "Ada" .\n'
BAD = GOOD + "\n<urn:bob> a <urn:Person> .\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with shapes and good data."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "people.ttl").write_text(GOOD, "utf-8")
    (tmp_path / "shapes.ttl").write_text(SHAPES, "utf-8")
    return tmp_path


def job() -> dict[str, Any]:
    (only,) = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"].values()
    return dict(only)


def environment(folder: Path, arguments: str) -> dict[str, str]:
    variables = {key: str(value) for key, value in job()["env"].items()}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    given = {"PATH": path, "GITHUB_STEP_SUMMARY": str(folder / "step-summary"), "VALIDATE_ARGUMENTS": arguments, "CI": "true"}
    return {**os.environ, **variables, **given}


def run_workflow(folder: Path, arguments: str) -> dict[str, int]:
    """Runs the steps of the workflow; the exit status of each by its name."""
    done = {}
    failed = False
    for step in job()["steps"]:
        if "run" not in step:
            continue
        command = "relgraph --version" if step["name"] == "Install relgraph" else step["run"]
        condition = step.get("if", "")
        if failed and "!cancelled()" not in condition:
            continue
        if any(not (folder / name).exists() for name in re.findall(r"hashFiles\('([^']+)'\)", condition)):
            continue
        ran = subprocess.run(["bash", "-e", "-c", command], cwd=folder, env=environment(folder, arguments), check=False)
        done[step["name"]] = ran.returncode
        failed = failed or ran.returncode != 0
    return done


def test_the_workflow_passes_on_good_data(folder: Path) -> None:
    assert run_workflow(folder, "data --shapes shapes.ttl") == {"Install relgraph": 0, "Validate": 0, "Summary of the run": 0}
    assert "✅" in (folder / "step-summary").read_text("utf-8")
    assert json.loads((folder / "relgraph.sarif").read_text("utf-8"))["runs"][0]["results"] == []
    assert ElementTree.parse(folder / "relgraph-junit.xml").getroot().get("failures") == "0"


def test_the_workflow_fails_on_bad_data_and_its_reports_name_the_line(folder: Path) -> None:
    (folder / "data" / "people.ttl").write_text(BAD, "utf-8")
    assert run_workflow(folder, "data --shapes shapes.ttl") == {"Install relgraph": 0, "Validate": 1, "Summary of the run": 0}
    assert "data/people.ttl:4" in (folder / "step-summary").read_text("utf-8")
    (result,) = json.loads((folder / "relgraph.sarif").read_text("utf-8"))["runs"][0]["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "data/people.ttl"
    assert physical["region"]["startLine"] == 4
    assert ElementTree.parse(folder / "relgraph-junit.xml").getroot().get("failures") == "1"


def test_the_workflow_fails_on_broken_data_without_reports(folder: Path) -> None:
    (folder / "data" / "people.ttl").write_text("<urn:ada> a", "utf-8")
    assert run_workflow(folder, "data --shapes shapes.ttl") == {"Install relgraph": 0, "Validate": 2}


def test_the_workflow_validates_a_project_by_default(mini: Mini) -> None:
    mini.write()
    assert job()["env"]["VALIDATE_ARGUMENTS"] == ""
    assert run_workflow(mini.root, "")["Validate"] == 0
    mini.rows["901"][1]["claims"][0]["says"].pop("visitor")
    mini.write()
    assert run_workflow(mini.root, "")["Validate"] == 1
    assert "data/statements/901.jsonl:2" in (mini.root / "step-summary").read_text("utf-8")


def test_the_workflow_asks_for_little_and_pins_its_actions() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert job()["permissions"] == {"contents": "read", "security-events": "write"}
    uses = [step["uses"] for step in job()["steps"] if "uses" in step]
    assert all(re.fullmatch(r"(actions|github)/[\w/-]+@v\d+", action) for action in uses)
    assert any("upload-sarif" in action for action in uses)
    text = " ".join(step["run"] for step in job()["steps"] if "run" in step)
    assert "${{" not in text, "expressions in a script could carry what others wrote"


def test_the_pre_commit_hook_runs_on_files(folder: Path) -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load(HOOKS.read_text("utf-8"))}
    (repository,) = yaml.safe_load((ROOT / "docs" / "ci" / "pre-commit-config.yaml").read_text("utf-8"))["repos"]
    (used,) = repository["hooks"]
    hook = hooks[used["id"]]
    assert re.search(hook["files"], "data/people.ttl")
    assert not re.search(hook["files"], "README.md")

    def commit() -> subprocess.CompletedProcess[str]:
        command = [*shlex.split(hook["entry"]), *used["args"], "data/people.ttl"]
        return subprocess.run(command, cwd=folder, env=environment(folder, ""), capture_output=True, text=True, check=False)

    assert commit().returncode == 0
    (folder / "data" / "people.ttl").write_text(BAD, "utf-8")
    done = commit()
    assert done.returncode == 1
    assert "data/people.ttl:4: Violation [PersonName] <urn:bob>: A person has a name." in done.stdout


def test_the_hook_for_projects_takes_no_files() -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load(HOOKS.read_text("utf-8"))}
    project = hooks["relgraph-validate-project"]
    assert project["pass_filenames"] is False
    assert re.search(project["files"], "data/statements/901.jsonl")
    assert {hook["language"] for hook in hooks.values()} == {"python"}
