"""Search for keys and passwords in states and texts, and their replacement."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.formats.detectors import REDACTED, spans, value_of
from dspyreg.formats.secret_values import is_reference, is_value, strength

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Path = tuple[Any, ...]

_NAMED: Final = re.compile(
    r"(^|_)(api_?keys?|key|secrets?|token|passwords?|passwd|credentials?|authorization|headers?)($|_)",
    re.IGNORECASE,
)
_HARMLESS: Final = re.compile(
    r"^(max_|num_|n_|top_|cache_)|tokens$|_key_(names?|id_field)$", re.IGNORECASE
)
_NAME_MEMBERS: Final = ("name", "key", "variable", "header", "field")
_VALUE_MEMBERS: Final = ("value", "val", "default")
_ROUNDS: Final = 4  # the text around a removed secret may itself look like one


class Secret(NamedTuple):
    """Something that looks like a secret: its location, what it looks like, its masked value.

    ``location`` is a path in a state, a line of a text or a byte of any other file.
    """

    location: str
    what: str
    masked: str


class _Match(NamedTuple):
    """A secret in a state: its path, what it looks like, and its value.

    It is a complete value if ``named``, and a key of an object if ``key``.
    """

    path: Path
    what: str
    value: str
    named: bool = False
    key: bool = False


def find(state: Any) -> list[Secret]:
    """Return the secrets of a state.

    They are found by key in the settings of a language model, by key and plausible value
    elsewhere, and by shape everywhere.
    """
    return [Secret(_shown(each), each.what, mask(each.value)) for each in _matches(state)]


def find_in_texts(location: str, texts: Iterable[str]) -> list[Secret]:
    """Return the secrets among texts without a context, such as those of a pickle."""
    return [
        Secret(location, each.what, mask(_plain(each.value)))
        for text in texts
        for each in spans(_bytes(text))
    ]


def find_in_lines(text: str) -> list[Secret]:
    """Return the secrets of a text, each with the number of its line."""
    data = _bytes(text)
    secrets: list[Secret] = []
    line, at = 1, 0
    for each in spans(data):
        line, at = line + data.count(b"\n", at, each.start), each.start
        secrets.append(Secret(f"line {line}", each.what, mask(_plain(each.value))))
    return secrets


def find_in_pairs(location: str, pairs: Iterable[tuple[str, str]]) -> list[Secret]:
    """Return the secrets among pairs of texts that may be keys and values, or unrelated."""
    return [
        Secret(location, f"the text after `{key}`", mask(value))
        for key, value in pairs
        if strength(key) and is_value(key, _bytes(value), quoted=True)
    ]


def mask(value: str) -> str:
    """Return enough of a secret to recognise it by, and no more."""
    return f"{value[:4]}…({len(value)} characters)" if len(value) > 8 else "…"


def redacted(state: Any) -> Any:
    """Return a state with every secret replaced."""
    for _ in range(_ROUNDS):
        matches = _matches(state)
        if not matches:
            break
        named = {each.path for each in matches if each.named}
        state = _without(state, (), named)
    return state


def without(text: str, replacement: str = REDACTED) -> str:
    """Return a text with every secret in it replaced."""
    return _plain(blanked(_bytes(text), replacement.encode()))


def blanked(data: bytes, replacement: bytes = REDACTED.encode()) -> bytes:
    """Return some bytes with every secret in them replaced."""
    for _ in range(_ROUNDS):
        secrets = spans(data)
        if not secrets:
            break
        pieces, at = [], 0
        for each in secrets:
            pieces += [data[at : each.start], replacement]
            at = each.end
        data = b"".join((*pieces, data[at:]))
    return data


def is_named(key: str) -> bool:
    """Return whether a language model's keys and passwords have such a name."""
    plain = key.replace("-", "_")
    return (_NAMED.search(plain) is not None and _HARMLESS.search(plain) is None) or strength(
        key
    ) == 2


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _plain(data: bytes) -> str:
    try:
        return data.decode(errors="surrogatepass")
    except UnicodeDecodeError:
        return data.decode(errors="replace")


def _without(value: Any, path: Path, named: set[Path]) -> Any:
    if path in named:
        return REDACTED
    if isinstance(value, dict):
        return {
            without(key) if isinstance(key, str) else key: _without(each, (*path, key), named)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without(each, (*path, n), named) for n, each in enumerate(value)]
    return without(value) if isinstance(value, str) else value


def _matches(state: Any) -> list[_Match]:
    by_name = list(_by_name(state, (), False))
    texts = "\n".join(_texts(state))
    if not spans(_bytes(texts)):  # one search of all texts is much faster than one for each
        return by_name
    covered = {each.path for each in by_name}
    return [*by_name, *_by_shape(state, (), covered)]


def _texts(state: Any) -> list[str]:
    """Return every text of a state, keys too, in any order."""
    texts: list[str] = []
    waiting = [state]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, dict):
            texts.extend(key for key in value if isinstance(key, str))
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)
    return texts


def _by_shape(value: Any, path: Path, covered: set[Path]) -> Iterator[_Match]:
    if path in covered:
        return
    if isinstance(value, dict):
        for key, each in value.items():
            if isinstance(key, str):
                yield from (
                    _Match((*path, key), s.what, _plain(s.value), key=True)
                    for s in spans(_bytes(key))
                )
            yield from _by_shape(each, (*path, key), covered)
    elif isinstance(value, list | tuple):
        for n, each in enumerate(value):
            yield from _by_shape(each, (*path, n), covered)
    elif isinstance(value, str):
        yield from (_Match(path, s.what, _plain(s.value)) for s in spans(_bytes(value)))


def _by_name(value: Any, path: Path, within_lm: bool) -> Iterator[_Match]:
    if isinstance(value, dict):
        yield from _beside(value, path)
        for key, each in value.items():
            inside = within_lm or key == "lm"
            text = key if isinstance(key, str) else ""
            if inside and is_named(text) and is_literal(each):
                yield from _leaves(each, (*path, key), value_of(str(key)))
            elif strength(text) and _is_plain(each):
                yield from _of_name(text, each, (*path, key))
            elif isinstance(each, dict | list | tuple):
                yield from _by_name(each, (*path, key), inside)
    elif isinstance(value, list | tuple):
        before: Any = None
        for n, each in enumerate(value):
            if isinstance(each, str):
                if isinstance(before, str) and strength(before.lstrip("-")) == 2:
                    yield from _of_name(before.lstrip("-"), each, (*path, n))
            elif isinstance(each, dict | list | tuple):
                yield from _by_name(each, (*path, n), within_lm)
            before = each


def _is_plain(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
    )


def _beside(value: dict[Any, Any], path: Path) -> Iterator[_Match]:
    """Yield secrets in objects such as ``{"name": "api_key", "value": …}``."""
    for member in _NAME_MEMBERS:
        name = value.get(member)
        if isinstance(name, str) and strength(name):
            for key in _VALUE_MEMBERS:
                yield from _of_name(name, value.get(key), (*path, key))


def _of_name(name: str, value: Any, path: Path) -> Iterator[_Match]:
    if isinstance(value, str):
        if is_value(name, _bytes(value), quoted=True):
            yield _Match(path, value_of(name), value, named=True)
    elif isinstance(value, list | tuple):
        for n, each in enumerate(value):
            yield from _of_name(name, each, (*path, n))


def is_literal(value: Any) -> bool:
    """Return whether a value under the name of a secret is the secret, not a reference to it."""
    if isinstance(value, str):
        return value not in {"", REDACTED} and not is_reference(_bytes(value))
    return bool(value) and not isinstance(value, bool | int | float)


def _leaves(value: Any, path: Path, what: str) -> Iterator[_Match]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*path, key), what)
    elif isinstance(value, list | tuple):
        for n, each in enumerate(value):
            yield from _leaves(each, (*path, n), what)
    elif is_literal(value):
        text = value if isinstance(value, str) else json.dumps(value)
        yield _Match(path, what, text, named=True)


def _shown(match: _Match) -> str:
    """Return the path of a secret for display, without secrets in it."""
    parts = (f"[{p}]" if isinstance(p, int) else f".{without(str(p), '…')}" for p in match.path)
    return "".join(parts).lstrip(".") + (" (a key)" if match.key else "")
