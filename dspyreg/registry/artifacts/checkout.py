"""Files of a version written to a disk: into a directory, a file, or behind a link.

A directory that a checkout made has a marker, which says what stands in it. Such a directory is
replaced as a whole: the new one is written beside it, and takes its place by being renamed.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from dspyreg.errors import Conflict, Denied, NotFound, Refused, StorageError, UsageError
from dspyreg.model.digest import Digest
from dspyreg.model.document import main_path
from dspyreg.model.protected import MARKER, protected_segment
from dspyreg.model.selector import Selector
from dspyreg.registry.read.versions import show
from dspyreg.store import objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dspyreg.backends.interface import Blobs
    from dspyreg.model.document import File
    from dspyreg.model.version import Version
    from dspyreg.registry.artifacts.files import Paths
    from dspyreg.registry.context import Context

    Output = str | os.PathLike[str] | None

_FORMAT = 1
_ABANDONED = 3600  # seconds after which what a checkout left behind is nobody's
_SHOWN = 10  # so many paths are named in an error


class CheckedOut(NamedTuple):
    """A version on disk: where, its files, and the paths that they have there."""

    version: Version
    path: str
    files: tuple[str, ...]
    written: tuple[str, ...]


def opened(context: Context, selector: str, path: str | None, *, at: str | None) -> BinaryIO:
    """Return a version's file to read from, checked against its digest just now."""
    version = show(context, selector, at=at)
    files = _files(context, version)
    wanted = main_path(file.path for file in files) if path is None else path
    if wanted is None:
        raise UsageError(
            f"which file of {version}?",
            hint="--path=FILE, one of " + ", ".join(file.path for file in files),
        )
    for file in files:
        if wanted == file.path:
            return objects.open_checked(context.blobs, file.digest)
    raise NotFound("file", f"{path} in {version}", hint=", ".join(file.path for file in files))


def _files(context: Context, version: Version) -> tuple[File, ...]:
    """The files that the version's own document names; the index is only a cache of it."""
    return objects.read_document(context.blobs, version.digest).files


def laid_out(context: Context, selector: str, directory: str) -> Version:
    """Write a version's files below an empty directory, for a program of ours to read."""
    version = show(context, selector, at=None)
    files = _files(context, version)
    _require_harmless(context, version, Path(directory), files)
    _write_all(context.blobs, Path(directory), files)
    return version


class Checkout:
    """A version, and where its files are to be."""

    def __init__(
        self, context: Context, selector: str, output: Output, *, at: str | None, link: bool
    ) -> None:
        self._context, self._selector = context, selector
        self._version = show(context, selector, at=at)
        self._files = _files(context, self._version)
        name = f"{self._version.program}-{self._version.label}" if output is None else output
        self._place, self._link = Path(name), link
        main = main_path(file.path for file in self._files)
        self._is_one_file = main is not None and not link and self._names_a_file(main)
        if self._is_one_file:
            self._files = tuple(file for file in self._files if file.path == main)
        if link and output is None:
            raise UsageError("which link?", hint="--output=LINK --link")
        if link and os.path.lexists(name) and not os.path.islink(name):
            raise Conflict(f"{name} is no link", hint="name another, or do without --link")
        _require_harmless(context, self._version, self._place, self._files)

    def in_the_way(self) -> tuple[str, ...]:
        """Return the paths of the files that would be replaced although they are of no version
        that was checked out there: ``carry_out`` raises for them unless it is by force.
        """
        try:
            return tuple(str(path) for path in self._in_the_way())
        except OSError as error:
            raise _unwritable(self._place, error) from error

    def carry_out(self, *, force: bool) -> CheckedOut:
        """Write the files. Raises ``Conflict`` for what is in the way, unless by force."""
        try:
            lost = [*self._in_the_way()]
            if lost and not force:
                verb = "is" if len(lost) == 1 else "are"
                raise Conflict(f"{_listed(lost)} {verb} in the way", hint="--force replaces a file")
            self._write()
        except OSError as error:
            raise _unwritable(self._place, error) from error
        place, files = str(self._place), tuple(file.path for file in self._files)
        written = (place,) if self._is_one_file else tuple(f"{place}/{file}" for file in files)
        return CheckedOut(self._version, place, files, written)

    def _in_the_way(self) -> Iterator[Path]:
        if self._link:
            return
        if self._is_one_file:
            if not _is_kept(self._context.blobs, self._place):
                yield self._place
        elif (known := _marked(self._place)) is not None:
            yield from _changed_by_hand(self._place, known)
        elif os.path.lexists(self._place):
            _require_directories(self._place, self._files)
            for file in self._files:
                if not _is_free(self._place, file):
                    yield self._place / file.path

    def _write(self) -> None:
        blobs, files, place = self._context.blobs, self._files, self._place
        if self._link:
            self._swap_link()
        elif self._is_one_file:
            place.parent.mkdir(parents=True, exist_ok=True)
            _write(blobs, files[0], place)
        elif _marked(place) is not None or not os.path.lexists(place):
            if not self._stands(place):
                self._replace(Path(os.path.realpath(place)))
        elif place.is_dir() and not any(place.iterdir()):
            self._lay_out(place)
        else:
            missing = [file for file in files if not _is_there(place, file)]
            _write_all(blobs, place, missing)

    def _names_a_file(self, main: str) -> bool:
        """Is a file meant, not a directory: ``-o live.json`` of a version that is one file, the
        record of an optimizer's run aside?
        """
        suffix = self._place.suffix
        return suffix != "" and suffix == Path(main).suffix and not self._place.is_dir()

    def _replace(self, place: Path) -> None:
        """Let a directory hold the version and nothing else, or leave it as it was."""
        if Path(os.path.realpath(os.curdir)).is_relative_to(place):
            raise Conflict(
                f"{place} is the working directory, and would be replaced",
                hint="run it from another directory",
            )
        place.parent.mkdir(parents=True, exist_ok=True)
        _sweep(place)
        making, leaving = (_beside(place, what) for what in ("new", "old"))
        try:
            making.mkdir()
            self._lay_out(making)
            if os.path.lexists(place):
                making.chmod(place.stat().st_mode & 0o7777)
                place.rename(leaving)
            try:
                making.rename(place)
            except OSError:
                if os.path.lexists(leaving):
                    leaving.rename(place)
                raise
        finally:
            shutil.rmtree(making, ignore_errors=True)
        shutil.rmtree(leaving, ignore_errors=True)

    def _stands(self, place: Path) -> bool:
        """Is a directory what this checkout would make of it?"""
        wanted: dict[str, Any] = {file.path: file.digest for file in self._files}
        return (
            _marked(place) == wanted
            and all(os.path.lexists(place / path) for path in wanted)
            and not any(_changed_by_hand(place, wanted))
        )

    def _swap_link(self) -> None:
        """Point the link at a directory of the version, in one rename. The directory that it
        pointed at stays, for those who read from it; older ones go.
        """
        link, version = self._place, self._version
        link.parent.mkdir(parents=True, exist_ok=True)
        before = os.path.realpath(link)
        place = link.with_name(f".{link.name}.{version.label}.{version.digest.hex[:12]}")
        if not self._stands(place):
            self._replace(place)
        making = _beside(link, "new")
        making.symlink_to(place.name)
        making.replace(link)
        for other in _siblings(link, ""):
            is_in_use = other == place or os.path.realpath(other) == before
            if not is_in_use and not other.is_symlink() and _marked(other) is not None:
                shutil.rmtree(other, ignore_errors=True)

    def _lay_out(self, directory: Path) -> None:
        """Write the marker and the files into an empty directory."""
        told = json.dumps(self._marker(), indent=1)
        (directory / MARKER).write_text(told + "\n", encoding="utf-8")
        _write_all(self._context.blobs, directory, self._files)

    def _marker(self) -> dict[str, Any]:
        return {
            "format": _FORMAT,
            "registry": self._context.registry_id,
            "selector": self._selector,
            "program": self._version.program,
            "label": self._version.label,
            "digest": self._version.digest,
            "files": {file.path: file.digest for file in self._files},
        }


def _marked(directory: Path) -> dict[str, Any] | None:
    """Return the digests of the files that a checkout put into a directory, by path; None if no
    checkout made it.
    """
    files = _told(directory).get("files")
    return files if isinstance(files, dict) else None


def made_from(context: Context, program: str, paths: Paths) -> str | None:
    """Return the label of the version of a program that these paths were checked out as; None if
    they were not, or that version is gone, or they are of several.
    """
    several = [paths] if isinstance(paths, str | os.PathLike) else paths
    found = {_origin(context, program, Path(path)) for path in several}
    return found.pop() if len(found) == 1 else None


def _origin(context: Context, program: str, path: Path) -> str | None:
    told = _told(path if path.is_dir() else path.parent)
    if (told.get("registry"), told.get("program")) != (context.registry_id, program):
        return None
    with suppress(NotFound, UsageError):  # gone, or no digest at all
        return show(
            context, str(Selector(program, "digest", str(told.get("digest")))), at=None
        ).label
    return None


def _told(directory: Path) -> dict[str, Any]:
    """What the marker of a directory says; nothing where there is none that can be read."""
    marker = directory / MARKER
    if marker.is_symlink() or not marker.is_file():
        return {}
    try:
        told = json.loads(marker.read_bytes())
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _changed_by_hand(directory: Path, known: dict[str, Any]) -> Iterator[Path]:
    """Yield the paths below a directory that are not as a checkout left them."""
    for place, directories, files in os.walk(directory):
        for name in sorted((*files, *directories)):
            path = Path(place) / name
            if path.is_dir() and not path.is_symlink():
                continue
            told = path.relative_to(directory).as_posix()
            if told != MARKER and not (told in known and _holds(path, known[told])):
                yield path


def _sweep(place: Path) -> None:
    """Remove what checkouts that died have left beside a directory: what was being replaced, at
    once; what was being written, when nobody can be at it any more.
    """
    for old in _siblings(place, "old-"):
        shutil.rmtree(old, ignore_errors=True)
    if fresh := _siblings(place, "new-"):
        probe = _beside(place, "new")
        probe.mkdir()
        now = probe.stat().st_mtime
        probe.rmdir()
        for new in fresh:
            with suppress(OSError):
                if now - new.lstat().st_mtime > _ABANDONED:
                    shutil.rmtree(new)


def _siblings(place: Path, what: str) -> list[Path]:
    """Return what checkouts have put beside a path."""
    start = f".{place.name}.{what}"
    return [each for each in place.parent.iterdir() if each.name.startswith(start)]


def _beside(place: Path, what: str) -> Path:
    """Return a name that nobody has, in the directory of a path."""
    return place.with_name(f".{place.name}.{what}-{os.urandom(8).hex()}")


def _write_all(blobs: Blobs, root: Path, files: Sequence[File]) -> None:
    """Write files below a directory. An error says how many were, if it is not the first."""
    written, made = 0, set[Path]()
    try:
        for file in files:
            target = root / file.path
            try:
                if target.parent not in made:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    made.add(target.parent)
                _write(blobs, file, target)
            except OSError as error:
                raise _unwritable(root, error) from error
            written += 1
    except BaseException as error:
        if written:
            error.add_note(f"{written} of {len(files)} files were written")
        raise


def _write(blobs: Blobs, file: File, target: Path) -> None:
    making = _beside(target, "new")
    try:
        with open(making, "xb") as sink:
            objects.copy(blobs, file.digest, sink)
        making.replace(target)
    except BaseException:
        with suppress(OSError):
            making.unlink()
        raise


def _require_harmless(
    context: Context, version: Version, root: Path, files: tuple[File, ...]
) -> None:
    """Raise ``Refused`` for a version that would write into a repository's or a registry's own
    files: from there, git runs what it is told.
    """
    for file in files:
        segment = protected_segment(file.path)
        if segment is not None:
            raise Refused(
                f"{version} has a file in {segment}, where nothing is checked out: {file.path}",
                hint=f"`dspyreg cat {version} --path {file.path}` prints it",
            )
    if context.store.location.directory is None:
        return
    store, place = context.store.location.real, os.path.realpath(root)
    if any(f"{place}/{file.path}".startswith(f"{store}/") for file in files):
        raise Refused(
            f"{version} would be written into the registry", hint="name another directory"
        )


def _unwritable(root: Path, error: OSError) -> Denied | StorageError:
    what = f"cannot write {root}: {error.strerror or error}"
    return Denied(what) if isinstance(error, PermissionError) else StorageError(what)


def _require_directories(root: Path, files: Sequence[File]) -> None:
    """Raise ``Conflict`` where something else stands in the place of a directory: no force
    replaces that. There may be very many files; each directory is looked at once.
    """
    seen = set[str]()
    for file in files:
        directory = file.path.rpartition("/")[0]
        while directory and directory not in seen:
            seen.add(directory)
            directory = directory.rpartition("/")[0]
    for directory in sorted(seen):
        mode = _mode(root / directory)
        if mode is not None and not stat.S_ISDIR(mode):
            raise Conflict(f"{root / directory} is in the way", hint="check out somewhere else")


def _is_free(root: Path, file: File) -> bool:
    """Can a file be written without loss: is nothing there, or the very content? Raises
    ``Conflict`` for a directory, which no force replaces.
    """
    mode = _mode(root / file.path)
    if mode is not None and stat.S_ISDIR(mode):
        raise Conflict(f"{root / file.path} is a directory", hint="check out somewhere else")
    return mode is None or _is_there(root, file)


def _mode(path: Path) -> int | None:
    """Return what stands there, no link followed; None if nothing does."""
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return None


def _is_there(root: Path, file: File) -> bool:
    return _holds(root / file.path, file.digest)


def _holds(path: Path, digest: object) -> bool:
    """Is there a regular file with this content?"""
    if path.is_symlink() or not path.is_file():
        return False
    with open(path, "rb") as content:
        return Digest.of_stream(content) == digest


def _is_kept(blobs: Blobs, path: Path) -> bool:
    """Is nothing lost if a file is replaced: is it not there, or does the registry have it?"""
    if not os.path.lexists(path):
        return True
    if path.is_symlink() or not path.is_file():
        return False
    with open(path, "rb") as content:
        return blobs.stat(Digest.of_stream(content)) is not None


def _listed(paths: list[Path]) -> str:
    shown = ", ".join(map(str, paths[:_SHOWN]))
    rest = len(paths) - _SHOWN
    return shown if rest <= 0 else f"{shown} and {rest} more"
