"""The entries that a thread has appended, so that an error can say what happened."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dspyreg.errors import OutcomeUnknown, RegistryError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dspyreg.model.entry import Entry

_DONE = "done"


class _Thread(threading.local):
    entries: list[Entry] | None = None


_here = _Thread()


def note(entry: Entry) -> None:
    """Note an entry that is in the log now, once. A recorded refusal changed nothing, and is left
    out.
    """
    entries = _here.entries
    if entries is None or entry.outcome != _DONE:
        return
    if not entries or entries[-1].id != entry.id:
        entries.append(entry)


@contextmanager
def noting() -> Iterator[list[Entry]]:
    """Collect the entries that this thread appends inside, for the caller and for callers of it."""
    outer = _here.entries
    inner: list[Entry] = []
    _here.entries = inner
    try:
        yield inner
    finally:
        _here.entries = outer
        if outer is not None:
            outer += inner


@contextmanager
def described(operation: str) -> Iterator[None]:
    """Add to the error of an operation what had happened before it; see ``describe``."""
    with noting() as entries:
        try:
            yield
        except BaseException as error:
            describe(error, operation, entries)
            raise


def describe(error: BaseException, operation: str, entries: Sequence[Entry]) -> None:
    """Add to the error of an operation what had happened before it: as ``entries``, and as a note
    in words. gc deletes blobs as well, and adds a note of its own.
    """
    if entries:
        words = in_words(entries)
        complete = operation != "gc" and not isinstance(error, OutcomeUnknown)
        error.add_note(f"{words}; nothing more was changed" if complete else words)
        if isinstance(error, RegistryError):
            error.entries = tuple(entries)
    elif operation != "gc" and _could_have_changed_something(error):
        error.add_note("nothing was changed")


def _could_have_changed_something(error: BaseException) -> bool:
    """Return whether a reader may think that an operation with this error changed something."""
    if isinstance(error, StorageError):
        return not isinstance(error, OutcomeUnknown)
    return not isinstance(error, Exception)


def in_words(entries: Sequence[Entry]) -> str:
    """Return "it happened: entry 12", or "entries 12, 13"."""
    seqs = ", ".join(str(entry.seq) for entry in entries)
    return f"it happened: {'entry' if len(entries) == 1 else 'entries'} {seqs}"
