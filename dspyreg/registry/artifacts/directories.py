"""Files of a version written to a disk, and a directory replaced by one rename."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dspyreg.errors import Conflict, Denied, StorageError
from dspyreg.store import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dspyreg.backends.interface import Blobs
    from dspyreg.model.document import File

_ABANDONED: Final = 3600  # seconds after which an unfinished directory belongs to nobody


def write_files(blobs: Blobs, root: Path, files: Sequence[File]) -> None:
    """Write files below a directory. A note of an error has the number of files written before."""
    written, made = 0, set[Path]()
    try:
        for file in files:
            target = root / file.path
            try:
                if target.parent not in made:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    made.add(target.parent)
                write_file(blobs, file, target)
            except OSError as error:
                raise unwritable(root, error) from error
            written += 1
    except BaseException as error:
        if written:
            error.add_note(f"{written} of {len(files)} files were written")
        raise


def write_file(blobs: Blobs, file: File, target: Path) -> None:
    """Write a file beside its target and rename it, so the target is never half written."""
    temporary = temporary_path(target, "new")
    try:
        with open(temporary, "xb") as sink:
            objects.copy(blobs, file.digest, sink)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def replace(directory: Path, fill: Callable[[Path], None]) -> None:
    """Replace a directory by a new one that ``fill`` writes, or leave it as it was.

    The new directory is written beside the old one. Renaming cannot replace a directory that is
    not empty, so the old one is renamed first, and back if the second rename fails.
    """
    if Path(os.path.realpath(os.curdir)).is_relative_to(directory):
        raise Conflict("replaces-working-directory", path=directory)
    directory.parent.mkdir(parents=True, exist_ok=True)
    _sweep(directory)
    new, old = (temporary_path(directory, kind) for kind in ("new", "old"))
    try:
        new.mkdir()
        fill(new)
        if os.path.lexists(directory):
            new.chmod(directory.stat().st_mode & 0o7777)
            directory.rename(old)
        try:
            new.rename(directory)
        except OSError:
            if os.path.lexists(old):
                old.rename(directory)
            raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _sweep(directory: Path) -> None:
    """Remove the leftovers of checkouts that died beside a directory.

    Replaced directories go at once. Unfinished ones go when no checkout can be at work on them any
    more, by the clock of the file system: a network disk may have another one than this machine.
    """
    for old in siblings(directory, "old-"):
        shutil.rmtree(old, ignore_errors=True)
    if unfinished := siblings(directory, "new-"):
        probe = temporary_path(directory, "new")
        probe.mkdir()
        now = probe.stat().st_mtime
        probe.rmdir()
        for new in unfinished:
            with suppress(OSError):
                if now - new.lstat().st_mtime > _ABANDONED:
                    shutil.rmtree(new)


def siblings(path: Path, kind: str) -> list[Path]:
    """Return the hidden paths of a kind that checkouts made beside a path."""
    start = f".{path.name}.{kind}"
    return [each for each in path.parent.iterdir() if each.name.startswith(start)]


def temporary_path(path: Path, kind: str) -> Path:
    """Return an unused hidden name in the directory of a path."""
    return path.with_name(f".{path.name}.{kind}-{os.urandom(8).hex()}")


def unwritable(path: Path, error: OSError) -> Denied | StorageError:
    """Return the error for a path that could not be written."""
    kind = Denied if isinstance(error, PermissionError) else StorageError
    return kind("path-unwritable", path=path, reason=error.strerror or str(error))
