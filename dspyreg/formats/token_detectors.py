"""Detectors of tokens that have a form of their own: issuers' keys, URLs, headers, private keys."""

from __future__ import annotations

import binascii
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from dspyreg.formats.secret_values import (
    SHORTEST,
    has_digit,
    is_placeholder,
    is_placeholder_syntax,
    is_random,
)
from dspyreg.formats.spans import ALPHANUMERIC, Span, alphabet_table, runs
from dspyreg.formats.token_shapes import BOUNDARY, BY_MIDDLE, SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterator

IN_URL: Final = "a password in a URL"
TOKENED_URL: Final = "a token in a URL"
BEARER: Final = "a bearer token"
BASIC: Final = "a basic authorization"
AUTHORIZATION: Final = "an authorization header"
PRIVATE_KEY: Final = "a private key"

_BACK: Final = 12  # bytes by which a token may begin before its run: `SG.`, `https`, a bot's number
_KINDS: Final = tuple(SHAPES)
_BEGINNING: Final = re.compile(BOUNDARY + rb"[A-Za-z0-9](?=[A-Za-z0-9./~_-])")
_ANY_BEGINNING: Final = re.compile(rb"[A-Za-z0-9]")
_NEVER: Final = re.compile(rb"(?i)your|placeholder|replace|insert|redacted|example|[x*.]{8}|-here")
_RUNS: Final = alphabet_table(ALPHANUMERIC + b"_.-")
PRINTABLE: Final = bytes(range(32, 127)) + b"\t\r\n"

_URL: Final = re.compile(
    rb":(?:\\?/){2}(?P<user>[^/\s:@\"'<>\\]{0,256})(?::(?P<password>(?:[^/\s@\"\\]|\\[^/]){1,256}))?@"
)
_BEARER: Final = re.compile(rb"earer(?:\s|%20|\+){1,4}([A-Za-z0-9._~+/-]{12,4096}={0,2})")
_BASIC: Final = re.compile(rb"asic(?:\s|%20){1,4}([A-Za-z0-9+/]{8,1024}={0,2})")
_SCHEME: Final = re.compile(
    rb"(?i:authorization)[\"']?[ \t]{0,4}[:=,][ \t]{0,4}[\"']?"
    rb"(?i:token|apikey|api-key|key|geniekey|ssws)"
    rb"(?:[ \t]|%20|=){1,4}[\"']?([A-Za-z0-9._~+/-]{12,4096}={0,2})"
)
_PRIVATE: Final = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-[0-9]"
)
_PRIVATE_SIGNS: Final = (b"PRIVATE KEY", b"PuTTY-User-Key-File-")
_PRIVATE_END: Final = re.compile(
    rb"-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|Private-MAC:[ ]?[0-9a-f]{0,128}"
    rb"|(?=-----BEGIN )"
)
_LONGEST_KEY: Final = 1 << 14
_AS_PASSWORD: Final = frozenset({b"password", b"pass", b"passwd", b"pwd", b"x-oauth-basic"})
KNOWN_FORMS: Final = frozenset(
    {
        *_KINDS,
        "an Azure secret",
        "a password",
        IN_URL,
        BEARER,
        BASIC,
        AUTHORIZATION,
        PRIVATE_KEY,
        TOKENED_URL,
    }
)


def find(data: bytes) -> Iterator[Span]:
    """Yield the tokens in some bytes, in no order; they may overlap."""
    yield from _shaped(data)
    yield from _by_middle(data)
    yield from _in_urls(data)
    yield from _private_keys(data)
    yield from _headers(data)


@cache
def _shape() -> re.Pattern[bytes]:
    """Return one pattern for all shapes. Compiling it takes longer than most searches."""
    shapes = (f"(?P<s{n}>{shape})" for n, shape in enumerate(SHAPES.values()))
    return re.compile("|".join(shapes).encode())


def _shaped(data: bytes) -> Iterator[Span]:
    beginning = _ANY_BEGINNING if b"\0" in data else _BEGINNING
    after = 0
    for start, end in runs(data, _RUNS, SHORTEST):
        for first in beginning.finditer(data, max(start - _BACK, after), end):
            if first.start() < after:
                continue
            match = _shape().match(data, first.start())
            if match is not None:
                after = match.end()
                if _is_token(match[0]):
                    kind = _KINDS[int((match.lastgroup or "s0")[1:])]
                    yield Span(match.start(), after, kind, match[0])


def _by_middle(data: bytes) -> Iterator[Span]:
    for what, middle, pattern in BY_MIDDLE:
        if middle in data:
            for match in pattern.finditer(data):
                if _is_token(match[0]):
                    yield Span(*match.span(), what, match[0])


def _is_token(token: bytes) -> bool:
    """Return False for placeholders, and for words with hyphens."""
    if token.startswith(b"sk-") and not any(48 <= byte <= 57 for byte in token):
        return False
    return _NEVER.search(token) is None


def _in_urls(data: bytes) -> Iterator[Span]:
    at = data.find(b"@")
    if at < 0:
        return
    for sign in (b"://", b":\\/\\/"):
        at = data.find(sign)
        while at >= 0:
            match = _URL.match(data, at)
            if match is not None:
                yield from _user_info(match)
            at = data.find(sign, match.end() if match else at + len(sign))


def _user_info(match: re.Match[bytes]) -> Iterator[Span]:
    password, user = match["password"], match["user"]
    if password is not None:
        if not is_placeholder_syntax(password) and password.lower() not in _AS_PASSWORD:
            yield Span(*match.span("password"), IN_URL, password)
            return
        if password.lower() not in {b"x-oauth-basic", b""}:
            return
    if len(user) >= SHORTEST and is_random(user):
        yield Span(*match.span("user"), TOKENED_URL, user)


def _private_keys(data: bytes) -> Iterator[Span]:
    """Yield private keys from first to last line; only the first line if there is no last one."""
    if not any(sign in data for sign in _PRIVATE_SIGNS):
        return
    after = 0
    for match in _PRIVATE.finditer(data):
        if match.start() < after:
            continue
        closed = _PRIVATE_END.search(data, match.end(), match.end() + _LONGEST_KEY)
        after = closed.end() if closed else match.end()
        yield Span(match.start(), after, PRIVATE_KEY, data[match.start() : after])


def _headers(data: bytes) -> Iterator[Span]:
    for what, sign, pattern in (
        (BEARER, b"earer", _BEARER),
        (BASIC, b"asic", _BASIC),
        (AUTHORIZATION, b"uthorization", _SCHEME),
    ):
        if sign in data:
            for match in pattern.finditer(data):
                token = match[1]
                is_plausible = _is_basic(token) if what == BASIC else has_digit(token)
                if is_plausible and not is_placeholder(token):
                    yield Span(*match.span(1), what, token)


def _is_basic(text: bytes) -> bool:
    decoded = decode_base64(text)
    return b":" in decoded and not decoded.translate(None, PRINTABLE)


def decode_base64(text: bytes) -> bytes:
    """Return decoded base64 of either alphabet; nothing if the text is not base64."""
    plain = text.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    try:
        return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4))
    except binascii.Error:
        return b""
