"""The standard streams: results on standard output, talk on standard error."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper

import typer

from dspyreg.errors import StorageError

_PIPE_CLOSED = 141
_STREAMS = {"stdin": (0, "r"), "stdout": (1, "w"), "stderr": (2, "w")}


def reserve_closed_streams() -> None:
    """Open the null device for reading in the place of each stream that is closed.

    No file of a store may get its descriptor, and what is written there fails as it should.
    """
    missing = [name for name in _STREAMS if getattr(sys, name) is None]
    if not missing:
        return
    while (fd := os.open(os.devnull, os.O_RDONLY)) < len(_STREAMS):
        os.set_inheritable(fd, True)
    os.close(fd)
    for name in missing:
        number, mode = _STREAMS[name]
        stream = open(number, mode, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115 - it stays
        setattr(sys, name, stream)


def prepare_streams(*, wants_json: bool) -> None:
    """Let standard output and error take any text; what they cannot encode is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="dspyreg.json" if wants_json else "dspyreg.plain")


def talk(text: str) -> None:
    """Write to standard error. A failure to write there is no error."""
    if sys.stderr is None:
        return
    with suppress(OSError):
        sys.stderr.write(text)  # typer.echo would write UTF-8 where ASCII is asked for
        sys.stderr.flush()


@contextmanager
def answering() -> Iterator[None]:
    """Raise ``StorageError`` if standard output cannot be written; exit if its reader is gone."""
    try:
        yield
    except BrokenPipeError as error:
        _drop_stdout()
        raise typer.Exit(_PIPE_CLOSED) from error
    except OSError as error:
        _drop_stdout()
        raise StorageError("answer-unwritable", reason=error.strerror) from error


def _drop_stdout() -> None:
    """Replace standard output, so that what is still buffered cannot fail at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def is_interactive() -> bool:
    """Return whether a person can be asked."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def has_blocks() -> bool:
    """Return whether standard output can encode the letters that plots are drawn with."""
    try:
        "█┤".encode(sys.stdout.encoding or "ascii")
    except (LookupError, UnicodeError):
        return False
    return True
