"""The contract of a class that a command line names as ``pkg.mod:QA``."""

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

_PATH = re.compile(r"(?P<module>[^\W\d]\w*(?:\.[^\W\d]\w*)*):(?P<name>[^\W\d]\w*)")


def capture_class(path: str) -> Contract:
    """Return the contract of a class, made without arguments, or of a program in a module.

    Its module is imported, also from the working directory. Raises ``UsageError``.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise UsageError("class-path-invalid", path=path[:80])
    from dspyreg.integrations import dspy as door
    from dspyreg.integrations.capture import capture

    door.imported()
    module, name = match["module"], match["name"]
    with _imports_from_here():
        member = getattr(_imported(module), name, None)
        if member is None:
            raise UsageError("class-not-in-module", name=name, module=module)
        return capture(_instance(path, member) if isinstance(member, type) else member)


def _imported(module: str) -> Any:
    try:
        return import_module(module)
    except (Exception, SystemExit) as error:
        raise UsageError("module-not-importable", module=module, reason=_text(error)) from error


def _instance(path: str, kind: type) -> Any:
    try:
        return kind()
    except (Exception, SystemExit) as error:
        raise UsageError("class-needs-arguments", path=path, reason=_text(error)) from error


def _text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


@contextmanager
def _imports_from_here() -> Iterator[None]:
    """Import from the working directory as well; send what modules print to standard error."""
    before = list(sys.path)
    sys.path.insert(0, "")
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        sys.path[:] = before
