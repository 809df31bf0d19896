"""The test that a program can be read from files, registered or about to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.formats import known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MAX_PROBLEMS: Final = 3


def why_unreadable(files: Mapping[str, Callable[[], bytes] | None]) -> str | None:
    """Return why no program can be read from files; None if one can.

    ``files`` has the function that reads each file, None for a file above 64 MiB. A pickle counts
    as a program if it is complete, because nothing is built from it; so does a file above 64 MiB,
    because it is never read.
    """
    problems = []
    for path, read in sorted(files.items()):
        if not known.is_read(path, allow_pickle=True):
            continue
        problem = None if read is None else _problem(path, read())
        if problem is None:
            return None
        problems.append(f"{path}: {problem}")
    more = ["…"] if len(problems) > _MAX_PROBLEMS else []
    return "; ".join([*problems[:_MAX_PROBLEMS], *more]) or "it has no saved state"


def _problem(path: str, content: bytes) -> str | None:
    """Return why the bytes of a file are not a program."""
    try:
        if path.endswith(known.PICKLES):
            from dspyreg.formats import pickles

            pickles.contents(content)
        else:
            known.read(content)
    except ValueError as error:
        return str(error)
    return None
