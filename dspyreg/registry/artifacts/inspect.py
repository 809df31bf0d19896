"""The inspection of files before they are registered. Nothing in them is executed."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.inference import inferred
from dspyreg.errors import Refused
from dspyreg.formats import known, pickles, secrets, streams
from dspyreg.formats.document import MAX_BYTES, NotAState, loads
from dspyreg.model.document import RUN
from dspyreg.registry.artifacts.contents import Contents
from dspyreg.registry.artifacts.program_state import saved_states

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from dspyreg.compare.contract import Contract
    from dspyreg.formats.normal import Program
    from dspyreg.formats.secrets import Secret

_MAX_TEXT: Final = 1 << 20
_BLOCK: Final = 1 << 20
_OF_HISTORY: Final = frozenset({"history", "messages", "outputs", "timestamp", "uuid"})
_CLEAR_HISTORY: Final = (
    "prompts and answers of people; lm.history.clear() before saving leaves them out"
)
_MAX_SECRETS: Final = 20  # reported of one file


class Inspection(NamedTuple):
    """The one saved state among the files of a version, secrets by file, and notices.

    ``data`` has the bytes that were read, maybe redacted, to be stored.
    """

    state: Program | None
    data: Contents
    secrets: tuple[tuple[str, Secret], ...]
    notices: tuple[str, ...]

    @property
    def contract(self) -> Contract | None:
        """The contract inferred from the state; None without a state."""
        return None if self.state is None else inferred(self.state)


def inspect(collected: Mapping[str, Path], *, allow_pickle: bool = False) -> Inspection:
    """Read the files to register, as far as possible. Raises ``OSError``.

    Pickles are read as states only with ``allow_pickle``; otherwise only their texts are listed.
    """
    sizes = {name: path.stat().st_size for name, path in collected.items()}
    readable = {name for name, path in collected.items() if _is_readable(path, sizes[name])}
    data = Contents({name: collected[name] for name in collected if name in readable})
    readers = {name: (sizes[name], partial(data.__getitem__, name)) for name in data}
    states = saved_states(readers, allow_pickle=allow_pickle)
    notices = [*([] if allow_pickle else _pickle_advice(data)), *states.notices]
    if len(states.names) > 1:
        notices.append(f"several states ({', '.join(states.names)}): none counts as the program")
    search = _Search(states.unpickled)
    for name, path in collected.items():
        search.look_into(name, path, data.get(name))
    return Inspection(states.only, data, tuple(search.secrets), (*notices, *search.notices))


def _is_readable(path: Path, size: int) -> bool:
    return size <= (MAX_BYTES if _is_state(path.name) else _MAX_TEXT)


def _is_state(name: str) -> bool:
    return known.is_read(name, allow_pickle=True)


def _pickle_advice(data: Mapping[str, bytes]) -> list[str]:
    """Return the notice for a lone pickled state."""
    names = list(islice((name for name in data if name != RUN), 2))
    if len(names) != 1 or not names[0].endswith(known.PICKLES):
        return []
    [name] = names
    return [f"{name} is a pickle and was not read: --allow-pickle reads examples and dates in it"]


class _Search:
    """A search for secrets in files, with its results and notices."""

    def __init__(self, unpickled: Mapping[str, bytes]) -> None:
        self._unpickled = unpickled
        self.secrets: list[tuple[str, Secret]] = []
        self.notices: list[str] = []

    def look_into(self, name: str, path: Path, content: bytes | None) -> None:
        """Search a file. ``content`` is None if it is too large to be read."""
        matches = self._large(name, path) if content is None else self._read(name, content)
        self.secrets += [(name, secret) for secret in islice(matches, _MAX_SECRETS)]

    def _read(self, name: str, content: bytes) -> Iterable[Secret]:
        if known.is_read(name) or name in self._unpickled:
            try:
                return secrets.find(loads(self._unpickled.get(name, content)))
            except NotAState:  # broken JSON may be repaired later, so its keys count too
                return streams.find([content])
        if name.endswith(known.PICKLES):
            return self._pickled(name, content)
        return self._anywhere(name, [content])

    def _pickled(self, name: str, content: bytes) -> Iterable[Secret]:
        """Yield the secrets in the texts of a pickle, and those elsewhere in its bytes."""
        listed: list[Secret] = []
        with suppress(ValueError):
            pickled = pickles.contents(content)
            listed += secrets.find_in_pairs("a text in it", pickled.pairs)
            listed += secrets.find_in_texts("a text in it", pickled.texts)
            if set(pickled.texts) >= _OF_HISTORY:
                history = f"{name} holds the history of a language model: {_CLEAR_HISTORY}"
                self.notices.append(history)
            if pickled.modules:
                self.notices.append(f"loading {name} needs modules: {', '.join(pickled.modules)}")
        reported = {secret.masked for secret in listed}
        yield from dict.fromkeys(listed)
        for secret in self._anywhere(name, [content]):
            if secret.masked not in reported:
                yield secret

    def _large(self, name: str, path: Path) -> Iterator[Secret]:
        if _is_state(name):
            self.notices.append(f"{name} is above 64 MiB: it was searched for keys, but not read")
        with path.open("rb") as file:
            first = file.read(_BLOCK)
            size = path.stat().st_size
            if size > MAX_BYTES and b"\0" in first:
                self.notices.append(
                    f"{name} is above 64 MiB and not text: "
                    "only its first and last MiB were searched for keys"
                )
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
            self.notices.append(f"{name} is an archive: only a part of it was searched for keys")


def secrets_in(path: Path) -> list[Secret]:
    """Return the secrets of one file of any kind. Raises ``OSError``."""
    return [secret for _, secret in inspect({path.name: path}).secrets]


def redacted(inspection: Inspection) -> Inspection:
    """Return an inspection with every state rewritten without its secrets.

    Raises ``Refused`` for a secret in any other file: its removal would break the file.
    """
    names = dict.fromkeys(name for name, _ in inspection.secrets)
    data = inspection.data.replaced(
        {name: _without_secrets(name, inspection.data.get(name)) for name in names}
    )
    notice = f"redacted: {', '.join(names)}"
    return inspection._replace(
        data=data, secrets=(), notices=(*inspection.notices, notice) if names else ()
    )


def _without_secrets(name: str, content: bytes | None) -> bytes:
    try:
        state: Any = loads(content) if content and name.endswith(known.STATES) else None
    except NotAState:
        state = None
    if state is None:
        if content is None:
            raise Refused("secret-in-large-file", path=name)
        raise Refused("secret-in-other-file", path=name)
    return (json.dumps(secrets.redacted(state), ensure_ascii=False, indent=2) + "\n").encode()
