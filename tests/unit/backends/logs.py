"""A log in a directory, for tests that leave in it what a crash would."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Never

import pytest

from dspyreg.backends.local.journal import LocalJournal
from dspyreg.backends.local.segments import START
from dspyreg.errors import Corrupt
from dspyreg.model import line as lines
from dspyreg.model.line import Head, genesis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dspyreg.model.line import Line

GENESIS = genesis(b"a registry\n")._replace(hint=START)


class Log:
    """A log in a directory, opened again for each access, as commands do."""

    def __init__(self, directory: Path, **more: Any) -> None:
        self.directory, self._more = directory, more
        self.lock = directory / "format"
        self.lock.touch()

    def open(self) -> LocalJournal:
        return LocalJournal(self.directory / "log", self.lock, GENESIS, **self._more)

    def append(self, *texts: str, after: Head = GENESIS) -> Head:
        head = after
        for text in texts:
            head = self.open().append(head, saying(text))
        return head

    def said(self) -> list[str]:
        return [line.data.split(b'"')[3].decode() for line in self.open().read(GENESIS)]

    @property
    def segments(self) -> list[Path]:
        return sorted((self.directory / "log").glob("*.jsonl"))

    @property
    def last(self) -> Path:
        return self.segments[-1]

    def add(self, data: bytes) -> None:
        """Append bytes to the last segment, as a crash would leave them."""
        with open(self.last, "ab") as file:
            file.write(data)

    def drop(self, count: int) -> None:
        """Remove bytes from the end of the last segment."""
        os.truncate(self.last, self.last.stat().st_size - count)

    @property
    def cut(self) -> list[bytes]:
        """The torn tails that were cut off and kept."""
        kept = self.directory / "log" / "cut"
        return [path.read_bytes() for path in sorted(kept.iterdir())] if kept.exists() else []


def saying(text: str) -> Callable[[Sequence[Line], Head], bytes]:
    return lambda _, head: lines.compose(f'"say":"{text}"'.encode(), head)


def the_next(log: Log, text: str = "three") -> bytes:
    """Return the line, with its LF, that the next writer would append."""
    return lines.compose(f'"say":"{text}"'.encode(), log.open().head())


def refuses(log: Log, entry: str) -> None:
    """Require that the log is neither read past the damage nor written."""
    before = [path.read_bytes() for path in log.segments]
    for act in (lambda: log.append("more"), log.open().settle, log.said, log.open().head):
        with pytest.raises(Corrupt) as caught:
            act()
        assert (caught.value.where, caught.value.exit_code) == (entry, 6)
    assert [path.read_bytes() for path in log.segments] == before
    assert log.cut == []


def failing(number: int) -> Callable[..., Never]:
    def fail(*_: Any, **__: Any) -> Never:
        raise OSError(number, os.strerror(number))

    return fail
