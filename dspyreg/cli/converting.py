"""From one file with a state to another: read at most what a state may be, write all or nothing."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from dspyreg.cli.views import Converted
from dspyreg.errors import Conflict, Denied, NotFound, StorageError, UsageError
from dspyreg.formats import convert
from dspyreg.formats.document import LARGEST, NotAState
from dspyreg.formats.known import read
from dspyreg.registry.files import unreadable

if TYPE_CHECKING:
    from pathlib import Path


def converted(file: Path, output: Path | None, *, force: bool) -> Converted:
    """Return the state in a file as today's DSPy loads it, and write it to another, if one is
    named. Raises ``UsageError`` for what is no state, ``Conflict`` for a file in the way.
    """
    try:
        program = read(_bytes(file))
    except NotAState as error:
        raise UsageError(
            f"{file} is no state that DSPy saved: {error}",
            hint="program.save writes one to a name that ends in .json; pickles are not read",
        ) from error
    text = convert.text_of(program)
    if output is not None and not _is_there(output, text.encode(), force=force):
        _write(output, text.encode())
    return Converted(
        family=program.family,
        to=convert.TODAY,
        path=None if output is None else str(output),
        notices=tuple(convert.losses(program)),
        text=text,
    )


def _bytes(file: Path) -> bytes:
    """The bytes of a file; of one that is too large one more than is allowed, and no more."""
    try:
        with open(file, "rb") as stream:
            return stream.read(LARGEST + 1)
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
            making.write_bytes(data)
            making.replace(output)
        finally:
            with suppress(OSError):
                making.unlink()
    except OSError as error:
        what = f"cannot write {output}: {error.strerror or error}"
        raise (Denied if isinstance(error, PermissionError) else StorageError)(what) from error
