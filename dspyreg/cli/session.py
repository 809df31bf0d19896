"""What a command needs of the world: the registry, a place for data, a place for talk."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager, suppress
from functools import cached_property
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, BinaryIO

import typer

from dspyreg.cli import options
from dspyreg.errors import NotFound, RegistryError, StorageError, UsageError
from dspyreg.render.known import render
from dspyreg.render.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome

_PIPE_CLOSED = 141
_OPEN: list[Session] = []
_ANSWERED: list[Session] = []


def prepare_streams(*, wants_json: bool) -> None:
    """Let standard output and error take any text: what they cannot encode is spelt in ASCII."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="dspyreg.json" if wants_json else "dspyreg.plain")


def talk(text: str) -> None:
    """Write to standard error. What cannot be heard there is no failure of what was done."""
    if sys.stderr is None:
        return
    with suppress(OSError):
        sys.stderr.write(text)  # typer.echo would write UTF-8 where ASCII is asked for
        sys.stderr.flush()


def close_all() -> None:
    """Let every registry that was opened bring its caches to the head."""
    while _OPEN:
        session = _OPEN.pop()
        try:
            session.registry.close()
        except (RegistryError, OSError) as error:  # they are caches: what was done stands
            session.tell(f"the index could not be closed: {error}")


def repeating(run: Callable[[], int]) -> int:
    """Return what a run of a command comes to. Where the index was lost, a cache, it runs again:
    unless the answer had been given, or something was appended.
    """
    _ANSWERED.clear()
    try:
        return run()
    except StorageError as error:
        from dspyreg.store.caches import IndexLost

        if not isinstance(error, IndexLost) or not (_ANSWERED or error.is_repeatable):
            raise
        return 0 if _ANSWERED else run()


class Session:
    """One run of one command."""

    def __init__(self, ctx: typer.Context) -> None:
        self._ctx = ctx

    @classmethod
    def of(cls, ctx: typer.Context) -> Session:
        """Return the session of a command, from the common options wherever they stood."""
        return cls(ctx)

    @cached_property
    def registry(self) -> Registry:
        """The registry that is meant."""
        from dspyreg.registry.open import open_registry

        registry = open_registry(
            self.option("store"),
            actor=self.option("actor"),
            allow_network=bool(self.option("allow_network_fs")),
            tell=self.tell,
            trust=self.option("trust"),
        )
        self._listen(registry)
        _OPEN.append(self)
        return registry

    def registry_for(self, *subjects: str) -> Registry:
        """The registry that is meant; where there is none, an empty one in memory will do for
        subjects that are all files.
        """
        from dspyreg.registry.artifacts.program_state import is_path

        try:
            return self.registry
        except NotFound:
            if not all(map(is_path, subjects)):
                raise
        from dspyreg.registry.open import open_in_memory

        return open_in_memory(self.option("actor"))

    def _listen(self, registry: Registry) -> None:
        """Let events go where they are wanted."""
        from dspyreg.system import environment

        wanted = self.option("events") or environment.events()
        if wanted is not None:
            from dspyreg.cli.event_file import EventFile

            registry.listener = EventFile(wanted, self.tell)

    def option(self, name: str) -> Any:
        """Return a common option, None if it was not given."""
        return options.kept(self._ctx, name)

    @property
    def wants_json(self) -> bool:
        """Is one JSON document asked for?"""
        return bool(self.option("json"))

    def show(
        self,
        result: Any,
        *,
        markdown: bool = False,
        csv: bool = False,
        whole: bool = False,
        done: str | None = None,
    ) -> None:
        """Write a result to standard output, in the format that is asked for or fits; what people
        get is shortened unless it is wanted ``whole``. If that fails, ``done`` says what the
        command did without an entry of the log.
        """
        if self.wants_json and (markdown or csv):
            other = "Markdown" if markdown else "CSV"
            raise UsageError(f"one document cannot be JSON and {other}")
        if markdown or csv:
            text = render(result, "markdown" if markdown else "csv", whole=whole)
        elif self.wants_json:
            text = render(result, "json")
        elif sys.stdout.isatty():
            from dspyreg.system.environment import has_colour

            text = render(
                result,
                "table",
                width=_width(),
                colour=has_colour(),
                blocks=_has_blocks(),
                whole=whole,
            )
        else:
            text = render(result, "plain", width=_width(), blocks=_has_blocks(), whole=whole)
        try:
            with answering():
                sys.stdout.write(text)
                if done is not None:
                    sys.stdout.flush()
        except StorageError as error:
            if done is not None:
                error.add_note(done)
            raise
        _ANSWERED.append(self)

    def tell(self, text: str) -> None:
        """Say something to a person on standard error; nothing if JSON or quiet was asked for."""
        if not self.option("quiet") and not self.wants_json:
            talk(visible(text) + "\n")

    def tell_result(self, result: Any) -> None:
        """Tell a person a result before it is one."""
        for line in render(result, "plain").splitlines():
            self.tell(line)

    def tell_effects(self, outcome: Outcome) -> None:
        """Say what the entries change; the first one of a repeated operation did that before."""
        from dspyreg.render.effects import effects

        for entry in outcome.entries[outcome.repeated :]:
            for line in effects(entry, outcome.label):
                self.tell(line)
        for notice in outcome.notices:
            self.tell(notice)

    def change(
        self,
        act: Callable[..., Outcome],
        *,
        dry_run: bool,
        confirm: str | None = None,
        ask: str | None = None,
        yes: bool = False,
    ) -> None:
        """Carry out a change and report it. ``confirm`` is asked always and needs ``--yes``
        without a terminal; ``ask`` is asked on a terminal alone.
        """

        def preview() -> None:
            planned = act(dry_run=True)
            self.tell("this would happen:")
            self.tell_effects(planned)

        if confirm is not None and not dry_run:
            self.confirm(confirm, yes=yes, preview=preview)
        elif ask is not None and not dry_run and not yes and is_interactive():
            self.confirm(ask, yes=False, preview=preview)
        outcome = act(dry_run=dry_run)
        self.show(outcome)
        self.tell_effects(outcome)
        if dry_run:
            self.tell("dry run: nothing was written")

    def confirm(self, question: str, *, yes: bool, preview: Callable[[], None]) -> None:
        """Show what would happen and ask; without a terminal ``--yes`` must have been given."""
        if yes:
            return
        preview()
        if not is_interactive():
            raise UsageError(
                f"{question}? Nobody can be asked without a terminal", hint="--yes answers that"
            )
        if not typer.confirm(f"{question}?", err=True):
            self.tell("nothing was changed")
            raise typer.Exit(1)

    def tell_notices(self, selector: str, at: str | None) -> None:
        """Say what is worth knowing about the version that a selector means."""
        from dspyreg.registry.read import resolve

        for notice in resolve.notices(self.registry.context, selector, at=at):
            self.tell(notice)

    def tell_all(self, notices: Iterable[str]) -> None:
        """Say several things, one a line."""
        for notice in notices:
            self.tell(notice)

    def tell_rest(self, page: Any) -> None:
        """Say how many more there are than a page shows."""
        rest = page.total - page.offset - page.limit
        if rest > 0:
            self.tell(f"{rest} more; --limit and --offset show them")

    def pour(self, file: BinaryIO) -> None:
        """Write bytes to standard output; to a terminal only what cannot steer it."""
        with answering():
            if sys.stdout.isatty():
                text = file.read().decode(errors="backslashreplace")
                sys.stdout.write(visible(text))
                return
            sys.stdout.flush()
            shutil.copyfileobj(file, sys.stdout.buffer, 1 << 20)


@contextmanager
def answering() -> Iterator[None]:
    """Raise ``StorageError`` if the answer cannot be written; end quietly if nobody reads it."""
    try:
        yield
    except BrokenPipeError as error:
        _drop_stdout()
        raise typer.Exit(_PIPE_CLOSED) from error
    except OSError as error:
        _drop_stdout()
        raise StorageError(f"cannot write the answer: {error.strerror}") from error


def _drop_stdout() -> None:
    """Let nothing that is still to be written fail again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def is_interactive() -> bool:
    """Can somebody be asked?"""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def _has_blocks() -> bool:
    """Can what is written to standard output hold more than plain letters?"""
    try:
        "█┤".encode(sys.stdout.encoding or "ascii")
    except (LookupError, UnicodeError):
        return False
    return True


def _width() -> int:
    return shutil.get_terminal_size().columns
