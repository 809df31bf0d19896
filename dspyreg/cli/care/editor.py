"""A text in the user's own editor, kept where nothing comes of it."""

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
from dspyreg.cli.session import is_interactive, talk
from dspyreg.errors import Refused, RegistryError, UsageError
from dspyreg.registry.transaction.outcome import Outcome
from dspyreg.render.text import visible
from dspyreg.system import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dspyreg.registry.context import Context

_LAST_RESORT = "vi"


class Manuscript:
    """A text in a file of its own, for as long as it is worked on."""

    def __init__(self, text: str) -> None:
        self.begun = text
        handle, name = tempfile.mkstemp(prefix="dspyreg-", suffix=".yaml")
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        self.path = Path(name)

    @property
    def is_changed(self) -> bool:
        """Is it another text than at first? An editor may end the last line."""
        return self.path.read_bytes().rstrip(b"\n") != self.begun.encode().rstrip(b"\n")

    def edit(self) -> None:
        """Open it in the user's editor, and wait until that has ended."""
        status = _run([*_editor(), str(self.path)])
        if status:
            raise Refused(f"the editor ended with status {status}; nothing was changed")

    def edited(self, judge: Callable[[str], object]) -> str | None:
        """Return what the user has made of it, None if nothing. As long as ``judge`` raises, a
        person is asked to edit it again.
        """
        while True:
            self.edit()
            if not self.is_changed:
                return None
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
    """A text to work on; its file goes at the end. If the text was changed and something went
    wrong, or if it is to be kept, the file stays, and the user is told where it is.
    """
    draft = Manuscript(text)
    told = f"your text is in {draft.path}"
    try:
        yield draft
    except BaseException as ended:
        if not draft.path.exists() or not draft.is_changed:
            draft.path.unlink(missing_ok=True)
        elif isinstance(ended, RegistryError):
            ended.set_hint(f"{ended.command_hint}; {told}" if ended.command_hint else told)
        else:
            talk(told + "\n")
        raise
    if keep and draft.is_changed:
        talk(told + "\n")
    else:
        draft.path.unlink(missing_ok=True)


def unchanged(context: Context, **_: object) -> Outcome:
    """Return the outcome of a text that stayed as it was."""
    return Outcome(context, notices=["already: you changed nothing"])


def _editor() -> list[str]:
    named = environment.editor() or (_LAST_RESORT if is_interactive() else "")
    try:
        words = shlex.split(named)
    except ValueError as error:
        raise UsageError(f"not a command: {named!r}", hint="set VISUAL or EDITOR") from error
    if not words:
        raise UsageError(
            "there is no editor",
            hint="set VISUAL or EDITOR, or `dspyreg config show` and `dspyreg config apply FILE`",
        )
    return words


def _run(words: list[str]) -> int:
    """Run the editor with standard output on the terminal: ours is for data. ^C is for it alone."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.run(words, stdout=2, check=False).returncode  # noqa: S603 - the user's
    except OSError as error:
        problem = f"the editor {words[0]} cannot be started: {error.strerror}"
        raise UsageError(problem, hint="set VISUAL or EDITOR") from error
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(error: RegistryError) -> None:
    talk(visible(f"error: {error}") + "\n")
    for failure in getattr(error, "failures", ()):
        if failure != str(error):
            talk(visible(f"  {failure}") + "\n")
    if error.command_hint:
        talk(visible(f"hint: {error.command_hint}") + "\n")
