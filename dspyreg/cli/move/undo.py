"""``undo`` ``redo``."""

from typing import Annotated

import typer

from dspyreg.cli import params
from dspyreg.cli.session import Session

_MAX_DIGITS = 19  # of a seq; Python converts no more than some thousands

app = typer.Typer()

Which = Annotated[
    str | None,
    typer.Argument(
        metavar="[SEQ|PROGRAM]", help="An entry, or the newest of a program.", show_default=False
    ),
]


@app.command("undo")
def undo(
    ctx: params.Context,
    which: Which = None,
    reason: params.Reason = None,
    redact: params.Redact = False,
    allow_secrets: params.AllowSecrets = False,
    yes: params.Yes = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Take an entry of the log back.

    Without a number, the newest that can be. Undo is an entry of its own, and can be undone.
    """
    session = Session.of(ctx)
    session.ask_on_terminal("undo that", yes=yes)
    seq, program = _parsed(which)
    session.change(
        session.registry.undo,
        seq,
        program=program,
        reason=reason,
        redact=redact,
        allow_secrets=allow_secrets,
        operation_id=operation_id,
        dry_run=dry_run,
    )


@app.command("redo")
def redo(
    ctx: params.Context,
    which: Which = None,
    reason: params.Reason = None,
    redact: params.Redact = False,
    allow_secrets: params.AllowSecrets = False,
    yes: params.Yes = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Take an undo back."""
    session = Session.of(ctx)
    session.ask_on_terminal("redo that", yes=yes)
    seq, program = _parsed(which)
    session.change(
        session.registry.redo,
        seq,
        program=program,
        reason=reason,
        redact=redact,
        allow_secrets=allow_secrets,
        operation_id=operation_id,
        dry_run=dry_run,
    )


def _parsed(which: str | None) -> tuple[int | None, str | None]:
    """Return the entry that a word of digits names, or the program that any other names."""
    if which is None or not (which.isascii() and which.isdecimal()):
        return None, which
    return int(which[:_MAX_DIGITS]), None
