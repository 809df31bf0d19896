"""Files of a registration: collected from a disk, and stored."""

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
    """Return the files to register, by their future path in the version.

    A file keeps its name, a directory the paths below it. Raises ``UsageError`` for links, special
    files and paths reserved by git or a registry, ``NotFound`` with the path that is missing.
    """
    several = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not several:
        raise UsageError("nothing-to-register")
    collected: Collected = {}
    for path in map(Path, several):
        for name, file in _below(path, store):
            if name in collected:
                raise UsageError("version-path-repeated", path=name)
            collected[name] = file
    return collected


def _below(path: Path, store: Path | None) -> Iterator[tuple[str, Path]]:
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound("file", str(path)) from error
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        if store is not None and store.resolve().is_relative_to(path.resolve()):
            raise UsageError("input-holds-registry", path=path)
        files = sorted(_walk(path, path))
        if not files:
            raise UsageError("input-empty", path=path)
        yield from files
    elif stat.S_ISREG(mode):
        yield _named(path.name, path), path
    else:
        raise UsageError("input-not-regular", path=path)


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
            raise UsageError("input-is-link", path=child)
        if stat.S_ISDIR(mode):
            yield from _walk(root, child)
        elif stat.S_ISREG(mode):
            yield _named(child.relative_to(root).as_posix(), child), child
        else:
            raise UsageError("input-not-regular", path=child)


def _named(name: str, path: Path) -> str:
    try:
        name.encode()
        file_path(name)
    except ValueError as error:
        raise UsageError("input-name-invalid", path=os.fspath(path)) from error
    segment = protected_segment(name)
    if segment is not None:
        raise UsageError("input-protected", path=path, segment=segment)
    return name


def store(
    blobs: Blobs, collected: Collected, data: Mapping[str, bytes], *, dry_run: bool
) -> tuple[File, ...]:
    """Put the files into the store; in a dry run only hash them.

    ``data`` has the bytes of files already read: the inspected bytes are the stored ones.
    """
    current = Path()

    def sources() -> Iterator[bytes | Path]:
        nonlocal current
        for name, current in collected.items():
            yield data.get(name, current)

    try:
        if dry_run:
            return tuple(map(_hashed, collected, sources()))
        digests = blobs.put_all(sources())
    except OSError as error:
        raise unreadable(current, error) from error
    pairs = zip(collected, digests, strict=True)
    return tuple(File(name, digest, objects.size(blobs, digest)) for name, digest in pairs)


def _hashed(name: str, source: bytes | Path) -> File:
    if isinstance(source, bytes):
        return File(name, Digest.of(source), len(source))
    return File(name, digest_of(source), source.stat().st_size)


def digest_of(path: Path) -> Digest:
    """Return the digest of a file, read block by block."""
    with open(path, "rb") as file:
        return Digest.of_stream(file)


def regular_digest(path: Path) -> Digest | None:
    """Return the digest of a regular file; None for a link and for anything else."""
    return digest_of(path) if path.is_file() and not path.is_symlink() else None
