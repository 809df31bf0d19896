"""The arguments of a registration, from an optimizer's result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.errors import Refused, UsageError
from dspyreg.formats.results import read

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
) -> Arguments:
    """Return what to register of a result. See ``Registry.register_result``."""
    content = read(result)
    name = program or content.program
    if name is None:
        raise UsageError("result-names-no-program")
    if program is None:
        _require_allowed(context)
    metadata = {AUTOMATICALLY: True, **content.metadata}
    return Arguments(name, paths or _path(content.path, beside), content.metrics, metadata)


def _require_allowed(context: Context) -> None:
    if not context.configuration().integration.auto_register_optimizations:
        raise Refused("results-not-registered")


def _path(path: str | None, beside: Path | None) -> Path:
    if path is None:
        raise UsageError("result-names-no-file")
    return Path(path) if beside is None else beside / path
