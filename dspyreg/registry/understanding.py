"""What is about to be registered, as far as it can be told without executing anything."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.contract import inferred
from dspyreg.errors import Refused
from dspyreg.formats import known, pickles, secrets
from dspyreg.formats.document import LARGEST, Broken, NotAState, loads

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from dspyreg.compare.contract import Contract
    from dspyreg.formats.normal import Program
    from dspyreg.formats.secrets import Secret

_LARGEST_TEXT: Final = 1 << 20
_BLOCK: Final = 1 << 20
_MOST: Final = 20  # secrets that are told of one large file


class Understood(NamedTuple):
    """What the files of a version tell: the one saved state among them, secrets by file, and
    notices. ``data`` are the bytes that were read, and may have been changed, to be stored.
    """

    state: Program | None
    data: Mapping[str, bytes]
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
    data = {name: path.read_bytes() for name, path in collected.items() if _is_readable(path)}
    unpickled, notices = _unpickled(data) if allow_pickle else ({}, _not_asked(data))
    texts = {name: content for name, content in data.items() if known.is_read(name)}
    states, broken = _states({**texts, **unpickled})
    notices += broken
    large = {name: path for name, path in collected.items() if _is_large_state(path)}
    if len(states) > 1:
        notices.append(f"several states ({', '.join(states)}): none was taken for the program")
    found = [(name, secret) for name in data for secret in _secrets(name, data[name], unpickled)]
    for name, path in large.items():
        notices.append(f"{name} is above 64 MiB: it was searched for keys, and not read")
        found += [(name, secret) for secret in _in_large(path)]
    state = next(iter(states.values())) if len(states) == 1 else None
    return Understood(state, data, tuple(found), tuple(notices))


def _is_readable(path: Path) -> bool:
    size = path.stat().st_size
    return size <= (LARGEST if _is_state(path.name) else _LARGEST_TEXT)


def _is_large_state(path: Path) -> bool:
    return _is_state(path.name) and not _is_readable(path)


def _is_state(name: str) -> bool:
    return known.is_read(name, allow_pickle=True)


def _unpickled(data: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[str]]:
    """The pickles as JSON, those that can be, and why the others cannot."""
    found, notices = {}, []
    for name, content in data.items():
        if name.endswith(known.PICKLES):
            try:
                found[name] = known.as_json(name, content)
            except NotAState as error:
                notices.append(f"{name} was not read: {error}")
    return found, notices


def _not_asked(data: Mapping[str, bytes]) -> list[str]:
    """What to ask for where there is nothing but a pickled state."""
    [name, *others] = data or [""]
    if others or not name.endswith(known.PICKLES):
        return []
    return [f"{name} is a pickle and was not read: --allow-pickle reads examples and dates in it"]


def _states(data: Mapping[str, bytes]) -> tuple[dict[str, Program], list[str]]:
    """The states among JSON files, and why some are no JSON."""
    states, notices = {}, []
    for name, content in data.items():
        try:
            states[name] = known.read(content)
        except Broken as error:
            notices.append(f"{name} was not read: {error}")
        except NotAState:
            continue
    return states, notices


def _in_large(path: Path) -> list[Secret]:
    with path.open("rb") as file:
        return _in_blocks(iter(lambda: file.read(_BLOCK), b""))


def _in_blocks(blocks: Iterable[bytes]) -> list[Secret]:
    from dspyreg.formats import streams

    return list(islice(streams.find(blocks), _MOST))


def _secrets(name: str, content: bytes, unpickled: Mapping[str, bytes]) -> list[Secret]:
    if known.is_read(name) or name in unpickled:
        try:
            return secrets.find(loads(unpickled.get(name, content)))
        except NotAState:  # somebody may mend it
            return _in_blocks([content])
    if name.endswith(known.PICKLES):
        try:
            listed = pickles.contents(content)
        except ValueError:
            pass
        else:
            named = secrets.find_in_pairs("a text in it", listed.pairs)
            return [*named, *secrets.find_in_texts("a text in it", listed.texts)]
    return _in_text(content)


def _in_text(content: bytes) -> list[Secret]:
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError:
        return []
    return [
        secret
        for nth, line in enumerate(lines, start=1)
        for secret in secrets.find_in_texts(f"line {nth}", [line])
    ]


def require_clean(understood: Understood) -> None:
    """Raise ``Refused``, naming every place, if secrets are about to be stored."""
    if understood.secrets:
        raise Refused(
            "there are secrets in it",
            failures=tuple(told(name, secret) for name, secret in understood.secrets),
            hint="--redact stores the state without them, --allow-secrets stores it as it is",
        )


def told(name: str, secret: Secret) -> str:
    """Return where a secret is, with its value masked."""
    return f"{name}: {secret.where}: {secret.what}: {secret.masked}"


def redacted(understood: Understood) -> Understood:
    """Return the same with every state rewritten without its secrets.

    Raises ``Refused`` where a secret stands in a file that is no state: it cannot be taken out
    without breaking the file.
    """
    names = dict.fromkeys(name for name, _ in understood.secrets)
    data = dict(understood.data)
    for name in names:
        data[name] = _without_secrets(name, data.get(name))
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
