"""Files that are registered: collected from a disk, and stored."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from dspyreg.errors import (
    NotFound,
    UsageError,
)
from dspyreg.model.digest import Digest
from dspyreg.model.document import File, file_path
from dspyreg.model.protected import MARKER, protected_segment
from dspyreg.registry.transaction.supplied_blobs import unreadable
from dspyreg.store import objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dspyreg.backends.interface import Blobs

    PathLike = str | os.PathLike[str]
    Paths = PathLike | Sequence[PathLike]

Collected = dict[str, Path]


def collect(paths: Paths, store: Path | None) -> Collected:
    """Return the files to register by the path each will have in the version.

    A file keeps its name, a directory the paths below it. Raises ``UsageError`` for links, special
    files and what git or a registry keeps for itself, ``NotFound`` naming what is missing.
    """
    several = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not several:
        raise UsageError("nothing to register", hint="name a file or a directory")
    found: Collected = {}
    for path in map(Path, several):
        for name, file in _below(path, store):
            if name in found:
                raise UsageError(f"two files would be {name!r} in the version")
            found[name] = file
    return found


def _below(path: Path, store: Path | None) -> Iterator[tuple[str, Path]]:
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound("file", str(path)) from error
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        if store is not None and store.resolve().is_relative_to(path.resolve()):
            raise UsageError(f"the registry itself is in {path}", hint="name a smaller directory")
        files = sorted(_walk(path, path))
        if not files:
            raise UsageError(f"there is no file in {path}")
        yield from files
    elif stat.S_ISREG(mode):
        yield _named(path.name, path), path
    else:
        raise UsageError(f"{path} is not a regular file")


def _walk(root: Path, directory: Path) -> Iterator[tuple[str, Path]]:
    try:
        children = sorted(directory.iterdir())
    except OSError as error:
        raise unreadable(directory, error) from error
    for child in children:
        if child.name == MARKER:
            continue
        mode = child.lstat().st_mode
        if stat.S_ISLNK(mode):
            raise UsageError(
                f"{child} is a link", hint="a version holds bytes; put the file itself there"
            )
        if stat.S_ISDIR(mode):
            yield from _walk(root, child)
        elif stat.S_ISREG(mode):
            yield _named(child.relative_to(root).as_posix(), child), child
        else:
            raise UsageError(f"{child} is not a regular file")


def _named(name: str, path: Path) -> str:
    try:
        name.encode()
        file_path(name)
    except ValueError as error:
        raise UsageError(f"{os.fspath(path)!r} has a name that cannot be kept") from error
    segment = protected_segment(name)
    if segment is not None:
        raise UsageError(
            f"{path} belongs to {segment}, and could not be checked out",
            hint="name a smaller directory",
        )
    return name


def store(
    blobs: Blobs, collected: Collected, data: Mapping[str, bytes], *, dry_run: bool
) -> tuple[File, ...]:
    """Put the files into the store; in a dry run only hash them. ``data`` has the bytes of those
    that were read already: what was looked at is what is stored.
    """
    reading = Path()

    def sources() -> Iterator[bytes | Path]:
        nonlocal reading
        for name, reading in collected.items():
            yield data.get(name, reading)

    try:
        if dry_run:
            return tuple(map(_hashed, collected, sources()))
        digests = blobs.put_all(sources())
    except OSError as error:
        raise unreadable(reading, error) from error
    pairs = zip(collected, digests, strict=True)
    return tuple(File(name, digest, objects.size(blobs, digest)) for name, digest in pairs)


def _hashed(name: str, source: bytes | Path) -> File:
    if isinstance(source, bytes):
        return File(name, Digest.of(source), len(source))
    with open(source, "rb") as file:
        return File(name, Digest.of_stream(file), source.stat().st_size)
