"""The marker of a directory that a checkout made: the version and the files in it."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dspyreg.errors import NotFound, UsageError
from dspyreg.model import canonical
from dspyreg.model.protected import MARKER
from dspyreg.model.selector import Selector
from dspyreg.registry.artifacts.files import regular_digest
from dspyreg.registry.read.versions import show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dspyreg.model.document import File
    from dspyreg.model.version import Version
    from dspyreg.registry.artifacts.files import Paths
    from dspyreg.registry.context import Context

_FORMAT: Final = 1


def write(
    context: Context, directory: Path, selector: str, version: Version, files: Sequence[File]
) -> None:
    """Write the marker of a version into a directory."""
    marker = {
        "format": _FORMAT,
        "registry": context.registry_id,
        "selector": selector,
        "program": version.program,
        "label": version.label,
        "digest": version.digest,
        "files": {file.path: file.digest for file in files},
    }
    text = json.dumps(marker, indent=1) + "\n"
    (directory / MARKER).write_text(text, encoding="utf-8")


def marked_files(directory: Path) -> dict[str, Any] | None:
    """Return the digests of the files that a checkout put into a directory, by path.

    It is None for a directory that no checkout made.
    """
    files = _read(directory).get("files")
    return files if isinstance(files, dict) else None


def changed_by_hand(directory: Path, digests: dict[str, Any]) -> Iterator[Path]:
    """Yield the paths below a directory that are not as a checkout left them."""
    for parent, directories, files in os.walk(directory):
        for name in sorted((*files, *directories)):
            path = Path(parent) / name
            if path.is_dir() and not path.is_symlink():
                continue
            relative = path.relative_to(directory).as_posix()
            is_kept = relative in digests and holds(path, digests[relative])
            if relative != MARKER and not is_kept:
                yield path


def is_intact(directory: Path, files: Sequence[File]) -> bool:
    """Return whether a directory is exactly what a checkout of these files would make of it."""
    digests: dict[str, Any] = {file.path: file.digest for file in files}
    return (
        marked_files(directory) == digests
        and all(os.path.lexists(directory / path) for path in digests)
        and not any(changed_by_hand(directory, digests))
    )


def holds(path: Path, digest: object) -> bool:
    """Return whether a path is a regular file with this digest."""
    actual = regular_digest(path)
    return actual is not None and actual == digest


def made_from(context: Context, program: str, paths: Paths) -> str | None:
    """Return the label of the version of a program that these paths were checked out as.

    It is None if they were not checked out, if they come from several versions, or if the version
    is gone.
    """
    several = [paths] if isinstance(paths, str | os.PathLike) else paths
    origins = {_origin(context, program, Path(path)) for path in several}
    return origins.pop() if len(origins) == 1 else None


def _origin(context: Context, program: str, path: Path) -> str | None:
    marker = _read(path if path.is_dir() else path.parent)
    if (marker.get("registry"), marker.get("program")) != (context.registry_id, program):
        return None
    selector = str(Selector(program, "digest", str(marker.get("digest"))))
    with suppress(NotFound, UsageError):  # the version is gone, or the text is not a digest
        return show(context, selector, at=None).label
    return None


def _read(directory: Path) -> dict[str, Any]:
    """Return the marker of a directory; an empty one if there is none that can be read."""
    path = directory / MARKER
    if path.is_symlink() or not path.is_file():
        return {}
    try:
        marker = canonical.loads(path.read_bytes())
    except ValueError:
        return {}
    return marker if isinstance(marker, dict) else {}
