"""Detectors of values beside the name of a secret, such as `api_key: …`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dspyreg.formats.secret_values import (
    is_mixed,
    is_password,
    is_placeholder,
    is_strictly_random,
    is_value,
    strength,
)
from dspyreg.formats.spans import ALPHANUMERIC, Span, alphabet_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A value behind `=`, `:`, `=>`, `:=` or a sign of three bytes (the pattern looks for the last one):
# the wide colon, a dash, and `is` in Japanese, Chinese and Korean. Only where a value may begin is
# the name before the sign read.
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
_SECRET_WORD: Final = re.compile(  # in lower case, so that a search can skip by the first letter
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
_NAMES: Final = alphabet_table(ALPHANUMERIC + b"_.-" + bytes(range(128, 256)))
_RESOURCE: Final = re.compile(rb"\barn:aws[\w:-]{0,80}\Z")  # …:secret:… is part of its name
_AFTER_NAME: Final = b" \t\r\n\"'\\]?+"
_COPULAS: Final = (b" is", b" ist", b" lautet", b" est", b" es")
_UNICODE: Final = re.compile(rb"\\u([0-9a-fA-F]{4})")
_NEIGHBOUR: Final = re.compile(
    rb"(?:name|key|variable|header|field)[\"']?\s{0,4}[=:]\s{0,4}[\"']?(?P<name>[A-Za-z][\w-]{1,80})"
    rb"[\"']?[\s,;]{0,40}[\"']?\Z"
)
_VALUE_MEMBERS: Final = frozenset({"value", "val"})
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
# Passwords on command lines whose option does not name a secret: the program, and the text between
# it and the value. `mysql -p VALUE` names a database, so no space there.
_ARGUMENT_VALUE: Final = rb"[\"']?(?P<value>[^\s\"'$<{%*-][^\s\"']{5,255})"
_COMMANDS: Final = tuple(
    (sign, re.compile(rb"\b" + program + rb"\b[^\n|;&]{0,200}?[ \t]" + option + _ARGUMENT_VALUE))
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


def find(data: bytes, *, describe: Callable[[str], str]) -> Iterator[Span]:
    """Yield the values beside names of secrets; ``describe`` turns a name into a description."""
    yield from _assigned(data, describe)
    yield from _loosely_named(data, describe)
    for mark, pattern in _ONLY_PASSWORDS:
        if mark in data:
            for match in pattern.finditer(data):
                if not is_placeholder(match["value"]):
                    yield Span(*match.span("value"), "a password", match["value"])
    for mark, pattern in _OTHER_PLACES:
        if mark in data:
            for match in pattern.finditer(data):
                name = match["name"].decode() if "name" in pattern.groupindex else "password"
                span = _value_span(data, match.span("value"), name, quoted=mark != b"--")
                yield from _described(span, name, describe)


def _assigned(data: bytes, describe: Callable[[str], str]) -> Iterator[Span]:
    """Yield the values behind `=`, `:` and similar signs."""
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
            span = _value_span(data, (start, end), name, quoted=is_quoted)
            # A rejected value may hide another sign. A limit on the tries inside one value keeps
            # the search linear.
            tries = tries + 1 if sign.start() < within else 0
            within = max(within, end)
            after = within if span or tries >= _TRIES else after
            yield from _described(span, name, describe)


def _loosely_named(data: bytes, describe: Callable[[str], str]) -> Iterator[Span]:
    """Yield the values beside a name without `=` or `:` between them. They must look random,
    because prose and tables look alike otherwise.
    """
    for match in _loose_matches(data):
        at = match.start() if match.re is _BESIDE_NAME else match.end("name")
        name, _ = _name_before(data, at)
        start, end = match.span("value")
        value = data[start:end].rstrip(b".")
        is_random = is_strictly_random(value) or (is_password(name) and is_mixed(value))
        if name and is_random and is_value(name, value, quoted=True):
            yield Span(start, start + len(value), describe(name), value)


def _loose_matches(data: bytes) -> Iterator[re.Match[bytes]]:
    for word in _SECRET_WORD.finditer(data.lower()):
        match = _BESIDE_NAME.match(data, word.end())
        if match is not None:
            yield match
    yield from _VARIABLE.finditer(data)


def _name_before(data: bytes, at: int) -> tuple[str, str]:
    """Return the name before a sign, and the character before that name.

    The name beside `value` is the one that the preceding member of the object gives.
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
    if name in _VALUE_MEMBERS:
        beside = _NEIGHBOUR.search(data[max(at - 200, 0) : at].rstrip(b" \t\"'\\")[: -len(name)])
        name = beside["name"].decode() if beside else ""
    before = text[begin - 1 : begin].decode("latin-1")
    if before == "\\" and not strength(name):
        name = name[1:]  # behind an escape, `\n`
    if before == ":" and _RESOURCE.search(text, 0, begin) is not None:
        name = ""
    return (name if strength(name) else ""), before


def _value_span(
    data: bytes, span: tuple[int, int], name: str, *, quoted: bool
) -> tuple[int, bytes] | None:
    """Return the start and the bytes of a plausible value; None for any other."""
    start, end = span
    value = data[start:end]
    if not quoted:
        value = value.rstrip(b".,;:!?)]}")
        quoted = name.isupper() and data[end : end + 1] in {b"", b"\n", b"\r"}  # a shell's setting
    return (start, value) if is_value(name, value, quoted=quoted) else None


def _described(
    span: tuple[int, bytes] | None, name: str, describe: Callable[[str], str]
) -> Iterator[Span]:
    if span is not None:
        start, value = span
        yield Span(start, start + len(value), describe(name), value)
