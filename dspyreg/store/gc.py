"""Which blobs nobody can need any more, and their removal (docs/reference/format.md, "gc")."""

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
    """What a run deleted, or would delete: digests, and how many bytes; how many blobs stay. A
    notice says so if the run goes on with one before it, which had the same operation id.
    """

    deleted: tuple[Digest, ...]
    bytes: int
    kept: int
    dry_run: bool
    notices: tuple[str, ...] = ()


class References(NamedTuple):
    """What the log speaks of: blobs that entries name themselves, which stay for ever; version
    documents with the time of the newest entry that changes their version; gc's own lists.
    """

    forever: set[Digest]
    documents: dict[Digest, str]
    lists: list[Digest]


def references(entries: Iterable[Entry | Intent]) -> References:
    """Return the blobs that entries speak of."""
    found = References(set(), {}, [])
    for entry in entries:
        named = set(_blobs_in([entry.reason, entry.evidence]))
        if entry.operation == OPERATION:
            found.lists.extend(named)
        found.forever.update(named)
        for name, old, new in entry.changes:  # those that make sense
            for value in (old, new):
                _note(found, entry, name, value)
    return found


def _note(found: References, entry: Entry | Intent, name: str, value: Any) -> None:
    if value is None:
        return
    if name.startswith("versions/"):
        document = Digest.parse(value["document"])
        found.documents[document] = max(found.documents.get(document, ""), entry.time)
    elif name == names.CONFIG:
        found.forever.update(_digests_in(value.values()))
    else:
        found.forever.update(_blobs_in([value]))


def _digests_in(values: Iterable[Any]) -> Iterator[Digest]:
    for value in values:
        with suppress(ValueError):  # a member of tomorrow
            yield Digest.parse(value)


def _blobs_in(values: list[Any]) -> Iterator[Digest]:
    for each in canonical.walk(values):
        if isinstance(each, dict):
            yield from _digests_in([each.get("blob")])


def needed(log: Log, blobs: Blobs, since: str) -> set[Digest]:
    """Return the blobs that must stay: of versions that exist, or that an entry since a time can
    bring back, and all that entries name themselves.
    """
    told = references(map(Entry.read, log.all_lines()))
    with log.reading():
        documents = queries.documents(log.settled())
    documents |= {document for document, time in told.documents.items() if time >= since}
    return told.forever | documents | _files_of(blobs, documents)


def spoken_of(blobs: Blobs, entries: Iterable[Entry | Intent]) -> set[Digest]:
    """Return every blob that entries name, and the files of the versions among them."""
    told = references(entries)
    return told.forever | told.documents.keys() | _files_of(blobs, told.documents)


def required(blobs: Blobs, intent: Intent) -> set[Digest]:
    """Return the blobs that must be there when an intent is appended: what it takes away may be
    lost already.
    """
    ahead = tuple(change._replace(old=None) for change in intent.changes)
    return spoken_of(blobs, [intent._replace(changes=ahead)])


def _files_of(blobs: Blobs, documents: Iterable[Digest]) -> set[Digest]:
    files: set[Digest] = set()
    for document in documents:
        if blobs.stat(document) is not None:
            files.update(file.digest for file in read_document(blobs, document).files)
    return files


def candidates(blobs: Blobs, keep: set[Digest], grace: timedelta) -> dict[Digest, int]:
    """Return the blobs that may go, with their sizes in bytes."""
    return {
        digest: size for digest, size, age in blobs.list() if digest not in keep and age >= grace
    }


def list_of(digests: Iterable[Digest]) -> bytes:
    """Return the blob that says what a run may delete."""
    return canonical.dumps({"format": FORMAT, "digests": sorted(digests)})


def collected_at(log: Log, blobs: Blobs, digest: Digest) -> str | None:
    """Return the time of the newest run that was allowed to delete a blob, None if none was."""
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
    found: set[Digest] = set()
    for each in lists:
        try:
            found.update(Digest.parse(text) for text in read_json(blobs, each)["digests"])
        except (KeyError, TypeError, ValueError) as error:
            raise Corrupt(f"blob {each}", "it is no list of gc's") from error
    return found
