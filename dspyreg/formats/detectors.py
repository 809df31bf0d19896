"""What keys and passwords look like: the one list of detectors that every door uses.

All of it works on bytes, so a text, a file, and a block of a stream are searched by the same code.
Every repetition in a pattern is bounded or cannot fail once begun: the bytes come from anybody.
"""

from __future__ import annotations

import binascii
import re
from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from dspyreg.formats.shapes import BOUNDARY, BY_MIDDLE, SHAPES
from dspyreg.formats.telling import (
    SHORTEST,
    has_digit,
    is_mixed,
    is_password,
    is_placeholder,
    is_random,
    is_strictly_random,
    is_value,
    stands_for,
    strength,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REDACTED: Final = "REDACTED"

IN_URL: Final = "a password in a URL"
BEARER: Final = "a bearer token"
BASIC: Final = "a basic authorization"
AUTHORIZATION: Final = "an authorization header"
PRIVATE_KEY: Final = "a private key"
BASE64: Final = "in base64"

_BACK: Final = 12  # so far before a run its token may have begun: `SG.`, `https`, a bot's number
_KINDS: Final = tuple(SHAPES)
_BEGINNING: Final = re.compile(BOUNDARY + rb"[A-Za-z0-9](?=[A-Za-z0-9./~_-])")
_ANY_BEGINNING: Final = re.compile(rb"[A-Za-z0-9]")
_NEVER: Final = re.compile(rb"(?i)your|placeholder|replace|insert|redacted|example|[x*.]{8}|-here")

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def _table(alphabet: bytes) -> bytes:
    """Return the translation of an alphabet to the letter `a`, and of all else to a space."""
    return bytes(ord("a") if byte in alphabet else ord(" ") for byte in range(256))


_RUNS: Final = _table(_ALPHABET + b"_.-")
_BASE64_RUNS: Final = _table(_ALPHABET + b"+/_-")
_A_RUN: Final = b"a" * SHORTEST
_A_BASE64_RUN: Final = b"a" * 24
# Base64 that MIME and PEM break into lines, also where a newline is written as an escape.
_LINES: Final = re.compile(
    rb"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{40,128}(?:\r?\n|\\r\\n|\\n)[ \t]{0,16})++"
    rb"[A-Za-z0-9+/]{0,128}={0,2}"
)
_BREAK: Final = re.compile(rb"\\r|\\n|\s++")
_PRINTABLE: Final = bytes(range(32, 127)) + b"\t\r\n"

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

# What stands behind `=`, `:`, `=>`, `:=`, or a sign that takes three bytes, of which the last is
# looked for: the wide colon, a dash, and `is` in Japanese, Chinese and Korean. The name before it
# is looked at where one may begin.
_WIDE_SIGNS: Final = frozenset(sign.encode() for sign in "：—–は是는")
_SIGN: Final = re.compile(
    rb"[=:\x9a\x93\x94\xaf][=>]?[ \t]{0,8}(?="
    rb"(?:[bBfFrRuU]{1,2}(?=[\"']))?\\?[\"'`]{1,3}[^\s\"'`\\]{6}"
    rb"|[^\s\"'`\\<>(){}\[\]$,;*|%/=:][^\s\"'`\\<>,;]{5}"
    rb"|/[^\s\"'`\\<>,;/][^\s\"'`\\<>,;]{4})"
)
_VALUE: Final = re.compile(
    rb"[=:\x9a\x93\x94\xaf][=>]?[ \t]{0,8}(?:[bBfFrRuU]{1,2}(?=[\"']))?"
    rb"(?:\\?[\"'`]{1,3}(?P<quoted>[^\s\"'`\\]{6,1024})(?=\\?[\"'`])"
    rb"|(?P<value>[^\s\"'`\\<>(){}\[\]$,;*|%][^\s\"'`\\<>,;]{5,1023}))"
)
_IN_QUERY: Final = re.compile(rb"[&#]")
_TRIES: Final = 2
_TELLING: Final = re.compile(  # in lower case, so that a search can skip by the first letter
    rb"(?:key|token|secret|secretstr|password|passwd|passphrase|pwd|pass|pw|credentials|credential"
    rb"|auth|passwort|kennwort|passe|contrasena|contrase\xc3\xb1a|senha|wachtwoord"
    rb"|keyid|key_id|keybase|key_base)(?![a-z0-9_-])"
)
_LOOSE: Final = rb"[A-Za-z0-9+/=_.~!#-]{8,1024}(?![\w(\[{@:/])"
# A name and its value as a call's arguments, a row of a table, a typed assignment, a block of
# YAML, an `ENV` line, or a sentence.
_BESIDE_NAME: Final = re.compile(
    rb"(?:\\?[\"'`]|\*\*){0,2}"
    rb"(?:[ \t]{0,4}[,|\t][ \t]{0,4}(?:default[ ]?=[ ]?)?|\([ ]?(?=[\"'`\\])"
    rb"|:[ ]{0,4}[|>][+-]?\r?\n[ \t]{1,16}"
    rb"|:[ ]{0,2}[A-Za-z&][\w.\[\]| ]{0,30}=[ ]{0,4}"
    rb"|:?(?:\*\*)?:?[ \t]{1,4}(?:(?:is|ist|est|es)[ ]{1,4})?)"
    rb"(?:\\?[\"'`])?(?P<value>" + _LOOSE + rb")"
)
_VARIABLE: Final = re.compile(
    rb"variable[ ]{1,4}\"(?P<name>[\w-]{3,80})\"\s{0,8}\{[^{}]{0,400}?\bdefault\s{0,8}=\s{0,8}"
    rb"\"(?P<value>[^\s\"$]{16,1024})\""
)
_NAMES: Final = _table(_ALPHABET + b"_.-" + bytes(range(128, 256)))
_RESOURCE: Final = re.compile(rb"\barn:aws[\w:-]{0,80}\Z")  # …:secret:… is part of its name
_AFTER_NAME: Final = b" \t\r\n\"'\\]?+"
_COPULAS: Final = (b" is", b" ist", b" lautet", b" est", b" es")
_UNICODE: Final = re.compile(rb"\\u([0-9a-fA-F]{4})")
_NEIGHBOUR: Final = re.compile(
    rb"(?:name|key|variable|header|field)[\"']?\s{0,4}[=:]\s{0,4}[\"']?(?P<name>[A-Za-z][\w-]{1,80})"
    rb"[\"']?[\s,;]{0,40}[\"']?\Z"
)
_BESIDE: Final = frozenset({"value", "val"})
_ARGUMENT: Final = re.compile(
    rb"--(?P<name>[A-Za-z][\w-]{2,60})[ \t]{1,4}[\"']?"
    rb"(?P<value>[^\s\"'\\<>(){}\[\]$*-][^\s\"']{5,1023})"
)
_USER_OPTION: Final = re.compile(
    rb"(?:-u|--user)[ =][\"']?[^\s:\"']{1,64}:(?P<value>[^\s\"'$<{]{4,256})"
)
_ELEMENT: Final = re.compile(rb"<(?P<name>[A-Za-z][\w.-]{2,60})>(?P<value>[^<>\s]{6,1024})</")
_NETRC: Final = re.compile(
    rb"\blogin\s{1,8}\S{1,64}\s{1,8}password\s{1,8}(?P<value>[^\s\"'\\]{4,256})"
)
_OTHER_PLACES: Final = (
    *((b"--", _ARGUMENT), (b"-u", _USER_OPTION), (b"</", _ELEMENT), (b"login", _NETRC)),
)
# Passwords on the command lines of programs that take them without a telling name: the programs,
# and what stands between them and the value. `mysql -p VALUE` names a database, so no space there.
_GIVEN: Final = rb"[\"']?(?P<value>[^\s\"'$<{%*-][^\s\"']{5,255})"
_COMMANDS: Final = tuple(
    (sign, re.compile(rb"\b" + program + rb"\b[^\n|;&]{0,200}?[ \t]" + option + _GIVEN))
    for sign, program, option in (
        (b"mysql", rb"mysql(?:dump|admin|import|show|check|sh|slap)?", rb"-p"),
        (b"mariadb", rb"mariadb(?:-dump|-admin|-import)?", rb"-p"),
        (b"sshpass", rb"sshpass", rb"-p[ ]?"),
        (b"redis-cli", rb"redis-cli", rb"-a[ ]{1,4}"),
        (
            b"login",
            rb"(?:docker|podman|helm|az|oc|skopeo|buildah|crane|nerdctl)[^\n|;&]{0,40} login",
            rb"-p[ ]{1,4}",
        ),
        (b"ldap", rb"ldap(?:search|modify|add|delete|whoami)", rb"-w[ ]{1,4}"),
        (b"sqlcmd", rb"sqlcmd", rb"-P[ ]{0,4}"),
        (b"mosquitto_", rb"mosquitto_(?:pub|sub)", rb"-P[ ]{1,4}"),
        (b"net use", rb"net use", rb"/user:\S{1,64}[ ]{1,4}"),
        (b"htpasswd", rb"htpasswd", rb"-[a-zA-Z]{0,4}b[a-zA-Z]{0,4} \S{1,99} \S{1,64} "),
        (b"pass:", rb"openssl", rb"-pass(?:in|out)?[ ]{1,4}pass:"),
        (b"zip", rb"(?:un)?zip", rb"-P[ ]{1,4}"),
        (b"7z", rb"7za?", rb"-p"),
        (b"smbclient", rb"smbclient", rb"(?:-U|--user)[ =]{1,4}[\w.$\\-]{1,64}%"),
        (b"wandb login", rb"wandb", rb"login[ ]{1,4}"),
        (b"https ", rb"https", rb"(?:-a|--auth)[ =]{1,4}[\w.@-]{1,64}:"),
        (b"http ", rb"http", rb"(?:-a|--auth)[ =]{1,4}[\w.@-]{1,64}:"),
        (b"-SecureString", rb"ConvertTo-SecureString", rb"(?=[\"'])"),
    )
)
_ORACLE: Final = re.compile(
    rb"(?:jdbc:oracle:[a-z]{2,8}:|\bsqlplus (?:-\w{1,8} ){0,4})[\w.$#]{1,64}/"
    rb"(?P<value>[^\s@/\"'$<{][^\s@/\"'<>]{3,63})@"
)
_IN_SQL: Final = re.compile(
    rb"(?i:\bidentified\s{1,8}by|\bpassword)\s{1,8}\\?'(?P<value>[^\s'\\]{6,256})\\?'"
)
_PAIR: Final = re.compile(
    rb"\bauth[ ]?=[ ]?\([ ]?\\?[\"'][^\s\"']{1,64}[\"'],[ ]?\\?[\"']"
    rb"(?P<value>(?=[^\s\"']{0,63}[0-9])"
    rb"[^\s\"'\\]{6,256})"
)
_ONLY_PASSWORDS: Final = (
    (b"auth", _PAIR),
    *_COMMANDS,
    *((sign, _ORACLE) for sign in (b"jdbc:oracle:", b"sqlplus")),
    *((sign, _IN_SQL) for sign in (b"IDENTIFIED", b"identified", b"PASSWORD '", b"password '")),
)


class Span(NamedTuple):
    """Where something that looks like a secret begins and ends, what it looks like, its bytes."""

    start: int
    end: int
    what: str
    value: bytes


def spans(data: bytes, *, deep: int = 2) -> list[Span]:
    """Return what looks like a secret in some bytes, in order; no two overlap. Of base64 in
    base64 ``deep`` layers are undone.
    """
    if len(data) < 6:
        return []
    found = [
        *_shaped(data),
        *_by_middle(data),
        *_in_urls(data),
        *_private_keys(data),
        *_headers(data),
    ]
    found += _named(data)
    if deep and b"%" in data:
        found += _in_percent(data)
    if deep and len(data) >= len(_A_BASE64_RUN):
        found += _encoded(data, deep - 1)
    return _apart(found) if len(found) > 1 else found


def _apart(found: list[Span]) -> list[Span]:
    """Join what overlaps under the name of the first; a known shape comes before a name."""
    apart: list[Span] = []
    for each in sorted(found, key=lambda span: (span.start, -span.end)):
        if apart and each.start < apart[-1].end:
            last = apart[-1]
            better = last if last.what in _BY_SHAPE or each.what not in _BY_SHAPE else each
            end = max(last.end, each.end)
            apart[-1] = better._replace(start=last.start, end=end)
        else:
            apart.append(each)
    return apart


def _runs(data: bytes, table: bytes, least: bytes) -> Iterator[tuple[int, int]]:
    """Yield where long runs of an alphabet begin and end: many times faster than a pattern."""
    marked = data.translate(table)
    end = 0
    while (start := marked.find(least, end)) >= 0:
        end = marked.find(b" ", start)
        if end < 0:
            end = len(marked)
        yield start, end


@cache
def _shape() -> re.Pattern[bytes]:
    """All shapes in one pattern, which takes longer to compile than most texts to search."""
    shapes = (f"(?P<s{n}>{shape})" for n, shape in enumerate(SHAPES.values()))
    return re.compile("|".join(shapes).encode())


def _shaped(data: bytes) -> Iterator[Span]:
    begins = _ANY_BEGINNING if b"\0" in data else _BEGINNING
    after = 0
    for start, end in _runs(data, _RUNS, _A_RUN):
        for beginning in begins.finditer(data, max(start - _BACK, after), end):
            if beginning.start() < after:
                continue
            match = _shape().match(data, beginning.start())
            if match is not None:
                after = match.end()
                if _is_told(match[0]):
                    kind = _KINDS[int((match.lastgroup or "s0")[1:])]
                    yield Span(match.start(), after, kind, match[0])


def _by_middle(data: bytes) -> Iterator[Span]:
    for what, middle, pattern in BY_MIDDLE:
        if middle in data:
            for match in pattern.finditer(data):
                if _is_told(match[0]):
                    yield Span(*match.span(), what, match[0])


def _is_told(token: bytes) -> bool:
    """Tell a token from what stands for one, and from words with hyphens."""
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
        if not stands_for(password) and password.lower() not in _AS_PASSWORD:
            yield Span(*match.span("password"), IN_URL, password)
            return
        if password.lower() not in {b"x-oauth-basic", b""}:
            return
    if len(user) >= SHORTEST and is_random(user):
        yield Span(*match.span("user"), "a token in a URL", user)


_AS_PASSWORD: Final = frozenset({b"password", b"pass", b"passwd", b"pwd", b"x-oauth-basic"})


def _private_keys(data: bytes) -> Iterator[Span]:
    """A private key goes from its first line to its last; without one, the first line stands for
    all of it.
    """
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
                told = _is_basic(token) if what == BASIC else has_digit(token)
                if told and not is_placeholder(token):
                    yield Span(*match.span(1), what, token)


def _is_basic(text: bytes) -> bool:
    decoded = _decoded(text)
    return b":" in decoded and not decoded.translate(None, _PRINTABLE)


def _decoded(text: bytes) -> bytes:
    """Return what base64 stands for, of either alphabet; nothing if it is none."""
    plain = text.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    try:
        return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4))
    except binascii.Error:
        return b""


def _encoded(data: bytes, deep: int) -> Iterator[Span]:
    """Undo base64 where it is of plain text, and look into that."""
    yield from _in_base64(data, _runs(data, _BASE64_RUNS, _A_BASE64_RUN), deep)
    if b"\n" in data or b"\\n" in data:
        yield from _in_base64(data, (match.span() for match in _LINES.finditer(data)), deep)


def _in_base64(data: bytes, places: Iterable[tuple[int, int]], deep: int) -> Iterator[Span]:
    for start, end in places:
        encoded = _BREAK.sub(b"", data[start:end])
        head = _decoded(encoded[:24])
        plain = _text_of(head)
        if len(plain) < 6 or plain.translate(None, _PRINTABLE):
            continue
        inner = spans(_text_of(_decoded(encoded)), deep=deep)
        if inner:
            what = inner[0].what if BASE64 in inner[0].what else f"{inner[0].what}, {BASE64}"
            yield Span(start, end, what, data[start:end])


def _in_percent(data: bytes) -> Iterator[Span]:
    """Undo percent-encoding, look into that, and tell where what is found stood before."""
    pieces, starts, ends = [], [0], [0]  # where each piece begins, undone and as it was
    at = size = 0
    for match in _ESCAPED.finditer(data):
        pieces += [data[at : match.start()], bytes((int(match[0][1:], 16),))]
        size += match.start() - at + 1
        at = match.end()
        starts.append(size)
        ends.append(at)
    if not pieces:
        return
    for each in spans(b"".join((*pieces, data[at:])), deep=0):
        first, last = (bisect_right(starts, place) - 1 for place in (each.start, each.end))
        start = ends[first] + each.start - starts[first]
        end = ends[last] + each.end - starts[last]
        yield Span(start, end, each.what, data[start:end])


_ESCAPED: Final = re.compile(rb"%[0-9A-Fa-f]{2}")


def _text_of(decoded: bytes) -> bytes:
    """Undo UTF-16, which is every second byte of what is plain otherwise."""
    return decoded.replace(b"\0", b"") if decoded.count(b"\0") * 3 > len(decoded) else decoded


# By name


def _named(data: bytes) -> Iterator[Span]:
    after = within = tries = 0
    for sign in _SIGN.finditer(data):
        if sign.start() < after:
            continue
        name, before = _name_before(data, sign.start())
        match = _VALUE.match(data, sign.start()) if name else None
        if match is not None:
            is_quoted = match["quoted"] is not None
            start, end = match.span("quoted" if is_quoted else "value")
            if before in {"?", "&"}:
                end = start + len(_IN_QUERY.split(data[start:end], maxsplit=1)[0])
            found = list(_of_name(data, (start, end), name, quoted=is_quoted))
            # A value that is none may hide a sign; so few tries in one keep the search linear.
            tries = tries + 1 if sign.start() < within else 0
            within = max(within, end)
            after = within if found or tries >= _TRIES else after
            yield from found
    yield from _loosely_named(data)
    for mark, pattern in _ONLY_PASSWORDS:
        if mark in data:
            for match in pattern.finditer(data):
                if not is_placeholder(match["value"]):
                    yield Span(*match.span("value"), "a password", match["value"])
    for mark, pattern in _OTHER_PLACES:
        if mark in data:
            for match in pattern.finditer(data):
                name = match["name"].decode() if "name" in pattern.groupindex else "password"
                yield from _of_name(data, match.span("value"), name, quoted=mark != b"--")


def _loosely_named(data: bytes) -> Iterator[Span]:
    """Yield the values that stand beside a name with no `=` or `:` before them. Prose and tables
    look like that too, so such a value must look random.
    """
    for match in _loose_places(data):
        at = match.start() if match.re is _BESIDE_NAME else match.end("name")
        name, _ = _name_before(data, at)
        start, end = match.span("value")
        value = data[start:end].rstrip(b".")
        told = is_strictly_random(value) or (is_password(name) and is_mixed(value))
        if name and told and is_value(name, value, quoted=True):
            yield Span(start, start + len(value), value_of(name), value)


def _loose_places(data: bytes) -> Iterator[re.Match[bytes]]:
    for word in _TELLING.finditer(data.lower()):
        match = _BESIDE_NAME.match(data, word.end())
        if match is not None:
            yield match
    yield from _VARIABLE.finditer(data)


def _name_before(data: bytes, at: int) -> tuple[str, str]:
    """Return the name that stands before a sign, and the character before that. Beside `value`
    counts the name that the object before it tells.
    """
    if data[at : at + 1] >= b"\x80":
        if data[max(at - 2, 0) : at + 1] not in _WIDE_SIGNS:
            return "", ""
        at -= 2
    text = data[max(at - 90, 0) : at].rstrip(_AFTER_NAME)
    if text.endswith(_COPULAS):
        text = text[: text.rfind(b" ")].rstrip(_AFTER_NAME)
    if b"\\u" in text:
        text = _UNICODE.sub(lambda match: chr(int(match[1], 16)).encode(errors="ignore"), text)
    begin = text.translate(_NAMES).rfind(b" ") + 1
    name = text[begin:].decode(errors="ignore").rpartition(".")[2]
    if name in _BESIDE:
        beside = _NEIGHBOUR.search(data[max(at - 200, 0) : at].rstrip(b" \t\"'\\")[: -len(name)])
        name = beside["name"].decode() if beside else ""
    before = text[begin - 1 : begin].decode("latin-1")
    if before == "\\" and not strength(name):
        name = name[1:]  # behind an escape, `\n`
    if before == ":" and _RESOURCE.search(text, 0, begin) is not None:
        name = ""
    return (name if strength(name) else ""), before


def _of_name(data: bytes, place: tuple[int, int], name: str, *, quoted: bool) -> Iterator[Span]:
    start, end = place
    value = data[start:end]
    if not quoted:
        value = value.rstrip(b".,;:!?)]}")
        quoted = name.isupper() and data[end : end + 1] in {b"", b"\n", b"\r"}  # a shell's setting
    if is_value(name, value, quoted=quoted):
        yield Span(start, start + len(value), value_of(name), value)


def value_of(name: str) -> str:
    """Return what the value of a name is called. A name may hold a token too: that is left out."""
    data = name.encode(errors="surrogatepass")
    if len(data) >= SHORTEST:
        for span in reversed(spans(data)):
            data = data[: span.start] + "…".encode() + data[span.end :]
    return f"the value of `{data.decode(errors='replace')}`"


_BY_SHAPE: Final = frozenset(
    {
        *_KINDS,
        "an Azure secret",
        "a password",
        IN_URL,
        BEARER,
        BASIC,
        AUTHORIZATION,
        PRIVATE_KEY,
        "a token in a URL",
    }
)
