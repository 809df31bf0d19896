"""The conversion of a saved state into today's format, written all or nothing."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from dspyreg.errors import Conflict, Denied, NotFound, StorageError, UsageError
from dspyreg.formats import convert as states
from dspyreg.formats import known
from dspyreg.formats.document import LARGEST, NotAState
from dspyreg.registry.transaction.supplied_blobs import unreadable

if TYPE_CHECKING:
    from dspyreg.registry.artifacts.files import PathLike

_FROM_PICKLE: Final = "it was a pickle: dates are text now, sets and tuples lists"


class Converted(NamedTuple):
    """A state in the shape of today's DSPy.

    ``family`` is the family it was saved in and ``path`` the file it is written to. ``notices``
    name what the family did not keep. ``replaces`` is the path of other content in the way.
    """

    family: str
    to: str
    path: str | None
    notices: tuple[str, ...]
    text: str
    replaces: str | None = None

    @property
    def data(self) -> bytes:
        """The bytes of its text."""
        return self.text.encode()


def convert(
    file: PathLike,
    output: PathLike | None,
    *,
    force: bool,
    allow_pickle: bool,
    dry_run: bool,
) -> Converted:
    """See ``Registry.convert``."""
    path = None if output is None else Path(output)
    converted = _converted(Path(file), path, allow_pickle=allow_pickle)
    if path is None or _has_content(path, converted.data, force=force):
        return converted
    replaces = str(path) if os.path.lexists(path) else None
    if not dry_run:
        _write(path, converted.data)
    return converted._replace(replaces=replaces)


def _converted(file: Path, output: Path | None, *, allow_pickle: bool) -> Converted:
    """Return the state in a file as today's DSPy loads it."""
    is_pickle = file.name.endswith(known.PICKLES)
    if is_pickle and not allow_pickle:
        raise UsageError("pickle-not-allowed", file=file)
    try:
        program = known.read(known.as_json(file.name, _bytes(file)))
    except NotAState as error:
        raise UsageError("not-a-state", file=file, reason=error) from error
    return Converted(
        family=program.family,
        to=states.TODAY,
        path=None if output is None else str(output),
        notices=(*([_FROM_PICKLE] if is_pickle else []), *states.losses(program)),
        text=states.text_of(program),
    )


def _bytes(file: Path) -> bytes:
    """Return the bytes of a file: of one that is too large, one more than the limit."""
    try:
        with open(file, "rb") as stream:
            return stream.read(LARGEST + 1)
    except IsADirectoryError as error:
        raise UsageError("state-is-a-directory", file=file) from error
    except (OSError, ValueError) as error:
        raise unreadable(file, error) from error


def _has_content(output: Path, data: bytes, *, force: bool) -> bool:
    """Return whether a file has that content. Raises ``Conflict`` if it has other content, unless
    ``force`` may replace it, and if it is no plain file.
    """
    try:
        if not os.path.lexists(output):
            return False
        if output.is_file() and not output.is_symlink():
            if output.stat().st_size == len(data) and output.read_bytes() == data:
                return True
            if force:
                return False
    except (OSError, ValueError) as error:
        raise unreadable(output, error) from error
    raise Conflict("file-in-the-way", file=output)


def _write(output: Path, data: bytes) -> None:
    if not output.parent.is_dir():
        raise NotFound("directory", str(output.parent))
    making = output.with_name(f".dspyreg-{os.urandom(8).hex()}")
    try:
        try:
            with open(making, "xb") as file:
                file.write(data)
            making.replace(output)
        finally:
            with suppress(OSError):
                making.unlink()
    except OSError as error:
        kind = Denied if isinstance(error, PermissionError) else StorageError
        raise kind("file-unwritable", file=output, reason=error.strerror or error) from error
