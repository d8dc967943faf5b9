"""A project as it stands is compared as a build would make it, not as it was last committed."""

from __future__ import annotations

from mini import Mini
from relgraph import build
from relgraph.difference import comparing, sources
from relgraph.project import Project


def test_a_change_in_an_entity_file_is_told_before_the_graph_is_built_anew(mini: Mini) -> None:
    mini.write()
    project = Project(mini.root)
    built = build.assemble(project, None, lambda stage: None)
    build.update_graph_files(built, project)
    release = build.write(built, project.releases)
    path = next(project.entities.glob("*.ttl"))
    before = sources.find(str(release.path), project)
    assert sources.find(str(mini.root), project).data.hash == before.data.hash
    path.write_text(path.read_text("utf-8").replace('"Ada Stone"@en', '"Ada B. Stone"@en'), "utf-8")
    after = sources.find(str(mini.root), project)
    assert "person:ada-stone" in {item.name for item in comparing.compare(before, after).items}
    assert after.data.hash != before.data.hash
