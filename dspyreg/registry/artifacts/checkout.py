"""A checkout of a version: into a directory, into a file, or behind a symbolic link.

A directory that a checkout made has a marker. It is replaced completely: the new one is
written beside it and takes its place by a rename.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from dspyreg.errors import Conflict, NotFound, Refused, UsageError
from dspyreg.model.document import main_path
from dspyreg.model.protected import protected_segment
from dspyreg.registry.artifacts import directories, marker
from dspyreg.registry.artifacts.files import regular_digest
from dspyreg.registry.read.versions import show
from dspyreg.store import objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dspyreg.backends.interface import Blobs
    from dspyreg.model.document import File
    from dspyreg.model.version import Version
    from dspyreg.registry.context import Context

    Output = str | os.PathLike[str] | None

_MAX_PATHS: Final = 10  # paths named in an error


class CheckedOut(NamedTuple):
    """A version on disk: its path, its files, and the paths that these have there."""

    version: Version
    path: str
    files: tuple[str, ...]
    written: tuple[str, ...]


def opened(context: Context, selector: str, path: str | None, *, at: str | None) -> BinaryIO:
    """Return an open file of a version, its bytes checked against the digest just now."""
    version = show(context, selector, at=at)
    files = _files(context, version)
    chosen = main_path(file.path for file in files) if path is None else path
    paths = ", ".join(file.path for file in files)
    if chosen is None:
        raise UsageError("version-has-several-files", version=version, paths=paths)
    for file in files:
        if chosen == file.path:
            return objects.open_checked(context.blobs, file.digest)
    raise NotFound("file", f"{path} in {version}", hint="files-of-version", paths=paths)


def _files(context: Context, version: Version) -> tuple[File, ...]:
    """Return the files in the version's document: the index is only a cache of it."""
    return objects.read_document(context.blobs, version.digest).files


def write_version(context: Context, selector: str, directory: str) -> Version:
    """Write a version's files below an empty directory, for a program of ours to read."""
    version = show(context, selector, at=None)
    files = _files(context, version)
    _require_harmless(context, version, Path(directory), files)
    directories.write_files(context.blobs, Path(directory), files)
    return version


class Checkout:
    """A checkout that is prepared, and carried out on request."""

    def __init__(
        self, context: Context, selector: str, output: Output, *, at: str | None, link: bool
    ) -> None:
        self._context, self._selector = context, selector
        self._version = show(context, selector, at=at)
        self._files = _files(context, self._version)
        name = f"{self._version.program}-{self._version.label}" if output is None else output
        self._target, self._link = Path(name), link
        main = main_path(file.path for file in self._files)
        self._is_one_file = main is not None and not link and self._names_a_file(main)
        if self._is_one_file:
            self._files = tuple(file for file in self._files if file.path == main)
        if link and output is None:
            raise UsageError("link-not-named")
        if link and os.path.lexists(name) and not os.path.islink(name):
            raise Conflict("not-a-link", path=name)
        _require_harmless(context, self._version, self._target, self._files)

    def in_the_way(self) -> tuple[str, ...]:
        """Return the paths that would be replaced although no checkout wrote them.

        ``carry_out`` raises for them unless it is forced.
        """
        try:
            return tuple(str(path) for path in self._in_the_way())
        except OSError as error:
            raise directories.unwritable(self._target, error) from error

    def carry_out(self, *, force: bool) -> CheckedOut:
        """Write the files. Raises ``Conflict`` for paths in the way, unless forced."""
        try:
            lost = [*self._in_the_way()]
            if lost and not force:
                if len(lost) == 1:
                    raise Conflict("file-in-the-way", paths=_listed(lost))
                raise Conflict("files-in-the-way", paths=_listed(lost))
            self._write()
        except OSError as error:
            raise directories.unwritable(self._target, error) from error
        target, files = str(self._target), tuple(file.path for file in self._files)
        written = (target,) if self._is_one_file else tuple(f"{target}/{file}" for file in files)
        return CheckedOut(self._version, target, files, written)

    def _in_the_way(self) -> Iterator[Path]:
        target = self._target
        if self._link:
            return
        if self._is_one_file:
            if not _is_stored(self._context.blobs, target):
                yield target
        elif (digests := marker.marked_files(target)) is not None:
            yield from marker.changed_by_hand(target, digests)
        elif os.path.lexists(target):
            _require_directories(target, self._files)
            for file in self._files:
                if not _is_free(target, file):
                    yield target / file.path

    def _write(self) -> None:
        blobs, files, target = self._context.blobs, self._files, self._target
        if self._link:
            self._swap_link()
        elif self._is_one_file:
            target.parent.mkdir(parents=True, exist_ok=True)
            directories.write_file(blobs, files[0], target)
        elif marker.marked_files(target) is not None or not os.path.lexists(target):
            if not marker.is_intact(target, files):
                directories.replace(Path(os.path.realpath(target)), self._fill)
        elif target.is_dir() and not any(target.iterdir()):
            self._fill(target)
        else:
            missing = [file for file in files if not marker.holds(target / file.path, file.digest)]
            directories.write_files(blobs, target, missing)

    def _names_a_file(self, main: str) -> bool:
        """Return whether the output is a file: ``-o live.json`` of a version that is one file.

        The record of an optimizer's run does not count as a second file.
        """
        suffix = self._target.suffix
        return suffix != "" and suffix == Path(main).suffix and not self._target.is_dir()

    def _swap_link(self) -> None:
        """Point the link at a directory of the version, in one rename.

        The previous directory stays, because programs may be reading from it. Older ones go.
        """
        link, version = self._target, self._version
        link.parent.mkdir(parents=True, exist_ok=True)
        previous = os.path.realpath(link)
        directory = link.with_name(f".{link.name}.{version.label}.{version.digest.hex[:12]}")
        if not marker.is_intact(directory, self._files):
            directories.replace(directory, self._fill)
        new = directories.temporary_path(link, "new")
        new.symlink_to(directory.name)
        new.replace(link)
        for other in directories.siblings(link, ""):
            is_in_use = other == directory or os.path.realpath(other) == previous
            is_ours = not other.is_symlink() and marker.marked_files(other) is not None
            if not is_in_use and is_ours:
                shutil.rmtree(other, ignore_errors=True)

    def _fill(self, directory: Path) -> None:
        """Write the marker and the files into an empty directory."""
        marker.write(self._context, directory, self._selector, self._version, self._files)
        directories.write_files(self._context.blobs, directory, self._files)


def _require_harmless(
    context: Context, version: Version, root: Path, files: tuple[File, ...]
) -> None:
    """Raise ``Refused`` for files inside a repository's or a registry's own directory.

    git runs commands that it finds there.
    """
    for file in files:
        segment = protected_segment(file.path)
        if segment is not None:
            raise Refused(
                "checkout-into-protected", version=version, segment=segment, path=file.path
            )
    if context.store.location.directory is None:
        return
    store, target = context.store.location.real, os.path.realpath(root)
    if any(f"{target}/{file.path}".startswith(f"{store}/") for file in files):
        raise Refused("checkout-into-registry", version=version)


def _require_directories(root: Path, files: Sequence[File]) -> None:
    """Raise ``Conflict`` if another file takes the place of a directory: no force replaces it.

    Each directory is examined once, because a version may have very many files.
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
            raise Conflict("not-a-directory", path=root / directory)


def _is_free(root: Path, file: File) -> bool:
    """Return whether a file can be written without loss: the path is free or has the content.

    Raises ``Conflict`` for a directory, which no force replaces.
    """
    mode = _mode(root / file.path)
    if mode is not None and stat.S_ISDIR(mode):
        raise Conflict("is-a-directory", path=root / file.path)
    return mode is None or marker.holds(root / file.path, file.digest)


def _mode(path: Path) -> int | None:
    """Return the mode of a path, links not followed; None if it does not exist."""
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return None


def _is_stored(blobs: Blobs, path: Path) -> bool:
    """Return whether a path can be replaced without loss: free, or its bytes are stored."""
    if not os.path.lexists(path):
        return True
    digest = regular_digest(path)
    return digest is not None and blobs.stat(digest) is not None


def _listed(paths: list[Path]) -> str:
    shown = ", ".join(map(str, paths[:_MAX_PATHS]))
    rest = len(paths) - _MAX_PATHS
    return shown if rest <= 0 else f"{shown} and {rest} more"
