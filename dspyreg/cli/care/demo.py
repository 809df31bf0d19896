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
from dspyreg.cli.session import Session
from dspyreg.cli.streams import answering
from dspyreg.errors import Conflict, Corrupt, Denied, StorageError, UsageError
from dspyreg.system.environment import has_colour

if TYPE_CHECKING:
    from collections.abc import Iterator

app = typer.Typer()

_WIDEST = 100
_STORE = ".dspyreg"
_YOU = "ada"


class Scene(NamedTuple):
    """A command as it is typed, and why."""

    line: str
    why: str
    status: int = 0
    returns: str | None = None
    """The file that ``live`` must hold byte for byte."""


class Chapter(NamedTuple):
    """Scenes under a heading."""

    title: str
    scenes: tuple[Scene, ...]


TOUR: Final = (
    Chapter(
        "Register and promote",
        (
            Scene(
                "init", "A registry is a directory of files: no server, no database, no account."
            ),
            Scene(
                "register qa qa-1.json --metric em=0.71 --tag baseline",
                "What program.save() wrote becomes qa 1.0.0: an immutable version, with its score.",
            ),
            Scene(
                "promote qa@1.0.0",
                "One rung up. What reaches staging is live in the environment of that name.",
            ),
            Scene(
                "promote qa --to production",
                "The newest of staging goes on. A CI job may run this line twice: it moves nothing "
                "back.",
            ),
            Scene(
                "register qa qa-2.json --bump minor --metric em=0.83 --tag few-shot "
                '--changelog "Short answers"',
                "The next compile: better instructions, three demos, a higher score.",
            ),
            Scene("promote qa --to staging", "It takes the same way up …"),
            Scene("promote qa --to production", "… and supersedes 1.0.0, which is kept."),
            Scene("list qa", "Every version: its stage, where it is live, what it scored."),
        ),
    ),
    Chapter(
        "A bad release",
        (
            Scene(
                "register qa qa-3.json --version 1.2.0 --metric em=0.58 --tag nightly --as nightly",
                "At night a job registers what it has compiled. It writes essays now, and its "
                "score is lower.",
            ),
            Scene(
                "promote qa@1.2.0 --to production --as nightly",
                "No version skips a rung. The refusal is an entry of the log as well.",
                status=1,
            ),
            Scene("promote qa --to staging --as nightly", "So the job goes by staging …"),
            Scene("promote qa --to production --as nightly", "… and nobody looks at the score."),
            Scene("list qa", "So 1.2.0 is live everywhere, with the lowest score of the three."),
        ),
    ),
    Chapter(
        "Take it back",
        (
            Scene(
                'rollback qa --reason "answers turned into essays"',
                "One command makes live again what was live before; the reason stays with it.",
            ),
            Scene(
                "status qa",
                "Production serves 1.1.0 again; 1.2.0 is deprecated, and no job promotes it again.",
            ),
            Scene("log qa -n 6", "Who did what, when and why: append-only, each entry chained."),
            Scene("undo --yes", "Any entry can be taken back, a rollback too …"),
            Scene("redo --yes", "… and that as well. Nothing is rewritten; both are new entries."),
        ),
    ),
    Chapter(
        "Use it",
        (
            Scene("resolve qa@production", "A script asks for one value and gets one value."),
            Scene(
                "resolve qa@production --at 10",
                "And what was live after entry 10, that night? Any read can be asked of the past.",
            ),
            Scene(
                "checkout qa@production -o live",
                "The files of what is live, ready for program.load(): checked, never unpickled.",
                returns="qa-2.json",
            ),
            Scene(
                "verify", "Every byte is hashed again and the whole log walked: all is in order."
            ),
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
            f"This is dspyreg in {sum(len(chapter.scenes) for chapter in TOUR)} commands, each run "
            f"for real in {directory}. The programs were saved by DSPy; their scores are made up. "
            f"You are {session.option('actor') or _YOU}."
        )
        for chapter in TOUR:
            _play(chapter, _common(session))
    _write("")
    _tell(_farewell(keep))


def _require_own_store(session: Session) -> None:
    if session.wants_json:
        raise UsageError("demo-has-no-json")
    if session.option("store"):
        raise UsageError("demo-has-own-store")


@contextmanager
def _stage(keep: Path | None) -> Iterator[Path]:
    """Provide an empty directory: the one to keep, or a temporary one."""
    from tempfile import TemporaryDirectory

    if keep is not None:
        yield _emptied(keep)
        return
    try:
        temporary = TemporaryDirectory(prefix="dspyreg-demo-")
    except OSError as error:
        raise StorageError("no-temporary-directory", reason=error.strerror or error) from error
    with temporary as directory:
        yield Path(directory)


def _emptied(directory: Path) -> Path:
    """Make a directory, or take an empty one."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        in_use = any(directory.iterdir())
    except PermissionError as error:
        raise Denied("directory-unusable", path=directory, reason=error.strerror) from error
    except FileExistsError as error:
        raise Conflict("demo-not-a-directory", path=directory) from error
    except OSError as error:
        raise StorageError("directory-unusable", path=directory, reason=error.strerror) from error
    if in_use:
        raise Conflict("directory-not-empty", path=directory)
    return directory.resolve()


def _put_programs(directory: Path) -> None:
    from importlib.resources import files

    for program in (files("dspyreg") / "demo" / "programs").iterdir():
        if program.name.startswith("qa-"):
            (directory / program.name).write_bytes(program.read_bytes())


def _common(session: Session) -> list[str]:
    """Return the options that every command gets without showing them."""
    words = ["--store", _STORE, "--as", session.option("actor") or _YOU]
    flags = {"quiet": "--quiet", "allow_network_fs": "--allow-network-fs"}
    return words + [flag for name, flag in flags.items() if session.option(name)]


def _play(chapter: Chapter, common: list[str]) -> None:
    _write(f"\n{chapter.title}\n{'─' * len(chapter.title)}", bold=True)
    for scene in chapter.scenes:
        _write(f"\n$ dspyreg {scene.line}", bold=True)
        _tell(scene.why)
        status = _run([*common, *shlex.split(scene.line)])
        if status != scene.status:
            raise typer.Exit(status or 70)
        if scene.returns is not None:
            _tell(_compared(scene.returns))


def _run(words: list[str]) -> int:
    """Run a command as a shell does and return its exit code."""
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
        raise Corrupt(f"live/{name}", "checked-out-differs", name=name)
    return f"Compared with the {name} that was registered: the same {len(returned)} bytes."


def _farewell(keep: Path | None) -> str:
    if keep is None:
        end = "The store is removed; `dspyreg demo --keep DIR` leaves it to look around in."
    else:
        end = f"The store is yours: `cd {shlex.quote(str(keep))}`, then `dspyreg show qa@1.1.0`."
    return f"{end} To keep your own programs: `dspyreg init`, `dspyreg register NAME FILE`."


def _tell(text: str) -> None:
    """Write a text as a comment of the shell."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    lines = textwrap.wrap(text, max(width - 2, 20), break_long_words=False, break_on_hyphens=False)
    _write("\n".join(f"# {line}" for line in lines), fg="cyan")


def _write(text: str, **style: str | bool) -> None:
    colour = sys.stdout.isatty() and has_colour()
    with answering():
        typer.echo(typer.style(text, **style) if colour else text, color=colour)  # type: ignore[arg-type]
