"""Blobs and what they mean: bytes are checked against their digest before they are returned."""

from __future__ import annotations

import os
import shutil
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeVar

from dspyreg.errors import Corrupt, StorageError
from dspyreg.model import canonical
from dspyreg.model.digest import Digest
from dspyreg.model.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.backends.interface import Readable
    from dspyreg.model.document import File
    from dspyreg.model.entry import Entry

_T = TypeVar("_T")
_MAX_HASHED: Final = 64 * 1024 * 1024


def size(blobs: Readable, digest: Digest) -> int:
    """Return how many bytes a blob has. Raises ``Corrupt`` if it is missing."""
    with _open(blobs, digest) as file:
        return file.seek(0, os.SEEK_END)


def open_checked(blobs: Readable, digest: Digest) -> BinaryIO:
    """Open a blob whose bytes were just hashed. Raises ``Corrupt``."""
    file = _open(blobs, digest)
    try:
        _check(file, digest)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def read(blobs: Readable, digest: Digest) -> bytes:
    """Return the bytes of a blob, checked. Raises ``Corrupt``."""
    with _open(blobs, digest) as file:
        data = _read(file)
    if Digest.of(data) != digest:
        raise Corrupt(f"blob {digest}", "digest-differs", digest=Digest.of(data))
    return data


def read_json(blobs: Readable, digest: Digest) -> Any:
    """Return the JSON value of a blob. Raises ``Corrupt``."""
    return _parsed(blobs, digest, canonical.loads)


def read_document(
    blobs: Readable, digest: Digest, loads: Callable[[bytes], Any] = canonical.loads
) -> Document:
    """Return a version document. Raises ``Corrupt``, ``UnsupportedFormat``."""
    return _parsed(blobs, digest, lambda data: Document.read(data, loads))


def with_reason(blobs: Readable, entry: Entry) -> Entry:
    """Return an entry with the text of its reason, also where its line names a blob of that.
    Raises ``Corrupt``.
    """
    reason: Any = entry.reason
    if not isinstance(reason, dict):
        return entry
    digest = Digest.parse(reason["blob"])
    try:
        text = read(blobs, digest).decode()
    except UnicodeDecodeError as error:
        raise Corrupt(f"blob {digest}", "blob-not-text", reason=str(error)) from error
    return entry._replace(reason=text)


def copy(blobs: Readable, digest: Digest, sink: BinaryIO) -> None:
    """Write the bytes of a blob, all of them checked before the first is written."""
    with open_checked(blobs, digest) as file:
        shutil.copyfileobj(file, sink, 1 << 20)


def require_intact(blobs: Readable, document: Digest) -> None:
    """Raise ``Corrupt`` unless a version can be served: its document, and every file, are there
    with the right bytes; of a file above 64 MiB only presence and size are checked.
    """
    for file in _parsed(blobs, document, _files_of):
        with _open(blobs, file.digest) as stored:
            size = stored.seek(0, os.SEEK_END)
            if size != file.size:
                raise Corrupt(f"blob {file.digest}", "size-differs", size=size, expected=file.size)
            if size <= _MAX_HASHED:
                stored.seek(0)
                _check(stored, file.digest)


@lru_cache(64)
def _files_of(document: bytes) -> tuple[File, ...]:
    """Return the files of a version document; cached for processes that serve versions."""
    return Document.read(document).files


def _parsed(blobs: Readable, digest: Digest, reader: Callable[[bytes], _T]) -> _T:
    """Return a blob's checked bytes as a reader parses them. Raises ``Corrupt``."""
    data = read(blobs, digest)
    try:
        return reader(data)
    except ValueError as error:
        raise Corrupt(f"blob {digest}", "blob-invalid", reason=str(error)) from error


def _open(blobs: Readable, digest: Digest) -> BinaryIO:
    try:
        return blobs.open(digest)
    except FileNotFoundError as error:
        raise _missing(digest) from error
    except OSError as error:
        raise StorageError("blob-not-opened", digest=digest, reason=error.strerror) from error


def _missing(digest: Digest) -> Corrupt:
    return Corrupt(f"blob {digest}", "blob-absent")


def _read(file: BinaryIO) -> bytes:
    try:
        return file.read()
    except OSError as error:
        raise StorageError("blob-not-read", reason=error.strerror) from error


def _check(file: BinaryIO, digest: Digest) -> None:
    """Hash a file from its position to its end. Raises ``Corrupt``."""
    try:
        actual = Digest.of_stream(file)
    except OSError as error:
        raise StorageError("blob-not-read", reason=error.strerror or str(error)) from error
    if actual != digest:
        raise Corrupt(f"blob {digest}", "digest-differs", digest=actual)
