"""Blobs that nobody can need any more, and their removal (docs/reference/format.md, "gc")."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.errors import Corrupt
from dspyreg.model import canonical, names
from dspyreg.model.digest import Digest
from dspyreg.model.entry import Entry
from dspyreg.store import queries
from dspyreg.store.objects import read_document, read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import timedelta

    from dspyreg.backends.interface import Blobs
    from dspyreg.model.entry import Intent
    from dspyreg.store.log import Log

OPERATION: Final = "gc"
FORMAT: Final = 1


class Swept(NamedTuple):
    """The result of a run: the blobs that it deleted, or would delete, their size in bytes, and the
    number of blobs that stay. A notice tells of an earlier run that it continues, which had the
    same operation id.
    """

    deleted: tuple[Digest, ...]
    bytes: int
    kept: int
    dry_run: bool
    notices: tuple[str, ...] = ()


class References(NamedTuple):
    """The blobs that a log names: those of entries themselves, which stay for ever; version
    documents with the time of the newest entry that changes their version; the lists of gc.
    """

    forever: set[Digest]
    documents: dict[Digest, str]
    lists: list[Digest]


def references(entries: Iterable[Entry | Intent]) -> References:
    """Return the blobs that entries name."""
    named = References(set(), {}, [])
    for entry in entries:
        blobs = set(_blobs_in([entry.reason, entry.evidence]))
        if entry.operation == OPERATION:
            named.lists.extend(blobs)
        named.forever.update(blobs)
        for name, old, new in entry.changes:  # those that make sense
            for value in (old, new):
                _note(named, entry, name, value)
    return named


def _note(named: References, entry: Entry | Intent, name: str, value: Any) -> None:
    if value is None:
        return
    if name.startswith("versions/"):
        document = Digest.parse(value["document"])
        named.documents[document] = max(named.documents.get(document, ""), entry.time)
    elif name == names.CONFIG:
        named.forever.update(_digests_in(value.values()))
    else:
        named.forever.update(_blobs_in([value]))


def _digests_in(values: Iterable[Any]) -> Iterator[Digest]:
    for value in values:
        with suppress(ValueError):  # a member that a later version added
            yield Digest.parse(value)


def _blobs_in(values: list[Any]) -> Iterator[Digest]:
    for each in canonical.walk(values):
        if isinstance(each, dict):
            yield from _digests_in([each.get("blob")])


def needed(log: Log, blobs: Blobs, since: str) -> set[Digest]:
    """Return the blobs that must stay: those of versions that exist, of versions that an undo of an
    entry since a time would restore, and all that entries name themselves.
    """
    named = references(map(Entry.read, log.all_lines()))
    with log.reading():
        documents = queries.documents(log.settled())
    documents |= {document for document, time in named.documents.items() if time >= since}
    return named.forever | documents | _files_of(blobs, documents)


def named_by(blobs: Blobs, entries: Iterable[Entry | Intent]) -> set[Digest]:
    """Return every blob that entries name, and the files of the versions among them."""
    named = references(entries)
    return named.forever | named.documents.keys() | _files_of(blobs, named.documents)


def required(blobs: Blobs, intent: Intent) -> set[Digest]:
    """Return the blobs that must be there when an intent is appended. Those of values that it
    removes may be lost already.
    """
    ahead = tuple(change._replace(old=None) for change in intent.changes)
    return named_by(blobs, [intent._replace(changes=ahead)])


def _files_of(blobs: Blobs, documents: Iterable[Digest]) -> set[Digest]:
    files: set[Digest] = set()
    for document in documents:
        if blobs.stat(document) is not None:
            files.update(file.digest for file in read_document(blobs, document).files)
    return files


def candidates(blobs: Blobs, keep: set[Digest], grace: timedelta) -> dict[Digest, int]:
    """Return the blobs that may be deleted, with their sizes in bytes."""
    return {
        digest: size for digest, size, age in blobs.list() if digest not in keep and age >= grace
    }


def list_of(digests: Iterable[Digest]) -> bytes:
    """Return the blob that lists what a run may delete."""
    return canonical.dumps({"format": FORMAT, "digests": sorted(digests)})


def collected_at(log: Log, blobs: Blobs, digest: Digest) -> str | None:
    """Return the time of the newest run that was allowed to delete a blob; None if none was."""
    with log.reading():
        log.refresh()  # a run may have come since
        runs = queries.rows_by_operation(log.settled(), OPERATION)
        entries = log.entries([row.seq for row in runs])
    for entry in entries:
        with suppress(Corrupt):
            if digest in collected(blobs, _blobs_in([entry.evidence])):
                return entry.time
    return None


def lists_of(entry: Entry) -> Iterator[Digest]:
    """Yield the digest of the list that an entry of gc names."""
    return _blobs_in([entry.evidence])


def collected(blobs: Blobs, lists: Iterable[Digest]) -> set[Digest]:
    """Return the digests that gc was ever allowed to delete. Raises ``Corrupt``."""
    digests: set[Digest] = set()
    for each in lists:
        try:
            digests.update(Digest.parse(text) for text in read_json(blobs, each)["digests"])
        except (KeyError, TypeError, ValueError) as error:
            raise Corrupt(f"blob {each}", "gc-list-invalid") from error
    return digests
