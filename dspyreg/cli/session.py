"""The session of a command: the registry, standard output for data, standard error for talk."""

from __future__ import annotations

import shutil
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO, ParamSpec

import typer

from dspyreg.cli import options
from dspyreg.cli.streams import answering, has_blocks, is_interactive, talk
from dspyreg.errors import RegistryError, StorageError, UsageError
from dspyreg.render.known import render
from dspyreg.render.options import RenderOptions
from dspyreg.render.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome

P = ParamSpec("P")

_OPEN: list[tuple[Session, Registry]] = []
_ANSWERED: list[Session] = []


def close_all() -> None:
    """Close every registry that was opened; its caches follow to the head of the log."""
    while _OPEN:
        session, registry = _OPEN.pop()
        try:
            registry.close()
        except (RegistryError, OSError) as error:  # only caches are behind
            session.tell(f"the index could not be closed: {error}")


def repeating(run: Callable[[], int]) -> int:
    """Return the status of a run of a command. If a cache was lost, run it again, unless the
    result was written or an entry was appended.
    """
    _ANSWERED.clear()
    try:
        return run()
    except StorageError as error:
        if not error.is_cache or not (_ANSWERED or error.is_repeatable):
            raise
        return 0 if _ANSWERED else run()


class Session:
    """A run of a command. ``wants_json`` tells that its result is one JSON document."""

    def __init__(self, ctx: typer.Context) -> None:
        self._options = options.common_options(ctx)
        self.wants_json = bool(self._options.get("json"))
        self._is_quiet = self.wants_json or bool(self._options.get("quiet"))
        self._question: str | None = None
        self._yes = False

    @classmethod
    def of(cls, ctx: typer.Context) -> Session:
        """Return the session of a command, with the common options before and after it."""
        return cls(ctx)

    @cached_property
    def registry(self) -> Registry:
        """The registry that the options name."""
        return self.registry_for()

    def registry_for(self, *operands: str) -> Registry:
        """Return the registry; if there is none, an empty one for operands that are all files."""
        from dspyreg.registry.open import open_for

        registry = open_for(
            operands,
            self._options.get("store"),
            actor=self._options.get("actor"),
            allow_network=bool(self._options.get("allow_network_fs")),
            tell=self.tell,
            trust=self._options.get("trust"),
        )
        self._send_events(registry)
        _OPEN.append((self, registry))
        return registry

    def _send_events(self, registry: Registry) -> None:
        from dspyreg.system import environment

        path = self._options.get("events") or environment.events()
        if path is not None:
            from dspyreg.cli.event_file import EventFile

            registry.listener = EventFile(path, self.tell)

    def option(self, name: str) -> Any:
        """Return a common option, None if it was not given."""
        return self._options.get(name)

    def show(
        self,
        result: object,
        format: str | None = None,  # noqa: A002
        *,
        whole: bool = False,
        plot: bool = False,
        done: str | None = None,
    ) -> None:
        """Write a result to standard output.

        The format is a row of ``render.known``: the one named, else JSON if that is wanted, a
        table on a terminal, or plain lines. People get long values shortened unless ``whole``. If
        writing fails, ``done`` is what the command did without an entry of the log.
        """
        if format is not None and self.wants_json:
            raise UsageError("two-formats", option=f"--{format}")
        text = _rendered(
            result, format or ("json" if self.wants_json else None), whole=whole, plot=plot
        )
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
        """Write a line to standard error, unless ``--json`` or ``--quiet`` is given."""
        if not self._is_quiet:
            talk(visible(text) + "\n")

    def tell_all(self, notices: Iterable[str]) -> None:
        """Write several lines to standard error."""
        for notice in notices:
            self.tell(notice)

    def tell_result(self, result: object) -> None:
        """Write a result to standard error, as a preview of it."""
        self.tell_all(render(result, "plain").splitlines())

    def tell_notices(self, selector: str, at: str | None) -> None:
        """Write the notices about the version that a selector means."""
        self.tell_all(self.registry.notices(selector, at=at))

    def tell_rest(self, page: Any) -> None:
        """Write how many rows follow a page."""
        rest = page.total - page.offset - page.limit
        if rest > 0:
            self.tell(f"{rest} more; --limit and --offset show them")

    def tell_effects(self, outcome: Outcome) -> None:
        """Write what the entries of a change changed, and its notices. Of a repeated change, the
        first entry is older and left out.
        """
        from dspyreg.render.effects import effects

        for entry in outcome.entries[outcome.repeated :]:
            self.tell_all(effects(entry, outcome.label))
        self.tell_all(outcome.notices)

    def ask(self, question: str | None, *, yes: bool) -> None:
        """Ask before the next change, unless ``yes``. Without a terminal, ``--yes`` is needed."""
        self._question, self._yes = question, yes

    def ask_on_terminal(self, question: str, *, yes: bool) -> None:
        """Ask before the next change, unless ``yes`` or there is no terminal."""
        self.ask(question if is_interactive() else None, yes=yes)

    def change(self, act: Callable[P, Outcome], *args: P.args, **options: P.kwargs) -> None:
        """Carry out a change of the registry and report it; ask first, if ``ask`` was called."""
        dry_run = bool(options["dry_run"])
        if self._question is not None and not dry_run:
            self.confirm(
                self._question,
                yes=self._yes,
                preview=lambda: self._preview(act(*args, **{**options, "dry_run": True})),  # type: ignore[arg-type]
            )
        outcome = act(*args, **options)
        self.show(outcome)
        self.tell_effects(outcome)
        if dry_run:
            self.tell("dry run: nothing was written")

    def _preview(self, outcome: Outcome) -> None:
        self.tell("this would happen:")
        self.tell_effects(outcome)

    def confirm(self, question: str, *, yes: bool, preview: Callable[[], None]) -> None:
        """Write a preview and ask, unless ``yes``. Without a terminal, ``--yes`` is needed."""
        if yes:
            return
        preview()
        if not is_interactive():
            raise UsageError("no-terminal", question=question)
        if not typer.confirm(f"{question}?", err=True):
            self.tell("nothing was changed")
            raise typer.Exit(1)

    def pour(self, file: BinaryIO) -> None:
        """Write bytes to standard output; to a terminal only what cannot steer it."""
        with answering():
            if sys.stdout.isatty():
                text = file.read().decode(errors="backslashreplace")
                sys.stdout.write(visible(text))
                return
            sys.stdout.flush()
            shutil.copyfileobj(file, sys.stdout.buffer, 1 << 20)


def _rendered(result: object, format: str | None, *, whole: bool, plot: bool) -> str:  # noqa: A002
    if format == "json":
        return render(result, format)
    colour = False
    if format is None and sys.stdout.isatty():
        from dspyreg.system.environment import has_colour

        format, colour = "table", has_colour()  # noqa: A001
    width = shutil.get_terminal_size().columns
    options = RenderOptions(width, colour, has_blocks(), whole, plot)
    return render(result, format or "plain", options)
