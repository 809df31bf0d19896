"""``known_registries``: what a user knows of registries, and trusts them with.

docs/reference/known-registries.md is the law. The file is opened only when somebody asks.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any, Final

from dspyreg import system
from dspyreg.errors import Denied, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dspyreg.model.digest import Digest

ID, PLACE, SAFE, TRUSTED = "id", "place", "safe", "trusted"
_KINDS: Final = {ID: str, PLACE: str, SAFE: bool, TRUSTED: list}
_MODE: Final = 0o600
_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_LONGEST: Final = 64 << 20
_NO_HOME: Final = "set HOME or XDG_CONFIG_HOME, or say it with --trust or DSPYREG_TRUST"


class KnownRegistries:
    """The list of one user. Without a path the user has no home, and the list is empty."""

    def __init__(self, path: Path | None, tell: Callable[[str], None]) -> None:
        self._path, self._tell = path, tell
        self._told: set[str] = set()

    def is_safe(self, place: str) -> bool:
        """Return whether a store may be used that belongs to another user and was not named."""
        return any(row.get(PLACE) == place and row.get(SAFE) for row in self._rows())

    def trusts(self, registry_id: str, place: str, digest: str) -> bool:
        """Return whether a registry at a place may start what has this digest."""
        return any(
            _is_of(row, registry_id, place) and digest in row.get(TRUSTED, ())
            for row in self._rows()
        )

    def change(
        self, registry_id: str, place: str, change: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> None:
        """Replace the members of a registry's line, or add it; all other lines stay as they are.

        Raises ``Denied`` or ``StorageError`` if the file cannot be written.
        """
        if self._path is None:
            raise Denied("there is no home to keep known_registries in", hint=_NO_HOME)
        from dspyreg.backends.local.files import locked

        try:
            path = _writable(self._path)
            # Opened for writing: on NFS a file that is open for reading alone cannot be locked.
            with locked(path, flags=os.O_RDWR | os.O_CREAT, mode=_MODE):
                lines = self._lines(path)
                _replace(path, _changed(lines, registry_id, place, change))
        except OSError as error:
            text = f"cannot write {self._path}: {error.strerror or error}"
            raise StorageError(text, hint="nothing was trusted; " + _NO_HOME) from error

    def _rows(self) -> list[dict[str, Any]]:
        """Return what the lines say, without those that are damaged, which are told."""
        if self._path is None:
            return []
        try:
            lines = self._lines(self._path)
        except FileNotFoundError:
            return []
        except Denied as error:
            self._say(f"{error}; it is not used")
            return []
        except OSError as error:
            self._say(f"cannot read {self._path}: {error.strerror or error}")
            return []
        found = []
        for at, line in enumerate(lines, 1):
            row = _row(line)
            if row is not None:
                found.append(row)
            elif line.strip():
                self._say(f"{self._path}: line {at} is damaged, and not used")
        return found

    def _say(self, notice: str) -> None:
        if notice not in self._told:
            self._told.add(notice)
            self._tell(notice)

    def _lines(self, path: Path) -> list[bytes]:
        """Return the lines of the file. Raises ``Denied`` if others could have written it."""
        with open(path, "rb", opener=system.open_at_once) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise Denied(f"{path} is not a regular file")
            if found.st_uid not in system.own_uids():
                raise Denied(f"{path} belongs to another user")
            if found.st_mode & _OTHERS_MAY_WRITE:
                raise Denied(f"others may write {path}", hint=f"chmod 600 {path}")
            return file.read(_LONGEST).splitlines()


class KnownRegistry:
    """What one user trusts one registry with: in the list, or ``explicit`` for this run."""

    def __init__(
        self,
        known: KnownRegistries,
        registry_id: str,
        path: str | os.PathLike[str],
        *,
        explicit: str | None = None,
    ) -> None:
        self._known, self._id, self._path = known, registry_id, path
        self._place = os.path.realpath(os.fspath(path))
        self._added: set[str] = set()
        self.explicit = explicit

    @property
    def owner(self) -> str | None:
        """The user that the store, or the link to it, belongs to; None if that is this one."""
        return system.foreign_owner(self._path)

    @property
    def is_safe(self) -> bool:
        """Whether the store is used where it is found and not named."""
        return (
            self.owner is None
            or system.is_safe_store(self._place)
            or self._known.is_safe(self._place)
        )

    def __contains__(self, digest: str) -> bool:
        if self.explicit == system.ALL or digest in {self.explicit, *self._added}:
            return True
        return self._known.trusts(self._id, self._place, digest)

    def add(self, digest: Digest) -> None:
        """Trust a digest from now on. If that cannot be kept it holds for this object alone, and
        ``Denied`` or ``StorageError`` is raised.
        """
        self._added.add(digest)

        def trusted(row: dict[str, Any]) -> dict[str, Any]:
            before = row.get(TRUSTED, [])
            return row if digest in before else {**row, TRUSTED: [*before, digest]}

        self._known.change(self._id, self._place, trusted)

    def mark_safe(self) -> None:
        """Use the store from now on where it is found, though it belongs to another user."""
        self._known.change(self._id, self._place, lambda row: {**row, SAFE: True})


def _is_of(row: dict[str, Any], registry_id: str, place: str) -> bool:
    return row.get(ID) == registry_id and row.get(PLACE) == place


def _row(line: bytes) -> dict[str, Any] | None:
    """Return what a line says, None if it is damaged. Members that we do not know are kept."""
    import json

    try:
        told = json.loads(line)  # a path may hold what is not UTF-8
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    fits = all(isinstance(told[name], kind) for name, kind in _KINDS.items() if name in told)
    return told if fits else None


def _changed(
    lines: list[bytes],
    registry_id: str,
    place: str,
    change: Callable[[dict[str, Any]], dict[str, Any]],
) -> list[bytes]:
    """Return the lines with the first one of a registry at a place changed, or one more."""
    for at, line in enumerate(lines):
        row = _row(line)
        if row is not None and _is_of(row, registry_id, place):
            after = change(row)
            return lines if after == row else [*lines[:at], _line(after), *lines[at + 1 :]]
    return [*lines, _line(change({ID: registry_id, PLACE: place}))]


def _line(row: dict[str, Any]) -> bytes:
    import json

    # Escaped, because a path need not be UTF-8.
    return json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode()


def _writable(path: Path) -> Path:
    """Return the file to replace, its directory made: where a link of the user's own leads."""
    if path.is_symlink() and os.lstat(path).st_uid == os.geteuid():
        path = path.resolve()
    for directory in reversed([each for each in path.parents if not each.exists()]):
        directory.mkdir(0o700, exist_ok=True)
        _give_away(directory, directory.parent)
    return path


def _replace(path: Path, lines: list[bytes]) -> None:
    """Write the lines anew, whole or not at all; whoever calls holds the lock."""
    from dspyreg.backends.local.files import sync_directory

    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with open(fd, "wb") as file:
        os.fchmod(fd, _MODE)
        file.write(b"".join(line + b"\n" for line in lines))
        file.flush()
        os.fsync(fd)
    _give_away(fresh, path.parent)
    fresh.rename(path)
    sync_directory(path.parent)


def _give_away(path: Path, directory: Path) -> None:
    """Let what root makes in a user's home, by way of sudo, belong to that user."""
    if os.geteuid() == 0:
        found = directory.stat()
        os.chown(path, found.st_uid, found.st_gid, follow_symlinks=False)
