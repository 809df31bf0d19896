"""The versions of Python and DSPy."""

from __future__ import annotations

from contextlib import suppress
from functools import cache


def runtime() -> dict[str, str]:
    """Return the versions of Python and DSPy, as far as they are known."""
    import platform

    versions = {"python": platform.python_version(), "dspy": dspy_version()}
    return {key: value for key, value in versions.items() if value is not None}


@cache
def dspy_version() -> str | None:
    """Return the version of DSPy that is installed, None if there is none."""
    from importlib import metadata

    for package in ("dspy", "dspy-ai"):
        with suppress(metadata.PackageNotFoundError):
            return metadata.version(package)
    return None
