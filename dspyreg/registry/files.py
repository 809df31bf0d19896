"""Files in and out: collected from a disk to register, written back by checkout."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from dspyreg.errors import (
    Conflict,
    Denied,
    NotFound,
    Refused,
    RegistryError,
    StorageError,
    UsageError,
)
from dspyreg.model.digest import Digest
from dspyreg.model.document import File, file_path
from dspyreg.model.protected import protected_segment
from dspyreg.store import objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dspyreg.backends.interface import Blobs
    from dspyreg.model.version import Version
    from dspyreg.registry.facade import Paths, Registry

Collected = dict[str, Path]


def collect(paths: Paths, store: str) -> Collected:
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


def _below(path: Path, store: str) -> Iterator[tuple[str, Path]]:
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound("file", str(path)) from error
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        if Path(store).resolve().is_relative_to(path.resolve()):
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


def unreadable(path: Path, error: Exception) -> RegistryError:
    """Return the error that tells a user why a path could not be read."""
    if isinstance(error, FileNotFoundError):
        return NotFound("file", str(path))
    if isinstance(error, PermissionError):
        return Denied(f"cannot read {path}: {error.strerror}")
    if isinstance(error, OSError):
        return StorageError(f"cannot read {path}: {error.strerror}")
    return UsageError(f"not a path: {os.fspath(path)!r}")


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


class CheckedOut(NamedTuple):
    """A version on disk: the directory, and the files below it."""

    version: Version
    path: str
    files: tuple[str, ...]


def opened(registry: Registry, selector: str, path: str | None, *, at: str | None) -> BinaryIO:
    """Return a version's file to read from, checked against its digest just now."""
    version = registry.show(selector, at=at)
    files = _files(registry, version)
    if path is None and len(files) > 1:
        raise UsageError(
            f"which file of {version}?", hint="--path " + ", ".join(file.path for file in files)
        )
    for file in files:
        if path in {None, file.path}:
            return objects.open_checked(registry.blobs, file.digest)
    raise NotFound("file", f"{path} in {version}", hint=", ".join(file.path for file in files))


def _files(registry: Registry, version: Version) -> tuple[File, ...]:
    """The files that the version's own document names; the index is only a cache of it."""
    return objects.read_document(registry.blobs, version.digest).files


def checkout(
    registry: Registry,
    selector: str,
    output: str | os.PathLike[str] | None,
    *,
    force: bool,
    at: str | None,
) -> CheckedOut:
    """See ``Registry.checkout``."""
    version = registry.show(selector, at=at)
    root = _root(version, output)
    files = _files(registry, version)
    _require_harmless(registry, version, root, files)
    try:
        wanted = [file for file in files if not _is_there(root, file, force=force)]
    except OSError as error:
        raise _unwritable(root, error) from error
    _write_all(registry.blobs, root, wanted)
    return CheckedOut(version, str(root), tuple(file.path for file in files))


def _write_all(blobs: Blobs, root: Path, files: Sequence[File]) -> None:
    """Write files below a directory. An error says how many were, if it is not the first."""
    written = 0
    try:
        for file in files:
            try:
                _write(blobs, root, file)
            except OSError as error:
                raise _unwritable(root, error) from error
            written += 1
    except BaseException as error:
        if written:
            error.add_note(f"{written} of {len(files)} files were written")
        raise


def replaced(
    registry: Registry, selector: str, output: str | os.PathLike[str] | None, *, at: str | None
) -> tuple[str, ...]:
    """Return the paths of the files that a checkout by force would replace."""
    version = registry.show(selector, at=at)
    root = _root(version, output)
    there = _files(registry, version)
    _require_harmless(registry, version, root, there)
    try:
        files = [
            file
            for file in there
            if os.path.lexists(root / file.path) and not _is_there(root, file, force=True)
        ]
    except OSError as error:
        raise _unwritable(root, error) from error
    return tuple(str(root / file.path) for file in files)


def _root(version: Version, output: str | os.PathLike[str] | None) -> Path:
    return Path(output) if output is not None else Path(f"{version.program}-{version.label}")


def _require_harmless(
    registry: Registry, version: Version, root: Path, files: tuple[File, ...]
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
    if registry.store.directory is None:
        return
    store, place = os.path.realpath(registry.store.directory), os.path.realpath(root)
    if any(f"{place}/{file.path}".startswith(f"{store}/") for file in files):
        raise Refused(
            f"{version} would be written into the registry", hint="name another directory"
        )


def _unwritable(root: Path, error: OSError) -> Denied | StorageError:
    what = f"cannot write below {root}: {error.strerror or error}"
    return Denied(what) if isinstance(error, PermissionError) else StorageError(what)


def _is_there(root: Path, file: File, *, force: bool) -> bool:
    """Is the very content there already? Raises ``Conflict`` for anything else in the way."""
    _require_inside(root, file.path)
    target = root / file.path
    if not os.path.lexists(target):
        return False
    if target.is_file() and not target.is_symlink():
        with open(target, "rb") as content:
            if Digest.of_stream(content) == file.digest:
                return True
        if force:
            return False
    raise Conflict(f"{target} is in the way", hint="--force replaces a file")


def _require_inside(root: Path, path: str) -> None:
    """Raise ``Conflict`` if a link below the root would lead the file somewhere else."""
    place = root
    for segment in path.split("/")[:-1]:
        place /= segment
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            raise Conflict(f"{place} is in the way", hint="check out somewhere else")


def _write(blobs: Blobs, root: Path, file: File) -> None:
    target = root / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    making = target.with_name(f".dspyreg-{os.urandom(8).hex()}")
    try:
        with open(making, "xb") as sink:
            objects.copy(blobs, file.digest, sink)
        making.replace(target)
    except BaseException:
        with suppress(OSError):
            making.unlink()
        raise
