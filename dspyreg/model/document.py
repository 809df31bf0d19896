"""The document of a version: the immutable blob that describes a registration."""

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any, Final, NamedTuple, Self

from dspyreg.errors import UnsupportedFormat
from dspyreg.model import canonical, moment
from dspyreg.model.digest import Digest
from dspyreg.model.numbers import LARGEST

FORMAT: Final = 1
RUN: Final = "optimizer.json"  # the record of an optimizer's run, beside the state that it made
_FORBIDDEN_CHARS: Final = frozenset((*map(chr, range(0x20)), "\x7f", "\\"))
_FORBIDDEN_PARTS: Final = frozenset(("", ".", ".."))
_LONGEST_PATH = 1024
_LONGEST_SHOWN = 80


class File(NamedTuple):
    """A file of a version: its path with ``/``, the digest of its bytes, its size in bytes."""

    path: str
    digest: Digest
    size: int


def file_path(text: str) -> str:
    """Return a path that stays inside its directory on every system. Raises ``ValueError``."""
    if not (_FORBIDDEN_PARTS.isdisjoint(text.split("/")) and _FORBIDDEN_CHARS.isdisjoint(text)):
        raise ValueError(f"not a relative path: {text!r}")
    if len(text.encode()) > _LONGEST_PATH:
        raise ValueError(f"a path of more than {_LONGEST_PATH} bytes: {text[:60]!r}…")
    return text


def main_path(paths: Iterable[str]) -> str | None:
    """Return the only file of a version, besides the record of a run; None for several files."""
    every = list(paths)
    files = [path for path in every if path != RUN] if len(every) > 1 else every
    return files[0] if len(files) == 1 else None


def files_digest(files: tuple[File, ...]) -> Digest:
    """Return the digest of the content of files, in any order."""
    return Digest.of(canonical.dumps(sorted([file.path, file.digest] for file in files)))


_LEFT_OUT: Final = ("family", "program_digest", "secrets", "settings", "any_file")
_OPTIONAL: Final = ("contract", *_LEFT_OUT)
_members_of = itemgetter(
    "author", "time", "metadata", "changelog", "parent", "change_type", "context"
)


class Document(NamedTuple):
    """The facts of a registration: a canonical JSON blob that never changes.

    ``family``, ``program_digest`` and ``contract`` are those of the saved state among the files,
    None without one. ``secrets`` is ``redacted``, or ``allowed`` if some are stored. ``settings``
    are those of the live program that DSPy does not save, None if they are not known. ``any_file``
    is true if no program can be read from the files and they were registered on purpose.
    """

    program: str
    files: tuple[File, ...]
    author: str
    time: str
    metadata: dict[str, Any]
    changelog: str | None
    parent: str | None
    change_type: str | None
    context: dict[str, Any]
    contract: Any = None
    family: str | None = None
    program_digest: Digest | None = None
    secrets: str | None = None
    settings: dict[str, Any] | None = None
    any_file: bool | None = None

    def to_bytes(self) -> bytes:
        """Return the blob; optional members without a value are left out."""
        members = {"format": FORMAT, **self._asdict()}
        members["files"] = [file._asdict() for file in sorted(self.files)]
        empty = {name for name in _LEFT_OUT if members[name] is None}
        return canonical.dumps({key: members[key] for key in members.keys() - empty})

    @classmethod
    def read(cls, data: bytes, loads: Callable[[bytes], Any] = canonical.loads) -> Self:
        """Return the document of a blob; unknown members are ignored.

        Raises ``UnsupportedFormat`` for a newer one, ``ValueError`` for anything else.
        """
        members = loads(data)
        if not isinstance(members, dict) or type(members.get("format")) is not int:
            raise ValueError("not a version document")
        if members["format"] != FORMAT:
            raise UnsupportedFormat("version document", str(members["format"]))
        try:
            _require_types(members)
            files = tuple(map(file_of, members["files"]))
            _require_distinct(files)
            rest: dict[str, Any] = {name: members.get(name) for name in _OPTIONAL}
            rest["program_digest"] = digest_or_none(rest["program_digest"])
            return cls(members["program"], files, *_members_of(members), **rest)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a version document: {error}") from error


_TEXTS: Final = ("program", "author", "time")
_TEXTS_OR_NULL: Final = ("changelog", "parent", "change_type", "family", "secrets")
_OBJECTS: Final = ("metadata", "context")


def _require_types(members: dict[str, Any]) -> None:
    """Raise ``KeyError`` or ``TypeError`` unless all members have their types."""
    for name in _TEXTS:
        if not isinstance(members[name], str):
            raise TypeError(f"its {name} is no text")
    moment.exact(members["time"])
    for name in _TEXTS_OR_NULL:
        if not isinstance(members.get(name), str | None):
            raise TypeError(f"its {name} is no text")
    for name in _OBJECTS:
        if not isinstance(members[name], dict):
            raise TypeError(f"its {name} is no object")
    for name in ("contract", "settings"):
        if not isinstance(members.get(name), dict | None):
            raise TypeError(f"its {name} is no object")
    if not isinstance(members.get("any_file"), bool | None):
        raise TypeError("its any_file is neither true nor false")


def _require_distinct(files: tuple[File, ...]) -> None:
    """Raise ``ValueError`` if two files cannot be in one directory."""
    paths = {file.path for file in files}
    if len(paths) < len(files):
        raise ValueError("two files have the same path")
    above = {path.rpartition("/")[0] for path in paths if "/" in path}
    while above:
        if not above.isdisjoint(paths):
            raise ValueError("a path is a file and a directory")
        above = {path.rpartition("/")[0] for path in above if "/" in path}


def file_of(members: dict[str, Any]) -> File:
    """Return the file of a JSON object. Raises ``KeyError``, ``TypeError``, ``ValueError``."""
    size = members["size"]
    if type(size) is not int or not 0 <= size <= LARGEST:
        raise ValueError(f"a file of {size!r} bytes"[:_LONGEST_SHOWN])
    return File(file_path(members["path"]), Digest.parse(members["digest"]), size)


def digest_or_none(text: str | None) -> Digest | None:
    """Return the digest of a text, None for None. Raises ``ValueError``."""
    return None if text is None else Digest.parse(text)


def described(document: Document | None) -> dict[str, Any]:
    """Return the constant members of a version object; all are null if the blob is lost."""
    if document is None:
        return {**dict.fromkeys(_FIXED), "metadata": {}, "files": [], "context": {}}
    automatic = {"previous_version": document.parent, "change_type": document.change_type}
    return {
        "files_digest": files_digest(document.files),
        "program_digest": document.program_digest,
        "format": document.family,
        "created_at": document.time,
        "created_by": document.author,
        "metadata": {**automatic, **document.metadata},
        "changelog": document.changelog,
        **automatic,
        "files": [file._asdict() for file in document.files],
        "contract": document.contract,
        "settings": document.settings,
        "context": document.context,
    }


_FIXED = (
    "files_digest",
    "program_digest",
    "format",
    "created_at",
    "created_by",
    "changelog",
    "previous_version",
    "change_type",
    "contract",
    "settings",
)
