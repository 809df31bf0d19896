"""``list`` ``show`` ``status`` ``resolve`` ``board`` ``log``."""

from typing import Annotated

import typer

from dspyreg.cli import params
from dspyreg.cli.session import Session

app = typer.Typer()

Limit = Annotated[
    int, typer.Option("--limit", metavar="NUMBER", parser=params.from_1, help="At most so many.")
]
Offset = Annotated[
    int,
    typer.Option(
        "--offset", metavar="NUMBER", parser=params.from_0, help="Leave out so many at first."
    ),
]


@app.command("list")
def list_(
    ctx: params.Context,
    program: params.SomeProgram = None,
    stage: Annotated[
        str | None, typer.Option("--stage", metavar="STAGE", help="Only versions on this stage.")
    ] = None,
    archived: Annotated[bool, typer.Option("--all", help="Archived versions as well.")] = False,
    limit: Limit = 50,
    offset: Offset = 0,
    at: params.At = None,
) -> None:
    """List programs, or the versions of one.

    Versions come highest first, archived ones only with --all or --stage archived.
    """
    session = Session.of(ctx)
    page = session.registry.listing(
        program, stage=stage, archived=archived, limit=limit, offset=offset, at=at
    )
    session.show(page)
    session.tell_rest(page)


@app.command("show")
def show(
    ctx: params.Context,
    selector: params.Selector,
    prompt: Annotated[
        bool, typer.Option("--prompt", help="Instructions, fields and demos instead.")
    ] = False,
    whole: params.Whole = False,
    allow_pickle: params.AllowPickle = False,
    at: params.At = None,
) -> None:
    """Show a version, and what has happened to it."""
    session = Session.of(ctx)
    if prompt:
        session.show(session.registry.prompt(selector, allow_pickle=allow_pickle, at=at))
    else:
        session.show(session.registry.show(selector, at=at), whole=whole)
    session.tell_notices(selector, at)


@app.command("status")
def status(
    ctx: params.Context,
    program: params.Program,
    env: params.Environment = None,
    at: params.At = None,
) -> None:
    """Show where a program stands.

    The exit code is 3 if nothing was ever deployed to the environment that --env names.
    """
    session = Session.of(ctx)
    status = session.registry.status(program, environment=env, at=at)
    session.show(status)
    if not status.was_deployed:
        raise typer.Exit(3)


@app.command("resolve")
def resolve(ctx: params.Context, selector: params.Selector, at: params.At = None) -> None:
    """Print the label that a selector means.

    For scripts: the bare label on standard output, exit code 3 if there is none.
    """
    session = Session.of(ctx)
    session.show(session.registry.resolve(selector, at=at))
    session.tell_notices(selector, at)


@app.command("board")
def board(ctx: params.Context, at: params.At = None) -> None:
    """Show the stages as columns."""
    session = Session.of(ctx)
    session.show(session.registry.board(at=at))


@app.command("log")
def log(
    ctx: params.Context,
    program: params.SomeProgram = None,
    number: Annotated[
        int,
        typer.Option(
            "-n", "--number", metavar="NUMBER", parser=params.from_1, help="At most so many."
        ),
    ] = 50,
    seq: Annotated[
        int | None,
        typer.Option(
            "--seq",
            metavar="NUMBER",
            parser=params.from_1,
            help="One entry, whole.",
            show_default=False,
        ),
    ] = None,
    at: params.At = None,
) -> None:
    """Show what happened, newest first."""
    session = Session.of(ctx)
    entries = session.registry.log(program, limit=number, seq=seq, at=at)
    session.show(entries if seq is None else entries[0])
