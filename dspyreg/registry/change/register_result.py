"""The arguments of a registration, from an optimizer's result."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.errors import Refused, UsageError
from dspyreg.formats.results import read
from dspyreg.registry.artifacts.program_state import is_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dspyreg.registry.artifacts.files import Paths
    from dspyreg.registry.context import Context

AUTOMATICALLY: Final = "auto_registered"


class Arguments(NamedTuple):
    """Arguments of a registration, read from an optimizer's result."""

    program: str
    paths: Paths
    metrics: Mapping[str, float]
    metadata: Mapping[str, Any]


def arguments(
    context: Context,
    result: Mapping[str, Any],
    program: str | None,
    paths: Paths,
    *,
    beside: Path | None,
    metrics: Mapping[str, float] | None,
    metadata: Mapping[str, Any] | None,
) -> Arguments:
    """Return what to register of a result. See ``Registry.register_result``."""
    content = read(result)
    if program is None and (word := _lone(paths)) is not None and not is_path(word):
        program, paths = word, ()
    name = program or content.program
    if name is None:
        raise UsageError("result-names-no-program")
    if program is None:
        _require_allowed(context)
    return Arguments(
        name,
        paths or _path(content.path, beside),
        {**content.metrics, **(metrics or {})},
        {AUTOMATICALLY: True, **content.metadata, **(metadata or {})},
    )


def _lone(paths: Paths) -> str | None:
    """Return the only word among the paths, or None."""
    several = [paths] if isinstance(paths, str | os.PathLike) else [*paths]
    return several[0] if len(several) == 1 and isinstance(several[0], str) else None


def _require_allowed(context: Context) -> None:
    if not context.configuration().integration.auto_register_optimizations:
        raise Refused("results-not-registered")


def _path(path: str | None, beside: Path | None) -> Path:
    if path is None:
        raise UsageError("result-names-no-file")
    return Path(path) if beside is None else beside / path
