"""``convert``."""

from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dspyreg.cli import params
from dspyreg.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.registry.artifacts.convert import Converted

app = typer.Typer()


@app.command("convert")
def convert(
    ctx: params.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A state that some DSPy saved.",
            readable=False,
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write it; standard output otherwise.",
            readable=False,
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file with other content.")
    ] = False,
    allow_pickle: params.AllowPickle = False,
    yes: params.Yes = False,
) -> None:
    """Write an old state as today's DSPy loads it.

    What its family did not keep, no conversion can add, and standard error says what that is.
    No registry is needed, and none is changed.
    """
    from dspyreg.registry.facade.registry import Registry

    session = Session.of(ctx)
    write = partial(Registry.convert, file, output, force=force, allow_pickle=allow_pickle)
    if force and output is not None:
        session.confirm(
            "replace a file in the way", yes=yes, preview=lambda: _preview(session, write)
        )
    converted = write()
    if output is None and not session.wants_json:
        session.pour(BytesIO(converted.data))
    else:
        session.show(converted, done=None if output is None else f"{output} was written")
    session.tell_all(converted.notices)


def _preview(session: Session, write: "Callable[..., Converted]") -> None:
    replaces = write(dry_run=True).replaces
    if replaces is not None:
        session.tell(f"{replaces} would be replaced")
