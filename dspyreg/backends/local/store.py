"""A registry in a directory: ``format``, ``objects/`` and ``log/``; refs and index beside them."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dspyreg.backends.interface import Store
from dspyreg.backends.local.blobs import LocalBlobs
from dspyreg.backends.local.files import failure, open_regular, sync_directory
from dspyreg.backends.local.journal import LocalJournal
from dspyreg.backends.local.segments import START
from dspyreg.errors import Conflict, Corrupt, NotFound, UnsupportedFormat
from dspyreg.model.digest import Digest
from dspyreg.model.line import genesis

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.backends.location import Location

FORMAT: Final = 1
_MAX_FORMAT_FILE: Final = 4096  # bytes
_RANDOM_DIGITS: Final = 24
_HEX: Final = frozenset(b"0123456789abcdef")
_MAX_NUMBER: Final = 9  # digits
_FILES: Final = {
    ".gitignore": b"index.sqlite*\nobjects/tmp-*\nsynced\n",
    ".gitattributes": b"* -text -merge\n",
}


def new_identity() -> str:
    """Return a registry id: 24 random hex digits, and 8 of their digest as a check."""
    digits = os.urandom(_RANDOM_DIGITS // 2).hex()
    return digits + _check(digits)


def _check(digits: str) -> str:
    return Digest.of(digits.encode()).hex[:8]


def create_store(location: Location, *, shared: bool = False) -> str:
    """Create an empty registry and return its id; it appears complete or not at all. If ``shared``,
    its group may write to it.

    Raises ``Conflict`` if something is there already.
    """
    directory = Path(location.address)
    if os.path.lexists(directory):
        raise Conflict("store-path-taken", directory=directory)
    identity = new_identity()
    temporary = directory.with_name(f"{directory.name}.making-{os.urandom(4).hex()}")
    try:
        _fill(temporary, identity, shared=shared)
        temporary.rename(directory)
        sync_directory(directory.parent)
    except OSError as error:
        with suppress(OSError):
            shutil.rmtree(temporary)
        raise failure("store-not-made", error, directory=directory) from error
    return identity


def share_store(location: Location) -> None:
    """Let the group of a registry write to it. Raises ``Denied`` for another user's registry."""
    from dspyreg.backends.sharing import share_all

    directory = Path(location.address)
    try:
        share_all(directory)
    except OSError as error:
        raise failure("store-not-shared", error, directory=directory) from error


def _fill(directory: Path, identity: str, *, shared: bool) -> None:
    for part in ("objects", "log", "refs"):
        (directory / part).mkdir(parents=True)
    files = {**_FILES, "format": f"dspyreg {identity}\nformat {FORMAT}\n".encode()}
    for name, content in files.items():
        with open(directory / name, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    if shared:
        from dspyreg.backends.sharing import share_all

        share_all(directory)
    sync_directory(directory)


def open_store(
    location: Location, *, allow_network: bool = False, tell: Callable[[str], None] = lambda _: None
) -> Store:
    """Return the registry in a directory. Raises ``NotFound``, ``Corrupt``,
    ``UnsupportedFormat``.

    ``tell`` gets notices, such as of a foreign file that was replaced.
    """
    directory = Path(location.address)
    path = directory / "format"
    line_1, identity = _read_format(path)
    start = genesis(line_1)._replace(hint=START)
    log = directory / "log"
    journal = LocalJournal(log, path, start, allow_network=allow_network, tell=tell)
    blobs = LocalBlobs(directory / "objects")
    return Store(blobs, journal, start, identity, location)


def _read_format(path: Path) -> tuple[bytes, str]:
    try:
        with open(open_regular(path), "rb") as file:
            content = file.read(_MAX_FORMAT_FILE)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound("registry at", str(path.parent), hint="create-registry") from error
    except OSError as error:
        raise failure("store-unreadable", error, path=path) from error
    line_1, _, rest = content.partition(b"\n")
    line_2, end, more = rest.partition(b"\n")
    identity, number = _identity_in(line_1), _number_in(line_2 + end)
    if identity is None:
        raise Corrupt(str(path), "format-no-registry")
    if number is None:
        raise Corrupt(str(path), "format-no-number")
    if int(number) != FORMAT:
        raise UnsupportedFormat(str(path), number)
    if more:
        raise Corrupt(str(path), "format-too-long")
    return line_1 + b"\n", identity


def _identity_in(line: bytes) -> str | None:
    """Return the id in ``dspyreg ID``; None for another line."""
    word, _, identity = line.partition(b" ")
    if word != b"dspyreg" or not _HEX.issuperset(identity):
        return None
    text = identity.decode()
    return text if text == text[:_RANDOM_DIGITS] + _check(text[:_RANDOM_DIGITS]) else None


def _number_in(line: bytes) -> str | None:
    """Return the digits in ``format DIGITS``, which ends with LF; None for another line."""
    word, _, number = line.removesuffix(b"\n").partition(b" ")
    fits = word == b"format" and line.endswith(b"\n") and len(number) <= _MAX_NUMBER
    return number.decode() if fits and number.isdigit() else None
