"""From ``pkg.mod:QA`` on a command line to the contract of that class."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from typing import TYPE_CHECKING, Any

from dspyreg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.compare.contract import Contract

_PLACE = re.compile(r"(?P<module>[^\W\d]\w*(?:\.[^\W\d]\w*)*):(?P<name>[^\W\d]\w*)")


def capture_class(place: str) -> Contract:
    """Return the contract of a class, made without arguments, or of a program in a module.

    Its module is imported, also from the working directory. Raises ``UsageError``.
    """
    match = _PLACE.fullmatch(place)
    if match is None:
        raise UsageError(f"not a class: {place[:80]!r}", hint="pkg.mod:QA")
    from dspyreg.integrations import dspy as door
    from dspyreg.integrations.capture import capture

    door.imported()
    with _here_and_silent():
        found = getattr(_imported(match["module"]), match["name"], None)
        if found is None:
            raise UsageError(f"there is no {match['name']} in {match['module']}")
        return capture(_made(place, found) if isinstance(found, type) else found)


def _imported(module: str) -> Any:
    try:
        return import_module(module)
    except (Exception, SystemExit) as error:
        raise UsageError(f"cannot import {module}: {_told(error)}") from error


def _made(place: str, kind: type) -> Any:
    try:
        return kind()
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"cannot make {place} without arguments: {_told(error)}",
            hint="name a program in the module instead of its class",
        ) from error


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


@contextmanager
def _here_and_silent() -> Iterator[None]:
    """What a module prints while it is imported is no answer to whoever reads our output."""
    before = list(sys.path)
    sys.path.insert(0, "")
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        sys.path[:] = before
