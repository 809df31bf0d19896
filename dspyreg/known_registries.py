"""``known_registries``: the user's list of registries, and of what each may start.

docs/reference/known-registries.md is the law. The file is opened at the first question. Writers
lock it, write a new file beside it and rename that, so that a reader sees one state of it.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any, Final

from dspyreg.errors import Denied, StorageError
from dspyreg.system.environment import ALL
from dspyreg.system.store_location import is_safe_store
from dspyreg.system.user import foreign_owner, own_uids

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dspyreg.backends.location import Location
    from dspyreg.model.digest import Digest

ID, PLACE, SAFE, TRUSTED = "id", "place", "safe", "trusted"
_KINDS: Final = {ID: str, PLACE: str, SAFE: bool, TRUSTED: list}
_MODE: Final = 0o600
_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_MAX_SIZE: Final = 64 << 20  # bytes


class KnownRegistries:
    """The list of one user. A user without a home has no path, and an empty list."""

    def __init__(self, path: Path | None, tell: Callable[[str], None]) -> None:
        self._path, self._tell = path, tell
        self._notices: set[str] = set()

    def is_safe(self, place: str) -> bool:
        """Return whether a store may be used that belongs to another user and was not named.

        ``place`` is ``Location.real``.
        """
        return any(row.get(PLACE) == place and row.get(SAFE) for row in self._rows())

    def trusts(self, registry_id: str, place: str, digest: str) -> bool:
        """Return whether a registry at a place may start the commands of this digest."""
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
            raise Denied("no-home")
        from dspyreg.backends.local.files import locked

        try:
            path = _writable(self._path)
            # Opened for writing: on NFS a file that is open for reading alone cannot be locked.
            with locked(path, flags=os.O_RDWR | os.O_CREAT, mode=_MODE):
                lines = self._lines(path)
                _replace(path, _changed(lines, registry_id, place, change))
        except OSError as error:
            reason = error.strerror or error
            raise StorageError("list-not-writable", path=self._path, reason=reason) from error

    def _rows(self) -> list[dict[str, Any]]:
        """Return the lines of the list. Damaged lines are left out, with a notice."""
        if self._path is None:
            return []
        try:
            lines = self._lines(self._path)
        except FileNotFoundError:
            return []
        except Denied as error:
            self._notify(f"{error}; it is not used")
            return []
        except OSError as error:
            self._notify(f"cannot read {self._path}: {error.strerror or error}")
            return []
        rows = []
        for number, line in enumerate(lines, 1):
            row = _row(line)
            if row is not None:
                rows.append(row)
            elif line.strip():
                self._notify(f"{self._path}: line {number} is damaged, and not used")
        return rows

    def _notify(self, notice: str) -> None:
        if notice not in self._notices:
            self._notices.add(notice)
            self._tell(notice)

    def _lines(self, path: Path) -> list[bytes]:
        """Return the lines of the file. Raises ``Denied`` if others could have written it."""
        from dspyreg.backends.opening import open_without_waiting

        with open(path, "rb", opener=open_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Denied("list-not-regular", path=path)
            if status.st_uid not in own_uids():
                raise Denied("list-of-another", path=path)
            if status.st_mode & _OTHERS_MAY_WRITE:
                raise Denied("list-writable-by-others", path=path)
            return file.read(_MAX_SIZE).splitlines()


class KnownRegistry:
    """The trust of one user in one registry: in the list, or ``explicit`` for this run."""

    def __init__(
        self,
        known: KnownRegistries,
        registry_id: str,
        location: Location,
        *,
        explicit: str | None = None,
    ) -> None:
        self._known, self._id, self._location = known, registry_id, location
        self._place = location.real
        self._added: set[str] = set()
        self.explicit = explicit

    @property
    def owner(self) -> str | None:
        """The user that the store, or the link to it, belongs to; None if that is this one, or if
        the store is no directory.
        """
        directory = self._location.directory
        return None if directory is None else foreign_owner(directory)

    @property
    def is_safe(self) -> bool:
        """True if the store may be used where it is discovered, without being named."""
        return self.owner is None or is_safe_store(self._place) or self._known.is_safe(self._place)

    def __contains__(self, digest: str) -> bool:
        if self.explicit == ALL or digest in {self.explicit, *self._added}:
            return True
        return self._known.trusts(self._id, self._place, digest)

    def add(self, digest: Digest) -> None:
        """Trust a digest from now on. If the list cannot be written, that holds for this object
        alone, and ``Denied`` or ``StorageError`` is raised.
        """
        self._added.add(digest)

        def trusted(row: dict[str, Any]) -> dict[str, Any]:
            digests = row.get(TRUSTED, [])
            return row if digest in digests else {**row, TRUSTED: [*digests, digest]}

        self._known.change(self._id, self._place, trusted)

    def mark_safe(self) -> None:
        """Use the store from now on where it is discovered, though another user owns it."""
        self._known.change(self._id, self._place, lambda row: {**row, SAFE: True})


def _is_of(row: dict[str, Any], registry_id: str, place: str) -> bool:
    return row.get(ID) == registry_id and row.get(PLACE) == place


def _row(line: bytes) -> dict[str, Any] | None:
    """Return a line as an object, with members that are not known; None if it is damaged."""
    from dspyreg.model import canonical

    try:
        row = canonical.DECODER.decode(line.decode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict):
        return None
    is_valid = all(isinstance(row[name], kind) for name, kind in _KINDS.items() if name in row)
    return row if is_valid else None


def _changed(
    lines: list[bytes],
    registry_id: str,
    place: str,
    change: Callable[[dict[str, Any]], dict[str, Any]],
) -> list[bytes]:
    """Return the lines with the first line of a registry at a place changed, or one more."""
    for index, line in enumerate(lines):
        row = _row(line)
        if row is not None and _is_of(row, registry_id, place):
            after = change(row)
            return lines if after == row else [*lines[:index], _line(after), *lines[index + 1 :]]
    return [*lines, _line(change({ID: registry_id, PLACE: place}))]


def _line(row: dict[str, Any]) -> bytes:
    import json

    # Escaped: a path need not be UTF-8.
    return json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode()


def _writable(path: Path) -> Path:
    """Return the file to replace, its directory created. A link of the user's own is followed."""
    if path.is_symlink() and os.lstat(path).st_uid == os.geteuid():
        path = path.resolve()
    for directory in reversed([each for each in path.parents if not each.exists()]):
        directory.mkdir(0o700, exist_ok=True)
        _give_to_owner_of(directory.parent, directory)
    return path


def _replace(path: Path, lines: list[bytes]) -> None:
    """Replace the file atomically. The caller holds the lock."""
    from dspyreg.backends.local.files import sync_directory

    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with open(fd, "wb") as file:
        os.fchmod(fd, _MODE)
        file.write(b"".join(line + b"\n" for line in lines))
        file.flush()
        os.fsync(fd)
    _give_to_owner_of(path.parent, new)
    new.rename(path)
    sync_directory(path.parent)


def _give_to_owner_of(directory: Path, path: Path) -> None:
    """Give a file that root made in a user's home, by way of sudo, to that user."""
    if os.geteuid() == 0:
        status = directory.stat()
        os.chown(path, status.st_uid, status.st_gid, follow_symlinks=False)
