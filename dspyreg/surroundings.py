"""The world around a command: environment, directory, user, clock, git, CI.

The only module that looks at any of them; everything else gets what it needs as a value.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dspyreg.errors import UsageError
from dspyreg.model import names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STORE: Final = ".dspyreg"
_CI_ACTORS: Final = (
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILDKITE_BUILD_CREATOR",
    "CIRCLE_USERNAME",
)
_COMMIT = r"[0-9a-f]{40}|[0-9a-f]{64}"
_LONGEST_FILE: Final = 1 << 20
_LONGEST_TOLD: Final = 1000


def store_path(given: str | None = None) -> Path:
    """Return where the registry is: given, in ``DSPYREG_STORE``, else the nearest ``.dspyreg``
    from the working directory upward; ``./.dspyreg`` where there is none.
    """
    chosen = given or os.environ.get("DSPYREG_STORE")
    if chosen:
        return Path(chosen)
    here = _here()
    for directory in (here, *here.parents) if here else ():
        if (directory / STORE / "format").exists():
            return directory / STORE
    return here / STORE if here else Path(STORE)


def new_store_path(given: str | None = None) -> Path:
    """Return where ``init`` makes a registry: given, in ``DSPYREG_STORE``, else ``./.dspyreg``."""
    return Path(given or os.environ.get("DSPYREG_STORE") or STORE)


def cache_path(registry_id: str) -> Path | None:
    """Return where the index of a registry goes whose directory cannot be written."""
    base = os.environ.get("XDG_CACHE_HOME") or _home(".cache")
    return Path(base) / "dspyreg" / registry_id / "index.sqlite" if base else None


def actor(given: str | None = None) -> str:
    """Return who is acting: given, ``DSPYREG_ACTOR``, CI's actor, git's user, the login."""
    chosen = given or os.environ.get("DSPYREG_ACTOR") or _ci_actor() or _git_user() or _login()
    return names.word("actor", _spelt_one_way(chosen))


def _spelt_one_way(name: str) -> str:
    """Return a name as all its spellings have it: one person must not count as two."""
    if not name.isascii():
        from unicodedata import normalize

        name = normalize("NFC", name)
    return name.strip()


def clock() -> Callable[[], datetime]:
    """Return a clock; ``DSPYREG_NOW`` stops it. Raises ``UsageError`` if that is no time."""
    fixed = os.environ.get("DSPYREG_NOW")
    if not fixed:
        return lambda: datetime.now(UTC)
    from dspyreg.model import moment

    try:
        at = moment.parse(fixed)
    except ValueError as error:
        raise UsageError(f"DSPYREG_NOW is not a time: {fixed!r}") from error
    return lambda: at


def environment() -> dict[str, str]:
    """Return the environment, for a command of the user's own to start from."""
    return dict(os.environ)


def hook_depth() -> int:
    """Return how many of the user's commands, one calling the other, this one runs in."""
    told = os.environ.get("DSPYREG_HOOK_DEPTH", "")
    return int(told) if told.isascii() and told.isdecimal() else 0


def events() -> str | None:
    """Return the file that events go to, if there is one; ``-`` is standard error."""
    return os.environ.get("DSPYREG_EVENTS") or None


def editor() -> str | None:
    """Return the command of the user's editor, if one is set."""
    return os.environ.get("VISUAL") or os.environ.get("EDITOR") or None


def is_debugging() -> bool:
    """Does somebody look for a bug of ours?"""
    return bool(os.environ.get("DSPYREG_DEBUG"))


def has_colour() -> bool:
    """May a terminal be sent colours?"""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def context() -> dict[str, Any]:
    """Return where this happens: host, CI run, git commit; what there is not is left out."""
    found = {"host": _host(), "ci": _ci_run(), "git": _git_commit()}
    return {key: _told(value) for key, value in found.items() if value}


def runtime() -> dict[str, str]:
    """Return the versions of Python and DSPy; what there is not is left out."""
    import platform

    found = {"python": platform.python_version(), "dspy": _dspy_version()}
    return {key: value for key, value in found.items() if value is not None}


def provenance() -> dict[str, Any]:
    """Return what a registration records beside the context: the runtime, and whether the git
    checkout is dirty. The one place that runs git.
    """
    found: dict[str, Any] = dict(runtime())
    commit = _git_commit()
    if commit:
        found["git"] = commit
        dirty = _git_dirty()
        if dirty is not None:
            found["dirty"] = dirty
    return found


def _told(text: str) -> str:
    """The text as far as an entry carries it, whatever bytes the environment held."""
    return text[:_LONGEST_TOLD].encode(errors="replace").decode()


def _host() -> str:
    return os.uname().nodename if hasattr(os, "uname") else ""


def _ci_actor() -> str | None:
    return next((os.environ[name] for name in _CI_ACTORS if os.environ.get(name)), None)


def _ci_run() -> str | None:
    """The address of the CI run, where there is one."""
    environ: Mapping[str, str] = os.environ
    if environ.get("GITHUB_RUN_ID"):
        server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
        return f"{server}/{repository}/actions/runs/{environ['GITHUB_RUN_ID']}"
    found = (environ.get(name) for name in ("CI_JOB_URL", "BUILDKITE_BUILD_URL", "BUILD_URL"))
    return next((url for url in found if url), None)


def _login() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise UsageError("nobody knows who you are", hint="--as NAME or DSPYREG_ACTOR") from error


def _home(below: str) -> str | None:
    try:
        return str(Path.home() / below)
    except RuntimeError:
        return None


def _git_user() -> str | None:
    """Git's user, by e-mail address if there is one; read from its files, without git."""
    for kind in ("EMAIL", "NAME"):
        for role in ("AUTHOR", "COMMITTER"):
            if value := os.environ.get(f"GIT_{role}_{kind}"):
                return value
    base = os.environ.get("XDG_CONFIG_HOME") or _home(".config")
    own = _git_directory()
    files = [_git_common(own) / "config" if own else None, _home(".gitconfig")]
    files += [f"{base}/git/config" if base else None, "/etc/gitconfig"]
    sections = [_git_section(Path(file)) for file in files if file]
    for key in ("email", "name"):
        for section in sections:
            if section.get(key):
                return section[key]
    return None


def _git_section(path: Path) -> dict[str, str]:
    """The ``[user]`` section of a git configuration file."""
    found: dict[str, str] = {}
    inside = False
    for row in _text(path).splitlines():
        line = row.strip()
        if line.startswith("["):
            inside = line.lower() == "[user]"
        elif inside and "=" in line and line[0] not in "#;":
            key, _, value = line.partition("=")
            found[key.strip().lower()] = value.strip().strip('"')
    return found


def _here() -> Path | None:
    """The working directory; None if somebody has removed it."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def _git_directory() -> Path | None:
    here = _here()
    for directory in (here, *here.parents) if here else ():
        entry = directory / ".git"
        if entry.is_dir():
            return entry
        if entry.is_file():
            pointed = _text(entry).removeprefix("gitdir:").strip()
            return directory / pointed if pointed else None
    return None


def _git_common(directory: Path) -> Path:
    """What a worktree shares with its repository; in any other the directory itself."""
    common = _text(directory / "commondir").strip()
    return directory / common if common else directory


def _git_commit() -> str | None:
    """The commit that is checked out, read from files: starting git takes longer than all else."""
    directory = _git_directory()
    if directory is None:
        return None
    head = _text(directory / "HEAD").strip()
    if not head.startswith("ref:"):
        return head if re.fullmatch(_COMMIT, head) else None
    name = head.removeprefix("ref:").strip()
    for place in (directory, _git_common(directory)):
        commit = _text(place / name).strip()
        if re.fullmatch(_COMMIT, commit):
            return commit
        for row in _text(place / "packed-refs").splitlines():
            commit, _, packed = row.partition(" ")
            if packed == name and re.fullmatch(_COMMIT, commit):
                return commit
    return None


def _git_dirty() -> bool | None:
    import subprocess

    command = ["git", "status", "--porcelain", "--untracked-files=no"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return bool(done.stdout.strip()) if done.returncode == 0 else None


@cache
def _dspy_version() -> str | None:
    from importlib import metadata

    for package in ("dspy", "dspy-ai"):
        with suppress(metadata.PackageNotFoundError):
            return metadata.version(package)
    return None


def _text(path: Path) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_LONGEST_FILE)
    except OSError:
        return ""
