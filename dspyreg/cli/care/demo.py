"""``demo``."""

from __future__ import annotations

import io
import shlex
import shutil
import sys
import textwrap
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from dspyreg.cli import params
from dspyreg.cli.session import Session, answering
from dspyreg.errors import Conflict, Corrupt, Denied, StorageError, UsageError
from dspyreg.system.environment import has_colour

if TYPE_CHECKING:
    from collections.abc import Iterator

app = typer.Typer()

_WIDEST = 100
_STORE = ".dspyreg"
_YOU = "ada"


class Step(NamedTuple):
    """A command as somebody would type it, and what it is good for."""

    line: str
    why: str
    status: int = 0
    returns: str | None = None
    """The file that must have come back byte for byte in ``live``."""


class Chapter(NamedTuple):
    """Some steps under a heading."""

    title: str
    steps: tuple[Step, ...]


TOUR: Final = (
    Chapter(
        "Register and promote",
        (
            Step("init", "A registry is a directory of files: no server, no database, no account."),
            Step(
                "register qa qa-1.json --metric em=0.71 --tag baseline",
                "What program.save() wrote becomes qa 1.0.0: an immutable version, with its score.",
            ),
            Step(
                "promote qa@1.0.0",
                "One rung up. What reaches staging is live in the environment of that name.",
            ),
            Step(
                "promote qa --to production",
                "The newest of staging goes on. A CI job may run this line twice: it moves nothing "
                "back.",
            ),
            Step(
                "register qa qa-2.json --bump minor --metric em=0.83 --tag few-shot "
                '--changelog "Short answers"',
                "The next compile: better instructions, three demos, a higher score.",
            ),
            Step("promote qa --to staging", "It takes the same way up …"),
            Step("promote qa --to production", "… and supersedes 1.0.0, which is kept."),
            Step("list qa", "Every version: its stage, where it is live, what it scored."),
        ),
    ),
    Chapter(
        "A bad release",
        (
            Step(
                "register qa qa-3.json --version 1.2.0 --metric em=0.58 --tag nightly --as nightly",
                "At night a job registers what it has compiled. It writes essays now, and its "
                "score is lower.",
            ),
            Step(
                "promote qa@1.2.0 --to production --as nightly",
                "No version skips a rung. The refusal is an entry of the log as well.",
                status=1,
            ),
            Step("promote qa --to staging --as nightly", "So the job goes by staging …"),
            Step("promote qa --to production --as nightly", "… and nobody looks at the score."),
            Step("list qa", "So 1.2.0 is live everywhere, with the lowest score of the three."),
        ),
    ),
    Chapter(
        "Take it back",
        (
            Step(
                'rollback qa --reason "answers turned into essays"',
                "One command makes live again what was live before; the reason stays with it.",
            ),
            Step(
                "status qa",
                "Production serves 1.1.0 again; 1.2.0 is deprecated, and no job promotes it again.",
            ),
            Step("log qa -n 6", "Who did what, when and why: append-only, each entry chained."),
            Step("undo --yes", "Any entry can be taken back, a rollback too …"),
            Step("redo --yes", "… and that as well. Nothing is rewritten; both are new entries."),
        ),
    ),
    Chapter(
        "Use it",
        (
            Step("resolve qa@production", "A script asks for one value and gets one value."),
            Step(
                "resolve qa@production --at 10",
                "And what was live after entry 10, that night? Any read can be asked of the past.",
            ),
            Step(
                "checkout qa@production -o live",
                "The files of what is live, ready for program.load(): checked, never unpickled.",
                returns="qa-2.json",
            ),
            Step("verify", "Every byte is hashed again and the whole log walked: all is in order."),
        ),
    ),
)


@app.command("demo")
def demo(
    ctx: params.Context,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep",
            metavar="DIR",
            help="Leave the store there, to look around.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Play a tour on real programs, in a store of its own.

    Every line after a $ is run for real on programs that DSPy saved. Without --keep the store is
    temporary; no other store is touched.
    """
    session = Session.of(ctx)
    _require_own_store(session)
    with _stage(keep) as directory, chdir(directory):
        _put_programs(directory)
        _tell(
            f"This is dspyreg in {sum(len(chapter.steps) for chapter in TOUR)} commands, each run "
            f"for real in {directory}. The programs were saved by DSPy; their scores are made up. "
            f"You are {session.option('actor') or _YOU}."
        )
        for chapter in TOUR:
            _play(chapter, _common(session))
    _write("")
    _tell(_farewell(keep))


def _require_own_store(session: Session) -> None:
    if session.wants_json:
        raise UsageError("demo tells a story and has no --json")
    if session.option("store"):
        raise UsageError("demo plays in a store of its own", hint="--keep DIR leaves it in DIR")


@contextmanager
def _stage(keep: Path | None) -> Iterator[Path]:
    """An empty directory to play in: the one to keep, else one that goes away."""
    from tempfile import TemporaryDirectory

    if keep is not None:
        yield _emptied(keep)
        return
    try:
        temporary = TemporaryDirectory(prefix="dspyreg-demo-")
    except OSError as error:
        raise StorageError(f"no temporary directory: {error.strerror or error}") from error
    with temporary as directory:
        yield Path(directory)


def _emptied(directory: Path) -> Path:
    """Make a directory; one that is there must be empty."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        in_use = any(directory.iterdir())
    except PermissionError as error:
        raise Denied(f"cannot use {directory}: {error.strerror}") from error
    except FileExistsError as error:
        raise Conflict(f"{directory} is not a directory", hint="name a new directory") from error
    except OSError as error:
        raise StorageError(f"cannot use {directory}: {error.strerror}") from error
    if in_use:
        raise Conflict(f"{directory} is not empty", hint="name a new directory")
    return directory.resolve()


def _put_programs(directory: Path) -> None:
    from importlib.resources import files

    for program in (files("dspyreg") / "demo" / "programs").iterdir():
        if program.name.startswith("qa-"):
            (directory / program.name).write_bytes(program.read_bytes())


def _common(session: Session) -> list[str]:
    """The options that every command gets without showing them."""
    words = ["--store", _STORE, "--as", session.option("actor") or _YOU]
    flags = {"quiet": "--quiet", "allow_network_fs": "--allow-network-fs"}
    return words + [flag for name, flag in flags.items() if session.option(name)]


def _play(chapter: Chapter, common: list[str]) -> None:
    _write(f"\n{chapter.title}\n{'─' * len(chapter.title)}", bold=True)
    for step in chapter.steps:
        _write(f"\n$ dspyreg {step.line}", bold=True)
        _tell(step.why)
        status = _run([*common, *shlex.split(step.line)])
        if status != step.status:
            raise typer.Exit(status or 70)
        if step.returns is not None:
            _tell(_compared(step.returns))


def _run(words: list[str]) -> int:
    """Run a command as the shell would, errors and all, and return its exit code."""
    from dspyreg.cli.app import main

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # or stderr would overtake it in a pipe
    try:
        main(words)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    return 0


def _compared(name: str) -> str:
    registered, returned = Path(name).read_bytes(), Path("live", name).read_bytes()
    if registered != returned:
        raise Corrupt(f"live/{name}", f"it is not what {name} was")
    return f"Compared with the {name} that was registered: the same {len(returned)} bytes."


def _farewell(keep: Path | None) -> str:
    if keep is None:
        end = "The store is removed; `dspyreg demo --keep DIR` leaves it to look around in."
    else:
        end = f"The store is yours: `cd {shlex.quote(str(keep))}`, then `dspyreg show qa@1.1.0`."
    return f"{end} To keep your own programs: `dspyreg init`, `dspyreg register NAME FILE`."


def _tell(text: str) -> None:
    """Say something as a comment of the shell."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    lines = textwrap.wrap(text, max(width - 2, 20), break_long_words=False, break_on_hyphens=False)
    _write("\n".join(f"# {line}" for line in lines), fg="cyan")


def _write(text: str, **style: str | bool) -> None:
    colour = sys.stdout.isatty() and has_colour()
    with answering():
        typer.echo(typer.style(text, **style) if colour else text, color=colour)  # type: ignore[arg-type]
