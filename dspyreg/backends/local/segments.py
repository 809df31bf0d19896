"""The segments of the log: files of lines, each named by the seq of its first line.

``log/00000000000000000001.jsonl`` holds entry 1 and those after it, up to the next segment. A
segment grows by whole lines at its end and is never shortened, except to remove a tail that was
never acknowledged. A *position* is a byte of the log: a segment and an offset in it. The hint of a
head is the position behind its line, as text: ``SEGMENT:OFFSET``, or ``SEGMENT:OFFSET:INODE``
where a reader must be able to tell a segment from a copy of it.
"""

from __future__ import annotations

import os
from functools import lru_cache
from io import FileIO
from typing import TYPE_CHECKING, Final, NamedTuple

from dspyreg.backends.local.files import (
    failure,
    make_directory,
    open_directory,
    open_regular,
    read_at,
    require_one_name,
    sync_directory,
)
from dspyreg.model import line as lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dspyreg.model.line import Head

START: Final = "1:0"
ID_LENGTH: Final = len(',"id":"b3:') + 64 + len('"}\n')  # how every line ends
FIRST_BLOCK: Final = 32 * 1024  # bytes; most reads find only a few lines
_BLOCK: Final = 256 * 1024
_SUFFIX: Final = ".jsonl"
_DIGITS: Final = 20


class Position(NamedTuple):
    """A byte of the log: a segment, named by the seq of its first line, and an offset in it."""

    segment: int
    offset: int

    def __str__(self) -> str:
        return f"{self.segment}:{self.offset}"


@lru_cache(64)
def position_in(hint: str) -> Position | None:
    """Return the position in a hint, None if it has none."""
    segment, _, rest = hint.partition(":")
    offset = rest.partition(":")[0]
    return Position(int(segment), int(offset)) if offset.isdecimal() else None


def position_of(head: Head) -> Position:
    """Return the position of a head that was located in the log."""
    position = position_in(head.hint)
    assert position is not None  # noqa: S101 - only located heads come here
    return position


class Segments:
    """The files below ``log/``, without a judgement on what they hold."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = str(directory)

    def numbers(self) -> list[int]:
        """Return the first seq of every segment, in order. Raises ``StorageError``."""
        try:
            fd = open_directory(self.path)
            try:
                names = [name for name in os.listdir(fd) if _is_segment(name)]
            finally:
                os.close(fd)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise failure("log-unreadable", error) from error
        return sorted(int(name[:_DIGITS]) for name in names)

    def path_of(self, segment: int) -> str:
        """Return the path of a segment."""
        return f"{self.path}/{name_of(segment)}"

    def blocks(self, position: Position) -> Iterator[tuple[list[bytes], bytes]]:
        """Yield the complete lines of a segment from a position on, many at a time, with the
        beginning of the next line that came along. Raises ``StorageError``.
        """
        try:
            with self._reader(position) as file:
                begun, size = b"", FIRST_BLOCK
                while block := file.read(size):
                    complete, begun = lines.split(begun + block)
                    yield complete, begun
                    if len(block) < size:
                        return
                    size = _BLOCK
        except FileNotFoundError:
            return
        except OSError as error:
            raise failure("log-unreadable", error) from error

    def content(self, position: Position) -> bytes:
        """Return the rest of a segment from a position on. Raises ``StorageError``."""
        try:
            with self._reader(position) as file:
                return file.read()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise failure("log-unreadable", error) from error

    def has_line_ending_at(self, head: Head, position: Position) -> bool:
        """Return whether the line of a head ends at a position. Its id, which hashes all lines
        before, is proof enough. Raises ``OSError`` if that cannot be read.
        """
        begin = position.offset - ID_LENGTH
        end = read_at(ID_LENGTH, begin, self.path, name_of(position.segment))
        return end == lines.end_of(head.id) + b"\n"

    def create(self, first: int) -> Position:
        """Create an empty segment and return its beginning. Its name is durable on return, so that
        no line can be durable in a file that has none.
        """
        if make_directory(self.path):  # git keeps no empty directory
            sync_directory(self.directory.parent)
        os.close(open_regular(self.path, name_of(first), flags=os.O_CREAT | os.O_WRONLY))
        sync_directory(self.directory)
        return Position(first, 0)

    def open_for_writing(self, segment: int) -> int:
        """Open a segment and return its descriptor. Raises ``Denied`` if the file has another
        name: writing would change that as well.
        """
        fd = open_regular(self.path, name_of(segment), flags=os.O_WRONLY)
        try:
            require_one_name(fd, self.path_of(segment))
        except BaseException:
            os.close(fd)
            raise
        return fd

    def _reader(self, position: Position) -> FileIO:
        file = FileIO(open_regular(self.path, name_of(position.segment)))
        file.seek(position.offset)
        return file


def name_of(segment: int) -> str:
    """Return the file name of a segment."""
    return f"{segment:0{_DIGITS}d}{_SUFFIX}"


def _is_segment(name: str) -> bool:
    number = name.removesuffix(_SUFFIX)
    is_number = number.isascii() and number.isdecimal()
    return number != name and len(number) == _DIGITS and is_number
