"""The state of a git checkout: the one place that runs git.

The repository may be hostile. Its own configuration could have git run or fetch something, so all
of that is turned off on the command line, which counts more than any file.
"""

from __future__ import annotations

import os
from typing import Final

# Commands and fetches that a configuration can name: fsmonitor, hooks, a pager, the lazy fetch of a
# partial clone. Filters have names of their own and are looked up: see ``is_dirty``.
_HARMLESS: Final = (
    *("--no-optional-locks", "--no-pager", "-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}", "-c", "status.submoduleSummary=false"),
    *("-c", "safe.bareRepository=explicit"),
)
_NO_NETWORK: Final = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
# The working directory alone decides about the repository, as it does for ``git_files.commit``.
_REDIRECTING: Final = frozenset(
    (
        *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_NAMESPACE"),
        *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_PREFIX"),
        *("GIT_EXTERNAL_DIFF", "GIT_EXEC_PATH", "GIT_CONFIG", "GIT_PAGER"),
    )
)
_FILTERS: Final = r"^filter\..*\.(clean|smudge|process|required)$"
_OF_REPOSITORY: Final = {"local", "worktree"}
_TIMEOUT: Final = 10  # seconds


def is_dirty() -> bool | None:
    """Return whether files that git tracks are changed; None if git cannot tell.

    Nothing is started that the repository's own configuration names.
    """
    git = _git_command()
    if git is None:
        return None
    scopes = ["config", "--includes", "--show-scope", "--name-only", "-z", "--get-regexp"]
    filters = _output([git, *scopes, _FILTERS], {0, 1})
    overrides = None if filters is None else _overrides(filters)
    if overrides is None:
        return None
    status = ["status", "--porcelain", "--untracked-files=no", "--ignore-submodules=dirty"]
    changes = _output([git, *_HARMLESS, *overrides, *status], {0})
    return None if changes is None else bool(changes.strip())


def _git_command() -> str | None:
    """Return the path of git. Relative parts of ``PATH`` are ignored: a repository could hold a
    git of its own there.
    """
    from shutil import which

    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return which("git", path=os.pathsep.join(filter(os.path.isabs, path)))


def _overrides(filters: bytes) -> list[str] | None:
    """Return the options that disable the filters of a repository's own configuration; None for a
    key that an option cannot spell. The user's own filters, such as that of git lfs, stay.

    ``filters`` are pairs of scope and key, each ended by NUL.
    """
    words = filters.decode(errors="surrogateescape").split("\0")
    pairs = zip(words[::2], words[1::2], strict=False)
    keys = [key for scope, key in pairs if scope in _OF_REPOSITORY]
    if any("=" in key for key in keys):
        return None
    values = [f"{key}={'false' if key.endswith('.required') else ''}" for key in keys]
    return [word for value in values for word in ("-c", value)]


def _output(command: list[str], good: set[int]) -> bytes | None:
    """Return the output of git; None without a good exit status in time."""
    import subprocess

    environ = {name: value for name, value in os.environ.items() if name not in _REDIRECTING}
    try:
        process = subprocess.run(  # noqa: S603
            command,
            env=environ | _NO_NETWORK,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return process.stdout if process.returncode in good else None
