"""Continuous integration: the actor and the address of a run."""

from __future__ import annotations

import os
import re
from typing import Final

_ACTORS: Final = (
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILDKITE_BUILD_CREATOR",
    "CIRCLE_USERNAME",
)
_ADDRESS: Final = (
    r"(https?://)(?:[^/?#\\]*@)?([\w.-]+(?::\d+)?|\[[\da-fA-F:.]+\](?::\d+)?)(/[^?#@]*)?"
)


def actor() -> str | None:
    """Return the user who started the run, if there is one."""
    return next((os.environ[name] for name in _ACTORS if os.environ.get(name)), None)


def run_address() -> str | None:
    """Return the address of the run, if there is one."""
    environ = os.environ
    if environ.get("GITHUB_RUN_ID"):
        server = _without_secrets(environ.get("GITHUB_SERVER_URL", ""))
        repository = environ.get("GITHUB_REPOSITORY")
        return server and f"{server}/{repository}/actions/runs/{environ['GITHUB_RUN_ID']}"
    addresses = (environ.get(name) for name in ("CI_JOB_URL", "BUILDKITE_BUILD_URL", "BUILD_URL"))
    return next((_without_secrets(address) for address in addresses if address), None)


def _without_secrets(address: str) -> str | None:
    """Return an address without user info, query and fragment. None if it is not certainly an
    address: a password could be anywhere in it.
    """
    match = re.match(_ADDRESS, address)
    if match is None or address[match.end() :][:1] not in {"", "?", "#"}:
        return None
    return "".join(part or "" for part in match.groups())
