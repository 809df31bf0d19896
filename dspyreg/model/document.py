"""The document of a version: the immutable blob that says what was registered."""

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any, Final, NamedTuple, Self

from dspyreg.errors import UnsupportedFormat
from dspyreg.model import canonical, moment
from dspyreg.model.digest import Digest
from dspyreg.model.numbers import LARGEST

FORMAT: Final = 1
RUN: Final = "optimizer.json"  # the record of an optimizer's run, beside the state that it made
_NOWHERE: Final = frozenset((*map(chr, range(0x20)), "\x7f", "\\"))
_ELSEWHERE: Final = frozenset(("", ".", ".."))
_LONGEST_PATH = 1024
_LONGEST_SHOWN = 80


class File(NamedTuple):
    """A file of a version: its path with ``/``, the digest of its bytes, its size in bytes."""

    path: str
    digest: Digest
    size: int


def file_path(text: str) -> str:
    """Return the path if it stays inside a directory on every system. Raises ``ValueError``."""
    if not (_ELSEWHERE.isdisjoint(text.split("/")) and _NOWHERE.isdisjoint(text)):
        raise ValueError(f"not a relative path: {text!r}")
    if len(text.encode()) > _LONGEST_PATH:
        raise ValueError(f"a path of more than {_LONGEST_PATH} bytes: {text[:60]!r}…")
    return text


def main_path(paths: Iterable[str]) -> str | None:
    """Return the one file of a version, the record of a run aside; None if there are several."""
    found = list(paths)
    kept = [path for path in found if path != RUN] if len(found) > 1 else found
    return kept[0] if len(kept) == 1 else None


def files_digest(files: tuple[File, ...]) -> Digest:
    """Return the digest of what is in these files, whatever order they came in."""
    return Digest.of(canonical.dumps(sorted([file.path, file.digest] for file in files)))


_LEFT_OUT: Final = ("family", "program_digest", "secrets", "settings", "any_file")
_OPTIONAL: Final = ("contract", *_LEFT_OUT)
_always = itemgetter("author", "time", "metadata", "changelog", "parent", "change_type", "context")


class Document(NamedTuple):
    """What a registration knew; a canonical JSON blob, never written again.

    ``family`` and ``program_digest`` are of the saved state among the files, ``contract`` is what
    goes in and out of it; None where there is none. ``secrets`` says that some were ``redacted``,
    or ``allowed`` to be stored. ``settings`` are those of the live program that DSPy does not
    save; None where they are not known. ``any_file`` says that no program could be read from the
    files, and somebody registered them all the same.
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
        """The blob; what could not be told of the files is left out."""
        told = {"format": FORMAT, **self._asdict()}
        told["files"] = [file._asdict() for file in sorted(self.files)]
        unsaid = {name for name in _LEFT_OUT if told[name] is None}
        return canonical.dumps({key: told[key] for key in told.keys() - unsaid})

    @classmethod
    def read(cls, data: bytes, loads: Callable[[bytes], Any] = canonical.loads) -> Self:
        """Return the document of a blob; unknown members are ignored.

        Raises ``UnsupportedFormat`` for a newer one, ``ValueError`` for anything else.
        """
        told = loads(data)
        if not isinstance(told, dict) or type(told.get("format")) is not int:
            raise ValueError("not a version document")
        if told["format"] != FORMAT:
            raise UnsupportedFormat("version document", str(told["format"]))
        try:
            _require_types(told)
            files = tuple(map(file_of, told["files"]))
            _require_apart(files)
            rest: dict[str, Any] = {name: told.get(name) for name in _OPTIONAL}
            rest["program_digest"] = digest_or_none(rest["program_digest"])
            return cls(told["program"], files, *_always(told), **rest)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a version document: {error}") from error


_TEXTS: Final = ("program", "author", "time")
_TEXTS_OR_NULL: Final = ("changelog", "parent", "change_type", "family", "secrets")
_OBJECTS: Final = ("metadata", "context")


def _require_types(told: dict[str, Any]) -> None:
    """Raise ``KeyError``, ``TypeError`` unless the members of a document are what they must be."""
    for name in _TEXTS:
        if not isinstance(told[name], str):
            raise TypeError(f"its {name} is no text")
    moment.exact(told["time"])
    for name in _TEXTS_OR_NULL:
        if not isinstance(told.get(name), str | None):
            raise TypeError(f"its {name} is no text")
    for name in _OBJECTS:
        if not isinstance(told[name], dict):
            raise TypeError(f"its {name} is no object")
    for name in ("contract", "settings"):
        if not isinstance(told.get(name), dict | None):
            raise TypeError(f"its {name} is no object")
    if not isinstance(told.get("any_file"), bool | None):
        raise TypeError("its any_file is neither true nor false")


def _require_apart(files: tuple[File, ...]) -> None:
    """Raise ``ValueError`` if two files cannot be in one directory."""
    paths = {file.path for file in files}
    if len(paths) < len(files):
        raise ValueError("a path stands there twice")
    above = {path.rpartition("/")[0] for path in paths if "/" in path}
    while above:
        if not above.isdisjoint(paths):
            raise ValueError("a path is a file and a directory")
        above = {path.rpartition("/")[0] for path in above if "/" in path}


def file_of(told: dict[str, Any]) -> File:
    """Return the file that a JSON object tells. Raises ``KeyError``, ``TypeError``,
    ``ValueError``.
    """
    size = told["size"]
    if type(size) is not int or not 0 <= size <= LARGEST:
        raise ValueError(f"a file of {size!r} bytes"[:_LONGEST_SHOWN])
    return File(file_path(told["path"]), Digest.parse(told["digest"]), size)


def digest_or_none(text: str | None) -> Digest | None:
    """Return the digest that a text spells, None for None. Raises ``ValueError``."""
    return None if text is None else Digest.parse(text)


def described(document: Document | None) -> dict[str, Any]:
    """Return the members of a version object that never change; all null if the blob is lost."""
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
