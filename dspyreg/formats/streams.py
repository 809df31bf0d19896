"""Search for secrets in a file of any kind and size: block by block, in little memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dspyreg.formats import secrets
from dspyreg.formats.archives import Allowance, Reader
from dspyreg.formats.detectors import spans, value_of
from dspyreg.formats.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dspyreg.formats.spans import Span

_OVERLAP: Final = 1 << 16  # bytes; longer than any shape
_CONTEXT: Final = 256  # bytes kept before the window, for the name of a value
_MAX_TEXT: Final = 1 << 20  # bytes of a JSON text that is examined as one piece
_MAX_UNPACKED: Final = 64 << 20
_MAX_DEPTH: Final = 3  # an archive in an archive in an archive
_MODEL = re.compile(rb'(?<!\\)"lm"\s{0,99}:\s{0,99}(?=[{\[])')
_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*+)"(\s*:)?|[{}\[\]]', re.DOTALL)
_REST_OF_TEXT = re.compile(rb'(?:[^"\\]|\\.)*+', re.DOTALL)
# UTF-16 of either order, with or without a mark: every second byte is NUL.
_WIDE = re.compile(rb"(?:[\t\r\n\x20-\x7e]\0){8,}+[\t\r\n\x20-\x7e]?")


def find(blocks: Iterable[bytes]) -> Iterator[Secret]:
    """Yield the secrets of a state that comes in blocks, each with its byte offset.

    They are found by key in the settings of language models, and as in any other file.
    """
    shapes, models = _Shapes(in_lines=False), _Models()
    for block in blocks:
        for start, end, secret in models.take(block):
            shapes.leave_out(start, end)
            yield secret
        yield from shapes.take(block)
    yield from shapes.end()


class Search:
    """A search of one file of any kind: text, UTF-16 too, other bytes, and archives.

    The location of a secret is a line of a text, or a byte of anything else.
    """

    def __init__(self, allowance: Allowance | None = None, deep: int = _MAX_DEPTH) -> None:
        self._allowance = allowance or Allowance(_MAX_UNPACKED)
        self._deep = deep
        self._shapes: _Shapes | None = None
        self._reader = Reader(self._allowance) if deep else None
        self._member = ""
        self._inside: Search | None = None

    @property
    def is_cut(self) -> bool:
        """True if an archive holds more than was searched."""
        return self._allowance.is_spent

    def through(self, blocks: Iterable[bytes]) -> Iterator[Secret]:
        """Yield the secrets of a complete file."""
        for block in blocks:
            yield from self.take(block)
        yield from self.end()

    def take(self, block: bytes) -> Iterator[Secret]:
        """Search the next block. A secret that may continue in the one after it comes later."""
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
                yield from map(self._in_member, self._inside.take(piece.data))

    def end(self) -> Iterator[Secret]:
        """Yield the rest."""
        if self._shapes is not None:
            yield from self._shapes.end()
        yield from self._end_of_member()

    def _end_of_member(self) -> Iterator[Secret]:
        if self._inside is not None:
            yield from map(self._in_member, self._inside.end())
            self._inside = None

    def _in_member(self, secret: Secret) -> Secret:
        member = secrets.without(self._member, "…") or "unpacked"
        return secret._replace(location=f"{member}: {secret.location}")


class _Shapes:
    """The detectors over a stream. The end of the window is kept: a secret may continue there."""

    def __init__(self, *, in_lines: bool) -> None:
        self._in_lines, self._lines = in_lines, 0
        self._window, self._offset = b"", 0
        self._from = 0  # spans that begin before this offset were reported, or are part of one
        self._excluded: list[tuple[int, int]] = []

    def leave_out(self, start: int, end: int) -> None:
        """Exclude spans that begin in a range of the stream: they are already reported."""
        self._excluded.append((start, end))

    def take(self, block: bytes) -> Iterator[Secret]:
        self._window = self._window + block if self._window else block
        if len(self._window) > _OVERLAP:
            yield from self._search(len(self._window) - _OVERLAP)

    def end(self) -> Iterator[Secret]:
        yield from self._search(len(self._window))

    def _search(self, until: int) -> Iterator[Secret]:
        """Yield the new secrets that begin in the window before an offset, and move the window."""
        counted = 0
        for span in _spans(self._window):
            at = self._offset + span.start
            if span.start >= until or at < self._from or self._is_excluded(at):
                continue
            self._from = self._offset + span.end
            self._lines += self._window.count(b"\n", counted, span.start)
            counted = span.start
            location = f"line {self._lines + 1}" if self._in_lines else f"byte {at}"
            yield Secret(location, span.what, secrets.mask(span.value.decode(errors="replace")))
        keep = max(until - _CONTEXT, counted)
        self._lines += self._window.count(b"\n", counted, keep)
        self._from = max(self._from, self._offset + until)
        self._window, self._offset = self._window[keep:], self._offset + keep

    def _is_excluded(self, at: int) -> bool:
        self._excluded = [(start, end) for start, end in self._excluded if end > self._offset]
        return any(start <= at < end for start, end in self._excluded)


def _spans(data: bytes) -> list[Span]:
    """Return the spans in bytes, and in the UTF-16 among them."""
    matches = spans(data)
    if b"\0" not in data:
        return matches
    for wide in _WIDE.finditer(data):
        matches += [
            span._replace(start=wide.start() + 2 * span.start, end=wide.start() + 2 * span.end)
            for span in spans(wide[0][::2])
        ]
    return sorted(matches)


class _Models:
    """A search by key in the settings of language models, in a stream of JSON.

    It yields the range of each secret in the stream, too.
    """

    def __init__(self) -> None:
        self._rest, self._offset = b"", 0
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
        self._rest, self._offset = self._rest[size:], self._offset + size

    def _outside(self) -> None:
        match = _MODEL.search(self._rest)
        if match is None:
            self._drop(max(len(self._rest) - 256, 0))
            return
        self._drop(match.end())
        self._is_inside, self._depth = True, 0
        self._key = self._named = ""

    def _inside(self) -> Iterator[tuple[int, int, Secret]]:
        """Process the complete tokens; the rest waits for the next block."""
        end = 0
        for token in _TOKEN.finditer(self._rest):
            if token[1] is not None and token.end() == len(self._rest):
                end = token.start()  # the next block decides whether this text is a key
                break
            end = token.end()
            yield from self._token(token)
            if not self._is_inside:
                break
        else:
            begun = self._rest.find(b'"', end)
            end = begun if begun >= 0 else len(self._rest)
        self._drop(end)
        if self._is_inside and len(self._rest) > _MAX_TEXT:
            yield from self._text(self._rest[1:], 0)
            self._drop(1)
            self._is_cut = True

    def _finish_text(self) -> None:
        """Skip the rest of a text that is too long."""
        match = _REST_OF_TEXT.match(self._rest)
        assert match is not None  # noqa: S101 - the pattern matches the empty text, too
        self._is_cut = self._rest[match.end() : match.end() + 1] != b'"'
        self._drop(match.end() + (not self._is_cut))

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
        if named and secrets.is_literal(value):
            names = dict.fromkeys(filter(None, ("lm", self._named, self._key)))
            path = ".".join(secrets.without(each, "…") for each in names)
            start = self._offset + at
            secret = Secret(f"{path}, byte {start}", value_of(named), secrets.mask(value))
            yield start, start + len(data) + 2, secret
