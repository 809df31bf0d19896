"""What is about to be registered, as far as it can be told without executing anything."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.bump import Side
from dspyreg.compare.contract import INFERRED, Contract, inferred
from dspyreg.errors import Refused
from dspyreg.formats import pickles, secrets
from dspyreg.formats.document import LARGEST, NotAState, loads
from dspyreg.formats.known import read
from dspyreg.store.objects import read as read_blob

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dspyreg.backends.interface import Readable
    from dspyreg.formats.normal import Program
    from dspyreg.formats.secrets import Secret
    from dspyreg.model.version import Document

STATE: Final = (".json",)
PICKLES: Final = (".pkl", ".pickle")
_LARGEST_TEXT: Final = 1 << 20


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


def understand(collected: Mapping[str, Path]) -> Understood:
    """Read what can be read of the files that somebody wants to register. Raises ``OSError``."""
    data = {name: path.read_bytes() for name, path in collected.items() if _is_readable(path)}
    states = dict(_states(data))
    large = [name for name, path in collected.items() if _is_large_state(path)]
    notices = [f"{name} is above 64 MiB: its keys were not looked at" for name in large]
    if len(states) > 1:
        notices.append(f"several states ({', '.join(states)}): none was taken for the program")
    found = tuple(pair for name in data for pair in _secrets(name, data[name]))
    state = next(iter(states.values())) if len(states) == 1 else None
    return Understood(state, data, found, tuple(notices))


def _is_readable(path: Path) -> bool:
    size = path.stat().st_size
    if path.suffix in (*STATE, *PICKLES):
        return size <= LARGEST
    return size <= _LARGEST_TEXT


def _is_large_state(path: Path) -> bool:
    return path.suffix in (*STATE, *PICKLES) and not _is_readable(path)


def _states(data: Mapping[str, bytes]) -> Iterator[tuple[str, Program]]:
    for name, content in data.items():
        if name.endswith(STATE):
            try:
                yield name, read(content)
            except NotAState:
                continue


def _secrets(name: str, content: bytes) -> Iterator[tuple[str, Secret]]:
    if name.endswith(PICKLES):
        try:
            texts = pickles.contents(content).texts
        except ValueError:
            texts = ()
        found = secrets.find_in_texts("a text in it", texts)
    else:
        found = _in_text(name, content)
    yield from ((name, secret) for secret in found)


def _in_text(name: str, content: bytes) -> list[Secret]:
    if name.endswith(STATE):
        try:
            return secrets.find(loads(content))
        except NotAState:
            pass
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError:
        return []
    return [
        secret
        for nth, line in enumerate(lines, start=1)
        for secret in secrets.find_in_texts(f"line {nth}", [line])
    ]


def side_of(state: Program | None, contract: Any) -> Side | None:
    """Return one side of a comparison; None where neither state nor contract is known."""
    if contract is not None:
        told = Contract.from_json(contract)
    elif state is not None:
        told = inferred(state)
    else:
        return None
    return Side(told, state, state.versions.get("dspy") if state else None)


def side_of_version(blobs: Readable, document: Document) -> Side | None:
    """Return the side of a version that is registered. Raises ``Corrupt``."""
    states = []
    for file in document.files:
        if file.path.endswith(STATE) and file.size <= LARGEST:
            with suppress(NotAState):
                states.append(read(read_blob(blobs, file.digest)))
    state = states[0] if len(states) == 1 else None
    told = document.contract
    if state is not None and told is not None and told["knowledge"] == INFERRED:
        told = None  # what can be inferred today may be more
    return side_of(state, told)


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
        data[name] = _without_secrets(name, data[name])
    notice = f"redacted: {', '.join(names)}"
    return understood._replace(
        data=data, secrets=(), notices=(*understood.notices, notice) if names else ()
    )


def _without_secrets(name: str, content: bytes) -> bytes:
    try:
        state: Any = loads(content) if name.endswith(STATE) else None
    except NotAState:
        state = None
    if state is None:
        raise Refused(
            f"{name} holds a secret and is no JSON state, so it cannot be redacted",
            hint="take it out yourself, or use --allow-secrets",
        )
    return (json.dumps(secrets.redacted(state), ensure_ascii=False, indent=2) + "\n").encode()
