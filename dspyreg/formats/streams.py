"""Secrets in a file of any kind and size: block by block, in little memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dspyreg.formats import secrets
from dspyreg.formats.archives import Allowance, Reader
from dspyreg.formats.detectors import spans, value_of
from dspyreg.formats.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dspyreg.formats.detectors import Span

_OVERLAP: Final = 1 << 16  # more than any shape takes
_CONTEXT: Final = 256  # what is kept before: the name of a value may stand there
_LONGEST: Final = 1 << 20  # of what a text may be to be looked at whole
_UNPACKED: Final = 64 << 20
_DEEPEST: Final = 3  # an archive in an archive in an archive
_MODEL = re.compile(rb'(?<!\\)"lm"\s{0,99}:\s{0,99}(?=[{\[])')
_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*+)"(\s*:)?|[{}\[\]]', re.DOTALL)
_REST_OF_TEXT = re.compile(rb'(?:[^"\\]|\\.)*+', re.DOTALL)
# UTF-16 of either order, with or without a mark: every second byte is NUL.
_WIDE = re.compile(rb"(?:[\t\r\n\x20-\x7e]\0){8,}+[\t\r\n\x20-\x7e]?")


def find(blocks: Iterable[bytes]) -> Iterator[Secret]:
    """Yield the secrets of a state that comes in blocks, each with the byte where it stands: by
    key in what a language model was given, and as in any other file.
    """
    shapes, models = _Shapes(in_lines=False), _Models()
    for block in blocks:
        for start, end, secret in models.take(block):
            shapes.leave_out(start, end)
            yield secret
        yield from shapes.take(block)
    yield from shapes.end()


class Search:
    """Looks for the secrets of a file of any kind: in text, UTF-16 too, in other bytes, and in
    what is packed. Each stands at a line of a text, at a byte of anything else.
    """

    def __init__(self, allowance: Allowance | None = None, deep: int = _DEEPEST) -> None:
        self._allowance = allowance or Allowance(_UNPACKED)
        self._deep = deep
        self._shapes: _Shapes | None = None
        self._reader = Reader(self._allowance) if deep else None
        self._member = ""
        self._inside: Search | None = None

    @property
    def is_cut(self) -> bool:
        """Was more packed in it than is looked at?"""
        return self._allowance.is_spent

    def through(self, blocks: Iterable[bytes]) -> Iterator[Secret]:
        """Yield the secrets of all of a file."""
        for block in blocks:
            yield from self.take(block)
        yield from self.end()

    def take(self, block: bytes) -> Iterator[Secret]:
        """Yield what is found up to some place before the end of the next block."""
        if self._shapes is None:
            self._shapes = _Shapes(in_lines=b"\0" not in block)
        yield from self._shapes.take(block)
        if self._reader is None:
            return
        for piece in self._reader.take(block):
            if piece.begins:
                yield from self._end_of_member()
                self._member = piece.member
                self._inside = Search(self._allowance, self._deep - 1)
            if self._inside is not None:
                yield from map(self._placed, self._inside.take(piece.data))

    def end(self) -> Iterator[Secret]:
        """Yield the rest."""
        if self._shapes is not None:
            yield from self._shapes.end()
        yield from self._end_of_member()

    def _end_of_member(self) -> Iterator[Secret]:
        if self._inside is not None:
            yield from map(self._placed, self._inside.end())
            self._inside = None

    def _placed(self, secret: Secret) -> Secret:
        member = secrets.without(self._member, "…") or "unpacked"
        return secret._replace(where=f"{member}: {secret.where}")


class _Shapes:
    """Looks for what the detectors know. What may go on in the next block is kept for it."""

    def __init__(self, *, in_lines: bool) -> None:
        self._in_lines, self._lines = in_lines, 0
        self._window, self._place = b"", 0
        self._from = 0  # what begins before was told, or is part of what was
        self._told: list[tuple[int, int]] = []

    def leave_out(self, start: int, end: int) -> None:
        """Tell nothing of what begins between two places: it is told already."""
        self._told.append((start, end))

    def take(self, block: bytes) -> Iterator[Secret]:
        self._window = self._window + block if self._window else block
        if len(self._window) > _OVERLAP:
            yield from self._found(len(self._window) - _OVERLAP)

    def end(self) -> Iterator[Secret]:
        yield from self._found(len(self._window))

    def _found(self, until: int) -> Iterator[Secret]:
        """What begins in the window before some place, and not in what was found before."""
        counted = 0
        for span in _spans(self._window):
            at = self._place + span.start
            if span.start >= until or at < self._from or self._is_told(at):
                continue
            self._from = self._place + span.end
            self._lines += self._window.count(b"\n", counted, span.start)
            counted = span.start
            where = f"line {self._lines + 1}" if self._in_lines else f"byte {at}"
            yield Secret(where, span.what, secrets.mask(span.value.decode(errors="replace")))
        keep = max(until - _CONTEXT, counted)
        self._lines += self._window.count(b"\n", counted, keep)
        self._from = max(self._from, self._place + until)
        self._window, self._place = self._window[keep:], self._place + keep

    def _is_told(self, at: int) -> bool:
        self._told = [(start, end) for start, end in self._told if end > self._place]
        return any(start <= at < end for start, end in self._told)


def _spans(data: bytes) -> list[Span]:
    """What the detectors find in bytes, and in the UTF-16 among them."""
    found = spans(data)
    if b"\0" not in data:
        return found
    for wide in _WIDE.finditer(data):
        found += [
            span._replace(start=wide.start() + 2 * span.start, end=wide.start() + 2 * span.end)
            for span in spans(wide[0][::2])
        ]
    return sorted(found)


class _Models:
    """Looks for keys by name in what language models were given. JSON only. Tells of each secret
    where it begins and ends, too.
    """

    def __init__(self) -> None:
        self._rest, self._place = b"", 0
        self._is_inside, self._is_cut = False, False
        self._depth = 0
        self._key, self._named, self._named_at = "", "", 0

    def take(self, block: bytes) -> Iterator[tuple[int, int, Secret]]:
        self._rest += block
        while True:
            before = len(self._rest), self._is_inside, self._is_cut
            if self._is_cut:
                self._finish_text()
            elif self._is_inside:
                yield from self._inside()
            else:
                self._outside()
            if before == (len(self._rest), self._is_inside, self._is_cut):
                return

    def _drop(self, size: int) -> None:
        self._rest, self._place = self._rest[size:], self._place + size

    def _outside(self) -> None:
        found = _MODEL.search(self._rest)
        if found is None:
            self._drop(max(len(self._rest) - 256, 0))
            return
        self._drop(found.end())
        self._is_inside, self._depth = True, 0
        self._key = self._named = ""

    def _inside(self) -> Iterator[tuple[int, int, Secret]]:
        """Go through what is whole; the rest waits for the next block."""
        end = 0
        for token in _TOKEN.finditer(self._rest):
            if token[1] is not None and token.end() == len(self._rest):
                end = token.start()  # whether it is a key the next block will tell
                break
            end = token.end()
            yield from self._token(token)
            if not self._is_inside:
                break
        else:
            begun = self._rest.find(b'"', end)
            end = begun if begun >= 0 else len(self._rest)
        self._drop(end)
        if self._is_inside and len(self._rest) > _LONGEST:
            yield from self._text(self._rest[1:], 0)
            self._drop(1)
            self._is_cut = True

    def _finish_text(self) -> None:
        """Leave out the rest of a text that was too long."""
        found = _REST_OF_TEXT.match(self._rest)
        assert found is not None  # noqa: S101 - it matches nothing, too
        self._is_cut = self._rest[found.end() : found.end() + 1] != b'"'
        self._drop(found.end() + (not self._is_cut))

    def _token(self, token: re.Match[bytes]) -> Iterator[tuple[int, int, Secret]]:
        if token[2] is not None:
            self._key = token[1].decode(errors="replace")
        elif token[1] is not None:
            yield from self._text(token[1], token.start())
        elif token[0] in b"{[":
            if not self._named and secrets.is_named(self._key):
                self._named, self._named_at = self._key, self._depth
            self._key, self._depth = "", self._depth + 1
        else:
            self._key, self._depth = "", self._depth - 1
            if self._depth == self._named_at:
                self._named = ""
            self._is_inside = self._depth > 0

    def _text(self, data: bytes, at: int) -> Iterator[tuple[int, int, Secret]]:
        named = self._named or (self._key if secrets.is_named(self._key) else "")
        value = data.decode(errors="replace")
        if named and secrets.is_given(value):
            names = dict.fromkeys(filter(None, ("lm", self._named, self._key)))
            path = ".".join(secrets.without(each, "…") for each in names)
            place = self._place + at
            secret = Secret(f"{path}, byte {place}", value_of(named), secrets.mask(value))
            yield place, place + len(data) + 2, secret
