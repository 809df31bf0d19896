"""Secrets in a file that is too large to be read at once: block by block, in little memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dspyreg.formats import secrets
from dspyreg.formats.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OVERLAP: Final = 1 << 16  # more than any shape takes
_LONGEST: Final = 1 << 20  # of what a text may be to be looked at whole
_MODEL = re.compile(rb'(?<!\\)"lm"\s{0,99}:\s{0,99}(?=[{\[])')
_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*+)"(\s*:)?|[{}\[\]]', re.DOTALL)
_REST_OF_TEXT = re.compile(rb'(?:[^"\\]|\\.)*+', re.DOTALL)


def find(blocks: Iterable[bytes]) -> Iterator[Secret]:
    """Yield the secrets of a state that comes in blocks, each with the byte where it stands: by
    key in what a language model was given, by shape everywhere.
    """
    shapes, models = _Shapes(), _Models()
    for block in blocks:
        yield from shapes.take(block)
        yield from models.take(block)
    yield from shapes.end()


class _Shapes:
    """Looks for known shapes. What may go on in the next block is kept for it."""

    def __init__(self) -> None:
        self._window, self._place, self._from = b"", 0, 0

    def take(self, block: bytes) -> Iterator[Secret]:
        self._window += block
        if len(self._window) > _OVERLAP:
            yield from self._found(len(self._window) - _OVERLAP)

    def end(self) -> Iterator[Secret]:
        yield from self._found(len(self._window))

    def _found(self, until: int) -> Iterator[Secret]:
        """What begins in the window before some place, and not in what was found before."""
        for at, end, what, value in secrets.shapes(self._window, until):
            if at >= self._from:
                self._from = end
                yield Secret(f"byte {self._place + at}", what, secrets.mask(value))
        self._window, self._place = self._window[until:], self._place + until
        self._from = max(self._from - until, 0)


class _Models:
    """Looks for keys by name in what language models were given. JSON only."""

    def __init__(self) -> None:
        self._rest, self._place = b"", 0
        self._is_inside, self._is_cut = False, False
        self._depth = 0
        self._key, self._named, self._named_at = "", "", 0

    def take(self, block: bytes) -> Iterator[Secret]:
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

    def _inside(self) -> Iterator[Secret]:
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

    def _token(self, token: re.Match[bytes]) -> Iterator[Secret]:
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

    def _text(self, data: bytes, at: int) -> Iterator[Secret]:
        named = self._named or (self._key if secrets.is_named(self._key) else "")
        value = data.decode(errors="replace")
        if named and value and value != secrets.REDACTED:
            path = ".".join(dict.fromkeys(filter(None, ("lm", self._named, self._key))))
            where = f"{path}, byte {self._place + at}"
            yield Secret(where, f"the value of `{named}`", secrets.mask(value))
