"""The state at the head: the index, and above it the lines that it does not hold yet."""

from __future__ import annotations

from functools import lru_cache
from heapq import merge
from typing import TYPE_CHECKING, Any, Final, TypeVar

from dspyreg.model import label as labels
from dspyreg.model import names
from dspyreg.model.state import (
    ARCHIVED,
    Deployment,
    NameValue,
    Ranked,
    Record,
    State,
    rank_order,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dspyreg.model.digest import Digest
    from dspyreg.model.entry import Change
    from dspyreg.model.line import Head, Line
    from dspyreg.model.state import NameChange
    from dspyreg.store.index_state import IndexState


_T = TypeVar("_T")
_LINES_KEPT: Final = 256  # a judgement reads a new line, then the overlay does
_ANSWERS_KEPT: Final = 10_000


@lru_cache(_LINES_KEPT)
def changes(line: Line) -> tuple[Change, ...]:
    """Return the valid changes of a line."""
    from dspyreg.model.entry import LineReading

    return LineReading.of(line).changes


class Overlay:
    """The changes of lines that the index does not hold yet, by name.

    Lines are parsed when the first name is looked up: many reach the index before that.
    """

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._parsed = 0
        self._values: dict[str, tuple[Any, int, int]] = {}
        self._names: dict[str, list[str]] = {}
        self._derived: dict[tuple[Any, ...], Any] = {}
        self._below: dict[str, Any] = {}

    def take(self, lines: Iterable[Line]) -> None:
        """Put lines on top."""
        self._lines.extend(lines)
        self._derived.clear()

    def put(self, line: Line, changes: Iterable[Change]) -> None:
        """Put one line on top whose changes are known already."""
        self._parse()
        self.take([line])
        self._parsed += 1
        self._note(line.seq, changes)

    def _parse(self) -> None:
        for line in self._lines[self._parsed :]:
            self._note(line.seq, changes(line))
        self._parsed = len(self._lines)

    def _note(self, seq: int, changes: Iterable[Change]) -> None:
        for name, _, new in changes:
            known = self._values.get(name)
            if known is None:
                self._names.setdefault(_bucket(name), []).append(name)
            self._values[name] = new, seq, seq if known is None else known[2]

    @property
    def lines(self) -> int:
        """The number of lines."""
        return len(self._lines)

    def above(self, head: Head) -> list[Line] | None:
        """Return the lines after a head; None if it is not that of a line here or right below."""
        if not self._lines:
            return None
        count = head.seq - self._lines[0].seq + 1
        if not 0 <= count <= len(self._lines):
            return None
        last = self._lines[count - 1].id if count else self._lines[0].prev
        return self._lines[count:] if last == head.id else None

    def get(self, name: str) -> tuple[Any, int, int] | None:
        """Return a name's value and the seqs that set and first set it here."""
        self._parse()
        return self._values.get(name)

    def under(self, prefix: str) -> dict[str, tuple[Any, int, int]]:
        """Return the names under a prefix."""
        self._parse()
        is_kind = prefix.count("/") == 1
        known = self._values if is_kind else self._names.get(_bucket(prefix), ())
        return {name: self._values[name] for name in known if name.startswith(prefix)}

    def newest(self, prefix: str) -> int:
        """Return the seq of the newest change under a prefix here; 0 if there is none."""
        return max((changed for _, changed, _ in self.under(prefix).values()), default=0)

    def derived(self, key: tuple[Any, ...], compute: Callable[[], _T]) -> _T:
        """Return a result computed from these changes, cached until there are others."""
        if key not in self._derived:
            self._derived[key] = compute()
        result: _T = self._derived[key]
        return result

    def below(self, name: str, read: Callable[[str], _T]) -> _T:
        """Return what the index has for a name or prefix, cached: what others bring into the index
        meanwhile is among the next lines as well.
        """
        if name not in self._below:
            if len(self._below) >= _ANSWERS_KEPT:
                self._below.clear()
            self._below[name] = read(name)
        value: _T = self._below[name]
        return value


def _bucket(name: str) -> str:
    """Return the first two segments of a name or prefix."""
    end = name.find("/", name.find("/") + 1)
    return name[:end] if end > 0 else name


class HeadState(State):
    """The state at the head. Reads of derived rows settle it: the index takes the lines in."""

    def __init__(
        self, index: IndexState, overlay: Overlay, settle: Callable[[], IndexState]
    ) -> None:
        self._index, self._overlay, self._settle = index, overlay, settle

    def settled(self) -> IndexState:
        """Return the state at the same head, from an index that holds all of its lines."""
        self._index, self._overlay = self._settle(), Overlay()
        return self._index

    def get(self, name: str) -> Any:
        """See ``State``."""
        over = self._overlay.get(name)
        return self._overlay.below(name, self._index.get) if over is None else over[0]

    def under(self, prefix: str) -> Iterable[NameValue]:
        """See ``State``."""
        over = self._overlay.under(prefix)
        below = self._index.under(prefix)
        if not over:
            return below
        kept = [value for value in below if value.name not in over]
        return kept + [
            NameValue(name, value, changed, self._index.created(name) or created)
            for name, (value, changed, created) in over.items()
            if value is not None
        ]

    def newest(self, prefix: str) -> int:
        """Return the seq of the newest change under a prefix; 0 if there was none."""
        return self._overlay.newest(prefix) or self._overlay.below(prefix, self._index.newest)

    def steps(self, name: str) -> list[NameChange]:
        """See ``State``."""
        over = self._overlay.get(name)
        return (self._index if over is None else self.settled()).steps(name)

    def metrics(self, program: str, number: int) -> dict[str, float]:
        """See ``State``."""
        fresh = self._overlay.under(names.prefix("metrics", program, number))
        return (self.settled() if fresh else self._index).metrics(program, number)

    def measured(self, program: str) -> dict[int, dict[str, float]]:
        """See ``State``."""
        fresh = self._overlay.under(names.prefix("metrics", program))
        fresh |= self._overlay.under(names.prefix("versions", program))
        return (self.settled() if fresh else self._index).measured(program)

    def by_digest(self, program: str, prefix: str) -> set[int]:
        """See ``State``."""
        return self.settled().by_digest(program, prefix)

    def by_content(self, program: str, content: Digest) -> set[int]:
        """See ``State``."""
        over = self._above("versions", program)
        meant = {n: names.reserved_label(program, v["label"]) for n, v in over.items() if v}
        fresh = {number for number, name in meant.items() if self.get(name) == content}
        return fresh | (self._index.by_content(program, content) - over.keys())

    def numbers(self, program: str) -> Iterator[int]:
        """See ``State``."""
        over = self._above("versions", program)
        if not over:
            return self._index.numbers(program)
        fresh = sorted((n for n, value in over.items() if value is not None), reverse=True)
        kept = (number for number in self._index.numbers(program) if number not in over)
        return merge(kept, fresh, reverse=True)

    def count(self, program: str) -> int:
        """See ``State``."""
        if self._above("versions", program):
            return super().count(program)
        return self._index.count(program)

    def on_stage(self, program: str, stage: str) -> Iterator[int]:
        """See ``State``."""
        over = self._above("stages", program)
        if not over:
            return self._index.on_stage(program, stage)
        on = (n for n, value in over.items() if value and value["stage"] == stage)
        fresh = sorted((n for n in on if self.has(program, n)), reverse=True)
        kept = (number for number in self._index.on_stage(program, stage) if number not in over)
        return merge(kept, fresh, reverse=True)

    def count_on(self, program: str, stage: str) -> int:
        """See ``State``."""
        if self._above("stages", program):
            return super().count_on(program, stage)
        return self._index.count_on(program, stage)

    def ranked(self, program: str, *, archived: bool = False) -> Iterator[Ranked]:
        """See ``State``."""
        over = self._above("stages", program)
        if not over:
            return self._index.ranked(program, archived=archived)

        def compute() -> list[Ranked]:
            on = (n for n, v in over.items() if v and (v["stage"] == ARCHIVED) is archived)
            there = (number for number in on if self.has(program, number))
            rows = (self._ranked(program, number) for number in there)
            return sorted(rows, key=rank_order, reverse=True)

        fresh = self._overlay.derived(("ranked", program, archived), compute)
        below = self._index.ranked(program, archived=archived)
        kept = (row for row in below if row.number not in over)
        return merge(kept, fresh, key=rank_order, reverse=True)

    def records(
        self, program: str, environment: str, number: int | None = None
    ) -> Iterator[Record]:
        """See ``State``."""
        prefix = names.prefix("deployments", program, environment)
        over = self._overlay.under(prefix)
        below = self._index.every_record(program, environment, number)
        if not over:
            return self.of_versions(program, below)
        fresh = [
            Record(
                f"{environment}-{names.split(name)[3]}",
                self._index.created(name) or created,
                Deployment.of(value),
            )
            for name, (value, _, created) in over.items()
            if value is not None and number in {None, value["number"]}
        ]
        hidden = {f"{environment}-{names.split(name)[3]}" for name in over}
        kept = (record for record in below if record.id not in hidden)
        fresh.sort(key=_by_creation, reverse=True)
        every = merge(kept, fresh, key=_by_creation, reverse=True)
        return self.of_versions(program, every)

    def _above(self, kind: str, program: str) -> dict[int, Any]:
        """Return the values that lines above the index give to names of a program's versions."""

        def compute() -> dict[int, Any]:
            over = self._overlay.under(names.prefix(kind, program))
            return {int(name.rpartition("/")[2]): value[0] for name, value in over.items()}

        return self._overlay.derived((kind, program), compute)

    def _ranked(self, program: str, number: int) -> Ranked:
        label = self.label(program, number)
        return Ranked(number, label, labels.rank(label))


def _by_creation(record: Record) -> int:
    return record.created
