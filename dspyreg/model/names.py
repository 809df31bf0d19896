"""Names of programs and other things, and their spelling in the log.

A log name is a path whose segments are percent-encoded: ``stages/qa/3``.
Only the builders below spell one; ``split`` is their inverse.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from dspyreg.errors import UsageError

PROGRAM_RULE: Final = "letters, digits, '.', '_' and '-', beginning with a letter or digit"
# Sets instead of patterns: compiling a pattern takes longer than all checks of a command.
_DIGITS: Final = "0123456789"
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_BEGINS: Final = frozenset(_LETTERS + _LETTERS.upper() + _DIGITS)
_GOES_ON: Final = _BEGINS | set("._-")
_SAFE: Final = _GOES_ON | {"+"}
_SAFE_PATH: Final = _SAFE | {"/"}
_DEVICES: Final = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in _DIGITS))
)
_WORD = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]+"
LONGEST_PROGRAM: Final = 100
LONGEST_WORD: Final = 200
CONFIG: Final = "config"


@lru_cache(4096)
def program(text: str) -> str:
    """Return a program name that is valid in every file system and shell. Raises ``UsageError``."""
    if len(text) > LONGEST_PROGRAM:
        raise UsageError("program-name-too-long", length=len(text), longest=LONGEST_PROGRAM)
    if text[:1] not in _BEGINS or not _GOES_ON.issuperset(text) or text.endswith("."):
        raise UsageError("program-name-invalid", text=text, rule=PROGRAM_RULE)
    if text.partition(".")[0].lower() in _DEVICES:
        raise UsageError("program-name-is-device", text=text)
    return text


@lru_cache(4096)
def is_program(text: str) -> bool:
    """Return whether a text is a valid name of a program."""
    try:
        program(text)
    except UsageError:
        return False
    return True


@lru_cache(4096)
def is_key(text: str) -> bool:
    """Return whether a text is a valid name of a stage or an environment, and so of a file."""
    return (
        text[:1] in _BEGINS
        and _GOES_ON.issuperset(text)
        and len(text) <= LONGEST_PROGRAM
        and not text.endswith(".")
    )


@lru_cache(4096)
def is_word(text: str) -> bool:
    """Return whether a text is one printable line, as ``word`` requires."""
    try:
        word("word", text)
    except UsageError:
        return False
    return True


def word(kind: str, text: str) -> str:
    """Return a metric's, tag's or person's name: one printable line. Raises ``UsageError``."""
    if not text.strip() or len(text) > LONGEST_WORD or not _is_one_line(text):
        raise UsageError("word-invalid", kind=kind, text=text[:60], longest=LONGEST_WORD)
    return utf8(kind, text)


def _is_one_line(text: str) -> bool:
    return text.isprintable() or re.fullmatch(_WORD, text) is not None


def utf8(kind: str, text: str) -> str:
    """Return the text if UTF-8 can encode it. Raises ``UsageError``."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError("not-utf8", kind=kind) from error
    return text


@lru_cache(4096)
def path(*segments: str | int) -> str:
    """Return the log name of these segments."""
    plain = "/".join(map(str, segments))
    if _SAFE_PATH.issuperset(plain) and plain.count("/") == len(segments) - 1:
        return plain
    return "/".join(_encode(str(segment)) for segment in segments)


def prefix(*segments: str | int) -> str:
    """Return the common prefix of all log names under these segments."""
    return path(*segments) + "/"


def split(name: str) -> tuple[str, ...]:
    """Return the segments of a log name."""
    segments = name.split("/")
    if "%" not in name:
        return tuple(segments)
    from urllib.parse import unquote

    return tuple(unquote(segment) for segment in segments)


def prefixes(name: str) -> list[str]:
    """Return every prefix of a log name, shortest first."""
    every, at = list[str](), name.find("/")
    while at >= 0:
        every.append(name[: at + 1])
        at = name.find("/", at + 1)
    return every


def _encode(segment: str) -> str:
    if _SAFE.issuperset(segment):
        return segment
    from urllib.parse import quote

    return quote(segment, safe="+")


def version(program: str, number: int) -> str:
    """Return the name of a version: its label and document."""
    return f"versions/{path(program)}/{number}"


def label(program: str, text: str) -> str:
    """Return the name of a label: the number of its version."""
    return path("labels", program, text)


def stage(program: str, number: int) -> str:
    """Return the name of a version's stage and its reason."""
    return f"stages/{path(program)}/{number}"


def environment(program: str, environment: str) -> str:
    """Return the name of an environment's pointer."""
    return path("environments", program, environment)


def deployment(program: str, environment: str, operation: str) -> str:
    """Return the name of a deployment record."""
    return path("deployments", program, environment, operation)


def metric(program: str, number: int, metric: str, operation: str) -> str:
    """Return the name of one measurement."""
    return path("metrics", program, number, metric, operation)


def approval(program: str, number: int, rung: str, actor: str) -> str:
    """Return the name of one person's approval of a version for a rung."""
    return path("approvals", program, number, rung, actor)


def evidence(program: str, number: int, name: str, operation: str) -> str:
    """Return the name of one piece of evidence on a version."""
    return path("evidence", program, number, name, operation)


def tag(program: str, number: int, tag: str) -> str:
    """Return the name of a tag on a version."""
    return path("tags", program, number, tag)


def reserved_number(program: str) -> str:
    """Return the name of the highest number ever used."""
    return path("reserved", program, "number")


def reserved_label(program: str, label: str) -> str:
    """Return the name of the permanent meaning of a label: the digest of its files."""
    return path("reserved", program, "label", label)


def reserved_name(program: str) -> str:
    """Return the name of a program's spelling, the same for every case."""
    return path("reserved", ".name", program.lower())
