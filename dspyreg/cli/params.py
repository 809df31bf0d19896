"""Parameters that several commands share."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from dspyreg.errors import UsageError

Context = typer.Context


def whole_number(text: str, least: int) -> int:
    """Return a whole number, ``least`` or more. Typer's own message differs between versions."""
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise UsageError("number-invalid", text=text, least=least)
    return number


from_0 = partial(whole_number, least=0)
from_1 = partial(whole_number, least=1)

Selector = Annotated[
    str,
    typer.Argument(
        metavar="PROGRAM[@WHICH]",
        help="qa, qa@1.1.0, qa@^1.2, qa@production, qa@production~1, qa@stage:staging, "
        "qa@#3 or qa@b3:1f2e3d.",
        show_default=False,
    ),
]
Program = Annotated[str, typer.Argument(metavar="PROGRAM", help="A program.", show_default=False)]
SomeProgram = Annotated[
    str | None, typer.Argument(metavar="[PROGRAM]", help="A program.", show_default=False)
]
Environment = Annotated[
    str | None, typer.Option("--env", metavar="NAME", help="The environment.", show_default=False)
]
Reason = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept in the log.")
]
Redact = Annotated[
    bool, typer.Option("--redact", help="Keep your words without the secrets in them.")
]
AllowSecrets = Annotated[
    bool,
    typer.Option("--allow-secrets", help="Keep what looks like a secret; it stays in the log."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")]
OperationId = Annotated[
    str | None,
    typer.Option(
        "--operation-id",
        metavar="TEXT",
        help="A key for this change: repeated with it, the change is made once.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="SEQ|TIME", help="As of an entry, a date or a time.", show_default=False
    ),
]
ClassPath = Annotated[
    str | None,
    typer.Option(
        "--class", metavar="PKG.MOD:NAME", help="Capture the contract from this class; needs dspy."
    ),
]
Markdown = Annotated[bool, typer.Option("--md", help="Markdown, for a pull request.")]
AllowPickle = Annotated[
    bool,
    typer.Option(
        "--allow-pickle",
        help="Read pickled states too: examples, dates and containers, nothing else.",
    ),
]
Whole = Annotated[bool, typer.Option("--all", help="All of the metadata, however long.")]
