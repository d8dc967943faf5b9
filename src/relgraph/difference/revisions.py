"""The files of a project as they are in a revision of its git repository; the working tree is left alone."""

from __future__ import annotations

import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from relgraph.errors import UsageError

_FOLDERS = ("data", "ontology")
_MARK = Path("data") / "documents.ttl"


def commit(folder: Path, revision: str) -> str:
    """The hash of the commit that a revision of the repository around a folder names.

    Raises UsageError, with what git says, when there is no git, no repository, or no such revision.
    """
    if not revision or revision.startswith("-") or "\0" in revision:
        raise UsageError(f"{revision!r} is not the name of a revision: it may not be empty or begin with a hyphen")
    done = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise UsageError(f"there is no revision {revision!r} in the repository of {folder}{f' ({said})' if said else ''}")
    return done.stdout.decode().strip()


@contextmanager
def checked_out(folder: Path, commit_hash: str) -> Iterator[Path]:
    """A temporary folder with data/ and ontology/ of the project in a folder, as they are in a commit.

    Raises UsageError when the commit has no project there.
    """
    listed = _git(folder, "ls-tree", "--name-only", "-z", commit_hash)
    names = set(listed.stdout.decode(errors="replace").split("\0"))
    with TemporaryDirectory(prefix="relgraph-") as made:
        archive, root = Path(made) / "archive.tar", Path(made) / "project"
        root.mkdir()
        wanted = [name for name in _FOLDERS if name in names]
        if wanted:
            with archive.open("wb") as out:
                done = _git(folder, "archive", "--format=tar", commit_hash, "--", *wanted, out=out)
            if done.returncode:
                raise UsageError(f"git cannot give the files of {commit_hash}: {done.stderr.decode(errors='replace').strip()}")
            try:
                with tarfile.open(archive) as opened:
                    opened.extractall(root, filter="data")
            except (tarfile.TarError, OSError) as error:
                raise UsageError(f"the files of {commit_hash} cannot be unpacked: {error}") from error
        if not (root / _MARK).is_file():
            raise UsageError(f"there is no relgraph project in revision {commit_hash[:12]}: it has no {_MARK}")
        yield root


def _git(folder: Path, *arguments: str, out: IO[bytes] | int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, env=environment)
    except FileNotFoundError as error:
        raise UsageError("git is not installed, which revisions are read with. Compare releases or files instead") from error
