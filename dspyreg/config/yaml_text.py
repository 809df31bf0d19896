"""The hardened YAML loader: text into nodes or plain values, and errors with their line.

Plain trees only: no anchors, tags or second documents. Aliases could make a short text enormous.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml

from dspyreg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_SHOWN: Final = 60
_DATE: Final = "tag:yaml.org,2002:timestamp"


class Limits(NamedTuple):
    """The size of a document: its bytes, its keys and values, and how deep they are nested."""

    bytes: int
    values: int
    depth: int


CONFIGURATION: Final = Limits(1 << 20, 20_000, 20)
DATA: Final = Limits(16 << 20, 4_000_000, 100)


class DocumentError(UsageError):
    """A document has a line that makes no sense; the message begins with it."""

    def __init__(self, problem: str, *, line: int, hint: str | None = None, **facts: Any) -> None:
        super().__init__(problem, hint=hint, line=line, **facts)
        self.line = line

    def __str__(self) -> str:
        return f"line {self.line}: {super().__str__()}"


def shown(text: str) -> str:
    """Return text as an error may show it: short, and without control characters."""
    short = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
    return f"`{short}`" if short.isprintable() else ascii(short)


class _Loader(yaml.SafeLoader):
    """Composes plain trees, and refuses any other before it is built or repeated."""

    def __init__(self, text: str, limits: Limits) -> None:
        super().__init__(text)
        self._limits = limits
        self._depth = self._documents = self._values = 0

    def get_event(self) -> Any:
        """Return the next event of the parser. Raises ``DocumentError`` if it is not plain."""
        event: Any = super().get_event()  # type: ignore[no-untyped-call] # the stub is untyped
        self._count(event)
        line = event.start_mark.line + 1
        if self._depth > self._limits.depth:
            raise DocumentError("document-too-deep", line=line, depth=self._limits.depth)
        if self._values > self._limits.values:
            raise DocumentError("document-too-long", line=line, values=self._limits.values)
        if self._documents > 1:
            raise DocumentError("document-repeated", line=line)
        if getattr(event, "anchor", None) is not None:
            raise DocumentError("document-anchor", line=line)
        if (tag := getattr(event, "tag", None)) is not None:
            tag = shown(tag.replace("tag:yaml.org,2002:", "!!"))
            raise DocumentError("document-tag", line=line, tag=tag)
        return event

    def _count(self, event: yaml.Event) -> None:
        self._depth += isinstance(event, yaml.CollectionStartEvent)
        self._depth -= isinstance(event, yaml.CollectionEndEvent)
        self._documents += isinstance(event, yaml.DocumentStartEvent)
        self._values += isinstance(event, yaml.NodeEvent)


class _ValueLoader(_Loader):
    """Also constructs values. Dates stay text, and a key must not be repeated."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the attribute that yaml reads
        letter: [each for each in resolvers if each[0] != _DATE]
        for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the mapping of a node. Raises ``DocumentError`` for a repeated key."""
        lines = dict[str, int]()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            line = key.start_mark.line + 1
            if key.value in lines:
                first = lines[key.value]
                raise DocumentError("key-repeated", line=line, key=shown(key.value), first=first)
            lines[key.value] = line
        return super().construct_mapping(node, deep)


def compose(text: str) -> yaml.Node | None:
    """Return the root node of a configuration; None for an empty document."""
    loader = _open(text, _Loader, CONFIGURATION)
    with _foreign_errors(loader):
        return loader.get_single_node()


def read(text: str) -> Any:
    """Return the value of a document of plain data. Raises ``DocumentError``."""
    loader = _open(text, _ValueLoader, DATA)
    with _foreign_errors(loader):
        return loader.get_single_data()


def _open(text: str, kind: type[_Loader], limits: Limits) -> _Loader:
    if len(text) > limits.bytes or len(text.encode(errors="surrogatepass")) > limits.bytes:
        raise DocumentError("document-too-large", line=1, mebibytes=limits.bytes >> 20)
    try:
        return kind(text, limits)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        character = ascii(text[error.position])
        raise DocumentError("document-character", line=line, character=character) from error


@contextmanager
def _foreign_errors(loader: _Loader) -> Iterator[None]:
    """Turn errors of PyYAML into ``DocumentError``."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark or loader.get_mark()).line + 1
        raise DocumentError("document-malformed", line=line, reason=error.problem) from error
    except (ValueError, OverflowError, RecursionError) as error:  # of chr() and int(), let through
        raise DocumentError("document-number", line=loader.line + 1) from error
