"""The world around a command: environment, directory, user, clock, git, CI.

The only module that looks at any of them; everything else gets what it needs as a value.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dspyreg.errors import Denied, UsageError
from dspyreg.model import names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STORE: Final = ".dspyreg"
ALL: Final = "all"
_CI_ACTORS: Final = (
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILDKITE_BUILD_CREATOR",
    "CIRCLE_USERNAME",
)
_COMMIT = r"[0-9a-f]{40}|[0-9a-f]{64}"
_ADDRESS: Final = (
    r"(https?://)(?:[^/?#\\]*@)?([\w.-]+(?::\d+)?|\[[\da-fA-F:.]+\](?::\d+)?)(/[^?#@]*)?"
)
# What a repository's own configuration could have git run, or fetch, is off: the command line goes
# before any file. (core.fsmonitor, hooks, a pager; a lazy fetch of a partial clone.)
_HARMLESS: Final = (
    *("--no-optional-locks", "--no-pager", "-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}", "-c", "status.submoduleSummary=false"),
    *("-c", "safe.bareRepository=explicit"),
)
_GIT_ALONE: Final = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
# Which repository is looked at is a matter of the working directory alone, as it is for the commit.
_GIT_STEERS: Final = frozenset(
    (
        *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_NAMESPACE"),
        *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_PREFIX"),
        *("GIT_EXTERNAL_DIFF", "GIT_EXEC_PATH", "GIT_CONFIG", "GIT_PAGER"),
    )
)
_FILTERS: Final = r"^filter\..*\.(clean|smudge|process|required)$"
_OF_REPOSITORY: Final = {"local", "worktree"}
_LONGEST_FILE: Final = 1 << 20
_LONGEST_TOLD: Final = 1000
_ADDRESS_LENGTH: Final = 8
# One slash is enough: pathlib makes `s3:/x` of `s3://x`. One letter is a drive of Windows.
_SCHEME: Final = r"([^/]{2,}?):/"
_PLAIN_SCHEME: Final = r"[A-Za-z][A-Za-z0-9+.-]*"


def _unlisted(_: str) -> bool:
    return False


def store_path(given: str | None = None, *, is_listed: Callable[[str], bool] = _unlisted) -> Path:
    """Return where the registry is: given, in ``DSPYREG_STORE``, else the nearest ``.dspyreg``
    from the working directory upward; ``./.dspyreg`` where there is none.

    Raises ``Denied`` for one that was found, not named, and belongs to another user, unless
    ``DSPYREG_SAFE_STORES`` has its real path or ``is_listed`` knows it.
    """
    chosen = given or os.environ.get("DSPYREG_STORE")
    if chosen:
        return _directory(chosen)
    here = _here()
    for directory in (here, *here.parents) if here else ():
        if _has_store(directory):
            _require_safe(directory / STORE, is_listed)
            return directory / STORE
    return here / STORE if here else Path(STORE)


def _has_store(directory: Path) -> bool:
    """Say whether a store is in a directory. One that may not be entered is there as well: to
    look further up would find another.
    """
    try:
        (directory / STORE / "format").lstat()
    except PermissionError:
        return os.path.lexists(directory / STORE)
    except OSError:  # nothing is there, or too long a path, or a disk that fails
        return False
    return True


def new_store_path(
    given: str | None = None, *, is_listed: Callable[[str], bool] = _unlisted
) -> Path:
    """Return where ``init`` makes a registry: given, in ``DSPYREG_STORE``, else ``./.dspyreg``.

    Raises ``Denied``, as ``store_path`` does, if one of another user is there already.
    """
    chosen = given or os.environ.get("DSPYREG_STORE")
    if not chosen and os.path.lexists(STORE):
        _require_safe(Path(STORE), is_listed)
    return _directory(chosen or STORE)


def _require_safe(store: Path, is_listed: Callable[[str], bool]) -> None:
    owner = foreign_owner(store)
    if owner is None:
        return
    store, place = store.absolute(), os.path.realpath(store)
    if is_safe_store(place) or is_listed(place):
        return
    from shlex import quote

    raise Denied(
        f"{store} belongs to another user ({owner}), and is used only if you say so",
        hint=f"`dspyreg trust --place --store {quote(str(store))}` says so for good; "
        "--store=PATH and DSPYREG_STORE mean it for once",
    )


def foreign_owner(path: str | os.PathLike[str]) -> str | None:
    """Return who owns a directory, or the link that leads to it, if that is somebody else.

    Somebody else is any user but this one and, for root by way of sudo, whoever called sudo.
    """
    if not hasattr(os, "geteuid"):
        return None
    try:
        owners = [os.lstat(path).st_uid, os.stat(path).st_uid]
    except OSError:
        return None  # nothing that could be used is there: whoever opens it will say so
    ours = own_uids()
    return next((_user(uid) for uid in owners if uid not in ours), None)


def own_uids() -> frozenset[int]:
    """Return the numbers of this user: for root by way of sudo also that of whoever called it."""
    ours = {os.geteuid()}
    caller = os.environ.get("SUDO_UID", "")
    if os.geteuid() == 0 and caller.isascii() and caller.isdecimal():
        ours.add(int(caller[:19]))
    return frozenset(ours)


def _user(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return f"uid {uid}"


def is_safe_store(place: str) -> bool:
    """Return whether ``DSPYREG_SAFE_STORES`` names a place, a real path."""
    named = [path for path in os.environ.get("DSPYREG_SAFE_STORES", "").split(":") if path]
    return "*" in named or place in map(os.path.realpath, named)


def trust(given: str | None = None) -> str | None:
    """Return what is trusted for this run, given or in ``DSPYREG_TRUST``: the digest of commands,
    ``all``, or None. Raises ``UsageError`` for anything else.
    """
    wanted = given or os.environ.get("DSPYREG_TRUST") or None
    if wanted is None or wanted == ALL:
        return wanted
    from dspyreg.model.digest import Digest

    try:
        return Digest.parse(wanted)
    except ValueError as error:
        raise UsageError(
            f"not the digest of commands: {wanted[:80]!r}",
            hint="`dspyreg trust --dry-run` shows it; `all` trusts whatever the store says",
        ) from error


def known_registries() -> Path | None:
    """Return where the user's list of registries is; None if the user has no home."""
    base = os.environ.get("XDG_CONFIG_HOME")
    if not base or not os.path.isabs(base):  # a relative one would be read from anywhere
        base = _home(".config")
    return Path(base) / "dspyreg" / "known_registries" if base else None


def _directory(address: str) -> Path:
    """Return the directory that an address names.

    Raises ``UsageError`` if the address has a scheme, as in ``s3://bucket/x``. Nothing but the
    scheme is told: what follows may hold a password.
    """
    match = re.match(_SCHEME, address)
    if match is None:
        return Path(address)
    scheme = match[1] if re.fullmatch(_PLAIN_SCHEME, match[1]) else ""
    what = f"an address with the scheme {scheme!r}" if scheme else "that address"
    hint = "give the path of a directory; ./ before it makes anything a path"
    if scheme.lower() == "file":
        hint = "give the path alone, without file://"
    raise UsageError(f"cannot open {what}: a store is a directory", hint=hint)


def cache_path(registry_id: str, directory: Path) -> Path | None:
    """Return where the index of a registry goes whose directory cannot be written. Copies of one
    registry have the same id and different places.
    """
    from dspyreg.model.digest import Digest

    base = os.environ.get("XDG_CACHE_HOME") or _home(".cache")
    if not base:
        return None
    address = Digest.of(os.fsencode(os.path.realpath(directory))).hex[:_ADDRESS_LENGTH]
    return Path(base) / "dspyreg" / f"{registry_id}-{address}" / "index.sqlite"


def actor(given: str | None = None) -> str:
    """Return who is acting: given, ``DSPYREG_ACTOR``, CI's actor, git's user, the login."""
    chosen = given or os.environ.get("DSPYREG_ACTOR") or _ci_actor() or _git_user() or _login()
    return names.word("actor", _spelt_one_way(chosen))


def is_claimed(given: str | None = None) -> bool:
    """Return whether the actor is given by hand, and not what CI, git or the login tell."""
    return bool(given or os.environ.get("DSPYREG_ACTOR"))


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
    return int(told[:9]) if told.isascii() and told.isdecimal() else 0


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
        server = _without_secrets(environ.get("GITHUB_SERVER_URL", ""))
        repository = environ.get("GITHUB_REPOSITORY")
        return server and f"{server}/{repository}/actions/runs/{environ['GITHUB_RUN_ID']}"
    found = (environ.get(name) for name in ("CI_JOB_URL", "BUILDKITE_BUILD_URL", "BUILD_URL"))
    return next((_without_secrets(url) for url in found if url), None)


def _without_secrets(address: str) -> str | None:
    """Return an address without user info, query and fragment. One that does not read as an
    address for certain, so that a password may be anywhere in it, is None.
    """
    match = re.match(_ADDRESS, address)
    if match is None or address[match.end() :][:1] not in {"", "?", "#"}:
        return None
    return "".join(part or "" for part in match.groups())


def _login() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise UsageError("nobody knows who you are", hint="--as=NAME or DSPYREG_ACTOR") from error


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
    shared = _git_common(own) / "config" if own else None
    if shared is not None and foreign_owner(shared) is not None:
        shared = None  # git would not read it either: others must not say who acts
    files = [shared, _home(".gitconfig")]
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
    """The working directory; None if somebody has removed it, or it may not be known."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _git_directory() -> Path | None:
    here = _here()
    for directory in (here, *here.parents) if here else ():
        entry = directory / ".git"
        if os.path.isdir(entry):  # pathlib's raises where one may not look
            return entry
        if os.path.isfile(entry):
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
    """Return whether files that git tracks are changed; None where that cannot be told.

    Nothing that the repository's own configuration names is started.
    """
    git = _git_command()
    if git is None:
        return None
    scopes = ["config", "--includes", "--show-scope", "--name-only", "-z", "--get-regexp"]
    filters = _run_git([git, *scopes, _FILTERS], {0, 1})
    unset = None if filters is None else _unset(filters)
    if unset is None:
        return None
    status = ["status", "--porcelain", "--untracked-files=no", "--ignore-submodules=dirty"]
    told = _run_git([git, *_HARMLESS, *unset, *status], {0})
    return None if told is None else bool(told.strip())


def _git_command() -> str | None:
    """Return the path of git. A ``PATH`` that depends on the working directory is not used: there
    somebody may have put a git of their own.
    """
    from shutil import which

    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return which("git", path=os.pathsep.join(filter(os.path.isabs, path)))


def _unset(filters: bytes) -> list[str] | None:
    """Return the options that empty the filters of a repository's own configuration, given as
    pairs of scope and key; None for a key that an option cannot spell. The user's own filters,
    such as that of git lfs, stay.
    """
    told = filters.decode(errors="surrogateescape").split("\0")
    keys = [
        key for scope, key in zip(told[::2], told[1::2], strict=False) if scope in _OF_REPOSITORY
    ]
    if any("=" in key for key in keys):
        return None
    values = [f"{key}={'false' if key.endswith('.required') else ''}" for key in keys]
    return [word for value in values for word in ("-c", value)]


def _run_git(command: list[str], good: set[int]) -> bytes | None:
    """Return what git says; None if it does not end with a good exit status, or in time."""
    import subprocess

    environ = {name: it for name, it in os.environ.items() if name not in _GIT_STEERS}
    try:
        done = subprocess.run(  # noqa: S603
            command,
            env=environ | _GIT_ALONE,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode in good else None


@cache
def _dspy_version() -> str | None:
    from importlib import metadata

    for package in ("dspy", "dspy-ai"):
        with suppress(metadata.PackageNotFoundError):
            return metadata.version(package)
    return None


def open_at_once(path: str, flags: int) -> int:
    """Open a file for ``open``; a pipe that nobody writes to keeps nobody waiting."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _text(path: Path) -> str:
    """Return the text of a regular file; of anything else, which might keep us waiting, none."""
    try:
        with open(path, encoding="utf-8", errors="replace", opener=open_at_once) as file:
            is_regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            return file.read(_LONGEST_FILE) if is_regular else ""
    except OSError:
        return ""
