"""What is about to be registered, as far as it can be told without executing anything."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.inference import inferred
from dspyreg.errors import Refused
from dspyreg.formats import known, pickles, secrets, streams
from dspyreg.formats.document import MAX_BYTES, NotAState, NotJson, loads
from dspyreg.model.document import RUN
from dspyreg.registry.artifacts.contents import Contents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from dspyreg.compare.contract import Contract
    from dspyreg.formats.normal import Program
    from dspyreg.formats.secrets import Secret

_LARGEST_TEXT: Final = 1 << 20
_BLOCK: Final = 1 << 20
_OF_HISTORY: Final = frozenset({"history", "messages", "outputs", "timestamp", "uuid"})
_EMPTY_IT: Final = "prompts and answers of people; lm.history.clear() before saving leaves them out"
_MOST: Final = 20  # secrets that are told of one large file


class Understood(NamedTuple):
    """What the files of a version tell: the one saved state among them, secrets by file, and
    notices. ``data`` are the bytes that were read, and may have been changed, to be stored.
    """

    state: Program | None
    data: Contents
    secrets: tuple[tuple[str, Secret], ...]
    notices: tuple[str, ...]

    @property
    def contract(self) -> Contract | None:
        """The contract that the state alone tells; None without a state."""
        return None if self.state is None else inferred(self.state)


def understand(collected: Mapping[str, Path], *, allow_pickle: bool = False) -> Understood:
    """Read what can be read of the files that somebody wants to register. Raises ``OSError``.

    Pickles only ``allow_pickle`` makes states; else their texts are listed, and nothing more.
    """
    data = Contents({name: path for name, path in collected.items() if _is_readable(path)})
    unpickled, notices = _unpickled(data) if allow_pickle else ({}, _not_asked(data))
    states, broken = _states({**dict.fromkeys(filter(known.is_read, data)), **unpickled}, data)
    notices += broken
    if len(states) > 1:
        notices.append(f"several states ({', '.join(states)}): none was taken for the program")
    search = _Search(unpickled)
    for name, path in collected.items():
        search.look_into(name, path, data.get(name))
    state = next(iter(states.values())) if len(states) == 1 else None
    return Understood(state, data, tuple(search.found), (*notices, *search.notices))


def _is_readable(path: Path) -> bool:
    size = path.stat().st_size
    return size <= (MAX_BYTES if _is_state(path.name) else _LARGEST_TEXT)


def _is_state(name: str) -> bool:
    return known.is_read(name, allow_pickle=True)


def _unpickled(data: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[str]]:
    """The pickles as JSON, those that can be, and why the others cannot."""
    found, notices = {}, []
    for name in data:
        if name.endswith(known.PICKLES):
            try:
                found[name] = known.as_json(name, data[name])
            except NotAState as error:
                notices.append(f"{name} was not read: {error}")
    return found, notices


def _not_asked(data: Mapping[str, bytes]) -> list[str]:
    """What to ask for where there is nothing but a pickled state."""
    names = list(islice((name for name in data if name != RUN), 2))
    if len(names) != 1 or not names[0].endswith(known.PICKLES):
        return []
    [name] = names
    return [f"{name} is a pickle and was not read: --allow-pickle reads examples and dates in it"]


def _states(
    named: Mapping[str, bytes | None], data: Mapping[str, bytes]
) -> tuple[dict[str, Program | None], list[str]]:
    """The states among JSON files, and why some are no JSON. What has no bytes of its own is read;
    only of the first is the state kept, for of several none is taken.
    """
    states, notices = dict[str, "Program | None"](), []
    for name, content in named.items():
        try:
            state = known.read(data[name] if content is None else content)
            states[name] = None if states else state
        except NotJson as error:
            notices.append(f"{name} was not read: {error}")
        except NotAState:
            continue
    return states, notices


class _Search:
    """Looks for secrets in files, and keeps what it found and what is worth knowing."""

    def __init__(self, unpickled: Mapping[str, bytes]) -> None:
        self._unpickled = unpickled
        self.found: list[tuple[str, Secret]] = []
        self.notices: list[str] = []

    def look_into(self, name: str, path: Path, content: bytes | None) -> None:
        """Look into a file, whose ``content`` is None if it was too large to be read."""
        found = self._large(name, path) if content is None else self._read(name, content)
        self.found += [(name, secret) for secret in islice(found, _MOST)]

    def _read(self, name: str, content: bytes) -> Iterable[Secret]:
        if known.is_read(name) or name in self._unpickled:
            try:
                return secrets.find(loads(self._unpickled.get(name, content)))
            except NotAState:  # somebody may mend it
                return streams.find([content])
        if name.endswith(known.PICKLES):
            return self._pickled(name, content)
        return self._anywhere(name, [content])

    def _pickled(self, name: str, content: bytes) -> Iterable[Secret]:
        """What is listed in a pickle, and what stands in its bytes besides."""
        listed: list[Secret] = []
        with suppress(ValueError):
            told = pickles.contents(content)
            listed += secrets.find_in_pairs("a text in it", told.pairs)
            listed += secrets.find_in_texts("a text in it", told.texts)
            if set(told.texts) >= _OF_HISTORY:
                self.notices.append(f"{name} holds the history of a language model: {_EMPTY_IT}")
            if told.modules:
                self.notices.append(f"loading {name} needs modules: {', '.join(told.modules)}")
        known_already = {secret.masked for secret in listed}
        yield from dict.fromkeys(listed)
        for secret in self._anywhere(name, [content]):
            if secret.masked not in known_already:
                yield secret

    def _large(self, name: str, path: Path) -> Iterator[Secret]:
        if _is_state(name):
            self.notices.append(f"{name} is above 64 MiB: it was searched for keys, and not read")
        with path.open("rb") as file:
            first = file.read(_BLOCK)
            size = path.stat().st_size
            if size > MAX_BYTES and b"\0" in first:
                told = (
                    f"{name} is above 64 MiB and no text: only its first and last MiB were searched"
                )
                self.notices.append(f"{told} for keys")
                yield from self._anywhere(name, [first])
                file.seek(size - _BLOCK)
                yield from self._anywhere(name, [file.read(_BLOCK)])
                return
            blocks = chain([first], iter(lambda: file.read(_BLOCK), b""))
            yield from streams.find(blocks) if known.is_read(name) else self._anywhere(name, blocks)

    def _anywhere(self, name: str, blocks: Iterable[bytes]) -> Iterator[Secret]:
        search = streams.Search()
        yield from search.through(blocks)
        if search.is_cut:
            self.notices.append(f"{name} is packed: only a part of it was searched for keys")


def secrets_in(path: Path) -> list[Secret]:
    """Return the secrets of one file of any kind. Raises ``OSError``."""
    return [secret for _, secret in understand({path.name: path}).secrets]


def redacted(understood: Understood) -> Understood:
    """Return the same with every state rewritten without its secrets.

    Raises ``Refused`` where a secret stands in a file that is no state: it cannot be taken out
    without breaking the file.
    """
    names = dict.fromkeys(name for name, _ in understood.secrets)
    data = understood.data.replaced(
        {name: _without_secrets(name, understood.data.get(name)) for name in names}
    )
    notice = f"redacted: {', '.join(names)}"
    return understood._replace(
        data=data, secrets=(), notices=(*understood.notices, notice) if names else ()
    )


def _without_secrets(name: str, content: bytes | None) -> bytes:
    try:
        state: Any = loads(content) if content and name.endswith(known.STATES) else None
    except NotAState:
        state = None
    if state is None:
        why = "is above 64 MiB" if content is None else "is no JSON state"
        raise Refused(
            f"{name} holds a secret and {why}, so it cannot be redacted",
            hint="take it out yourself, or use --allow-secrets",
        )
    return (json.dumps(secrets.redacted(state), ensure_ascii=False, indent=2) + "\n").encode()
