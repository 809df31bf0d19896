"""A text in the user's editor; after a failure its file is kept."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from dspyreg.cli import inputs
from dspyreg.cli.streams import is_interactive, talk
from dspyreg.errors import Refused, RegistryError, UsageError
from dspyreg.render.text import visible
from dspyreg.system import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_LAST_RESORT = "vi"


class Manuscript:
    """A text in a temporary file, while it is edited."""

    def __init__(self, text: str) -> None:
        self.begun = text
        handle, name = tempfile.mkstemp(prefix="dspyreg-", suffix=".yaml")
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        self.path = Path(name)

    @property
    def is_changed(self) -> bool:
        """True if the text differs by more than its last line end, which editors add."""
        return self.path.read_bytes().rstrip(b"\n") != self.begun.encode().rstrip(b"\n")

    def edit(self) -> None:
        """Open the text in the user's editor, and wait for the editor to end."""
        status = _run([*_editor(), str(self.path)])
        if status:
            raise Refused("editor-failed", status=status)

    def edited(self, judge: Callable[[str], object]) -> str:
        """Return the text once the user has edited it. While ``judge`` raises, ask to edit again;
        it is not asked about a text that did not change.
        """
        while True:
            self.edit()
            if not self.is_changed:
                return self.begun
            try:
                text = inputs.read_text(self.path)
                judge(text)
            except (UsageError, Refused) as error:
                if not is_interactive():
                    raise
                _tell(error)
                if not typer.confirm("edit it again?", default=True, err=True):
                    raise
            else:
                return text


@contextmanager
def manuscript(text: str, *, keep: bool = False) -> Iterator[Manuscript]:
    """Provide a text to edit; its file is deleted at the end. If the text was changed and
    something failed, or with ``keep``, the file stays and the user is told its path.
    """
    draft = Manuscript(text)
    note = f"your text is in {draft.path}"
    try:
        yield draft
    except BaseException as ended:
        if not draft.path.exists() or not draft.is_changed:
            draft.path.unlink(missing_ok=True)
        elif isinstance(ended, RegistryError):
            ended.set_hint(f"{ended.command_hint}; {note}" if ended.command_hint else note)
        else:
            talk(note + "\n")
        raise
    if keep and draft.is_changed:
        talk(note + "\n")
    else:
        draft.path.unlink(missing_ok=True)


def _editor() -> list[str]:
    command = environment.editor() or (_LAST_RESORT if is_interactive() else "")
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError("editor-invalid", command=command) from error
    if not words:
        raise UsageError("editor-missing")
    return words


def _run(words: list[str]) -> int:
    """Run the editor with its output on standard error: ours is for data. Only it gets ^C."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.run(words, stdout=2, check=False).returncode  # noqa: S603 - the user's
    except OSError as error:
        raise UsageError("editor-not-started", editor=words[0], reason=error.strerror) from error
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(error: RegistryError) -> None:
    talk(visible(f"error: {error}") + "\n")
    for failure in error.failures:
        if failure != str(error):
            talk(visible(f"  {failure}") + "\n")
    if error.command_hint:
        talk(visible(f"hint: {error.command_hint}") + "\n")
