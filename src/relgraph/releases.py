"""The releases of an output folder: listed, found by what people call them, made current, removed."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from relgraph.errors import UsageError
from relgraph.release import Release, locked, open_release, switch

#: From so many characters on, the beginning of an id is taken for it.
_SHORTEST = 4
_BEGINNING = re.compile(rf"([0-9a-f]{{{_SHORTEST},64}})(\.[0-9]+)?")
#: Characters of an id that lists show.
SHOWN = 12


@dataclass(frozen=True)
class Releases:
    """The folder that `relgraph build` writes to: OUT/releases/<version>-<id>/ side by side, and the link OUT/current."""

    out: Path

    def listed(self) -> list[Release]:
        """All releases whose manifest can be read, the one that was built last first."""
        dated = []
        for manifest in (self.out / "releases").glob("[!.]*/manifest.json"):
            release = Release(manifest.parent.resolve())
            with contextlib.suppress(UsageError, OSError):  # damaged, or removed at this moment
                dated.append((release.built, release.path.name, release.id, release))
        return [release for *_, release in sorted(dated, key=lambda each: each[:2], reverse=True)]

    def current(self) -> Release | None:
        """The one that `current` leads to, None where there is none."""
        try:
            return open_release(self.out)
        except UsageError:
            return None

    def find(self, name: str) -> Release:
        """The release that is called so. Raises UsageError where there is none, or several have an id that begins so."""
        found = self.matching(name)
        if found is None:
            raise UsageError(self.unknown(name, f"in {self.out.name}/releases"))
        return found

    def only(self, name: str) -> Release:
        """The one release that is called so, for what cannot be undone. Raises UsageError where there is none, and, with the
        names of their folders, where several are: of one id, of ids that begin so, or of one version."""
        found = self.find(name)
        if name in ("current", _folder(found)):
            return found
        called = {_folder(each) for each in self.listed() if name == each.version}
        if begins := _BEGINNING.fullmatch(name):
            start, number = begins.groups(default="")
            folders = {path.name for path in (self.out / "releases").glob("[!.]*") if path.is_dir()}
            called |= {each for each in folders if _after_version(each).startswith(start) and each.endswith(number)}
            called |= {_folder(each) for each in self.listed() if each.id.startswith(start) and _folder(each).endswith(number)}
        if called - {_folder(found)}:
            names = ", ".join(sorted(called | {_folder(found)}))
            raise UsageError(f"{name!r} is the name of several releases: {names}. Give the whole name of one")
        return found

    def unknown(self, name: str, where: str = "here") -> str:
        """What to say to somebody who asks for a release that there is not: which ones there are."""
        known = [release.path.name for release in self.listed()]
        listed = ", ".join(_short(each) for each in known[:20]) or "none"
        return f"there is no release {name[:80]!r} {where}; there are: {listed}"

    def matching(self, name: str) -> Release | None:
        """The release of that name, None where there is none: `current`, the name of its folder, else its id or the beginning
        of it (with the number of the folder, if it has one), else its version.

        Of several with the same id the last one built is meant, and of several of a version likewise. Raises UsageError
        for a beginning that several ids have.
        """
        if not name:
            return None
        if name == "current":
            return self.current()
        releases = self.listed()
        for release in releases:
            if name == _folder(release):
                return release
        if begins := _BEGINNING.fullmatch(name):
            start, number = begins.groups(default="")
            begun = {
                release.id: release
                for release in reversed(releases)
                if release.id.startswith(start) and (not number or release.path.name.endswith(release.id + number))
            }
            if len(begun) > 1:
                several = ", ".join(sorted(begun))
                raise UsageError(f"several releases begin with {name!r}: {several}. Write more of the id")
            if begun:
                return next(iter(begun.values()))
        return next((release for release in releases if name == release.version), None)

    def use(self, release: Release) -> None:
        """Makes a release the current one, in one atomic step. Raises UsageError where its store cannot be opened, or the
        folder not be written to."""
        release.store()
        with _writing(self.out):
            switch(self.out / "current", release.path)

    def remove(self, releases: Sequence[Release]) -> None:
        """Removes releases for good. Raises UsageError, and removes none, where the current one is among them."""
        with _writing(self.out):
            current = self.current()
            for release in releases:
                if current is not None and current.path == release.path:
                    remedy = "Make another one current first, with `relgraph releases use`"
                    raise UsageError(f"{release.path.name} is the current release. {remedy}")
            for path in dict.fromkeys(release.path for release in releases):
                aside = path.with_name(f".removing-{path.name}")
                shutil.rmtree(aside, ignore_errors=True)  # of a removal that was interrupted
                path.rename(aside)  # from here on nobody finds it half there
                shutil.rmtree(aside)


def _folder(release: Release) -> str:
    return release.path.name


def _after_version(folder: str) -> str:
    return folder.rpartition("-")[2]


@contextlib.contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        with locked(out):
            yield
    except OSError as error:
        raise UsageError(f"cannot write to {error.filename or out}: {error.strerror}. Do it as whoever builds there") from error


def _short(name: str) -> str:
    return re.sub(rf"([0-9a-f]{{{SHOWN}}})[0-9a-f]{{{64 - SHOWN}}}", r"\1", name)
