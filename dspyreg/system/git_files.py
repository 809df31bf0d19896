"""Git's user and the commit that is checked out, read from files: starting git takes longer than
everything else that a command does.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from dspyreg.system.directory import text_of, working_directory
from dspyreg.system.user import below_home, foreign_owner

_COMMIT = r"[0-9a-f]{40}|[0-9a-f]{64}"


def user() -> str | None:
    """Return git's user, by e-mail address if there is one."""
    for kind in ("EMAIL", "NAME"):
        for role in ("AUTHOR", "COMMITTER"):
            if value := os.environ.get(f"GIT_{role}_{kind}"):
                return value
    sections = [_user_section(Path(file)) for file in _configuration_files()]
    for key in ("email", "name"):
        for section in sections:
            if section.get(key):
                return section[key]
    return None


def commit() -> str | None:
    """Return the commit that is checked out in the repository of the working directory."""
    directory = _directory()
    if directory is None:
        return None
    head = text_of(directory / "HEAD").strip()
    if not head.startswith("ref:"):
        return head if re.fullmatch(_COMMIT, head) else None
    name = head.removeprefix("ref:").strip()
    for refs in (directory, _common_directory(directory)):
        digest = text_of(refs / name).strip()
        if re.fullmatch(_COMMIT, digest):
            return digest
        for row in text_of(refs / "packed-refs").splitlines():
            digest, _, packed = row.partition(" ")
            if packed == name and re.fullmatch(_COMMIT, digest):
                return digest
    return None


def _configuration_files() -> list[str | Path]:
    """Return git's configuration files, in the order in which they count."""
    base = os.environ.get("XDG_CONFIG_HOME") or below_home(".config")
    repository = _directory()
    shared = _common_directory(repository) / "config" if repository else None
    if shared is not None and foreign_owner(shared) is not None:
        shared = None  # git does not read it either: others must not say who acts
    files = [shared, below_home(".gitconfig")]
    files += [f"{base}/git/config" if base else None, "/etc/gitconfig"]
    return [file for file in files if file]


def _user_section(path: Path) -> dict[str, str]:
    """Return the ``[user]`` section of a git configuration file."""
    section: dict[str, str] = {}
    inside = False
    for row in text_of(path).splitlines():
        line = row.strip()
        if line.startswith("["):
            inside = line.lower() == "[user]"
        elif inside and "=" in line and line[0] not in "#;":
            key, _, value = line.partition("=")
            section[key.strip().lower()] = value.strip().strip('"')
    return section


def _directory() -> Path | None:
    """Return the ``.git`` directory of the nearest repository upward."""
    here = working_directory()
    for directory in (here, *here.parents) if here else ():
        entry = directory / ".git"
        if os.path.isdir(entry):  # pathlib's raises where access is denied
            return entry
        if os.path.isfile(entry):
            target = text_of(entry).removeprefix("gitdir:").strip()
            return directory / target if target else None
    return None


def _common_directory(directory: Path) -> Path:
    """Return the directory that a worktree shares with its repository; else this directory."""
    common = text_of(directory / "commondir").strip()
    return directory / common if common else directory
