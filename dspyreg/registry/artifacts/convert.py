"""From one file with a state to another: read at most what a state may be, write all or nothing."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from dspyreg.errors import Conflict, Denied, NotFound, StorageError, UsageError
from dspyreg.formats import convert, known
from dspyreg.formats.document import MAX_BYTES, NotAState
from dspyreg.registry.transaction.supplied_blobs import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator


_FROM_PICKLE: Final = "it was a pickle: dates are text now, sets and tuples lists"


class Converted(NamedTuple):
    """A state in the shape of today's DSPy.

    ``family`` is the family it was saved in and ``path`` the file it is written to. ``notices``
    name what the family did not keep.
    """

    family: str
    to: str
    path: str | None
    notices: tuple[str, ...]
    text: str

    @property
    def data(self) -> bytes:
        """The bytes of its text."""
        return self.text.encode()


def converted(file: Path, output: Path | None, *, allow_pickle: bool = False) -> Converted:
    """Return the state in a file as today's DSPy loads it, to be written to another, if one is
    named. Raises ``UsageError`` for what is no state, or a pickle that nobody allowed.
    """
    is_pickle = file.name.endswith(known.PICKLES)
    if is_pickle and not allow_pickle:
        raise UsageError(
            f"{file} is a pickle", hint="--allow-pickle reads examples, dates and containers in it"
        )
    try:
        program = known.read(known.as_json(file.name, _bytes(file)))
    except NotAState as error:
        raise UsageError(
            f"{file} is no state that DSPy saved: {error}",
            hint="program.save writes one to a name that ends in .json",
        ) from error
    return Converted(
        family=program.family,
        to=convert.TODAY,
        path=None if output is None else str(output),
        notices=(*([_FROM_PICKLE] if is_pickle else []), *convert.losses(program)),
        text=convert.text_of(program),
    )


def write(found: Converted, *, force: bool) -> None:
    """Write it where it was said to be. Raises ``Conflict`` for a file in the way."""
    if found.path is not None and not _is_there(Path(found.path), found.data, force=force):
        _write(Path(found.path), found.data)


def replaced(found: Converted) -> Iterator[str]:
    """Say which file writing it by force replaces, if any. Raises ``Conflict``."""
    if found.path is None or not os.path.lexists(found.path):
        return
    if not _is_there(Path(found.path), found.data, force=True):
        yield f"{found.path} would be replaced"


def _bytes(file: Path) -> bytes:
    """The bytes of a file; of one that is too large one more than is allowed, and no more."""
    try:
        with open(file, "rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except IsADirectoryError as error:
        raise UsageError(f"{file} is a directory", hint="name the state in it") from error
    except (OSError, ValueError) as error:
        raise unreadable(file, error) from error


def _is_there(output: Path, data: bytes, *, force: bool) -> bool:
    """Is the very content there already? Raises ``Conflict`` for anything else in the way."""
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
    raise Conflict(f"{output} is in the way", hint="--force replaces a file")


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
        what = f"cannot write {output}: {error.strerror or error}"
        raise (Denied if isinstance(error, PermissionError) else StorageError)(what) from error
