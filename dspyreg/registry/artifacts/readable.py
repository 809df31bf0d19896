"""Whether a program can be read from files: registered ones, or those that somebody registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.formats import known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MOST: Final = 3


def why_unreadable(files: Mapping[str, Callable[[], bytes] | None]) -> str | None:
    """Return why no program can be read from files: by path, what reads one, None if it is above
    64 MiB. None if one can be.

    A pickle is a program if it is whole, for nothing is built from it, and so is what is above
    64 MiB, for that is never read.
    """
    problems = []
    for path, read in sorted(files.items()):
        if not known.is_read(path, allow_pickle=True):
            continue
        problem = None if read is None else _problem(path, read())
        if problem is None:
            return None
        problems.append(f"{path}: {problem}")
    more = ["…"] if len(problems) > _MOST else []
    return "; ".join([*problems[:_MOST], *more]) or "there is no saved state in it"


def _problem(path: str, content: bytes) -> str | None:
    """Return why the bytes of a file are no program."""
    try:
        if path.endswith(known.PICKLES):
            from dspyreg.formats import pickles

            pickles.contents(content)
        else:
            known.read(content)
    except ValueError as error:
        return str(error)
    return None
