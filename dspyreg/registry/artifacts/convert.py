"""Conversion of a state file to today's DSPy. The new file is written completely or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from dspyreg.errors import Conflict, NotFound, UsageError
from dspyreg.formats import convert as states
from dspyreg.formats import known
from dspyreg.formats.document import MAX_BYTES, NotAState
from dspyreg.registry.artifacts.directories import unwritable
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
    if path is None or _is_there(path, converted.data, force=force):
        return converted
    replaces = str(path) if os.path.lexists(path) else None
    if not dry_run:
        _write(path, converted.data)
    return converted._replace(replaces=replaces)


def _converted(file: Path, output: Path | None, *, allow_pickle: bool) -> Converted:
    """Return the state in a file as today's DSPy loads it."""
    is_pickle = file.name.endswith(known.PICKLES)
    if is_pickle and not allow_pickle:
        raise UsageError("pickle-not-allowed", path=file)
    try:
        program = known.read(known.as_json(file.name, _bytes(file)))
    except NotAState as error:
        raise UsageError("not-a-state", path=file, reason=str(error)) from error
    return Converted(
        family=program.family,
        to=states.CURRENT_FAMILY,
        path=None if output is None else str(output),
        notices=(*([_FROM_PICKLE] if is_pickle else []), *states.losses(program)),
        text=states.text_of(program),
    )


def _bytes(file: Path) -> bytes:
    """Return the bytes of a file, up to one more than a state may have."""
    try:
        with open(file, "rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except IsADirectoryError as error:
        raise UsageError("state-is-directory", path=file) from error
    except (OSError, ValueError) as error:
        raise unreadable(file, error) from error


def _is_there(output: Path, data: bytes, *, force: bool) -> bool:
    """Return whether a file already has the content. Raises ``Conflict`` for other content."""
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
    raise Conflict("file-in-the-way", paths=str(output))


def _write(output: Path, data: bytes) -> None:
    if not output.parent.is_dir():
        raise NotFound("directory", str(output.parent))
    temporary = output.with_name(f".dspyreg-{os.urandom(8).hex()}")
    try:
        try:
            with open(temporary, "xb") as file:
                file.write(data)
            temporary.replace(output)
        finally:
            with suppress(OSError):
                temporary.unlink()
    except OSError as error:
        raise unwritable(output, error) from error
