"""Provenance: the machine, CI run, git commit and software that an entry comes from."""

from __future__ import annotations

import os
from typing import Any, Final

from dspyreg.system import ci, git_files
from dspyreg.system.runtime import runtime

_MAX_TEXT: Final = 1000  # characters


def context() -> dict[str, Any]:
    """Return host, CI run and git commit, as far as they are known."""
    values = {"host": _host(), "ci": ci.run_address(), "git": git_files.commit()}
    return {key: _printable(value) for key, value in values.items() if value}


def provenance() -> dict[str, Any]:
    """Return what a registration records beside the context: the runtime, and whether the git
    checkout is dirty.
    """
    values: dict[str, Any] = dict(runtime())
    commit = git_files.commit()
    if commit:
        from dspyreg.system import git_status

        values["git"] = commit
        dirty = git_status.is_dirty()
        if dirty is not None:
            values["dirty"] = dirty
    return values


def _printable(text: str) -> str:
    """Return the text as an entry carries it, whatever bytes the environment held."""
    return text[:_MAX_TEXT].encode(errors="replace").decode()


def _host() -> str:
    return os.uname().nodename if hasattr(os, "uname") else ""
