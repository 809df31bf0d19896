"""The state at the head: the index, and above it the lines that it has not taken in yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.model import names
from dspyreg.model.entry import Change, changes_of
from dspyreg.model.state import Found, Ranked, Record, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dspyreg.model.line import Line
    from dspyreg.store.past import Past


def changes(line: Line) -> tuple[Change, ...]:
    """Return what a line changes."""
    import json

    return changes_of(json.loads(line.data))


class Overlay:
    """The changes of lines that the index does not hold yet, by name."""

    def __init__(self) -> None:
        self.lines = 0
        self._values: dict[str, dict[str, tuple[Any, int, int]]] = {}
        self._newest: dict[str, int] = {}

    def take(self, lines: Iterable[Line]) -> None:
        """Put lines on top."""
        for line in lines:
            self.lines += 1
            for name, _, new in changes(line):
                bucket = self._values.setdefault(_bucket(name), {})
                created = bucket[name][2] if name in bucket else line.seq
                bucket[name] = new, line.seq, created
                for prefix in names.prefixes(name):
                    self._newest[prefix] = line.seq

    def get(self, name: str) -> tuple[Any, int, int] | None:
        """Return a name's value and the seqs that set and first set it here."""
        return self._values.get(_bucket(name), {}).get(name)

    def under(self, prefix: str) -> dict[str, tuple[Any, int, int]]:
        """Return the names under a prefix of at least two segments."""
        bucket = self._values.get(_bucket(prefix), {})
        return {name: value for name, value in bucket.items() if name.startswith(prefix)}

    def newest(self, prefix: str) -> int:
        """Return the seq of the newest change under a prefix here; 0 if there is none."""
        return self._newest.get(prefix, 0)


def _bucket(name: str) -> str:
    kind, _, rest = name.partition("/")
    return f"{kind}/{rest.partition('/')[0]}"


class HeadState(State):
    """The state at the head. What needs more than names asks for an index that is up to date."""

    def __init__(self, index: Past, overlay: Overlay, settled: Callable[[], Past]) -> None:
        self._index, self._overlay, self._settled = index, overlay, settled

    def get(self, name: str) -> Any:
        """See ``State``."""
        over = self._overlay.get(name)
        return self._index.get(name) if over is None else over[0]

    def under(self, prefix: str) -> Iterable[Found]:
        """See ``State``."""
        over = self._overlay.under(prefix)
        below = self._index.under(prefix)
        if not over:
            return below
        kept = [found for found in below if found.name not in over]
        return kept + [
            Found(name, value, changed, self._index.created(name) or created)
            for name, (value, changed, created) in over.items()
            if value is not None
        ]

    def newest(self, prefix: str) -> int:
        """Return the seq of the newest change under a prefix; 0 if there was none."""
        return self._overlay.newest(prefix) or self._index.newest(prefix)

    def by_digest(self, program: str, prefix: str) -> set[int]:
        """See ``State``."""
        return self._settled().by_digest(program, prefix)

    def numbers(self, program: str) -> Iterator[int]:
        """See ``State``."""
        return self._settled().numbers(program)

    def on_stage(self, program: str, stage: str) -> Iterator[int]:
        """See ``State``."""
        return self._settled().on_stage(program, stage)

    def ranked(self, program: str) -> Iterator[Ranked]:
        """See ``State``."""
        return self._settled().ranked(program)

    def latest(self, program: str) -> int | None:
        """See ``State``."""
        return self._settled().latest(program)

    def records(
        self, program: str, environment: str, number: int | None = None
    ) -> Iterator[Record]:
        """See ``State``."""
        return self._settled().records(program, environment, number)
