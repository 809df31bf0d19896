"""Keys and passwords in what is about to be stored: where they are, and the state without them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REDACTED: Final = "REDACTED"
_NAMED = re.compile(
    r"(^|_)(api_?keys?|key|secrets?|token|passwords?|passwd|credentials?|authorization|headers?)($|_)",
    re.IGNORECASE,
)
_NAMED_ANYWHERE = re.compile(
    r"(^|_)(api_?keys?|access_?keys?|secret_?keys?|access_?token|auth_?token|client_?secret"
    r"|passwords?|passwd|authorization)$",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"^(max_|num_|n_|top_|cache_)|tokens$|_key_(names?|id_field)$", re.IGNORECASE
)
# Every repetition that can fail after it has begun is bounded: the text comes from anybody.
_USER_INFO = re.compile(r"://[^/\s:@]{0,256}:([^/\s@]{1,256})@")
_SHAPES: Final = {
    "an OpenAI or Anthropic key": r"sk-(?:ant-|proj-|or-)?[A-Za-z0-9_-]{20,}",
    "an AWS access key": r"(?:AKIA|ASIA)[A-Z0-9]{16}",
    "a Google API key": r"AIza[A-Za-z0-9_-]{35}",
    "a GitHub token": r"(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})",
    "a GitLab token": r"glpat-[A-Za-z0-9_-]{20,}",
    "a Slack token": r"xox[abprs]-[A-Za-z0-9-]{10,}",
    "a Hugging Face token": r"hf_[A-Za-z0-9]{30,}",
    "a Groq key": r"gsk_[A-Za-z0-9]{40,}",
    "a private key": r"-----BEGIN (?:[A-Z]{1,16} ){0,4}PRIVATE KEY-----",
    "a JSON web token": r"eyJ[A-Za-z0-9_-]{10,512}\.eyJ[A-Za-z0-9_-]{10,4096}\.[A-Za-z0-9_-]{10,}",
    "a bearer token": r"[Bb]earer\s+[A-Za-z0-9._~+/-]{12,}=*",
}
_SHAPED = re.compile("|".join(f"(?P<s{n}>{shape})" for n, shape in enumerate(_SHAPES.values())))
_KINDS: Final = tuple(_SHAPES)
_BEGINNINGS: Final = (
    *("://", "sk-", "AKIA", "ASIA", "AIza", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    *("github_pat_", "glpat-", "xox", "hf_", "gsk_", "-----BEGIN", "eyJ", "earer"),
)
# The same in the bytes of JSON, where a text ends at a quotation mark and a slash may be escaped.
_USER_INFO_IN_BYTES = re.compile(rb":(?:\\?/){2}[^/\s:@\"]{0,256}:((?:[^/\s@\"\\]|\\[^/]){1,256})@")
_SHAPED_IN_BYTES = re.compile(_SHAPED.pattern.encode())
_BEGINNINGS_IN_BYTES: Final = (*(each.encode() for each in _BEGINNINGS), b":\\/\\/")
_IN_URL: Final = "a password in a URL"
_BY_SHAPE: Final = frozenset({*_KINDS, _IN_URL})


class Secret(NamedTuple):
    """Something that looks like a secret: where it stands, what it looks like, its value masked."""

    where: str
    what: str
    masked: str


def find(state: Any) -> list[Secret]:
    """Return the secrets of a state: by key in what a language model was given, by shape
    everywhere.
    """
    return [
        Secret(_spelt(path), what, mask(value)) for path, what, value in _found(state, (), False)
    ]


def find_in_texts(where: str, texts: Iterable[str]) -> list[Secret]:
    """Return the secrets among texts of which nothing else is known, such as a pickle's."""
    found = ((text, _shape(text)) for text in texts)
    return [Secret(where, what[0], mask(what[1])) for _, what in found if what is not None]


def shapes(data: bytes, until: int) -> list[tuple[int, int, str, str]]:
    """Return where in some bytes secrets of known shapes begin, before ``until``, and end, in
    order; what each looks like; its value.
    """
    found = set()
    for beginning in _BEGINNINGS_IN_BYTES:
        at = data.find(beginning, 0, until + len(beginning))
        while at >= 0:
            match, what, value = _shape_at(data, at)
            after = at + 1
            if match is not None and match.start() < until:
                found.add((match.start(), match.end(), what, value))
                after = max(after, match.end())
            at = data.find(beginning, after, until + len(beginning))
    return sorted(found)


def _shape_at(data: bytes, at: int) -> tuple[re.Match[bytes] | None, str, str]:
    match = _USER_INFO_IN_BYTES.match(data, at)
    if match is not None:
        value = match[1].decode(errors="replace")
        return (None if value == REDACTED else match), _IN_URL, value
    for start in (at, at - 1):  # the first letter of `bearer` may be a capital
        match = _SHAPED_IN_BYTES.match(data, start) if start >= 0 else None
        if match is not None and match.lastgroup is not None:
            value = match[0].decode(errors="replace")
            return match, _KINDS[int(match.lastgroup[1:])], value
    return None, "", ""


def find_in_pairs(where: str, pairs: Iterable[tuple[str, str]]) -> list[Secret]:
    """Return the secrets among texts that may be keys and their values, or just stand side by
    side: by names that nothing else has.
    """
    return [
        Secret(where, f"what follows `{key}`", mask(value))
        for key, value in pairs
        if value not in {"", REDACTED} and _NAMED_ANYWHERE.search(key)
    ]


def mask(value: str) -> str:
    """Return enough of a secret to recognise it by, and no more."""
    return f"{value[:4]}…({len(value)} characters)" if len(value) > 8 else "…"


def redacted(state: Any) -> Any:
    """Return a state with every secret replaced."""
    places = {path: what for path, what, _ in _found(state, (), False)}
    return _without(state, (), places)


def _without(value: Any, path: tuple[Any, ...], places: dict[tuple[Any, ...], str]) -> Any:
    if path in places:
        return _blanked(value) if places[path] in _BY_SHAPE else REDACTED
    if isinstance(value, dict):
        return {key: _without(each, (*path, key), places) for key, each in value.items()}
    if isinstance(value, list):
        return [_without(each, (*path, n), places) for n, each in enumerate(value)]
    return value


def _blanked(value: str) -> str:
    match = _USER_INFO.search(value)
    while match is not None and match[1] != REDACTED:
        value = value[: match.start(1)] + REDACTED + value[match.end(1) :]
        match = _USER_INFO.search(value, match.start(1))
    return _SHAPED.sub(REDACTED, value)


def _found(
    value: Any,
    path: tuple[Any, ...],
    within_lm: bool,
) -> Iterator[tuple[tuple[Any, ...], str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            inside = within_lm or key == "lm"
            if inside and is_named(key) and _is_given(each):
                yield from _leaves(each, (*path, key), f"the value of `{key}`")
            else:
                yield from _found(each, (*path, key), inside)
    elif isinstance(value, list):
        for n, each in enumerate(value):
            yield from _found(each, (*path, n), within_lm)
    elif isinstance(value, str):
        shape = _shape(value)
        if shape is not None:
            yield path, shape[0], shape[1]


def is_named(key: str) -> bool:
    """Is this what a language model's keys and passwords are called?"""
    return _NAMED.search(key) is not None and _HARMLESS.search(key) is None


def _is_given(value: Any) -> bool:
    return bool(value) and value != REDACTED and not isinstance(value, bool | int | float)


def _leaves(
    value: Any, path: tuple[Any, ...], what: str
) -> Iterator[tuple[tuple[Any, ...], str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*path, key), what)
    elif isinstance(value, list):
        for n, each in enumerate(value):
            yield from _leaves(each, (*path, n), what)
    elif _is_given(value):
        yield path, what, value if isinstance(value, str) else json.dumps(value)


def _shape(text: str) -> tuple[str, str] | None:
    if not any(beginning in text for beginning in _BEGINNINGS):  # much quicker than the patterns
        return None
    for match in _USER_INFO.finditer(text):
        if match[1] != REDACTED:
            return _IN_URL, match[1]
    shaped = _SHAPED.search(text)
    if shaped is None or shaped.lastgroup is None:
        return None
    return _KINDS[int(shaped.lastgroup[1:])], shaped[0]


def _spelt(path: tuple[Any, ...]) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")
