"""``diff`` ``compat`` ``bump`` ``upgrade-path``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dspyreg.cli import inputs, params
from dspyreg.cli.session import Session
from dspyreg.errors import UsageError

app = typer.Typer()

_WHAT = "A version (qa@1.1.0, qa@production …), or a file or directory that need not be registered."
A = Annotated[str, typer.Argument(metavar="A", help=_WHAT, show_default=False)]
B = Annotated[str, typer.Argument(metavar="B", help="The same.", show_default=False)]
Which = Annotated[
    str, typer.Argument(metavar="FROM", help="A label, or an environment.", show_default=False)
]


class LargestChange(StrEnum):
    """The largest change that is allowed."""

    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"


def _level(text: str) -> LargestChange:
    try:
        return LargestChange(text)
    except ValueError:
        raise UsageError("level-unknown", level=text) from None


@app.command("diff")
def diff(
    ctx: params.Context,
    a: A,
    b: B,
    md: params.Markdown = False,
    allow_pickle: params.AllowPickle = False,
    at: params.At = None,
) -> None:
    """Show what differs between two programs.

    Predictor by predictor: instructions word by word, fields, demos, language model; which number
    the change deserves; the metrics of both. What has a / in it, ends in .json or is a file here
    is read as a file, anything else as a version.
    """
    session = Session.of(ctx)
    difference = session.registry_for(a, b).diff(a, b, at=at, allow_pickle=allow_pickle)
    session.show(difference, "md" if md else None)
    session.tell_all(difference.verdict.notices)


@app.command("compat")
def compat(
    ctx: params.Context,
    a: A,
    b: B,
    allow_pickle: params.AllowPickle = False,
    at: params.At = None,
) -> None:
    """Say whether callers of one program can use another.

    Exit code 1 if it is known that something breaks, else 0: also where types are not known, which
    a notice says.
    """
    session = Session.of(ctx)
    compatibility = session.registry_for(a, b).compat(a, b, at=at, allow_pickle=allow_pickle)
    session.show(compatibility)
    session.tell_all(compatibility.notices)
    raise typer.Exit(1 if compatibility.is_breaking else 0)


@app.command("bump")
def bump(
    ctx: params.Context,
    program: params.Program,
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="A file or directory.", readable=False)
    ],
    at_most: Annotated[
        LargestChange,
        typer.Option(
            "--at-most",
            metavar="LEVEL",
            parser=_level,
            help="patch, minor or major: exit code 1 if it is more.",
        ),
    ] = LargestChange.MAJOR,
    class_path: params.ClassPath = None,
    allow_pickle: params.AllowPickle = False,
) -> None:
    """Say which label a file deserves, and why.

    It is compared with the latest version of the program; nothing is registered.
    """
    session = Session.of(ctx)
    contract = inputs.contract(class_path)
    suggestion = session.registry.suggest_bump(
        program, path, contract=contract, allow_pickle=allow_pickle
    )
    session.show(suggestion)
    session.tell_all(suggestion.notices)
    raise typer.Exit(0 if suggestion.is_at_most(at_most) else 1)


@app.command("upgrade-path")
def upgrade_path(
    ctx: params.Context,
    program: params.Program,
    from_: Which,
    to: Annotated[str, typer.Argument(metavar="TO", help="The same.", show_default=False)],
    allow_pickle: params.AllowPickle = False,
    at: params.At = None,
) -> None:
    """Show the steps from one version to another.

    Through every release between them that is not archived: whether callers can stay, what
    breaks, what to test.
    """
    session = Session.of(ctx)
    path = session.registry.upgrade_path(program, from_, to, at=at, allow_pickle=allow_pickle)
    session.show(path)
