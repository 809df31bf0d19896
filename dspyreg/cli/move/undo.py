"""``undo`` ``redo``."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from dspyreg.cli import params
from dspyreg.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.registry.transaction.outcome import Outcome

_MOST_DIGITS = 19  # as many as a seq has; Python reads no more than some thousands

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
    act = partial(
        session.registry.undo, redact=redact, allow_secrets=allow_secrets, operation_id=operation_id
    )
    _change(session, act, "undo that", which, reason, yes=yes, dry_run=dry_run)


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
    act = partial(
        session.registry.redo, redact=redact, allow_secrets=allow_secrets, operation_id=operation_id
    )
    _change(session, act, "redo that", which, reason, yes=yes, dry_run=dry_run)


def _change(
    session: Session,
    verb: "Callable[..., Outcome]",
    question: str,
    which: str | None,
    reason: str | None,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """A word of digits is an entry, any other a program."""
    is_seq = which is not None and which.isascii() and which.isdecimal()
    seq, program = (int((which or "0")[:_MOST_DIGITS]), None) if is_seq else (None, which)
    act = partial(verb, seq, program=program, reason=reason)
    session.change(act, dry_run=dry_run, ask=question, yes=yes)
