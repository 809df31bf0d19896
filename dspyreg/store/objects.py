"""Blobs with their meaning: read, and checked against their names, before anyone sees them."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from dspyreg.errors import Corrupt, StorageError
from dspyreg.model import canonical
from dspyreg.model.digest import Digest
from dspyreg.model.version import Document

if TYPE_CHECKING:
    from dspyreg.backends.interface import Blobs, Readable

_HASHED_AT_ONCE: Final = 64 * 1024 * 1024


def size(blobs: Readable, digest: Digest) -> int:
    """Return how many bytes a blob has. Raises ``Corrupt`` if it is missing."""
    with _open(blobs, digest) as file:
        return file.seek(0, os.SEEK_END)


def open_checked(blobs: Readable, digest: Digest) -> BinaryIO:
    """Return a blob to read from, hashed just now. Raises ``Corrupt``."""
    file = _open(blobs, digest)
    try:
        _check(file, digest)
    except BaseException:
        file.close()
        raise
    return file


def read(blobs: Readable, digest: Digest) -> bytes:
    """Return the bytes of a blob, checked. Raises ``Corrupt``."""
    with _open(blobs, digest) as file:
        data = _read(file)
    if Digest.of(data) != digest:
        raise Corrupt(f"blob {digest}", f"its bytes have the digest {Digest.of(data)}")
    return data


def read_json(blobs: Readable, digest: Digest) -> Any:
    """Return the JSON value of a blob. Raises ``Corrupt``."""
    try:
        return canonical.loads(read(blobs, digest))
    except ValueError as error:
        raise Corrupt(f"blob {digest}", str(error)) from error


def read_document(blobs: Readable, digest: Digest) -> Document:
    """Return a version document. Raises ``Corrupt``, ``UnsupportedFormat``."""
    try:
        return Document.read(read(blobs, digest))
    except ValueError as error:
        raise Corrupt(f"blob {digest}", str(error)) from error


def copy(blobs: Readable, digest: Digest, sink: BinaryIO) -> None:
    """Write the bytes of a blob, all of them checked before the first is written."""
    with open_checked(blobs, digest) as file:
        shutil.copyfileobj(file, sink, 1 << 20)


def require_intact(blobs: Readable, document: Digest) -> None:
    """Raise ``Corrupt`` unless a version can be served: its document, and every file, are there
    with the right bytes; of a file above 64 MiB only presence and size are checked.
    """
    for file in read_document(blobs, document).files:
        with _open(blobs, file.digest) as stored:
            there = stored.seek(0, os.SEEK_END)
            if there != file.size:
                raise Corrupt(f"blob {file.digest}", f"it has {there} bytes, not {file.size}")
            if there <= _HASHED_AT_ONCE:
                stored.seek(0)
                _check(stored, file.digest)


def renew(blobs: Blobs, document: Digest, *, dry_run: bool = False) -> Digest | None:
    """Make a version's blobs young again, before it comes back; return one that is not there.

    A dry run only looks.
    """

    def is_there(digest: Digest) -> bool:
        return blobs.stat(digest) is not None if dry_run else blobs.renew(digest)

    if not is_there(document):
        return document
    files = read_document(blobs, document).files
    return next((file.digest for file in files if not is_there(file.digest)), None)


def _open(blobs: Readable, digest: Digest) -> BinaryIO:
    try:
        return blobs.open(digest)
    except FileNotFoundError as error:
        raise _missing(digest) from error
    except OSError as error:
        raise StorageError(f"cannot open blob {digest}: {error.strerror}") from error


def _missing(digest: Digest) -> Corrupt:
    return Corrupt(f"blob {digest}", "it is missing")


def _read(file: BinaryIO) -> bytes:
    try:
        return file.read()
    except OSError as error:
        raise StorageError(f"cannot read a blob: {error.strerror}") from error


def _check(file: BinaryIO, digest: Digest) -> None:
    """Hash a file from its beginning, and go back there. Raises ``Corrupt``."""
    try:
        found = Digest.of_stream(file)
        file.seek(0)
    except OSError as error:
        raise StorageError(f"cannot read a blob: {error.strerror or error}") from error
    if found != digest:
        raise Corrupt(f"blob {digest}", f"its bytes have the digest {found}")
