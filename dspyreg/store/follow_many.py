"""Taking very many lines into an index with msgspec; see ``follow``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.store import fast_json
from dspyreg.store.follow import Follow
from dspyreg.store.index_state import IndexState

if TYPE_CHECKING:
    from dspyreg.model.line import Line


class _Read(IndexState):
    """A state of which very many values are read."""

    value_of = staticmethod(fast_json.value_of)


class FollowMany(Follow):
    """A pass over very many new lines."""

    loads = staticmethod(fast_json.loads)

    def read(self, line: Line) -> None:
        """Take an entry in; ``Follow`` takes one that is not spelled as dspyreg spells it."""
        parsed = fast_json.parse(line.data, line.seq)
        if parsed is None:
            super().read(line)
            return
        entry, rows = parsed
        author = (entry.actor, entry.program, entry.operation, entry.operation_id)
        undoable = sum(not name.startswith("reserved/") for name, *_ in rows)
        self.note(line, entry.time, author, undoable, entry.undoes)
        self.changes += rows
        for name, _, text in rows:
            self.touch(name, None if text is None else fast_json.value_of(text))

    def state(self) -> IndexState:
        """See ``Follow``."""
        return _Read(self.db, None)
